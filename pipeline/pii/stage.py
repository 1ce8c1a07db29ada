"""The stage that masks personal data, in the task that reads the documents.

What a placeholder replaces is written nowhere: an edit holds its place and its kind.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from taojin.core import schema
from taojin.core.edits import Edit, apply
from taojin.core.errors import UserError, unknown
from taojin.pipeline.pii.detector import Detector
from taojin.pipeline.pii.detectors import DEFAULT_KINDS, DETECTORS, KINDS
from taojin.pipeline.pii.search import Found, find
from taojin.pipeline.pii.views import of_names

ACTIONS = ("mask", "count")
_NAMES = ("title", "url", "uri", "fetched_at", "mime", "licence")
"""Fields of `source` that hold what the world wrote."""


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
        return 2

    @property
    def adds(self) -> schema.Schema:
        """`edits`, and `pii` with the number of values found per kind, fields together."""
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
        for value in find(documents["text"], self.detectors):
            yield _value(value.row, "text", value)
        names = documents["source"].struct.unnest().select(_NAMES)
        found = _find_names(names.unpivot()["value"], self.detectors)
        for field in _NAMES if found else ():
            for row, name in enumerate(names[field].to_list()):
                for value in found.get(name, ()):
                    yield _value(row, field, value)

    def _edits(self, found: pl.DataFrame) -> pl.Series:
        if self.action == "count":
            return pl.Series("edits", [[]] * found.height, dtype=schema.EDITS)
        return found["edits"].fill_null([]).cast(schema.EDITS)

    def _counts(self, found: pl.DataFrame) -> pl.Series:
        names = [f"{kind}_count" for kind in self.kinds]
        counts = found.select(pl.col("pii").struct.field(*names).fill_null(0))
        return counts.to_struct("pii")


def _value(row: int, field: str, value: Found) -> tuple[object, ...]:
    detector = value.detector
    return row, field, detector.kind, value.start, value.end, detector.placeholder


def _find_names(names: pl.Series, detectors: Sequence[Detector]) -> dict[str, list[Found]]:
    """The values by the name that holds them: names recur, each is searched once."""
    distinct = names.unique(maintain_order=True)
    found: dict[str, list[Found]] = {}
    for value in find(distinct, detectors, of_names):
        found.setdefault(distinct[value.row], []).append(value)
    return found


def masked(names: pl.Series) -> pl.Series:
    """The names of files with placeholders of the default kinds; nulls stay."""
    detectors = [detector for detector in DETECTORS if detector.kind in DEFAULT_KINDS]
    found = _find_names(names, detectors)
    masks = {
        name: apply(name, [_edit(value) for value in values]) for name, values in found.items()
    }
    return names.replace(masks)


def _edit(value: Found) -> Edit:
    return Edit(value.start, value.end, value.detector.kind, value.detector.placeholder)


_EDIT_FIELDS = ("field", "kind", "start", "end", "replacement")
_VALUE: schema.Schema = {
    "row": pl.Int64,
    "field": pl.String,
    "kind": pl.String,
    "start": pl.Int64,
    "end": pl.Int64,
    "replacement": pl.String,
}
