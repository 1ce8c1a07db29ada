"""Rules over the URL alone, after RefinedWeb: Penedo et al. 2023, section G.1.

Lists of domains and URLs that a user names (`filters.blocklist` says in which formats), and three
kinds of words (`lists/url_words.toml`): hard words, one of which is enough; soft words, two
different ones; and subwords, which are found inside other words and through dots and dashes. What
is allowed wins over all of them. A document without a URL breaks no rule.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import string_buffers
from taojin.core.errors import UserError
from taojin.filters import blocklist, url_parts, wordlist
from taojin.filters import term_kernels as kernels
from taojin.filters.batch import Batch
from taojin.filters.blocklist import BlockList
from taojin.filters.matcher import LETTERS, Matcher
from taojin.filters.rules import Filter, Metric
from taojin.filters.stamps import Stamps, stamps
from taojin.filters.term_kernels import Matrix

Counts = NDArray[np.int64]

HARD, SOFT, SUBWORDS, ALLOWED = "hard", "soft", "subwords", "allowed"
"""The groups of a list of words."""


@dataclass(frozen=True)
class UrlRules:
    """What is not wanted in a URL, and what is allowed all the same.

    `domains` and `allow` hold hosts, which stand for their subdomains, or URLs, which stand for all
    that continues them; `words`, `soft_words` and `subwords` take the place of the lists that ship.
    `lists` are files and folders of `filters.blocklist`, and TOML lists of words, which are added.
    """

    domains: tuple[str, ...] = ()
    words: tuple[str, ...] | None = None
    soft_words: tuple[str, ...] | None = None
    subwords: tuple[str, ...] | None = None
    lists: tuple[Path, ...] = ()
    allow: tuple[str, ...] = ()

    def files(self) -> list[Path]:
        """The files that the lists are read from; UserError for one that is not there."""
        return [file for path in self.lists for file in blocklist.files(path)]

    def check(self) -> None:
        """UserError for a list or an entry that is not right; no list is read to its end."""
        for path in self.lists:
            if not _is_words(path):
                any(len(blocked) or len(allowed) for blocked, allowed in blocklist.read(path))
        _own(self), _words(self)

    def digest(self) -> str:
        """Hexadecimal digest of all that the metrics depend on besides the documents."""
        given = (replace(self, lists=()), wordlist.shipped("url_words"))
        return wordlist.digest(self.files(), given)

    def blocked_domain_count(self, batch: Batch) -> Counts:
        hosts, _ = batch.shared(_parts)
        return self._unless_allowed(batch, self._lists().blocked.host_count(hosts))

    def blocked_url_count(self, batch: Batch) -> Counts:
        return self._unless_allowed(batch, self._lists().blocked.url_count(*batch.shared(_parts)))

    def blocked_word_count(self, batch: Batch) -> Counts:
        return self._unless_allowed(batch, self._found(batch, HARD)[:, kernels.COUNT])

    def blocked_subword_count(self, batch: Batch) -> Counts:
        return self._unless_allowed(batch, self._found(batch, SUBWORDS)[:, kernels.COUNT])

    def soft_word_count(self, batch: Batch) -> Counts:
        return self._unless_allowed(batch, self._found(batch, SOFT)[:, kernels.TERMS])

    def filter(self) -> Filter:
        def metric(measure: Callable[[Batch], Counts], about: str) -> Metric:
            return Metric(measure.__name__, measure, about)

        return Filter(
            name="url",
            source="Penedo et al. 2023, appendix G.1",
            metrics=(
                metric(self.blocked_domain_count, "entries of the lists that the host falls under"),
                metric(self.blocked_url_count, "entries of the lists that the URL begins with"),
                metric(self.blocked_word_count, "hard words between separators of the URL"),
                metric(self.blocked_subword_count, "words that are found inside others too"),
                metric(self.soft_word_count, "different soft words between separators"),
            ),
        )

    def _lists(self) -> "_Lists":
        return _load(self, stamps(self.files()))

    def _found(self, batch: Batch, group: str) -> Matrix:
        text = batch.shared(_joined if group == SUBWORDS else _text)
        return self._lists().words[group].count(*string_buffers(text))

    def _unless_allowed(self, batch: Batch, counts: Counts) -> Counts:
        """The counts, 0 where the host or the URL is allowed."""
        allowed = self._lists().allowed
        hosts, paths = batch.shared(_parts)
        return np.where(allowed.host_count(hosts) + allowed.url_count(hosts, paths), 0, counts)


@dataclass(frozen=True)
class _Lists:
    """What the rules are looked up in."""

    blocked: BlockList
    allowed: BlockList
    words: dict[str, Matcher]


@lru_cache(maxsize=4)
def _load(rules: UrlRules, _stamps: Stamps) -> _Lists:
    """The lists, read once per process as long as their files stay as they are."""
    domains, allow = _own(rules)
    allowed = [allow]

    def blocked() -> Iterator[pl.Series]:
        yield domains
        for path in rules.lists:
            if not _is_words(path):
                for some, exceptions in blocklist.read(path):
                    allowed.append(exceptions)
                    yield some

    return _Lists(blocklist.block_list(blocked()), blocklist.block_list(allowed), _words(rules))


def _own(rules: UrlRules) -> tuple[pl.Series, pl.Series]:
    """The recipe's own domains and exceptions; UserError for one that has no host."""
    found = []
    for key, given in (("domains", rules.domains), ("allow", rules.allow)):
        entries = url_parts.trimmed(pl.Series(given, dtype=pl.String)).str.replace(r"^\*?\.", "")
        bad = np.flatnonzero((url_parts.hosts(entries) == "") | entries.str.contains(r"[\s*]"))
        if bad.size:
            raise UserError(
                f"url.{key}: '{given[bad[0]]}' is no host and no URL; write bad.example for a "
                "domain and its subdomains, or bad.example/path"
            )
        found.append(entries)
    return found[0], found[1]


def _words(rules: UrlRules) -> dict[str, Matcher]:
    shipped = wordlist.shipped("url_words")
    given = {HARD: rules.words, SOFT: rules.soft_words, SUBWORDS: rules.subwords}
    own = {name: shipped[name] if words is None else words for name, words in given.items()}
    lists = [wordlist.read(path, "url.lists") for path in rules.lists if _is_words(path)]
    for path, groups in zip(filter(_is_words, rules.lists), lists, strict=True):
        for name in groups:
            if name not in (*given, ALLOWED):
                raise UserError(
                    f"url.lists: '{path}' has no use for a group '{name}'; known: "
                    f"{', '.join((*given, ALLOWED))}"
                )
    groups = wordlist.merged([own, *lists, {ALLOWED: shipped[ALLOWED]}])
    return {
        name: Matcher(groups[name], groups[ALLOWED], None if name == SUBWORDS else LETTERS)
        for name in given
    }


def _is_words(path: Path) -> bool:
    return path.name.endswith((".toml", ".toml.gz"))


def _parts(batch: Batch) -> tuple[pl.Series, pl.Series]:
    """(hosts, paths) of the documents' URLs."""
    urls = url_parts.trimmed(batch.documents["source"].struct.field("url"))
    return url_parts.hosts(urls), url_parts.paths(urls)


def _text(batch: Batch) -> pl.Series:
    """The URLs as words are looked for in them."""
    hosts, paths = batch.shared(_parts)
    return hosts + paths


def _joined(batch: Batch) -> pl.Series:
    """The same without what parts words: `edsub-wo.rdbar.com` is edsubwordbarcom."""
    return batch.shared(_text).str.replace_all(r"[-._~+ ]", "")
