"""Rules over the URL alone, after RefinedWeb: Penedo et al. 2023, section G.1.

A word counts where it stands between separators of the lower-cased URL; lists of domains and words
that a user names are added to the few that ship here.
"""

from dataclasses import dataclass, field
from urllib.parse import unquote

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.filters.batch import Batch
from taojin.filters.rules import Filter, Metric

BLOCKED_WORDS = (
    "porn", "xxx", "sex", "casino", "betting", "viagra", "escort", "hentai", "lottery", "jackpot",
    "caipiao", "bocai", "duchang", "色情", "赌场", "博彩", "彩票",
)  # fmt: skip


@dataclass(frozen=True)
class UrlRules:
    """Domains (with their subdomains) and words that are not wanted."""

    domains: tuple[str, ...] = ()
    words: tuple[str, ...] = field(default=BLOCKED_WORDS)

    def blocked_word_count(self, batch: Batch) -> NDArray[np.int64]:
        parts = _url(batch).str.extract_all(r"[\p{L}\p{M}]+")
        words = pl.Series(self.words, dtype=pl.String).str.to_lowercase().to_list()
        hits = parts.list.eval(pl.element().is_in(words)).list.sum()
        return hits.fill_null(0).to_numpy().astype(np.int64)

    def blocked_domain_count(self, batch: Batch) -> NDArray[np.int64]:
        host = _url(batch).str.extract(r"^[a-z]+://(?:[^/@?#]*@)?([^/:?#]+)")
        host = host.fill_null("").str.strip_chars(".")
        blocked = np.zeros(host.len(), np.int64)
        for domain in self.domains:
            name = domain.lower().removeprefix("www.").strip(".")
            blocked += ((host == name) | host.str.ends_with(f".{name}")).to_numpy()
        return blocked

    def filter(self) -> Filter:
        return Filter(
            name="url",
            source="Penedo et al. 2023, appendix G.1",
            metrics=(
                Metric(
                    "blocked_domain_count",
                    self.blocked_domain_count,
                    "entries of the domain lists that the host falls under",
                ),
                Metric(
                    "blocked_word_count", self.blocked_word_count, "words of the list in the URL"
                ),
            ),
        )


def _url(batch: Batch) -> pl.Series:
    """The URLs in small letters, percent-encoded words decoded."""
    urls = batch.documents["source"].struct.field("url").fill_null("")
    encoded = urls.str.contains("%", literal=True).arg_true()
    decoded = urls.scatter(encoded, [unquote(url) for url in urls.gather(encoded)])
    return decoded.str.to_lowercase()
