"""How each metric is spread over the documents of each language and source, beside its bounds.

A metric that runs over two orders of magnitude or more (a count, a length) is binned by
log(1 + value): on a linear axis one long document would press all others into the first bin.
A metric without a bound is told by a few quantiles instead.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.pipeline.report.bounds import Applied, Reason
from taojin.pipeline.report.tables import Rows

BINS = 32
QUANTILES = {"least": 0.0, "low": 0.01, "median": 0.5, "high": 0.99, "most": 1.0}

Values = NDArray[Any]


def histogram(
    name: str,
    values: pl.DataFrame,
    applied: Applied,
    languages: Sequence[str],
    sources: Sequence[str] = (),
) -> dict[str, Any]:
    """The histograms of one filter's metric, the last column of `values`: one per bound language,
    and one per source, on the same axis.

    `values` has `lang`, `fate`, `source` and `kind` besides; what is not finite is left out.
    """
    metric = values.columns[-1]
    defined = values.filter(pl.col(metric).is_finite())
    parts = {lang: defined.filter(pl.col("lang") == lang) for lang in languages}
    limits = {lang: _limits(applied, name, part) for lang, part in parts.items()}
    marks = [row[side] for rows in limits.values() for row in rows for side in ("min", "max")]
    seen = defined[metric].to_numpy()
    low, high = _range(np.append(seen, [mark for mark in marks if mark is not None]))
    log = low >= 0 and high >= 100
    edges = bin_edges(low, high, log=log)
    return {
        "metric": metric,
        **applied.about(name, metric),
        "low": low,
        "high": high,
        "log": log,
        "languages": [
            _language(lang, part, edges, limits[lang])
            for lang, part in parts.items()
            if part.height and (_binds(limits[lang]) or not applied.groups)
        ],
        "sources": [
            _source(source, part, edges, _over_languages(applied, name, part))
            for source in sources
            if (part := defined.filter(pl.col("source") == source)).height
        ],
    }


def _over_languages(applied: Applied, name: str, part: pl.DataFrame) -> Rows:
    """The different bounds of one source's documents, and how many lie beyond; no kind is named."""
    found: dict[tuple[float | None, float | None], dict[str, Any]] = {}
    for own in part.sort("lang").partition_by("lang", maintain_order=True):
        for row in _limits(applied, name, own):
            same = found.setdefault(
                (row["min"], row["max"]), {**row, "kind": None, "below": 0, "above": 0}
            )
            same["below"] += row["below"]
            same["above"] += row["above"]
    return [row for row in found.values() if _binds([row])]


def _binds(limits: Rows) -> bool:
    return any(row[side] is not None for row in limits for side in ("min", "max"))


def spread(
    name: str, values: pl.DataFrame, applied: Applied, languages: Sequence[str]
) -> dict[str, Any]:
    """QUANTILES of one filter's metric, the last column of `values`, one row per language."""
    metric = values.columns[-1]
    defined = values.filter(pl.col(metric).is_finite())
    rows = []
    for lang in languages:
        seen = defined.filter(pl.col("lang") == lang)[metric].cast(pl.Float64).to_numpy()
        if seen.size:
            found = np.quantile(seen, list(QUANTILES.values())).tolist()
            rows.append(
                {"lang": lang, "documents": seen.size, **dict(zip(QUANTILES, found, strict=True))}
            )
    return {"metric": metric, **applied.about(name, metric), "languages": rows}


def _limits(applied: Applied, name: str, part: pl.DataFrame) -> Rows:
    """The bounds of one language's documents, and how many lie beyond.

    One row per kind of source with rules of its own, and one (kind None) for all others.
    """
    if part.is_empty():
        return []
    metric, lang = part.columns[-1], part["lang"][0]
    own = sorted(applied.kinds(name, metric) & set(part["kind"].drop_nulls()))
    others = part.filter(~pl.col("kind").is_in(own).fill_null(value=False))
    found: dict[str | None, pl.DataFrame] = {None: others} if others.height else {}
    found |= {kind: part.filter(pl.col("kind") == kind) for kind in own}
    return [_limit(applied, name, kind, lang, values[metric]) for kind, values in found.items()]


def _limit(
    applied: Applied, name: str, kind: str | None, lang: str, seen: pl.Series
) -> dict[str, Any]:
    least, most = (
        applied.side(Reason(name, seen.name, side), lang, kind) for side in ("min", "max")
    )
    return {
        "kind": kind,
        "min": least,
        "max": most,
        "below": 0 if least is None else int((seen < least).sum()),
        "above": 0 if most is None else int((seen > most).sum()),
    }


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


def _language(lang: str, part: pl.DataFrame, edges: Values, limits: Rows) -> dict[str, Any]:
    return {"lang": lang, **_spread(part, edges, limits)}


def _source(source: str, part: pl.DataFrame, edges: Values, limits: Rows) -> dict[str, Any]:
    return {"source": source, **_spread(part, edges, limits)}


def _spread(part: pl.DataFrame, edges: Values, limits: Rows) -> dict[str, Any]:
    """Counts per bin of the kept and the dropped, and what lies beyond which bound."""
    metric = part.columns[-1]
    seen = part[metric].to_numpy()
    counts = {
        fate: np.histogram(part.filter(pl.col("fate") == fate)[metric].to_numpy(), edges)[0]
        for fate in ("kept", "dropped")
    }
    return {
        "documents": part.height,
        "least": float(seen.min()),
        "median": float(np.median(seen)),
        "most": float(seen.max()),
        "limits": limits,
        **{fate: count.tolist() for fate, count in counts.items()},
    }
