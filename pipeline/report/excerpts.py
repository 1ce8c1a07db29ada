"""What stands around masked values: a placeholder or a fake in its context, never a value.

`edits.parquet` says where values stood, and every later step moves the place: one that a step has
cut into is not shown. What stands there must be the kind's placeholder, or a fake that can be no
value. A document that holds values of a kind that is only counted is not shown at all, since one
may stand beside.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import compress, groupby
from typing import Any

import polars as pl

from taojin.core.edits import Edit, moved
from taojin.pipeline.pii.detector import Span
from taojin.pipeline.pii.detectors import DETECTORS
from taojin.pipeline.pii.fakes import is_fake
from taojin.pipeline.pii.settings import COUNT
from taojin.pipeline.report.tables import Rows, Tables

SHOWN = 5
"""Documents shown of a kind, those with the lowest ids."""
DRAWN = 20
"""Documents of a kind that are looked into, since a later step may have cut out what was masked."""
EDITS = 1000
"""Edits of a document that is looked into, at most: longer lists show nothing more."""
CONTEXT = 40
"""Code points before and after."""
PLACEHOLDERS = frozenset((detector.kind, detector.placeholder) for detector in DETECTORS)


def excerpts(tables: Tables, actions: Mapping[str, str]) -> Rows:
    """Up to SHOWN documents of each kind, the first place of each; sorted by kind and doc_id."""
    drawn = _drawn(tables, [kind for kind, action in actions.items() if action == COUNT])
    shown: dict[str, Rows] = {}
    for row in _read(tables, _places(tables, drawn)).iter_rows(named=True):
        same = shown.setdefault(row["kind"], [])
        if len(same) < SHOWN and stands_for(row["kind"], row["shown"]):
            same.append(_excerpt(row))
    return [row for same in shown.values() for row in same]


def stands_for(kind: str, shown: str) -> bool:
    """Whether it is the kind's placeholder or a fake of it, so that it can be no value."""
    masks = (kind, shown) in PLACEHOLDERS or shown == f"<{kind.upper()}>"
    return masks or is_fake(kind, shown)


def _drawn(tables: Tables, counted: list[str]) -> pl.DataFrame:
    """(doc_id, kind) of the documents that are looked into: their text is stored, and holds no
    value of the `counted` kinds.
    """
    texts = tables.dropped_with_text().implode()
    is_stored = (pl.col("fate") == "kept") | pl.col("doc_id").is_in(texts)
    is_bare = [tables.field("pii", f"{kind}_count") == 0 for kind in counted]
    edits = tables.edits.filter(pl.col("field") == "text")
    return (
        edits.group_by("doc_id")
        .agg(kind=pl.col("kind").filter(pl.col("stage") == "pii").unique(), edits=pl.len())
        .filter(pl.col("edits") <= EDITS)
        .explode("kind", empty_as_null=False)
        .select("doc_id", "kind")
        .join(tables.documents.filter(is_stored, *is_bare), on="doc_id", how="semi")
        .sort("kind", "doc_id")
        .group_by("kind", maintain_order=True)
        .head(DRAWN)
        .collect()
    )


def _places(tables: Tables, drawn: pl.DataFrame) -> pl.DataFrame:
    """Of each of these kinds the first place in the stored text: doc_id, kind, start, end."""
    wanted = pl.col("doc_id").is_in(drawn["doc_id"].unique().implode())
    edits = tables.edits.filter(pl.col("field") == "text", wanted).sort("doc_id", "step", "start")
    found = [
        (doc_id, *place)
        for doc_id, own in groupby(edits.collect().iter_rows(named=True), lambda row: row["doc_id"])
        for place in masked_places(own)
    ]
    columns = {"doc_id": pl.String, "kind": pl.String, "start": pl.Int64, "end": pl.Int64}
    places = pl.DataFrame(found, schema=columns, orient="row")
    first = places.sort("start").unique(["doc_id", "kind"], keep="first", maintain_order=True)
    return first.join(drawn, on=["doc_id", "kind"], how="semi")


def masked_places(edits: Iterator[dict[str, Any]]) -> Iterator[tuple[str, int, int]]:
    """Kind, start and end of what took the place of each value of a text, once every step is made.

    The edits are in the order of their steps; a place that a later step cut into is left out.
    """
    kinds: list[str] = []
    spans: list[Span] = []
    for _, same in groupby(edits, lambda row: row["step"]):
        rows = list(same)
        made = [Edit(row["start"], row["end"], row["kind"], "·" * row["inserted"]) for row in rows]
        whole = [_is_whole(span, made) for span in spans]
        masks = [edit for edit, row in zip(made, rows, strict=True) if row["stage"] == "pii"]
        kinds = [*compress(kinds, whole), *(edit.kind for edit in masks)]
        spans = [*compress(spans, whole), *((edit.start, edit.end) for edit in masks)]
        spans = moved(spans, made)
    for kind, span in zip(kinds, spans, strict=True):
        yield kind, *span


def _is_whole(span: Span, edits: Sequence[Edit]) -> bool:
    """Whether none of the edits of a step, which are in order and apart, touches the span."""
    before = bisect_left(edits, span[1], key=lambda edit: edit.start)
    return before == 0 or edits[before - 1].end <= span[0]


def _read(tables: Tables, places: pl.DataFrame) -> pl.DataFrame:
    """What stands in each place and around it; of the texts nothing else is held."""
    text, start, end = pl.col("text"), pl.col("start"), pl.col("end")
    head = pl.min_horizontal(start, CONTEXT)
    return (
        tables.documents.filter(pl.col("doc_id").is_in(places["doc_id"].unique().implode()))
        .join(places.lazy(), on="doc_id")
        .select(
            "kind",
            "doc_id",
            "fate",
            "lang",
            source=pl.col("source").struct.field("name"),
            before=text.str.slice(start - head, head),
            shown=text.str.slice(start, end - start),
            after=text.str.slice(end, CONTEXT),
            is_first=start <= CONTEXT,
            is_last=text.str.len_chars() <= end + CONTEXT,
        )
        .sort("kind", "doc_id")
        .collect()
    )


def _excerpt(row: dict[str, Any]) -> dict[str, Any]:
    """As the page shows it, with … for what is cut."""
    before = row["before"] if row["is_first"] else f"…{row['before']}"
    after = row["after"] if row["is_last"] else f"{row['after']}…"
    told = {key: row[key] for key in ("kind", "doc_id", "fate", "lang", "source", "shown")}
    return {**told, "before": before, "after": after, "is_fake": is_fake(row["kind"], row["shown"])}
