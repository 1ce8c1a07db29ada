"""Passages cut out of texts by the steps of a run, for tests: no bounds, no duplicates."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from taojin.core import schema
from taojin.pipeline.graph import LocalRunner
from taojin.pipeline.progress import Silent
from taojin.pipeline.rounds import Rounds
from taojin.pipeline.settings.dedup import Passages
from taojin.pipeline.task import Checkpoint, save
from taojin.pipeline.walk import Walk
from taojin.tests.core.texts import documents

MEMORY = Path("/dev/shm")
"""A file system without a disk, where there is one: a run writes hundreds of small files."""

Cut = tuple[dict[str, str], pl.DataFrame, pl.DataFrame]
"""Texts by doc_id, edits, and the metrics of each document."""


def cut(
    texts: Mapping[str, str],
    settings: Passages,
    urls: Mapping[str, str] | None = None,
    parts: int = 1,
    copies: Mapping[str, str] | None = None,
) -> Cut:
    """The texts after all rounds, spread over so many chunks."""
    table = documents(list(texts.values()), url=[(urls or {}).get(one) for one in texts])
    table = table.with_columns(pl.Series("doc_id", list(texts)))
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        walk = Walk(Path(folder), LocalRunner(), Silent())
        chunks = [table[at::parts] for at in range(parts)]
        rounds = Rounds(
            walk,
            settings,
            [
                _saved(Path(folder), f"documents{at}", documents=one)
                for at, one in enumerate(chunks)
            ],
            [_decisions(Path(folder), at, one["doc_id"]) for at, one in enumerate(chunks)],
            [_clusters(Path(folder), copies or {})],
        )
        rounds.run()
        found = pl.concat([one.read("documents") for one in rounds.documents])
        edits = pl.concat([one.read("edits") for one in rounds.documents])
    return dict(found.select("doc_id", "text").iter_rows()), edits, found.drop("text", "source")


def _saved(folder: Path, name: str, **tables: pl.DataFrame) -> Checkpoint:
    path = folder / name
    path.mkdir()
    if "documents" in tables:
        tables["edits"] = schema.empty(schema.EDIT)
    save(path, **tables)
    return Checkpoint(path, name)


def _decisions(folder: Path, number: int, ids: pl.Series) -> Checkpoint:
    none: Sequence[Sequence[str]] = [[]] * len(ids)
    reasons = pl.Series("drop_reasons", none, pl.List(pl.String))
    return _saved(folder, f"decisions{number}", decisions=pl.DataFrame([ids, reasons]))


def _clusters(folder: Path, copies: Mapping[str, str]) -> Checkpoint:
    rows = [("exact", kept, doc_id, kept, 1.0, "doc_id", None) for doc_id, kept in copies.items()]
    table = pl.DataFrame(rows, schema=dict(schema.CLUSTER), orient="row")
    return _saved(folder, "clusters", clusters=table)
