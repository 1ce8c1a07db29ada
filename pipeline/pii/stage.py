"""The stage that masks personal data, in the task that reads the documents.

What a placeholder replaces is written nowhere: an edit holds its place and its kind.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from taojin.core import schema
from taojin.core.errors import UserError, unknown
from taojin.pipeline.pii.detector import Detector
from taojin.pipeline.pii.detectors import DEFAULT_KINDS, DETECTORS, KINDS
from taojin.pipeline.pii.search import find

ACTIONS = ("mask", "count")
_FIELDS = ("text", "title", "url")


@dataclass(frozen=True)
class MaskPersonalData:
    """Edits that put placeholders in the place of personal data, and counts per kind.

    The action `count` only counts. An unknown action or kind is a UserError.
    """

    action: str = "mask"
    kinds: tuple[str, ...] = DEFAULT_KINDS

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise unknown("pii", "action", self.action, ACTIONS)
        for kind in self.kinds:
            if kind not in KINDS:
                raise unknown("pii", "kind", kind, KINDS)
        if len(set(self.kinds)) != len(self.kinds) or not self.kinds:
            raise UserError(
                "pii: kinds must name at least one kind, each once; leave it out for all"
            )

    @property
    def name(self) -> str:
        """Names its columns, its recipe table and its section of the report."""
        return "pii"

    @property
    def version(self) -> int:
        """Raised whenever its output changes."""
        return 1

    @property
    def adds(self) -> schema.Schema:
        """`edits`, and `pii` with the number of values found per kind in text, title and url."""
        counts = pl.Struct({f"{kind}_count": pl.Int64 for kind in self.kinds})
        return {"edits": schema.EDITS, "pii": counts}

    @cached_property
    def detectors(self) -> tuple[Detector, ...]:
        """The detectors of its kinds."""
        return tuple(detector for detector in DETECTORS if detector.kind in self.kinds)

    def __call__(self, documents: pl.DataFrame) -> pl.DataFrame:
        """The documents with edits and counts."""
        values = pl.DataFrame(list(self._values(documents)), schema=dict(_VALUE), orient="row")
        edits = pl.struct(pl.col(name) for name in _EDIT_FIELDS).alias("edits")
        counts = pl.struct(
            (pl.col("kind") == kind).sum().cast(pl.Int64).alias(f"{kind}_count")
            for kind in self.kinds
        ).alias("pii")
        found = values.group_by("row", maintain_order=True).agg(edits, counts)
        rows = pl.DataFrame({"row": pl.int_range(documents.height, eager=True)})
        result = rows.join(found, on="row", how="left", maintain_order="left")
        return documents.with_columns(self._edits(result), self._counts(result))

    def _values(self, documents: pl.DataFrame) -> Iterator[tuple[object, ...]]:
        for field in _FIELDS:
            for value in find(_column(documents, field), self.detectors):
                detector = value.detector
                yield value.row, field, detector.kind, value.start, value.end, detector.placeholder

    def _edits(self, found: pl.DataFrame) -> pl.Series:
        if self.action == "count":
            return pl.Series("edits", [[]] * found.height, dtype=schema.EDITS)
        return found["edits"].fill_null([]).cast(schema.EDITS)

    def _counts(self, found: pl.DataFrame) -> pl.Series:
        names = [f"{kind}_count" for kind in self.kinds]
        counts = found.select(pl.col("pii").struct.field(*names).fill_null(0))
        return counts.to_struct("pii")


def _column(documents: pl.DataFrame, field: str) -> pl.Series:
    return documents["text"] if field == "text" else documents["source"].struct.field(field)


_EDIT_FIELDS = ("field", "kind", "start", "end", "replacement")
_VALUE: schema.Schema = {
    "row": pl.Int64,
    "field": pl.String,
    "kind": pl.String,
    "start": pl.Int64,
    "end": pl.Int64,
    "replacement": pl.String,
}
