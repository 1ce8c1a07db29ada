"""Instructions: rows of labelled tables among the kept documents, put into words."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from taojin.core import schema
from taojin.dedup.evaluation.decontaminate import load
from taojin.pipeline.qa.chunks import token_counts
from taojin.pipeline.qa.instructions.made import Contaminated, Draw, make
from taojin.pipeline.qa.instructions.put import Asked
from taojin.pipeline.qa.instructions.rows import ROW, rows
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.task import Counts, Task, save
from taojin.tokenizer.encode import load as load_encoder


def settings(recipe: Recipe) -> dict[str, object]:
    """The parameters of the step; `asked` by source is empty where no table is labelled."""
    asked = {
        source.name: source.instructions.model_dump(mode="json")
        for source in recipe.sources
        if source.instructions
    }
    shards = recipe.shards.model_dump(include={"sequence_length", "validation", "seed"})
    return {"asked": asked, **shards, "most_overlap": recipe.decontaminate.most_overlap}


def read(folder: Path, task: Task) -> Counts:
    """Write `rows` of one chunk's kept documents."""
    found = rows(task.input("documents").read("documents"))
    save(folder, rows=found)
    return {"documents": found.height}


def instruct(folder: Path, task: Task) -> Counts:
    """Write `dialogues`, `left_out` and `preferences` (none) of the rows of all chunks."""
    given: Mapping[str, Mapping[str, Any]] = task.parameters["asked"]  # type: ignore[assignment]
    asked = {source: Asked(**one) for source, one in given.items()}
    found = pl.concat([schema.empty(ROW), *(one.read("rows") for one in task.inputs["rows"])])
    made = make(
        found,
        asked,
        Draw(
            int(str(task.parameters["seed"])),
            float(str(task.parameters["validation"])),
            task.input("together").read("together"),
        ),
        _contaminated(task),
        token_counts(load_encoder(task.input("tokenizer").path)),
        int(str(task.parameters["sequence_length"])),
    )
    nothing = schema.empty(schema.PREFERENCE)
    save(folder, dialogues=made.dialogues, left_out=made.left_out, preferences=nothing)
    return {
        "documents": found.height,
        "dialogues": made.dialogues.height,
        "learnt": made.dialogues.height,
        "left_out": made.left_out.height,
        "preferences": 0,
    }


def _contaminated(task: Task) -> Contaminated:
    index = load(task.input("evaluation").path / "index.parquet")
    most = float(str(task.parameters["most_overlap"]))
    return lambda texts: index.hits(texts).filter(pl.col("overlap") > most)["document"].unique()
