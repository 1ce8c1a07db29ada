"""Messages: pairs in the form in which a dialogue model is tuned."""

import polars as pl


def to_messages(qa: pl.DataFrame) -> pl.DataFrame:
    """qa_id, doc_id, content_hash, source and `messages`: the user asks, the assistant answers."""
    return qa.select(
        "qa_id",
        "doc_id",
        "content_hash",
        "source",
        pl.concat_list(_turn("user", "question"), _turn("assistant", "answer")).alias("messages"),
    )


def _turn(role: str, column: str) -> pl.Expr:
    return pl.struct(pl.lit(role).alias("role"), pl.col(column).alias("content"))
