"""The checks of an answer that is not a span of its text, in order: the first that fails names why.

Every score is kept, whatever the bounds.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from taojin.pipeline.qa.blocks import Document
from taojin.pipeline.qa.grounding import dates, names, numbers
from taojin.pipeline.qa.grounding.fold import Folded
from taojin.pipeline.qa.grounding.quotes import Quote, find
from taojin.pipeline.qa.grounding.support import support
from taojin.pipeline.qa.offline.candidates import Candidate
from taojin.pipeline.qa.offline.gates import GATES

EXTRACTIVE = frozenset(("fact", "yes_no"))
"""Kinds whose answers say what the text says; the others say it in words of their own."""

WINDOW = 100
"""Code points on each side of a quote that belong to the evidence."""

_REUSED = ("question_length", "placeholder", "contains_answer", "anaphor", "meta_reference",
           "vague", "no_question")  # fmt: skip
_GATES = tuple(gate for gate in GATES if gate.reason in _REUSED)
_OPENS = r"is|are|was|were|do|does|did|can|could|should|would|will|has|have|may|must"
_YES_NO = re.compile(
    rf"[吗嗎][？?\s]*$|是否|能否|可否|是不是|能不能|有没有|有沒有|^(?:{_OPENS})\b", re.I
)
_WH = re.compile(
    r"什[么麼]|哪|多少|如何|怎|[为為][何什]|[谁誰]|几|幾|\b(?:what|who|which|when|where|why|how|or)\b|还是|還是",
    re.I,
)


@dataclass(frozen=True)
class Bounds:
    """The least of each score that is good enough."""

    quotes: float = 0.9
    numbers: float = 1.0
    names: float = 1.0
    support: float = 0.5
    abstractive_support: float = 0.3
    round_trip: float = 0.6


@dataclass(frozen=True)
class Claim:
    """What a model has said about a passage."""

    kind: str
    question: str
    answer: str
    evidence: Sequence[str]


@dataclass(frozen=True)
class Passage:
    """What a model was shown: a chunk as a document, and the words that it was introduced with."""

    document: Document
    introduction: str = ""
    folded: Folded = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "folded", Folded(self.document.text))


@dataclass(frozen=True)
class Verdict:
    """Where the quotes stand, the scores, and why the claim is rejected; empty if it is not."""

    quotes: Sequence[Quote]
    scores: dict[str, float]
    reason: str


def check(claim: Claim, passage: Passage, bounds: Bounds) -> Verdict:
    """The verdict on a claim about a passage."""
    found = [find(quote, passage.folded) for quote in claim.evidence]
    text, zh = passage.document.text, passage.document.zh
    shown = f"{passage.introduction}\n{text}"
    answer = dates.without(claim.answer)
    scores = {
        "quotes": min((quote.ratio for quote in found), default=0.0),
        "dates": dates.share_found(claim.answer, shown),
        "numbers": numbers.share_found(answer, shown),
        "names": names.share_found(claim.answer, shown, zh=zh),
        "support": support(claim.answer, _evidence(text, found), zh=zh),
    }
    return Verdict(found, scores, _reason(claim, passage, found, scores, bounds))


def _evidence(text: str, found: Sequence[Quote]) -> str:
    places = [(max(0, one.start - WINDOW), one.end + WINDOW) for one in found if one.ratio]
    return "\n".join(text[start:end] for start, end in places)


def _reason(
    claim: Claim,
    passage: Passage,
    found: Sequence[Quote],
    scores: dict[str, float],
    bounds: Bounds,
) -> str:
    extractive = claim.kind in EXTRACTIVE
    least = {
        "quotes": bounds.quotes,
        "dates": 1.0,
        "numbers": bounds.numbers,
        "names": bounds.names,
        "support": bounds.support if extractive else bounds.abstractive_support,
    }
    low = next((name for name, bound in least.items() if scores[name] < bound), "")
    return low or _yes_no(claim) or _gate(claim, passage.document, found)


def _yes_no(claim: Claim) -> str:
    """Whether a question is answered by yes or no, and its kind says otherwise, or the reverse."""
    asks = bool(_YES_NO.search(claim.question)) and not _WH.search(claim.question)
    return "" if asks == (claim.kind == "yes_no") else "yes_no"


def _gate(claim: Claim, document: Document, found: Sequence[Quote]) -> str:
    """The first of the offline generator's gates that rejects the question or the answer."""
    if not claim.answer.strip():
        return "empty"
    candidate = Candidate("endpoint", claim.kind, claim.question, found[0].start, found[0].end, 1.0)
    return next(
        (gate.reason for gate in _GATES if gate.rejects(document, candidate, claim.answer)), ""
    )
