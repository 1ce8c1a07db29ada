"""The index: the keys of the documents that are kept, for later runs."""

from pathlib import Path

from taojin.dedup.documents.index import description, rows
from taojin.dedup.documents.minhash import DedupKeys
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.task import Counts, Task, save


def described(recipe: Recipe) -> dict[str, object]:
    """How the keys of a run of this recipe are made."""
    return description(DedupKeys(recipe.dedup.simplify), shingles=_has_shingles(recipe))


def _has_shingles(recipe: Recipe) -> bool:
    """Candidates that are compared by their signatures need none."""
    near = recipe.dedup.near
    return not near or near.verify == "exact"


def settings(recipe: Recipe) -> dict[str, object]:
    return {"shingles": _has_shingles(recipe)}


def index(folder: Path, task: Task) -> Counts:
    """Write `index` of the kept documents of one chunk."""
    kept = task.input("documents").read("documents").select("doc_id")
    keys = task.input("keys").read("keys").join(kept, on="doc_id", how="semi")
    save(folder, index=rows(keys, shingles=bool(task.parameters["shingles"])))
    return {"documents": kept.height}
