"""Questions asked twice: the key under which two are the same, and the corpus without repeats."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from math import ceil

import polars as pl

SIMILAR = 0.7
"""Jaccard similarity from which two questions are one."""

MODEL = "endpoint"
"""The layer of pairs that a language model made."""

_LEAD = re.compile(
    r"^(?:请问一?下?|請問|你好|您好|请告诉我|can you tell me|could you tell me|"
    r"please tell me|hello\b)\s*"
)
_TAIL = re.compile(r"(?:吗|嗎|呢|啊|呀|吧)$")
_PUNCTUATION = re.compile(r"[^\w\s+#]|_")
_HAN = re.compile(r"[\u3400-\u9fff]")


def key(question: str) -> str:
    """The question without case, width, punctuation, greeting and final particle.

    >>> key("你好，请问 ＴｉＤＢ 是什么呢？") == key("TiDB是什么")
    True
    """
    folded = unicodedata.normalize("NFKC", question).lower()
    bare = " ".join(_PUNCTUATION.sub(" ", folded).split())
    if _HAN.search(bare):
        bare = bare.replace(" ", "")
    while (shorter := _TAIL.sub("", _LEAD.sub("", bare)).strip()) != bare:
        bare = shorter
    return bare


def shingles(asked: str) -> frozenset[str]:
    """Pairs of characters of a key with Han characters, words of any other."""
    if _HAN.search(asked):
        return frozenset(asked[i : i + 2] for i in range(max(1, len(asked) - 1)))
    return frozenset(asked.split())


def trigrams(asked: str) -> frozenset[str]:
    """Three characters in a row of a key."""
    return frozenset(asked[i : i + 3] for i in range(max(1, len(asked) - 2)))


def deduplicate(qa: pl.DataFrame) -> pl.DataFrame:
    """The pairs whose question is asked nowhere better, in their order.

    Of those with the same key the highest score stays, then the smallest qa_id; likewise of those
    with the same answer whose questions are SIMILAR in words.
    """
    keyed = qa.with_columns(
        pl.col("question").map_elements(key, return_dtype=pl.String).alias("_key"),
        pl.int_range(pl.len()).alias("_at"),
    )
    best = keyed.sort("score", "qa_id", descending=[True, False]).unique(
        "_key", keep="first", maintain_order=True
    )
    shared = best.filter(pl.len().over("answer") > 1)
    groups = shared.group_by("answer", maintain_order=True).agg("_key", "_at")
    repeated = [
        at
        for keys, ats in zip(groups["_key"], groups["_at"], strict=True)
        for at in _repeats([shingles(asked) for asked in keys], ats)
    ]
    kept = best.filter(~pl.col("_at").is_in(repeated))
    return kept.sort("_at").drop("_key", "_at")


def distinct(qa: pl.DataFrame) -> pl.DataFrame:
    """The pairs that `deduplicate` leaves, of those whose questions are SIMILAR in characters the
    best alone, whatever they answer: what patterns ask is alike where documents are. A model's
    questions differ on purpose where they differ in a name or number.
    """
    single = deduplicate(qa)
    asked_by_patterns = single.with_row_index("_at").filter(pl.col("layer") != MODEL)
    ranked = asked_by_patterns.sort("score", "qa_id", descending=[True, False])
    sets = [trigrams(key(asked)) for asked in ranked["question"]]
    near = list(_repeats(sets, ranked["_at"].to_list()))
    return single.with_row_index("_at").filter(~pl.col("_at").is_in(near)).drop("_at")


def _repeats(sets: Sequence[frozenset[str]], ats: Sequence[int]) -> Iterator[int]:
    """Rows, best first, whose question is SIMILAR to one that was kept before.

    Two sets with Jaccard >= t share one of their first |s| - ceil(t |s|) + 1 members in any one
    order, so that only questions with such a member in common are compared; rare members first.
    """
    frequency = Counter(shingle for one in sets for shingle in one)
    index: defaultdict[str, list[frozenset[str]]] = defaultdict(list)
    for one, at in zip(sets, ats, strict=True):
        ordered = sorted(one, key=lambda shingle: (frequency[shingle], shingle))
        prefix = ordered[: len(one) - ceil(SIMILAR * len(one) - 1e-9) + 1]
        near = (other for shingle in prefix for other in index[shingle])
        if any(len(one & other) >= SIMILAR * len(one | other) - 1e-9 for other in near):
            yield at
            continue
        for shingle in prefix:
            index[shingle].append(one)
