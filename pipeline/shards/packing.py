"""Documents to rows of equal length, an end token behind each document.

Nothing is left out. A document that does not end with its row goes on in another. Positions restart
at each document and at each row, so a trainer can keep documents from seeing each other
(FlashAttention's varlen finds the borders where a position is 0), and `doc_ids` names the documents
between those borders, in order.
"""

import numba as nb
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
    flat = np.full((counts.size, sequence_length), pad_id, _smallest(vocabulary))
    positions = np.empty(flat.shape, _smallest(sequence_length))
    fill(flat, positions, ids, pieces.start, pieces.length, pieces.row)
    return pa.table(
        {
            "input_ids": _rows(flat),
            "position_ids": _rows(positions),
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


@nb.njit(nogil=True, cache=True)
def fill(
    flat: NDArray[np.unsignedinteger],
    positions: NDArray[np.unsignedinteger],
    ids: NDArray[np.uint32],
    start: Numbers,
    length: Numbers,
    row: Numbers,
) -> None:
    """Write the pieces' ids into their rows, and positions into all places of [rows, length].

    Padding, which `flat` holds already, counts from 0 as a piece of its own.
    """
    used = np.zeros(flat.shape[0], np.int64)
    for piece in range(row.size):
        place = used[row[piece]]
        for at in range(length[piece]):
            flat[row[piece], place + at] = ids[start[piece] + at]
            positions[row[piece], place + at] = at
        used[row[piece]] += length[piece]
    for number in range(used.size):
        for at in range(used[number], flat.shape[1]):
            positions[number, at] = at - used[number]


def _lineage(doc_ids: pl.Series, pieces: Pieces, rows: int) -> pa.Array:
    """list(string)[rows]: the document of every piece of the row."""
    per_row = np.bincount(pieces.row, minlength=rows)
    offsets = np.concatenate([[0], np.cumsum(per_row)]).astype(np.int32)
    names = doc_ids.gather(pieces.document).to_arrow().cast(pa.string())
    return pa.ListArray.from_arrays(offsets, names)


def _rows(values: NDArray[np.generic]) -> pa.Array:
    return pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), values.shape[1])
