"""Quotes: where a passage says what was quoted from it, and how nearly."""

from dataclasses import dataclass
from difflib import SequenceMatcher

from taojin.pipeline.qa.grounding.fold import Folded, folded

LEAST_CHARACTERS = 4
"""What is shorter, folded, stands everywhere."""


@dataclass(frozen=True)
class Quote:
    """The code points of a passage that a quote is found at, and the share that is alike."""

    start: int
    end: int
    ratio: float


NOWHERE = Quote(0, 0, 0.0)


def find(quote: str, passage: Folded) -> Quote:
    """Where a quote stands: to the letter once both are folded, else where it aligns best.

    `ratio` is 2 m / t for m folded characters alike in order among the t of both; NOWHERE for a
    quote of fewer than four characters.
    """
    wanted = folded(quote)
    if len(wanted) < LEAST_CHARACTERS:
        return NOWHERE
    at = passage.characters.find(wanted)
    if at >= 0:
        return Quote(*_marked(quote.strip(), passage, at, at + len(wanted)), 1.0)
    return _aligned(wanted, passage)


def _marked(quote: str, passage: Folded, first: int, last: int) -> tuple[int, int]:
    """The span of folded characters, with the marks around it that were quoted as well."""
    start, end = passage.span(first, last)
    said = [at for at, character in enumerate(quote) if folded(character)]
    before, behind = quote[: said[0]], quote[said[-1] + 1 :]
    start -= len(before) if passage.text.endswith(before, 0, start) else 0
    end += len(behind) if passage.text.startswith(behind, end) else 0
    return start, end


def _aligned(wanted: str, passage: Folded) -> Quote:
    """The stretch around the longest piece that both share, cut to what is alike at its ends."""
    if len(wanted) > 2 * len(passage.characters):  # what repeats itself would take a square of it
        return NOWHERE
    matcher = SequenceMatcher(None, passage.characters, wanted, autojunk=False)
    seed = matcher.find_longest_match()
    if 2 * seed.size < LEAST_CHARACTERS:
        return NOWHERE
    slack = len(wanted) // 8 + 1
    first = max(0, seed.a - seed.b - slack)
    last = seed.a + len(wanted) - seed.b + slack
    matcher.set_seq1(passage.characters[first:last])
    same = [block for block in matcher.get_matching_blocks() if block.size]
    start, end = same[0].a, same[-1].a + same[-1].size
    alike = sum(block.size for block in same)
    ratio = 2 * alike / (end - start + len(wanted))
    return Quote(*passage.span(first + start, first + end), ratio)
