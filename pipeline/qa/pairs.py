"""Pairs as dialogues: the user asks, the assistant answers, and the answer is learnt."""

import polars as pl

from taojin.core import schema

PASSES = ("round_trip", "judge")
"""Scores that a model gives, if it is asked."""


def to_dialogues(qa: pl.DataFrame) -> pl.DataFrame:
    """One dialogue (`schema.DIALOGUE`) for each pair, in the same order; the task is its layer."""
    return qa.select(
        pl.col("qa_id").alias("dialogue_id"),
        "doc_id",
        "content_hash",
        "source",
        "lang",
        pl.col("layer").alias("task"),
        pl.concat_list(
            _turn("user", "question", learnt=False), _turn("assistant", "answer", learnt=True)
        ).alias("messages"),
    ).cast(pl.Schema(schema.DIALOGUE))


def verbatim(pairs: pl.DataFrame) -> pl.DataFrame:
    """Pairs (`schema.QA`) whose answer is their evidence to the letter: one quote, each check 1."""
    span = pl.struct(start="evidence_start", end="evidence_end")
    scores = [
        pl.lit(None if name in PASSES else 1.0).alias(name) for name in schema.SCORES.to_schema()
    ]
    told = pairs.with_columns(pl.concat_list(span).alias("quotes"), scores=pl.struct(scores))
    return told.select(*schema.QA).cast(pl.Schema(schema.QA))


def _turn(role: str, column: str, *, learnt: bool) -> pl.Expr:
    role_is, train = pl.lit(role).alias("role"), pl.lit(learnt).alias("train")
    return pl.struct(role_is, pl.col(column).alias("content"), train)
