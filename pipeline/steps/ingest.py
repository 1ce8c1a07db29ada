"""Ingest: read, tell the language, mask personal data, and only then write.

One task does all three, so that no checkpoint ever holds what was masked. Documents are written in
chunks of at most `partition_bytes` of text; what is no document and what cannot be read are rows.
"""

import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path

import polars as pl

from taojin.core import hashing, schema, stage
from taojin.core.errors import UserError
from taojin.core.schema import DOCUMENT, EDIT, FILE, QUARANTINE, READING, VALUE
from taojin.core.storage import sha256
from taojin.dedup.documents.urls import unmasked, url_keys
from taojin.filters.language import DetectLanguage
from taojin.pipeline.ingest import mojibake
from taojin.pipeline.ingest.fence import Fence
from taojin.pipeline.ingest.opened import Changed
from taojin.pipeline.ingest.parts import WHOLE, Part
from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions, Record, Skipped
from taojin.pipeline.ingest.tables import sql
from taojin.pipeline.inputs import File, as_parameters
from taojin.pipeline.pii import engines, key
from taojin.pipeline.pii.settings import COUNT
from taojin.pipeline.pii.stage import MaskPersonalData
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.settings.ingest import Pii
from taojin.pipeline.settings.sources import Source
from taojin.pipeline.task import Counts, Task, save
from taojin.pipeline.uses import digests

SKIPPED: schema.Schema = {
    "doc_id": pl.String,
    "source": pl.String,
    "kind": pl.String,
    "size_bytes": pl.Int64,
}
"""A record that is no document: the ledger tells it as dropped for `ingest.<kind>`."""

_BESIDE = {"path", "weight", "priority", "trusted", "instructions"}
"""Keys of a source that change nothing in what is read."""
_MODEL = "\0language.model"  # no file has that name
_NOISY = ("trafilatura", "htmldate", "charset_normalizer", "pypdf")
"""Libraries that log a line about a page; what becomes of a record stands in the ledger."""

_READ: schema.Schema = {
    "doc_id": pl.String,
    "text": pl.String,
    "source": schema.SOURCE,
    "size_bytes": pl.Int64,
    "conversation": schema.CONVERSATION,
    "charset": pl.String,
    "charset_from": pl.String,
    "extractor": pl.String,
}


def task(
    recipe: Recipe, source: Source, files: Sequence[File], limit: int | None, partition_bytes: int
) -> Task:
    """The task that reads one group of files."""
    _require(source)
    model = recipe.language.model
    parameters = {
        "source": source.model_dump(mode="json", exclude=_BESIDE),
        "files": as_parameters(files),
        "languages": list(recipe.languages),
        "language_model": _digest(recipe.folder, model),
        "pii": recipe.pii.model_dump(exclude={"most_density"}),
        "pii_engines": [engines.version(name) for name in recipe.pii.engines],
        "pii_key": key.mark(_secret(recipe.pii)),
        "limit": limit,
        "partition_bytes": partition_bytes,
    }
    places = {file.path: file.uri for file in files}
    if model is not None:
        places[_MODEL] = str(recipe.folder / model)
    return Task("ingest", ingest, parameters, places=places)


def _secret(pii: Pii) -> bytes | None:
    """The key of the environment; UserError if fakes are asked for and there is none."""
    secret = key.key()
    if secret is None and pii.settings().makes_fakes:
        raise UserError(
            f"pii: fakes need a key: set {key.VARIABLE} to what `openssl rand -hex 32` prints, or "
            'write action = "mask"'
        )
    return secret


def masking(pii: Pii) -> MaskPersonalData:
    """The stage that masks, under the key of the environment."""
    return MaskPersonalData(pii.settings(), _secret(pii))


def _require(source: Source) -> None:
    """UserError if the program of the source's OCR command is not on this machine."""
    if source.ocr and shutil.which(source.ocr[0]) is None:
        raise UserError(
            f"source '{source.name}': ocr: no program '{source.ocr[0]}' on this machine; install "
            "it, write its full path, or leave `ocr` out"
        )


def _digest(folder: Path, model: str | None) -> str:
    """What the language model's file holds; UserError if the recipe names one that is not there."""
    if model is None:
        return ""
    if not (folder / model).is_file():
        raise UserError(
            f"language.model: no file '{folder / model}'; name a fastText .bin or .ftz file"
        )
    return sha256(folder / model)


