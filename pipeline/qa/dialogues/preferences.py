"""Replies to the same message of which one was rated higher: what reward models learn from."""

import numpy as np
import polars as pl

from taojin.core import schema
from taojin.pipeline.qa.dialogues.messages import Messages
from taojin.pipeline.qa.dialogues.path_kernels import Tree
from taojin.pipeline.qa.dialogues.spoken import about, paths, spoken
from taojin.pipeline.qa.dialogues.tree_kernels import ASSISTANT, KEPT, USER, Codes

MOST = 9
"""Replies to one message that are compared, the best: 4 to 9 were (Ouyang et al. 2022, 3.5)."""


def preferences(
    talks: pl.DataFrame, messages: Messages, tree: Tree, reasons: Codes, limit: int
) -> tuple[pl.DataFrame, int]:
    """(pairs of `schema.PREFERENCE`, how many were left out, longer than `limit` tokens).

    Every two replies of an assistant to the same message that have different scores are a pair,
    those of the best `MOST` replies; deleted ones have none.
    """
    pairs = _pairs(messages, tree, reasons)
    fits = pairs["tokens"] <= limit
    pairs = pairs.filter(fits)
    asked, chosen, rejected = (
        pairs[name].to_numpy().astype(np.int64) for name in ("up", "place", "place_right")
    )
    prompts, numbers = np.unique(asked, return_inverse=True)
    found = paths(tree, prompts, tree.lead[prompts])
    turns = spoken(messages, tree, found, np.zeros(found.messages.size, np.bool_))
    table = about(talks, messages, chosen, rejected).with_columns(
        turns.gather(numbers).alias("prompt"),
        messages.texts.gather(chosen).alias("chosen"),
        messages.texts.gather(rejected).alias("rejected"),
        pairs["margin"],
    )
    prompt = pl.col("prompt").list.eval(pl.struct(pl.element().struct.field("role", "content")))
    named = table.rename({"id": "preference_id"}).with_columns(prompt)
    return named.cast(pl.Schema(schema.PREFERENCE)), int((~fits).sum())


def _pairs(messages: Messages, tree: Tree, reasons: Codes) -> pl.DataFrame:
    """up, place, place_right, margin and tokens of every two replies, the better one first."""
    asked = (tree.up >= 0) & (tree.roles[tree.up] == USER)
    compared = asked & (reasons == KEPT) & (tree.roles == ASSISTANT) & ~np.isnan(messages.scores)
    place = np.flatnonzero(compared)
    replies = (
        pl.DataFrame(
            {
                "up": tree.up[place],
                "place": place,
                "score": messages.scores[place],
                "tokens": tree.tokens[place],
            }
        )
        .sort("up", "score", "place", descending=[False, True, False])
        .filter(pl.int_range(pl.len()).over("up") < MOST)
    )
    return (
        replies.join(replies, on="up", maintain_order="left_right")
        .filter(pl.col("score") > pl.col("score_right"))
        .with_columns(
            margin=pl.col("score") - pl.col("score_right"),
            tokens=pl.max_horizontal("tokens", "tokens_right"),
        )
    )
