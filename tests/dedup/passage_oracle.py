"""The obvious Python of what a passage is: the judge of `line_kernels` and `passage_kernels`."""

import re
from dataclasses import dataclass
from unicodedata import category, normalize

import regex

from taojin.dedup.passages.characters import ABBREVIATIONS
from taojin.tests.oracles import CLOSERS, SENTENCE_ENDS, SPACES, UNSPACED, WORD

INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff" + "".join(map(chr, range(0xFE00, 0xFE10)))


@dataclass
class Line:
    start: int
    text: str
    stretch: int
    heading: bool
    colon: bool


@dataclass
class Passage:
    start: int
    end: int
    units: list[str]
    first: int
    stretch: int
    whole: bool
    leads: int
    nth: int = 0


def is_word(character: str) -> bool:
    return any(WORD.match(one) for one in normalize("NFKC", character) + character)


def is_unspaced(character: str) -> bool:
    return any(UNSPACED.match(one) for one in normalize("NFKC", character) + character)


def folded(text: str) -> str:
    lower = "".join(one.lower().replace("ς", "σ") for one in normalize("NFKD", text))
    return normalize("NFKD", lower)


def units(text: str) -> list[str]:
    found: list[str] = []
    inside = ""
    for character in text:
        if character in INVISIBLE:
            continue
        alone = is_unspaced(character)
        mark = category(character).startswith("M")
        if not is_word(character):
            inside = ""
        elif not alone and (inside == "word" or (inside == "character" and mark)):
            found[-1] += character
        else:
            found.append(character)
            inside = "character" if alone else "word"
    return [folded(unit) for unit in found]


def opening(line: str) -> str:
    return re.sub(r"^(?:[ \t>]|[-*] )*(?:[0-9]+[.)] )?", "", line)


def fence(line: str) -> str:
    """The marks that open a code block."""
    found = re.match(r"(`{3,})[^`]*\Z|(~{3,})", opening(line))
    return (found[1] or found[2]) if found else ""


def is_indented(line: str) -> bool:
    if not re.match(r" {0,3}\t| {4}", line):
        return False
    for character in line:
        if ord(character) >= 0x2000 or is_word(character):
            return ord(character) < 0x2000 and not is_unspaced(character)
    return True


def is_single(line: str) -> bool:
    """A row of a table, a line of markup, or indented code."""
    own = opening(line)
    markup = re.match(r"<[A-Za-z!/]", own) and visible(line).endswith(">")
    return bool(
        re.match(r"\||\+[-=]|<t", own, re.IGNORECASE)
        or markup
        or is_indented(line)
        or re.search(r"\t[^\n]*[^\x00-\x20]", own)
    )


def visible(line: str) -> str:
    return line.rstrip("".join(map(chr, range(33))))


BLOCKS = [
    (r"<table|<pre", r"</table|</pre"),
    (r"\$\$", r"\$\$"),
    (r"\\\[", r"\\\]"),
]


def front_matter(text: str) -> int:
    """Characters of it."""
    lines = text.split("\n")
    mark = lines[0].removesuffix("\r")
    if mark not in ("---", "+++") or len(lines) < 3 or not re.search("[:=]", lines[1]):
        return 0
    for number, line in enumerate(lines[2:], 2):
        if line.removesuffix("\r") == mark:
            return min(len("\n".join(lines[: number + 1])) + 1, len(text))
    return 0


def prose(text: str) -> list[Line]:
    """The lines that are prose, what ends within a sentence joined to the next."""
    found: list[Line] = []
    at = front_matter(text)
    stretch, broken, open_until, marks, depth, in_rows = 0, False, "", "", 0, False
    lines = text[at:].split("\n")
    while lines:
        line = lines.pop(0)
        own = opening(line)
        is_prose = False
        if marks:
            closing = fence(line)
            same = closing[:1] == marks[0] and len(closing) >= len(marks)
            if same and not own.strip(marks[0] + "".join(map(chr, range(33)))):
                marks = ""
        elif open_until:
            open_until = "" if re.search(open_until, line, re.IGNORECASE) else open_until
        elif depth:
            depth = deeper(depth, line)
        elif in_rows and not own:
            in_rows = False
        elif fence(line):
            marks = fence(line)
        elif block := next((b for b in BLOCKS if re.match(b[0], own, re.IGNORECASE)), None):
            rest = own[2:] if block[0] == r"\$\$" else own
            open_until = "" if re.search(block[1], rest, re.IGNORECASE) else block[1]
        elif re.match(r"\\begin\{", own, re.IGNORECASE):
            depth = deeper(0, own)
        elif in_rows:
            pass
        elif not is_single(line) and heads_table(line, lines):
            in_rows = True
        else:
            is_prose = not own or not is_single(line)
        in_rows = in_rows and not (marks or open_until or depth)
        if is_prose:
            while lines and goes_on(line, lines[0]) and not heads_table(lines[0], lines[1:]):
                line += "\n" + lines.pop(0)
            stretch += broken
            last = visible(line)[-1:]
            if last:
                found.append(Line(at, line, stretch, is_heading(line), last in (":", "：")))
        broken = not is_prose
        at += len(line) + 1
    return found


