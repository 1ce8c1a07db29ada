"""Phrasings of tasks: data files by language, and how one of them is filled in.

No language falls back to another; a row whose language has no phrasing of its task is left out.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import polars as pl

LANGUAGES = ("en", "zh-Hans", "zh-Hant")
"""Those that have phrasings."""
_HOLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Phrasing:
    """How a task is put and how it is answered; `{part}` stands for a column."""

    prompt: str
    answer: str

    @property
    def holes(self) -> frozenset[str]:
        """The columns that it takes."""
        return frozenset(_HOLE.findall(self.prompt + self.answer))


OWN_WORDS: Mapping[str, Sequence[Phrasing]] = {"follow": (Phrasing("{instruction}", "{output}"),)}
"""Tasks that are put in the row's own words, in any language."""


@cache
def phrasings(lang: str) -> Mapping[str, Sequence[Phrasing]]:
    """The phrasings of each task (a form, or FORM_VARIANT) in a language."""
    if lang not in LANGUAGES:
        return OWN_WORDS
    found = {
        task: tuple(Phrasing(**one) for one in many)
        for task, many in _table(lang).items()
        if isinstance(many, list)
    }
    return {**found, **OWN_WORDS}


def joined(lang: str, names: Sequence[str]) -> str:
    """Names as one enumeration."""
    return str(_table(lang)["join"]).join(names)


@cache
def _table(lang: str) -> Mapping[str, object]:
    path = files("taojin.pipeline.qa.instructions") / "templates" / f"{lang}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def filled(template: str) -> pl.Expr:
    """The template with the values of the columns that it names; what they hold is no template."""
    pieces = _HOLE.split(template)
    parts = [pl.col(one) if at % 2 else pl.lit(one) for at, one in enumerate(pieces)]
    return pl.concat_str(parts)
