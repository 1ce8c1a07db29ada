"""What jieba's dictionary knows of Chinese words: their class, and how much they say.

Sizes: 350,000 words with a tag, 270,000 with an inverse document frequency; read once per process.
Traditional characters are looked up as their simplified ones.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import polars as pl

from taojin.core import segment

SPECIFIC = 8.5
"""Inverse document frequency from which a word tells what a question is about: 球员 has 8.6."""
LONGEST = 6
_PREDICATES = frozenset(
    ("v", "vg", "vd", "vq", "d", "p", "c", "u", "ud", "ug", "uj", "ul", "uv", "uz", "y")
)
_NAMES = frozenset(("nr", "ns", "nt", "nz", "nrt", "nrfg"))
_NAMED = re.compile(r"[《·・]|[A-Za-z]{2}")
_LOOSE = _PREDICATES | frozenset(("r", "m", "q", "f", "t", "x", "e", "o", "k"))


@cache
def _folder() -> Path:
    spec = find_spec("jieba")  # importing it would compile its regular expressions
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent


def _read(name: str, columns: Sequence[str]) -> pl.DataFrame:
    return pl.read_csv(
        _folder() / name,
        separator=" ",
        has_header=False,
        quote_char=None,
        new_columns=columns,
        schema_overrides=dict.fromkeys(columns, pl.String),
    )


@cache
def tags() -> Mapping[str, str]:
    """The class of each word of up to LONGEST characters."""
    table = _read("dict.txt", ("word", "count", "tag")).filter(
        pl.col("word").str.len_chars() <= LONGEST
    )
    return dict(table.select("word", "tag").iter_rows())


@cache
def common() -> frozenset[str]:
    """The words that stand in too many documents to tell one from another."""
    table = _read("analyse/idf.txt", ("word", "idf"))
    return frozenset(table.filter(pl.col("idf").cast(pl.Float64) < SPECIFIC)["word"])


@cache
def _simplified() -> Mapping[int, str]:
    import opencc  # a tenth of a second, for Chinese only

    characters = "".join(map(chr, range(0x3400, 0xA000)))
    simple = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    pairs = zip(characters, simple, strict=True)
    return {ord(one): other for one, other in pairs if one != other and len(other) == 1}


def simplified(text: str) -> str:
    """The text in simplified characters, of the same length."""
    return text.translate(_simplified())


def first_word(text: str, at: int = 0) -> str:
    """The longest word of the dictionary that begins there; one character if there is none."""
    known = tags()
    for length in range(min(LONGEST, len(text) - at), 1, -1):
        if text[at : at + length] in known:
            return text[at : at + length]
    return text[at : at + 1]


def predicative(text: str, at: int = 0) -> bool:
    """Whether simplified text begins with a verb, an adverb, a preposition or a particle."""
    return tags().get(first_word(text, at), "n") in _PREDICATES


def specific(questions: Sequence[str]) -> list[bool]:
    """Of each question, whether a word in it tells what it is about.

    That is a word of no more than a few documents, one in Latin letters, a title, or two
    characters in a row that the dictionary does not join: a name that it does not know.
    """
    told = [bool(_NAMED.search(question)) for question in questions]
    doubtful = [
        simplified(one) for one, is_told in zip(questions, told, strict=True) if not is_told
    ]
    if not doubtful:
        return told
    found = iter([_specific(words) for words in segment.words(pl.Series(doubtful))])
    return [is_told or next(found) for is_told in told]


def _specific(words: Sequence[str]) -> bool:
    known, usual, loose = tags(), common(), False
    for word in words:
        if len(word) == 1 and "\u3400" <= word <= "\u9fff":
            name = known.get(word, "n") not in _LOOSE
            if name and loose:
                return True
            loose = name
            continue
        loose = False
        if len(word) > 1 and known.get(word) in _NAMES:
            return True
        if len(word) > 1 and word not in usual and known.get(word, "n") not in _LOOSE:
            return True
    return False
