"""Sensitive words in the text: pages that sell pornography, gambling, drugs, weapons or fraud.

The terms of `lists/search_terms.toml` and of the user's own lists, found by `filters.matcher`. A
law, a report or an encyclopedia names such things now and then, or a few of them often; the pages
that are meant name many, again and again. So the rule that judges is `sensitive_score`: the share
of units that terms cover, times the share of different terms beyond the first three. 色情 in
打击色情 counts like any other: the list cannot know who speaks, the score does not need to.

The same check serves for what a model answers: `found` names every term and where it stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets, string_buffers
from taojin.core.errors import UserError, unknown
from taojin.filters import term_kernels as kernels
from taojin.filters import wordlist
from taojin.filters.batch import Batch, Ratios, ratio
from taojin.filters.matcher import Matcher, folded
from taojin.filters.rules import Filter, Metric
from taojin.filters.stamps import Stamps, stamps
from taojin.filters.term_kernels import Matrix
from taojin.filters.wordlist import Groups

ALLOWED = "allowed"
"""The group of a list that holds longer words inside which no term counts."""
FEW_TERMS = 3
"""Different terms that a text which sells nothing may well hold."""
OWN = "own"
"""The category of terms that a recipe names itself."""


class Found(NamedTuple):
    """A term in a text: the entry of the list, its category, and code points of the text."""

    entry: str
    category: str
    start: int
    end: int


@dataclass(frozen=True)
class SafetyRules:
    """Which terms are looked for: the ones that ship, those of lists, and `terms`.

    `categories` chooses among all of them; `allowed` are words inside which terms do not count.
    With `spaced_out` a Chinese term is found in 赌*博 and 赌 博 too.
    """

    lists: tuple[Path, ...] = ()
    terms: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    categories: tuple[str, ...] | None = None
    shipped: bool = True
    spaced_out: bool = True

    def check(self) -> None:
        """UserError for a list that cannot be read, an unknown category, or no term at all."""
        _load(self, stamps(self.lists))

    def digest(self) -> str:
        """Hexadecimal digest of all that the metrics depend on besides the documents."""
        given = (replace(self, lists=()), wordlist.shipped("search_terms"))
        return wordlist.digest(self.lists, given)

    def counts(self, offsets: Offsets, data: Bytes) -> Matrix:
        """int64[n, 4], columns of `term_kernels.count_terms`, from the buffers of texts."""
        return _load(self, stamps(self.lists)).matcher.count(offsets, data)

    def found(self, text: str) -> list[Found]:
        """The terms of a text in their order."""
        return self.found_in(pl.Series([text], dtype=pl.String))[0]

    def found_in(self, texts: pl.Series) -> list[list[Found]]:
        """The terms of each text in their order."""
        terms = _load(self, stamps(self.lists))
        every: list[list[Found]] = [[] for _ in range(len(texts))]
        for document, entry, start, end in terms.matcher.find(*string_buffers(texts)).tolist():
            name, category = terms.entries[entry]
            every[document].append(Found(name, category, start, end))
        return every

    def filter(self) -> Filter:
        def counted(batch: Batch) -> Matrix:
            return self.counts(*batch.buffers)

        def count(batch: Batch) -> NDArray[np.int64]:
            return batch.shared(counted)[:, kernels.COUNT]

        def terms(batch: Batch) -> NDArray[np.int64]:
            return batch.shared(counted)[:, kernels.TERMS]

        def share(batch: Batch) -> Ratios:
            return sensitive_ratio(batch.shared(counted))

        def score(batch: Batch) -> Ratios:
            return sensitive_score(batch.shared(counted))

        return Filter(
            name="safety",
            source="Taojin; lists/search_terms.toml and the recipe's own lists",
            metrics=(
                Metric("sensitive_count", count, "terms of the lists in the text"),
                Metric("sensitive_term_count", terms, "different ones among them"),
                Metric("sensitive_ratio", share, "share of units that terms cover"),
                Metric("sensitive_score", score, "that times the share of terms beyond three"),
            ),
        )


def sensitive_ratio(counts: Matrix) -> Ratios:
    return ratio(counts[:, kernels.COVERED], counts[:, kernels.UNITS])


def sensitive_score(counts: Matrix) -> Ratios:
    """float64[n] in 0..1: 0 for three terms however often, nearly the ratio for very many."""
    terms = counts[:, kernels.TERMS]
    return sensitive_ratio(counts) * ratio(np.maximum(terms - FEW_TERMS, 0), terms)


@dataclass(frozen=True)
class _Terms:
    """Terms with their categories, and what finds them."""

    entries: Sequence[tuple[str, str]]
    matcher: Matcher


@lru_cache(maxsize=4)
def _load(rules: SafetyRules, _stamps: Stamps) -> _Terms:
    """The terms that rules name, read once per process as long as their files stay as they are."""
    groups = wordlist.merged(
        [
            wordlist.shipped("search_terms") if rules.shipped else {},
            *(wordlist.read(path, "safety.lists") for path in rules.lists),
            {OWN: rules.terms} if rules.terms else {},
        ]
    )
    chosen = _chosen(groups, rules.categories)
    entries = [(entry, category) for category in chosen for entry in groups[category]]
    texts = tuple(entry for entry, _ in entries)
    if not any(folded(texts)):
        raise UserError("safety: no term to look for; name lists or terms, or use other filters")
    allowed = (*groups.get(ALLOWED, ()), *rules.allowed)
    return _Terms(entries, Matcher(texts, allowed, gaps=rules.spaced_out))


def _chosen(groups: Groups, categories: Sequence[str] | None) -> list[str]:
    """The categories to look for; UserError for one that no list has."""
    known = [name for name in groups if name != ALLOWED]
    for name in categories or ():
        if name not in known:
            raise unknown("safety.categories", "category", name, known)
    return [name for name in known if categories is None or name in categories]
