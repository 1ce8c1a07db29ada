"""The lines that may hold a value: what most texts cost.

One pass over the bytes marks lines that have what some prefilter needs (`pii.scan`), about one in
ten; then each prefilter is tried on its own. A line is scanned as it stands, and once more without
unseen characters if it has any.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets, string_buffers
from taojin.pipeline.pii.characters import DIRECTIONS, UNSEEN, normalise
from taojin.pipeline.pii.detector import Detector
from taojin.pipeline.pii.scan.automaton import Bits
from taojin.pipeline.pii.scan.kernels import code_points_before
from taojin.pipeline.pii.scan.needs import Needs, Places, may_match, needs, texts_of

_NOT_WORTH = 20_000
"""Bytes that an exact pattern reads sooner than its prefilter is compiled (Polars keeps 32)."""

Flags = NDArray[np.bool_]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Candidates:
    """Normalised lines: `rows` and `offsets` say where in which text each starts."""

    rows: Sequence[int] = ()
    offsets: Sequence[int] = ()
    texts: Sequence[str] = ()
    tried: Sequence[Indices] = field(default_factory=list)
    """For each detector the lines that its prefilter lets through, in order."""


class _Lines:
    """Texts that are scanned many times, those with unseen characters without them too."""

    def __init__(self, texts: pl.Series) -> None:
        hiding = texts.str.contains(UNSEEN) | texts.str.contains(DIRECTIONS)
        unseen = np.flatnonzero(hiding.to_numpy())
        bare = texts.gather(unseen).str.replace_all(UNSEEN, "").str.replace_all(DIRECTIONS, "")
        self._owners = np.concatenate([np.arange(len(texts)), unseen])
        self.texts = texts
        self._sizes = texts.str.len_bytes().to_numpy()
        self._scanned = pl.concat([texts, bare.alias(texts.name)])

    def holding(self, pattern: str, among: Flags) -> Indices:
        """Which texts match, of those that are asked for."""
        places = np.flatnonzero(among[self._owners])
        found = self._scanned.gather(places).str.contains(pattern).to_numpy()
        owners = self._owners[places[found]]
        return np.unique(owners) if len(self._owners) > len(self.texts) else owners

    def worth_trying(self, pattern: str, among: Flags) -> Indices:
        """The same; of a few bytes all that are asked for."""
        few = int(self._sizes[among].sum()) <= _NOT_WORTH
        return np.flatnonzero(among) if few else self.holding(pattern, among)


def candidates(texts: pl.Series, detectors: Sequence[Detector]) -> Candidates:
    """The lines that some prefilter lets through, and whole texts as one line each where a value
    may go over several.
    """
    prefilters = tuple(dict.fromkeys(detector.prefilter for detector in detectors))
    over = _over_lines(detectors)
    offsets, data = string_buffers(texts)
    places, marks = _marked(texts, offsets, data, needs(prefilters, over), prefilters, over)
    lines = _Lines(texts_of(places, data))
    tried = {
        prefilter: lines.worth_trying(prefilter, may_match(marks, number))
        for number, prefilter in enumerate(prefilters)
    }
    kept = np.unique(np.concatenate(list(tried.values())))
    return Candidates(
        places[kept, 0].tolist(),
        code_points_before(places[kept], offsets, data).tolist(),
        normalise(lines.texts.gather(kept)).to_list(),
        [np.searchsorted(kept, tried[detector.prefilter]) for detector in detectors],
    )


def _over_lines(detectors: Sequence[Detector]) -> frozenset[str]:
    return frozenset(detector.prefilter for detector in detectors if detector.spans_lines)


def needed(texts: pl.Series, detectors: Sequence[Detector]) -> list[Indices]:
    """For each detector the texts that have what its prefilter needs, in order."""
    prefilters = tuple(dict.fromkeys(detector.prefilter for detector in detectors))
    numbers = {prefilter: number for number, prefilter in enumerate(prefilters)}
    offsets, data = string_buffers(texts)
    found = needs(prefilters, _over_lines(detectors))
    places, marks = found.lines(offsets[:-1], offsets[1:], data, by_line=False)
    flags = [may_match(marks, numbers[detector.prefilter]) for detector in detectors]
    return [places[flag, 0] for flag in flags]


def _marked(
    texts: pl.Series,
    offsets: Offsets,
    data: Bytes,
    needed: Needs,
    prefilters: Sequence[str],
    over: Collection[str],
) -> tuple[Places, Bits]:
    """Lines and what may match in them, whole texts where a prefilter of `over` does."""
    places, marks = needed.lines(offsets[:-1], offsets[1:], data, by_line=True)
    whole = np.zeros(len(texts), np.bool_)
    for number, prefilter in enumerate(prefilters):
        if prefilter in over:
            rows = np.unique(places[may_match(marks, number), 0])
            found = _Lines(texts.gather(rows)).holding(prefilter, np.ones(rows.size, np.bool_))
            whole[rows[found]] = True
    rows = np.flatnonzero(whole)
    if not rows.size:
        return places, marks
    of_whole, marks_of_whole = needed.lines(offsets[rows], offsets[rows + 1], data, by_line=False)
    of_whole[:, 0] = rows[of_whole[:, 0]]
    rest = ~whole[places[:, 0]]
    places = np.concatenate([places[rest], of_whole])
    order = np.argsort(places[:, 0], kind="stable")
    return places[order], np.concatenate([marks[rest], marks_of_whole])[order]
