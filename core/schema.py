"""The columns of every table that a run writes: the one place where they are named."""

from collections.abc import Mapping

import polars as pl

Schema = Mapping[str, "pl.DataType | type[pl.DataType]"]

SOURCE = pl.Struct(
    {
        "name": pl.String,
        "kind": pl.String,
        "uri": pl.String,
        "position": pl.Int64,
        "url": pl.String,
        "title": pl.String,
        "author": pl.String,
        "fetched_at": pl.String,
        "mime": pl.String,
        "licence": pl.String,
    }
)
"""Where a document came from. `position` is the WARC member's byte offset, the line of a JSONL or
CSV file (from 1), the row of any other table (from 0), and 0 for a file that is one document."""

CONVERSATION = pl.List(
    pl.Struct(
        {
            "role": pl.String,
            "start": pl.Int64,
            "end": pl.Int64,
            "parent": pl.Int64,
            "speaker": pl.Int64,
            "score": pl.Float64,
        }
    )
)
"""The messages of a document that is a conversation, else null: code points of its text, kept right
under edits; `parent` is the place of the message that one answers, null for one that opens.
`speaker` numbers those who speak, never by name, and `score` is how readers rated a message, the
more the better; null where the source tells none."""

LABELLED = (
    "instruction",
    "input",
    "context",
    "text",
    "premise",
    "hypothesis",
    "question",
    "option",
    "reasoning",
    "label",
    "answer",
    "summary",
    "output",
    "system",
)
"""The parts of a row of a labelled table: its document has them as messages of these roles."""

DOCUMENT: Schema = {
    "doc_id": pl.String,
    "content_hash": pl.String,
    "text": pl.String,
    "source": SOURCE,
    "lang": pl.String,
    "lang_score": pl.Float32,
    "conversation": CONVERSATION,
}

EDITS = pl.List(
    pl.Struct(
        {
            "field": pl.String,
            "kind": pl.String,
            "start": pl.Int64,
            "end": pl.Int64,
            "replacement": pl.String,
        }
    )
)
"""What a stage that changes text returns in its column `edits`; `field` is text or a string field
of `source`, such as title."""

EDIT: Schema = {
    "doc_id": pl.String,
    "field": pl.String,
    "step": pl.Int32,
    "stage": pl.String,
    "kind": pl.String,
    "start": pl.Int64,
    "end": pl.Int64,
    "inserted": pl.Int64,
}
"""One applied edit. Offsets are code points of the field before that step; the removed value is
never stored."""

READING: Schema = {
    "doc_id": pl.String,
    "source": pl.String,
    "kind": pl.String,
    "mime": pl.String,
    "lang": pl.String,
    "charset": pl.String,
    "charset_from": pl.String,
    "extractor": pl.String,
    "character_count": pl.Int64,
    "replacement_count": pl.Int64,
    "repaired_line_count": pl.Int64,
}
"""How a document was read, one row each. The counts are of the text as ingested and masked: its
code points, those that are U+FFFD, and the lines that were UTF-8 read as Windows-1252."""

FILE: Schema = {
    "source": pl.String,
    "uri": pl.String,
    "size_bytes": pl.Int64,
    "documents": pl.Int64,
    "quarantined": pl.Int64,
    "skipped": pl.Int64,
    "attempt": pl.Int64,
}
"""An input file and how many of its records came to what; `attempt` is 1 where it was read once."""

QUARANTINE: Schema = {
    "doc_id": pl.String,
    "source": pl.String,
    "uri": pl.String,
    "position": pl.Int64,
    "size_bytes": pl.Int64,
    "cause": pl.String,
    "detail": pl.String,
}

LEDGER: Schema = {
    "doc_id": pl.String,
    "source": pl.String,
    "lang": pl.String,
    "fate": pl.String,
    "stage": pl.String,
    "reasons": pl.List(pl.String),
    "units": pl.Int64,
    "size_bytes": pl.Int64,
}
"""One row per input record; `fate` is kept, dropped or quarantined."""

VALUE: Schema = {
    "doc_id": pl.String,
    "field": pl.String,
    "kind": pl.String,
    "value_hash": pl.UInt64,
}
"""A value of personal data that was found; its keyed hash tells nothing to who has no key."""

CLUSTER: Schema = {
    "kind": pl.String,
    "cluster_id": pl.String,
    "doc_id": pl.String,
    "kept_id": pl.String,
    "jaccard": pl.Float32,
    "why": pl.String,
    "kept_in": pl.String,
}
"""A member of a cluster. `why`: the first key of the keep rule in which the kept one is better;
`kept_in`: where that one lies, if it is none of this run's."""

