"""Where a verb may write: a run's own folder, or a place where nothing is yet."""

import os
from pathlib import Path

from taojin.core.errors import UserError
from taojin.pipeline.inputs import RUN_MARK


def claim(run: Path) -> Path:
    """Make a folder a run's, if it is none yet; the file that marks it.

    UserError for a folder that holds other files: they could be overwritten.
    """
    held = [path.name for path in run.iterdir()] if run.is_dir() else []
    if held and RUN_MARK not in held:
        raise UserError(
            f"{run}: holds files that are no run's; choose an empty folder or a new one with --out"
        )
    try:
        run.mkdir(parents=True, exist_ok=True)
        (run / RUN_MARK).touch()
    except OSError as error:
        raise UserError(
            f"{run}: no folder can be made here ({error.strerror}); choose another --out"
        ) from None
    return run / RUN_MARK


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
