"""How often the language of a sentence is told right, and how fast.

The detector is set as a recipe without a `languages` key sets it. `accuracy` is over all sentences
of the languages below, `hans_hant` over the Chinese ones, `mb_s` over whole documents. `asked` is
the accuracy when the recipe asks for all of these languages.
"""

from collections.abc import Sequence

import polars as pl

from benchmarks.harness import LANGUAGES, Bench, Result, documents, main, mb_s, spread
from taojin.core import stage
from taojin.filters.language import DetectLanguage
from taojin.pipeline.recipe import Recipe

ASKED = ("en", "zh-Hans", "zh-Hant", "ja", "ko", "th", "de", "fr", "es", "ru", "ar")
CHINESE = ("zh-Hans", "zh-Hant")
SPEED_MB = 10.0


def measure(bench: Bench) -> Result:
    rows = [
        row
        for row in bench.rows("langid/langid.jsonl.zst")
        if row["kind"] == "sentences" and row["lang"] in ASKED
    ]
    table = (
        documents(rows)
        .drop("lang", "lang_score")
        .with_columns(pl.Series("wanted", [row["lang"] for row in rows]))
    )
    default: tuple[str, ...] = Recipe.model_fields["languages"].default
    right = _right(table, default)
    by_language = dict(
        right.group_by("wanted").agg(pl.col("right").mean()).sort("wanted").iter_rows()
    )
    return {
        "accuracy": right["right"].mean(),
        "accuracy_by_language": by_language,
        "hans_hant": right.filter(pl.col("wanted").is_in(CHINESE))["right"].mean(),
        "asked": _right(table, ASKED)["right"].mean(),
        "sentences": right.height,
        **_speeds(bench, default),
    }


def _right(table: pl.DataFrame, languages: Sequence[str]) -> pl.DataFrame:
    found = stage.run(DetectLanguage(tuple(languages)), table)
    return found.select("wanted", (pl.col("lang") == pl.col("wanted")).alias("right"))


def _speeds(bench: Bench, languages: tuple[str, ...]) -> Result:
    tables = {}
    for language in LANGUAGES:
        rows = bench.rows(f"docs_{language}/docs_{language}.jsonl.zst")
        tables[language] = documents(spread(rows, SPEED_MB)).drop("lang", "lang_score")

    def detect(table: pl.DataFrame) -> pl.DataFrame:
        return stage.run(DetectLanguage(languages), table)

    by_language = {language: mb_s(detect, table) for language, table in tables.items()}
    return {"mb_s": mb_s(detect, pl.concat(tables.values())), "mb_s_by_language": by_language}


if __name__ == "__main__":
    main(measure, __doc__ or "")
