"""Paths as the turns of dialogues: neighbours of one role become one turn, in the words said."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.hashing import content_hash
from taojin.core.schema import MESSAGES
from taojin.pipeline.qa.dialogues.messages import Messages
from taojin.pipeline.qa.dialogues.path_kernels import Tree, written

ROLES = ("system", "user", "assistant")
"""By their codes in `tree_kernels`."""
_BLANK_LINE = "\n\n"

Places = NDArray[np.int64]


class Paths(NamedTuple):
    """Path i is `messages[offsets[i]:offsets[i + 1]]`; `turns` number the turns of each."""

    offsets: Places
    messages: Places
    turns: Places

    @property
    def numbers(self) -> Places:
        """The number of the path at each message."""
        return np.repeat(np.arange(self.offsets.size - 1), np.diff(self.offsets))


def paths(tree: Tree, bottoms: Places, tops: Places) -> Paths:
    """The stretches down to `bottoms` from behind `tops`, with the system messages before."""
    return Paths(*written(tree, bottoms, tops))


def spoken(messages: Messages, tree: Tree, found: Paths, learnt: NDArray[np.bool_]) -> pl.Series:
    """What is said on each path (MESSAGES), a turn with blank lines between its messages."""
    said = pl.DataFrame(
        {
            "path": found.numbers,
            "turn": found.turns,
            "role": tree.roles[found.messages],
            "content": messages.texts.gather(found.messages),
            "train": learnt,
        }
    )
    turns = said.group_by("path", "turn", maintain_order=True).agg(
        pl.col("role").first().replace_strict(dict(enumerate(ROLES)), return_dtype=pl.String),
        pl.col("content").str.join(_BLANK_LINE),
        pl.col("train").any(),
    )
    whole = turns.group_by("path", maintain_order=True).agg(
        pl.struct("role", "content", "train").alias("messages")
    )
    return whole["messages"].cast(MESSAGES)


def about(talks: pl.DataFrame, messages: Messages, *places: Places) -> pl.DataFrame:
    """id, doc_id, content_hash, source and lang of the document of each message at first places.

    The id is a hash of the document and of the messages at all the places.
    """
    document = document_of(messages, places[0])
    found = origins(talks, document)
    inside = [pl.Series(str(i), one - messages.offsets[document]) for i, one in enumerate(places)]
    named = found.select("doc_id").with_columns(inside)
    joined = named.select(pl.concat_str(pl.all(), separator="\0")).to_series()
    ids = pl.Series("id", [content_hash(one) for one in joined], dtype=pl.String)
    return found.insert_column(0, ids)


def origins(talks: pl.DataFrame, documents: Places) -> pl.DataFrame:
    """doc_id, content_hash, source and lang of the documents with these numbers."""
    source = pl.col("source").struct.field("name").alias("source")
    return talks.select("doc_id", "content_hash", source, "lang")[documents]


def document_of(messages: Messages, places: Places) -> Places:
    """The number of the document of each message."""
    return np.searchsorted(messages.offsets, places, "right") - 1
