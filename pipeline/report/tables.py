"""The tables of a finished run, opened lazily; one that the run does not have is empty."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from polars.datatypes import DataTypeClass

from taojin.core import schema
from taojin.core.errors import UserError

Rows = list[dict[str, Any]]

DECIDED: schema.Schema = {
    **schema.DOCUMENT,
    "drop_reasons": pl.List(pl.String),
    "duplicate_of": pl.String,
}


@dataclass(frozen=True)
class Tables:
    """The run's tables; `documents` holds the kept and the dropped, told apart by `fate`."""

    run: Path
    documents: pl.LazyFrame
    quarantine: pl.LazyFrame
    reading: pl.LazyFrame
    files: pl.LazyFrame
    ledger: pl.LazyFrame
    clusters: pl.LazyFrame
    edits: pl.LazyFrame
    values: pl.LazyFrame
    contamination: pl.LazyFrame
    qa: pl.LazyFrame
    qa_rejected: pl.LazyFrame
    qa_usage: pl.LazyFrame
    dialogues: pl.LazyFrame
    left_out: pl.LazyFrame
    preferences: pl.LazyFrame

    @property
    def has_readings(self) -> bool:
        """Whether the run tells how files and documents were read; an older one does not."""
        return self.has("reading") and self.has("files")

    def has(self, folder: str) -> bool:
        """Whether the run has such a folder of tables, be they without rows."""
        return any((self.run / folder).glob("*.parquet"))

    def filters(self) -> list[str]:
        """The names of the struct columns that hold metrics, in column order."""
        columns = self.documents.collect_schema()
        return [
            name
            for name, dtype in columns.items()
            if isinstance(dtype, pl.Struct) and name != "source"
        ]

    def metrics(self, filter_name: str) -> list[str]:
        """The numeric fields of a filter's column; empty for a column that is not there."""
        dtype = self.documents.collect_schema().get(filter_name)
        if not isinstance(dtype, pl.Struct):
            return []
        return [field.name for field in dtype.fields if _is_number(field.dtype)]

    def field(self, filter_name: str, metric: str) -> pl.Expr:
        """One metric of every document, in its own type (a bound meets 32 bits as 32 bits)."""
        value = pl.col(filter_name).struct.field(metric)
        dtype = self.documents.collect_schema()[filter_name]
        fields = {field.name: field.dtype for field in dtype.fields}  # type: ignore[attr-defined]
        return value.cast(pl.Int64) if fields[metric] == pl.Boolean else value

    def dropped_with_text(self) -> pl.Series:
        """The ids of the dropped documents whose text was kept, in order."""
        dropped = self.documents.filter(pl.col("fate") == "dropped", pl.col("text").is_not_null())
        return dropped.select(pl.col("doc_id").sort()).collect()["doc_id"]

    def scopes(self) -> list[tuple[str | None, str | None]]:
        """The kinds of source and languages of the documents, those with most documents first."""
        kind = pl.col("source").struct.field("kind")
        counted = self.documents.group_by(kind, "lang").len().collect()
        ordered = counted.sort(pl.col("len").cast(pl.Int64).neg(), "kind", "lang")
        return list(ordered.select("kind", "lang").iter_rows())

    def recorded(self, name: str) -> Any:
        """What the run noted in `report/NAME.json`, or None if it did not."""
        return read_json(self.run / "report" / f"{name}.json")


def open_tables(run: Path) -> Tables:
    """The tables of a run; UserError if the folder holds no ledger."""
    if not (run / "ledger.parquet").is_file():
        raise UserError(
            f"{run}: no ledger.parquet, so this is no finished run; "
            "give the folder that `taojin run --out` wrote"
        )
    fates = [_scan(run / "documents", DECIDED, "kept"), _scan(run / "dropped", DECIDED, "dropped")]
    return Tables(
        run,
        pl.concat(fates, how="diagonal_relaxed"),
        _scan(run / "quarantine", schema.QUARANTINE),
        _scan(run / "reading", schema.READING),
        _scan(run / "files", schema.FILE),
        _scan(run / "ledger.parquet", schema.LEDGER),
        _scan(run / "clusters.parquet", schema.CLUSTER),
        _scan(run / "edits.parquet", schema.EDIT),
        _scan(run / "pii_values.parquet", schema.VALUE),
        _scan(run / "contamination.parquet", schema.CONTAMINATION),
        _scan(run / "qa", schema.QA),
        _scan(run / "qa_rejected", schema.QA_REJECTED),
        _scan(run / "qa_usage", schema.QA_USAGE),
        _scan(run / "dialogues", schema.DIALOGUE),
        _scan(run / "left_out", schema.LEFT_OUT),
        _scan(run / "preferences", schema.PREFERENCE),
    )


def read_json(path: Path) -> Any:
    """The parsed file, or None where it is absent."""
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _scan(path: Path, columns: schema.Schema, fate: str | None = None) -> pl.LazyFrame:
    """The rows of a file, or of a folder's Parquet files in name order."""
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path] * path.is_file()
    frames = [pl.scan_parquet(file) for file in files] or [schema.empty(columns).lazy()]
    table = pl.concat(frames, how="diagonal_relaxed")
    return table if fate is None else table.with_columns(fate=pl.lit(fate))


def _is_number(dtype: pl.DataType | DataTypeClass) -> bool:
    return dtype.is_numeric() or dtype == pl.Boolean
