"""Edits: spans of a field and what takes their place.

Overlapping edits are merged into one before they are applied, so that nothing they cover can
survive (one tool's mixer leaves the text of two overlapping spans in place).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


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
