"""Documents to look at: some drawn fairly, some because a bound nearly decided otherwise.

A doc_id is a hash, so its order is a fair draw and the same in every run. Dropped documents are
taken rule by rule, the one nearest its bound first, so that few documents show many rules.
"""

from typing import Any

import polars as pl

from taojin.pipeline.report.rules import Bounds, Rule, parse
from taojin.pipeline.report.tables import Rows, Tables

SHOWN = 10
"""Documents shown per source and fate; fewer where there are many sources (TOTAL)."""
TOTAL = 200
CHARACTERS = 600
FAR = float("inf")


def samples(tables: Tables, bounds: Bounds) -> Rows:
    """Up to 10 kept and 10 dropped documents per source, each text cut at 600 characters."""
    sources = tables.ledger.select(pl.col("source").n_unique()).collect().item()
    shown = max(1, min(SHOWN, TOTAL // max(1, sources)))
    kept, dropped = _fated(tables, "kept"), _fated(tables, "dropped")
    near = _nearly_dropped(tables, bounds, kept).group_by("source_name").head(shown // 2)
    drawn = kept.select("doc_id", "source_name").sort("doc_id").collect()
    drawn = drawn.join(near, on="doc_id", how="anti").group_by("source_name").head(shown)
    caught = _nearly_kept(tables, bounds, dropped).group_by("source_name").head(shown)
    chosen = {
        row["doc_id"]: row for row in [*drawn.to_dicts(), *near.to_dicts(), *caught.to_dicts()]
    }
    rows = _described(tables, bounds, chosen)
    return _first(rows, shown)


def _fated(tables: Tables, fate: str) -> pl.LazyFrame:
    named = tables.documents.with_columns(source_name=pl.col("source").struct.field("name"))
    kept = named.filter(pl.col("fate") == fate)
    return kept if fate == "kept" else kept.filter(pl.col("text").is_not_null())


def _nearly_dropped(tables: Tables, bounds: Bounds, kept: pl.LazyFrame) -> pl.DataFrame:
    """Kept documents with the rule whose bound they came nearest to, nearest first."""
    rules = [rule for rule in bounds.rules() if rule.metric in tables.metrics(rule.filter)]
    columns = {"doc_id": pl.String, "source_name": pl.String, "near": pl.String}
    if not rules:
        return pl.DataFrame(schema=columns)
    margins = pl.concat_list([_margin(tables, bounds, rule) for rule in rules])
    names = pl.lit(pl.Series([f"{rule.filter}.{rule.metric}.{rule.side}" for rule in rules]))
    return (
        kept.select("doc_id", "source_name", margins=margins)
        .with_columns(margin=pl.col("margins").list.min())
        .filter(pl.col("margin") < FAR)
        .sort("margin", "doc_id")
        .select("doc_id", "source_name", near=names.gather(pl.col("margins").list.arg_min()))
        .collect()
    )


def _nearly_kept(tables: Tables, bounds: Bounds, dropped: pl.LazyFrame) -> pl.DataFrame:
    """Dropped documents whose text was kept: each rule's nearest first, then its second ..."""
    reasons = dropped.select(pl.col("drop_reasons").explode().unique().sort()).collect()
    frames = [
        dropped.filter(pl.col("drop_reasons").list.contains(reason))
        .select(
            "doc_id",
            "source_name",
            near=pl.lit(reason),
            margin=_reason_margin(tables, bounds, reason),
        )
        .sort("margin", "doc_id")
        .with_columns(place=pl.col("doc_id").cum_count().over("source_name"))
        for reason in reasons["drop_reasons"].drop_nulls()
    ]
    if not frames:
        return pl.DataFrame(
            schema={"doc_id": pl.String, "source_name": pl.String, "near": pl.String}
        )
    ranked = pl.concat(frames).sort("place", "near", "doc_id").collect()
    return ranked.unique("doc_id", keep="first", maintain_order=True).drop("margin", "place")


def _reason_margin(tables: Tables, bounds: Bounds, reason: str) -> pl.Expr:
    rule = parse(reason)
    if rule is None or rule.metric not in tables.metrics(rule.filter):
        return pl.lit(FAR)
    return _margin(tables, bounds, rule)


def _margin(tables: Tables, bounds: Bounds, rule: Rule) -> pl.Expr:
    """The distance to the bound as a share of the larger of the two.

    Infinite without a bound, and at the bound itself: no count where none is allowed is no near
    miss.
    """
    languages = bounds.languages()
    limits = [bounds.side(rule, lang) for lang in languages]
    bound = pl.lit(bounds.side(rule, None), pl.Float64)
    if languages:
        bound = pl.col("lang").replace_strict(
            languages, limits, default=bound, return_dtype=pl.Float64
        )
    value = tables.field(rule.filter, rule.metric).cast(pl.Float64)
    distance = (value - bound).abs() / pl.max_horizontal(value.abs(), bound.abs())
    return pl.when(value != bound).then(distance).otherwise(None).fill_null(FAR)


def _described(tables: Tables, bounds: Bounds, chosen: dict[str, dict[str, Any]]) -> Rows:
    """The chosen documents as the page shows them, in order of source, fate and doc_id."""
    found = (
        tables.documents.filter(pl.col("doc_id").is_in(list(chosen)))
        .with_columns(
            pl.col("text").str.slice(0, CHARACTERS), characters=pl.col("text").str.len_chars()
        )
        .collect()
    )
    rows = [
        _sample(row, chosen[row["doc_id"]].get("near"), bounds)
        for row in found.iter_rows(named=True)
    ]
    return sorted(rows, key=lambda row: (row["source"], row["fate"] != "kept", row["doc_id"]))


def _sample(row: dict[str, Any], near: str | None, bounds: Bounds) -> dict[str, Any]:
    source = row["source"]
    reasons = row["drop_reasons"] or ([near] if near else [])
    return {
        "doc_id": row["doc_id"],
        "source": source["name"],
        "fate": row["fate"],
        "lang": row["lang"],
        "title": source["title"],
        "uri": source["url"] or source["uri"],
        "position": source["position"],
        "near": near,
        "rules": [_measured(row, reason, bounds) for reason in reasons],
        "duplicate_of": row["duplicate_of"],
        "text": row["text"] or "",
        "characters": row["characters"] or 0,
    }


def _measured(row: dict[str, Any], reason: str, bounds: Bounds) -> dict[str, Any]:
    """A reason with the document's value and the bound it was held to."""
    rule = parse(reason)
    metrics = row.get(rule.filter) if rule else None
    return {
        "rule": reason,
        "value": metrics.get(rule.metric) if rule and metrics else None,
        "bound": bounds.side(rule, row["lang"]) if rule else None,
    }


def _first(rows: Rows, shown: int) -> Rows:
    """The nearly decided of each source and fate, filled up with the fairly drawn."""
    taken: dict[tuple[str, str], int] = {}
    chosen = []
    for row in sorted(rows, key=lambda row: row["near"] is None):
        key = (row["source"], row["fate"])
        taken[key] = taken.get(key, 0) + 1
        if taken[key] <= shown:
            chosen.append(row)
    return sorted(chosen, key=lambda row: (row["source"], row["fate"] != "kept", row["doc_id"]))