TOGETHER: Schema = {
    "content_hash": pl.String,
    "cluster": pl.String,
    "large": pl.Boolean,
}
"""A kept document that resembles another: the least content hash among those that go to one split;
`large` if they are too many for validation."""

INDEX: Schema = {
    "doc_id": pl.String,
    "exact_key": pl.String,
    "url_key": pl.String,
    "signature": pl.Array(pl.UInt32, 128),
    "shingles": pl.List(pl.UInt32),
}
"""What a later run deduplicates against, of a kept document; `shingles` are null where candidates
were compared by their signatures."""

CONTAMINATION: Schema = {
    "benchmark": pl.String,
    "item": pl.String,
    "field": pl.String,
    "doc_id": pl.String,
    "start": pl.Int64,
    "end": pl.Int64,
    "overlap": pl.Float64,
    "cut": pl.Boolean,
}
"""An evaluation item in a document; offsets are code points of the text that was measured, and of
the text before the cut where it was cut."""

QUOTES = pl.List(pl.Struct({"start": pl.Int64, "end": pl.Int64}))
"""Stretches of the final text that support an answer; the first is the pair's evidence."""

SCORES = pl.Struct(
    dict.fromkeys(
        ("quotes", "dates", "numbers", "names", "support", "round_trip", "judge"), pl.Float32
    )
)
"""How well an answer is grounded, each from 0 to 1; null for a pass that was not made."""

QA: Schema = {
    "qa_id": pl.String,
    "doc_id": pl.String,
    "content_hash": pl.String,
    "source": pl.String,
    "lang": pl.String,
    "layer": pl.String,
    "kind": pl.String,
    "question": pl.String,
    "answer": pl.String,
    "evidence_start": pl.Int64,
    "evidence_end": pl.Int64,
    "score": pl.Float32,
    "generator": pl.String,
    "quotes": QUOTES,
    "scores": SCORES,
}
"""One question and its answer; evidence offsets are code points of the document's final text."""

QA_REJECTED: Schema = {
    "doc_id": pl.String,
    "content_hash": pl.String,
    "source": pl.String,
    "lang": pl.String,
    "layer": pl.String,
    "kind": pl.String,
    "question": pl.String,
    "answer": pl.String,
    "evidence_start": pl.Int64,
    "evidence_end": pl.Int64,
    "score": pl.Float32,
    "reason": pl.String,
}
"""A pair that was rejected, and why. What stands for a whole chunk or document has no question, and
what a model has said no span."""

QA_USAGE: Schema = {
    "request": pl.String,
    "outcome": pl.String,
    "requests": pl.Int64,
    "tokens_in": pl.Int64,
    "tokens_out": pl.Int64,
}
"""What a model was asked for (`pairs`, `round_trip`, `judge`), and what came of the requests."""

CHUNK: Schema = {
    "chunk_id": pl.String,
    "doc_id": pl.String,
    "content_hash": pl.String,
    "source": pl.String,
    "lang": pl.String,
    "title": pl.String,
    "headings": pl.List(pl.String),
    "start": pl.Int64,
    "end": pl.Int64,
    "text": pl.String,
    "token_count": pl.Int64,
}
"""A stretch of a document; offsets are code points of its final text, `headings` are those that all
of it stands under, the highest first."""


MESSAGES = pl.List(pl.Struct({"role": pl.String, "content": pl.String, "train": pl.Boolean}))
"""The turns of a dialogue: system, user or assistant, what is said, and whether it is learnt."""

DIALOGUE: Schema = {
    "dialogue_id": pl.String,
    "doc_id": pl.String,
    "content_hash": pl.String,
    "source": pl.String,
    "lang": pl.String,
    "task": pl.String,
    "messages": MESSAGES,
}
"""What a dialogue model is tuned on. `task` says what made it: the layer of a pair, `conversation`
or `thread`, or the template of a labelled table; its document is the one that it was made of."""

LEFT_OUT: Schema = {
    "doc_id": pl.String,
    "source": pl.String,
    "lang": pl.String,
    "message": pl.Int64,
    "role": pl.String,
    "reason": pl.String,
}
"""A message of a conversation that no dialogue has, or an assistant's that none learns; `message`
is its place in the document's conversation, from 0."""

PREFERENCE: Schema = {
    "preference_id": pl.String,
    "doc_id": pl.String,
    "content_hash": pl.String,
    "source": pl.String,
    "lang": pl.String,
    "prompt": pl.List(pl.Struct({"role": pl.String, "content": pl.String})),
    "chosen": pl.String,
    "rejected": pl.String,
    "margin": pl.Float64,
}
"""Two replies to the same prompt, of which one was rated higher; `margin` is by how much."""


def empty(schema: Schema) -> pl.DataFrame:
    """A table of that schema without rows."""
    return pl.DataFrame(schema=dict(schema))
