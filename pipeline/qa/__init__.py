"""Dialogues that models are tuned on: question-answer pairs from documents, and conversations."""
