"""Documents to rows of equal length, an end token behind each document.

Nothing is left out. A document that does not end with its row goes on in another. Positions restart
at each document and at each row, so a trainer can keep documents from seeing each other
(FlashAttention's varlen finds the borders where a position is 0), and `doc_ids` names the documents
between those borders, in order.
"""

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from taojin.core.arrow import list_buffers
from taojin.pipeline.shards.layout import Layout, Pieces, cut

Numbers = NDArray[np.int64]


def pack(
    tokens: pl.DataFrame,
    sequence_length: int,
    eos_id: int,
    pad_id: int,
    vocabulary: int,
    *,
    bos_id: int | None = None,
    layout: Layout = cut,
) -> pa.Table:
    """Rows of `sequence_length` tokens of documents (key, doc_id, ids: List(UInt32)), which are
    put in the order of (key, doc_id) first, and laid out in rows then.

    Columns: input_ids, position_ids (lists of fixed length; uint16 where the values fit, else
    uint32), doc_ids (list of string, one per position 0 that is not padding), token_count (int32:
    the row's tokens without padding). `bos_id`, if given, stands before each document. No documents
    give no rows.
    """
    tokens = tokens.sort("key", "doc_id")
    offsets, ids = _with_ends(*list_buffers(tokens["ids"]), eos_id, bos_id)
    pieces = layout(offsets, ids, sequence_length)
    counts = np.bincount(pieces.row, pieces.length).astype(np.int64)
    size = counts.size * sequence_length
    starts = _places(pieces, counts, sequence_length)
    flat = np.full(size, pad_id, _smallest(vocabulary))
    source = np.arange(pieces.length.sum()) + _repeated(pieces.start, pieces.length)
    flat[np.arange(source.size) + _repeated(starts, pieces.length)] = ids[source]
    return pa.table(
        {
            "input_ids": _rows(flat, sequence_length),
            "position_ids": _rows(_positions(starts, counts, sequence_length), sequence_length),
            "doc_ids": _lineage(tokens["doc_id"], pieces, counts.size),
            "token_count": counts,
        }
    ).cast(schema(sequence_length, vocabulary))


def schema(sequence_length: int, vocabulary: int) -> pa.Schema:
    """The columns of a packed table."""
    ids = pa.from_numpy_dtype(_smallest(vocabulary))
    positions = pa.from_numpy_dtype(_smallest(sequence_length))
    return pa.schema(
        {
            "input_ids": pa.list_(ids, sequence_length),
            "position_ids": pa.list_(positions, sequence_length),
            "doc_ids": pa.list_(pa.string()),
            "token_count": pa.int32(),
        }
    )


def _smallest(values: int) -> np.dtype[np.unsignedinteger]:
    """The type for numbers below `values`; torch and `datasets` read both as int64."""
    return np.dtype(np.uint16 if values <= 2**16 else np.uint32)


def _with_ends(
    offsets: Numbers, ids: NDArray[np.generic], eos_id: int, bos_id: int | None
) -> tuple[Numbers, NDArray[np.uint32]]:
    """Documents (offsets, ids), eos_id behind each and bos_id, if there is one, before each."""
    added = 1 if bos_id is None else 2
    moved = offsets - offsets[0] + added * np.arange(offsets.size)
    out = np.empty(moved[-1], np.uint32)
    is_text = np.ones(out.size, np.bool_)
    is_text[moved[1:] - 1] = False
    out[moved[1:] - 1] = eos_id
    if bos_id is not None:
        is_text[moved[:-1]] = False
        out[moved[:-1]] = bos_id
    out[is_text] = ids[offsets[0] : offsets[-1]]
    return moved, out


def _places(pieces: Pieces, counts: Numbers, sequence_length: int) -> Numbers:
    """Where each piece begins among the tokens of all rows."""
    before = np.cumsum(pieces.length) - pieces.length
    first = np.cumsum(counts) - counts
    places: Numbers = before - first[pieces.row] + pieces.row * sequence_length
    return places


def _repeated(starts: Numbers, lengths: Numbers) -> Numbers:
    """For each token of the pieces, how far its place is from its number among all of them."""
    return np.repeat(starts - (np.cumsum(lengths) - lengths), lengths)


def _positions(starts: Numbers, counts: Numbers, sequence_length: int) -> Numbers:
    """Distance to the piece's start; padding counts from 0 as a piece of its own."""
    padded = np.flatnonzero(counts < sequence_length)
    borders = np.sort(np.concatenate([starts, padded * sequence_length + counts[padded]]))
    size = counts.size * sequence_length
    lengths = np.diff(np.append(borders, size))
    positions: Numbers = np.arange(size, dtype=np.int64) - np.repeat(borders, lengths)
    return positions


def _lineage(doc_ids: pl.Series, pieces: Pieces, rows: int) -> pa.Array:
    """list(string)[rows]: the document of every piece of the row."""
    per_row = np.bincount(pieces.row, minlength=rows)
    offsets = np.concatenate([[0], np.cumsum(per_row)]).astype(np.int32)
    names = doc_ids.gather(pieces.document).to_arrow().cast(pa.string())
    return pa.ListArray.from_arrays(offsets, names)


def _rows(flat: NDArray[np.generic], sequence_length: int) -> pa.Array:
    return pa.FixedSizeListArray.from_arrays(pa.array(flat), sequence_length)
