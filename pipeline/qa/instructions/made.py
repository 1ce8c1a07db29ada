"""Dialogues (`schema.DIALOGUE`) of the rows of all tables, and the rows that are left out."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core import schema
from taojin.core.hashing import content_hash
from taojin.pipeline.qa.instructions.demonstrations import drawn, within
from taojin.pipeline.qa.instructions.put import Asked, put
from taojin.pipeline.qa.questions import deduplicate
from taojin.pipeline.shards.keys import split_of

TURN_TOKENS = 3
"""Tokens of a turn besides its content: role, end, newline (tokenizer/chat.py)."""

Numbers = NDArray[np.int64]
Contaminated = Callable[[pl.Series], pl.Series]
"""The numbers of the texts that hold too much of an evaluation item."""
Count = Callable[[pl.Series], Numbers]
"""int64[n]: the tokens of n texts."""


class Made(NamedTuple):
    """The tables DIALOGUE and LEFT_OUT."""

    dialogues: pl.DataFrame
    left_out: pl.DataFrame


class Draw(NamedTuple):
    """What the draws depend on: the run's seed, and which rows no training row may show."""

    seed: int
    validation: float
    together: pl.DataFrame | None = None
    """schema.TOGETHER: which documents are in one split together."""


def make(
    rows: pl.DataFrame,
    asked: Mapping[str, Asked],
    draw: Draw,
    contaminated: Contaminated,
    count: Count,
    most_tokens: int,
) -> Made:
    """One dialogue for each row (ROW) that can be put into words, sorted by its id.

    A row that asks what another one asks is left out (`repeated`), and one that in its words holds
    too much of an evaluation item (`contaminated`). Only what is left is shown as a demonstration,
    as long as the dialogue has at most `most_tokens`, and nothing of the validation split. At least
    one source must be asked.
    """
    tables = [
        put(rows.filter(source=source), how, draw.seed) for source, how in sorted(asked.items())
    ]
    judged = _single(_clean(pl.concat(tables), contaminated))
    kept = judged.filter(pl.col("reason").is_null()).sort("doc_id")
    shown = _shown(kept, asked, draw, count, most_tokens)
    messages = _messages(kept, shown)
    ids = [content_hash(f"{name}\0{task}") for name, task in kept["doc_id", "task"].iter_rows()]
    told = kept.with_columns(pl.Series("dialogue_id", ids, pl.String), messages)
    dialogues = told.select(*schema.DIALOGUE).cast(pl.Schema(schema.DIALOGUE)).sort("dialogue_id")
    return Made(dialogues, _left_out(judged))


def _clean(rows: pl.DataFrame, contaminated: Contaminated) -> pl.DataFrame:
    said = rows.select(pl.concat_str("prompt", "said", separator="\n").fill_null("")).to_series()
    held = np.zeros(rows.height, np.bool_)
    held[contaminated(said).to_numpy()] = True
    reason = pl.when(pl.Series(held)).then(pl.lit("contaminated"))
    return rows.with_columns(pl.coalesce("reason", reason))


def _single(rows: pl.DataFrame) -> pl.DataFrame:
    """Of rows that ask the same, one alone without a reason.

    Labels and summaries are no reason to take two questions for one: only the answers that a row
    gives in its own words are compared.
    """
    asked = rows.filter(pl.col("reason").is_null())
    answer = pl.when("free").then("answer_part").otherwise("doc_id").alias("answer")
    pairs = asked.select("question", answer, score=pl.lit(1.0), qa_id="doc_id")
    single = deduplicate(pairs)["qa_id"].to_list()
    repeated = pl.when(~pl.col("doc_id").is_in(single)).then(pl.lit("repeated"))
    return rows.with_columns(pl.coalesce("reason", repeated))


def _shown(
    kept: pl.DataFrame, asked: Mapping[str, Asked], draw: Draw, count: Count, most_tokens: int
) -> Numbers:
    """int64[n, k]: the rows that come before each, -1 for none; of the same task and phrasing."""
    most = max((one.demonstrations for one in asked.values()), default=0)
    found = np.full((kept.height, most), -1, np.int64)
    if most == 0 or kept.is_empty():
        return found
    splits = split_of(kept["content_hash"], draw.validation, draw.seed, draw.together)
    train = (splits == "train").to_numpy()
    for (source, *_), group in kept.with_row_index("at").group_by(
        "source", "lang", "task", "phrasing", maintain_order=True
    ):
        at = group["at"].cast(pl.Int64).to_numpy()  # of unsigned numbers none is -1
        chosen = drawn(
            group["content_hash"], train[at], asked[str(source)].demonstrations, draw.seed
        )
        found[at, : chosen.shape[1]] = np.where(chosen >= 0, at[chosen], -1)
    turns = _tokens(kept["prompt"], count) + _tokens(kept["said"], count)
    system = np.where(kept["system"].is_not_null(), _tokens(kept["system"].fill_null(""), count), 0)
    return within(found, turns, most_tokens, system)


def _tokens(texts: pl.Series, count: Count) -> Numbers:
    return count("\n" + texts) + TURN_TOKENS


def _messages(kept: pl.DataFrame, shown: Numbers) -> pl.Series:
    """`messages` of each row: system, demonstrations that are not learnt, and its own two turns."""
    rows = np.arange(kept.height)
    at, place = np.nonzero(shown >= 0)
    has_system = np.flatnonzero(kept["system"].is_not_null().to_numpy())
    last = 2 * shown.shape[1] + 1
    turns = [
        _turns(kept["system"], has_system, has_system, np.zeros_like(has_system), "system"),
        _turns(kept["prompt"], shown[at, place], at, 2 * place + 1, "user"),
        _turns(kept["said"], shown[at, place], at, 2 * place + 2, "assistant"),
        _turns(kept["prompt"], rows, rows, np.full_like(rows, last), "user"),
        _turns(kept["said"], rows, rows, np.full_like(rows, last + 1), "assistant", learnt=True),
    ]
    message = pl.struct("role", "content", "train").alias("messages")
    ordered = pl.concat(turns).sort("row", "place")
    return ordered.group_by("row", maintain_order=True).agg(message)["messages"]


def _turns(
    texts: pl.Series, chosen: Numbers, row: Numbers, place: Numbers, role: str, learnt: bool = False
) -> pl.DataFrame:
    told = {"row": row, "place": place, "content": texts.gather(chosen)}
    return pl.DataFrame(told).with_columns(role=pl.lit(role), train=pl.lit(learnt))


def _left_out(judged: pl.DataFrame) -> pl.DataFrame:
    """The rows that are no dialogues; `message` is null: it is all of them."""
    out = judged.filter(pl.col("reason").is_not_null()).sort("doc_id")
    nowhere = {"message": pl.lit(None, pl.Int64), "role": pl.lit(None, pl.String)}
    return out.with_columns(**nowhere).select(*schema.LEFT_OUT).cast(pl.Schema(schema.LEFT_OUT))
