"""Megabytes of text per CPU second through the heuristic filters, beside datatrove's.

`mb_s`: Gopher quality and repetition, C4 and FineWeb as the step *measure* calls them, over all
documents. `ratio`: on the documents that datatrove is given too (3 MB per language, every k-th);
datatrove's four filters stop at the first that removes a document, ours measure everything.
`metrics`: each metric by itself, with what it shares with others counted for it alone.

`agreement`: the share of documents on which the filter that agrees least decides as datatrove's
does, given its words and bounds (filter_agreement.py); `disagreements`: how many others, and why.
All English documents, 6 MB of the Chinese ones.
"""

from collections.abc import Sequence

import polars as pl

from benchmarks.filter_agreement import AGREEMENT, compare, summary
from benchmarks.harness import (
    LANGUAGES,
    Bench,
    Result,
    Row,
    documents,
    main,
    mb_s,
    ratio,
    spread,
    text_mb,
)
from taojin.core import stage
from taojin.filters.batch import Batch
from taojin.filters.registry import Registry
from taojin.filters.rules import Measure, Metric

PEER_MB = 3.0
AGREEMENT_MB = {"en": float("inf"), "zh": 6.0}
HEURISTICS = ("gopher_quality", "gopher_repetition", "c4", "fineweb")
DATATROVE_LANGUAGES = {"en": "en", "zh": "cmn"}
"""datatrove segments Chinese for `cmn` only; `zh` gives it words between spaces."""


def measure(bench: Bench) -> Result:
    result: Result = {
        key: {} for key in ("mb_s", "datatrove_mb_s", "subset_mb_s", "ratio", *AGREEMENT, "metrics")
    }
    samples = []
    for language, lang in LANGUAGES.items():
        rows = bench.rows(f"docs_{language}/docs_{language}.jsonl.zst")
        subset = spread(rows, PEER_MB)
        ours = mb_s(_measure, documents(subset, lang))
        theirs = _datatrove(bench, language, subset)
        result["mb_s"][language] = mb_s(_measure, documents(rows, lang))
        result["subset_mb_s"][language] = ours
        result["datatrove_mb_s"][language] = theirs
        result["ratio"][language] = ratio(ours, theirs)
        for key, value in _agreement(bench, language, rows).items():
            result[key][language] = value
        samples.append(documents(subset, lang))
    result["metrics"] = _metrics(pl.concat(samples))
    return result


def _measure(table: pl.DataFrame) -> pl.DataFrame:
    chosen = Registry(tuple(LANGUAGES.values())).choose(HEURISTICS)
    return stage.run(Measure(chosen), table)


def _metrics(table: pl.DataFrame) -> dict[str, float]:
    """Every filter's metrics but the classifier's, which has no model here."""
    filters = Registry(tuple(LANGUAGES.values())).filters
    return {
        f"{name}.{metric.name}": _alone(metric, table)
        for name, filter_ in filters.items()
        if name != "classifier"
        for metric in filter_.metrics
    }


def _alone(metric: Metric, table: pl.DataFrame) -> float:
    return mb_s(lambda some: metric.measure(Batch(some)), table, at_least_s=0.1)


def _datatrove(bench: Bench, language: str, rows: Sequence[Row]) -> float | None:
    payload = {
        "language": DATATROVE_LANGUAGES[language],
        "texts": [row["text"] for row in rows],
    }
    found = bench.peer("datatrove", "datatrove_filters", payload)
    return found["mb_s"] if found else None


def _agreement(bench: Bench, language: str, rows: Sequence[Row]) -> Result:
    """The keys AGREEMENT; None without datatrove."""
    some = spread(rows, min(AGREEMENT_MB[language], text_mb(rows)))
    payload = {"language": DATATROVE_LANGUAGES[language], "texts": [row["text"] for row in some]}
    theirs = bench.peer("datatrove", "datatrove_decisions", payload)
    if theirs is None:
        return dict.fromkeys(AGREEMENT)
    return summary(compare(some, LANGUAGES[language], theirs))


if __name__ == "__main__":
    main(measure, __doc__ or "")
