"""The evaluation sets: read once, indexed, and cut out of documents where the recipe says so."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from taojin.core import schema, stage
from taojin.core.errors import UserError
from taojin.dedup.evaluation.cut_items import CutItems
from taojin.dedup.evaluation.decontaminate import NOT, Item, build, load
from taojin.pipeline.evaluation import read_items
from taojin.pipeline.inputs import File, find
from taojin.pipeline.planted import planted
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.settings.evaluation import Decontaminate, Evaluation
from taojin.pipeline.settings.sources import Source
from taojin.pipeline.task import Checkpoint, Counts, Task, save


def index_task(recipe: Recipe, known: dict[str, str]) -> Task:
    """The task that indexes the recipe's evaluation sets; it depends on their contents."""
    contents = {
        str(number): [file.content for file in _files(number, one, recipe.folder, known)]
        for number, one in enumerate(recipe.decontaminate.against)
    }
    parameters = {
        "against": recipe.decontaminate.model_dump(mode="json", include={"against"}),
        "contents": contents,
    }
    return Task("evaluation", index, parameters, places={"folder": str(recipe.folder)})


def _files(number: int, one: Evaluation, folder: Path, known: dict[str, str]) -> list[File]:
    return find(Source(name=f"evaluation-{number}", path=one.path), folder, known)


def index(folder: Path, task: Task) -> Counts:
    """Write `index` over every question, and options and answers long enough to be told, and
    `planted`, what the self-test of each run looks for.

    Counts the items that are searched for, the questions too short for it, and what cannot be read.
    """
    settings = Decontaminate.model_validate(task.parameters["against"])
    base = Path(task.places["folder"])
    read = [
        entry
        for number, one in enumerate(settings.against)
        for file in _files(number, one, base, {})
        for entry in read_items(file, one)
    ]
    items = [entry for entry in read if entry is not None]
    searched = build(items, folder / "index.parquet") != NOT
    _refuse_unsearched(items, searched)
    save(folder, planted=planted(items, pl.read_parquet(folder / "index.parquet")["search"]))
    questions = pl.Series([item.field == "question" for item in items], dtype=pl.Boolean)
    return {
        "searched": int(searched.sum()),
        "short": int((questions & ~searched).sum()),
        "unread": len(read) - len(items),
    }


def _refuse_unsearched(items: list[Item], searched: pl.Series) -> None:
    """UserError for a set of which nothing would be searched for."""
    names = pl.DataFrame({"name": [item.benchmark for item in items], "searched": searched})
    empty = (
        names.group_by("name").agg(pl.len(), pl.col("searched").any()).filter(~pl.col("searched"))
    )
    for name, count, _ in empty.sort("name").iter_rows():
        raise UserError(
            f"decontaminate.against: none of the {count} items of '{name}' has the 5 words or "
            "Han characters that can be told; check the column named as `question`"
        )


def cut(folder: Path, task: Task) -> Counts:
    """Write `documents` with evaluation items cut out, all `edits` so far, and `contamination`,
    what was cut.
    """
    settings = Decontaminate.model_validate(task.parameters)
    cutter = CutItems(
        task.input("evaluation").path / "index.parquet",
        settings.most_overlap,
        settings.most_removed,
    )
    marked = stage.run(cutter, task.input("documents").read("documents"))
    found = marked.select("doc_id", "contamination").filter(pl.col("contamination").list.len() > 0)
    documents, cuts = stage.apply_edits(marked.drop("contamination"), cutter.name, step=3)
    edits = pl.concat([task.input("documents").read("edits"), cuts])
    save(
        folder,
        documents=documents,
        edits=edits.sort("doc_id", "step", "field", "start"),
        contamination=found,
    )
    return {
        "documents": documents.height,
        "changed": cuts["doc_id"].n_unique(),
        "size_bytes": int(documents["text"].str.len_bytes().sum()),
    }


def audit(
    evaluation: Checkpoint, measures: Sequence[Checkpoint], cuts: Sequence[Checkpoint]
) -> pl.DataFrame:
    """`schema.CONTAMINATION`: what was cut, and what stands in the texts measured last."""
    items = load(evaluation.path / "index.parquet").table.select(
        "benchmark", pl.col("id").alias("item"), "field"
    )
    rows = [schema.empty(schema.CONTAMINATION)]
    for many, name, was_cut in ((measures, "keys", False), (cuts, "contamination", True)):
        for one in many:
            table = pl.scan_parquet(one.path / f"{name}.parquet").select("doc_id", "contamination")
            found = table.filter(pl.col("contamination").list.len() > 0).collect()
            places = found.explode("contamination").unnest("contamination")
            named = places.drop("item").hstack(items[places["item"]])
            rows.append(
                named.select(pl.lit(was_cut).alias("cut"), pl.all()).select(rows[0].columns)
            )
    return pl.concat(rows).sort(pl.all())
