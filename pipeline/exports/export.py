"""`taojin export`: a run in the format of another tool, in a folder of its own."""

import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import tomli_w

from taojin.core.errors import UserError, unknown
from taojin.core.storage import publish
from taojin.pipeline import places
from taojin.pipeline.exports import chat, chunks
from taojin.pipeline.exports.datatrove import write_datatrove
from taojin.pipeline.exports.dialogues import write_dialogues
from taojin.pipeline.exports.documents import write_texts
from taojin.pipeline.exports.evaluation import write_evaluation
from taojin.pipeline.exports.llama_factory import write_registered
from taojin.pipeline.exports.mds import write_mds
from taojin.pipeline.exports.megatron import write_megatron
from taojin.pipeline.exports.settings import Settings, settings_of
from taojin.pipeline.exports.webdataset import write_webdataset
from taojin.pipeline.shards.pretraining import PRETRAINING

Writer = Callable[[Path, Path, Settings], Counter[str]]
"""Writes a run's export into a folder that is there; what it counted."""
MARK = "export.toml"
"""What was exported and what was counted; a folder with it is an export's."""


def _dialogues(told: chat.Format) -> Writer:
    return lambda run, folder, _: write_dialogues(run, folder, told)


def _registered(formatting: str, told: chat.Format) -> Writer:
    return lambda run, folder, settings: write_registered(
        run, folder, told, formatting, settings.name
    )


FORMATS: Mapping[str, Writer] = {
    "openai": _dialogues(chat.openai),
    "sharegpt": _dialogues(chat.sharegpt),
    "alpaca": _dialogues(chat.alpaca),
    "llama-factory": _registered("sharegpt", chat.sharegpt),
    "llama-factory-alpaca": _registered("alpaca", chat.alpaca),
    "trl": _dialogues(chat.trl),
    "trl-plain": _dialogues(chat.trl_plain),
    "evaluation": write_evaluation,
    "chunks": chunks.write_lines,
    "chunks-parquet": chunks.write_tables,
    "parquet": write_texts,
    "webdataset": write_webdataset,
    "megatron": write_megatron,
    "datatrove": write_datatrove,
    "mds": write_mds,
}
"""Every format by its name."""


CHUNK_TOKENS = 512
"""What most embedding models read at once."""


def export(
    run: Path,
    to: str,
    out: Path | None = None,
    *,
    replace: bool = False,
    chunk_tokens: int = CHUNK_TOKENS,
) -> str:
    """Write `out` (by default exports/RUN-FORMAT) and tell what is in it and what is not.

    UserError for a format that is not known, for a run that has nothing to export, and where
    something is at `out`, unless it is an earlier export and may be replaced.
    """
    if to not in FORMATS:
        raise unknown("export", "format", to, FORMATS)
    out = out or Path("exports") / f"{run.resolve().name}-{to}"
    settings = settings_of(run, chunk_tokens)
    _require_room(out, replace=replace)
    with publish(out, replace=replace) as folder:
        folder.mkdir()
        counts = FORMATS[to](run, folder, settings)
        told = {"format": to, "run": settings.name, "counts": dict(sorted(counts.items()))}
        (folder / MARK).write_text(tomli_w.dumps(told), encoding="utf-8", newline="\n")
    return _summary(to, out, counts)


def _require_room(out: Path, *, replace: bool) -> None:
    if out.is_symlink():
        raise UserError(f"{out}: is a link; name the folder that it leads to with --out")
    if replace and out.is_dir():
        if not _is_export(out):
            raise UserError(f"{out}: holds no export to replace; name another folder with --out")
        return
    places.free(out, "folder")


def _is_export(folder: Path) -> bool:
    """Whether its mark is one of ours: other tools have an export.toml too."""
    try:
        told = tomllib.loads((folder / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return told.keys() == {"format", "run", "counts"}


LEFT_OUT = {
    chat.SHAPE: "dialogues in which user and assistant do not take turns up to a last answer",
    chat.SEVERAL_TURNS: "dialogues of more than one question and its answer",
    PRETRAINING: "rows of pre-training text, which is no dialogue",
}
LOST = {chat.MASK: "dialogues of which the format says other turns to be learnt than the dataset"}


def _summary(to: str, out: Path, counts: Counter[str]) -> str:
    lines = [("format", to), ("out", str(out))]
    for name, count in counts.items():
        kind, _, cause = name.partition(".")
        about = {"left_out": LEFT_OUT, "lost": LOST}.get(kind, {}).get(cause, "")
        lines.append((kind.replace("_", " "), f"{count:,} {about}".rstrip()))
    return "\n".join(f"{name:<12}{value}" for name, value in lines)
