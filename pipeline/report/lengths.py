"""How long questions and answers are: a histogram for each language, all on one axis.

Counted first by length, of which there are few, so that no table of pairs is held.
"""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.pipeline.report.histograms import bin_edges

LANGUAGES = 6
"""Those with most pairs are drawn."""
LONG = 100
"""Where the longest has as many code points, the axis is one of log(1 + value)."""


def lengths(qa: pl.LazyFrame) -> dict[str, Any]:
    """Of `question` and `answer` the code points by language; `left_out` counts other languages."""
    lang = pl.col("lang").fill_null("")
    counted = qa.group_by(lang).len().collect()
    names = counted.sort(pl.col("len").cast(pl.Int64).neg(), "lang")["lang"]
    drawn = names.head(LANGUAGES).to_list()
    return {
        "fields": [_field(qa, field, drawn) for field in ("question", "answer") if drawn],
        "left_out": len(names) - len(drawn),
    }


def _field(qa: pl.LazyFrame, field: str, languages: list[str]) -> dict[str, Any]:
    found = (
        qa.group_by(pl.col("lang").fill_null(""), length=pl.col(field).str.len_chars())
        .agg(pairs=pl.len().cast(pl.Int64))
        .filter(pl.col("lang").is_in(languages))
        .collect(engine="streaming")
        .sort("lang", "length")
    )
    high = float(found.select(pl.col("length").max()).item() or 1)
    log = high >= LONG
    edges = bin_edges(0.0, high, log=log)
    own = [_language(found.filter(lang=lang), lang, edges) for lang in languages]
    return {"field": field, "low": 0.0, "high": high, "log": log, "languages": own}


def _language(found: pl.DataFrame, lang: str, edges: NDArray[Any]) -> dict[str, Any]:
    """The counts of each bin with the least, median and most of one language."""
    sizes, pairs = found["length"].to_numpy(), found["pairs"].to_numpy()
    total, upto = int(pairs.sum()), np.cumsum(pairs)
    middle = sizes[np.searchsorted(upto, [(total - 1) // 2, total // 2], side="right")]
    return {
        "lang": lang,
        "pairs": total,
        "least": int(sizes[0]),
        "median": float(middle.mean()),
        "most": int(sizes[-1]),
        "counts": np.histogram(sizes, edges, weights=pairs)[0].astype(np.int64).tolist(),
    }
