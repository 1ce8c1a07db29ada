"""Long spans that stand in several documents word for word, wherever they begin and end.

Two exchanges find them, without text and without a suffix array (Lee et al. 2022, section 4.1, need
one in memory). First anchors: few hashes of short grams, of which two documents share one wherever
they share `size` units. Then every window of `size` units around the anchors that are shared: equal
keys of 64 bits are equal windows. The document with the smallest doc_id keeps a window.

What is cut is whole passages, never half a sentence: those that one kept document holds from their
first unit to their last, in runs of at least `size` units. A window is *doubtful* where its keeper
may itself lose a part of it to yet another document; nothing is cut because of one.
"""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.dedup.passages import window_kernels as kernels
from taojin.dedup.passages.passage_kernels import Spans
from taojin.dedup.passages.repeated import ANCHOR, WINDOW, Parsed, Rules, parse, tagged, with_ids


def gram(size: int) -> int:
    """Units of an anchor: half a window, so that about every 13th unit begins one for 50."""
    return size // 2 + 1


def anchor_rows(documents: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """ROWS of the anchors of each document."""
    assert rules.substring is not None
    parsed = parse(documents["text"], rules)
    found = kernels.stretches(parsed.spans, parsed.firsts, rules.substring)
    places, keys = kernels.anchors(found, parsed.units, gram(rules.substring), rules.substring)
    rows = pl.DataFrame({"row": found[places[:, 0], 0], "key": keys})
    return with_ids(_rows(rows.select("row", tagged(pl.col("key"), ANCHOR)).unique()), documents)


def window_rows(documents: pl.DataFrame, shared: pl.Series, rules: Rules) -> pl.DataFrame:
    """ROWS of the windows around the anchors that are shared, in each document where first."""
    assert rules.substring is not None
    parsed = parse(documents["text"], rules)
    size = rules.substring
    found = kernels.stretches(parsed.spans, parsed.firsts, size)
    places, keys = kernels.anchors(found, parsed.units, gram(size), size)
    tags = pl.DataFrame({"key": keys}).select(tagged(pl.col("key"), ANCHOR))["key"]
    chosen = places[tags.is_in(shared.implode()).to_numpy()]
    starts, hashes = kernels.windows(found, chosen, parsed.units, parsed.firsts, gram(size), size)
    rows = pl.DataFrame({"row": starts[:, 0], "position": starts[:, 1], "key": hashes})
    return with_ids(_first(rows.with_columns(tagged(pl.col("key"), WINDOW))), documents)


def known_rows(documents: pl.DataFrame, known: pl.Series, rules: Rules) -> pl.DataFrame:
    """ROWS of the windows of these keys."""
    hits = _hits(parse(documents["text"], rules), known, rules)
    keys = pl.DataFrame(
        {"row": hits[:, 0], "position": hits[:, 1], "key": known.gather(hits[:, 2])}
    )
    return with_ids(_first(keys), documents)


def _rows(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.lit(0, pl.Int64).alias("position"))


def _first(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.unique(["row", "key"], keep="first", maintain_order=True)


def _hits(parsed: Parsed, known: pl.Series, rules: Rules) -> Spans:
    """int64[m, 3]: row, unit and place among the keys of their windows, in order."""
    assert rules.substring is not None
    found = kernels.stretches(parsed.spans, parsed.firsts, rules.substring)
    return kernels.known_windows(
        found, parsed.units, parsed.firsts, rules.substring, known.to_numpy(), WINDOW
    )


class _Decided(NamedTuple):
    parsed: Parsed
    cut: NDArray[np.bool_]
    """Which passages are cut."""
    own: Spans
    """Row, unit and place in the table of the windows that a document keeps itself."""


def _decide(
    documents: pl.DataFrame, selves: pl.Series, table: pl.DataFrame, rules: Rules
) -> _Decided:
    assert rules.substring is not None
    parsed = parse(documents["text"], rules)
    hits = _hits(parsed, table["key"], rules)
    keepers, own = _numbered(table["keeper"], selves)
    is_own = keepers[hits[:, 2]] == own[hits[:, 0]]
    others = np.ascontiguousarray(hits[~is_own])
    there = table["position"].to_numpy()
    cut = kernels.held(
        parsed.spans, others, keepers[others[:, 2]], there[others[:, 2]], rules.substring
    )
    return _Decided(parsed, _without_leads(parsed.table, cut), np.ascontiguousarray(hits[is_own]))


def _numbered(keepers: pl.Series, selves: pl.Series) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A number for each keeper, and for each self: its keeper's, or -1."""
    names = keepers.unique().to_frame("doc_id").with_row_index("number")
    numbers = [
        ids.to_frame("doc_id").join(names, on="doc_id", how="left", maintain_order="left")["number"]
        for ids in (keepers, selves)
    ]
    found = [one.cast(pl.Int64).fill_null(-1).to_numpy() for one in numbers]
    return found[0], found[1]


def _without_leads(table: pl.DataFrame, cut: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Headings stay, and what ends in a colon goes only together with what it leads to."""
    cut &= ~table["heading"].to_numpy()
    leads, rows = table["leads"].to_numpy(), table["row"].to_numpy()
    for at in np.flatnonzero(cut & leads)[::-1]:
        cut[at] = at + 1 < len(cut) and rows[at + 1] == rows[at] and cut[at + 1]
    return cut


def doubtful(
    documents: pl.DataFrame, selves: pl.Series, table: pl.DataFrame, rules: Rules
) -> pl.DataFrame:
    """(key) of the windows that a document keeps and would lose a part of."""
    assert rules.substring is not None
    decided = _decide(documents, selves, table, rules)
    touched = kernels.touching(decided.parsed.spans, decided.cut, decided.own, rules.substring)
    return table["key"].gather(decided.own[touched, 2]).unique().sort().to_frame("key")


def found_substrings(
    documents: pl.DataFrame, selves: pl.Series, table: pl.DataFrame, rules: Rules
) -> pl.DataFrame:
    """(row, start, end, kind) of the passages that another document holds within long spans."""
    decided = _decide(documents, selves, table, rules)
    found = decided.parsed.table.filter(pl.Series(decided.cut, dtype=pl.Boolean))
    return found.select("row", "start", "end", pl.lit("substring").alias("kind"))


def new_windows(documents: pl.DataFrame, places: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """(key) of the windows that hold the characters around a place where text was cut, and of the
    anchors near it, by which other documents are found that hold the same.

    `places` has `doc_id` and `at`, code points of the text as it is now; null for every window.
    """
    assert rules.substring is not None
    parsed, size = parse(documents["text"], rules), rules.substring
    found = kernels.stretches(parsed.spans, parsed.firsts, size)
    anchored, anchors = kernels.anchors(found, parsed.units, gram(size), size)
    joins = _joins(documents, places.drop_nulls(), parsed, found)
    near, far = _near(anchored, joins, size), _whole(documents, places, found)
    pairs = np.concatenate([joins, anchored[far[anchored[:, 0]]]])
    pairs = np.ascontiguousarray(pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))])
    _, windows = kernels.windows(found, pairs, parsed.units, parsed.firsts, 2, size)
    keys = [
        pl.DataFrame({"key": windows}).select(tagged(pl.col("key"), WINDOW)),
        pl.DataFrame({"key": anchors[near | far[anchored[:, 0]]]}).select(
            tagged(pl.col("key"), ANCHOR)
        ),
    ]
    return pl.concat(keys).unique().sort("key")


def _joins(documents: pl.DataFrame, places: pl.DataFrame, parsed: Parsed, found: Spans) -> Spans:
    """int64[n, 2]: stretch and unit before each place where two units have come together."""
    ids = documents.select("doc_id").with_row_index("row").cast({"row": pl.Int64})
    at = places.join(ids, on="doc_id", how="inner").select("row", "at").sort("row", "at")
    behind = parsed.table.select("row", "start", "first").sort("row", "start")
    units = at.join_asof(
        behind, left_on="at", right_on="start", by="row", strategy="forward", check_sortedness=False
    ).drop_nulls("first")
    before = parsed.firsts[units["row"].to_numpy()] + units["first"].to_numpy() - 1
    stretch = np.searchsorted(found[:, 1], before, side="right") - 1
    inside = stretch >= 0
    inside[inside] = before[inside] + 2 <= found[stretch[inside], 2]
    return np.column_stack([stretch[inside], before[inside]]).astype(np.int64)


def _near(anchored: Spans, joins: Spans, size: int) -> NDArray[np.bool_]:
    """Which anchors begin in a window that holds one of the joins."""
    low = np.searchsorted(anchored[:, 1], joins[:, 1] - size)
    high = np.searchsorted(anchored[:, 1], joins[:, 1] + size)
    steps = np.zeros(len(anchored) + 1, np.int64)
    np.add.at(steps, low, 1)
    np.add.at(steps, high, -1)
    return np.cumsum(steps[:-1]) > 0


def _whole(documents: pl.DataFrame, places: pl.DataFrame, found: Spans) -> NDArray[np.bool_]:
    """Which stretches are of documents whose every window is asked for."""
    asked = places.filter(pl.col("at").is_null())["doc_id"]
    return documents["doc_id"].is_in(asked.implode()).to_numpy()[found[:, 0]]
