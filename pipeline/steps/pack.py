"""Shards: token ids packed into rows, and conversations with a loss mask; checked once more."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from taojin.dedup.evaluation.decontaminate import load
from taojin.pipeline.qa.pairs import to_dialogues
from taojin.pipeline.shards.conversations import sft_table
from taojin.pipeline.shards.dataset import finish_dataset, shard_name, write_shard
from taojin.pipeline.shards.keys import split_of
from taojin.pipeline.shards.layout import Layout, best_fit, cut
from taojin.pipeline.shards.packing import pack
from taojin.pipeline.shards.pretraining import pretraining_rows
from taojin.pipeline.shards.sentences import breaks_of
from taojin.pipeline.shards.share import within_share
from taojin.pipeline.shards.tasks import asked_and_achieved, copies, repeated
from taojin.pipeline.task import Counts, Task, save
from taojin.tokenizer.encode import Encoder
from taojin.tokenizer.encode import load as load_encoder

CHECKED_DOCUMENTS = 1_000
"""Decoded at once: as Python numbers their ids take nine times the memory of a shard's."""


class ContaminatedError(Exception):
    """A shard holds more of an evaluation item than the recipe allows: a bug, never the user's."""


def shard(folder: Path, task: Task) -> Counts:
    """Write one shard of packed rows, after its decoded documents were searched once more."""
    encoder = load_encoder(task.input("tokenizer").path)
    name = str(task.parameters["name"])
    rows = pl.concat([one.read(name) for one in task.inputs["copies"]])
    _check(rows, encoder, task)
    length = int(str(task.parameters["sequence_length"]))
    table = pack(
        rows,
        length,
        encoder.eos_id,
        encoder.pad_id,
        encoder.size,
        bos_id=encoder.bos_id if task.parameters["bos"] else None,
        layout=_LAYOUTS[str(task.parameters["packing"])](encoder),
    )
    write_shard(table, folder / "shard.arrow")
    tokens = int(np.sum(table["token_count"].to_numpy())) if table.num_rows else 0
    return {
        "rows": table.num_rows,
        "tokens": tokens,
        "padding": table.num_rows * length - tokens,
        "documents": rows.height,
        "cuts": int(pc.sum(pc.list_value_length(table["doc_ids"])).as_py() or 0) - rows.height,
    }


_LAYOUTS: Mapping[str, Callable[[Encoder], Layout]] = {
    "cut": lambda _: cut,
    "best_fit": lambda encoder: best_fit(breaks_of(encoder)),
}


def _check(rows: pl.DataFrame, encoder: Encoder, task: Task) -> None:
    most = float(str(task.parameters["most_overlap"]))
    index = load(task.input("evaluation").path / "index.parquet")
    if index.table.is_empty():
        return
    for part in rows.iter_slices(CHECKED_DOCUMENTS):
        texts = pl.Series([encoder.decode(ids) for ids in part["ids"].to_list()], dtype=pl.String)
        found = index.hits(texts).filter(pl.col("overlap") > most)
        if found.height:
            ids = part["doc_id"].gather(found["document"].unique()).to_list()
            raise ContaminatedError(f"{task.parameters['name']}: evaluation items in {ids}")


def converse(folder: Path, task: Task) -> Counts:
    """Write the supervised dataset: `train/` and `validation/`, in the order of the ids.

    Written too are the rows that were too long (`rejected`), and the shares that were asked of
    each task and achieved (`mix`).
    """
    encoder = load_encoder(task.input("tokenizer").path)
    length, seed = int(str(task.parameters["sequence_length"])), int(str(task.parameters["seed"]))
    found = [one.read("dialogues") for one in task.inputs["dialogues"]]
    dialogues = pl.concat([to_dialogues(task.input("qa").read("qa")), *found]).sort("dialogue_id")
    fitting, rejected = sft_table(dialogues, encoder, length)
    most: int | None = task.parameters["most_per_task"]  # type: ignore[assignment]
    weights: dict[str, float] = task.parameters["weights"]  # type: ignore[assignment]
    table = repeated(fitting, copies(fitting, most, weights, seed))
    stays = within_share(table, float(str(task.parameters["thread_share"])))
    table = table.filter(pa.array(stays))
    text = pretraining_rows(
        task.inputs["tokens"], _budget(table, task), length, encoder.eos_id, seed
    )
    table = pa.concat_tables([table, text]) if text.num_rows else table
    table = table.sort_by("dialogue_id") if text.num_rows else table
    splits = split_of(
        pl.Series(table["content_hash"].to_pylist(), dtype=pl.String),
        float(str(task.parameters["validation"])),
        seed,
        task.input("together").read("together"),
    )
    for split in ("train", "validation"):
        _write(folder / split, table.filter(pa.array((splits == split).to_numpy())), split)
    mix = asked_and_achieved(fitting, table, most, weights)
    save(folder, rejected=rejected, mix=mix)
    over = int((~stays).sum())
    return {"rows": table.num_rows, "rejected": rejected.height, "over_share": over}


def _budget(dialogues: pa.Table, task: Task) -> int:
    """The tokens of pre-training text that have their share beside the dialogues."""
    share = float(str(task.parameters["pretraining_share"]))
    tokens = pc.sum(pc.list_value_length(dialogues["input_ids"])).as_py() or 0
    return int(tokens * share / (1 - share))


def _write(folder: Path, table: pa.Table, split: str) -> None:
    folder.mkdir()
    name = shard_name(0, 1)
    write_shard(table, folder / name)
    finish_dataset(folder, [name], split)
