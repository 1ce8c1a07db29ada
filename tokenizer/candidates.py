"""Tokenizers to compare: our own, any SentencePiece model, any `tokenizer.json`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import Offsets
from taojin.core.errors import UserError
from taojin.tokenizer.encode import Encoder, Ids
from taojin.tokenizer.huggingface import read_pieces
from taojin.tokenizer.model_file import Kind

ORDINARY: Sequence[Kind] = ("text", "symbol")


@dataclass(frozen=True)
class Candidate:
    """A tokenizer with its number of ids, and those that are neither special nor a byte."""

    name: str
    size: int
    ordinary: NDArray[np.int64]
    encode: Callable[[pl.Series], tuple[Offsets, Ids]]


def own(name: str, folder: Path) -> Candidate:
    """The tokenizer that `train` wrote to a folder."""
    size, ordinary = _of_model((folder / "tokenizer.model").read_bytes())
    return Candidate(name, size, ordinary, Encoder(folder).encode)


def load(path: Path) -> Candidate:
    """The tokenizer of a `.model` or a `tokenizer.json`; UserError for what is neither."""
    readers = {".model": _sentencepiece, ".json": _huggingface}
    if path.suffix not in readers:
        raise UserError(f"{path}: no tokenizer; give a SentencePiece .model or a tokenizer.json")
    if not path.is_file():
        raise UserError(f"{path}: no such file")
    name = path.parent.name if path.name.startswith("tokenizer.") else path.stem
    return readers[path.suffix](path, name or path.stem)


def _sentencepiece(path: Path, name: str) -> Candidate:
    import sentencepiece

    try:
        size, ordinary = _of_model(path.read_bytes())
    except ValueError as error:
        raise UserError(f"{path}: {error}") from None
    processor = sentencepiece.SentencePieceProcessor(model_file=str(path))
    return Candidate(
        name, size, ordinary, lambda texts: _flat(processor.encode(texts.to_list(), num_threads=1))
    )


def _of_model(model: bytes) -> tuple[int, NDArray[np.int64]]:
    pieces = read_pieces(model)
    return len(pieces.texts), np.array(sorted(pieces.of_kind(*ORDINARY).values()), np.int64)


def _huggingface(path: Path, name: str) -> Candidate:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # noqa: BLE001 (the library raises nothing narrower)
        raise UserError(f"{path}: no tokenizer.json of Hugging Face: {error}") from None
    special = {one for one, token in tokenizer.get_added_tokens_decoder().items() if token.special}
    ids = sorted(set(tokenizer.get_vocab().values()) - special)

    def encode(texts: pl.Series) -> tuple[Offsets, Ids]:
        found = tokenizer.encode_batch(texts.to_list(), add_special_tokens=False)
        return _flat([one.ids for one in found])

    return Candidate(name, tokenizer.get_vocab_size(), np.array(ids, np.int64), encode)


def _flat(rows: list[list[int]]) -> tuple[Offsets, Ids]:
    offsets = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=offsets[1:])
    return offsets, np.fromiter(chain.from_iterable(rows), np.uint32, offsets[-1])
