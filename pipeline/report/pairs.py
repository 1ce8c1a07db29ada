"""Questions and answers: how many of which kind, and some with their evidence in context."""

from typing import Any

import polars as pl

from taojin.pipeline.report.tables import Rows, Tables

EXAMPLES = 10
CONTEXT = 120
"""Code points shown before and after the evidence; the three parts together stay below 600."""
EVIDENCE = 360


def question_pairs(tables: Tables) -> dict[str, object]:
    """Pairs per layer, kind, language and generator, and ten examples spread over them."""
    keys = ["layer", "kind", "lang", "generator"]
    counted = (
        tables.qa.group_by(pl.col(keys).fill_null(""))
        .agg(
            pl.len().alias("pairs"),
            pl.col("doc_id").n_unique().alias("documents"),
            pl.col("score").mean().alias("mean_score"),
        )
        .sort(pl.col("pairs").cast(pl.Int64).neg(), *keys)
        .collect()
    )
    return {"groups": counted.to_dicts(), "examples": _examples(tables)}


def _examples(tables: Tables) -> Rows:
    """Layers take turns, in them languages, in those kinds; then by qa_id, which is a hash."""
    groups = ["layer", "lang", "kind"]
    ordered = tables.qa.sort("qa_id")
    for depth in (3, 2, 1):
        place = pl.col("qa_id").cum_count().over(groups[:depth])
        ordered = ordered.with_columns(place=place).sort("place", *groups[:depth], "qa_id")
    chosen = ordered.head(EXAMPLES).collect()
    texts = _texts(tables, chosen["doc_id"])
    return [_example(row, texts.get(row["doc_id"])) for row in chosen.iter_rows(named=True)]


def _texts(tables: Tables, doc_ids: pl.Series) -> dict[str, str]:
    wanted = pl.col("doc_id").is_in(doc_ids.implode())
    found = tables.documents.filter(wanted, pl.col("text").is_not_null())
    return dict(found.select("doc_id", "text").collect().iter_rows())


def _example(row: dict[str, Any], text: str | None) -> dict[str, Any]:
    """The pair with the text before, in and after its evidence; null where there is none."""
    start, end = row["evidence_start"], row["evidence_end"]
    parts: dict[str, Any] = {"before": None, "evidence": None, "after": None, "evidence_cut": False}
    if (
        text is not None
        and start is not None
        and end is not None
        and 0 <= start <= end <= len(text)
    ):
        parts = {
            "before": text[max(0, start - CONTEXT) : start],
            "evidence": text[start : min(end, start + EVIDENCE)],
            "after": text[end : end + CONTEXT],
            "evidence_cut": end - start > EVIDENCE,
        }
    shown = ("qa_id", "doc_id", "source", "lang", "layer", "kind", "score", "generator")
    return {
        **{name: row[name] for name in shown},
        "question": row["question"][:600],
        "answer": row["answer"][:600],
        **parts,
    }
