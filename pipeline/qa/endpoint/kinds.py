"""Kinds of questions that a model is asked for, each with its most of a document's pairs."""

KINDS = {
    "fact": 1.0,
    "why": 0.4,
    "how": 0.4,
    "compare": 0.3,
    "yes_no": 0.15,
    "multi_hop": 0.3,
    "summary": 0.2,
}
