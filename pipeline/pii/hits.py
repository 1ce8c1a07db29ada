"""What was found in documents, as columns of lists."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

import polars as pl

from taojin.core import schema
from taojin.core.edits import Edit
from taojin.pipeline.pii.key import value_hash
from taojin.pipeline.pii.search import Found

VALUES = pl.List(pl.Struct({"field": pl.String, "kind": pl.String, "value_hash": pl.UInt64}))


class Hit(NamedTuple):
    """One value of a document."""

    row: int
    field: str
    start: int
    end: int
    kind: str
    put: str | None
    """What takes its place; None if it stays."""
    spelling: str
    """Empty without a key, under which alone it is asked for."""

    def at(self, row: int, field: str) -> "Hit":
        """The same value in another field."""
        return self._replace(row=row, field=field)

    @property
    def edit(self) -> Edit:
        """The edit that takes it out; none is asked for of one that stays."""
        assert self.put is not None
        return Edit(self.start, self.end, self.kind, self.put, self.field)


def spellings(texts: pl.Series, found: Iterable[Found]) -> list[str]:
    """The values as their texts spell them; those of a text follow each other."""
    spelt = []
    for row, values in groupby(found, key=lambda one: one.row):
        text = texts[row]
        spelt += [text[one.start : one.end] for one in values]
    return spelt


def edits_of(hits: Sequence[Hit], height: int) -> pl.Series:
    """`edits` of documents: of each hit its own, unless it stays."""
    taken = [hit for hit in hits if hit.put is not None]
    columns: dict[str, Sequence[object]] = {
        "field": [hit.field for hit in taken],
        "kind": [hit.kind for hit in taken],
        "start": [hit.start for hit in taken],
        "end": [hit.end for hit in taken],
        "replacement": [hit.put for hit in taken],
    }
    return _lists("edits", [hit.row for hit in taken], columns, height, schema.EDITS)


def hashes_of(hits: Sequence[Hit], height: int, secret: bytes) -> pl.Series:
    """`pii_values` of documents: of each hit its field, its kind and its keyed hash."""
    columns: dict[str, Sequence[object]] = {
        "field": [hit.field for hit in hits],
        "kind": [hit.kind for hit in hits],
        "value_hash": [value_hash(secret, hit.kind, hit.spelling) for hit in hits],
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
    fields = pl.DataFrame(columns).to_struct(name).cast(dtype.inner)
    flat = pl.DataFrame({"row": pl.Series(rows, dtype=pl.Int64), name: fields})
    lists = flat.group_by("row", maintain_order=True).agg(name)
    every = pl.DataFrame({"row": pl.int_range(height, eager=True)})
    found = every.join(lists, on="row", how="left", maintain_order="left")
    return found[name].fill_null([]).cast(dtype)
