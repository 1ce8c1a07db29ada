"""Chunks: stretches of documents of so many tokens, cut where a reader would cut them.

They are what a model is asked about, and what a retriever finds. Measured on documentation in one
thread: 5 MB/s, where the walk over blocks alone is 10 and the tokenizer 35.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core import schema
from taojin.core.hashing import content_hash
from taojin.pipeline.qa.blocks import Document, document
from taojin.pipeline.qa.packing import Held, Sized, pack
from taojin.pipeline.qa.pieces import (
    LEAST_TOKENS,
    LONGEST_HEADING,
    Piece,
    characters,
    pieces,
    sentences,
)
from taojin.tokenizer.encode import Encoder

Count = Callable[[pl.Series], NDArray[np.int64]]
"""int64[n]: the tokens of n texts."""


def token_counts(encoder: Encoder) -> Count:
    """How a tokenizer counts."""
    return lambda texts: np.diff(encoder.encode(texts)[0])


def chunks(documents: pl.DataFrame, most_tokens: int, count: Count) -> pl.DataFrame:
    """The chunks (`schema.CHUNK`) of all documents, in their order.

    Those of a document cover its text in order without overlap; only white space between them is
    left out. Fences and rows of tables are cut only where one alone is more than `most_tokens`,
    which is 16 at least.
    """
    found = list(_documents(documents))
    fitting = _fitting([one for one, _ in found], max(LEAST_TOKENS, most_tokens), count)
    rows = [_row(*found[at], held, tokens) for at, held, tokens in fitting]
    return pl.DataFrame(rows, schema=dict(schema.CHUNK), orient="row")


def _documents(documents: pl.DataFrame) -> Iterator[tuple[Document, Sequence[object]]]:
    """Each document with the columns that its chunks share."""
    source = pl.col("source").struct
    columns = documents.select(
        "doc_id",
        "content_hash",
        source.field("name"),
        pl.col("lang").fill_null("und"),
        source.field("title").fill_null(""),
        "text",
    )
    for *row, title, text in columns.iter_rows():
        yield document(row[0], text, title, row[-1]), row


def _row(one: Document, shared: Sequence[object], held: Held, tokens: int) -> tuple[object, ...]:
    start, end = _bare(one.text, held)
    text = one.text[start:end]
    chunk_id = content_hash(f"{one.doc_id}\0{start}\0{text}")
    headings = _common([piece.path for piece, _ in held])
    title = one.title[:LONGEST_HEADING]
    return (chunk_id, *shared, title, headings, start, end, text, tokens)


def _common(paths: Sequence[tuple[str, ...]]) -> list[str]:
    """How all paths begin."""
    low, high = min(paths), max(paths)
    same = next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), None)
    return list(low[: min(len(low), len(high)) if same is None else same])


def _bare(text: str, held: Held) -> tuple[int, int]:
    """Where a chunk begins and ends without the white space around it."""
    start, end = held[0][0].start, held[-1][0].end
    inside = text[start:end]
    return start + len(inside) - len(inside.lstrip()), start + len(inside.rstrip())


def _fitting(
    documents: Sequence[Document], most: int, count: Count
) -> Iterator[tuple[int, Held, int]]:
    """(place of the document, what a chunk of it holds, its tokens), in order.

    A text can be more tokens than its pieces are: such a chunk is packed again, for half as much.
    """
    sized = _sized(documents, most, count)
    packed = [(at, held) for at, one in enumerate(sized) for held in pack(one, most)]
    budget = most
    while True:
        bounds = [(at, held, *_bare(documents[at].text, held)) for at, held in packed]
        packed = [(at, held) for at, held, start, end in bounds if start < end]
        texts = [documents[at].text[start:end] for at, _, start, end in bounds if start < end]
        tokens = count(pl.Series(texts, dtype=pl.String)).tolist()
        over = [n > most and len(held) > 1 for n, (_, held) in zip(tokens, packed, strict=True)]
        if not any(over):
            break
        budget //= 2
        packed = [
            (at, part)
            for large, (at, held) in zip(over, packed, strict=True)
            for part in (pack(held, budget) if large else [held])
        ]
    return ((at, held, n) for n, (at, held) in zip(tokens, packed, strict=True))


def _sized(documents: Sequence[Document], most: int, count: Count) -> list[list[Sized]]:
    """The pieces of each document with their tokens, those that are too large cut once or twice."""
    sized = _counted(documents, [pieces(one) for one in documents], count)
    for finer in (sentences, characters):
        parts = [
            [part for piece, n in many if n > most for part in finer(one.text, piece, most)]
            for one, many in zip(documents, sized, strict=True)
        ]
        sized = [
            sorted([*((piece, n) for piece, n in many if n <= most), *new])  # by their starts
            for many, new in zip(sized, _counted(documents, parts, count), strict=True)
        ]
    return sized


def _counted(
    documents: Sequence[Document], cut: Sequence[Sequence[Piece]], count: Count
) -> list[list[Sized]]:
    """The pieces with their tokens, one at least: so many pieces of nothing are not one chunk."""
    texts = [
        one.text[piece.start : piece.end]
        for one, many in zip(documents, cut, strict=True)
        for piece in many
    ]
    tokens = iter(np.maximum(count(pl.Series(texts, dtype=pl.String)), 1).tolist())
    return [[(piece, next(tokens)) for piece in many] for many in cut]
