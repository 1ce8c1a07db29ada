"""The dialogues of a run's supervised dataset, written as lines of JSON for a trainer."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from taojin.core.errors import UserError
from taojin.pipeline.exports.chat import Format, Message
from taojin.pipeline.shards.pretraining import PRETRAINING

SPLITS = ("train", "validation")
_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}
"""What some readers take for the end of a line, as JSON may write it."""


def write_dialogues(run: Path, folder: Path, told: Format) -> Counter[str]:
    """Write `train.jsonl` and `validation.jsonl`, each if it has rows; what was counted:

    `train`, `validation`: dialogues written; `left_out.CAUSE`, `lost.WHAT` as the format says.
    UserError where the run has no dialogue.
    """
    counts: Counter[str] = Counter()
    for split in SPLITS:
        path = folder / f"{split}.jsonl"
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for line in _lines(run, split, told, counts):
                file.write(line)
        if not counts[split]:
            path.unlink()
    if not sum(counts.values()):
        raise UserError(
            f"{run}: its sft dataset is empty; a recipe with [qa] or sources of conversations or "
            "instructions fills it"
        )
    return counts


def _lines(run: Path, split: str, told: Format, counts: Counter[str]) -> Iterator[str]:
    for task, messages in dialogues(run, split):
        if task == PRETRAINING:
            counts[f"left_out.{PRETRAINING}"] += 1
            continue
        found = told(messages)
        counts[split] += bool(found.rows)
        if found.left_out:
            counts[f"left_out.{found.left_out}"] += 1
        if found.lost:
            counts[f"lost.{found.lost}"] += 1
        yield from map(line, found.rows)


def dialogues(run: Path, split: str) -> Iterator[tuple[str, list[Message]]]:
    """(task, messages) of each row of a split, in order; UserError where there is no dataset."""
    folder = run / "dataset" / "sft" / split
    if not folder.is_dir():
        raise UserError(f"{run}: no supervised dataset here yet; a run makes it at its end")
    for path in sorted(folder.glob("*.arrow")):
        with pa.memory_map(str(path)) as file:
            for batch in pa.ipc.open_stream(file):
                tasks, messages = batch.column("task"), batch.column("messages")
                yield from zip(tasks.to_pylist(), messages.to_pylist(), strict=True)


def line(row: object) -> str:
    """A row as one line for every reader, such as str.splitlines."""
    return json.dumps(row, ensure_ascii=False).translate(_LINE_ENDS) + "\n"
