"""The user's lists of words, domains and URLs, and a language model of theirs: taken into the run.

A copy is what the steps read, on whichever machine they run, and its content is part of their
fingerprints: a list that is changed is a changed input.
"""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from taojin.core.errors import UserError
from taojin.core.storage import sha256
from taojin.filters import blocklist
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.task import Checkpoint, Counts, Task

_PIECES = ".sp.model"


def named(recipe: Recipe) -> Mapping[str, Path]:
    """The lists that a recipe names, by the key that names them and their number."""
    paths = {
        "url.lists": recipe.url.lists,
        "safety.lists": recipe.safety.lists,
        "safety.bad_words": recipe.safety.bad_words,
        "perplexity.model": (recipe.perplexity.model,) if recipe.perplexity.model else (),
    }
    return {
        f"{key}-{number}": recipe.folder / path
        for key, many in paths.items()
        for number, path in enumerate(many)
    }


def task(recipe: Recipe) -> Task:
    """The task that copies them; UserError for one that is not there."""
    places = {name: str(path) for name, path in _files(recipe)}
    contents = {name: sha256(Path(path)) for name, path in places.items()}
    return Task("lists", copy, {"files": contents}, places=places)


def _files(recipe: Recipe) -> Iterator[tuple[str, Path]]:
    """Every file, by its name in the checkpoint: the list's, and its own below that."""
    for name, path in named(recipe).items():
        if not path.exists():
            raise UserError(f"{name.rpartition('-')[0]}: {path}: no such file or folder")
        for file in _parts(name, path):
            inside = file.relative_to(path) if path.is_dir() else Path(file.name)
            yield f"{name}/{inside}", file


def _parts(name: str, path: Path) -> list[Path]:
    """The files of one list; a KenLM file has its SentencePiece model beside it, as CCNet does."""
    if name.startswith("url."):
        return blocklist.files(path)
    if not name.startswith("perplexity."):
        return [path]
    return [path, *sorted(path.parent.glob(f"{path.name.split('.')[0]}{_PIECES}"))]


def copy(folder: Path, task: Task) -> Counts:
    """Copy each file to its name."""
    for name, path in sorted(task.places.items()):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / name)
    return {"files": len(task.places)}


def taken(checkpoint: Checkpoint, key: str) -> tuple[Path, ...]:
    """The copies of a key's lists, each a file or a folder as it was named."""
    folders = sorted(checkpoint.path.glob(f"{key}-*"), key=lambda one: int(one.name.split("-")[-1]))
    return tuple(_list(folder) for folder in folders)


def _list(folder: Path) -> Path:
    inside = [path for path in folder.iterdir() if not path.name.endswith(_PIECES)]
    return inside[0] if len(inside) == 1 and inside[0].is_file() else folder
