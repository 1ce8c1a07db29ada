"""Shards: token ids packed into rows, whose documents are looked through once more."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.compute as pc

from taojin.dedup.evaluation.decontaminate import load
from taojin.pipeline.shards.dataset import write_shard
from taojin.pipeline.shards.layout import Layout, best_fit, cut
from taojin.pipeline.shards.packing import pack
from taojin.pipeline.shards.sentences import breaks_of
from taojin.pipeline.task import Counts, Task
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
