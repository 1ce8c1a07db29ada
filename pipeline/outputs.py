"""What a run leaves for its readers: the folders of RUN, put together from the checkpoints."""

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl
import tomli_w

from taojin.core import schema
from taojin.core.storage import publish, write_table
from taojin.dedup.documents.index import DESCRIPTION, FOLDER
from taojin.pipeline import ledger
from taojin.pipeline.order import Account, Products
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.shards import card
from taojin.pipeline.shards.dataset import finish_dataset, shard_name
from taojin.pipeline.steps import index
from taojin.pipeline.steps.classify import model_of
from taojin.pipeline.steps.deduplicate import joined
from taojin.pipeline.steps.evaluate import audit
from taojin.pipeline.task import Checkpoint

MADE = ("dialogues", "left_out", "preferences")
"""Tables of what conversations give."""
PRODUCTS = ("qa", "qa_rejected", "qa_usage", *MADE, "tokenizer", "dataset")
"""Folders made of the documents that are kept."""


def write_account(run: Path, recipe: Recipe, account: Account) -> pl.DataFrame:
    """Write the recipe and what became of every record; the ledger."""
    told = ledger.build(account.ingests, account.settled)
    _published(run / "models", lambda folder: _models(folder, account))
    _folder(run / "documents", account.settled, "documents")
    _folder(run / "dropped", account.settled, "dropped")
    _published(run / "files", lambda folder: _files(folder, account.ingests))
    for name in ("reading", "quarantine"):
        _folder(run / name, account.ingests, name)
    _published(run / FOLDER, lambda folder: _index(folder, recipe, account.indexes))
    _table(run / "clusters.parquet", joined(account.judged.clusters).sort(pl.all()))
    _table(run / "edits.parquet", _joined(account.judged.documents, "edits", schema.EDIT))
    _table(run / "pii_values.parquet", _values(account.ingests))
    (evaluation,) = account.models["evaluation"]
    found = audit(evaluation, account.judged.measures, account.item_cuts)
    _table(run / "contamination.parquet", found)
    with publish(run / "run.toml") as partial:
        partial.write_text(tomli_w.dumps(_without_none(recipe.resolved())), encoding="utf-8")
    _table(run / "ledger.parquet", told)  # last: it says that the account is whole
    return told


def write_products(run: Path, recipe: Recipe, products: Products) -> None:
    """Write the questions, the dialogues, the tokenizer and the datasets."""
    _folder(run / "qa", [products.qa], "qa")
    _folder(run / "qa_rejected", [products.qa], "rejected")
    _folder(run / "qa_usage", [products.qa], "usage")
    for name in MADE:
        _folder(run / name, products.dialogues, name)
    _published(run / "tokenizer", lambda folder: _copy_files(products.tokenizer.path, folder))
    _table(run / "together.parquet", products.together.read("together"))
    _published(run / "dataset", lambda folder: _dataset(folder, run, recipe, products))


def forget(run: Path) -> None:
    """Remove what says that a run is finished, and what an earlier one has made of its documents.

    What is left of a run that is then killed or stopped is never taken for a whole one.
    """
    for name in ("manifest.json", "ledger.parquet", "together.parquet"):
        (run / name).unlink(missing_ok=True)
    for name in PRODUCTS:
        shutil.rmtree(run / name, ignore_errors=True)


def _models(folder: Path, account: Account) -> None:
    """The classifiers that have scored the documents, with their cards."""
    for name in ("classifier", "toxicity"):
        (checkpoint,) = account.models[name]
        model = model_of(checkpoint)
        if model is not None:
            (folder / name).mkdir()
            _copy_files(model, folder / name)


def _index(folder: Path, recipe: Recipe, checkpoints: Sequence[Checkpoint]) -> None:
    """The keys of the kept documents, and how they were made."""
    for number, one in enumerate(checkpoints):
        _link(one.path / "index.parquet", folder / f"part-{number:05d}.parquet")
    told = json.dumps(index.described(recipe), indent=1, sort_keys=True)
    (folder / DESCRIPTION).write_text(f"{told}\n")


def _published(path: Path, fill: Callable[[Path], None]) -> None:
    """Replace a folder by one that `fill` writes beside it."""
    with publish(path, replace=True) as partial:
        partial.mkdir()
        fill(partial)


def _folder(path: Path, checkpoints: Sequence[Checkpoint], name: str) -> None:
    def fill(folder: Path) -> None:
        for number, one in enumerate(checkpoints):
            _link(one.path / f"{name}.parquet", folder / f"part-{number:05d}.parquet")

    _published(path, fill)


def _link(source: Path, target: Path) -> None:
    """A second name for a file where the file system has that, a copy elsewhere."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _table(path: Path, table: pl.DataFrame) -> None:
    with publish(path) as partial:
        write_table(table, partial)


def _joined(checkpoints: Sequence[Checkpoint], name: str, columns: schema.Schema) -> pl.DataFrame:
    found = [schema.empty(columns), *(one.read(name) for one in checkpoints)]
    return pl.concat(found).sort(pl.all())


def _files(folder: Path, ingests: Sequence[Checkpoint]) -> None:
    """One row for each file, whatever number of tasks has read it."""
    counted = ("size_bytes", "documents", "quarantined", "skipped")
    parts = pl.concat([schema.empty(schema.FILE), *(one.read("files") for one in ingests)])
    files = parts.group_by("source", "uri").agg(pl.col(counted).sum(), pl.col("attempt").max())
    ordered = files.select(*schema.FILE).sort("source", "uri")
    write_table(ordered, folder / "part-00000.parquet")


def _values(ingests: Sequence[Checkpoint]) -> pl.DataFrame:
    found = [
        one.read(f"values-{number:03d}")
        for one in ingests
        for number in range(one.counts["chunks"])
    ]
    return pl.concat([schema.empty(schema.VALUE), *found]).sort(pl.all())


def _copy_files(source: Path, folder: Path) -> None:
    for file in sorted(source.iterdir()):
        if file.name != "counts.json":
            _link(file, folder / file.name)


def _dataset(folder: Path, run: Path, recipe: Recipe, products: Products) -> None:
    for split, shards in products.shards.items():
        place = folder / "pretrain" / split
        place.mkdir(parents=True)
        names = [shard_name(number, len(shards)) for number in range(len(shards))]
        for name, shard in zip(names, shards, strict=True):
            _link(shard.path / "shard.arrow", place / name)
        finish_dataset(place, names, split)
    for split in ("train", "validation"):
        place = folder / "sft" / split
        place.mkdir(parents=True)
        _copy_files(products.sft.path / split, place)
    found = card.origins(pl.scan_parquet(run / "documents" / "*.parquet"))
    card.write_card(folder, recipe.name, found, products.mix)
    card.write_croissant(folder, recipe.name, found)


def _without_none(table: Mapping[str, object]) -> dict[str, object]:
    """TOML has no null: a setting that is None is left out."""
    return {key: _inner(value) for key, value in table.items() if value is not None}


def _inner(value: object) -> object:
    if isinstance(value, Mapping):
        return _without_none(value)
    return [_inner(one) for one in value] if isinstance(value, list) else value
