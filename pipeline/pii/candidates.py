"""The lines that may hold a value, found by scans in Rust: what most texts cost."""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from taojin.pipeline.pii.characters import DIRECTIONS, UNSEEN, normalise
from taojin.pipeline.pii.detector import Detector

Place = tuple[int, int, str]
"""A row, where a line of its text starts, and the normalised line."""

_CLASSES = ("[", "(?:^|[")
_FEW = 4_000  # characters


def candidate_lines(texts: pl.Series, detectors: Sequence[Detector]) -> list[Place]:
    """The lines that some prefilter lets through, and whole texts as one line each where a value
    may go over several.
    """
    seen = _with_bare(pl.DataFrame({"row": pl.int_range(len(texts), eager=True), "text": texts}))
    found_by = {scan: _found(seen, scan, "row") for scan in _scans(detectors)}
    whole = _union(_found(seen, one.prefilter, "row") for one in detectors if one.spans_lines)
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
    return list(zip(lines["row"].to_list(), lines["offset"].to_list(), normal, strict=True))


def prefiltered(
    texts: Sequence[str], detectors: Iterable[Detector]
) -> Mapping[str, Sequence[bool]]:
    """Which texts each prefilter lets through; all where they are so few that to search them
    takes less time than to compile the prefilters.
    """
    prefilters = {detector.prefilter for detector in detectors}
    if sum(map(len, texts)) <= _FEW:
        return dict.fromkeys(prefilters, [True] * len(texts))
    column = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    hits = column.select(
        pl.col("text").str.contains(prefilter).alias(prefilter) for prefilter in prefilters
    )
    return {one.name: one.to_list() for one in hits.iter_columns()}


def _with_bare(texts: pl.DataFrame) -> pl.DataFrame:
    """The rows, and once more without unseen characters those whose text has any."""
    text = pl.col("text")
    unseen = texts.filter(text.str.contains(UNSEEN) | text.str.contains(DIRECTIONS))
    bare = text.str.replace_all(UNSEEN, "").str.replace_all(DIRECTIONS, "")
    return pl.concat([texts, unseen.with_columns(bare)])


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
