"""Shards: token ids packed into rows, and conversations with a loss mask; checked once more."""

from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from taojin.dedup.evaluation.decontaminate import load
from taojin.pipeline.qa.pairs import to_dialogues
from taojin.pipeline.shards.conversations import sft_table
from taojin.pipeline.shards.dataset import finish_dataset, shard_name, write_shard
from taojin.pipeline.shards.keys import split_of
from taojin.pipeline.shards.packing import pack
from taojin.pipeline.shards.share import within_share
from taojin.pipeline.task import Counts, Task, save
from taojin.tokenizer.encode import Encoder
from taojin.tokenizer.encode import load as load_encoder


class ContaminatedError(Exception):
    """A shard holds more of an evaluation item than the recipe allows: a bug, never the user's."""


def shard(folder: Path, task: Task) -> Counts:
    """Write one shard of packed rows, after its decoded documents were searched once more."""
    encoder = load_encoder(task.input("tokenizer").path)
    name = str(task.parameters["name"])
    rows = pl.concat([one.read(name) for one in task.inputs["copies"]])
    _check(rows, encoder, task)
    length = int(str(task.parameters["sequence_length"]))
    table = pack(rows, length, encoder.eos_id, encoder.pad_id, encoder.size)
    write_shard(table, folder / "shard.arrow")
    tokens = int(np.sum(table["token_count"].to_numpy())) if table.num_rows else 0
    return {
        "rows": table.num_rows,
        "tokens": tokens,
        "padding": table.num_rows * length - tokens,
        "documents": rows.height,
    }


def _check(rows: pl.DataFrame, encoder: Encoder, task: Task) -> None:
    most = float(str(task.parameters["most_overlap"]))
    index = load(task.input("evaluation").path / "index.parquet")
    if index.table.is_empty():
        return
    texts = pl.Series([encoder.decode(ids) for ids in rows["ids"].to_list()], dtype=pl.String)
    found = index.hits(texts).filter(pl.col("overlap") > most)
    if found.height:
        ids = rows["doc_id"].gather(found["document"].unique()).to_list()
        raise ContaminatedError(f"{task.parameters['name']}: evaluation items in {ids}")


def converse(folder: Path, task: Task) -> Counts:
    """Write the supervised dataset: `train/` and `validation/`, pairs before dialogues.

    Written too are the rows that were too long (`rejected`).
    """
    encoder = load_encoder(task.input("tokenizer").path)
    talks = [one.read("dialogues") for one in task.inputs["dialogues"]]
    pairs = to_dialogues(task.input("qa").read("qa"))
    dialogues = pl.concat([pairs, pl.concat([pairs.clear(), *talks]).sort("dialogue_id")])
    table, rejected = sft_table(dialogues, encoder, int(str(task.parameters["sequence_length"])))
    stays = within_share(table, float(str(task.parameters["thread_share"])))
    table = table.filter(pa.array(stays))
    splits = split_of(
        pl.Series(table["content_hash"].to_pylist(), dtype=pl.String),
        float(str(task.parameters["validation"])),
        int(str(task.parameters["seed"])),
    )
    for split in ("train", "validation"):
        _write(folder / split, table.filter(pa.array((splits == split).to_numpy())), split)
    save(folder, rejected=rejected)
    over = int((~stays).sum())
    return {"rows": table.num_rows, "rejected": rejected.height, "over_share": over}


def _write(folder: Path, table: pa.Table, split: str) -> None:
    folder.mkdir()
    name = shard_name(0, 1)
    write_shard(table, folder / name)
    finish_dataset(folder, [name], split)