def heads_table(line: str, following: list[str]) -> bool:
    row = opening(following[0]) if following else ""
    return "|" in line and bool(re.fullmatch(r"(?=.*-)(?=.*\|)[-:|\x00-\x20]+", row, re.DOTALL))


def deeper(depth: int, line: str) -> int:
    begun = len(re.findall(r"\\begin\{", line, re.IGNORECASE))
    return max(0, depth + begun - len(re.findall(r"\\end\{", line, re.IGNORECASE)))


def goes_on(line: str, following: str) -> bool:
    last = visible(line.rsplit("\n", 1)[-1])[-1:]
    if not re.match(" *[a-z]", following) or re.search(r"\t.*[^\x00-\x20]", following):
        return False
    return last == "," or (bool(last) and is_word(last))


def is_heading(line: str) -> bool:
    own = visible(opening(line))
    bold = own.startswith("**")
    if bold and len(own.encode()) > 4:
        return own.endswith("**")
    return bool(re.match("#+ ", opening(line)))


def ends(line: str) -> list[int]:
    """Where a sentence begins behind another of the same line."""
    at = [number for number, one in enumerate(line) if one not in INVISIBLE]
    seen = "".join(line[number] for number in at)
    run = rf"(?:[{re.escape(SENTENCE_ENDS)}][{re.escape(CLOSERS)}]*{SPACES.pattern[:-1]}*)+"
    found = []
    for one in regex.finditer(run, seen):
        if one.end() == len(seen):
            continue
        following = seen[one.end()]
        kinds = [
            end_kind(seen, place)
            for place in range(one.start(), one.end())
            if seen[place] in SENTENCE_ENDS
        ]
        spaced = SPACES.match(one[0][-1]) is not None
        kind = max(kinds)
        if kind and (
            kind == 4 or is_unspaced(following) or (spaced and not "a" <= following <= "z")
        ):
            found.append(at[one.end()])
    return found


def end_kind(text: str, at: int) -> int:
    """0: no end; 1: full stop; 2: ! or ?; 3: dots; 4: always an end."""
    if text[at] in "!?":
        return 2
    if text[at] == "…":
        return 3
    if text[at] not in ".．":
        return 4
    last = word_before(text[:at])
    if len(last) == 1 or text[at - 1 : at] in tuple("0123456789"):
        return 0
    return int(folded(last) not in ABBREVIATIONS)


def word_before(text: str) -> str:
    """The word that a text ends with; none if it ends with a character of an unspaced script."""
    word = ""
    for character in reversed(text):
        if not is_word(character):
            break
        if is_unspaced(character):
            marks = all(category(one).startswith("M") for one in word)
            return "" if marks else unmarked(word)
        word = character + word
    return word


def unmarked(word: str) -> str:
    """The word without the marks that belong to the character before it."""
    while word and category(word[0]).startswith("M"):
        word = word[1:]
    return word


def passages(text: str, least: int) -> list[Passage]:
    found: list[Passage] = []
    count = 0
    for line in prose(text):
        pieces: list[list[int]] = [[0, 0]]
        for end in [*ends(line.text), len(line.text)]:
            pieces[-1][1] = end
            if len(units(line.text[slice(*pieces[-1])])) >= least:
                pieces.append([end, end])
        if len(units(line.text[slice(*pieces[-1])])) < least and len(pieces) > 1:
            pieces[-2:] = [[pieces[-2][0], len(line.text)]]
        pieces = [one for one in pieces if units(line.text[slice(*one)])]
        for start, end in pieces:
            own = units(line.text[start:end])
            nth = 1 + sum(one.units == own for one in found)
            found.append(
                Passage(line.start + start, line.start + end, own, count, line.stretch,
                        len(pieces) == 1, 2 * line.heading, nth)
            )  # fmt: skip
            count += len(own)
        if pieces and line.colon:
            found[-1].leads |= 1
    return found
