"""Megabytes of text per CPU second through word segmentation, beside plain jieba.

`mb_s`: every word's boundaries. `spaced_mb_s`: what the classifier reads, the words of the first
2,000 characters in small letters, per megabyte of whole documents. `jieba_mb_s`: the words from
`jieba.cut(text, HMM=False)`, over all documents; `different` lists those that it cuts otherwise.
`filters`: those that look at Chinese and at encodings. `dictionary_s`: reading the dictionary.
"""

import logging
import time
from collections.abc import Sequence

import polars as pl

from benchmarks.harness import (
    LANGUAGES,
    Bench,
    Result,
    cpu_s,
    documents,
    main,
    mb_s,
    ratio,
    text_mb,
)
from taojin.core import segment, stage
from taojin.core.arrow import string_buffers
from taojin.filters.chinese import CHINESE
from taojin.filters.encoding import ENCODING
from taojin.filters.rules import Filter, Measure

READ_CHARACTERS = 2000


def measure(bench: Bench) -> Result:
    segment.dictionary()
    result: Result = {"dictionary_s": cpu_s(lambda: segment.build(segment.entries()))}
    for language, lang in LANGUAGES.items():
        table = documents(bench.rows(f"docs_{language}/docs_{language}.jsonl.zst"), lang)
        seconds, different = _compared(table)
        figures = {
            "mb_s": mb_s(_cut, table),
            "spaced_mb_s": mb_s(_spaced, table),
            "jieba_mb_s": text_mb(table) / seconds,
            "documents": table.height,
            "different": different,
            "filters": {one.name: _filter(one, table) for one in (CHINESE, ENCODING)},
        }
        figures["ratio"] = ratio(figures["mb_s"], figures["jieba_mb_s"])
        for key, value in figures.items():
            result.setdefault(key, {})[language] = value
    return result


def _cut(table: pl.DataFrame) -> object:
    return segment.cut(*string_buffers(table["text"]), segment.dictionary())


def _spaced(table: pl.DataFrame) -> object:
    return segment.spaced(table["text"], READ_CHARACTERS)


def _filter(filter_: Filter, table: pl.DataFrame) -> float:
    return mb_s(lambda some: stage.run(Measure((filter_,)), some), table)


def _compared(table: pl.DataFrame) -> tuple[float, Sequence[str]]:
    """(jieba's CPU seconds, the documents that it cuts otherwise)."""
    import jieba

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    seconds, different = 0.0, []
    words = segment.words(table["text"])
    for doc_id, text, ours in zip(table["doc_id"], table["text"], words, strict=True):
        start = time.process_time()
        theirs = list(tokenizer.cut(text, HMM=False))
        seconds += time.process_time() - start
        if theirs != ours.to_list():
            different.append(doc_id)
    return seconds, different


if __name__ == "__main__":
    main(measure, __doc__ or "")
