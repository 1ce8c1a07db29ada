"""Conversations as training rows: messages, token ids and a loss mask."""

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from taojin.core import schema
from taojin.core.arrow import Offsets
from taojin.tokenizer.chat import render_column
from taojin.tokenizer.encode import Encoder

REJECTED: schema.Schema = {
    "dialogue_id": pl.String,
    "doc_id": pl.String,
    "token_count": pl.Int64,
    "cause": pl.String,
}

MESSAGE = pa.struct({"role": pa.string(), "content": pa.string(), "train": pa.bool_()})

SCHEMA = pa.schema(
    {
        "dialogue_id": pa.string(),
        "doc_id": pa.string(),
        "content_hash": pa.string(),
        "source": pa.string(),
        "lang": pa.string(),
        "task": pa.string(),
        "messages": pa.list_(MESSAGE),
        "input_ids": pa.list_(pa.uint32()),
        "loss_mask": pa.list_(pa.uint8()),
    }
)


def sft_table(
    dialogues: pl.DataFrame, encoder: Encoder, max_length: int
) -> tuple[pa.Table, pl.DataFrame]:
    """(rows of SCHEMA in the given order, rejected rows of REJECTED).

    `dialogues` has the columns of `schema.DIALOGUE`. Rejected is one of more than max_length tokens
    (`too_long`: cutting it would teach an answer without its end) or in which nothing is learnt
    (`no_answer`).
    """
    offsets, ids, mask = render_column(dialogues["messages"], encoder)
    lengths = np.diff(offsets)
    learnt = np.concatenate([[0], np.cumsum(mask, dtype=np.int64)])
    silent = learnt[offsets[1:]] == learnt[offsets[:-1]]
    kept = (lengths <= max_length) & ~silent
    inside = np.repeat(kept, lengths)
    table = dialogues.filter(pl.Series(kept)).select(*schema.DIALOGUE).to_arrow()
    offsets = np.concatenate([[0], np.cumsum(lengths[kept])])
    table = table.append_column("input_ids", _lists(offsets, ids[inside]))
    table = table.append_column("loss_mask", _lists(offsets, mask[inside]))
    return table.cast(SCHEMA), _rejected(dialogues, lengths, kept, max_length)


def _rejected(
    dialogues: pl.DataFrame, lengths: Offsets, kept: NDArray[np.bool_], max_length: int
) -> pl.DataFrame:
    counts = pl.Series("token_count", lengths, pl.Int64)
    too_long = pl.col("token_count") > max_length
    cause = pl.when(too_long).then(pl.lit("too_long")).otherwise(pl.lit("no_answer"))
    return (
        dialogues.select("dialogue_id", "doc_id", counts)
        .with_columns(cause=cause)
        .filter(pl.Series(~kept))
    )


def _lists(offsets: Offsets, values: NDArray[np.generic]) -> pa.Array:
    return pa.LargeListArray.from_arrays(pa.array(offsets), pa.array(values))
