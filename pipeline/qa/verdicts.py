"""A person's verdicts on pairs: accepted ones stay, rejected ones leave, edited ones are replaced.

A line of the file is an object: `content_hash` and `asked` say which pair of which text is meant,
`verdict` is accept, reject or edit, and an edit has `question`, `answer` or both. The pair is known
by the hash of the ingested text and the key of its question, so that a verdict outlives a run.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from taojin.core.errors import UserError
from taojin.pipeline.qa.questions import key

Kind = Literal["accept", "reject", "edit"]
KINDS: tuple[str, ...] = get_args(Kind)
_KEYS = {"content_hash", "asked", "verdict", "question", "answer"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person said of one pair, and the line that says so; empty texts change nothing."""

    kind: str
    question: str
    answer: str
    line: int


Verdicts = Mapping[tuple[str, str], Verdict]
"""By (content_hash, key of the question)."""


def read(path: Path) -> Verdicts:
    """The verdicts of a file, of two on one pair the later.

    UserError for a line that is none, and for a file that is not UTF-8; a byte order mark is.
    """
    found = {}
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise UserError(f"qa.verdicts: {path.name} is not UTF-8; save it as UTF-8") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            row = _row(line, f"qa.verdicts: {path.name}, line {number}")
            verdict = Verdict(
                row["verdict"], row.get("question", ""), row.get("answer", ""), number
            )
            found[row["content_hash"], key(row["asked"])] = verdict
    return found


def _row(line: str, where: str) -> dict[str, str]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        raise UserError(f"{where}: no JSON object; write one object a line") from None
    for reason in _wrong(row):
        raise UserError(f"{where}: {reason}")
    checked: dict[str, str] = row
    return checked


def _wrong(row: object) -> Iterator[str]:
    """What is wrong with a line, the first thing first."""
    if not isinstance(row, dict) or not all(isinstance(value, str) for value in row.values()):
        yield "an object of strings is needed"
        return
    if more := sorted(row.keys() - _KEYS):
        yield f"no key '{more[0]}'; known: {', '.join(sorted(_KEYS))}"
    for name in ("content_hash", "asked", "verdict"):
        if not row.get(name):
            yield f"'{name}' is needed"
            return
    if row["verdict"] not in KINDS:
        yield f"no verdict '{row['verdict']}'; known: {', '.join(KINDS)}"
    edited = row.get("question") or row.get("answer")
    if row["verdict"] == "edit" and not edited:
        yield "an edit needs 'question' or 'answer'"


def place(text: str, start: int, end: int, verdict: Verdict) -> tuple[int, int]:
    """Where the edited answer stands, nearest to the old one; UserError where it does not."""
    if not verdict.answer:
        return start, end
    after = text.find(verdict.answer, start)
    before = text.rfind(verdict.answer, 0, start + len(verdict.answer))
    places = [at for at in (before, after) if at >= 0]
    if not places:
        raise UserError(
            f"qa.verdicts: line {verdict.line}: the edited answer does not stand in the document's "
            "text; an answer is a part of it, to the letter"
        )
    at = min(places, key=lambda one: abs(one - start))
    return at, at + len(verdict.answer)
