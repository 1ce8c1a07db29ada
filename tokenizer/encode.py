"""Text to token ids and back, without loss: decode(encode(text)) == text for every text.

The ids are SentencePiece's, with one exception by design: SentencePiece reads U+2581 as a space,
here it is its three bytes. BPE and single characters are encoded by our kernel, a unigram model by
SentencePiece itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import Offsets, string_buffers
from taojin.tokenizer import special, unigram
from taojin.tokenizer.huggingface import Pieces, merges, read_pieces
from taojin.tokenizer.kernels import JOIN, encode, pair_table

Ids = NDArray[np.uint32]
Tables = tuple[NDArray[np.generic], ...]
"""What the kernel reads, in the order of its arguments."""


@dataclass(frozen=True)
class Encoder:
    """The tokenizer that `train` wrote to a folder; its tables are built at the first use."""

    folder: Path

    def encode(self, texts: pl.Series) -> tuple[Offsets, Ids]:
        """(offsets int64[n + 1], ids uint32): text i is `ids[offsets[i]:offsets[i + 1]]`.

        No special token is added, and none is ever read from a text: `</s>` in a page is five
        characters. A null reads as an empty text.
        """
        if self._pieces.model == "unigram" or self._pieces.prefix:
            return unigram.encode(texts, self._processor)
        offsets, data = string_buffers(texts)
        out, ids = encode(offsets, data, *self._tables)
        return out, ids

    def decode(self, ids: Iterable[int]) -> str:
        """The text of the ids: nothing for special tokens, U+FFFD for half a character."""
        sequence = ids.tolist() if isinstance(ids, np.ndarray) else ids
        return b"".join(map(self._bytes.__getitem__, sequence)).decode("utf-8", "replace")

    @property
    def size(self) -> int:
        """The number of ids."""
        return len(self._pieces.texts)

    @property
    def pad_id(self) -> int:
        """Fills the last row of a shard."""
        return self.special_id(special.PAD)

    @property
    def bos_id(self) -> int:
        """Begins a text, for models that want it."""
        return self.special_id(special.BOS)

    @property
    def eos_id(self) -> int:
        """Ends a document."""
        return self.special_id(special.EOS)

    def special_id(self, token: str) -> int:
        """The id of a special token; KeyError for any other."""
        return self._special[token]

    @cached_property
    def _pieces(self) -> Pieces:
        return read_pieces((self.folder / "tokenizer.model").read_bytes())

    @cached_property
    def _special(self) -> Mapping[str, int]:
        return self._pieces.of_kind("control", "unknown")

    @cached_property
    def _processor(self) -> object:
        return unigram.processor(self.folder / "tokenizer.model")

    @cached_property
    def _bytes(self) -> list[bytes]:
        pieces = zip(self._pieces.texts, self._pieces.kinds, strict=True)
        return [_piece_bytes(text, kind) for text, kind in pieces]

    @cached_property
    def _tables(self) -> Tables:
        pieces = self._pieces
        return _characters(pieces), _byte_ids(pieces), *_pairs(pieces), *_symbols(pieces)


def _piece_bytes(text: str, kind: str) -> bytes:
    if kind == "byte":
        return bytes([int(text[1:-1], 16)])
    return text.encode() if kind in ("text", "symbol") else b""


def _characters(pieces: Pieces) -> NDArray[np.int32]:
    table = np.full(0x110000, -1, np.int32)
    for index, text in enumerate(pieces.texts):
        if len(text) == 1 and pieces.kinds[index] == "text":
            table[ord(text)] = index
    return table


def _byte_ids(pieces: Pieces) -> NDArray[np.uint32]:
    return np.array([i for i, kind in enumerate(pieces.kinds) if kind == "byte"], np.uint32)


def _pairs(pieces: Pieces) -> Tables:
    """The ids by rank, and the table of merges and of characters side by side in some piece."""
    joined = merges(pieces)
    characters = _characters(pieces)
    joins = pieces.of_kind("text") if pieces.model == "bpe" else {}
    neighbours = sorted({pair for text in joins for pair in pairwise(text)})
    rows = [(left, right, pieces.ranks[merged]) for left, right, merged in joined]
    rows += [(characters[ord(a)], characters[ord(b)], int(JOIN)) for a, b in neighbours]
    left, right, ranks = np.array(rows, np.int64).reshape(-1, 3).T.copy()
    by_rank = np.argsort(np.array(pieces.ranks))
    return by_rank, *pair_table(left, right, ranks)


def _symbols(pieces: Pieces) -> Tables:
    """bool[256], the bytes that begin a symbol; all symbols, long first: offsets, bytes, ids."""
    symbols = sorted(pieces.of_kind("symbol").items(), key=lambda one: (-len(one[0].encode()), one))
    offsets, data = string_buffers(pl.Series([text for text, _ in symbols], dtype=pl.String))
    begins = np.zeros(256, np.bool_)
    begins[data[offsets[:-1]]] = True
    return begins, offsets, data, np.array([index for _, index in symbols], np.uint32)


@cache
def load(folder: Path) -> Encoder:
    """The tokenizer of a folder that does not change: a process builds its tables once."""
    return Encoder(folder)
