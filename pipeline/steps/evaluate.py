"""The evaluation sets: read once, indexed, and searched in documents, questions and shards."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from taojin.core.errors import UserError
from taojin.dedup.decontaminate import build
from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import Entry, ReadOptions, Record
from taojin.pipeline.inputs import find
from taojin.pipeline.recipe import Decontaminate, Evaluation, Recipe, Source
from taojin.pipeline.task import Counts, Task


def index_task(recipe: Recipe, known: dict[str, str]) -> Task:
    """The task that indexes the recipe's evaluation sets; it depends on their contents."""
    contents = {
        str(number): [file.content for file in find(_source(number, one), recipe.folder, known)]
        for number, one in enumerate(recipe.decontaminate.against)
    }
    parameters = {
        "against": recipe.decontaminate.model_dump(mode="json", include={"against"}),
        "contents": contents,
    }
    return Task("evaluation", index, parameters, places={"folder": str(recipe.folder)})


def index(folder: Path, task: Task) -> Counts:
    """Write `index.parquet` over every question, and answers long enough to be told.

    Counts the items that are searched for, the questions too short for it, and what cannot be read.
    """
    settings = Decontaminate.model_validate(task.parameters["against"])
    base = Path(task.places["folder"])
    items: list[str] = []
    questions: list[bool] = []
    unread = 0
    for number, one in enumerate(settings.against):
        for column, entry in _entries(_source(number, one), one, base):
            if isinstance(entry, Record):
                items.append(entry.text)
                questions.append(column == one.question)
            else:
                unread += 1
    searched = build(items, folder / "index.parquet")
    short = int(np.count_nonzero(np.array(questions, np.bool_) & ~searched))
    return {"searched": int(np.count_nonzero(searched)), "short": short, "unread": unread}


def _source(number: int, evaluation: Evaluation) -> Source:
    return Source(name=f"evaluation-{number}", path=evaluation.path)


def _entries(source: Source, evaluation: Evaluation, folder: Path) -> Iterator[tuple[str, Entry]]:
    """Each question, and each answer where the recipe names their column, with its column."""
    columns = [evaluation.question, *([evaluation.answer] if evaluation.answer else [])]
    for file in find(source, folder, {}):
        for column in columns:
            entries = list(read(file.uri, ReadOptions(columns={"text": column})))
            if entries and not any(isinstance(entry, Record) for entry in entries):
                raise UserError(
                    f"decontaminate.against: {file.path} has no column '{column}' that can be "
                    "read; name the one that holds the questions as `question`"
                )
            yield from ((column, entry) for entry in entries)
