"""Dialogues: conversations among the kept documents, cut to what a model is tuned on."""

from pathlib import Path

from taojin.pipeline.qa.dialogues.made import Settings, make
from taojin.pipeline.qa.labelled import is_row
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.task import Counts, Task, save
from taojin.tokenizer.encode import load


def settings(recipe: Recipe) -> dict[str, object]:
    """The parameters of the step."""
    own = recipe.dialogues.model_dump(mode="json", exclude={"thread_share"})
    return {**own, "sequence_length": recipe.shards.sequence_length}


def dialogues(folder: Path, task: Task) -> Counts:
    """Write `dialogues`, `left_out` and `preferences` of one chunk's kept documents."""
    documents = task.input("documents").read("documents").filter(~is_row())
    if task.parameters["mode"] == "off":
        documents = documents.clear()
    encoder = load(task.input("tokenizer").path)
    made = make(documents, encoder, Settings(**task.parameters))  # type: ignore[arg-type]
    save(folder, dialogues=made.dialogues, left_out=made.left_out, preferences=made.preferences)
    return {
        **made.counts,
        "documents": documents.height,
        "dialogues": made.dialogues.height,
        "left_out": made.left_out.height,
        "preferences": made.preferences.height,
    }
