"""Text that was read in the wrong encoding, in any language.

What is looked for, on the characters that came out:

- U+FFFD, which decoders write for bytes that they cannot read;
- UTF-8 read as GBK: 鐨勬槸 for 的是, 锟斤拷 for U+FFFD twice. Three characters whose six bytes in
  GBK are the UTF-8 of two characters of Chinese: of 24,000 Chinese poems eleven hold one such
  triple, of 4,700 documents of prose none;
- UTF-8 read as Windows-1252 or Latin-1: â€™ for ’, Ã© for é, ä¸­ for 中;
- GBK or a Cyrillic encoding read as one of those: runs of four and more characters beyond ASCII of
  which half are letters, such as ÖÐÎÄ for 中文;
- 烫烫烫 and 屯屯屯, memory that was never written, in GBK.

A page of English of which only the quotation marks were read wrong has few signs, and a page that
speaks of such things may have as many. But that one writes the right characters too. So three signs
of characters that the text nowhere writes right are enough (`lost_character_count`): of 4,700
documents of prose one has that many.
"""

from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from taojin.core import text
from taojin.filters import encoding_kernels as kernels
from taojin.filters.batch import Batch, Ratios, ratio
from taojin.filters.encoding_kernels import CHARACTERS, DAMAGED, LOST, SIGNS, Matrix
from taojin.filters.rules import Filter, Metric

T = TypeVar("T", bound=np.generic)

_MEMORY = "烫屯"


def mojibake(batch: Batch) -> Matrix:
    """int64[n, 4], columns of `encoding_kernels.count_mojibake`."""
    return batch.shared(_mojibake)


def _mojibake(batch: Batch) -> Matrix:
    return kernels.count_mojibake(*batch.buffers, _gbk_bytes(), _latin_bytes(), _kinds())


def mojibake_count(batch: Batch) -> NDArray[np.int64]:
    return mojibake(batch)[:, SIGNS]


def mojibake_ratio(batch: Batch) -> Ratios:
    counts = mojibake(batch)
    return ratio(counts[:, DAMAGED], counts[:, CHARACTERS])


def lost_character_count(batch: Batch) -> NDArray[np.int64]:
    return mojibake(batch)[:, LOST]


ENCODING = Filter(
    name="encoding",
    source="Taojin; docs/filters.md",
    metrics=(
        Metric(
            "mojibake_count", mojibake_count, "signs of a wrong decoding: 锟斤拷, 鐨勬槸, â€™, �"
        ),
        Metric(
            "mojibake_ratio", mojibake_ratio, "share of characters in signs of a wrong decoding"
        ),
        Metric(
            "lost_character_count",
            lost_character_count,
            "signs such as â€™ of characters that the text nowhere writes right",
        ),
    ),
)


@cache
def _gbk_bytes() -> NDArray[np.uint16]:
    """uint16[0x10000]: the two bytes of a character in GBK, the first one high; 0 for none."""
    table = np.zeros(0x10000, np.uint16)
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            character = bytes((lead, trail)).decode("gbk", "ignore")
            if len(character) == 1 and ord(character) >= 0x80:
                table[ord(character)] = lead << 8 | trail
    return _frozen(table)


@cache
def _latin_bytes() -> NDArray[np.uint16]:
    """uint16[n]: the byte beyond ASCII that a character has in Windows-1252, or in Latin-1 where
    that has none; 0 for none, and for the no-break space, which French sets between letter and ».
    """
    table = np.zeros(0x2123, np.uint16)
    table[0x80:0x100] = np.arange(0x80, 0x100)
    for byte in range(0x80, 0xA0):
        character = bytes((byte,)).decode("cp1252", "ignore")
        if character:
            table[ord(character)] = byte
    table[0xA0] = 0
    return _frozen(table)


@cache
def _kinds() -> NDArray[np.uint8]:
    """uint8[0x110000]: the bits that `count_mojibake` asks for."""
    kinds = np.where(text.character_classes() & text.SPACE, kernels.SPACE, 0).astype(np.uint8)
    kinds[0xA1:0x100] |= kernels.LATIN
    kinds[[code for code in range(0xC0, 0x100) if chr(code).isalpha()]] |= kernels.LETTER
    kinds[[ord(character) for character in _MEMORY]] |= kernels.MEMORY
    gbk, latin = _gbk_bytes(), _latin_bytes()
    kinds[: gbk.size][(gbk >= 0xE200) & (gbk < 0xF000) & (gbk & 0xC0 == 0x80)] |= kernels.LEAD
    kinds[: latin.size][(latin >= 0xC2) & (latin < 0xF5)] |= kernels.LEAD
    kinds[0xFFFD] |= kernels.LEAD
    return _frozen(kinds)


def _frozen(table: NDArray[T]) -> NDArray[T]:
    table.flags.writeable = False
    return table
