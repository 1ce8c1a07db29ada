"""The messages of conversations as columns: who speaks, what is said, which message it answers."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import Offsets, string_buffers, strings
from taojin.pipeline.qa.dialogues.span_kernels import byte_spans, gathered
from taojin.pipeline.qa.dialogues.tree_kernels import ASSISTANT, OTHER, SYSTEM, TOOL, USER
from taojin.tokenizer.encode import Encoder

CODES = {"system": SYSTEM, "user": USER, "assistant": ASSISTANT, "tool": TOOL}
THREAD = ("post", "comment")
"""Roles that nobody but a thread has."""
ROLE = 3
"""Tokens of a turn besides its content: role, end, newline (tokenizer/chat.py)."""


@dataclass(frozen=True)
class Messages:
    """The messages of all conversations of a table, those of a document in its order.

    Messages `offsets[i]` to `offsets[i + 1]` are those of document i; `parents` count through all
    of them, -1 for one that opens. `speakers` is -1 and `scores` NaN where the source told none.
    `opening` and `following` are the tokens that a message takes as a turn, and behind another one
    of the same turn.
    """

    offsets: Offsets
    texts: pl.Series
    roles: NDArray[np.int8]
    parents: NDArray[np.int64]
    speakers: NDArray[np.int64]
    scores: NDArray[np.float64]
    threads: NDArray[np.bool_]
    opening: NDArray[np.int64]
    following: NDArray[np.int64]


def messages_of(documents: pl.DataFrame, encoder: Encoder) -> Messages:
    """The messages of documents that all are conversations.

    A conversation is a thread, one of several people, if it holds posts or comments, or speakers
    and no assistant.
    """
    lengths = documents["conversation"].list.len().to_numpy().astype(np.int64)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    rows = documents["conversation"].explode(empty_as_null=False, keep_nulls=False).struct.unnest()
    document = np.repeat(np.arange(lengths.size), lengths)
    texts = _texts(documents["text"], document, rows)
    parents = rows["parent"].fill_null(-1).to_numpy()
    opening, following = _tokens(texts, encoder)
    return Messages(
        offsets,
        texts,
        _roles(rows["role"]),
        np.where(parents < 0, -1, parents + offsets[document]),
        rows["speaker"].fill_null(-1).to_numpy(),
        rows["score"].fill_null(float("nan")).to_numpy(),
        _threads(rows, document)[document],
        opening,
        following,
    )


def _texts(documents: pl.Series, document: NDArray[np.int64], rows: pl.DataFrame) -> pl.Series:
    """What each message says; an edit may have left white space at its ends."""
    offsets, data = string_buffers(documents)
    starts, ends = rows["start"].to_numpy(), rows["end"].to_numpy()
    first, last = byte_spans(offsets, data, document, starts, ends)
    return strings("content", *gathered(data, first, last)).str.strip_chars()


def _roles(roles: pl.Series) -> NDArray[np.int8]:
    codes = CODES | dict.fromkeys(THREAD, USER)
    return roles.replace_strict(codes, default=OTHER, return_dtype=pl.Int8).to_numpy()


def _threads(rows: pl.DataFrame, document: NDArray[np.int64]) -> NDArray[np.bool_]:
    posts = pl.col("role").is_in(THREAD).any()
    people = pl.col("speaker").is_not_null().any() & ~(pl.col("role") == "assistant").any()
    grouped = rows.group_by(pl.Series("document", document), maintain_order=True)
    return grouped.agg((posts | people).alias("thread"))["thread"].to_numpy()


def _tokens(texts: pl.Series, encoder: Encoder) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Tokens of each message as a turn, and behind a blank line in a turn that another began.

    No piece reaches over a newline, so that the parts of a turn add up.
    """
    content = np.diff(encoder.encode("\n" + texts)[0])
    blank_line = encoder.encode(pl.Series(["\n\n"]))[0][1]
    return content + ROLE, content - 1 + blank_line
