"""Names: what is written in Latin letters within Chinese, and in English what no dictionary has."""

import re
from collections.abc import Iterator

from taojin.pipeline.qa.grounding.fold import folded

_CODE = re.compile(r"`([^`\n]+)`")
_TOKEN = re.compile(r"[A-Za-z][\w+#]*(?:[./\-:][\w+#]+)*", re.ASCII)
_NAME = re.compile(r"[a-z][A-Z]|\d|_|[./:+#]|^[A-Z]{2,}")
_SENTENCE = re.compile(r"(?:^|[.!?:;\n]\s|[\"'“(*\-]\s?)\s*$")
_COMMON = frozenset(["yes", "no", "i", "e.g", "i.e", "etc", "and/or", "either/or"])


def names(answer: str, *, zh: bool) -> Iterator[str]:
    """Names, terms and code of an answer.

    In Chinese all that is written in Latin letters; in English what has a capital within a
    sentence, or digits, marks or capitals within the word.
    """
    yield from _CODE.findall(answer)
    bare = _CODE.sub(" ", answer)
    for match in _TOKEN.finditer(bare):
        token = match.group()
        if len(token) < 2 or token.lower() in _COMMON:
            continue
        capital = token[0].isupper() and not _SENTENCE.search(bare[: match.start()])
        if zh or capital or _NAME.search(token):
            yield token


def share_found(answer: str, passage: str, *, zh: bool) -> float:
    """The share of an answer's names that stand in the passage as a word; 1 where it has none.

    Of four letters or more within a word will do, and so will code anywhere.
    """
    there = folded(passage)
    words = {folded(part) for token in _TOKEN.findall(passage) for part in _parts(token)}
    code = {folded(found) for found in _CODE.findall(answer)}
    wanted = dict.fromkeys(folded(name) for name in names(answer, zh=zh))
    found = [
        name in words
        or name.removesuffix("s") in words
        or (name in there and (len(name) > 3 or name in code))
        for name in wanted
        if name
    ]
    return sum(found) / len(found) if found else 1.0


def _parts(token: str) -> list[str]:
    return [token, *re.split(r"[./\-:_]", token)]
