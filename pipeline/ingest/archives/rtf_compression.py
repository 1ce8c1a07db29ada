"""Rich text as Outlook stores it: references into a dictionary of 4,096 bytes [MS-OXRTFCP]."""

import struct

from taojin.pipeline.ingest.records import Unreadable

_HEADER = struct.Struct("<LL4sL")
_COMPRESSED, _STORED = b"LZFu", b"MELA"
_SIZE = 4096
_KNOWN = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript "
    rb"\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
"""What the dictionary holds at first."""


def decompressed(data: bytes, most: int) -> bytes:
    """The rich text, as far as it goes. Raises Unreadable: too_large, unreadable."""
    if len(data) < _HEADER.size:
        raise Unreadable("unreadable", "compressed rich text without a header")
    _, size, kind, _ = _HEADER.unpack_from(data)
    if kind == _STORED:
        return data[_HEADER.size : _HEADER.size + size]
    if kind != _COMPRESSED:
        raise Unreadable("unreadable", "rich text in an unknown compression")
    if size > most:
        raise Unreadable("too_large", f"rich text of {size} bytes")
    return _unpacked(data, size)


def _unpacked(data: bytes, size: int) -> bytes:
    """Eight tokens follow a byte that says which of them are references, a place and a length."""
    known = bytearray(_KNOWN.ljust(_SIZE, b" "))
    write, at = len(_KNOWN), _HEADER.size
    out = bytearray()
    while at < len(data) and len(out) < size:
        control, at = data[at], at + 1
        for bit in range(8):
            if at + (control >> bit & 1) >= len(data):
                return bytes(out[:size])
            if not control >> bit & 1:
                piece, at = data[at : at + 1], at + 1
            else:
                token, at = int.from_bytes(data[at : at + 2]), at + 2
                if token >> 4 == write:
                    return bytes(out[:size])
                piece = b""
            for step in range(1 if piece else (token & 15) + 2):
                byte = piece[0] if piece else known[((token >> 4) + step) % _SIZE]
                known[write] = byte
                write = (write + 1) % _SIZE
                out.append(byte)
    return bytes(out[:size])
