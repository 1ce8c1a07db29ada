"""Where a verb may write: a run's own folder, or a place where nothing is yet."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path

from taojin.core.errors import UserError
from taojin.pipeline.inputs import MEMORY, RUN_MARK


def claim(run: Path, recipe: str) -> Path:
    """Make a folder the run's of a recipe of that name, if it is none yet; the file that marks it.

    UserError for a folder that holds other files or another recipe's run, which would be lost.
    """
    held = [path.name for path in run.iterdir()] if run.is_dir() else []
    if held and RUN_MARK not in held:
        raise UserError(
            f"{run}: holds files that are no run's; choose an empty folder or a new one with --out"
        )
    try:
        run.mkdir(parents=True, exist_ok=True)
        mark = run / RUN_MARK
        mark.touch()
        if (owner := mark.read_text() or recipe) != recipe:
            raise UserError(
                f"{run}: holds the run of recipe '{owner}', and this one is '{recipe}'; choose "
                "another --out, or remove the folder"
            )
        mark.write_text(recipe)
    except OSError as error:
        raise UserError(
            f"{run}: no folder can be made here ({error.strerror}); choose another --out"
        ) from None
    return mark


@contextmanager
def claimed(run: Path, recipe: str) -> Iterator[Path]:
    """`claim` a folder; no folder that was made for it stays if what is to run there is refused."""
    there = next(folder for folder in (run, *run.absolute().parents) if folder.exists())
    mark = claim(run, recipe)
    try:
        yield mark
    except UserError:
        memory = run / MEMORY
        if there != run and set(run.rglob("*")) <= {mark, memory.parent, memory}:
            _remove((memory, mark), (memory.parent, run, *run.absolute().parents), there)
        raise


def _remove(files: Sequence[Path], folders: Sequence[Path], there: Path) -> None:
    """Remove files, and folders up to the one that was there; none that holds anything else."""
    for file in files:
        file.unlink(missing_ok=True)
    with suppress(OSError):
        for folder in takewhile(lambda one: one.absolute() != there.absolute(), folders):
            if folder.exists():
                folder.rmdir()


def free(out: Path, what: str) -> None:
    """UserError if there is something at `out` already, or no `what` can be made there."""
    if os.path.lexists(out):
        raise UserError(f"{out}: there already; name another {what} with --out")
    above = next(folder for folder in out.absolute().parents if os.path.lexists(folder))
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        why = "is no folder" if not above.is_dir() else "cannot be written to"
        raise UserError(
            f"{out}: no {what} can be made here, since {above} {why}; "
            f"name another {what} with --out"
        )
