r"""Dialogues as token ids with a loss mask: the ids of the chat template, loss on what is learnt.

A message is `<|role|>` `\n` content `<|end|>` `\n`. Learnt are the content of a message whose
`train` is true and its `<|end|>`. The newline behind `<|role|>` is a token of its own (no piece
goes on behind a newline), except before content that itself begins with a newline: those merge,
and the first token of such content is not learnt.

A special token that a person typed into a message stays text here, where Hugging Face's template
would let it end the turn: the one case in which the ids differ, and ours are the safe ones.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import Offsets
from taojin.core.errors import unknown
from taojin.core.schema import MESSAGES
from taojin.tokenizer import special
from taojin.tokenizer.encode import Encoder, Ids

Mask = NDArray[np.uint8]


def render_messages(messages: Sequence[Mapping[str, object]], encoder: Encoder) -> tuple[Ids, Mask]:
    """(ids uint32, loss mask uint8: 1 where the token is learnt) of one conversation.

    UserError for a role other than system, user and assistant.
    """
    _, ids, mask = render_column(pl.Series([list(messages)], dtype=MESSAGES), encoder)
    return ids, mask


def render_column(messages: pl.Series, encoder: Encoder) -> tuple[Offsets, Ids, Mask]:
    """(offsets int64[n + 1], ids, loss mask) of a column of conversations (MESSAGES)."""
    lengths = messages.list.len().to_numpy()
    turns = messages.explode(empty_as_null=False, keep_nulls=False).struct.unnest()
    roles = _role_ids(turns["role"], encoder)
    learnt = turns["train"].to_numpy()
    offsets, content = encoder.encode("\n" + turns["content"])
    newline = encoder.encode(pl.Series(["\n"]))[1][0]
    starts = offsets + 3 * np.arange(offsets.size)
    ids = np.empty(starts[-1], np.uint32)
    mask = np.zeros(starts[-1], np.uint8)
    inside = np.repeat(starts[:-1] - offsets[:-1] + 1, np.diff(offsets)) + np.arange(content.size)
    ids[inside] = content
    mask[inside] = np.repeat(learnt, np.diff(offsets))
    ids[starts[:-1]] = roles
    ids[starts[1:] - 2] = encoder.special_id(special.END)
    ids[starts[1:] - 1] = newline
    mask[starts[:-1] + 1] = 0
    mask[starts[1:] - 2] = learnt
    ends = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    return starts[ends], ids, mask


def _role_ids(roles: pl.Series, encoder: Encoder) -> Ids:
    known = {role: encoder.special_id(token) for role, token in special.ROLES.items()}
    for role in roles.unique(maintain_order=True):
        if role not in known:
            raise unknown("messages", "role", role, known)
    return roles.replace_strict(known, return_dtype=pl.UInt32).to_numpy()
