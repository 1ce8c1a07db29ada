"""The offline generator: layers propose, gates reject, each document keeps its best pairs.

No model and no network: grounding is by construction, since every answer is a span of the text.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from math import ceil

import polars as pl

from taojin.core import schema
from taojin.core.hashing import content_hash
from taojin.pipeline.qa.blocks import Document, document
from taojin.pipeline.qa.offline import definitions, facts, mined, structure
from taojin.pipeline.qa.offline.candidates import Candidate
from taojin.pipeline.qa.offline.gates import reason
from taojin.pipeline.qa.offline.lexicon_zh import specific
from taojin.pipeline.qa.questions import key
from taojin.pipeline.qa.retrieval import Index

GENERATOR = "offline/1"
"""Raised whenever the same document would get other pairs."""

CHARACTERS_PER_PAIR = 400
CELL_SHARE = 3
"""One pair in so many may come from the cells of tables, which all ask alike."""

TOP = 3
"""A question must find its chunk again among so many."""

REJECT: schema.Schema = {
    "doc_id": pl.String,
    "layer": pl.String,
    "reason": pl.String,
    "count": pl.Int64,
}

_LAYERS = (mined, definitions, structure, facts)


def generate(documents: pl.DataFrame) -> pl.DataFrame:
    """Pairs as `schema.QA`, sorted by (doc_id, evidence_start, question)."""
    return generate_with_rejects(documents)[0]


def generate_with_rejects(documents: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(pairs, rejected candidates counted by doc_id, layer and reason).

    A document in another language than Chinese or English is one reject, reason `language`.
    """
    rows: list[tuple[object, ...]] = []
    rejects: Counter[tuple[str, str, str]] = Counter()
    spoken = pl.col("lang").fill_null("und").str.contains(r"^(?:zh|en)(?:-|$)")
    for doc_id in documents.filter(~spoken)["doc_id"]:
        rejects[doc_id, "document", "language"] += 1
    cue = "|".join(f"(?:{layer.CUE})" for layer in _LAYERS)
    for row in _wanted(documents.filter(spoken & pl.col("text").str.contains(cue))):
        one = document(
            str(row["doc_id"]), str(row["text"]), str(row["title"] or ""), str(row["lang"])
        )
        found, refused = pairs(one)
        rows += [_pair_row(one, row, candidate) for candidate in found]
        for (layer, why), count in refused.items():
            rejects[one.doc_id, layer, why] += count
    accepted = pl.DataFrame(rows, schema=dict(schema.QA), orient="row")
    counted = [(*names, count) for names, count in sorted(rejects.items())]
    return (
        accepted.sort("doc_id", "evidence_start", "question", "qa_id"),
        pl.DataFrame(counted, schema=dict(REJECT), orient="row"),
    )


def _wanted(documents: pl.DataFrame) -> Iterator[Mapping[str, object]]:
    source = pl.col("source").struct
    return documents.select(
        "doc_id",
        "content_hash",
        "text",
        "lang",
        source.field("name").alias("source"),
        source.field("title").alias("title"),
    ).iter_rows(named=True)


def _pair_row(one: Document, row: Mapping[str, object], candidate: Candidate) -> tuple[object, ...]:
    answer = one.text[candidate.start : candidate.end]
    qa_id = content_hash("\0".join((one.doc_id, candidate.question, answer)))
    return (
        qa_id,
        one.doc_id,
        row["content_hash"],
        row["source"],
        row["lang"],
        candidate.layer,
        candidate.kind,
        candidate.question,
        answer,
        candidate.start,
        candidate.end,
        candidate.score,
        GENERATOR,
    )


def pairs(one: Document) -> tuple[list[Candidate], Counter[tuple[str, str]]]:
    """The candidates that one document keeps, and how many fell per (layer, reason)."""
    refused: Counter[tuple[str, str]] = Counter()
    passed: list[Candidate] = []
    for layer in _LAYERS:
        for candidate in layer.propose(one):
            why = reason(one, candidate)
            if why:
                refused[candidate.layer, why] += 1
            else:
                passed.append(candidate)
    for step in (_about_something, _found_again, _asked_once, _best):
        passed = step(one, passed, refused)
    return passed, refused


def _about_something(
    one: Document, candidates: Sequence[Candidate], refused: Counter[tuple[str, str]]
) -> list[Candidate]:
    """The candidates but those of Chinese facts whose question names nothing in particular."""
    asked = [one.zh and candidate.layer == "facts" for candidate in candidates]
    told = iter(specific([c.question for c, is_asked in zip(candidates, asked, strict=True) if is_asked]))
    kept = []
    for candidate, is_asked in zip(candidates, asked, strict=True):
        if is_asked and not next(told):
            refused[candidate.layer, "general"] += 1
        else:
            kept.append(candidate)
    return kept


def _found_again(
    one: Document, candidates: Sequence[Candidate], refused: Counter[tuple[str, str]]
) -> list[Candidate]:
    """The candidates whose chunk their question retrieves; what an author asked is not tested."""
    if all(candidate.layer == "mined" for candidate in candidates):
        return list(candidates)
    index = Index(one)
    kept = []
    for candidate in candidates:
        rank = 1 if candidate.layer == "mined" else index.rank(candidate.question, candidate.start)
        if rank > TOP:
            refused[candidate.layer, "retrieval"] += 1
        else:
            score = candidate.score * (1.1 - 0.1 * rank)
            kept.append(_scored(candidate, score))
    return kept


def _scored(candidate: Candidate, score: float) -> Candidate:
    return Candidate(
        candidate.layer, candidate.kind, candidate.question, candidate.start, candidate.end, score
    )


def _asked_once(
    _: Document, candidates: Sequence[Candidate], refused: Counter[tuple[str, str]]
) -> list[Candidate]:
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
            refused[best.layer, "ambiguous" if ambiguous else "repeated"] += 1
        else:
            kept.append(best)
            spans.add((best.start, best.end))
        for other in others:
            refused[other.layer, "ambiguous" if ambiguous else "repeated"] += 1
    return kept


def _order(candidate: Candidate) -> tuple[float, int, str]:
    return -candidate.score, candidate.start, candidate.question


def _best(
    one: Document, candidates: Sequence[Candidate], refused: Counter[tuple[str, str]]
) -> list[Candidate]:
    """The best of each layer in turn, as many as the document's length allows."""
    cap = ceil(len(one.text) / CHARACTERS_PER_PAIR)
    queues = [
        sorted((c for c in candidates if c.layer == layer), key=_order)
        for layer in dict.fromkeys(c.layer for c in candidates)
    ]
    cells = ceil(cap / CELL_SHARE)
    turns = [c for turn in zip_longest(*queues) for c in turn if c is not None]
    taken = Counter[bool]()
    kept: list[Candidate] = []
    for candidate in turns:
        cell = candidate.kind == "cell"
        if len(kept) >= cap or (cell and taken[cell] >= cells):
            refused[candidate.layer, "cap"] += 1
        else:
            taken[cell] += 1
            kept.append(candidate)
    return kept
