"""Dialogues out of conversations: what the world wrote becomes what a model is tuned on.

`messages` reads the conversations of documents, `trees` says who speaks and where a path ends,
`paths` cuts the trees into dialogues, `made` writes them out, `preferences` compares replies.
"""
