"""The contract of a stage, and the check that every batch passes.

A stage gets documents and returns them, in the same order, with the columns that it adds. It never
removes one: to remove a document it stores a metric, and *decide* applies the bound. To change text
it adds the column `edits`; the runner merges them, applies them and records them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import polars as pl

from taojin.core import schema
from taojin.core.edits import Edit, apply, merge, moved


class Stage(Protocol):
    """Documents to documents."""

    @property
    def name(self) -> str:
        """Names its columns, its recipe table and its section of the report."""
        ...

    @property
    def version(self) -> int:
        """Raised whenever its output changes."""
        ...

    @property
    def adds(self) -> schema.Schema:
        """The columns that it creates; every other column passes through."""
        ...

    def __call__(self, documents: pl.DataFrame) -> pl.DataFrame:
        """The documents with the added columns."""
        ...


class ContractError(Exception):
    """A stage lost, reordered or altered documents, or added what it did not declare."""


def run(stage: Stage, documents: pl.DataFrame) -> pl.DataFrame:
    """What the stage returns, after the contract is checked; ContractError if it breaks it."""
    result = stage(documents)
    expected = {**documents.schema, **stage.adds}
    if dict(result.schema) != expected:
        raise ContractError(f"{stage.name}: columns {result.schema} instead of {expected}")
    if result.height != documents.height:
        raise ContractError(f"{stage.name}: {documents.height} documents in, {result.height} out")
    kept = [name for name in documents.columns if name not in stage.adds]
    if not result.select(kept).equals(documents.select(kept)):
        raise ContractError(f"{stage.name}: changed a column that it did not add")
    for name in stage.adds:
        _refuse_undefined(stage, result[name])
    return result


def _refuse_undefined(stage: Stage, column: pl.Series) -> None:
    """A null or NaN would pass every bound without a word."""
    fields = column.struct.unnest() if isinstance(column.dtype, pl.Struct) else column.to_frame()
    for field in fields.iter_columns():
        undefined = field.null_count()
        if field.dtype.is_float():
            undefined += int(field.is_nan().sum() or 0) + int(field.is_infinite().sum() or 0)
        if undefined:
            raise ContractError(f"{stage.name}: {field.name} undefined in {undefined} documents")


def apply_edits(
    documents: pl.DataFrame, stage: str, step: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The documents with their `edits` column applied and removed, and the rows of the edits.

    Rows follow `schema.EDIT`; `step` counts the stages that have changed the text so far. The
    messages of a conversation move with its text.
    """
    touched = documents["edits"].list.len() > 0
    if not touched.any():
        return documents.drop("edits"), schema.empty(schema.EDIT)
    rows: list[tuple[object, ...]] = []
    texts = documents["text"].to_list()
    sources = documents["source"].to_list()
    messages = documents["conversation"].to_list() if "conversation" in documents.columns else []
    for index in touched.arg_true().to_list():
        edits = [Edit(**edit) for edit in documents["edits"][index].to_list()]
        for field in sorted({edit.field for edit in edits}):
            merged = merge(edit for edit in edits if edit.field == field)
            if field == "text":
                texts[index] = apply(texts[index], merged)
                if messages and messages[index] is not None:
                    messages[index] = _moved(messages[index], merged)
            else:
                sources[index][field] = apply(sources[index][field], merged)
            rows += _rows(documents["doc_id"][index], stage, step, merged)
    changed = documents.drop("edits").with_columns(
        pl.Series("text", texts, pl.String), pl.Series("source", sources, schema.SOURCE)
    )
    if messages:
        changed = changed.with_columns(pl.Series("conversation", messages, schema.CONVERSATION))
    return changed, pl.DataFrame(rows, schema=dict(schema.EDIT), orient="row")


def _moved(messages: Sequence[Mapping[str, Any]], edits: Sequence[Edit]) -> list[dict[str, Any]]:
    spans = moved(((one["start"], one["end"]) for one in messages), edits)
    return [
        {**one, "start": start, "end": end}
        for one, (start, end) in zip(messages, spans, strict=True)
    ]


def _rows(doc_id: str, stage: str, step: int, edits: Sequence[Edit]) -> list[tuple[object, ...]]:
    return [
        (doc_id, edit.field, step, stage, edit.kind, edit.start, edit.end, len(edit.replacement))
        for edit in edits
    ]
