"""What can be asked of a labelled table, and the parts of a row that it takes."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Form:
    """`parts` are the columns that a recipe must name, `asked` those that make the question.

    `answer` is the part that is learnt. `free` answers are the row's own words, so that a question
    with the same answer may be the same question in other words.
    """

    parts: tuple[str, ...]
    asked: tuple[str, ...]
    answer: str
    free: bool = False


FORMS: Mapping[str, Form] = {
    "answer": Form(("question", "answer"), ("context", "question"), "answer", free=True),
    "choice": Form(("question", "options", "answer"), ("context", "question"), "answer", free=True),
    "classify": Form(("text", "label"), ("text",), "label"),
    "entail": Form(("premise", "hypothesis", "label"), ("premise", "hypothesis"), "label"),
    "follow": Form(("instruction", "output"), ("instruction", "input"), "output", free=True),
    "summarize": Form(("text", "summary"), ("text",), "summary"),
}
"""Every form by its name in a recipe."""
INVERTED, REASONED = "inverted", "reasoned"
"""Variants of a form: asked the other way round; with the way to the answer before it."""
