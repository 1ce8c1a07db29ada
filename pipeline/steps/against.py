"""The documents of earlier runs and other data sets: what a run is deduplicated against.

An entry of `dedup.against` is the folder of a finished run, whose index is taken, or files of
documents, which are read, masked and cleaned as this run's are, so that their keys are alike.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from taojin.core import stage
from taojin.core.errors import UserError
from taojin.dedup.documents.clusters import foreign
from taojin.dedup.documents.index import DESCRIPTION, FOLDER, misfit
from taojin.dedup.documents.minhash import DedupKeys
from taojin.pipeline.inputs import RUN_MARK, File, find, group
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.settings.sources import Source
from taojin.pipeline.steps import chunks, ingest, split
from taojin.pipeline.steps.index import settings
from taojin.pipeline.task import Checkpoint, Counts, Task, save
from taojin.pipeline.walk import Walk


def earlier(recipe: Recipe, walk: Walk, partition_bytes: int) -> list[Checkpoint]:
    """The `keys` of all documents that the recipe names under `dedup.against`; UserError if an
    entry has none.
    """
    if not recipe.dedup.against:
        return []
    reads = read_tasks(recipe, walk, partition_bytes)
    read = walk.run([task for _, task in reads], "against_read")
    _check_read(recipe, [place for place, _ in reads], read)
    parts = [
        (place, chunk)
        for (place, _), one in zip(reads, read, strict=True)
        for chunk in chunks.chunks(f"against-{place}", one)
    ]
    node = "against_clean"
    cleans = walk.run([replace(chunk.clean(recipe), node=node) for _, chunk in parts], node)
    compared = {"simplify": recipe.dedup.simplify}
    own = [
        Task("against", keys, {"place": place, **compared}, {"documents": (one,)})
        for (place, _), one in zip(parts, cleans, strict=True)
    ]
    return walk.run([*take_tasks(recipe), *own], "against")


def _check_read(recipe: Recipe, places: Sequence[int], read: Sequence[Checkpoint]) -> None:
    """Raises UserError for the first entry of whose records none could be read."""
    for place in sorted(set(places)):
        own = [one for at, one in zip(places, read, strict=True) if at == place]
        lost = pl.concat([one.read("quarantine") for one in own])
        if lost.height and not sum(one.counts["documents"] for one in own):
            cause, count = lost["cause"].value_counts().sort("count", "cause").row(-1)
            raise UserError(
                f"dedup.against: nothing in '{recipe.dedup.against[place]}' can be compared: "
                f"{count:,} of its {lost.height:,} records are {cause}; "
                "its documents are read from a column 'text'"
            )


def digests(recipe: Recipe) -> list[str]:
    """What a run depends on through `dedup.against`; UserError if an entry is not right."""
    taken = [task.fingerprint for task in take_tasks(recipe)]
    files = {place: [one.content for one in found] for place, found in _files(recipe).items()}
    return [*taken, json.dumps(files, sort_keys=True)]


def read_tasks(recipe: Recipe, walk: Walk, partition_bytes: int) -> list[tuple[int, Task]]:
    """The tasks that read files of documents, each with the place of its entry."""
    places = _files(recipe)
    whole = {_source(recipe, place).name: found for place, found in places.items()}
    parted = split.parted(walk, "against_split", whole, partition_bytes)
    return [
        (place, replace(task, node="against_read"))
        for place, found in zip(places, parted.values(), strict=True)
        for files in group(found, partition_bytes)
        for task in (ingest.task(recipe, _source(recipe, place), files, None, partition_bytes),)
    ]


def take_tasks(recipe: Recipe) -> list[Task]:
    """The tasks that take the index of an earlier run, one for each of its files."""
    return [
        Task("against", take, {"place": place, "content": content}, places={"path": str(path)})
        for place, run in enumerate(_runs(recipe))
        if run is not None
        for path, content in _index(recipe, place, run).items()
    ]


def _runs(recipe: Recipe) -> list[Path | None]:
    """The folder of each entry that is a run's."""
    folders = [recipe.folder / entry for entry in recipe.dedup.against]
    return [folder if (folder / RUN_MARK).is_file() else None for folder in folders]


def _index(recipe: Recipe, place: int, run: Path) -> dict[Path, str]:
    """The files of a run's index with the digests of their contents, as its manifest has them."""
    entry = f"dedup.against: '{recipe.dedup.against[place]}'"
    told, described = _read(run / "manifest.json"), _read(run / FOLDER / DESCRIPTION)
    if told is None:
        raise UserError(f"{entry} is a run that has not finished; run it to its end first")
    if described is None:
        raise UserError(f"{entry} has no index; an older version made it: run it again")
    exact = bool(settings(recipe)["shingles"])
    if wrong := misfit(described, DedupKeys(recipe.dedup.simplify), shingles=exact):
        raise UserError(
            f"{entry} cannot be compared: {wrong}; run it again, or this one under its settings"
        )
    found = {
        run / name: str(facts["sha256"])
        for name, facts in sorted(told["files"].items())
        if name.startswith(f"{FOLDER}/") and name.endswith(".parquet")
    }
    for path in found:
        if not path.is_file():
            raise UserError(f"{entry} lacks {FOLDER}/{path.name}, which its manifest lists")
    return found


def _read(path: Path) -> Mapping[str, Mapping[str, Mapping[str, object]]] | None:
    return json.loads(path.read_text()) if path.is_file() else None


def _files(recipe: Recipe) -> dict[int, list[File]]:
    """The files of each entry that is no run's."""
    return {place: _found(recipe, place) for place, run in enumerate(_runs(recipe)) if run is None}


def _found(recipe: Recipe, place: int) -> list[File]:
    entry = recipe.dedup.against[place]
    try:
        return find(_source(recipe, place), recipe.folder, {})
    except UserError:
        raise UserError(
            f"dedup.against: '{entry}' is neither the folder of a run nor a file or glob that "
            f"matches one in {recipe.folder}; check the path"
        ) from None


def _source(recipe: Recipe, place: int) -> Source:
    return Source(name=f"against-{place}", path=recipe.dedup.against[place])


def take(folder: Path, task: Task) -> Counts:
    """Write `keys` out of one file of an index."""
    return _save(folder, task, pl.read_parquet(task.places["path"]))


def keys(folder: Path, task: Task) -> Counts:
    """Write `keys` of one chunk of documents."""
    documents = task.input("documents").read("documents")
    made = DedupKeys(bool(task.parameters["simplify"]))
    keyed = stage.run(made, documents)
    return _save(folder, task, keyed.select("doc_id", *made.adds, "url_key"))


def _save(folder: Path, task: Task, found: pl.DataFrame) -> Counts:
    place = int(str(task.parameters["place"]))
    save(folder, keys=found.with_columns(foreign(pl.col("doc_id"), place).alias("doc_id")))
    return {"documents": found.height}


def unread(read: Sequence[Checkpoint]) -> int:
    """How many records of the files could not be read."""
    return sum(one.counts["quarantined"] for one in read)
