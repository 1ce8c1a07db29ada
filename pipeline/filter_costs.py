"""What each filter costs on this machine: megabytes of the bundled texts that it measures a second.

Each filter is timed by itself, with whatever it shares with others counted for it alone. The texts
are few, so the figures are rough; a run's report has those of the run.
"""

import time
from importlib.resources import files

import polars as pl

from taojin.core import schema
from taojin.filters.batch import Batch
from taojin.filters.rules import Filter
from taojin.pipeline.recipe import Recipe

LANGUAGES = {"en": "en", "zh": "zh-Hans"}
AT_LEAST_S = 0.03
"""CPU time that a filter's measurements take together, unless the first takes longer."""
NEED_MODEL = ("perplexity", "classifier", "toxicity")
"""What measures nothing without a model, and the model is a run's."""


def costs(recipe: Recipe) -> dict[str, float | None]:
    """MB/s of each filter, in CPU time of this process; None for one that needs a model."""
    documents = sample_documents()
    return {
        name: None if name in NEED_MODEL else _mb_s(filter_, documents)
        for name, filter_ in recipe.registry().filters.items()
    }


def _mb_s(filter_: Filter, documents: pl.DataFrame) -> float:
    """The best of a few measurements; kernels are loaded before."""
    filter_.measure(Batch(documents.head(4)))
    best_s, spent_s = float("inf"), 0.0
    while spent_s < AT_LEAST_S:
        start = time.process_time()
        filter_.measure(Batch(documents))
        took_s = max(time.process_time() - start, 1e-6)
        best_s, spent_s = min(best_s, took_s), spent_s + took_s
    return float(documents["text"].str.len_bytes().sum()) / 1e6 / best_s


def sample_documents() -> pl.DataFrame:
    """The manuscripts of the demo in Chinese and in English, one document for each text."""
    folder = files("taojin.data_samples") / "manuscript"
    source = {"name": "demo", "kind": "web", "position": 0, "url": "", "title": ""}
    rows = [
        {"doc_id": f"{path.name}-{number}", "text": text, "source": source, "lang": lang}
        for path in sorted(folder.iterdir(), key=lambda path: path.name)
        for code, lang in LANGUAGES.items()
        if f"_{code}" in path.name
        for number, text in enumerate(path.read_text(encoding="utf-8").split("\n=== "))
    ]
    return pl.DataFrame(rows, schema=dict(schema.DOCUMENT))
