"""Documents to rows of equal length: concatenate with an end token behind each, and cut.

Nothing is truncated, and only the last row of a shard is padded. A document that does not end with
its row goes on in the next. Positions restart at each document and at each row, so a trainer can
keep documents from seeing each other (FlashAttention's varlen finds the borders where a position
is 0), and `doc_ids` names the documents between those borders, in order.
"""

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from taojin.core.arrow import list_buffers

Numbers = NDArray[np.int64]


def pack(
    tokens: pl.DataFrame, sequence_length: int, eos_id: int, pad_id: int, vocabulary: int
) -> pa.Table:
    """One row per `sequence_length` tokens of documents (key, doc_id, ids: List(UInt32)), which are
    put in the order of (key, doc_id) first.

    Columns: input_ids, position_ids (lists of fixed length; uint16 where the values fit, else
    uint32), doc_ids (list of string, one per position 0 that is not padding), token_count (int32:
    the row's tokens without padding). No documents give no rows.
    """
    tokens = tokens.sort("key", "doc_id")
    offsets, ids = list_buffers(tokens["ids"])
    ends = np.cumsum(np.diff(offsets) + 1)
    starts = np.concatenate([np.zeros(min(1, ends.size), np.int64), ends[:-1]])
    total = int(ends[-1]) if ends.size else 0
    rows = -(-total // sequence_length)
    flat = np.full(rows * sequence_length, pad_id, _smallest(vocabulary))
    flat[:total] = _with_ends(ids[offsets[0] : offsets[-1]], ends, eos_id)
    segments = np.union1d(starts, np.arange(rows) * sequence_length)
    return pa.table(
        {
            "input_ids": _rows(flat, sequence_length),
            "position_ids": _rows(_positions(segments, total, flat.size), sequence_length),
            "doc_ids": _lineage(tokens["doc_id"], starts, segments, sequence_length, rows),
            "token_count": _token_counts(total, rows, sequence_length),
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


def _with_ends(ids: NDArray[np.generic], ends: Numbers, eos_id: int) -> NDArray[np.generic]:
    """All ids in order, and eos_id at every position ends[i] - 1."""
    out = np.empty(ids.size + ends.size, np.uint32)
    is_text = np.ones(out.size, np.bool_)
    is_text[ends - 1] = False
    out[is_text] = ids
    out[ends - 1] = eos_id
    return out


def _positions(segments: Numbers, total: int, size: int) -> Numbers:
    """int64[size]: distance to the segment's start; padding counts from 0 as its own segment."""
    borders = np.append(segments, total) if total < size else segments
    lengths = np.diff(np.append(borders, size))
    positions: Numbers = np.arange(size, dtype=np.int64) - np.repeat(borders, lengths)
    return positions


def _lineage(
    doc_ids: pl.Series, starts: Numbers, segments: Numbers, sequence_length: int, rows: int
) -> pa.Array:
    """list(string)[rows]: the document of every segment of the row."""
    documents = np.searchsorted(starts, segments, side="right") - 1
    per_row = np.bincount(segments // sequence_length, minlength=rows)
    offsets = np.concatenate([[0], np.cumsum(per_row)]).astype(np.int32)
    names = doc_ids.gather(documents).to_arrow().cast(pa.string())
    return pa.ListArray.from_arrays(offsets, names)


def _rows(flat: NDArray[np.generic], sequence_length: int) -> pa.Array:
    return pa.FixedSizeListArray.from_arrays(pa.array(flat), sequence_length)


def _token_counts(total: int, rows: int, sequence_length: int) -> Numbers:
    counts = np.full(rows, sequence_length)
    counts[rows - 1 :] = total - (rows - 1) * sequence_length
    return counts
