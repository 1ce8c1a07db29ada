"""Cutting passages: which spans of a document another one keeps, and the edits that cut them.

What is cut is whole passages, so that the text that stays has the passages that it had, and cutting
again finds none that is new.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from taojin.core.schema import EDITS, Schema
from taojin.dedup.passages.repeated import PASSAGE, Rules, host_keys, keyed, parse, repeats, tagged

KINDS = ("line", "sentence", "host_line", "substring", "repeat")
"""Kinds of edits: shared by many documents, by pages of a host, a long span, within a document."""

PASSAGES = pl.Struct(
    {
        **{f"cut_{kind}_count": pl.Int64 for kind in KINDS},
        "cut_character_ratio": pl.Float64,
        "spared_character_ratio": pl.Float64,
    }
)

Cut = tuple[int, int, str]
"""Start, end and kind."""


def found_passages(
    documents: pl.DataFrame, selves: pl.Series, table: pl.DataFrame, rules: Rules
) -> pl.DataFrame:
    """(row, start, end, kind) of the passages that another document than its own self keeps, or
    that came before in the same document more often than they may.

    `selves` has, for each document, the doc_id of the kept one that it is or is a copy of.
    """
    parsed = parse(documents["text"], rules).table
    own = parsed.filter(keyed(rules)).with_columns(tagged(pl.col("key"), PASSAGE))
    line = pl.when("whole").then(pl.lit("line")).otherwise(pl.lit("sentence"))
    parts = [_kept_elsewhere(own, table, selves).with_columns(line.alias("kind"))]
    if rules.host_most is not None:
        hosted = host_keys(documents, parsed, rules)
        kept = _kept_elsewhere(hosted, table, selves)
        parts.append(kept.with_columns(pl.lit("host_line").alias("kind")))
    parts.append(parsed.filter(repeats(rules)).with_columns(pl.lit("repeat").alias("kind")))
    columns = ["row", "start", "end", "kind"]
    found = pl.concat([part.select(columns) for part in parts])
    return found.unique(["row", "start"], keep="first", maintain_order=True).sort("row", "start")


def _kept_elsewhere(found: pl.DataFrame, table: pl.DataFrame, selves: pl.Series) -> pl.DataFrame:
    hits = found.join(table.select("key", "keeper"), on="key", how="inner", maintain_order="left")
    own = selves.gather(hits["row"].cast(pl.UInt32))
    return hits.filter(hits["keeper"] != own)


@dataclass(frozen=True)
class CutPassages:
    """Edits that cut passages that are found; `passages` counts them by kind.

    `found` has `doc_id`, `start`, `end` and `kind`. A document of which more than `most_removed` of
    its characters would be gone is left whole: `spared_character_ratio` is what it would lose.
    `lengths` are its characters where the text has been cut already. What an earlier pass has
    counted is added to.
    """

    found: pl.DataFrame = field(repr=False)
    most_removed: float
    lengths: Mapping[str, int] = field(default_factory=dict, repr=False)
    name: str = "passages"
    version: int = 2

    @property
    def adds(self) -> Schema:
        return {"edits": EDITS, "passages": PASSAGES}

    def __call__(self, documents: pl.DataFrame) -> pl.DataFrame:
        counted = with_counts(documents)["passages"].to_list()
        cuts: dict[str, list[Cut]] = {}
        rows = self.found.select("doc_id", "start", "end", "kind").iter_rows()
        for doc_id, start, end, kind in rows:
            cuts.setdefault(doc_id, []).append((start, end, kind))
        edits: list[list[dict[str, object]]] = []
        for at, (doc_id, text) in enumerate(documents.select("doc_id", "text").iter_rows()):
            gone = list(spans_of(text, cuts.get(doc_id, [])))
            left = len(text) - sum(end - start for start, end, _ in gone)
            share = 1 - left / max(self.lengths.get(doc_id, len(text)), 1)
            if share > self.most_removed:
                spared = max(share, counted[at]["spared_character_ratio"])
                counted[at] = {**counted[at], "spared_character_ratio": spared}
                gone = []
            edits.append([_edit(*span) for span in _alike(gone)])
            counted[at] = _counted(counted[at], gone, len(text))
        return documents.with_columns(
            pl.Series("edits", edits, EDITS), pl.Series("passages", counted, PASSAGES)
        )


def with_counts(documents: pl.DataFrame) -> pl.DataFrame:
    """The documents with the column `passages`, of zeros where nothing has been counted."""
    if "passages" in documents.columns:
        return documents
    none = [
        pl.lit(0, dtype if isinstance(dtype, pl.DataType) else dtype()).alias(name)
        for name, dtype in PASSAGES.to_schema().items()
    ]
    return documents.with_columns(pl.struct(none).alias("passages"))


def spared(passages: str) -> pl.Expr:
    """What was counted, of a document whose text is put back: nothing is cut, and all is spared."""
    counted = pl.col(passages).struct
    cut, left = (counted.field(f"{name}_character_ratio") for name in ("cut", "spared"))
    return pl.struct(
        *(pl.lit(0, pl.Int64).alias(f"cut_{kind}_count") for kind in KINDS),
        pl.lit(0.0).alias("cut_character_ratio"),
        pl.max_horizontal(cut, left).alias("spared_character_ratio"),
    )


def _counted(before: Mapping[str, Any], gone: Sequence[Cut], length: int) -> Mapping[str, Any]:
    """The counts with what goes of a text of that length."""
    after = dict(before)
    for _, _, kind in gone:
        after[f"cut_{kind}_count"] += 1
    left = 1 - sum(end - start for start, end, _ in gone) / max(length, 1)
    return {**after, "cut_character_ratio": 1 - (1 - before["cut_character_ratio"]) * left}


def spans_of(text: str, cuts: Sequence[Cut]) -> Iterator[Cut]:
    """The spans that go where passages are cut, in order, one for each passage.

    A line that goes whole goes with its line end, but not before a small letter: the lines on its
    two sides would be read as one. Where the end of a line goes, so does the white space before it.
    """
    for group in _neighbours(cuts):
        start, end = group[0][0], group[-1][1]
        begins, ends = text[:start][-1:] in ("", "\n"), text[end : end + 1] in ("", "\n")
        if begins and not _is_small(text, end if not ends else end + 1):
            end += ends and end < len(text)
        elif begins and not ends:
            continue
        elif ends:
            start = len(text[:start].rstrip(_BLANKS))
        starts = [start, *(one[0] for one in group[1:])]
        stops = [*starts[1:], end]
        yield from zip(starts, stops, (one[2] for one in group), strict=True)


_BLANKS = " \t\r\u3000"


def _is_small(text: str, at: int) -> bool:
    """Whether a small letter comes next, blanks aside."""
    while text[at : at + 1] == " ":
        at += 1
    return "a" <= text[at : at + 1] <= "z"


def _neighbours(cuts: Sequence[Cut]) -> Iterator[list[Cut]]:
    group: list[Cut] = []
    for cut in cuts:
        if group and group[-1][1] != cut[0]:
            yield group
            group = []
        group.append(cut)
    if group:
        yield group


def _alike(cuts: Iterable[Cut]) -> Iterator[Cut]:
    """The cuts with those side by side of one kind as one."""
    last: Cut | None = None
    for cut in cuts:
        if last and last[1:] == (cut[0], cut[2]):
            last = (last[0], cut[1], cut[2])
            continue
        if last:
            yield last
        last = cut
    if last:
        yield last


def _edit(start: int, end: int, kind: str) -> dict[str, object]:
    return {"field": "text", "kind": kind, "start": start, "end": end, "replacement": ""}
