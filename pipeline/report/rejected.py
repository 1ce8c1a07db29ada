"""Pairs that were rejected: for which reason, of which layer and language, and some of each."""

from typing import Any

import polars as pl

from taojin.pipeline.report.crossed import crossed
from taojin.pipeline.report.ranked import documents, ranked, summed
from taojin.pipeline.report.tables import Rows, Tables

REASONS = 40
SAMPLES = 4
"""Of each reason, each of another document."""
SHOWN = 300
"""Code points of a question and of an answer."""


def rejected(tables: Tables) -> dict[str, Any] | None:
    """Rows of `qa_rejected` by reason, and each reason by layer and language; None without it.

    `without_question` are rows that stand for a whole document or chunk. `layers` has beside what
    was rejected what was accepted.
    """
    table = tables.qa_rejected
    if not tables.has("qa_rejected"):
        return None
    asked = pl.col("question").is_null().sum().cast(pl.Int64).alias("without_question")
    reasons = ranked(table, ["reason"], "rejected", documents(), asked, most=REASONS)
    order = [row["reason"] for row in reasons["rows"]]
    keys = pl.col("reason", "layer", "lang").fill_null("")
    cells = table.group_by(keys).agg(found=pl.len().cast(pl.Int64)).collect()
    return {
        "total": summed(table, "rejected", documents(), asked),
        "reasons": reasons,
        "layers": _layers(tables),
        "by_layer": crossed(cells, "reason", "layer", order),
        "by_language": crossed(cells, "reason", "lang", order),
        "samples": _samples(table, order),
    }


def _layers(tables: Tables) -> Rows:
    """Pairs of each layer, accepted and rejected; those with most first."""
    kept = tables.qa.select(pl.col("layer").fill_null(""), is_kept=True)
    lost = tables.qa_rejected.select(pl.col("layer").fill_null(""), is_kept=False)
    counted = (
        pl.concat([kept, lost])
        .group_by("layer")
        .agg(
            accepted=pl.col("is_kept").sum().cast(pl.Int64),
            rejected=(~pl.col("is_kept")).sum().cast(pl.Int64),
        )
    )
    return counted.collect().sort(-(pl.col("accepted") + pl.col("rejected")), "layer").to_dicts()


def _samples(table: pl.LazyFrame, reasons: list[str]) -> Rows:
    """Of each of these reasons the first question of the documents with the lowest ids, which are
    hashes; a reason that asks nothing has none.
    """
    shown = ["source", "lang", "layer", "kind", "question", "answer"]
    texts = [pl.col(name).str.slice(0, SHOWN + 1) for name in ("question", "answer")]
    asked = table.with_columns(pl.col("reason").fill_null("")).filter(
        pl.col("question").is_not_null(), pl.col("reason").is_in(reasons)
    )
    lowest = (
        asked.group_by("reason")
        .agg(pl.col("doc_id").unique().sort().head(SAMPLES))
        .explode("doc_id")
        .collect()
    )
    found = (
        asked.join(lowest.lazy(), on=["reason", "doc_id"], how="semi")
        .select("reason", "doc_id", *shown[:4], *texts)
        .collect()
        .sort("reason", "doc_id", *shown, nulls_last=True)
        .unique(["reason", "doc_id"], keep="first", maintain_order=True)
    )
    rows = found.with_columns(_brief("question"), _brief("answer")).to_dicts()
    return sorted(rows, key=lambda row: reasons.index(row["reason"]))


def _brief(name: str) -> pl.Expr:
    """The text, or its first code points and an ellipsis."""
    text = pl.col(name)
    begun = pl.concat_str(text.str.slice(0, SHOWN), pl.lit("…"))
    return pl.when(text.str.len_chars() > SHOWN).then(begun).otherwise(text).alias(name)
