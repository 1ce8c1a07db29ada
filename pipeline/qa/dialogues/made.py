"""Conversations as dialogues: the messages that are learnt, and those that are left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import polars as pl

from taojin.core import schema
from taojin.pipeline.qa.dialogues import path_kernels, tree_kernels
from taojin.pipeline.qa.dialogues.messages import Messages, messages_of
from taojin.pipeline.qa.dialogues.path_kernels import Tree
from taojin.pipeline.qa.dialogues.preferences import preferences
from taojin.pipeline.qa.dialogues.spoken import (
    Paths,
    Places,
    about,
    document_of,
    origins,
    paths,
    spoken,
)
from taojin.pipeline.qa.dialogues.tree_kernels import ASSISTANT, KEPT, UNANSWERED, Codes, Numbers
from taojin.tokenizer.encode import Encoder

REASONS = (
    "kept", "empty", "notice", "leading", "empty", "tool", "role", "third_party", "rank",
    "unanswered", "half_learnt", "too_long", "growth",
)  # fmt: skip
"""Why a message is left out, by the codes of `tree_kernels`."""
ROLES = ("system", "user", "assistant", "tool", "other")
"""Who speaks, likewise."""

CONVERSATION, THREAD = "conversation", "thread"
"""The tasks of dialogues: of a user and an assistant, or cut out of what several people wrote."""


@dataclass(frozen=True)
class Settings:
    """How conversations become dialogues; docs/recipe.md says more."""

    sequence_length: int
    mode: Literal["paths", "every_turn", "off"] = "paths"
    replies: int | None = None
    carried: int = 1
    growth: float = 20.0


class Made(NamedTuple):
    """The tables DIALOGUE, LEFT_OUT and PREFERENCE, and what is counted beside them."""

    dialogues: pl.DataFrame
    left_out: pl.DataFrame
    preferences: pl.DataFrame
    counts: Mapping[str, int]


def make(documents: pl.DataFrame, encoder: Encoder, settings: Settings) -> Made:
    """What the conversations among the documents give; other documents give nothing.

    Every message stands in a dialogue or is left out, once and for one reason, and every message
    of an assistant is learnt once or left out.
    """
    talks = documents.filter(pl.col("conversation").list.len() > 0)
    messages = messages_of(talks, encoder)
    blank = messages.texts.str.len_bytes().to_numpy() == 0
    up, roles, reasons = tree_kernels.judge(
        messages.parents, messages.roles, messages.speakers, blank, messages.threads
    )
    heights = path_kernels.heights(up, roles, reasons, messages.opening, messages.following)
    tree = Tree(up, roles, *heights)
    compared, too_long = preferences(talks, messages, tree, reasons, settings.sequence_length)
    bottoms, tops, home = _cut(messages, tree, reasons, settings)
    found = paths(tree, bottoms, tops)
    learnt = home[found.messages] == found.numbers
    task = np.where(messages.threads[bottoms], THREAD, CONVERSATION)
    dialogues = about(talks, messages, bottoms).with_columns(
        pl.Series("task", task, pl.String),
        spoken(messages, tree, found, learnt).alias("messages"),
    )
    return Made(
        dialogues.rename({"id": "dialogue_id"}).cast(pl.Schema(schema.DIALOGUE)),
        _left_out(talks, messages, tree, reasons, found, home),
        compared,
        {
            "conversations": talks.height,
            "messages": home.size,
            "learnt": int((home >= 0).sum()),
            "preferences_too_long": too_long,
        },
    )


def _cut(
    messages: Messages, tree: Tree, reasons: Codes, settings: Settings
) -> tuple[Numbers, Numbers, Numbers]:
    """`path_kernels.dialogues` of the trees, after all but the best replies were left out."""
    if settings.replies is not None:
        best = np.lexsort((np.arange(tree.up.size), -messages.scores, tree.up))
        tree_kernels.prune(tree.up, tree.roles, reasons, best, settings.replies)
    leaves, ends = tree_kernels.trim(tree.up, tree.roles, reasons)
    whole = settings.mode == "paths"
    found: tuple[Numbers, Numbers, Numbers] = path_kernels.dialogues(
        messages.offsets,
        tree,
        reasons,
        leaves if whole else ends,
        whole,
        settings.sequence_length,
        settings.carried,
        float(settings.growth),
    )
    return found


def _left_out(
    talks: pl.DataFrame, messages: Messages, tree: Tree, reasons: Codes, found: Paths, home: Places
) -> pl.DataFrame:
    """The messages (`schema.LEFT_OUT`) that stand in no dialogue, or that none learns."""
    used = np.zeros(reasons.size, np.bool_)
    used[found.messages] = True
    out = np.where(tree.roles == ASSISTANT, home < 0, ~used)
    why = np.where(reasons == KEPT, UNANSWERED, reasons)[out]
    place = np.flatnonzero(out)
    document = document_of(messages, place)
    columns = {
        "message": place - messages.offsets[document],
        "role": np.array(ROLES)[tree.roles[place]],
        "reason": np.array(REASONS)[why],
    }
    told = origins(talks, document).with_columns(
        pl.Series(name, values) for name, values in columns.items()
    )
    return told.select(*schema.LEFT_OUT).cast(pl.Schema(schema.LEFT_OUT))
