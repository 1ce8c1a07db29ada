"""The supervised dataset: pairs, dialogues and instructions with a loss mask, mixed by task."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from taojin.pipeline.qa.pairs import to_dialogues
from taojin.pipeline.shards.conversations import sft_table
from taojin.pipeline.shards.dataset import finish_dataset, shard_name, write_shard
from taojin.pipeline.shards.keys import split_of
from taojin.pipeline.shards.pretraining import pretraining_rows
from taojin.pipeline.shards.share import within_share
from taojin.pipeline.shards.tasks import asked_and_achieved, copies, repeated
from taojin.pipeline.task import Counts, Task, save
from taojin.tokenizer.encode import load as load_encoder


class _Settings(NamedTuple):
    """The parameters of the task: those of `[sft]`, and what they share with other tables."""

    sequence_length: int
    validation: float
    seed: int
    most_per_task: int | None
    weights: Mapping[str, float]
    thread_share: float
    pretraining_share: float


def converse(folder: Path, task: Task) -> Counts:
    """Write the supervised dataset: `train/` and `validation/`, in the order of the ids.

    Written too are the rows that were too long (`rejected`), and the shares that were asked of
    each task and achieved (`mix`).
    """
    settings = _settings(task)
    encoder = load_encoder(task.input("tokenizer").path)
    fitting, rejected = sft_table(_dialogues(task), encoder, settings.sequence_length)
    asked = settings.most_per_task, settings.weights
    drawn = repeated(fitting, copies(fitting, *asked, settings.seed))
    stays = within_share(drawn, settings.thread_share)
    spoken = drawn.filter(pa.array(stays))
    table = _with_text(spoken, task, settings, encoder.eos_id)
    _write(folder, table, settings, task.input("together").read("together"))
    save(folder, rejected=rejected, mix=asked_and_achieved(fitting, table, *asked))
    over = int((~stays).sum())
    return {"rows": table.num_rows, "rejected": rejected.height, "over_share": over}


def _settings(task: Task) -> _Settings:
    given: Mapping[str, Any] = task.parameters
    return _Settings(*(given[name] for name in _Settings._fields))


def _dialogues(task: Task) -> pl.DataFrame:
    found = [one.read("dialogues") for one in task.inputs["dialogues"]]
    return pl.concat([to_dialogues(task.input("qa").read("qa")), *found]).sort("dialogue_id")


def _with_text(spoken: pa.Table, task: Task, settings: _Settings, eos_id: int) -> pa.Table:
    """The rows, and pre-training text that has its share of the tokens beside them."""
    share = settings.pretraining_share
    tokens = pc.sum(pc.list_value_length(spoken["input_ids"])).as_py() or 0
    budget = int(tokens * share / (1 - share))
    length, seed = settings.sequence_length, settings.seed
    text = pretraining_rows(task.inputs["tokens"], budget, length, eos_id, seed)
    return pa.concat_tables([spoken, text]).sort_by("dialogue_id") if text.num_rows else spoken


def _write(folder: Path, table: pa.Table, settings: _Settings, together: pl.DataFrame) -> None:
    """Write each split as a dataset of one file."""
    hashes = pl.Series(table["content_hash"].to_pylist(), dtype=pl.String)
    splits = split_of(hashes, settings.validation, settings.seed, together)
    for split in ("train", "validation"):
        (folder / split).mkdir()
        name = shard_name(0, 1)
        chosen = table.filter(pa.array((splits == split).to_numpy()))
        write_shard(chosen, folder / split / name)
        finish_dataset(folder / split, [name], split)
