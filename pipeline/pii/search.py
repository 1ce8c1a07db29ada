"""Where personal data stands in a column of texts.

Scans in Rust over the whole column find the lines that may hold any (`pii.candidates`); each
detector's exact pattern runs in Python over the lines that its prefilter let through, all of them
at once.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import polars as pl

from taojin.core.edits import Edit, apply
from taojin.pipeline.pii.candidates import candidates, needed
from taojin.pipeline.pii.detector import Detector, Span
from taojin.pipeline.pii.fakes import is_fake
from taojin.pipeline.pii.views import View, Views, of_texts


class Found(NamedTuple):
    """One value: its code points in the text of a row, its kind, and what can take its place."""

    row: int
    start: int
    end: int
    kind: str
    placeholder: str


@dataclass(slots=True)
class _Line:
    row: int
    offset: int
    text: str
    edits: list[Edit] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)

    @property
    def masked(self) -> str:
        return apply(self.text, self.edits) if self.edits else self.text


_Hit = tuple[Span, Detector]
_Tried = tuple[Detector, list[int]]
"""A detector, and the lines in which it may find something."""


def find(
    texts: pl.Series,
    detectors: Sequence[Detector],
    views: Views = of_texts,
    stays: Callable[[str, str], bool] = is_fake,
) -> list[Found]:
    """Every value in the texts, by row and start; none overlaps another. Nulls hold none.

    `stays` tells by kind and value what is to be left as it is.

    Masked lines are searched again until nothing is left, because a placeholder can free its
    neighbour from a guard: what is masked once is masked for good.
    """
    found_by = candidates(texts, detectors)
    places = zip(found_by.rows, found_by.offsets, found_by.texts, strict=True)
    lines = [_Line(*place) for place in places]
    tried = list(zip(detectors, map(np.ndarray.tolist, found_by.tried), strict=True))
    pending: Sequence[int] = range(len(lines))
    while pending:
        pending = _search(lines, pending, tried, views, stays)
        tried = _left(lines, pending, tried)
    found = [one for line in lines for one in line.found]
    return sorted(found, key=lambda value: value[:2])


def joined(found: Sequence[Found], others: Iterable[Found]) -> list[Found]:
    """What was found, by row and start, and of the others, best first, what overlaps none."""
    kept = list(found)
    for one in others:
        at = bisect_left(kept, one[:2], key=lambda value: value[:2])
        free_before = at == 0 or kept[at - 1].row < one.row or kept[at - 1].end <= one.start
        free_after = at == len(kept) or kept[at].row > one.row or kept[at].start >= one.end
        if free_before and free_after:
            kept.insert(at, one)
    return kept


def _search(
    lines: Sequence[_Line],
    pending: Iterable[int],
    tried: Sequence[_Tried],
    views: Views,
    stays: Callable[[str, str], bool],
) -> list[int]:
    """Add to each line what its masked text still holds; the lines to which anything was added."""
    wanted = {index for _, indices in tried for index in indices}
    places = [place for place in pending if place in wanted]
    seen: dict[int, list[View]] = {}
    for at, view in views([lines[place].masked for place in places]):
        seen.setdefault(places[at], []).append(view)
    hits: dict[int, list[_Hit]] = {}
    for detector, indices in tried:
        seen_by = [(index, view) for index in indices for view in seen[index]]
        for (index, view), span in _spans(detector, seen_by):
            if not stays(detector.kind, view.text[slice(*span)]):
                hits.setdefault(index, []).append((view.in_line(span), detector))
    order = {detector.kind: rank for rank, (detector, _) in reversed(list(enumerate(tried)))}
    for index, found in hits.items():
        _add(lines[index], _without_overlaps(found, order))
    return sorted(hits)


def _left(lines: Sequence[_Line], pending: Sequence[int], tried: Sequence[_Tried]) -> list[_Tried]:
    """The detectors with those of their lines whose masked text still has what they need: few."""
    masked = pl.Series([lines[place].masked for place in pending], dtype=pl.String)
    found = needed(masked, [detector for detector, _ in tried])
    places = np.array(pending, np.int64)
    return [
        (detector, np.intersect1d(places[held], indices, assume_unique=True).tolist())
        for (detector, indices), held in zip(tried, found, strict=True)
    ]


def _spans(
    detector: Detector, wanted: Sequence[tuple[int, View]]
) -> Iterator[tuple[tuple[int, View], Span]]:
    """The views in which a detector finds values, with their spans there.

    One search over all of them, joined by line ends, takes half the time of one for each.
    """
    if detector.spans_lines:
        yield from ((one, span) for one in wanted for span in detector.find(one[1].text))
        return
    at, first, last = -1, 0, -1
    for start, end in detector.find("\n".join(view.text for _, view in wanted)):
        while start > last:
            at += 1
            first, last = last + 1, last + 1 + len(wanted[at][1].text)
        yield wanted[at], (start - first, end - first)


def _without_overlaps(hits: list[_Hit], order: dict[str, int]) -> list[_Hit]:
    """The hits by start; of those that overlap the one of the earlier kind, then the longer."""
    if len(hits) == 1:
        return hits
    kept: list[_Hit] = []
    ranked = sorted(hits, key=lambda hit: (order[hit[1].kind], hit[0][0] - hit[0][1], hit[0]))
    for hit in ranked:
        (start, end), _ = hit
        at = bisect_left(kept, start, key=lambda other: other[0][0])
        free_before = at == 0 or kept[at - 1][0][1] <= start
        free_after = at == len(kept) or kept[at][0][0] >= end
        if free_before and free_after:
            kept.insert(at, hit)
    return kept


def _add(line: _Line, hits: Iterable[_Hit]) -> None:
    """Record hits in the masked text, by start, under their offsets in the line itself."""
    added = []
    earlier = iter([*line.edits, None])
    edit = next(earlier)
    shift = 0
    for (start, end), detector in hits:
        while edit is not None and edit.start - shift < start:
            shift += edit.end - edit.start - len(edit.replacement)
            edit = next(earlier)
        added.append(Edit(start + shift, end + shift, detector.kind, detector.placeholder))
        at = line.offset + start + shift
        line.found.append(
            Found(line.row, at, at + end - start, detector.kind, detector.placeholder)
        )
    line.edits = sorted([*line.edits, *added])
