"""The filter page: what each filter took, how its metrics lie about their bounds, and documents."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from taojin.pipeline.report.bounds import Applied
from taojin.pipeline.report.histograms import histogram, spread
from taojin.pipeline.report.losses import costs, losses
from taojin.pipeline.report.nearest import nearly_dropped, nearly_kept
from taojin.pipeline.report.samples import read_documents, sample
from taojin.pipeline.report.tables import Rows, Tables

LANGUAGES = 6
SOURCES = 8
FEWEST = 5
"""Documents of a language or source that is drawn; of those the LANGUAGES or SOURCES with most, and
the first anyway.

`languages_left_out` and `sources_left_out` count the others.
"""
NOT_DRAWN = ("pii",)  # told in a section of its own
NEAR = 20
"""Documents shown of a filter on either side of its bounds."""
CHARACTERS = 300
"""Of each: enough to see what it is, so that twenty filters stay below a few megabytes."""


def filters(tables: Tables, applied: Applied, recorded_costs: Rows | None) -> Rows:
    """One row per filter, those that decide first, else in the order of the columns.

    `lost` is None for a filter without a bound that caught nothing.
    """
    names = [name for name in tables.filters() if name not in NOT_DRAWN and tables.metrics(name)]
    languages, left_out = _most(tables.documents, pl.col("lang"), LANGUAGES)
    sources, others = _most(tables.documents, pl.col("source").struct.field("name"), SOURCES)
    sources = sources if len(sources) + others > 1 else []
    lost, cost = losses(tables.ledger, names), costs(recorded_costs)
    decides = {name for name in names if applied.reasons(name) or lost[name]["caught"]}
    names.sort(key=lambda name: name not in decides)
    texts = tables.dropped_with_text()
    rows = []
    for name in names:
        values = _values(tables, name)
        row = {
            "filter": name,
            "source": _source(tables, applied, name),
            "languages_left_out": left_out,
            "sources_left_out": others,
            "lost": lost[name] if name in decides else None,
            "cost": cost.get(name),
            **_metrics(tables, values, name, applied, (languages, sources)),
            "near": _near(values, applied, name, texts),
        }
        rows.append(row)
    return _with_documents(rows, tables, applied)


def _most(documents: pl.LazyFrame, key: pl.Expr, most: int) -> tuple[list[str], int]:
    """The languages or sources that are drawn, those with most documents first, and how many are
    not.
    """
    counted = documents.group_by(key.alias("key")).len().drop_nulls().collect()
    ordered = counted.sort(pl.col("len").cast(pl.Int64).neg(), "key")
    many = ordered["key"].filter(ordered["len"] >= FEWEST)[:most]
    drawn = many.to_list() or ordered["key"][:1].to_list()
    return drawn, ordered.height - len(drawn)


def _source(tables: Tables, applied: Applied, name: str) -> str:
    """The paper and section, as the run noted it with the filter's metrics."""
    found = (applied.about(name, metric)["source"] for metric in tables.metrics(name))
    return next((source for source in found if source), "")


def _values(tables: Tables, name: str) -> pl.DataFrame:
    """doc_id, lang, fate, source (name and kind), drop_reasons and one filter's metrics."""
    source = pl.col("source").struct
    fields = [tables.field(name, metric).alias(metric) for metric in tables.metrics(name)]
    return tables.documents.select(
        "doc_id",
        "lang",
        "fate",
        pl.struct(source.field("name"), source.field("kind")).alias("source"),
        "drop_reasons",
        pl.struct(fields).alias(name),
    ).collect()


def _metrics(
    tables: Tables,
    values: pl.DataFrame,
    name: str,
    applied: Applied,
    drawn_apart: tuple[Sequence[str], Sequence[str]],
) -> dict[str, Rows]:
    """Histograms of the `metrics` with a bound in these languages, and of these sources; quantiles
    of the `unbound`.
    """
    languages, sources = drawn_apart
    field = pl.col("source").struct.field
    base = values.select("lang", "fate", field("kind"), field("name").alias("source"))
    drawn: dict[str, Rows] = {"metrics": [], "unbound": []}
    for metric in tables.metrics(name):
        one = base.with_columns(values[name].struct.field(metric))
        plots = histogram(name, one, applied, languages, sources)
        if plots["languages"]:
            drawn["metrics"].append(plots)
        else:
            drawn["unbound"].append(spread(name, one, applied, languages))
    return drawn


def _near(
    values: pl.DataFrame, applied: Applied, name: str, texts: pl.Series
) -> dict[str, list[tuple[str, str]]]:
    """(doc_id, rule) of the documents nearest the bounds: kept, and dropped with their text."""
    measured = {field.name for field in values.schema[name].fields}  # type: ignore[attr-defined]
    rules = [rule for rule in applied.reasons(name) if rule.metric in measured]
    dropped = values.filter(pl.col("doc_id").is_in(texts.implode()))
    found = {
        "kept": nearly_dropped(values, applied, rules),
        "dropped": nearly_kept(dropped, applied, rules),
    }
    return {
        fate: list(near.head(NEAR).select("doc_id", "near").iter_rows())
        for fate, near in found.items()
    }


def _with_documents(rows: Rows, tables: Tables, applied: Applied) -> Rows:
    """The rows with what their documents are instead of the ids; all texts are read at once."""
    wanted = {doc_id for row in rows for near in row["near"].values() for doc_id, _ in near}
    documents = read_documents(tables, wanted, CHARACTERS)

    def described(near: list[tuple[str, str]]) -> list[dict[str, Any]]:
        return [sample(documents[doc_id], rule, applied) for doc_id, rule in near]

    return [
        {**row, "near": {fate: described(near) for fate, near in row["near"].items()}}
        for row in rows
    ]
