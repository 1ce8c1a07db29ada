"""The lines that may hold a value, found by scans in Rust: what most texts cost.

A text is scanned as it stands, and once more without unseen characters if it has any.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.pipeline.pii.characters import DIRECTIONS, UNSEEN, normalise
from taojin.pipeline.pii.detector import Detector

Flags = NDArray[np.bool_]
Indices = NDArray[np.int64]

_CLASSES = ("[", "(?:^|[")
_AT_ONCE = 5


@dataclass(frozen=True)
class Candidates:
    """Normalised lines: `rows` and `offsets` say where in which text each starts."""

    rows: Sequence[int] = ()
    offsets: Sequence[int] = ()
    texts: Sequence[str] = ()
    tried: Sequence[Indices] = field(default_factory=list)
    """For each detector the lines that its prefilter lets through, in order."""


class _Texts:
    """Texts that are scanned many times, those with unseen characters without them too."""

    def __init__(self, texts: pl.Series) -> None:
        given = texts.fill_null("")
        hiding = given.str.contains(UNSEEN) | given.str.contains(DIRECTIONS)
        unseen = np.flatnonzero(hiding.to_numpy())
        bare = given.gather(unseen).str.replace_all(UNSEEN, "").str.replace_all(DIRECTIONS, "")
        self.count = len(given)
        self._owners = np.concatenate([np.arange(self.count), unseen])
        self._texts = pl.concat([given, bare.alias(given.name)])

    def holding(self, pattern: str, among: Flags | None = None) -> Flags:
        """bool[n]: which texts match; False for those that are not asked for."""
        texts, owners = self._texts, self._owners
        if among is not None:
            places = np.flatnonzero(among[owners])
            texts, owners = texts.gather(places), owners[places]
        found = np.zeros(self.count, np.bool_)
        found[owners[texts.str.contains(pattern).to_numpy()]] = True
        return found


def candidates(texts: pl.Series, detectors: Sequence[Detector]) -> Candidates:
    """The lines that some prefilter lets through, and whole texts as one line each where a value
    may go over several.
    """
    scans, scanned = _scans(detectors), _Texts(texts)
    holding = {scan: scanned.holding(scan) for scan in scans}
    whole = _whole(scanned, holding, detectors)
    lines = _lines(texts, np.logical_or.reduce(list(holding.values())), whole)
    rows, scanned = lines["row"].to_numpy(), _Texts(lines["text"])
    tried: dict[str, Flags] = {}
    for scan, prefilters in scans.items():
        of_scan = scanned.holding(scan, holding[scan][rows])
        for prefilter in prefilters:
            alone = prefilter == scan
            tried[prefilter] = of_scan if alone else scanned.holding(prefilter, of_scan)
    return _kept(lines, [np.flatnonzero(tried[detector.prefilter]) for detector in detectors])


def _scans(detectors: Iterable[Detector]) -> dict[str, tuple[str, ...]]:
    """Regexes that go over every text, each with the prefilters that it stands for.

    A regex that holds a literal is searched at gigabytes a second, alone; those of digits and
    letters go through their characters one by one, some at once. All twenty of them together are
    an automaton of more states than its cache holds: 13 MB/s where there are many numbers.
    """
    prefilters = sorted({detector.prefilter for detector in detectors})
    of_classes = [prefilter for prefilter in prefilters if prefilter.startswith(_CLASSES)]
    starts = range(0, len(of_classes), _AT_ONCE)
    groups = [tuple(of_classes[at : at + _AT_ONCE]) for at in starts]
    scans = {"|".join(f"(?:{prefilter})" for prefilter in group): group for group in groups}
    alone = {one: (one,) for one in prefilters if one not in of_classes}
    return {one if len(group) > 1 else group[0]: group for one, group in scans.items()} | alone


def _whole(texts: _Texts, holding: Mapping[str, Flags], detectors: Iterable[Detector]) -> Flags:
    """The texts in which a value may go over several lines."""
    found = np.zeros(texts.count, np.bool_)
    for prefilter in {detector.prefilter for detector in detectors if detector.spans_lines}:
        found |= holding[prefilter] if prefilter in holding else texts.holding(prefilter)
    return found


def _lines(texts: pl.Series, holding: Flags, whole: Flags) -> pl.DataFrame:
    """The lines of the texts that hold anything: `row`, `text` and `offset` in code points."""
    rows = np.flatnonzero(holding)
    found = pl.DataFrame({"row": rows, "text": texts.gather(rows), "whole": whole[rows]})
    split = pl.when("whole").then(pl.concat_list("text")).otherwise(pl.col("text").str.split("\n"))
    size = pl.col("text").str.len_chars().cast(pl.Int64) + 1
    return (
        found.with_columns(split.alias("text"))
        .explode("text")
        .with_columns(offset=size.cum_sum().over("row") - size)
    )


def _kept(lines: pl.DataFrame, tried: Sequence[Indices]) -> Candidates:
    """The lines that any detector is tried on, numbered anew."""
    kept = np.unique(np.concatenate(tried)) if tried else np.zeros(0, np.int64)
    found = lines[kept]
    return Candidates(
        found["row"].to_list(),
        found["offset"].to_list(),
        normalise(found["text"]).to_list(),
        [np.searchsorted(kept, places) for places in tried],
    )
