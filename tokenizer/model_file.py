"""SentencePiece's `.model` file: a protobuf message, read and written without protobuf.

A field is a number and a type in one varint, then its value. Of ModelProto's fields this reads the
pieces (1), the trainer's settings (2) and the normalizer's (3); what it does not know it keeps as
it was. Source: src/sentencepiece_model.proto of google/sentencepiece.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["text", "unknown", "control", "symbol", "unused", "byte"]
Model = Literal["unigram", "bpe", "word", "character"]

KINDS: Sequence[Kind] = ("text", "unknown", "control", "symbol", "unused", "byte")
MODELS: Sequence[Model] = ("unigram", "bpe", "word", "character")
PIECE, TRAINER, NORMALIZER = 1, 2, 3
MODEL_TYPE, VOCAB_SIZE = 3, 4
CHARSMAP, DUMMY_PREFIX, EXTRA_SPACES = 2, 3, 4

Value = int | bytes
Field = tuple[int, int, Value]
"""(number, wire type, value); wire types are varint (0), eight bytes (1), bytes (2), four (5)."""


@dataclass(frozen=True)
class Piece:
    """A row of the vocabulary; `text` has U+2581 for a space."""

    text: str
    score: float
    kind: Kind


@dataclass(frozen=True)
class ModelFile:
    """A model's pieces by id, its settings, and the other fields untouched."""

    pieces: Sequence[Piece]
    trainer: Sequence[Field]
    normalizer: Sequence[Field]
    rest: Sequence[Field]

    @property
    def model(self) -> Model:
        """What cuts a text into pieces."""
        return MODELS[int(_value(self.trainer, MODEL_TYPE, 1)) - 1]

    @property
    def prefix(self) -> bool:
        """Whether a space is put before every text."""
        return bool(_value(self.normalizer, DUMMY_PREFIX, 1))

    @property
    def normalises(self) -> bool:
        """Whether the model changes texts beyond that space."""
        squeezes = bool(_value(self.normalizer, EXTRA_SPACES, 1))
        return squeezes or bool(_value(self.normalizer, CHARSMAP, b""))

    def with_pieces(self, pieces: Sequence[Piece]) -> "ModelFile":
        """The same model of other pieces."""
        return replace(self, pieces=pieces, trainer=_set(self.trainer, VOCAB_SIZE, len(pieces)))

    def without_prefix(self) -> "ModelFile":
        """The same model, which adds no space before a text."""
        return replace(self, normalizer=_set(self.normalizer, DUMMY_PREFIX, 0))


def read_model(data: bytes) -> ModelFile:
    """The model in the bytes of a `.model` file; ValueError if they are none."""
    try:
        fields = list(_fields(data))
        pieces = [_piece(bytes(value)) for number, _, value in fields if number == PIECE]
    except (IndexError, struct.error, TypeError, UnicodeDecodeError) as error:
        raise ValueError("no SentencePiece model") from error
    parts = {number: list(_fields(value)) for number, wire, value in fields
             if number in (TRAINER, NORMALIZER) and isinstance(value, bytes)}  # fmt: skip
    if not pieces:
        raise ValueError("no SentencePiece model")
    rest = [field for field in fields if field[0] not in (PIECE, TRAINER, NORMALIZER)]
    return ModelFile(pieces, parts.get(TRAINER, []), parts.get(NORMALIZER, []), rest)


def write_model(model: ModelFile) -> bytes:
    """The bytes of the `.model` file."""
    fields: list[Field] = [(PIECE, 2, _piece_bytes(piece)) for piece in model.pieces]
    fields += [(TRAINER, 2, _bytes(model.trainer)), (NORMALIZER, 2, _bytes(model.normalizer))]
    return _bytes([*fields, *model.rest])


def _piece(data: bytes) -> Piece:
    text, score, kind = "", 0.0, 1
    for number, _, value in _fields(data):
        if number == 1:
            text = bytes(value).decode()
        elif number == 2:
            score = struct.unpack("<f", bytes(value))[0]
        elif number == 3:
            kind = int(value)
    return Piece(text, score, KINDS[kind - 1])


def _piece_bytes(piece: Piece) -> bytes:
    fields: list[Field] = [(1, 2, piece.text.encode()), (2, 5, struct.pack("<f", piece.score))]
    if piece.kind != "text":
        fields.append((3, 0, KINDS.index(piece.kind) + 1))
    return _bytes(fields)


def _fields(data: bytes) -> Iterator[Field]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield number, wire, value
            continue
        if wire == 2:
            size, at = _varint(data, at)
        else:
            size = {1: 8, 5: 4}.get(wire, len(data) + 1)
        if at + size > len(data):
            raise IndexError("a field ends behind its message")
        yield number, wire, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while data[at] & 0x80:
        value |= (data[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
    return value | data[at] << shift, at + 1


def _bytes(fields: Sequence[Field]) -> bytes:
    out = bytearray()
    for number, wire, value in fields:
        out += _varint_bytes(number << 3 | wire)
        if isinstance(value, int):
            out += _varint_bytes(value)
        else:
            out += (_varint_bytes(len(value)) if wire == 2 else b"") + value
    return bytes(out)


def _varint_bytes(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _value(fields: Sequence[Field], number: int, default: Value) -> Value:
    """The last value of a field, as protobuf reads one that is given twice."""
    return next((value for key, _, value in reversed(fields) if key == number), default)


def _set(fields: Sequence[Field], number: int, value: int) -> list[Field]:
    return [*(field for field in fields if field[0] != number), (number, 0, value)]
