"""Dialogues by task, source, language and turns; what was left out; replies preferred."""

from itertools import pairwise
from typing import Any

import polars as pl

from taojin.pipeline.report.crossed import crossed
from taojin.pipeline.report.ranked import documents, mean, ranked, summed
from taojin.pipeline.report.tables import Rows, Tables

KEYS = ("task", "source", "lang")
REASONS = 30
STEPS = (1, 2, 4, 8, 16)
"""Turns up to which dialogues are counted together."""


def dialogues(tables: Tables) -> dict[str, Any] | None:
    """Dialogues by task, source, language and number of turns; messages that are left out by
    reason; pairs of replies. None for a run without the tables.

    Pairs of questions and answers are no part of it, though the supervised dataset has them too.
    """
    if not tables.has("dialogues"):
        return None
    table = _measured(tables.dialogues)
    measures = documents(), pl.col("turns").sum(), pl.col("learnt").sum()
    return {
        "total": summed(table, "dialogues", *measures),
        **{f"by_{key}": ranked(table, [key], "dialogues", *measures) for key in KEYS},
        "turns": _turns(table),
        "left_out": _left_out(tables.left_out),
        "preferences": _preferences(tables.preferences),
    }


def _measured(table: pl.LazyFrame) -> pl.LazyFrame:
    """One row per dialogue with the numbers of its turns and of those that are learnt."""
    learnt = pl.col("messages").list.eval(pl.element().struct.field("train").cast(pl.Int64))
    return table.select(
        "doc_id",
        *KEYS,
        turns=pl.col("messages").list.len().cast(pl.Int64),
        learnt=learnt.list.sum(),
    )


def _turns(table: pl.LazyFrame) -> Rows:
    """Dialogues of `least` to `most` turns, the last of as many and more."""
    place = pl.sum_horizontal(pl.col("turns") > step for step in STEPS)
    counted = table.group_by(place=place).len().collect(engine="streaming")
    found = dict(counted.select("place", "len").iter_rows())
    ends = [0, *STEPS, None]
    return [
        {"least": (least or 0) + 1, "most": most, "dialogues": found.get(at, 0)}
        for at, (least, most) in enumerate(pairwise(ends))
    ]


def _left_out(table: pl.LazyFrame) -> dict[str, Any]:
    """By reason; `whole` are rows of labelled tables, which have no messages."""
    measures = documents(), pl.col("message").is_null().sum().cast(pl.Int64).alias("whole")
    reasons = ranked(table, ["reason"], "left_out", *measures, most=REASONS)
    cells = (
        table.group_by(pl.col("reason", "source").fill_null(""))
        .agg(found=pl.len().cast(pl.Int64))
        .collect()
    )
    order = [row["reason"] for row in reasons["rows"]]
    return {
        "total": summed(table, "left_out", *measures),
        "reasons": reasons,
        "by_source": crossed(cells, "reason", "source", order),
    }


def _preferences(table: pl.LazyFrame) -> dict[str, Any]:
    measures = documents(), mean("margin")
    return {
        "total": summed(table, "preferences", *measures),
        "by_source": ranked(table, ["source"], "preferences", *measures),
        "by_lang": ranked(table, ["lang"], "preferences", *measures),
    }
