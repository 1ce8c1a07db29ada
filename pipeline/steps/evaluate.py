"""The evaluation sets: read once, indexed, and searched in documents, questions and shards."""

from pathlib import Path

from taojin.core.errors import UserError
from taojin.dedup.decontaminate import build
from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import ReadOptions, Record
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
        "against": recipe.decontaminate.model_dump(mode="json"),
        "contents": contents,
    }
    return Task("evaluation", index, parameters, places={"folder": str(recipe.folder)})


def index(folder: Path, task: Task) -> Counts:
    """Write `index.parquet` over every question, and answers long enough to be told."""
    settings = Decontaminate.model_validate(task.parameters["against"])
    base = Path(task.places["folder"])
    items = [
        item
        for number, one in enumerate(settings.against)
        for item in _items(_source(number, one), one, base)
    ]
    build(items, folder / "index.parquet")
    return {"items": len(items)}


def _source(number: int, evaluation: Evaluation) -> Source:
    return Source(name=f"evaluation-{number}", path=evaluation.path)


def _items(source: Source, evaluation: Evaluation, folder: Path) -> list[str]:
    """The questions, and the answers where the recipe names their column."""
    columns = [evaluation.question, *([evaluation.answer] if evaluation.answer else [])]
    found = []
    for file in find(source, folder, {}):
        for column in columns:
            entries = list(read(file.uri, ReadOptions(columns={"text": column})))
            texts = [entry.text for entry in entries if isinstance(entry, Record)]
            if not texts:
                raise UserError(
                    f"decontaminate.against: {file.path} has no column '{column}'; "
                    "name the one that holds the questions as `question`"
                )
            found += texts
    return found
