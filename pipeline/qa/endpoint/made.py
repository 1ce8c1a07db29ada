"""What was made of the answers, as tables: quotas and repeats of a document, and the account."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

import polars as pl

from taojin.core import schema
from taojin.core.hashing import content_hash
from taojin.pipeline.qa.endpoint.answers import Answer
from taojin.pipeline.qa.endpoint.prompts import Chunk
from taojin.pipeline.qa.grounding.checks import Claim, Verdict
from taojin.pipeline.qa.grounding.verbatim import PASSES
from taojin.pipeline.qa.questions import MODEL, key

GENERATOR = "endpoint/1"
"""Raised whenever the same answers would give other pairs."""

SPOKEN = pl.col("lang").fill_null("und").str.contains(r"^(?:zh|en)(?:-|$)")
"""Whether a document is in a language that is asked about."""
_SHARED = ("doc_id", "content_hash", "source", "lang")


@dataclass(frozen=True)
class Made:
    """Pairs (`schema.QA`), what was rejected (`schema.QA_REJECTED`) and what it took
    (`schema.QA_USAGE`).
    """

    pairs: pl.DataFrame
    rejected: pl.DataFrame
    usage: pl.DataFrame


@dataclass
class Asked:
    """A chunk, what came of it, and what it took."""

    row: Mapping[str, Any]
    chunk: Chunk
    found: list[tuple[Claim, Verdict]] = field(default_factory=list)
    rejected: list[tuple[Claim | None, str]] = field(default_factory=list)
    usage: list[tuple[str, str, Answer]] = field(default_factory=list)
    """Of each request its pass, what came of it, and what it took."""


def tables(
    documents: pl.DataFrame, asked: Sequence[Asked], kinds: Mapping[str, float], model: str
) -> Made:
    """Quotas and repeats of each document, and the tables."""
    by_document: defaultdict[str, list[Asked]] = defaultdict(list)
    for one in asked:
        by_document[one.row["doc_id"]].append(one)
    pairs = [row for many in by_document.values() for row in _kept(many, kinds, model)]
    rejected = [
        (*(one.row[name] for name in _SHARED), *_told(claim, why))
        for one in asked
        for claim, why in one.rejected
    ]
    made = pl.DataFrame(pairs, schema=dict(schema.QA), orient="row")
    told = pl.DataFrame(rejected, schema=dict(schema.QA_REJECTED), orient="row")
    return Made(
        made.sort("doc_id", "evidence_start", "question", "qa_id"),
        pl.concat([told, _foreign(documents)]).sort(pl.all()),
        _usage(asked),
    )


def _foreign(documents: pl.DataFrame) -> pl.DataFrame:
    """The documents that are neither Chinese nor English, rejected as a whole."""
    names = [name for name in schema.QA_REJECTED if name not in _SHARED]
    told = zip(names, _told(None, "language"), strict=True)
    why = [pl.lit(value).alias(name) for name, value in told]
    source = pl.col("source").struct.field("name").alias("source")
    found = documents.filter(~SPOKEN).select("doc_id", "content_hash", source, "lang", *why)
    return found.cast(pl.Schema(schema.QA_REJECTED))


def _told(claim: Claim | None, why: str) -> tuple[str | None, ...]:
    nowhere = (None, None, None)
    if claim is None:
        return MODEL, None, None, None, *nowhere, why
    return MODEL, claim.kind, claim.question, claim.answer, *nowhere, why


def _kept(
    many: Sequence[Asked], kinds: Mapping[str, float], model: str
) -> Iterator[tuple[object, ...]]:
    """The pairs of one document: each question once, each kind within its share."""
    most = sum(one.chunk.most_pairs for one in many)
    taken: Counter[str] = Counter()
    seen: set[str] = set()
    for one in many:
        for claim, verdict in one.found:
            asked = key(claim.question)
            full = taken[claim.kind] >= ceil(kinds[claim.kind] * most)
            if asked in seen or full:
                one.rejected.append((claim, "quota" if full else "repeated"))
                continue
            seen.add(asked)
            taken[claim.kind] += 1
            yield _pair(one.row, claim, verdict, model)


def _pair(row: Mapping[str, Any], claim: Claim, verdict: Verdict, model: str) -> tuple[object, ...]:
    quotes = [
        {"start": row["start"] + one.start, "end": row["start"] + one.end} for one in verdict.quotes
    ]
    scores = {name: verdict.scores.get(name) for name in schema.SCORES.to_schema()}
    told = [score for name, score in verdict.scores.items() if name not in PASSES]
    return (
        content_hash("\0".join((row["doc_id"], claim.question, claim.answer))),
        *(row[name] for name in _SHARED),
        MODEL,
        claim.kind,
        claim.question,
        claim.answer,
        quotes[0]["start"],
        quotes[0]["end"],
        sum(told) / len(told),
        f"{GENERATOR} {model}",
        quotes,
        scores,
    )


def _usage(asked: Sequence[Asked]) -> pl.DataFrame:
    """Requests of each pass that were answered, given up, or left out for the budget; and faults
    on the way, of which a request can have several.
    """
    rows: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for name, outcome, answer in (told for one in asked for told in one.usage):
        counted = rows[name, outcome if outcome in ("answered", "budget") else "given_up"]
        for at, value in enumerate((1, answer.tokens_in, answer.tokens_out)):
            counted[at] += value
        for cause, times in answer.faults.items():
            rows[name, f"fault_{cause}"][0] += times
    listed = [(*names, *counted) for names, counted in sorted(rows.items())]
    return pl.DataFrame(listed, schema=dict(schema.QA_USAGE), orient="row")
