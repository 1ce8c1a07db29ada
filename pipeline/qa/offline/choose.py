"""Which of the candidates that pass the gates a document keeps: found again, asked once, the best.

Every step takes the candidates that are left and returns those that stay; what falls is handed to
`refused` with its reason.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import zip_longest
from math import ceil

from taojin.pipeline.qa.blocks import Document
from taojin.pipeline.qa.offline.candidates import Candidate
from taojin.pipeline.qa.offline.lexicon_zh import specific
from taojin.pipeline.qa.offline.settings import Settings
from taojin.pipeline.qa.questions import key
from taojin.pipeline.qa.retrieval import Index

CELL_SHARE = 3
"""One pair in so many may come from the cells of tables, which all ask alike."""
TOP = 3
"""A question must find its chunk again among so many."""

_BARE = re.compile(r"有|[为為][什何]|[还還]|哪|[会會能]|到底")
"""How headings begin that ask without a subject."""
Refuse = Callable[[Candidate, str], None]


def chosen(
    one: Document, candidates: Sequence[Candidate], using: Settings, units: int, refuse: Refuse
) -> list[Candidate]:
    """The pairs of a document of so many units."""
    left = _about_something(one, candidates, refuse)
    left = _found_again(one, left, refuse)
    left = _asked_once(left, refuse)
    return _best(left, using, ceil(units / using.units_per_pair), refuse)


def _about_something(
    one: Document, candidates: Sequence[Candidate], refuse: Refuse
) -> list[Candidate]:
    """The candidates but those whose question names nothing in particular, in Chinese.

    Terms name it by themselves: facts, enumerations and bare headings are looked at.
    """
    facts = [c for c in candidates if one.zh and _looked_at(c)]
    told = specific([candidate.question for candidate in facts])
    vague = {fact for fact, is_told in zip(facts, told, strict=True) if not is_told}
    for candidate in vague:
        refuse(candidate, "general")
    return [candidate for candidate in candidates if candidate not in vague]


def _looked_at(candidate: Candidate) -> bool:
    bare = candidate.kind == "heading" and _BARE.match(candidate.question)
    return candidate.layer == "facts" or candidate.kind == "enumeration" or bool(bare)


def _found_again(one: Document, candidates: Sequence[Candidate], refuse: Refuse) -> list[Candidate]:
    """The candidates whose chunk their question retrieves; what an author asked is not tested."""
    if all(candidate.layer == "mined" for candidate in candidates):
        return list(candidates)
    index = Index(one)
    kept = []
    for candidate in candidates:
        rank = 1 if candidate.layer == "mined" else index.rank(candidate.question, candidate.start)
        if rank > TOP:
            refuse(candidate, "retrieval")
        else:
            kept.append(replace(candidate, score=candidate.score * (1.1 - 0.1 * rank)))
    return kept


def _asked_once(candidates: Sequence[Candidate], refuse: Refuse) -> list[Candidate]:
    """One candidate per question and per span.

    A question that a pattern would answer in two ways is ambiguous and falls with all its answers,
    unless the author asked it.
    """
    asked: defaultdict[str, list[Candidate]] = defaultdict(list)
    for candidate in sorted(candidates, key=_order):
        asked[key(candidate.question)].append(candidate)
    spans: set[tuple[int, int]] = set()
    kept = []
    for best, *others in asked.values():
        ambiguous = best.layer == "structure" and any(other.layer == best.layer for other in others)
        ambiguous = ambiguous or (best.layer == "facts" and bool(others))
        repeated = (best.start, best.end) in spans
        if ambiguous or repeated:
            refuse(best, "ambiguous" if ambiguous else "repeated")
        else:
            kept.append(best)
            spans.add((best.start, best.end))
        for other in others:
            refuse(other, "ambiguous" if ambiguous else "repeated")
    return kept


def _order(candidate: Candidate) -> tuple[float, int, str]:
    return -candidate.score, candidate.start, candidate.question


def _best(
    candidates: Sequence[Candidate], using: Settings, cap: int, refuse: Refuse
) -> list[Candidate]:
    """The best of each layer in turn, as many as the document's length and the shares allow."""
    queues = [
        sorted((c for c in candidates if c.layer == layer), key=_order)
        for layer in dict.fromkeys(c.layer for c in candidates)
    ]
    most = {name: ceil(cap * layer.share) for name, layer in using.layers.items()}
    cells = ceil(cap / CELL_SHARE)
    taken = Counter[str]()
    kept: list[Candidate] = []
    for candidate in (c for turn in zip_longest(*queues) for c in turn if c is not None):
        cell = candidate.kind == "cell"
        if len(kept) >= cap or (cell and taken["cell"] >= cells):
            refuse(candidate, "cap")
        elif taken[candidate.layer] >= most[candidate.layer]:
            refuse(candidate, "share")
        else:
            taken.update((candidate.layer, *(("cell",) if cell else ())))
            kept.append(candidate)
    return kept