@dataclass
class _Rows:
    """What was read and is not yet written."""

    documents: list[tuple[object, ...]] = field(default_factory=list)
    damaged: list[tuple[object, ...]] = field(default_factory=list)
    skipped: list[tuple[object, ...]] = field(default_factory=list)
    readings: list[pl.DataFrame] = field(default_factory=list)
    files: list[tuple[object, ...]] = field(default_factory=list)
    text_bytes: int = 0


def ingest(folder: Path, task: Task) -> Counts:
    """Write documents-, edits- and values-NNN, reading, files, quarantine and skipped; counts."""
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    source = Source.model_validate({**_mapping(task.parameters["source"]), "path": ""})
    stages = _stages(task)
    rows, counts = _Rows(), {"documents": 0, "chunks": 0}
    room = int(str(task.parameters["partition_bytes"]))
    attempt = 1 + int(str(task.parameters.get("attempt", 0)))
    sizes: list[dict[str, object]] = task.parameters["files"]  # type: ignore[assignment]
    with Fence(memory=_given_up(folder, task, attempt)) as fence:
        for file in sizes:
            path = str(file["path"])
            found = {Record: 0, Damaged: 0, Skipped: 0}
            for entry in _entries(task, source, file, fence):
                _add(rows, source, path, entry)
                found[type(entry)] += 1
                if rows.text_bytes >= room:
                    _flush(folder, rows, stages, counts)
            size_bytes = _part(file).bytes_of(int(str(file["size_bytes"])))
            values = (f"{source.name}/{path}", size_bytes, *found.values(), attempt)
            rows.files.append((source.name, *values))
    if rows.documents:
        _flush(folder, rows, stages, counts)
    quarantine, files = (
        table.with_columns(stages[1].names(table["uri"]))
        for table in (_table(rows.damaged, QUARANTINE), _table(rows.files, FILE))
    )
    skipped = _table(rows.skipped, SKIPPED)
    reading = pl.concat([schema.empty(READING), *rows.readings])
    save(folder, reading=reading, files=files, quarantine=quarantine, skipped=skipped)
    read_bytes = int(files["size_bytes"].sum())
    lost = {"quarantined": quarantine.height, "skipped": skipped.height}
    return {**counts, **lost, "size_bytes": read_bytes}


def _mapping(value: object) -> Mapping[str, object]:
    assert isinstance(value, Mapping)
    return value


def _given_up(folder: Path, task: Task, attempt: int) -> Path:
    """Where the run notes what its fence gave up; another attempt and other code begin anew."""
    uses = {"attempt": attempt, **digests(task.node, __name__)}
    return folder.parent.parent / "given_up" / hashing.fingerprint(uses)


def _entries(
    task: Task, source: Source, file: Mapping[str, object], fence: Fence
) -> Iterator[Entry]:
    """The entries of one file, as many as the limit lets through."""
    options = ReadOptions(source.columns, source.extractor, ocr=source.ocr, fence=fence)
    limit: int | None = task.parameters["limit"]  # type: ignore[assignment]
    place = task.places[str(file["path"])]
    if source.query or source.table:
        database = sql.Place(source.name, place, source.query, source.table)
        return islice(sql.read(database, str(file["content"]), options), limit)
    if fault := file.get("fault"):
        return iter([Damaged(0, 0, "no_file", str(fault))])
    entries = read(place, options, int(str(file["size_bytes"])), _part(file))
    return islice(_told(source, file, entries), limit)


def _part(file: Mapping[str, object]) -> Part:
    """What of a file is read."""
    return Part(**_mapping(file["part"])) if "part" in file else WHOLE  # type: ignore[arg-type]


def _told(source: Source, file: Mapping[str, object], entries: Iterator[Entry]) -> Iterator[Entry]:
    with storage_errors(source.name, str(file["path"])):
        yield from entries


@contextmanager
def storage_errors(source: str, path: str) -> Iterator[None]:
    """UserError where the file has changed or its storage fails."""
    try:
        yield
    except Changed as error:
        raise UserError(
            f"source '{source}': {path} is not what was listed: {error}; run again "
            "when nothing writes to it, or read a copy"
        ) from None
    except OSError as error:
        what = error.strerror or type(error).__name__
        raise UserError(f"source '{source}': {path} cannot be read: {what}") from None


def _stages(task: Task) -> tuple[DetectLanguage, MaskPersonalData]:
    languages: list[str] = task.parameters["languages"]  # type: ignore[assignment]
    detect = DetectLanguage(tuple(languages), task.places.get(_MODEL))
    if key.mark(key.key()) != task.parameters["pii_key"]:
        raise UserError(
            f"pii: a worker has another {key.VARIABLE} than the run, or none: set the same one "
            "wherever workers start"
        )
    return detect, masking(Pii.model_validate(task.parameters["pii"]))


