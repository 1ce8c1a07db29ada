"""Where personal data stands in a column of texts.

A few scans in Rust over the whole column find the documents that may hold any; these are split
into lines, normalised, and each detector's exact pattern runs in Python on the lines that its
prefilter let through. The scans alone are what a document without personal data costs. A text in
which a value may go over several lines, such as a private key, is searched whole.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress

import polars as pl

from taojin.core.edits import Edit, apply
from taojin.pipeline.pii.characters import UNSEEN, normalise
from taojin.pipeline.pii.detector import Detector, Span
from taojin.pipeline.pii.views import Views, of_text

_CLASSES = ("[", "(?:^|[")
_FEW = 4_000  # characters


@dataclass(frozen=True)
class Found:
    """One value: its detector, and its code points in the text of a row."""

    row: int
    start: int
    end: int
    detector: Detector


@dataclass
class _Line:
    row: int
    offset: int
    text: str
    edits: list[Edit] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)


def find(texts: pl.Series, detectors: Sequence[Detector], views: Views = of_text) -> list[Found]:
    """Every value in the texts, by row and start; none overlaps another. Nulls hold none.

    Masked lines are searched again until nothing is left, because a placeholder can free its
    neighbour from a guard: what is masked once is masked for good.
    """
    lines = _candidate_lines(texts, detectors)
    found: list[Found] = []
    pending = lines
    while pending:
        pending = _search(pending, detectors, views)
    for line in lines:
        found += line.found
    return sorted(found, key=lambda value: (value.row, value.start))


def _candidate_lines(texts: pl.Series, detectors: Sequence[Detector]) -> list[_Line]:
    """The normalised lines that some prefilter lets through, and whole texts as one line each
    where a value may go over several.
    """
    seen = _with_bare(pl.DataFrame({"row": pl.int_range(len(texts), eager=True), "text": texts}))
    found_by = {scan: _found(seen, scan, "row") for scan in _scans(detectors)}
    whole = _union(_found(seen, d.prefilter, "row") for d in detectors if d.spans_lines)
    rows = pl.DataFrame({"row": _union(found_by.values()).sort()})
    found = rows.with_columns(text=texts.gather(rows["row"]))
    lines = (
        found.with_columns(
            pl.when(pl.col("row").is_in(whole.implode()))
            .then(pl.concat_list("text"))
            .otherwise(pl.col("text").str.split("\n"))
        )
        .explode("text")
        .with_columns(size=pl.col("text").str.len_chars().cast(pl.Int64) + 1)
        .with_columns(offset=pl.col("size").cum_sum().over("row") - pl.col("size"))
        .with_row_index("line")
    )
    lines = lines[_lines_found_by(found_by, lines)]
    normal = normalise(lines["text"]).to_list()
    places = zip(lines["row"].to_list(), lines["offset"].to_list(), normal, strict=True)
    return [_Line(row, offset, text) for row, offset, text in places]


def _with_bare(texts: pl.DataFrame) -> pl.DataFrame:
    """The rows, and once more without unseen characters those whose text has any."""
    unseen = texts.filter(pl.col("text").str.contains(UNSEEN))
    return pl.concat([texts, unseen.with_columns(pl.col("text").str.replace_all(UNSEEN, ""))])


def _found(texts: pl.DataFrame, scan: str, name: str) -> pl.Series:
    """The values of a column in the rows whose text a scan finds anything in."""
    return texts[name].filter(texts["text"].str.contains(scan))


def _lines_found_by(found_by: Mapping[str, pl.Series], lines: pl.DataFrame) -> pl.Series:
    """The lines that a scan finds anything in: each looks at those of the texts it found alone."""
    seen = _with_bare(lines.select("line", "row", "text"))
    parts = [
        _found(seen.filter(pl.col("row").is_in(rows.implode())), scan, "line")
        for scan, rows in found_by.items()
        if len(rows)
    ]
    return _union(parts).sort()


def _union(parts: Iterable[pl.Series]) -> pl.Series:
    return pl.concat([pl.Series(dtype=pl.Int64), *(part.cast(pl.Int64) for part in parts)]).unique()


def _scans(detectors: Iterable[Detector]) -> list[str]:
    """The prefilters, those that begin with a class of characters as one.

    A regex that holds a literal is searched at gigabytes a second, alone; those of digits and
    letters go through their characters one by one, all at once. Together they are an automaton of
    so many states that it does 2 MB/s.
    """
    prefilters = sorted({detector.prefilter for detector in detectors})
    of_classes = [prefilter for prefilter in prefilters if prefilter.startswith(_CLASSES)]
    alone = [prefilter for prefilter in prefilters if prefilter not in of_classes]
    shared = "|".join(f"(?:{prefilter})" for prefilter in of_classes)
    return [shared, *alone] if shared else alone


def _search(lines: Sequence[_Line], detectors: Sequence[Detector], views: Views) -> list[_Line]:
    """Add to each line what its masked text still holds; the lines to which anything was added."""
    seen = [
        (index, view)
        for index, line in enumerate(lines)
        for view in views(apply(line.text, line.edits))
    ]
    let_through = _prefiltered([view.text for _, view in seen], detectors)
    spans: dict[int, list[tuple[Span, Detector]]] = {}
    for detector in detectors:
        for index, view in compress(seen, let_through[detector.prefilter]):
            hits = [(view.in_line(span), detector) for span in detector.find(view.text)]
            if hits:
                spans.setdefault(index, []).extend(hits)
    order = {detector.kind: rank for rank, detector in reversed(list(enumerate(detectors)))}
    for index, hits in spans.items():
        _add(lines[index], _without_overlaps(hits, order))
    return [lines[index] for index in spans]


def _prefiltered(
    texts: Sequence[str], detectors: Iterable[Detector]
) -> Mapping[str, Sequence[bool]]:
    """Which texts each prefilter lets through; all where they are so few that to search them
    takes less time than to compile the prefilters.
    """
    prefilters = {detector.prefilter for detector in detectors}
    if sum(map(len, texts)) <= _FEW:
        return dict.fromkeys(prefilters, [True] * len(texts))
    column = pl.Series(texts, dtype=pl.String)
    return {prefilter: column.str.contains(prefilter).to_list() for prefilter in prefilters}


def _without_overlaps(
    hits: Iterable[tuple[Span, Detector]], order: dict[str, int]
) -> list[tuple[Span, Detector]]:
    """The hits by start; of those that overlap the one of the earlier kind, then the longer."""
    kept: list[tuple[Span, Detector]] = []
    ranked = sorted(hits, key=lambda hit: (order[hit[1].kind], hit[0][0] - hit[0][1], hit[0]))
    for hit in ranked:
        (start, end), _ = hit
        at = bisect_left(kept, start, key=lambda other: other[0][0])
        free_before = at == 0 or kept[at - 1][0][1] <= start
        free_after = at == len(kept) or kept[at][0][0] >= end
        if free_before and free_after:
            kept.insert(at, hit)
    return kept


def _add(line: _Line, hits: Iterable[tuple[Span, Detector]]) -> None:
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
        line.found.append(Found(line.row, at, at + end - start, detector))
    line.edits = sorted([*line.edits, *added])
