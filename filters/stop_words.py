"""Gopher's stop words, in a list for each language (lists/stop_words.toml)."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import string_buffers
from taojin.filters.kernels import Stops, word_hashes

ELSE = "en"
"""The language whose list serves for those that have none."""

_MIX = np.uint64(0x9E3779B97F4A7C15)
_STOP_BITS = np.uint64(53)
_NONE = np.uint64(0xFFFFFFFFFFFFFFFF)


@cache
def stop_words() -> Mapping[str, tuple[str, ...]]:
    """The stop words of each language by its code."""
    text = (files("taojin.filters") / "lists" / "stop_words.toml").read_text(encoding="utf-8")
    return {lang: tuple(words.split()) for lang, words in tomllib.loads(text).items()}


def written(word: str) -> tuple[str, ...]:
    """The ways in which a stop word is recognised: as it is, capitalised, in capitals."""
    return tuple(dict.fromkeys((word, word.capitalize(), word.upper())))


@dataclass(frozen=True)
class StopWords:
    """Languages, and their words' hashes as the kernels want them."""

    languages: tuple[str, ...]
    stops: Stops

    def index(self, langs: pl.Series) -> NDArray[np.uint8]:
        """uint8[n]: which list is that of each language."""
        position = {lang: index for index, lang in enumerate(self.languages)}
        found = langs.replace_strict(position, default=position[ELSE], return_dtype=pl.UInt8)
        return found.to_numpy()


@cache
def compiled() -> StopWords:
    """All lists that ship with Taojin."""
    lists = stop_words()
    hashed = [_hashed(words) for words in lists.values()]
    most = max(keys.size for keys, _ in hashed)
    likely = np.zeros((len(hashed), 1 << 11), np.uint8)
    for row, (keys, _) in enumerate(hashed):
        likely[row, (keys * _MIX) >> _STOP_BITS] = 1
    keys = np.stack([np.pad(one, (0, most - one.size), constant_values=_NONE) for one, _ in hashed])
    bits = np.stack([np.pad(one, (0, most - one.size)) for _, one in hashed])
    stops = (likely, keys, bits)
    for array in stops:
        array.flags.writeable = False
    return StopWords(tuple(lists), stops)


def _hashed(words: Iterable[str]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """The sorted hashes of all ways to write these words, and the bit of the word of each."""
    forms = [(form, index) for index, word in enumerate(words) for form in written(word)]
    keys = word_hashes(*string_buffers(pl.Series([form for form, _ in forms])))
    bits = np.array([1 << index for _, index in forms], np.uint64)
    order = np.argsort(keys)
    return keys[order], bits[order]
