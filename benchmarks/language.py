"""How often the language of a sentence and of a document is told right, and how fast.

The detector is set as a recipe without a `languages` key sets it. `accuracy` is over all sentences
of the languages below, `hans_hant` over the Chinese ones, `mb_s` over whole documents. `asked` is
the accuracy when the recipe asks for all of these languages. `documents` is the share of each set's
documents told right, where a page of docs_multi in a language that Taojin does not know is left
out; `short_documents_s` is documents per second over English pages of some hundred words.
"""

from collections.abc import Sequence

import polars as pl

from benchmarks.harness import LANGUAGES, Bench, Result, cpu_s, documents, main, mb_s, spread
from taojin.core import stage
from taojin.filters.language import KNOWN, DetectLanguage
from taojin.pipeline.recipe import Recipe

ASKED = ("en", "zh-Hans", "zh-Hant", "ja", "ko", "th", "de", "fr", "es", "ru", "ar")
CHINESE = ("zh-Hans", "zh-Hant")
SPEED_MB = 10.0
DOCUMENTS = ("docs_en", "docs_zh", "docs_multi")
SHORT = "tldr-pages/tldr"


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
        "documents": {name: _right_documents(bench, name, default) for name in DOCUMENTS},
        **_speeds(bench, default),
    }


def _right(table: pl.DataFrame, languages: Sequence[str]) -> pl.DataFrame:
    found = stage.run(DetectLanguage(tuple(languages)), table)
    return found.select("wanted", (pl.col("lang") == pl.col("wanted")).alias("right"))


def _right_documents(bench: Bench, name: str, languages: Sequence[str]) -> float:
    """The share told right; a label without a script stands for both of Chinese."""
    rows = [
        row
        for row in bench.rows(f"{name}/{name}.jsonl.zst")
        if row["lang"] == "zh" or row["lang"] in KNOWN
    ]
    table = documents(rows).drop("lang", "lang_score")
    found = stage.run(DetectLanguage(tuple(languages)), table)["lang"]
    right = [
        lang == row["lang"] or (row["lang"] == "zh" and lang in CHINESE)
        for row, lang in zip(rows, found, strict=True)
    ]
    return sum(right) / len(right)


def _speeds(bench: Bench, languages: tuple[str, ...]) -> Result:
    tables, short = {}, []
    for language in LANGUAGES:
        rows = bench.rows(f"docs_{language}/docs_{language}.jsonl.zst")
        short += [row for row in rows if language == "en" and row["source"] == SHORT]
        tables[language] = documents(spread(rows, SPEED_MB)).drop("lang", "lang_score")

    def detect(table: pl.DataFrame) -> pl.DataFrame:
        return stage.run(DetectLanguage(languages), table)

    by_language = {language: mb_s(detect, table) for language, table in tables.items()}
    pages = documents(short).drop("lang", "lang_score")
    return {
        "mb_s": mb_s(detect, pl.concat(tables.values())),
        "mb_s_by_language": by_language,
        "short_documents_s": pages.height / cpu_s(lambda: detect(pages)),
    }


if __name__ == "__main__":
    main(measure, __doc__ or "")
