"""The warnings of a run, in both languages of its page, as words.toml has them."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

Sentence = dict[str, str]
"""The same sentence in `en` and in `zh`."""


def said(key: str, **values: object) -> Sentence:
    """A warning with its values; whole numbers have their thousands separated."""
    shown = {
        name: f"{value:,}" if isinstance(value, int) else value for name, value in values.items()
    }
    english, chinese = warnings()[key]
    return {"en": english.format(**shown), "zh": chinese.format(**shown)}


def english(warning: Sentence | str) -> str:
    """A warning as it is told at a terminal; an older run noted the English sentence alone."""
    return warning if isinstance(warning, str) else warning["en"]


@cache
def warnings() -> Mapping[str, list[str]]:
    """By key: a warning in English and in Chinese, with places for its values."""
    text = (files(__package__) / "words.toml").read_text(encoding="utf-8")
    table: Mapping[str, list[str]] = tomllib.loads(text)["warnings"]
    return table
