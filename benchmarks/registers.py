"""Real prose by language and register: what bounds are derived from, and what they are held to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from benchmarks.harness import Bench, Row, documents
from taojin.filters.language import DetectLanguage

STANDARDS = ("python/peps", "kubernetes/enhancements")
NEWS = ("LCTT/TranslateProject",)
LAWS = ("LawRefBook/Laws",)
POEMS = ("chinese-poetry/chinese-poetry",)
PAGES = ("tldr-pages/tldr",)
"""Pages of a dozen lines: commands, not prose."""

OTHERS = ("ar", "de", "es", "fr", "ja", "ko", "ru", "th")
CONTEXTS = {
    "en": ("qa_xquad-en",),
    "zh-Hans": ("qa_cmrc2018dev",),
    "zh-Hant": ("qa_drcdtest", "qa_drcddev"),
    "de": ("qa_xquad-de",),
    "ru": ("qa_xquad-ru",),
    "ar": ("qa_xquad-ar",),
}
"""Paragraphs of Wikipedia that questions were asked about."""


@dataclass(frozen=True)
class Register:
    """Documents of one language and kind of writing; `kind` is the kind of source they would be."""

    lang: str
    name: str
    documents: pl.DataFrame
    kind: str = "web"

    @property
    def are_paragraphs(self) -> bool:
        """Whether its documents are parts of whole ones: too short for what counts words."""
        return self.name == "encyclopedia"

    @property
    def is_reference(self) -> bool:
        """Whether the shipped bounds are derived from it: whole documents of prose from the web."""
        return self.kind == "web" and self.name in ("legal", "technical", "standards", "news")


def registers(bench: Bench) -> list[Register]:
    """Every register of every language, the languages with most documents first."""
    found = [
        *_written(bench, "en", "en"),
        *_written(bench, "zh", "zh-Hans"),
        *_poems(bench),
        _register("en", "SMS", _sms(bench), "dialogue"),
        _register("en", "colloquial", _threads(bench), "dialogue"),
        *(
            _register(lang, "encyclopedia", _contexts(bench, files))
            for lang, files in CONTEXTS.items()
        ),
        *(_register(lang, "technical", _translated(bench, lang)) for lang in (*OTHERS, "zh-Hant")),
    ]
    return [one for one in found if one.documents.height]


def _written(bench: Bench, folder: str, lang: str) -> Iterator[Register]:
    """The registers of docs_en or docs_zh."""
    apart = (*STANDARDS, *NEWS, *LAWS, *POEMS, *PAGES)
    technical = [row for row in _rows(bench, folder) if row["source"] not in apart]
    yield _register(lang, "technical", technical)
    for name, sources in (("legal", LAWS), ("standards", STANDARDS), ("news", NEWS)):
        yield _register(lang, name, _of(bench, folder, sources))


def _poems(bench: Bench) -> Iterator[Register]:
    """Poems in the script that each is written in."""
    rows = _of(bench, "zh", POEMS)
    texts = documents(rows, "und").drop("lang", "lang_score")
    scripts = DetectLanguage(("zh-Hans", "zh-Hant"))(texts)["lang"]
    for lang in ("zh-Hans", "zh-Hant"):
        own = [row for row, script in zip(rows, scripts, strict=True) if script == lang]
        yield _register(lang, "poetry", own, "poetry")


def _register(lang: str, name: str, rows: Sequence[Row], kind: str = "web") -> Register:
    table = documents([{**row, "id": str(number)} for number, row in enumerate(rows)], lang)
    source = pl.col("source").struct.with_fields(pl.lit(kind).alias("kind"))
    return Register(lang, name, table.with_columns(source), kind)


def _rows(bench: Bench, folder: str) -> list[Row]:
    return bench.rows(f"docs_{folder}/docs_{folder}.jsonl.zst")


def _of(bench: Bench, folder: str, sources: Sequence[str]) -> list[Row]:
    return [row for row in _rows(bench, folder) if row["source"] in sources]


def _sms(bench: Bench) -> list[Row]:
    rows = bench.rows("quality/quality.jsonl.zst")
    return [row for row in rows if row["kind"] == "sms_ham"]


def _threads(bench: Bench) -> list[Row]:
    """Logs of a channel in stretches of 50 messages, as a page of an archive shows them."""
    threads = bench.rows("conversations/irc_threads.jsonl.zst")
    messages = [[one["text"] for one in thread["messages"]] for thread in threads]
    return [
        {"text": "\n".join(many[start : start + 50])}
        for many in messages
        for start in range(0, len(many), 50)
    ]


def _contexts(bench: Bench, files: Sequence[str]) -> list[Row]:
    """Each paragraph once."""
    rows = [row for file in files for row in bench.rows(f"conversations/{file}.jsonl.zst")]
    return [{"text": text} for text in dict.fromkeys(row["context"] for row in rows)]


def _translated(bench: Bench, lang: str) -> list[Row]:
    """Pages of the Astro documentation in another language."""
    rows = bench.rows("docs_multi/docs_multi.jsonl.zst")
    return [row for row in rows if row["lang"] == lang and row["source"] not in PAGES]
