"""The labelled texts of a training recipe, read as documents are read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from taojin.core import stage
from taojin.core.errors import UserError
from taojin.core.hashing import content_hash
from taojin.core.schema import SOURCE
from taojin.core.storage import sha256
from taojin.filters.language import KNOWN, DetectLanguage
from taojin.filters.sampling import EXAMPLE
from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import ReadOptions, Record
from taojin.pipeline.ingest.tables import heads
from taojin.pipeline.inputs import File, find
from taojin.pipeline.settings.sources import Source
from taojin.pipeline.training_recipe import Examples, TrainingRecipe


@dataclass
class Labelled:
    """`examples`: sampling.EXAMPLE with `licence`; the files that they are from; what was not read.

    `empty` are the files without a row; `other_labels` counts rows by labels that the recipe does
    not name.
    """

    examples: pl.DataFrame
    files: list[dict[str, object]] = field(default_factory=list)
    unread: int = 0
    empty: list[str] = field(default_factory=list)
    other_labels: dict[str, int] = field(default_factory=dict)


Row = tuple[str, bool, str, str, str]
_ROW = {
    "text": pl.String,
    "positive": pl.Boolean,
    "source": pl.String,
    "lang": pl.String,
    "licence": pl.String,
}


def gather(recipe: TrainingRecipe) -> Labelled:
    """Every labelled text of the recipe; UserError where a class has none."""
    found = Labelled(pl.DataFrame())
    rows = [row for one in recipe.examples for row in _rows(recipe, one, found)]
    table = pl.DataFrame(rows, schema=_ROW, orient="row")
    for label, positive in zip(recipe.labels, (True, False), strict=True):
        if not table.filter(positive=positive).height:
            raise UserError(_missing(label, found))
    hashes = [content_hash(text) for text in table["text"]]
    named = table.with_columns(pl.Series("content_hash", hashes, pl.String))
    found.examples = _told(named, recipe.languages).select(*EXAMPLE, "licence")
    return found


def _missing(labels: Sequence[str], found: Labelled) -> str:
    seen = ", ".join(f"'{label}' {count:,}" for label, count in sorted(found.other_labels.items()))
    return (
        f"examples: no text is labelled {' or '.join(labels)}"
        + (f"; other labels: {seen}" if seen else "")
        + (f"; {found.unread:,} could not be read" if found.unread else "")
        + (f"; {', '.join(found.empty)}: no row stands there" if found.empty else "")
        + "; say which labels are `positive` and `negative`"
    )


def _rows(recipe: TrainingRecipe, examples: Examples, found: Labelled) -> Iterator[Row]:
    for file in _found(recipe, examples):
        found.files.append(_described(file))
        heads.check(file.uri, _named(examples), f"examples: {file.path}")
        options, entry = ReadOptions(columns=_columns(examples)), None
        for entry in read(file.uri, options) if file.size_bytes else ():
            if not isinstance(entry, Record):
                found.unread += 1
                continue
            row = _row(recipe, examples, entry, found)
            if row is not None:
                yield row
        found.empty += [file.path] if entry is None else []


def _found(recipe: TrainingRecipe, examples: Examples) -> Iterator[File]:
    """The files of each pattern, relative ones from the recipe's folder on."""
    for pattern in (examples.path,) if isinstance(examples.path, str) else examples.path:
        folder = Path("/") if pattern.startswith("/") else recipe.folder
        yield from find(Source(name="examples", path=pattern.lstrip("/")), folder, {})


def _described(file: File) -> dict[str, object]:
    local = Path(file.uri)
    digest = sha256(local) if local.is_file() else file.content
    return {"path": file.path, "size_bytes": file.size_bytes, "sha256": digest}


def _columns(examples: Examples) -> Mapping[str, str]:
    """Where a record's fields are read from; they hold what examples need besides the text."""
    return {
        "text": examples.text,
        "title": examples.label_column or "",
        "url": examples.source_column or "",
        "mime": examples.language_column or "",
        "licence": examples.licence_column or "",
        "date": "",
    }


def _named(examples: Examples) -> list[str]:
    """The columns that a table of examples must have."""
    names = (
        examples.text,
        examples.label_column,
        examples.source_column,
        examples.language_column,
        examples.licence_column,
    )
    return [name for name in names if name]


def _row(recipe: TrainingRecipe, examples: Examples, record: Record, found: Labelled) -> Row | None:
    positive, negative = recipe.labels
    label = (record.title if examples.label is None else examples.label).strip()
    if label not in (*positive, *negative):
        found.other_labels[label] = found.other_labels.get(label, 0) + 1
        return None
    source = record.url if examples.source_column else ""
    lang = record.mime if examples.language_column else examples.language or ""
    return (
        record.text,
        label in positive,
        source or examples.named,
        lang if lang in KNOWN else "",
        record.licence or examples.licence,
    )


def _told(examples: pl.DataFrame, languages: Sequence[str]) -> pl.DataFrame:
    """The examples with the language told where none is given."""
    blank = pl.lit(None, SOURCE).alias("source")
    texts = examples.select("text", blank)
    found = stage.run(DetectLanguage(tuple(languages)), texts)["lang"]
    given = pl.col("lang")
    return examples.with_columns(pl.when(given == "").then(found).otherwise(given).alias("lang"))
