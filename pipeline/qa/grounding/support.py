"""Support: how much of an answer is said in the same words by its evidence."""

import re

from taojin.pipeline.qa.grounding.fold import folded

_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_SAID_ANYWHERE = (
    "a an the and or but of to in on at by for from with as is are was were be been it its this "
    "that these those which who whom what when where why how not no so than then there their they "
    "he she his her you your we our i can could may might will would shall should do does did has "
    "have had if into also such more most other any all both each some only own same"
)
_FUNCTION_WORDS = frozenset(_SAID_ANYWHERE.split())
_FUNCTION_CHARACTERS = frozenset("的了是在和与與及或也而就都把被其这這那个個")


def terms(text: str, *, zh: bool) -> set[str]:
    """Pairs of neighbouring characters without particles, or words without function words.

    Numbers are left out: they are compared by their worth.
    """
    if not zh:
        words = _WORD.findall(text.lower())
        return {word for word in words if word not in _FUNCTION_WORDS and not word.isdecimal()}
    bare = _NUMBER.sub("", folded(text))
    pairs = {bare[i : i + 2] for i in range(len(bare) - 1)}
    return {pair for pair in pairs if pair and not _FUNCTION_CHARACTERS.issuperset(pair)}


def support(answer: str, evidence: str, *, zh: bool) -> float:
    """The share of an answer's terms that its evidence has.

    1 for a number or a character alone, 0 for nothing.
    """
    said = terms(answer, zh=zh and _HAN.search(answer) is not None)
    known = terms(evidence, zh=zh and _HAN.search(answer) is not None)
    return len(said & known) / len(said) if said else float(folded(answer) != "")


def f1(answer: str, other: str, *, zh: bool) -> float:
    """How alike two answers are: twice the terms that both have, by the terms of both.

    Where one has no terms, 1 if they are the same.
    """
    one, two = terms(answer, zh=zh), terms(other, zh=zh)
    if not one or not two:
        return float(folded(answer) == folded(other))
    return 2 * len(one & two) / (len(one) + len(two))
