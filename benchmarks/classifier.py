"""How well the quality classifier tells good texts from bad ones that no part of it has seen.

Good against bad of the labelled set, neutral left out, in five folds by source: a document is
scored by a classifier that was trained without its source, by the functions that a run and
`taojin filters train` call. `shuffled_words_auc` is of curated prose against shuffled words, per
language and both pooled. `calibration_error` is as among equal numbers of either class. `documents`
has the same in five folds by document, where a corrupted text stays with the prose it was made of:
sources are known then, as the trusted sources of a run are. `mb_s` is over whole documents.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import xxhash
from numpy.typing import NDArray

from benchmarks.harness import LANGUAGES, Bench, Result, documents, main, mb_s, spread
from taojin.core import stage
from taojin.core.hashing import content_hash
from taojin.filters.calibration import auc, calibration_error
from taojin.filters.classifier import classifier_filter, load
from taojin.filters.language import DetectLanguage
from taojin.filters.rules import Measure
from taojin.filters.sampling import choose
from taojin.filters.training import TrainingSettings, fit, source_groups

FOLDS = 5
MOST = 20_000
SPEED_MB = 10.0
UNKNOWN = "?"


def measure(bench: Bench) -> Result:
    rows = [row for row in bench.rows("quality/quality.jsonl.zst") if row["label"] != "neutral"]
    table = _examples(pl.DataFrame(rows))
    with tempfile.TemporaryDirectory() as folder:
        by_source = _figures(table, _scores(table, _by_source(table), Path(folder)))
        by_document = _figures(table, _scores(table, _by_document(table), Path(folder)))
        model = next(Path(folder).iterdir())
        return {**by_source, "documents": by_document, **_speeds(bench, model)}


def _examples(rows: pl.DataFrame) -> pl.DataFrame:
    """`sampling.EXAMPLE` with `kind` and `path`; a language that is not given is told."""
    told = rows.with_columns(
        pl.Series("content_hash", [content_hash(text) for text in rows["text"]]),
        (pl.col("label") == "good").alias("positive"),
    )
    unlabelled = documents(told.to_dicts()).drop("lang", "lang_score")
    found = stage.run(DetectLanguage(tuple(LANGUAGES.values())), unlabelled)["lang"]
    names = pl.col("lang").replace(LANGUAGES)
    lang = pl.when(pl.col("lang") == UNKNOWN).then(found).otherwise(names).alias("lang")
    return told.with_columns(lang)


def _by_source(table: pl.DataFrame) -> NDArray[np.int64]:
    return source_groups(table["source"].to_list())


def _by_document(table: pl.DataFrame) -> NDArray[np.int64]:
    """The fold of each page, which is that of all texts made of it."""
    pages = table.select(pl.concat_str("source", pl.col("path").fill_null(pl.col("text"))))
    return np.array([xxhash.xxh3_64_intdigest(page.encode()) % FOLDS for page in pages.to_series()])


def _scores(table: pl.DataFrame, fold: NDArray[np.int64], folder: Path) -> NDArray[np.float64]:
    """float64[n]: each by a classifier that was trained on the other folds."""
    scores = np.zeros(table.height)
    for number, inside in _parts(fold):
        model = folder / f"{len(list(folder.iterdir()))}-{number}"
        model.mkdir()
        chosen = choose(table.filter(~pl.Series(fold == number)), MOST)
        assert fit(chosen, model, TrainingSettings()) is not None
        scores[inside] = load(model).scores(table[inside])
    return scores


def _parts(fold: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    for number in range(int(fold.max()) + 1):
        yield number, np.flatnonzero(fold == number)


def _figures(table: pl.DataFrame, scores: NDArray[np.float64]) -> Result:
    positive = table["positive"].to_numpy()
    judged = table["kind"].is_in(["curated_prose", "made_shuffled_words"]).to_numpy()
    parts = {language: (table["lang"] == lang).to_numpy() for language, lang in LANGUAGES.items()}
    pooled = judged & np.any(list(parts.values()), axis=0)

    def of(part: NDArray[np.bool_]) -> float:
        return auc(scores[part], positive[part])

    return {
        "auc": {language: of(part) for language, part in parts.items()},
        "shuffled_words_auc": {language: of(part & judged) for language, part in parts.items()},
        "shuffled_words_auc_pooled": of(pooled),
        "calibration_error": {
            language: calibration_error(scores[part], positive[part])
            for language, part in parts.items()
        },
        "texts": {language: int(part.sum()) for language, part in parts.items()},
    }


def _speeds(bench: Bench, model: Path) -> Result:
    measured = Measure((classifier_filter(model),))
    tables = {}
    for language, lang in LANGUAGES.items():
        rows = spread(bench.rows(f"docs_{language}/docs_{language}.jsonl.zst"), SPEED_MB)
        hashes = pl.Series("content_hash", [content_hash(row["text"]) for row in rows])
        tables[language] = documents(rows, lang).with_columns(hashes)

    def score(table: pl.DataFrame) -> pl.DataFrame:
        return stage.run(measured, table)

    return {
        "mb_s": mb_s(score, pl.concat(tables.values())),
        "mb_s_by_language": {name: mb_s(score, table) for name, table in tables.items()},
    }


if __name__ == "__main__":
    main(measure, __doc__ or "")