def _add(rows: _Rows, source: Source, path: str, entry: Entry) -> None:
    doc_id = hashing.doc_id(source.name, path, entry.position)
    uri = f"{source.name}/{path}"
    if not isinstance(entry, Skipped) and entry.member:
        uri = f"{uri}/{entry.member}"
    match entry:
        case Record():
            origin = {
                "name": source.name,
                "kind": entry.kind or source.kind,
                "uri": uri,
                "position": entry.position,
                "url": entry.url,
                "title": entry.title,
                "author": entry.author,
                "fetched_at": entry.fetched_at,
                "mime": entry.mime,
                "licence": entry.licence or source.licence,
            }
            messages = [asdict(one) for one in entry.messages] or None
            told = (entry.charset or None, entry.charset_from or None, entry.extractor or None)
            values = (doc_id, entry.text, origin, entry.size_bytes, messages, *told)
            rows.documents.append(values)
            rows.text_bytes += len(entry.text.encode())
        case Damaged():
            damage = (entry.position, entry.size_bytes, entry.cause, entry.detail)
            rows.damaged.append((doc_id, source.name, uri, *damage))
        case Skipped():
            rows.skipped.append((doc_id, source.name, entry.kind, entry.size_bytes))


def _flush(
    folder: Path,
    rows: _Rows,
    stages: tuple[DetectLanguage, MaskPersonalData],
    counts: dict[str, int],
) -> None:
    """Write one chunk; nothing unmasked leaves this function."""
    detect, mask = stages
    documents = _unnamed(_repaired(_table(rows.documents, _READ)), mask)
    marked = stage.run(mask, stage.run(detect, documents))
    values = _values(marked)
    masked, edits = stage.apply_edits(marked.drop("pii_values", strict=False), mask.name, step=1)
    hashes = [hashing.content_hash(text) for text in masked["text"]]
    before, after = (table["source"].struct.field("url") for table in (documents, masked))
    named = masked.with_columns(
        pl.Series("content_hash", hashes, pl.String), url_keys(unmasked(before, after))
    )
    rows.readings.append(_reading(named))
    others = [name for name in named.columns if name not in (*DOCUMENT, *READING)]
    number = f"{counts['chunks']:03d}"
    save(folder, **{f"documents-{number}": named.select(*DOCUMENT, *others)})
    save(folder, **{f"edits-{number}": edits.match_to_schema(dict(EDIT))})
    save(folder, **{f"values-{number}": values})
    counts["documents"] += documents.height
    counts["chunks"] += 1
    rows.documents.clear()
    rows.text_bytes = 0


def _reading(documents: pl.DataFrame) -> pl.DataFrame:
    """`schema.READING` of documents that are masked."""
    source, text = pl.col("source").struct, pl.col("text")
    return documents.select(
        "doc_id",
        source.field("name").alias("source"),
        source.field("kind"),
        source.field("mime"),
        "lang",
        "charset",
        "charset_from",
        "extractor",
        character_count=text.str.len_chars().cast(pl.Int64),
        replacement_count=text.str.count_matches("\ufffd", literal=True).cast(pl.Int64),
        repaired_line_count=pl.col("repaired_line_count"),
    )


def _repaired(documents: pl.DataFrame) -> pl.DataFrame:
    """The documents with certain mojibake taken back; in a conversation it would move messages."""
    alone = documents["conversation"].is_null()
    texts, lines = mojibake.repaired(documents["text"])
    return documents.with_columns(
        pl.when(alone).then(texts).otherwise("text").alias("text"),
        pl.when(alone).then(lines).otherwise(0).alias("repaired_line_count"),
    )


def _unnamed(documents: pl.DataFrame, mask: MaskPersonalData) -> pl.DataFrame:
    """The documents without their authors where names are taken out of texts: no detector tells a
    name by itself from other words, and an author is nothing else.
    """
    if "person" not in mask.settings.kinds or mask.settings.action_for("person") == COUNT:
        return documents
    return documents.with_columns(pl.col("source").struct.with_fields(author=pl.lit("")))


def _values(marked: pl.DataFrame) -> pl.DataFrame:
    """The keyed hash of each value; none without a key."""
    if "pii_values" not in marked.columns:
        return schema.empty(VALUE)
    return (
        marked.select("doc_id", "pii_values")
        .explode("pii_values", empty_as_null=False)
        .unnest("pii_values")
        .match_to_schema(dict(VALUE))
    )


def _table(rows: list[tuple[object, ...]], columns: schema.Schema) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict(columns), orient="row")
