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
from taojin.filters.rules import Rule
from taojin.pipeline import ledger
from taojin.pipeline.order import Curated, Order
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.shards.dataset import finish_dataset, shard_name
from taojin.pipeline.steps import settle
from taojin.pipeline.task import Checkpoint


def write(run: Path, order: Order, curated: Curated) -> pl.DataFrame:
    """Write every folder and table of the run but report and manifest; the funnel per source."""
    ingests = [one for many in curated.ingests.values() for one in many]
    account = ledger.build(ingests, curated.settled)
    _folder(run / "documents", curated.settled, "documents")
    _folder(run / "dropped", curated.settled, "dropped")
    _folder(run / "quarantine", ingests, "quarantine")
    _folder(run / "qa", [curated.qa], "qa")
    _table(run / "ledger.parquet", account)
    _table(run / "clusters.parquet", _joined(curated.judged.clusters, "clusters", schema.CLUSTER))
    _table(run / "edits.parquet", _joined(curated.judged.documents, "edits", schema.EDIT))
    _published(run / "tokenizer", lambda folder: _copy_files(curated.tokenizer.path, folder))
    _published(run / "dataset", lambda folder: _dataset(folder, curated))
    _numbers(run / "report", order, curated)
    with publish(run / "run.toml") as partial:
        partial.write_text(tomli_w.dumps(_without_none(order.recipe.resolved())), encoding="utf-8")
    return ledger.funnel(account)


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


def _copy_files(source: Path, folder: Path) -> None:
    for file in sorted(source.iterdir()):
        if file.name != "counts.json":
            _link(file, folder / file.name)


def _dataset(folder: Path, curated: Curated) -> None:
    for split, shards in curated.shards.items():
        place = folder / "pretrain" / split
        place.mkdir(parents=True)
        names = [shard_name(number, len(shards)) for number in range(len(shards))]
        for name, shard in zip(names, shards, strict=True):
            _link(shard.path / "shard.arrow", place / name)
        finish_dataset(place, names, split)
    for split in ("train", "validation"):
        place = folder / "sft" / split
        place.mkdir(parents=True)
        _copy_files(curated.sft.path / split, place)


def _numbers(folder: Path, order: Order, curated: Curated) -> None:
    """What the report is drawn from besides the tables: bounds, timings, mix, dataset, warnings."""
    shards = [one.counts for many in curated.shards.values() for one in many]
    totals = {key: sum(one[key] for one in shards) for key in ("tokens", "padding")}
    dataset = {
        **{
            f"{split}_rows": sum(one.counts["rows"] for one in many)
            for split, many in curated.shards.items()
        },
        "tokens": totals["tokens"],
        "padding_tokens": totals["padding"],
        "sequence_length": order.recipe.shards.sequence_length,
        "shards": len(shards),
        "sft_rows": curated.sft.counts["rows"],
        "sft_rejected": curated.sft.counts["rejected"],
    }
    values: dict[str, object] = {
        "bounds": _bounds(order.recipe),
        "timings": _timings(order),
        "mix": curated.mix.to_dicts(),
        "dataset": dataset,
        "warnings": _warnings(order.recipe, curated),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in values.items():
        with publish(folder / f"{name}.json") as partial:
            partial.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def _bounds(recipe: Recipe) -> list[dict[str, object]]:
    """Every metric in use with its bounds per language; None for a side that does not bind."""
    near = recipe.dedup.near
    filters = recipe.registry().filters
    about = {
        (name, metric.name): (metric.about, filter_.source)
        for name, filter_ in filters.items()
        for metric in filter_.metrics
    }
    rules: list[Rule] = [*recipe.rules, *settle.rules(near.threshold if near else 1.0)]
    return [
        {
            "filter": rule.filter,
            "metric": rule.metric,
            "lang": rule.lang,
            "min": rule.bounds.min,
            "max": rule.bounds.max,
            "about": about.get((rule.filter, rule.metric), ("", ""))[0],
            "source": about.get((rule.filter, rule.metric), ("", ""))[1],
        }
        for rule in rules
    ]


def _timings(order: Order) -> list[dict[str, object]]:
    return [
        {
            "stage": node,
            "seconds": round(sum(one.cost.seconds for one in found), 3),
            "peak_bytes": max((one.cost.peak_bytes for one in found), default=0),
            "partitions": len(found),
            "cached": sum(one.cached for one in found),
            "documents": sum(one.counts.get("documents", 0) for one in found),
            "size_bytes": sum(one.counts.get("size_bytes", 0) for one in found),
        }
        for node, found in order.walk.steps
    ]


def _warnings(recipe: Recipe, curated: Curated) -> list[str]:
    """What a reader of the numbers should know first."""
    found = []
    if not (curated.classifier.path / "classifier.bin").is_file():
        found.append(
            "No classifier was trained: it needs documents of a trusted source and of a raw one; "
            "every classifier score is 1."
        )
    if not recipe.decontaminate.against:
        found.append("No evaluation set is named under [decontaminate]: nothing was checked.")
    if curated.sft.counts["rejected"]:
        found.append(
            f"{curated.sft.counts['rejected']} QA pairs are longer than the sequence length and "
            "not in the dataset."
        )
    return found


def _without_none(table: Mapping[str, object]) -> dict[str, object]:
    """TOML has no null: a setting that is None is left out."""
    return {key: _inner(value) for key, value in table.items() if value is not None}


def _inner(value: object) -> object:
    if isinstance(value, Mapping):
        return _without_none(value)
    return [_inner(one) for one in value] if isinstance(value, list) else value
