"""Edits: spans of a field and what takes their place.

Overlapping edits are merged into one before they are applied, so that nothing they cover can
survive (one tool's mixer leaves the text of two overlapping spans in place).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, order=True)
class Edit:
    """Replace code points `start` to `end` of a field by `replacement`."""

    start: int
    end: int
    kind: str
    replacement: str = ""
    field: str = "text"


def merge(edits: Iterable[Edit]) -> list[Edit]:
    """The edits of one field in order, each group that overlaps as one edit.

    The merged edit has the kind and replacement of its longest member (the first of equals).

    >>> merge([Edit(0, 4, "phone", "<PHONE>"), Edit(2, 9, "card", "<CARD>")])
    [Edit(start=0, end=9, kind='card', replacement='<CARD>', field='text')]
    """
    groups: list[list[Edit]] = []
    reach = -1
    for edit in sorted(edits):
        if groups and edit.start < reach:
            groups[-1].append(edit)
        else:
            groups.append([edit])
        reach = max(reach, edit.end) if len(groups[-1]) > 1 else edit.end
    return [_union(group) for group in groups]


def _union(group: Sequence[Edit]) -> Edit:
    longest = max(group, key=lambda edit: edit.end - edit.start)
    end = max(edit.end for edit in group)
    return Edit(group[0].start, end, longest.kind, longest.replacement, longest.field)


def apply(text: str, edits: Sequence[Edit]) -> str:
    """The text with merged edits applied; ValueError if one reaches outside it or overlaps."""
    pieces = []
    at = 0
    for edit in edits:
        if not at <= edit.start <= edit.end <= len(text):
            raise ValueError(f"edit {edit.start}..{edit.end} outside {at}..{len(text)}")
        pieces += [text[at : edit.start], edit.replacement]
        at = edit.end
    return "".join([*pieces, text[at:]])


def moved(spans: Iterable[tuple[int, int]], edits: Sequence[Edit]) -> list[tuple[int, int]]:
    """Where spans of a text lie once merged edits are applied to it; one that is gone is empty.

    What replaces a part of a span belongs to it, what replaces an end of it and more does not.

    >>> moved([(0, 3), (5, 9)], [Edit(1, 2, "email", "<E>"), Edit(8, 9, "line")])
    [(0, 5), (7, 10)]
    """
    firsts = [edit.start for edit in edits]
    lasts = [edit.end for edit in edits]
    grown = (len(edit.replacement) - (edit.end - edit.start) for edit in edits)
    shifts = list(accumulate(grown, initial=0))
    found = []
    for start, end in spans:
        before = bisect_left(firsts, start)  # the edits that begin before the span
        first = start + shifts[before]
        if before and lasts[before - 1] > start:
            first = lasts[before - 1] + shifts[before]
        whole = bisect_right(lasts, end)  # the edits that end with it or before
        cut = whole < len(edits) and firsts[whole] < end
        last = (firsts[whole] if cut else end) + shifts[whole]
        found.append((first, max(first, last)))
    return found
