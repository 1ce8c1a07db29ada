"""`taojin tokenizer extend`: a run's Chinese pieces appended to an existing model's vocabulary."""

from pathlib import Path

from taojin.core.errors import UserError
from taojin.core.storage import publish
from taojin.pipeline import places
from taojin.tokenizer.vocabulary import extend as merge


def extend(base: Path, addition: Path, out: Path, *, every: bool) -> str:
    """Write the extended tokenizer to `out` and tell what was added.

    UserError if `out` is there already, or a path leads to no model.
    """
    places.free(out, "folder")
    found = merge(_model(base), _model(addition), every=every)
    with publish(out) as folder:
        found.write(folder)
    told = found.report
    return (
        f"{told.old:,} ids of {base} stay; {told.added:,} are new, "
        f"from {told.old:,} to {told.old + told.added - 1:,}\n"
        f"left out: {told.known:,} that it has, {told.other:,} without a Chinese character, "
        f"{told.unreachable:,} that no two pieces join to\n"
        f"tokenizer  {out}\n"
        f"embeddings {out / 'extension.parquet'}: a new row is the mean of the rows of its old ids"
    )


def _model(path: Path) -> bytes:
    """The model at `path`, in that folder, or of that run."""
    for one in (path, path / "tokenizer.model", path / "tokenizer" / "tokenizer.model"):
        if one.is_file():
            return one.read_bytes()
    raise UserError(f"{path}: no SentencePiece model and no run with one; give a `.model` file")
