"""Dates: year, month and day, however they are written, each known or not."""

import re
from collections.abc import Iterator

from taojin.pipeline.qa.grounding.numbers import plain
from taojin.pipeline.qa.grounding.numerals import value

Date = tuple[int | None, int | None, int | None]

_MONTHS = "january february march april may june july august september october november december"
_MONTH = {name[:3]: at for at, name in enumerate(_MONTHS.split(), 1)}
_NAMED = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_N, _YEAR = r"(\d{1,2}|[一二三四五六七八九十]{1,3})", r"(\d{4}|[零〇○一二三四五六七八九]{4})"
_SHAPES = (
    (re.compile(rf"{_YEAR} ?年(?: ?{_N} ?月(?: ?{_N} ?[日号號])?)?"), (1, 2, 3)),
    (re.compile(rf"(?<![年\d] )(?<![年\d]){_N} ?月 ?{_N} ?[日号號]"), (0, 1, 2)),
    (re.compile(r"(?<![\d.])(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d|\.\d)"), (1, 3, 4)),
    (re.compile(r"(?<![\d.-])(\d{4})-(0[1-9]|1[0-2])(?!-?\d|\.\d)"), (1, 2, 0)),
    (re.compile(rf"\b{_NAMED} (\d{{1,2}})(?:st|nd|rd|th)?(?:,? (\d{{4}}))?\b"), (3, 1, 2)),
    (re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?{_NAMED}(?:,? (\d{{4}}))?\b"), (3, 2, 1)),
    (re.compile(rf"\b{_NAMED},? (\d{{4}})\b"), (2, 1, 0)),
)


def dates(text: str) -> Iterator[tuple[Date, int, int]]:
    """(date, start, end) in `plain(text)`; 0 in a shape is what it does not tell."""
    spoken = plain(text)
    taken: list[tuple[int, int]] = []
    for shape, groups in _SHAPES:
        for match in shape.finditer(spoken):
            start, end = match.span()
            if any(start < b and a < end for a, b in taken):
                continue
            year, month, day = (_part(match.group(at)) if at else None for at in groups)
            if (month or 1) <= 12 and (day or 1) <= 31:
                taken.append((start, end))
                yield (year, month, day), start, end


def _part(written: str | None) -> int | None:
    if written is None:
        return None
    if written in _MONTH:
        return _MONTH[written]
    worth = int(written) if written.isascii() else value(written)
    return None if worth is None else int(worth)


def without(text: str) -> str:
    """`plain(text)` without its dates, for looking for other numbers."""
    spoken, at, left = plain(text), 0, []
    for _, start, end in sorted(dates(text), key=lambda one: one[1]):
        left.append(spoken[at:start])
        at = end
    return " ".join([*left, spoken[at:]])


def share_found(answer: str, passage: str) -> float:
    """The share of an answer's dates of which the passage tells every part; 1 where it has none."""
    there = [date for date, _, _ in dates(passage)]
    found = [
        any(all(a in (None, b) for a, b in zip(one, other, strict=True)) for other in there)
        for one, _, _ in dates(answer)
    ]
    return sum(found) / len(found) if found else 1.0
