"""The offline generator: layers propose, gates reject, each document keeps its best pairs.

No model and no network: grounding is by construction, since every answer is a span of the text.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from taojin.core import schema
from taojin.core.hashing import content_hash
from taojin.core.text import unit_count
from taojin.pipeline.qa.blocks import Document, document
from taojin.pipeline.qa.grounding.verbatim import verbatim
from taojin.pipeline.qa.offline import definitions, facts, mined, reading, structure
from taojin.pipeline.qa.offline.candidates import Candidate
from taojin.pipeline.qa.offline.choose import chosen
from taojin.pipeline.qa.offline.gates import reason
from taojin.pipeline.qa.offline.settings import Settings
from taojin.pipeline.qa.questions import key
from taojin.pipeline.qa.verdicts import Verdict, Verdicts, place

GENERATOR = "offline/3"
"""Raised whenever the same document would get other pairs."""

_LAYERS = {
    "mined": mined,
    "definitions": definitions,
    "structure": structure,
    "facts": facts,
    "reading": reading,
}
_SPOKEN = r"^(?:zh|en)(?:-|$)"

Rejected = tuple[Candidate, str]
"""A candidate, and why it fell."""


def generate(documents: pl.DataFrame, using: Settings = Settings()) -> pl.DataFrame:  # noqa: B008  # frozen
    """Pairs as `schema.QA`, sorted by (doc_id, evidence_start, question)."""
    return generate_with_rejects(documents, using)[0]


def generate_with_rejects(
    documents: pl.DataFrame,
    using: Settings = Settings(),  # noqa: B008  # frozen
    verdicts: Verdicts | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(pairs, rejected candidates as `schema.QA_REJECTED`), both sorted.

    A document in another language than Chinese or English is one reject, reason `language`.
    """
    rows: list[tuple[object, ...]] = []
    spoken = pl.col("lang").fill_null("und").str.contains(_SPOKEN)
    other = _wanted(documents.filter(~spoken))
    fallen = [(*_place(row), "document", *[None] * 6, "language") for row in other]
    layers = {name: layer for name, layer in _LAYERS.items() if using.layers[name].on}
    cue = "|".join(f"(?:{layer.CUE})" for layer in layers.values()) or r"[^\s\S]"
    for row in _wanted(documents.filter(spoken & pl.col("text").str.contains(cue))):
        one = document(
            str(row["doc_id"]), str(row["text"]), str(row["title"] or ""), str(row["lang"])
        )
        found, refused = pairs(one, using, int(str(row["units"])))
        if verdicts:
            found, refused = judged(one, str(row["content_hash"]), found, refused, verdicts)
        rows += [_pair_row(one, row, candidate) for candidate in found]
        fallen += [_rejected_row(one, row, *one_of) for one_of in refused]
    columns = {name: kind for name, kind in schema.QA.items() if name not in ("quotes", "scores")}
    accepted = verbatim(pl.DataFrame(rows, schema=columns, orient="row"))
    rejected = pl.DataFrame(fallen, schema=dict(schema.QA_REJECTED), orient="row")
    return (
        accepted.sort("doc_id", "evidence_start", "question", "qa_id"),
        rejected.sort(pl.all()),
    )


def _wanted(documents: pl.DataFrame) -> Iterator[Mapping[str, object]]:
    source = pl.col("source").struct
    return documents.select(
        "doc_id",
        "content_hash",
        "text",
        "lang",
        unit_count(pl.col("text")).alias("units"),
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


def _place(row: Mapping[str, object]) -> tuple[object, ...]:
    return row["doc_id"], row["content_hash"], row["source"], row["lang"]


def _rejected_row(
    one: Document, row: Mapping[str, object], candidate: Candidate, why: str
) -> tuple[object, ...]:
    return (
        *_place(row),
        candidate.layer,
        candidate.kind,
        candidate.question,
        one.text[candidate.start : candidate.end],
        candidate.start,
        candidate.end,
        candidate.score,
        why,
    )


def pairs(one: Document, using: Settings, units: int) -> tuple[list[Candidate], list[Rejected]]:
    """The candidates that one document of so many units keeps, and those that fell."""
    fallen: list[Rejected] = []
    passed: list[Candidate] = []
    for name, layer in _LAYERS.items():
        if not using.layers[name].on:
            continue
        for candidate in layer.propose(one):
            why = reason(one, candidate)
            if why:
                fallen.append((candidate, why))
            else:
                passed.append(replace(candidate, score=candidate.score * using.layers[name].prior))
    kept = chosen(one, passed, using, units, lambda *refused: fallen.append(refused))
    return kept, fallen


def judged(
    one: Document,
    text_hash: str,
    kept: Sequence[Candidate],
    fallen: Sequence[Rejected],
    verdicts: Verdicts,
) -> tuple[list[Candidate], list[Rejected]]:
    """The same after a person's verdicts: what they accept or edit passes, what they reject falls.

    A question is asked once: of those with one key that a person accepts the first stays.
    """
    said = {
        candidate: verdict
        for candidate in (*kept, *(candidate for candidate, _ in fallen))
        if (verdict := verdicts.get((text_hash, key(candidate.question))))
    }
    wanted: dict[str, Candidate] = {}
    for candidate, verdict in said.items():
        if verdict.kind != "reject":
            wanted.setdefault(key(candidate.question), _edited(one, candidate, verdict))
    stay = [candidate for candidate in kept if candidate not in said]
    leave = [(candidate, why) for candidate, why in fallen if candidate not in said]
    leave += [
        (candidate, "verdict") for candidate, one_of in said.items() if one_of.kind == "reject"
    ]
    return [*stay, *wanted.values()], leave


def _edited(one: Document, candidate: Candidate, verdict: Verdict) -> Candidate:
    """The candidate as a person wants it, trusted fully."""
    start, end = place(one.text, candidate.start, candidate.end, verdict)
    question = verdict.question or candidate.question
    return replace(candidate, question=question, start=start, end=end, score=1.0)
