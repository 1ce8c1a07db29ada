"""Passages: what stands in many documents, counted across the corpus and kept in one of them.

A passage is a line or a sentence, known by its units (case, width, punctuation and white space
aside). One that more than `most` documents hold is boilerplate of a site or a template, which
document-level deduplication never sees (Lee et al. 2022, "Deduplicating Training Data Makes
Language Models Better", section 4). So is, with a bound of its own, what many pages of one host
hold. Rows of (key, doc_id, position) are grouped by key; no text leaves its partition. The document
with the smallest doc_id keeps a passage, so that nothing is lost to the corpus: whatever is cut
stands in a document that comes before, and the first of all has none before it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import Offsets, string_buffers
from taojin.core.mixing import mixed
from taojin.core.schema import Schema
from taojin.dedup.passages import characters, line_kernels, passage_kernels
from taojin.dedup.passages.hosts import host
from taojin.dedup.passages.passage_kernels import Keys, Spans

ROWS: Schema = {"key": pl.UInt64, "doc_id": pl.String, "position": pl.Int64}
"""A key, a document that holds it, and the unit at which a window first begins there."""
REPEATED: Schema = {
    "key": pl.UInt64,
    "keeper": pl.String,
    "position": pl.Int64,
    "documents": pl.Int64,
}
"""A key that too many documents hold, the one that keeps it, where, and how many hold it."""

PASSAGE, HOST, ANCHOR, WINDOW = range(4)
"""What a key is of: its two highest bits."""


@dataclass(frozen=True)
class Rules:
    """What repeats too often; None for a kind that is not looked for."""

    most: int = 10
    """Documents that may hold the same line or sentence."""
    line: int | None = 12
    """Units of the shortest line that counts."""
    sentence: int | None = 20
    """Units of the shortest sentence; a shorter one counts together with the next."""
    host_most: int | None = 5
    """Documents of one host that may hold the same line or sentence."""
    host_units: int = 4
    substring: int | None = 50
    """Units of the shortest repeated span that need not be a line or sentence."""
    substring_most: int = 1
    """Documents that may hold it."""
    within_most: int | None = 2
    """Times that the same line or sentence may stand in one document."""
    within_units: int = 50
    most_removed: float = 0.3
    """A document that would lose a larger share of its characters is left whole."""

    @property
    def longest(self) -> int:
        """Units from which a sentence is a passage of its own: without bound, lines stay whole."""
        return self.sentence or 1 << 40

    def bounds(self) -> dict[int, int]:
        """The documents that may hold a key, by its kind."""
        return {PASSAGE: self.most, HOST: self.host_most or 0, **self.window_bounds()}

    def window_bounds(self) -> dict[int, int]:
        return {ANCHOR: self.substring_most, WINDOW: self.substring_most}


class Parsed(NamedTuple):
    """The passages of documents: `table` has a row for each, in the order of the text, with `row`,
    `start` and `end` (code points), `first` and `last` (units), `stretch`, `whole`, `leads`,
    `heading`, `nth` and `key`, as `passage_kernels` has them.
    """

    table: pl.DataFrame
    spans: Spans
    units: Keys
    firsts: Offsets


def parse(texts: pl.Series, rules: Rules) -> Parsed:
    """The passages of each text, and the hash of every unit outside of code and tables."""
    offsets, data = string_buffers(texts)
    tables = characters.tables()
    lines = line_kernels.lines(offsets, data, tables.folds)
    spans, keys, units, firsts = passage_kernels.passages(
        lines, len(texts), data, *tables, _abbreviations(), rules.longest
    )
    names = ("row", "start", "end", "first", "last", "stretch", "whole", "leads", "nth")
    columns = {name: spans[:, at] for at, name in enumerate(names)}
    table = pl.DataFrame({**columns, "key": keys}).with_columns(
        pl.col("whole", "leads").cast(pl.Boolean), (pl.col("leads") > 1).alias("heading")
    )
    return Parsed(table, spans, units, firsts)


def keyed(rules: Rules) -> pl.Expr:
    """Whether a passage is long enough to be looked for in other documents, and leads nowhere."""
    units = pl.col("last") - pl.col("first")
    found = pl.lit(value=False)
    if rules.sentence:
        found |= units >= rules.sentence
    if rules.line:
        found |= pl.col("whole") & (units >= rules.line)
    return found & ~pl.col("leads")


def passage_rows(documents: pl.DataFrame, parsed: Parsed, rules: Rules) -> pl.DataFrame:
    """ROWS of every different passage of each document (columns doc_id, text, source)."""
    found = parsed.table.filter(nth=1)
    parts = [found.filter(keyed(rules)).select("row", tagged(pl.col("key"), PASSAGE))]
    if rules.host_most is not None:
        parts.append(host_keys(documents, found, rules).select("row", "key"))
    rows = pl.concat(parts).with_columns(pl.lit(0, pl.Int64).alias("position"))
    return with_ids(rows, documents)


def repeating(documents: pl.DataFrame, parsed: Parsed, rules: Rules) -> pl.DataFrame:
    """(doc_id) of the documents in which a passage comes more often than it may."""
    rows = parsed.table.filter(repeats(rules))["row"].unique(maintain_order=True)
    return documents.select(pl.col("doc_id").gather(rows.cast(pl.UInt32)))


def repeats(rules: Rules) -> pl.Expr:
    """Whether a passage came before in its document as often as it may, and with those beside it in
    the same line that did so too is long enough.
    """
    if rules.within_most is None:
        return pl.lit(value=False)
    again = (pl.col("nth") > rules.within_most) & ~pl.col("leads")
    beside = (pl.col("row") == pl.col("row").shift()) & (pl.col("start") == pl.col("end").shift())
    run = (~beside | (again != again.shift())).fill_null(value=True).cum_sum()
    units = pl.col("last") - pl.col("first")
    return again & (units.sum().over(run) >= rules.within_units)


def with_ids(rows: pl.DataFrame, documents: pl.DataFrame) -> pl.DataFrame:
    """ROWS of a table with the number of the document instead of its id."""
    ids = documents["doc_id"].gather(rows["row"].cast(pl.UInt32))
    return rows.with_columns(ids.alias("doc_id")).select(*ROWS).sort("key", "doc_id")


def host_keys(documents: pl.DataFrame, found: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """The passages that may be boilerplate of their host, with its name taken into their keys."""
    hosts = documents.select(host(pl.col("source").struct.field("url")).alias("host"))
    numbered = hosts.with_row_index("row").cast({"row": pl.Int64}).drop_nulls()
    own = numbered.with_columns(pl.col("host").map_batches(_hashed, pl.UInt64).alias("host_key"))
    long = found.filter(pl.col("last") - pl.col("first") >= rules.host_units, ~pl.col("leads"))
    both = long.join(own, on="row", how="inner", maintain_order="left")
    keys = mixed(both["key"].to_numpy() ^ both["host_key"].to_numpy())
    hosted = both.with_columns(pl.Series("key", keys)).drop("host", "host_key")
    return hosted.with_columns(tagged(pl.col("key"), HOST))


def repeated(rows: pl.DataFrame, bounds: Mapping[int, int]) -> pl.DataFrame:
    """REPEATED of the keys that more documents hold than their kind may; rows as exchanged."""
    counted = (
        rows.sort("key", "doc_id")
        .group_by("key", maintain_order=True)
        .agg(
            pl.col("doc_id").first().alias("keeper"),
            pl.col("position").first(),
            pl.len().cast(pl.Int64).alias("documents"),
        )
    )
    most = kind(pl.col("key")).replace_strict(bounds, default=0, return_dtype=pl.Int64)
    return counted.filter(pl.col("documents") > most)


def tagged(key: pl.Expr, of: int) -> pl.Expr:
    """Keys of a kind: 62 bits of the hash behind two that name it."""
    return (key // 4 + pl.lit(of << 62, pl.UInt64)).alias("key")


def kind(key: pl.Expr) -> pl.Expr:
    return (key // pl.lit(1 << 62, pl.UInt64)).cast(pl.Int64)


def _hashed(hosts: pl.Series) -> pl.Series:
    """A hash of each name that no version of a library changes."""
    return pl.Series([_fnv(name) for name in hosts], dtype=pl.UInt64)


def _fnv(word: str) -> int:
    hashed = 0xCBF29CE484222325
    for character in word:
        hashed = (hashed ^ ord(character)) * 0x100000001B3 % (1 << 64)
    return hashed


@cache
def _abbreviations() -> NDArray[np.uint64]:
    short = np.array([_fnv(word) for word in characters.ABBREVIATIONS], np.uint64)
    short.flags.writeable = False
    return short
