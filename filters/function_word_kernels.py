"""The pass that counts function words. See `filters.function_words` for what they are."""

from typing import NamedTuple

import numba as nb
import numpy as np
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets

CODES = 0x2000
"""Words are looked for below this code point: every alphabet in question is."""
SPAN_BYTES = 4096
"""A text longer than three spans of this size is read in three: its start, middle and end."""

_SEED = np.uint64(0xCBF29CE484222325)
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


class Lexicon(NamedTuple):
    """The lists of all languages, as the kernels read them.

    A *cue* is a function word or a letter that few languages write. It belongs to the languages
    `owners[starts[cue]:starts[cue + 1]]`, numbers into `lexicon_languages`; cue 0 to none.
    """

    folded: NDArray[np.uint16]
    """uint16[CODES]: the small letter of each code point, 0 where it is no character of a word."""
    letters: NDArray[np.int32]
    """int32[CODES]: the cue that each letter is, 0 for most."""
    keys: NDArray[np.uint64]
    """Hashes of the words in an open-addressing table, 0 where free."""
    cues: NDArray[np.int32]
    """The cue of each key."""
    starts: NDArray[np.int64]
    owners: NDArray[np.int64]
    longest: int
    """Letters of the longest word."""


@nb.njit(nogil=True, cache=True, inline="always")
def _decode(data: Bytes, at: int) -> tuple[int, int]:
    """(code point, bytes it takes) of valid UTF-8; CODES for all that take four bytes."""
    lead = data[at]
    if lead < 0x80:
        return int(lead), 1
    if lead < 0xE0:
        return ((lead & 0x1F) << 6) | (data[at + 1] & 0x3F), 2
    if lead < 0xF0:
        return ((lead & 0x0F) << 12) | ((data[at + 1] & 0x3F) << 6) | (data[at + 2] & 0x3F), 3
    return CODES, 4


@nb.njit(nogil=True, cache=True, inline="always")
def _mixed(hashed: np.uint64, letter: int) -> np.uint64:
    hashed = (hashed ^ np.uint64(letter)) * _MULTIPLIER
    return hashed ^ (hashed >> _HALF)


@nb.njit(nogil=True, cache=True)
def word_hashes(offsets: Offsets, data: Bytes, folded: NDArray[np.uint16]) -> NDArray[np.uint64]:
    """uint64[n]: the hash of each text, read as one word."""
    hashes = np.full(offsets.size - 1, _SEED)
    for doc in range(hashes.size):
        at = offsets[doc]
        while at < offsets[doc + 1]:
            code, size = _decode(data, at)
            hashes[doc] = _mixed(hashes[doc], folded[code])
            at += size
    return hashes


@nb.njit(nogil=True, cache=True)
def count_cues(
    offsets: Offsets, data: Bytes, rows: NDArray[np.int64], languages: int, lexicon: Lexicon
) -> tuple[NDArray[np.uint16], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """(hits, words, leader, share) of the texts with these numbers: the fields of Evidence."""
    hits = np.zeros((rows.size, languages), np.uint16)
    words = np.zeros(rows.size, np.int64)
    leader = np.zeros(rows.size, np.int64)
    share = np.zeros(rows.size)
    found = np.empty(3 * SPAN_BYTES, np.int32)  # a word takes two bytes, its end included
    for row in range(rows.size):
        start, end = offsets[rows[row]], offsets[rows[row] + 1]
        cues = 0
        if end - start <= 3 * SPAN_BYTES:
            words[row], cues = _find(start, end, data, lexicon, found, 0)
        else:
            for begin in (start, (start + end - SPAN_BYTES) // 2, end - SPAN_BYTES):
                read, cues = _find(
                    _aligned(begin, end, data),
                    _aligned(begin + SPAN_BYTES, end, data),
                    data,
                    lexicon,
                    found,
                    cues,
                )
                words[row] += read
        leader[row], share[row] = _weigh(found[:cues], lexicon, hits[row])
    return hits, words, leader, share


@nb.njit(nogil=True, cache=True)
def _aligned(at: int, end: int, data: Bytes) -> int:
    """The start of the next code point."""
    while at < end and data[at] & 0xC0 == 0x80:
        at += 1
    return at


@nb.njit(nogil=True, cache=True)
def _find(
    at: int, end: int, data: Bytes, lexicon: Lexicon, found: NDArray[np.int32], cues: int
) -> tuple[int, int]:
    """(words, cues so far): `found` gets the cue of each word that is one, from `cues` on.

    A word that stands in no list is the cue of its letter that fewest languages write.
    """
    words = length = letter = 0
    hashed = _SEED
    while at < end:
        code, size = _decode(data, at)
        at += size
        low = lexicon.folded[code] if code < CODES else np.uint16(0)
        if low:
            hashed = _mixed(hashed, low)
            length += 1
            rare = lexicon.letters[code]
            if rare and (letter == 0 or _owned(rare, lexicon) < _owned(letter, lexicon)):
                letter = rare
        if length and (low == 0 or at == end):
            words += 1
            cue = _cue(hashed, lexicon) if length <= lexicon.longest else 0
            if cue or letter:
                found[cues] = cue or letter
                cues += 1
            hashed = _SEED
            length = letter = 0
    return words, cues


@nb.njit(nogil=True, cache=True, inline="always")
def _owned(cue: int, lexicon: Lexicon) -> int:
    return lexicon.starts[cue + 1] - lexicon.starts[cue]


@nb.njit(nogil=True, cache=True, inline="always")
def _cue(hashed: np.uint64, lexicon: Lexicon) -> int:
    """The cue of a word; 0 if it stands in no list."""
    mask = lexicon.keys.size - 1
    slot = np.int64(hashed & np.uint64(mask))
    while lexicon.keys[slot] and lexicon.keys[slot] != hashed:
        slot = (slot + 1) & mask
    return lexicon.cues[slot]


@nb.njit(nogil=True, cache=True)
def _weigh(
    found: NDArray[np.int32], lexicon: Lexicon, hits: NDArray[np.uint16]
) -> tuple[int, float]:
    """(leader, its share against the nearest rival); counts the hits of each language.

    What leader and rival have in common tells them not apart: for = leader's hits - common,
    against = rival's hits - common.
    """
    for cue in found:
        for at in range(lexicon.starts[cue], lexicon.starts[cue + 1]):
            hits[lexicon.owners[at]] += 1
    leader = np.argmax(hits)
    common = np.zeros(hits.size, np.int64)
    for cue in found:
        owners = lexicon.owners[lexicon.starts[cue] : lexicon.starts[cue + 1]]
        if leader in owners:
            for owner in owners:
                common[owner] += 1
    share = 1.0
    for rival in range(hits.size):
        if rival != leader:
            ours, theirs = hits[leader] - common[rival], hits[rival] - common[rival]
            share = min(share, (ours + 1) / (ours + theirs + 2))
    return int(leader), share
