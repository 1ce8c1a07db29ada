"""Parsing: what a model meant, out of what it wrote."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from taojin.pipeline.ingest.charset import clean
from taojin.pipeline.qa.endpoint.kinds import KINDS
from taojin.pipeline.qa.grounding.checks import Claim

_THOUGHT = re.compile(r"^.*?</think>|<think>.*$", re.DOTALL)
_TRAILING = re.compile(r'("(?:[^"\\]|\\.)*+(?:"|\\?\Z))|,(?=\s*[\]}])', re.DOTALL)
_DECODER = json.JSONDecoder(strict=False)


class FormatError(Exception):
    """A reply cannot be used; the message says to the model what was wrong."""


PAIRS_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["pairs"],
    "properties": {
        "pairs": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["type", "question", "answer", "evidence"],
                "properties": {
                    "type": {"type": "string", "enum": list(KINDS)},
                    "question": {"type": "string"},
                    "answer": {"type": "string"},
                    "evidence": {"type": "array", "items": {"type": "string"}},
                },
            },
        }
    },
}
"""What `response_format` asks for."""

VERDICT_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["verdict"],
    "properties": {"verdict": {"type": "string", "enum": ["supported", "partial", "unsupported"]}},
}


def claims(reply: str) -> list[Claim | None]:
    """The pairs of a reply in their order, None for an object that is none.

    Thoughts, fences, text around, trailing commas and what is cut off at the end are passed over.
    FormatError if there is no pair, and the reply is no empty list.
    """
    found = list(objects(reply))
    pairs = [_claim(one) for one in found]
    if not any(pairs) and not _is_empty(reply):
        wrong = "no object has type, question, answer and evidence" if found else "it is no JSON"
        raise FormatError(wrong)
    return pairs


def verdict(reply: str) -> str:
    """supported, partial or unsupported; FormatError for anything else."""
    for one in objects(reply):
        told = one.get("verdict")
        if told in ("supported", "partial", "unsupported"):
            return str(told)
    raise FormatError("no object has a verdict: supported, partial or unsupported")


def spoken(reply: str) -> str:
    """A reply in prose, without thoughts; FormatError if nothing is left."""
    said = clean(_THOUGHT.sub("", reply)).strip()
    if not said:
        raise FormatError("it is empty")
    return said


def objects(reply: str) -> Iterator[dict[str, Any]]:
    """The objects of a reply, those within a list `pairs` one by one."""
    text = _TRAILING.sub(r"\1", _THOUGHT.sub("", reply))
    at = text.find("{")
    while at >= 0:
        try:
            found, end = _DECODER.raw_decode(text, at)
        except RecursionError:  # what lies so deep is no pair, and looking on would take its square
            return
        except ValueError:
            at = text.find("{", at + 1)
            continue
        inner = found.get("pairs")
        listed = inner if isinstance(inner, list) else [found]
        yield from (one if isinstance(one, dict) else {} for one in listed)
        at = text.find("{", end)


def _claim(one: Mapping[str, Any]) -> Claim | None:
    kind, question, answer = one.get("type"), one.get("question"), one.get("answer")
    quotes = one.get("evidence")
    quotes = [quotes] if isinstance(quotes, str) else quotes
    if kind not in KINDS or not isinstance(question, str) or not isinstance(answer, str):
        return None
    if not isinstance(quotes, list) or not quotes:
        return None
    if not all(isinstance(quote, str) for quote in quotes):
        return None
    return Claim(
        str(kind), clean(question).strip(), clean(answer).strip(), [clean(one) for one in quotes]
    )


def _is_empty(reply: str) -> bool:
    """Whether the model has said that there is nothing to ask."""
    bare = re.sub(r"```\w*|\s", "", _THOUGHT.sub("", reply))
    return bare in ("[]", '{"pairs":[]}')
