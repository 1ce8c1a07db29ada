"""How many dialogues of each task the supervised dataset has, and what share that is.

Examples-proportional mixing with a cap (Raffel et al. 2020, section 3.5.2; Wei et al. 2022, section
2.3): a task has a part in proportion to its dialogues, but no more than one of `most_per_task`.
"""

import math
from collections.abc import Mapping

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from taojin.core.errors import UserError, unknown
from taojin.core.hashing import content_hash
from taojin.pipeline.mix import MAX_EPOCHS
from taojin.pipeline.shards.keys import uniform
from taojin.pipeline.shards.pretraining import PRETRAINING

MIX = {
    "task": pl.String,
    "dialogues": pl.Int64,
    "weight": pl.Float64,
    "asked_share": pl.Float64,
    "rows": pl.Int64,
    "tokens": pl.Int64,
    "achieved_share": pl.Float64,
    "token_share": pl.Float64,
}
"""A task: its dialogues, those that fit a row; the share of rows that was asked for, and what the
dataset has. `token_share` is its share of the dataset's tokens."""


def copies(
    table: pa.Table, most: int | None, weights: Mapping[str, float], seed: int
) -> NDArray[np.int64]:
    """int64[n]: how often each row of the dataset (task, dialogue_id) is written.

    Of a task with more than `most` rows, those whose ids are drawn first: the same ones whatever
    other rows there are, as long as these stay ahead. A weight repeats, at most 4 times, or thins.
    UserError for a weight of a task that is not there.
    """
    rows = _frame(table)
    _check(rows["task"].unique().to_list(), weights)
    drawn = uniform(rows["dialogue_id"], "task", seed).alias("drawn")
    rank = rows.select("task", drawn).select(pl.col("drawn").rank("ordinal").over("task"))
    inside = (rank["drawn"] <= (rows.height if most is None else most)).to_numpy()
    asked = [min(float(weights.get(task, 1.0)), MAX_EPOCHS) for task in rows["task"].to_list()]
    wanted = np.array(asked, np.float64)
    part = uniform(rows["dialogue_id"], "task copies", seed).to_numpy() < wanted % 1
    found: NDArray[np.int64] = inside * (wanted.astype(np.int64) + part)
    return found


def repeated(table: pa.Table, times: NDArray[np.int64]) -> pa.Table:
    """The rows so many times, in the order of their ids; a copy stands at the hash of its own."""
    names = table["dialogue_id"].to_pylist()
    keys = [
        content_hash(f"{name}\0{number}") if number else name
        for name, many in zip(names, times, strict=True)
        for number in range(many)
    ]
    rows = np.repeat(np.arange(table.num_rows), times)
    return table.take(pa.array(rows[np.argsort(keys, kind="stable")] if keys else rows))


def asked_and_achieved(
    before: pa.Table, after: pa.Table, most: int | None, weights: Mapping[str, float]
) -> pl.DataFrame:
    """MIX of every task, sorted: `before` has the dialogues that fit, `after` what is written.

    Pre-training text, which is no dialogue, has a share of the tokens alone.
    """
    had = _frame(before).group_by("task").agg(pl.len().cast(pl.Int64).alias("dialogues"))
    has = (
        _frame(after)
        .group_by("task")
        .agg(pl.len().cast(pl.Int64).alias("rows"), pl.col("tokens").sum())
    )
    both = had.join(has, on="task", how="full", coalesce=True).sort("task")
    weight = [float(weights.get(task, 1.0)) for task in both["task"]]
    capped = pl.col("dialogues") if most is None else pl.col("dialogues").clip(upper_bound=most)
    counted = both.with_columns(
        pl.col("dialogues", "rows", "tokens").fill_null(0),
        pl.Series("weight", weight, pl.Float64),
        asked=capped.fill_null(0) * pl.Series("weight", weight, pl.Float64),
    )
    spoken = pl.col("task") != PRETRAINING
    asked, rows = (pl.when(spoken).then(name) for name in ("asked", "rows"))
    told = counted.with_columns(
        asked_share=_share(asked), achieved_share=_share(rows), token_share=_share(pl.col("tokens"))
    )
    return told.select(*MIX).cast(pl.Schema(MIX))


def _share(values: pl.Expr) -> pl.Expr:
    total = values.sum()
    return pl.when(total > 0).then(values / total).otherwise(0.0)


def _frame(table: pa.Table) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "task": table["task"].to_pylist(),
            "dialogue_id": table["dialogue_id"].to_pylist(),
            "tokens": pc.list_value_length(table["input_ids"]).to_pylist(),
        },
        schema={"task": pl.String, "dialogue_id": pl.String, "tokens": pl.Int64},
    )


def _check(known: list[str], weights: Mapping[str, float]) -> None:
    for task, weight in weights.items():
        if task not in known:
            raise unknown("sft.weights", "task", task, known)
        if not math.isfinite(weight) or weight < 0:
            raise UserError(f"sft.weights: {weight} for '{task}' is not allowed; give 0 or more")
