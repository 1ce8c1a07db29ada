"""Text of kept documents among the dialogues: rows of which every token is learnt.

A model that is tuned on instructions alone forgets some of what it knew; a part of pre-training
text beside them keeps it (Ouyang et al. 2022, section 3.5; Zhao et al. 2023, section 5.1.2).
"""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pyarrow as pa

from taojin.core.hashing import content_hash
from taojin.pipeline.shards.conversations import SCHEMA
from taojin.pipeline.shards.keys import uniform
from taojin.pipeline.task import Checkpoint

PRETRAINING = "pretraining"
"""Their task. They have no messages."""


def pretraining_rows(
    tokens: Sequence[Checkpoint], budget: int, length: int, eos_id: int, seed: int
) -> pa.Table:
    """Rows of SCHEMA with at most `budget` tokens, of documents drawn by content hash.

    `tokens` hold (doc_id, content_hash, source, lang, ids). A document has an end token behind it
    and is cut every `length` tokens; which pieces are taken, the hash of each says. About twice
    the budget is held in memory.
    """
    total = sum(one.counts["tokens"] + one.counts["documents"] for one in tokens)
    share = min(1.0, 2 * budget / total) if total else 0.0
    found = [_pieces(one.read("tokens"), share, length, eos_id, seed) for one in tokens]
    if not found:
        return SCHEMA.empty_table()
    pieces = pl.concat(found).sort("dialogue_id")
    taken = pieces.filter(pl.col("input_ids").list.len().cum_sum() <= budget)
    return _table(taken)


def _pieces(
    tokens: pl.DataFrame, share: float, length: int, eos_id: int, seed: int
) -> pl.DataFrame:
    drawn = uniform(tokens["content_hash"], PRETRAINING, seed)
    end = pl.lit([eos_id], pl.List(pl.UInt32))
    whole = tokens.filter(drawn < share).with_columns(pl.concat_list("ids", end))
    count = (pl.col("ids").list.len().cast(pl.Int64) + length - 1) // length
    each = whole.with_columns(piece=pl.int_ranges(count)).explode("piece", empty_as_null=False)
    cut = pl.col("ids").list.slice(pl.col("piece") * length, length).alias("input_ids")
    names = [
        content_hash(f"{name}\0{PRETRAINING}\0{piece}")
        for name, piece in each["doc_id", "piece"].iter_rows()
    ]
    return each.select(
        pl.Series("dialogue_id", names, pl.String), "doc_id", "content_hash", "source", "lang", cut
    )


def _table(pieces: pl.DataFrame) -> pa.Table:
    lengths = pieces["input_ids"].list.len().to_numpy()
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]))
    learnt = pa.LargeListArray.from_arrays(offsets, pa.array(np.ones(lengths.sum(), np.uint8)))
    nothing = pa.array([[]] * pieces.height, SCHEMA.field("messages").type)
    table = pieces.with_columns(task=pl.lit(PRETRAINING)).to_arrow()
    table = table.append_column("messages", nothing).append_column("loss_mask", learnt)
    return table.select(SCHEMA.names).cast(SCHEMA)
