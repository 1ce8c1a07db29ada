"""Ingest: read, tell the language, mask personal data, and only then write.

One task does all three, so that no checkpoint ever holds what was masked. Documents are written in
chunks of at most `partition_bytes` of text; what is no document and what cannot be read are rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from taojin.core import hashing, schema, stage
from taojin.core.schema import DOCUMENT, EDIT, QUARANTINE
from taojin.filters.language import DetectLanguage
from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import Damaged, ReadOptions, Record, Skipped
from taojin.pipeline.inputs import File
from taojin.pipeline.pii.stage import MaskPersonalData
from taojin.pipeline.recipe import Language, Pii, Recipe, Source
from taojin.pipeline.task import Counts, Task, save

VERSION = 1

SKIPPED: schema.Schema = {
    "doc_id": pl.String,
    "source": pl.String,
    "kind": pl.String,
    "size_bytes": pl.Int64,
}
"""A record that is no document: the ledger tells it as dropped for `ingest.<kind>`."""

_READ: schema.Schema = {
    "doc_id": pl.String,
    "text": pl.String,
    "source": schema.SOURCE,
    "size_bytes": pl.Int64,
}


def task(
    recipe: Recipe,
    source: Source,
    files: list[dict[str, object]],
    limit: int | None,
    partition_bytes: int,
) -> Task:
    """The task that reads one group of files."""
    parameters = {
        "source": source.model_dump(mode="json"),
        "files": files,
        "languages": list(recipe.languages),
        "language": recipe.language.model_dump(),
        "pii": recipe.pii.model_dump(),
        "limit": limit,
        "partition_bytes": partition_bytes,
    }
    return Task("ingest", ingest, parameters, version=VERSION)


@dataclass
class _Rows:
    """What was read and is not yet written."""

    documents: list[tuple[object, ...]] = field(default_factory=list)
    damaged: list[tuple[object, ...]] = field(default_factory=list)
    skipped: list[tuple[object, ...]] = field(default_factory=list)
    text_bytes: int = 0


def ingest(folder: Path, task: Task) -> Counts:
    """Write documents-NNN, edits-NNN, quarantine and skipped; counts each kind of row."""
    source = Source.model_validate(task.parameters["source"])
    options = ReadOptions(columns=source.columns, extractor=source.extractor)
    stages = _stages(task.parameters)
    rows, counts = _Rows(), {"documents": 0, "quarantined": 0, "skipped": 0, "chunks": 0}
    files: list[dict[str, object]] = task.parameters["files"]  # type: ignore[assignment]
    limit: int | None = task.parameters["limit"]  # type: ignore[assignment]
    room: int = task.parameters["partition_bytes"]  # type: ignore[assignment]
    for file in (File(**values) for values in files):  # type: ignore[arg-type]
        for number, entry in enumerate(read(file.uri, options)):
            if limit is not None and number >= limit:
                break
            _add(rows, source, file, entry)
            if rows.text_bytes >= room:
                _flush(folder, rows, stages, counts)
    if rows.documents:
        _flush(folder, rows, stages, counts)
    quarantine = _table(rows.damaged, QUARANTINE)
    skipped = _table(rows.skipped, SKIPPED)
    save(folder, quarantine=quarantine, skipped=skipped)
    counts |= {"quarantined": quarantine.height, "skipped": skipped.height}
    return counts | {"size_bytes": sum(int(values["size_bytes"]) for values in files)}  # type: ignore[call-overload]


def _stages(parameters: Mapping[str, object]) -> tuple[DetectLanguage, MaskPersonalData]:
    language = Language.model_validate(parameters["language"])
    languages: list[str] = parameters["languages"]  # type: ignore[assignment]
    pii = Pii.model_validate(parameters["pii"])
    return DetectLanguage(tuple(languages), language.model), MaskPersonalData(pii.action)


def _add(rows: _Rows, source: Source, file: File, entry: Record | Damaged | Skipped) -> None:
    doc_id = hashing.doc_id(source.name, file.path, entry.position)
    uri = f"{source.name}/{file.path}"
    match entry:
        case Record():
            origin = {
                "name": source.name,
                "kind": source.kind,
                "uri": uri,
                "position": entry.position,
                "url": entry.url,
                "title": entry.title,
                "fetched_at": entry.fetched_at,
                "mime": entry.mime,
                "licence": entry.licence or source.licence,
            }
            rows.documents.append((doc_id, entry.text, origin, entry.size_bytes))
            rows.text_bytes += len(entry.text.encode())
        case Damaged():
            values = (entry.position, entry.size_bytes, entry.cause, entry.detail)
            rows.damaged.append((doc_id, source.name, uri, *values))
        case Skipped():
            rows.skipped.append((doc_id, source.name, entry.kind, entry.size_bytes))


def _flush(
    folder: Path,
    rows: _Rows,
    stages: tuple[DetectLanguage, MaskPersonalData],
    counts: dict[str, int],
) -> None:
    """Write one chunk; nothing unmasked leaves this function."""
    documents = _table(rows.documents, _READ)
    detect, mask = stages
    marked = stage.run(mask, stage.run(detect, documents))
    masked, edits = stage.apply_edits(marked, mask.name, step=1)
    hashes = [hashing.content_hash(text) for text in masked["text"]]
    named = masked.with_columns(pl.Series("content_hash", hashes, pl.String))
    others = [name for name in named.columns if name not in DOCUMENT]
    number = f"{counts['chunks']:03d}"
    save(folder, **{f"documents-{number}": named.select(*DOCUMENT, *others)})
    save(folder, **{f"edits-{number}": edits.match_to_schema(dict(EDIT))})
    counts["documents"] += documents.height
    counts["chunks"] += 1
    rows.documents.clear()
    rows.text_bytes = 0


def _table(rows: list[tuple[object, ...]], columns: schema.Schema) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict(columns), orient="row")
