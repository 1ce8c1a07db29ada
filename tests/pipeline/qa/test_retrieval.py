import math
from collections import Counter

from taojin.pipeline.qa.blocks import document
from taojin.pipeline.qa.retrieval import Index, terms

PARAGRAPHS = [
    "The red buoy marks the channel. " * 14,
    "A pier of stone. " * 26,
    "Tides and the moon. " * 22,
]
TEXT = "\n\n".join(paragraph.strip() for paragraph in PARAGRAPHS)


def scores(chunks: list[str], question: str) -> list[float]:
    """BM25 as in the paper, written out."""
    counts = [Counter(terms(chunk, zh=False)) for chunk in chunks]
    mean = sum(c.total() for c in counts) / len(counts)
    total = [0.0] * len(chunks)
    for term in set(terms(question, zh=False)):
        found = sum(term in c for c in counts)
        weight = math.log(1 + (len(chunks) - found + 0.5) / (found + 0.5))
        for i, c in enumerate(counts):
            total[i] += weight * c[term] * 2.2 / (c[term] + 1.2 * (0.25 + 0.75 * c.total() / mean))
    return total


def test_rank_agrees_with_the_formula():
    one = document("d", TEXT, "", "en")
    index = Index(one)
    starts = [block.start for block in one.blocks]
    chunks = TEXT.split("\n\n")
    for question in ("What is the red moon?", "a pier and tides", "stone", "nothing here"):
        expected = scores(chunks, question)
        for i, start in enumerate(starts):
            rank = 1 + sum(s > expected[i] + 1e-9 for s in expected)
            assert index.rank(question, start) == rank


def test_terms_are_pairs_of_characters_or_words():
    assert terms("珠江，口 A", zh=True) == ["珠江", "江口", "口a"]
    assert terms("Red-Buoy 7", zh=False) == ["red", "buoy", "7"]
