"""The language of a text by its function words: the commonest words of 52 languages.

A third to a half of running text are articles, prepositions, pronouns and the like, and few of them
are the same in two languages. So a page of prose needs no model: one pass over its bytes, at some
220 MB/s, counts the words that each language has among its own.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets, string_buffers
from taojin.core.text import UNSPACED_CHARACTER, WORD, character_classes
from taojin.filters.batch import Ratios
from taojin.filters.function_word_kernels import CODES, Lexicon, count_cues, word_hashes

FEWEST_HITS = 4
CLEAR_SHARE = 0.8
"""A language is clear with so many hits, and that share against its nearest rival ..."""
MANY_HITS = 20
MIXED_SHARE = 0.6
"""... or with so many, and that share: then the text is in two languages, or in one of cousins."""
LEAST_RATIO = 0.2
"""Hits per word below which no language is clear: in prose 0.3 to 0.6 of the words are its own
language's, in one that has no list here below 0.2 are any other's.
"""


@dataclass(frozen=True)
class Evidence:
    """What the function words of some texts say."""

    hits: NDArray[np.uint16]
    """uint16[n, languages]: words that are cues of each language."""
    words: NDArray[np.int64]
    leader: NDArray[np.int64]
    """The language with the most hits, the first of equals."""
    share: Ratios
    """Of the words that tell the leader from its nearest rival, those that speak for the leader:
    (for + 1) / (for + against + 2), so that few words say little.
    """

    @property
    def most(self) -> NDArray[np.int64]:
        """The leader's hits."""
        return self.hits.max(axis=1, initial=0).astype(np.int64)

    @property
    def clear(self) -> NDArray[np.bool_]:
        """Whether the leader is the language, beyond the need of a model."""
        most = self.most
        pure = (most >= FEWEST_HITS) & (self.share >= CLEAR_SHARE)
        mixed = (most >= MANY_HITS) & (self.share >= MIXED_SHARE)
        return (pure | mixed) & (most >= LEAST_RATIO * self.words)

    def take(self, rows: NDArray[np.int64]) -> "Evidence":
        """The evidence of some of the texts."""
        return Evidence(self.hits[rows], self.words[rows], self.leader[rows], self.share[rows])


@cache
def lexicon_languages() -> tuple[str, ...]:
    """The languages that have a list, in the order of the columns of `Evidence.hits`."""
    return tuple(sorted(_lists()))


def evidence(offsets: Offsets, data: Bytes, rows: NDArray[np.int64]) -> Evidence:
    """What the words of the texts with these numbers say."""
    return Evidence(*count_cues(offsets, data, rows, len(lexicon_languages()), lexicon()))


@cache
def _lists() -> dict[str, dict[str, str]]:
    file = files("taojin.filters") / "lists" / "function_words.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def lexicon() -> Lexicon:
    """The lists of lists/function_words.toml."""
    lists = _lists()
    words = _owners({language: lists[language]["words"].split() for language in lists})
    letters = _owners({language: lists[language].get("letters", "") for language in lists})
    folded = _folded()
    keys, cues = _table(word_hashes(*string_buffers(pl.Series(list(words))), folded))
    of_letters = np.zeros(CODES, np.int32)
    for cue, letter in enumerate(letters, 1 + len(words)):
        of_letters[folded == ord(letter)] = cue
    groups = [[], *words.values(), *letters.values()]
    starts = np.cumsum([0, *map(len, groups)])
    owners = np.array([number for group in groups for number in group], np.int64)
    for array in (folded, of_letters, keys, cues, starts, owners):
        array.flags.writeable = False
    return Lexicon(folded, of_letters, keys, cues, starts, owners, max(map(len, words)))


def _owners(members: dict[str, Iterable[str]]) -> dict[str, list[int]]:
    """The numbers of the languages that have each word or letter."""
    owners: dict[str, list[int]] = {}
    for number, language in enumerate(lexicon_languages()):
        for member in dict.fromkeys(members[language]):
            owners.setdefault(member, []).append(number)
    return owners


def _folded() -> NDArray[np.uint16]:
    classes = character_classes()[:CODES]
    lower = (chr(code).lower() for code in range(CODES))
    codes = [ord(one) if len(one) == 1 else CODES for one in lower]
    folded = np.where(np.array(codes) < CODES, codes, np.arange(CODES))
    return np.where(classes & (WORD | UNSPACED_CHARACTER) == WORD, folded, 0).astype(np.uint16)


def _table(hashes: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """(keys, cues): the hash of word i stands with cue i + 1; at most a quarter of it is filled."""
    size = 1 << (4 * hashes.size).bit_length()
    keys, cues = np.zeros(size, np.uint64), np.zeros(size, np.int32)
    for cue, key in enumerate(hashes, 1):
        slot = int(key) % size
        while keys[slot]:
            slot = (slot + 1) % size
        keys[slot], cues[slot] = key, cue
    return keys, cues
