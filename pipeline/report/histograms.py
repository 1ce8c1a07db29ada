"""How each metric is spread over the documents of each language, beside the bounds it was held to.

A metric that runs over two orders of magnitude or more (a count, a length) is binned by
log(1 + value): on a linear axis one long document would press all others into the first bin.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.pipeline.report.rules import Bounds, Rule
from taojin.pipeline.report.tables import Rows, Tables

BINS = 32
LANGUAGES = 6
"""Languages drawn: those with most documents; `languages_left_out` counts the others."""
NOT_DRAWN = ("pii",)  # counted by kind in a section of its own

Values = NDArray[Any]


def histograms(tables: Tables, bounds: Bounds) -> Rows:
    """One row per filter: its metrics, each with a histogram per language."""
    languages = _languages(tables.documents)
    return [
        {
            "filter": name,
            "languages_left_out": max(0, len(languages) - LANGUAGES),
            "metrics": _metrics(tables, name, bounds, languages[:LANGUAGES]),
        }
        for name in tables.filters()
        if name not in NOT_DRAWN and tables.metrics(name)
    ]


def _languages(documents: pl.LazyFrame) -> list[str]:
    counted = documents.group_by("lang").len().drop_nulls().sort("lang").collect()
    return counted.sort("len", descending=True, maintain_order=True)["lang"].to_list()


def _metrics(tables: Tables, name: str, bounds: Bounds, languages: list[str]) -> Rows:
    metrics = tables.metrics(name)
    fields = (tables.field(name, metric).alias(metric) for metric in metrics)
    values = tables.documents.select("lang", "fate", *fields).collect()
    rows = []
    for metric in metrics:
        defined = values.filter(pl.col(metric).is_finite()).select("lang", "fate", metric)
        rows.append(_metric(name, defined, bounds, languages))
    return rows


def _metric(
    name: str, values: pl.DataFrame, bounds: Bounds, languages: list[str]
) -> dict[str, Any]:
    metric = values.columns[-1]
    limits = {lang: _limits(bounds, name, metric, lang) for lang in languages}
    marks = [mark for pair in limits.values() for mark in pair.values() if mark is not None]
    seen = values[metric].to_numpy()
    low, high = _range(np.append(seen, marks))
    log = low >= 0 and high >= 100
    edges = bin_edges(low, high, log=log)
    parts = {
        lang: values.filter(pl.col("lang") == lang).select("fate", metric) for lang in languages
    }
    return {
        "metric": metric,
        **bounds.about(name, metric),
        "low": low,
        "high": high,
        "log": log,
        "languages": [
            _language(lang, part, edges, limits[lang])
            for lang, part in parts.items()
            if part.height
        ],
    }


def _limits(bounds: Bounds, name: str, metric: str, lang: str) -> dict[str, float | None]:
    return {side: bounds.side(Rule(name, metric, side), lang) for side in ("min", "max")}


def _range(values: Values) -> tuple[float, float]:
    if not values.size:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    low = min(low, 0.0) if high > 0 and low < high / 4 else low
    return (low, high) if high > low else (low, low + 1.0)


def bin_edges(low: float, high: float, *, log: bool) -> Values:
    """float64[BINS + 1]: from `low` to `high`, equal steps of the value or of log(1 + value)."""
    if not log:
        return np.linspace(low, high, BINS + 1)
    edges = np.expm1(np.linspace(np.log1p(low), np.log1p(high), BINS + 1))
    edges[0], edges[-1] = low, high  # rounding must not push the extremes out
    return edges


def _language(
    lang: str, part: pl.DataFrame, edges: Values, limits: Mapping[str, float | None]
) -> dict[str, Any]:
    """Counts per bin of the kept and the dropped; `below` and `above` are outside the bounds."""
    metric = part.columns[-1]
    seen = part[metric].to_numpy()
    least, most = limits["min"], limits["max"]
    counts = {
        fate: np.histogram(part.filter(pl.col("fate") == fate)[metric].to_numpy(), edges)[0]
        for fate in ("kept", "dropped")
    }
    return {
        "lang": lang,
        "documents": part.height,
        "least": float(seen.min()),
        "median": float(np.median(seen)),
        "most": float(seen.max()),
        "min": least,
        "max": most,
        "below": 0 if least is None else int((seen < least).sum()),
        "above": 0 if most is None else int((seen > most).sum()),
        **{fate: count.tolist() for fate, count in counts.items()},
    }
