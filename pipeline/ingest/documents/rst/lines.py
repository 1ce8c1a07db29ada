"""Indentation, which is what structures a reStructuredText."""

from collections.abc import Sequence

_TAB = 8


def lines_of(text: str) -> list[str]:
    """The lines with tabs as spaces and no white space at their ends."""
    return [line.expandtabs(_TAB).rstrip() for line in text.split("\n")]


def indent(line: str) -> int:
    """How many spaces the line starts with."""
    return len(line) - len(line.lstrip(" "))


def block_end(lines: Sequence[str], start: int, least: int = 1) -> int:
    """Behind the last line, from `start` on, of those that are blank or indented that far.

    Blank lines at the end do not belong to it.
    """
    at = end = start
    while at < len(lines):
        if lines[at]:
            if indent(lines[at]) < least:
                break
            end = at + 1
        at += 1
    return end


def dedented(lines: Sequence[str]) -> list[str]:
    """The lines without the indentation that all of them share."""
    shared = min((indent(line) for line in lines if line), default=0)
    return [line[shared:] for line in lines]


def trimmed(lines: Sequence[str]) -> list[str]:
    """The lines without blank ones at the beginning and the end."""
    held = [at for at, line in enumerate(lines) if line]
    return list(lines[held[0] : held[-1] + 1]) if held else []
