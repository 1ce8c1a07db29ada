"""Rows of labelled tables put into words: a task, its answer, and demonstrations before it.

After Sanh et al. 2022 (T0: several phrasings for a table), Wei et al. 2022 (FLAN: the task turned
round) and Longpre et al. 2023 (The Flan Collection: zero- and few-shot mixed, section 3).
"""
