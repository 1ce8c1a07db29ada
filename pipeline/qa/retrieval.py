"""Retrieval: a question that does not find its own chunk again is too vague to be answered.

BM25 (Robertson and Zaragoza 2009, k1 = 1.2, b = 0.75) over the chunks of one document, with pairs
of characters as terms in Chinese and words in English.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from math import log

from taojin.pipeline.qa.blocks import Document

CHUNK_CHARACTERS = 400
_K1, _B = 1.2, 0.75
_WORD = re.compile(r"\w+")


def terms(text: str, *, zh: bool) -> list[str]:
    """Pairs of neighbouring characters, or words in lower case."""
    words = _WORD.findall(text.lower())
    if not zh:
        return words
    joined = "".join(words)
    return [joined[i : i + 2] for i in range(len(joined) - 1)]


class Index:
    """The chunks of a document: whole blocks, gathered until they hold CHUNK_CHARACTERS."""

    def __init__(self, document: Document) -> None:
        self._zh = document.zh
        self._starts = _chunk_starts(document)
        self._counts: list[Counter[str]] = []
        if len(self._starts) == 1:
            return
        ends = [*self._starts[1:], len(document.text)]
        self._counts = [
            Counter(terms(document.text[a:b], zh=document.zh))
            for a, b in zip(self._starts, ends, strict=True)
        ]
        self._lengths = [count.total() for count in self._counts]
        self._mean = max(1.0, sum(self._lengths) / len(self._lengths))
        self._frequency = Counter(term for count in self._counts for term in count)

    def rank(self, question: str, at: int) -> int:
        """From 1: the place of the chunk that holds offset `at`, before those that score alike."""
        if len(self._starts) == 1:
            return 1
        home = bisect_right(self._starts, at) - 1
        scores = [0.0] * len(self._counts)
        for term in sorted(set(terms(question, zh=self._zh))):
            if term in self._frequency:
                self._add(scores, term)
        return 1 + sum(score > scores[home] for score in scores)

    def _add(self, scores: list[float], term: str) -> None:
        found = self._frequency[term]
        weight = log(1 + (len(scores) - found + 0.5) / (found + 0.5))
        for chunk, count in enumerate(self._counts):
            seen = count.get(term, 0)
            if seen:
                norm = _K1 * (1 - _B + _B * self._lengths[chunk] / self._mean)
                scores[chunk] += weight * seen * (_K1 + 1) / (seen + norm)


def _chunk_starts(document: Document) -> Sequence[int]:
    starts = [0]
    for block in document.blocks:
        if block.start - starts[-1] >= CHUNK_CHARACTERS:
            starts.append(block.start)
    return starts
