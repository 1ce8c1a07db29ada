"""What was found in documents, as columns of lists."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from taojin.core import schema
from taojin.core.edits import Edit
from taojin.pipeline.pii.key import value_hash
from taojin.pipeline.pii.replacements import Value

VALUES = pl.List(pl.Struct({"field": pl.String, "kind": pl.String, "value_hash": pl.UInt64}))


class Hit(NamedTuple):
    """One value of a document."""

    row: int
    field: str
    value: Value
    edit: Edit | None


def edits_of(hits: Sequence[Hit], height: int) -> pl.Series:
    """`edits` of documents: of each hit its own, if it has one."""
    taken = [(hit.row, hit.field, hit.edit) for hit in hits if hit.edit is not None]
    columns = {
        "field": [field for _, field, _ in taken],
        "kind": [edit.kind for _, _, edit in taken],
        "start": [edit.start for _, _, edit in taken],
        "end": [edit.end for _, _, edit in taken],
        "replacement": [edit.replacement for _, _, edit in taken],
    }
    return _lists("edits", [row for row, _, _ in taken], columns, height, schema.EDITS)


def hashes_of(hits: Sequence[Hit], height: int, secret: bytes) -> pl.Series:
    """`pii_values` of documents: of each hit its field, its kind and its keyed hash."""
    columns = {
        "field": [hit.field for hit in hits],
        "kind": [hit.value.kind for hit in hits],
        "value_hash": [value_hash(secret, hit.value.kind, hit.value.spelling) for hit in hits],
    }
    return _lists("pii_values", [hit.row for hit in hits], columns, height, VALUES)


def _lists(
    name: str,
    rows: Sequence[int],
    columns: Mapping[str, Sequence[object]],
    height: int,
    dtype: pl.List,
) -> pl.Series:
    """A list for each document, put together in columns: Python's lists of rows are slow."""
    fields = pl.DataFrame(columns, schema=dict(dtype.inner)).to_struct(name)
    flat = pl.DataFrame({"row": pl.Series(rows, dtype=pl.Int64), name: fields})
    lists = flat.group_by("row", maintain_order=True).agg(name)
    every = pl.DataFrame({"row": pl.int_range(height, eager=True)})
    found = every.join(lists, on="row", how="left", maintain_order="left")
    return found[name].fill_null([]).cast(dtype)
