"""Words that are cut at a line's end, and the hyphen there."""

import re

MARKS = "\x02\ufffe\xad"
"""What PDFium puts for a hyphen at a line's end (no line end follows then), and the soft hyphen."""
_STRAY = re.compile(f"[{MARKS}]")
_STEM = re.compile(r"(?:^|[^\w-])[^\W\d_]+$")


def is_cut(line: str, after: str, full: bool) -> bool:
    """Whether a word goes on in the next line; a hyphen as any other counts in a full line only."""
    if not line or not after[:1].isalnum():
        return False
    return line[-1] in MARKS or (full and line[-1] in "-\u2010" and line[-2:-1].isalpha())


def without_hyphen(line: str, after: str) -> str:
    """The line up to its last hyphen, which stays where it may be the author's.

    It goes where it parts one word of small letters: not in names, numbers and compounds that have
    another hyphen. A soft hyphen always goes.
    """
    stem = line[:-1]
    is_word = after[0].islower() and stem[-1:].islower() and _STEM.search(stem)
    return stem if is_word or line[-1] == "\xad" else f"{stem}-"


def plain_hyphens(text: str) -> str:
    """The text with marks that cut no word as hyphens, and without soft ones."""
    return _STRAY.sub(lambda mark: "" if mark[0] == "\xad" else "-", text)
