"""The obvious Python of every kernel: slow, plain, and the judge of the fast one."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import regex

UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
WORD = regex.compile(r"\w")
LETTER = regex.compile(r"\p{Alphabetic}")
SPACES = regex.compile(r"\p{White_Space}+")
WIDE = regex.compile(
    r"[\p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}\u3000-\u303f\uff01-\uff60]", regex.V1
)
SENTENCE_ENDS = ".!?。！？…；．｡؟۔।"
CLOSERS = "\"'”’»)]）】」』》〉〕"
BULLETS = "-*•●○■□▪▫‣⁃◦·※▶►➢✓"


def units(text: str) -> list[str]:
    """Characters of scripts written without spaces, and runs of other word characters."""
    found: list[str] = []
    inside = False
    for character in text:
        alone = UNSPACED.match(character) is not None
        if not WORD.match(character):
            inside = False
        elif inside and not alone:
            found[-1] += character
        else:
            found.append(character)
            inside = not alone
    return found


def folded(text: str) -> str:
    """ASCII capitals as small letters: what repeats are compared by."""
    return "".join(c.lower() if c.isascii() else c for c in text)


def unit_counts(text: str, stop_words: Iterable[str]) -> list[int]:
    """Units, their code points, units with a letter, different stop words."""
    found = units(text)
    return [
        len(found),
        sum(map(len, found)),
        sum(LETTER.search(unit) is not None for unit in found),
        len({folded(unit) for unit in found} & set(stop_words)),
    ]


def strip(text: str) -> str:
    """Unicode's white space taken off both ends; Python's own strip takes \\x1c to \\x1f too."""
    return regex.sub(r"^\p{White_Space}+|\p{White_Space}+\Z", "", text)


def lines(text: str) -> list[str]:
    """The lines that are not blank, stripped; only a line feed ends a line."""
    return [line for line in map(strip, text.split("\n")) if line]


def paragraphs(text: str) -> list[str]:
    """Lines up to a blank one, stripped."""
    groups: list[list[str]] = [[]]
    for line in text.split("\n"):
        if strip(line):
            groups[-1].append(line)
        else:
            groups.append([])
    return [strip("\n".join(group)) for group in groups if group]


def columns(line: str) -> int:
    """The width on a terminal: two for a wide character."""
    return sum(2 if WIDE.match(character) else 1 for character in line)


def ends_sentence(line: str) -> bool:
    """Whether the last character, closing quotes and white space aside, ends a sentence."""
    rest = [c for c in line if c not in CLOSERS and not SPACES.match(c)]
    return bool(rest) and rest[-1] in SENTENCE_ENDS


def ends_in_ellipsis(line: str) -> bool:
    """Whether … or three dots, also spaced ones, end a line."""
    return SPACES.sub("", line).endswith(("…", "..."))


def line_counts(found: Sequence[str], short: int) -> list[int]:
    """The columns of `count_lines` for lines or paragraphs."""
    seen: set[str] = set()
    repeats = []
    for line in found:
        key = SPACES.sub(" ", folded(line))
        if key in seen:
            repeats.append(line)
        seen.add(key)
    return [
        len(found),
        sum(map(len, found)),
        len(repeats),
        sum(map(len, repeats)),
        sum(map(ends_sentence, found)),
        sum(columns(line) < short for line in found),
        sum(line[0] in BULLETS for line in found),
        sum(map(ends_in_ellipsis, found)),
    ]


def windows(tokens: Sequence[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(tokens[at : at + size]) for at in range(len(tokens) - size + 1)]


def _covered(found: Sequence[str], starts: Iterable[int], size: int) -> int:
    """Code points of the units under windows, each unit once."""
    under = {at for start in starts for at in range(start, start + size)}
    return sum(len(found[at]) for at in under)


def top_coverage(text: str, size: int) -> int:
    """Code points under the most frequent n-gram, the one that covers most; 0 if none recurs."""
    found = units(text)
    starts = defaultdict(list)
    for at, window in enumerate(windows([folded(unit) for unit in found], size)):
        starts[window].append(at)
    most = max(map(len, starts.values()), default=0)
    if most < 2:
        return 0
    return max(_covered(found, where, size) for where in starts.values() if len(where) == most)


def repeat_coverage(text: str, size: int) -> int:
    """Code points under n-grams that occurred before."""
    found = units(text)
    seen: set[tuple[str, ...]] = set()
    starts = []
    for at, window in enumerate(windows([folded(unit) for unit in found], size)):
        if window in seen:
            starts.append(at)
        seen.add(window)
    return _covered(found, starts, size)


def class_counts(text: str, class_of: Callable[[str], int], number: int) -> list[int]:
    counts = [0] * number
    for character in text:
        counts[class_of(character)] += 1
    return counts


def is_unspaced(text: str) -> bool:
    return UNSPACED.search(text) is not None


def shingles(text: str, size: int) -> set[tuple[object, ...]]:
    """Windows of characters that are no white space in an unspaced text, of words in another.

    A character is never the same as a word: each window begins with which of them it holds.
    """
    unspaced = is_unspaced(text)
    tokens = list(SPACES.sub("", text)) if unspaced else units(text)
    return {(unspaced, *window) for window in windows(tokens, size)}


def jaccard(left: set[object], right: set[object]) -> float:
    return len(left & right) / len(left | right) if left or right else 0.0


def share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def lines_with_ends(text: str) -> list[str]:
    """The text in pieces, each up to and with its newline."""
    return regex.findall(r"[^\n]*\n|[^\n]+", text)


def line_shapes(line: str) -> set[str]:
    """The line rules by shape that name a line."""
    filled = [character for character in line if not regex.match(r"\s", character)]
    if not filled:
        return set()
    count = len(units(line))
    found = {
        "uppercase": sum(bool(regex.match(r"\p{Uppercase}", one)) for one in filled)
        > len(filled) / 2,
        "numeric": bool(
            regex.fullmatch(
                r"[\p{Nd}.,:%+\-－．，：％]*\p{Nd}[\p{Nd}.,:%+\-－．，：％]*", "".join(filled)
            )
        ),
        "one_word": count == 1,
        "few_words": count < 3,
        "unterminated": not ends_sentence(strip(line)),
    }
    return {name for name, named in found.items() if named}
