"""Text that was UTF-8 and was read as Windows-1252 or Latin-1, taken back where it can be told.

A line is repaired if all of its runs of characters that these have beyond ASCII are, as bytes,
valid UTF-8, and enough of them: chance makes such a run of four bytes once in 400,000, and no
language writes `Ã©` or `ä¸­` on purpose. A line in which anything else stands stays as it is, and
so does one that writes of such signs, in which a quotation mark stands beside no word.
"""

import re
from collections.abc import Iterator

import polars as pl

_BYTES = {
    bytes([code]).decode("cp1252", errors="ignore") or chr(code): code
    for code in range(0x80, 0x100)
}
"""Character to byte, the five that Windows-1252 leaves out as browsers read them (WHATWG)."""
_BYTES |= {chr(code): code for code in range(0x80, 0xA0)}  # as Latin-1 has them; no text does
_RUN = re.compile(f"[{''.join(map(re.escape, _BYTES))}]+")
_LEAST_BYTES = 3
"""Of the sequences of a line together: an apostrophe (`â€™`), or two accents (`Ã©`, `Ã¨`)."""
_MOST_TIMES = 3
_QUOTES = ("‘", "’", "“", "”")
_SUSPECT = "[\u00c2-\u00f4][\u0080-\u00bf" + "".join(one for one in _BYTES if ord(one) > 0xFF) + "]"


def repaired(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The texts with such lines repaired, and in each how many lines were; nulls stay."""
    suspect = texts.str.contains(_SUSPECT).fill_null(value=False).arg_true()
    counts = pl.zeros(len(texts), pl.Int64, eager=True)
    if suspect.is_empty():
        return texts, counts
    made = [_text(text) for text in texts.gather(suspect)]
    fixed = pl.Series([text for text, _ in made], dtype=pl.String)
    found = pl.Series([count for _, count in made], dtype=pl.Int64)
    return texts.scatter(suspect, fixed), counts.scatter(suspect, found)


def _text(text: str) -> tuple[str, int]:
    lines = text.split("\n")
    made = [_line(line) for line in lines]
    count = sum(before != after for before, after in zip(lines, made, strict=True))
    return "\n".join(made), count


def _line(line: str) -> str:
    """The line repaired, as often as it was read wrongly."""
    for _ in range(_MOST_TIMES):
        before, line = line, _once(line)
        if line == before:
            break
    return line


def _once(line: str) -> str:
    try:
        runs = list(_decoded(line))
    except UnicodeDecodeError:
        return line
    if sum(end - start for start, end, _ in runs) < _LEAST_BYTES:
        return line
    if all(_is_alone(line, *run) for run in runs):
        return line
    pieces, at = [], 0
    for start, end, text in runs:
        pieces += [line[at:start], text]
        at = end
    return "".join([*pieces, line[at:]])


def _is_alone(line: str, start: int, end: int, text: str) -> bool:
    """Whether it is one quotation mark or apostrophe with no letter on either side."""
    beside = line[max(0, start - 1) : start] + line[end : end + 1]
    return text in _QUOTES and not any(map(str.isalnum, beside))


def _decoded(line: str) -> Iterator[tuple[int, int, str]]:
    """Each run with the text that its bytes are. UnicodeDecodeError if they are none."""
    for run in _RUN.finditer(line):
        text = bytes(_BYTES[one] for one in run[0]).decode("utf-8")
        yield run.start(), run.end(), text
