"""The obvious Python of every kernel: slow, plain, and the judge of the fast one."""

import itertools
import logging
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from unicodedata import normalize

import jieba
import opencc
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


def unit_counts(found: Sequence[str], stop_words: Iterable[str]) -> list[int]:
    """The columns of `Counts.units` for units, or for a tool's words, some without a word character.

    Units, their code points, words with a letter, different stop words, longest word, words.
    """
    real = [unit for unit in found if WORD.search(unit)]
    return [
        len(real),
        sum(map(len, real)),
        sum(LETTER.search(unit) is not None for unit in found),
        sum(bool({stop, stop.capitalize(), stop.upper()} & set(found)) for stop in stop_words),
        max(map(len, found), default=0),
        len(found),
    ]


def strip(text: str) -> str:
    """Unicode's white space taken off both ends; Python's own strip takes \\x1c to \\x1f too."""
    return regex.sub(r"^\p{White_Space}+|\p{White_Space}+\Z", "", text)


def lines(text: str) -> list[str]:
    """The lines that are not blank, stripped; only a line feed ends a line."""
    return [line for line in map(strip, text.split("\n")) if line]


def whole_lines(text: str) -> list[str]:
    """The lines that are not blank, without the white space at their ends."""
    cut = (regex.sub(r"\p{White_Space}+\Z", "", line) for line in text.split("\n"))
    return [line for line in cut if line]


def paragraphs(text: str) -> list[str]:
    """Whole lines up to a blank one."""
    groups: list[list[str]] = [[]]
    for line in text.split("\n"):
        if strip(line):
            groups[-1] += whole_lines(line)
        else:
            groups.append([])
    return ["\n".join(group) for group in groups if group]


def columns(line: str) -> int:
    """The width on a terminal: two for a wide character."""
    return sum(2 if WIDE.match(character) else 1 for character in line)


def ends_sentence(line: str) -> bool:
    """Whether the last character, closing quotes and white space aside, ends a sentence."""
    rest = [c for c in line if c not in CLOSERS and not SPACES.match(c)]
    return bool(rest) and rest[-1] in SENTENCE_ENDS


def without_notes(line: str) -> str:
    """A line without [1], （笑）, 【注】 and ** at its end, as many as there are."""
    note = r"(?:[\[【（][^\[【（]{0,14}[\]】）]|\*\*|__)\p{White_Space}*\Z"
    shorter = regex.sub(note, "", line)
    return line if shorter == line else without_notes(shorter)


def ends_in_ellipsis(line: str) -> bool:
    """Whether …, three dots, two 。 or two dots behind a word end a line, notes and spaces aside."""
    rest = SPACES.sub("", without_notes(line))
    return regex.search(r"(?:[…⋯‥]|\.\.\.|[。．]{2}|\w\.\.)\Z", rest) is not None


def ends_line(line: str) -> bool:
    """Whether a sentence ends with a line; closers may stand behind it, of ASCII's " ' ) one."""
    others = r"[\p{White_Space}" + "".join(c for c in CLOSERS if not c.isascii()) + "]*"
    ends = regex.escape(SENTENCE_ENDS)
    return regex.search(rf"""[{ends}]{others}(?:["')]{others})?\Z""", line) is not None


def is_terminated(line: str) -> bool:
    """Whether C4 takes a line for a whole one."""
    return not line.endswith("...") and (line[-1] in "\"'" or ends_line(line))


def sentences(text: str) -> int:
    """Sentence ends: . ! ? before white space, a quote, a bracket or the end; runs of 。！？；…"""
    latin = regex.findall(r"""[.!?](?=[\p{White_Space}"'”’)\]]|\Z)""", text)
    return len(latin) + len(regex.findall("[。！？…；．｡؟۔।]+", text))


def ellipses(text: str) -> int:
    return len(regex.findall(r"\.\.\.|…+", text))


def sign_counts(text: str) -> list[int]:
    """The columns of `Counts.signs`."""
    return [
        len(text.replace("\r\n", "\n")),
        text.count("\n"),
        sentences(text),
        text.count("#"),
        ellipses(text),
        text.count("{"),
    ]


def repeat_counts(found: Sequence[str]) -> list[int]:
    """Lines or paragraphs, their code points, repeats and the repeats' code points."""
    repeats = [line for at, line in enumerate(found) if line in found[:at]]
    return [len(found), sum(map(len, found)), len(repeats), sum(map(len, repeats))]


def line_counts(text: str) -> list[int]:
    """The columns of `Counts.lines`."""
    found = whole_lines(text)
    few = [len(units(line)) < 3 for line in found]
    kept = [
        line
        for line, short in zip(found, few, strict=True)
        if is_terminated(line) and not short and max(map(len, units(line))) <= 1000
    ]
    return [
        *repeat_counts(found),
        sum(ends_line(line) or ends_line(without_notes(line)) for line in found),
        sum(columns(line) <= 30 for line in found),
        sum(strip(line)[0] in BULLETS for line in found),
        sum(map(ends_in_ellipsis, found)),
        sum(few),
        len(found) - sum(map(is_terminated, found)),
        sum(max(sentences(line), 1) for line in kept),
        sum(line.count("{") for line in kept),
    ]


def windows(tokens: Sequence[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(tokens[at : at + size]) for at in range(len(tokens) - size + 1)]


Span = tuple[int, int]


def unit_spans(text: str) -> list[Span]:
    """Start and end of each unit."""
    found: list[Span] = []
    for unit in units(text):
        start = text.index(unit, found[-1][1] if found else 0)
        found.append((start, start + len(unit)))
    return found


def spaced_spans(words: Sequence[str]) -> list[Span]:
    """Start and end of each word in the text that has them one space apart."""
    ends = list(itertools.accumulate(len(word) + 1 for word in words))
    return [(end - 1 - len(word), end - 1) for word, end in zip(words, ends, strict=True)]


def top_coverage(found: Sequence[str], spans: Sequence[Span], size: int) -> int:
    """Characters under the most frequent n-gram, the first of equals; 0 if none recurs.

    Each unit counts once, and one for the gap between two units of an n-gram that stand apart.
    """
    starts = defaultdict(list)
    for at, window in enumerate(windows(found, size)):
        starts[window].append(at)
    most = max(map(len, starts.values()), default=0)
    if most < 2:
        return 0
    where = next(places for places in starts.values() if len(places) == most)
    under = {at for start in where for at in range(start, start + size)}
    inside = {at for start in where for at in range(start + 1, start + size)}
    gaps = sum(spans[at][0] > spans[at - 1][1] for at in inside)
    return sum(len(found[at]) for at in under) + gaps


def repeat_coverage(found: Sequence[str], size: int) -> int:
    """Characters of n-grams that occurred before, each beginning behind the last such one."""
    seen: set[tuple[str, ...]] = set()
    covered = at = 0
    while at + size <= len(found):
        window = tuple(found[at : at + size])
        if window in seen:
            covered += sum(map(len, window))
            at += size
        else:
            seen.add(window)
            at += 1
    return covered


def ngram_counts(found: Sequence[str], spans: Sequence[Span]) -> list[int]:
    """The columns of `Counts.ngrams`."""
    tops = [top_coverage(found, spans, size) for size in (2, 3, 4)]
    return [*tops, *(repeat_coverage(found, size) for size in range(5, 11))]


def class_counts(text: str, class_of: Callable[[str], int], number: int) -> list[int]:
    counts = [0] * number
    for character in text:
        counts[class_of(character)] += 1
    return counts


def is_unspaced(text: str) -> bool:
    return UNSPACED.search(text) is not None


def shingle_windows(text: str, size: int) -> list[tuple[object, ...]]:
    """Windows of characters that are no white space in an unspaced text, of words in another.

    A character is never the same as a word: each window begins with which of them it holds.
    """
    unspaced = is_unspaced(text)
    tokens = list(SPACES.sub("", text)) if unspaced else units(text)
    return [(unspaced, *window) for window in windows(tokens, size)]


def shingles(text: str, size: int) -> set[tuple[object, ...]]:
    return set(shingle_windows(text, size))


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


_SIMPLIFIED = opencc.OpenCC("t2s")


def _folded_character(character: str) -> str:
    """Its small letter, or simplified, where that is one code point; 0 for a digit of any script."""
    small = character.lower() if len(character.lower()) == 1 else character
    if regex.match(r"\p{Han}", small):
        simple = _SIMPLIFIED.convert(small)
        small = simple if len(simple) == 1 else small
    return "0" if regex.match(r"\p{Nd}", small) else small


def model_units(text: str, characters: int, longest: int) -> list[str]:
    """Units and marks as the n-gram model reads them: folded, a repeated mark once."""
    found: list[str] = []
    joins = False
    mark = ""
    for character in text[:characters]:
        folded_one = _folded_character(character)
        if SPACES.match(character) or character == "\0":
            joins, mark = False, ""
        elif not WORD.match(character):
            if folded_one != mark:
                found.append(folded_one)
            joins, mark = False, folded_one
        elif UNSPACED.match(character):
            found.append(folded_one)
            joins, mark = False, ""
        else:
            if joins and len(found[-1]) < longest:
                found[-1] += folded_one
            else:
                found.append(folded_one)
            joins, mark = True, ""
    return found


Ngram = tuple[str, ...]
Chances = dict[Ngram, float]


def ngram_model(
    texts: Sequence[Sequence[str]], order: int, discount: float, most: int
) -> tuple[Chances, Chances]:
    """(own probability of each n-gram kept, what each context leaves); () is the root context."""
    counts: dict[Ngram, int] = defaultdict(int)
    totals: dict[Ngram, int] = defaultdict(int)
    for text in texts:
        for size in range(1, order + 1):
            for start in range(len(text) - size + 1):
                counts[tuple(text[start : start + size])] += 1
    for gram, count in counts.items():
        totals[gram[:-1]] += count
    level = 1
    while len(_seen_often(counts, order, level)) > most:
        level += 1
    kept = _seen_often(counts, order, level)
    own = {gram: (counts[gram] - discount) / totals[gram[:-1]] for gram in kept}
    spent: Chances = defaultdict(float)
    for gram, chance in own.items():
        spent[gram[:-1]] += chance
    return own, {context: 1 - spent[context] for context in totals}


def _seen_often(counts: dict[Ngram, int], order: int, level: int) -> list[Ngram]:
    return [gram for gram, count in counts.items() if count >= level + (len(gram) == order)]


def in_eighths(chance: float) -> float:
    """A probability as it is stored: its bits in steps of an eighth, at most 31.75."""
    return 2.0 ** (-min(round(-8 * math.log2(chance)), 254) / 8)


def ngram_chance(gram: Ngram, own: Chances, rest: Chances, unseen: float) -> float:
    """Probability of the last symbol after the ones before it; `unseen` if it stands alone."""
    if not gram:
        return unseen
    if len(gram) > 1:
        shorter = ngram_chance(gram[1:], own, rest, unseen)
        left = in_eighths(rest[gram[:-1]]) if gram[:-1] in own and gram[:-1] in rest else 1.0
    else:
        shorter, left = unseen, 1.0
    return (in_eighths(own[gram]) if gram in own else 0.0) + left * shorter


def ngram_scores(
    found: Sequence[str], words: tuple[Chances, Chances], letters: tuple[Chances, Chances]
) -> list[float]:
    """Bits per unit, bits that the two before save, share of units in the model; 0 without units."""
    if not found:
        return [0.0, 0.0, 0.0]
    bits, alone, known = 0.0, 0.0, 0
    for place, unit in enumerate(found):
        spelled = 0.0
        if (unit,) not in words[0]:
            spelled = words[1].get((), 1.0) * _spelled(unit, letters)
        gram = tuple(found[max(0, place - 2) : place + 1])
        bits -= math.log2(ngram_chance(gram, *words, spelled))
        alone -= math.log2(ngram_chance((unit,), *words, spelled))
        known += (unit,) in words[0]
    return [bits / len(found), (alone - bits) / len(found), known / len(found)]


def _spelled(unit: str, letters: tuple[Chances, Chances]) -> float:
    symbols = [*unit, ""]
    unseen = letters[1].get((), 1.0) / 0x110000
    chance = 1.0
    for place in range(len(symbols)):
        gram = tuple(symbols[max(0, place - 2) : place + 1])
        chance *= ngram_chance(gram, *letters, unseen)
    return max(chance, 1e-200)


CODE_OR_MARKUP = regex.compile(
    rb"""
    `{3,}+(?s:.*?)``` | ``(?!`)[^\n]*?`` | `(?!`)[^\n]*?` | `++
    | <!--(?s:.*?)--> | <[A-Za-z/!][^\n>]{0,297}>
    | (?P<token>[A-Za-z0-9_=:&+~/\\.@\#$%-]++) | (?P<other>[^ \t\n\v\f\r])
    """,
    regex.VERBOSE,
)
IDENTIFIER = regex.compile(rb"[a-z][A-Z] | [A-Za-z0-9][_=:&+~/\\.@\#$%][A-Za-z0-9]", regex.VERBOSE)
OPTION = regex.compile(rb"[/\\.@#$%-]-*[A-Za-z0-9]")


def prose(text: str) -> str:
    """The text without code; as it is where less than 50 bytes of letters remain."""
    data = text.encode()
    kept = b""
    at = 0
    while at < len(data):
        found = CODE_OR_MARKUP.match(data, at)
        piece = b" "
        if found and found["other"]:
            piece = found["other"]
        elif found and found["token"] is not None:
            glued = at > 0 and data[at - 1] >= 0x80
            is_option = not glued and OPTION.match(found["token"])
            piece = b" " if is_option or IDENTIFIER.search(found["token"]) else found["token"]
        kept += piece
        at = found.end() if found else at + 1
    kept = regex.sub(rb" +", b" ", kept).removeprefix(b" ")
    letters = sum(byte >= 0x80 or chr(byte).isalpha() for byte in kept)
    return kept.decode() if letters >= 50 else text


def spans(text: str, size: int) -> list[str]:
    """The text, or of what is longer than three spans of that many bytes start, middle and end.

    A span begins and ends with the first code point at or behind its bounds.
    """
    data = text.encode()
    if len(data) <= 3 * size:
        return [text]
    starts = [0, (len(data) - size) // 2, len(data) - size]
    bounds = [(_character(data, start), _character(data, start + size)) for start in starts]
    return [data[start:end].decode() for start, end in bounds]


def _character(data: bytes, at: int) -> int:
    """Where the next character begins."""
    while at < len(data) and data[at] & 0xC0 == 0x80:
        at += 1
    return at


def spaced_words(text: str) -> list[str]:
    """Words in small letters, of alphabets below U+2000 alone."""
    found = [""]
    for c in text:
        small = c.lower() if len(c.lower()) == 1 and c.lower() < "\u2000" else c
        if WORD.match(c) and not UNSPACED.match(c) and c < "\u2000":
            found[-1] += small
        else:
            found.append("")
    return [word for word in found if word]


def cues(
    found: Iterable[str], words: Mapping[str, set[str]], letters: Mapping[str, set[str]]
) -> list[set[str]]:
    """The languages that each of the words speaks for; words that speak for none are left out.

    A word that is in no list is the cue of its letter that fewest languages have, the first of
    equals.
    """
    said = []
    for word in found:
        cue = {language for language, own in words.items() if word in own}
        rare = [{lang for lang, own in letters.items() if letter in own} for letter in word]
        said.append(cue or min(filter(None, rare), key=len, default=set()))
    return [cue for cue in said if cue]


def leader_share(found: Sequence[set[str]], leader: str, languages: Iterable[str]) -> float:
    """The least share, over all rivals, of the cues that speak for the leader and not for them."""
    shares = []
    for rival in set(languages) - {leader}:
        ours = sum(leader in cue and rival not in cue for cue in found)
        theirs = sum(rival in cue and leader not in cue for cue in found)
        shares.append((ours + 1) / (ours + theirs + 2))
    return min(shares)


TERM_SYMBOLS = "*^~#+@&%$=￥※☆★○●◇◆□■♥♡丶丨"
TERM_LOOSE = " \t\u00a0\u3000-_.·•|/\\"
TERM_IGNORED = regex.compile(
    r"[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff"
    r"\u0300-\u036f\u20d0-\u20f0]"
)
HAN = regex.compile(r"\p{Han}")
SPACED_LETTER = regex.compile(
    r"[\p{L}\p{M}\p{N}--[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Hangul}]]",
    regex.V1,
)


@cache
def term_character(character: str) -> str:
    """What stands for a character where terms are compared: one character for one."""
    for _ in range(2):
        small = normalize("NFKC", normalize("NFKC", character).lower())
        character = small if len(small) == 1 else character
        character = _SIMPLIFIED.convert(character)
        if SPACES.match(character) or character in "-_‐‑":
            character = " "
    return character


def term(text: str) -> str:
    """A term as it is compared."""
    kept = [c for c in normalize("NFC", text) if not TERM_IGNORED.match(c)]
    return " ".join(part for part in "".join(map(term_character, kept)).split(" ") if part)


def found_terms(
    text: str,
    entries: Sequence[str],
    allowed: Sequence[str] = (),
    *,
    gaps: bool = False,
    joined: regex.Pattern[str] | None = SPACED_LETTER,
) -> list[tuple[int, int, int]]:
    """(entry, start, end) of what `Matcher` finds: the first, of those the longest, no overlap,
    nothing inside an allowed word."""
    exempt = {term(word) for word in allowed} - {""}
    free = [
        (start, end)
        for start in range(len(text))
        for word in exempt
        if (end := _term_end(text, start, word, joined, gaps=False))
    ]
    found: list[tuple[int, int, int]] = []
    for start in range(len(text)):
        ends = [
            (end, -number)
            for number, word in enumerate(map(term, entries))
            if word and word not in exempt
            if (end := _term_end(text, start, word, joined, gaps=gaps))
        ]
        if ends and (not found or start >= found[-1][2]):
            end, number = max(ends)
            if not any(first <= start and end <= last for first, last in free):
                found.append((-number, start, end))
    return found


def _term_end(
    text: str, start: int, word: str, joined: regex.Pattern[str] | None, *, gaps: bool
) -> int | None:
    """Where a term ends that begins at a place; None if it does not."""
    at, gapped, loose, last = start, 0, False, ""
    for number, character in enumerate(word):
        while (
            number
            and at < len(text)
            and (TERM_IGNORED.match(text[at]) or last == " " == term_character(text[at]))
        ):
            at += 1
        if gaps and last and HAN.match(last) and HAN.match(character):
            gap = _gap(text, at)
            if gap and text[at + gap : at + gap + 1] and HAN.match(text[at + gap]):
                gapped += 1
                loose |= text[at] in TERM_LOOSE
                at += gap
        if at >= len(text) or term_character(text[at]) != character:
            return None
        if number == 0 and TERM_IGNORED.match(text[at]):
            return None
        last = character
        at += 1
    before, after = _visible(text[:start][::-1]), _visible(text[at:])
    for edge, outside in ((word[0], before), (word[-1], after)):
        if joined and outside and joined.match(edge) and joined.match(term_character(outside)):
            return None
    if loose and (gapped < len(word) - 1 or (HAN.match(before) and HAN.match(after))):
        return None
    return at


def _gap(text: str, at: int) -> int:
    if text[at : at + 1] and text[at] in TERM_SYMBOLS:
        return 1
    loose = [c in TERM_LOOSE for c in text[at : at + 2]]
    return 0 if not loose or not loose[0] else sum(loose)


def _visible(text: str) -> str:
    return next((c for c in text if not TERM_IGNORED.match(c)), "")


def covered_units(text: str, spans: Iterable[tuple[int, int]]) -> int:
    """Units that any of these spans of code points touches."""
    numbers: list[int | None] = []
    inside, count = False, -1
    for character in text:
        word = WORD.match(character) is not None
        alone = UNSPACED.match(character) is not None
        count += word and (alone or not inside)
        numbers.append(count if word else None)
        inside = word and not alone
    touched = {numbers[at] for start, end in spans for at in range(start, end)}
    return len(touched - {None})


CHARACTER_CLASSES = {
    "space": r"\p{White_Space}",
    "digit": r"\p{Nd}",
    "number": r"\p{N}",
    "capital": r"[\p{Uppercase}\p{Lt}]",
    "letter": r"[\p{Alphabetic}\p{M}]",
    "parenthesis": r"[()（）]",
    "brace": r"[{}]",
    "sign": r"[#$%&*+/<=>@\[\\\]\^_`|~]",
    "punctuation": r"\p{P}",
    "symbol": r"\p{S}",
    "other": r"(?s).",
}
ENCODED = regex.compile(r"[A-Za-z0-9+/=]{64,}")


def characters(text: str) -> str:
    """The characters that count: a carriage return before a line feed is none."""
    return text.replace("\r\n", "\n")


@cache
def character_class(character: str) -> str:
    """The first class that a character is of."""
    return next(name for name, one in CHARACTER_CLASSES.items() if regex.match(one, character))


def class_share(text: str, *names: str) -> float:
    found = [character_class(character) for character in characters(text)]
    return share(sum(name in names for name in found), len(found))


def physical_lines(text: str) -> list[str]:
    """Lines, blank ones too, without their ends; a last line feed starts no line."""
    found = characters(text).split("\n")
    return found if found[-1] else found[:-1]


def lines_mostly(text: str, name: str) -> int:
    """Lines of which more than half, white space aside, is of a class."""
    found = [[character_class(c) for c in line] for line in physical_lines(text)]
    return sum(2 * line.count(name) > len(line) - line.count("space") for line in found)


def encoded(text: str) -> tuple[int, int]:
    """(characters in stretches of base64, those of the longest, joined over line ends)."""
    total, longest, joined, goes_on = 0, 0, 0, -1
    whole = characters(text)
    for match in ENCODED.finditer(whole):
        size = match.end() - match.start()
        joined = size + (joined if match.start() == goes_on else 0)
        goes_on = match.end() + 1 if whole[match.end() : match.end() + 1] == "\n" else -1
        total, longest = total + size, max(longest, joined)
    return total, longest


def matched_share(text: str, pattern: str) -> float:
    """The share of characters in matches."""
    whole = characters(text)
    return share(len(whole) - len(regex.sub(pattern, "", whole)), len(whole))


def window_counts(text: str, size: int, prefix: int) -> list[int]:
    """Of the first characters, white space collapsed: how many they are, their windows, windows
    that recur, and the most frequent of these, as many as the root of the number of all."""
    start = SPACES.sub(" ", text)[:prefix]
    found = Counter(start[at : at + size] for at in range(len(start) - size + 1))
    recurring = sorted((count for count in found.values() if count > 1), reverse=True)
    top = sum(recurring[: math.isqrt(len(found))])
    return [len(start), found.total(), sum(recurring), top]


def tokens(text: str) -> list[str]:
    """Units, and other characters that are no white space, each with those like it behind it."""
    found: list[str] = []
    at = 0
    while at < len(text):
        if SPACES.match(text[at]):
            at += 1
        elif WORD.match(text[at]):
            found.append(units(text[at:])[0])
            at += len(found[-1])
        else:
            rest = text[at:]
            alone = UNSPACED.match(text[at]) and WORD.match(text[at])
            size = 1 if alone else len(rest) - len(rest.lstrip(text[at]))
            found.append(rest[:size])
            at += size
    return found


def repetitions(text: str, most: int = 13, least: int = 3) -> list[int]:
    """Characters of tokens, those under stretches of a period up to `most` that are at least
    `least` periods long, those of the longest stretch, the most repeats in one."""
    found = tokens(text)
    keys = [folded(one) if WORD.match(one) else one[0] for one in found]
    sizes = [len(one) for one in found]
    covered: set[int] = set()
    longest = repeats = 0
    for period in range(1, most + 1):
        start = 0
        while start + period < len(keys):
            end = start + period
            while end < len(keys) and keys[end] == keys[end - period]:
                end += 1
            if end - start >= least * period:
                covered |= set(range(start, end))
                longest = max(longest, sum(sizes[start:end]))
                repeats = max(repeats, (end - start) // period)
            start = max(start + 1, end - period + 1)
    return [sum(sizes), sum(sizes[at] for at in covered), longest, repeats]


def entropy(found: Sequence[str]) -> float:
    """In nats."""
    shares = [count / len(found) for count in Counter(found).values()]
    return -sum(one * math.log(one) for one in shares) + 0.0


def comment_lines(text: str) -> list[int]:
    """Lines with a byte above the space, and those that start with or in a comment."""
    ends = {"/*": "*/", "<!-": "-->", '"""': '"""', "'''": "'''"}
    filled = comments = 0
    within, counted = "", False
    for line in text.split("\n"):
        rest = line.lstrip("".join(map(chr, range(33))))
        if not rest:
            continue
        filled += 1
        if not within:
            opened = regex.match(r'/\*|<!-|[A-Za-z]?("{3}|\'{3})', rest)
            if regex.match(r"//|#[\x00-!#]|%[\x00-!%]|;[\x00-!;]|--[\x00-!-]|#$|%$|;$|--$", rest):
                comments += 1
                continue
            if opened:
                within, counted = ends[opened[1] or opened[0]], True
                rest = rest[opened.end() :]
        comments += bool(within) and counted
        while rest:
            match = regex.search(regex.escape(within) if within else "\"{3}|'{3}", rest)
            if match is None:
                break
            within, counted = ("", False) if within else (match[0], False)
            rest = rest[match.end() :]
    return [filled, comments]


@cache
def jieba_tokenizer() -> jieba.Tokenizer:
    """Jieba with its own dictionary, as it comes."""
    jieba.setLogLevel(logging.WARNING)
    made = jieba.Tokenizer()
    made.initialize()
    return made


def jieba_words(text: str) -> list[str]:
    return list(jieba_tokenizer().cut(text, HMM=False))


def spaced(text: str, most_characters: int) -> str:
    """The words of a text's beginning in small letters, no white space but a space between two."""
    words = jieba_words(text[:most_characters].lower())
    return " ".join(word for word in words if not word.isspace())


HAN = regex.compile(r"[\p{Han}&&\w]", regex.V1)
SIGNS = set("#$%&*+/<=>@[\\]^_{|}~")
BRACKETS = ("（）", "“”", "《》", "〈〉", "「」", "『』", "【】", "〔〕", "［］")


def han(text: str) -> list[str]:
    """Its Han letters."""
    return HAN.findall(text)


def visible(text: str) -> int:
    """Its characters that are no white space."""
    return len(SPACES.sub("", text))


@cache
def converter(way: str) -> opencc.OpenCC:
    return opencc.OpenCC(way)


def simplified(character: str) -> str:
    return str(converter("t2s").convert(character))


@cache
def scripts() -> tuple[set[str], set[str]]:
    """(characters that only simplified Chinese writes, only traditional), by jieba's words."""
    words = [word for word, count in jieba_tokenizer().FREQ.items() if count]
    simple = opencc.OpenCC("t2s").convert("\n".join(words))
    traditional = opencc.OpenCC("s2t").convert(simple)
    local = [opencc.OpenCC(way).convert(traditional) for way in ("t2tw", "t2hk")]
    plain = Counter(simple)
    full = Counter(traditional) | Counter(local[0]) | Counter(local[1])  # the most of each
    return (
        {one for one in plain if HAN.match(one) and full[one] < plain[one] / 100},
        {one for one in full if HAN.match(one) and plain[one] < full[one] / 100},
    )


def script_mix(text: str) -> float:
    simple, traditional = (sum(one in found for one in text) for found in scripts())
    return share(min(simple, traditional), simple + traditional)


def unclosed_brackets(text: str) -> float:
    """Halves of brackets that are one too many, among all."""
    odd = sum(abs(text.count(pair[0]) - text.count(pair[1])) for pair in BRACKETS)
    return share(odd, sum(text.count(half) for pair in BRACKETS for half in pair))


def signs(text: str) -> int:
    """Runs of one sign."""
    return sum(character in SIGNS for character, _ in itertools.groupby(text))


@cache
def bound_characters() -> set[str]:
    """Of the 1,000 most frequent characters in jieba's dictionary those that are a word by
    themselves less than once in eight times."""
    alone: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for word, count in jieba_tokenizer().FREQ.items():
        for character in word:
            seen[character] += count
            alone[character] += count if word == character else 0
    common = sorted((one for one in seen if HAN.match(one)), key=lambda one: (-seen[one], one))
    return {one for one in common[:1000] if 8 * alone[one] < seen[one]}


def chinese_words(text: str) -> list[str]:
    """The words of jieba if the text were simplified, as they are written."""
    folded = "".join(map(simplified, text))
    ends = itertools.accumulate(map(len, jieba_words(folded)), initial=0)
    return [text[start:end] for start, end in itertools.pairwise(ends)]


def out_of_vocabulary(text: str) -> int:
    """Bound characters that are words by themselves."""
    return sum(simplified(word) in bound_characters() for word in chinese_words(text) if han(word))


def top_words(text: str) -> int:
    """Han characters in the five words that have most of them."""
    words = [word for word in chinese_words(text) if len(word) > 1 and HAN.match(word)]
    often = {word: count for word, count in Counter(words).items() if count >= 5}
    return sum(sorted(len(han(word)) * count for word, count in often.items())[-5:])


def keyword_lists(text: str) -> int:
    """Han characters in ten or more phrases of at most twelve with only separators between."""
    found = 0
    for stretch in regex.findall(r"(?:[\p{Han}&&\w]|[ \t\xa0\u3000|｜_,/·>→-])+", text, regex.V1):
        phrases = [len(one) for one in regex.findall(r"[\p{Han}&&\w]+", stretch, regex.V1)]
        for short, group in itertools.groupby(phrases, lambda length: length <= 12):
            lengths = list(group)
            found += sum(lengths) if short and len(lengths) >= 10 else 0
    return found


def phrase_lists(text: str) -> int:
    """Han characters in 25 or more phrases of at most twelve without a sentence end between."""
    found = 0
    for sentence in regex.split("[!?。！？…；;．｡؟۔।]", text):
        stretches = regex.findall(r"\w+", sentence)
        lengths = [len(regex.findall(r"[\p{Han}&&\w]", one, regex.V1)) for one in stretches]
        for short, group in itertools.groupby(filter(None, lengths), lambda length: length <= 12):
            several = list(group)
            found += sum(several) if short and len(several) >= 25 else 0
    return found


def embedded_marks(text: str) -> int:
    """Runs of signs between Han characters; not what prose is written with."""
    prose = r"\w\s\p{M}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Pd}，。、；：？！…⋯·・‧•,.;:?!'\"()/%~～〜＂＇"
    run = rf"(?<=[\p{{Han}}&&\w])[^{prose}]+(?=[\p{{Han}}&&\w])"
    return len(regex.findall(run, text, regex.V1))


def scattered_phrases(text: str) -> int:
    """Han characters in stretches of frequent 3-grams that are rare with a neighbour."""
    letters = [one for one in text if regex.match(r"\w", one)]
    return sum(
        _scattered_phrases(letters[start : start + 16_384])
        for start in range(0, len(letters), 16_384)
    )


def _scattered_phrases(letters: Sequence[str]) -> int:
    three = ["".join(letters[at : at + 3]) for at in range(len(letters) - 2)]
    often = Counter(three)
    least = max(5, 0.008 * len(han("".join(letters))))
    hot = [often[one] >= least and len(han(one)) == 3 for one in three]
    found = at = 0
    for inside, group in itertools.groupby(hot):
        size = len(list(group))
        before = often[three[at - 1]] if at else 0
        after = often[three[at + size]] if at + size < len(three) else 0
        at += size
        if inside and before * 12 <= often[three[at - size]] and after * 12 <= often[three[at - 1]]:
            found += size + 2
    return found


def boilerplate_lines(text: str, anywhere: Iterable[str], first: Iterable[str]) -> int:
    """Lines of at most 60 characters with such a phrase, or that begin so, with a colon after."""
    begin = tuple(f"{one}{colon}" for one in first for colon in ":：")
    return sum(
        len(line) <= 60 and (any(one in line for one in anywhere) or line.startswith(begin))
        for line in lines(text)
    )


def mojibake(text: str) -> tuple[int, int, int]:
    """(signs of a wrong decoding, their characters, these and all others but white space)."""
    signs = characters = every = 0
    run = ""

    def close() -> tuple[int, int]:
        if regex.fullmatch("[烫屯]{3,}", run):
            return len(run) // 3, len(run)
        letters = sum(one.isalpha() and one >= "À" for one in run)
        wrong = len(run) >= 4 and 2 * letters >= len(run) and run[0] < "Ā"
        return (len(run) // 2, len(run)) if wrong else (0, 0)

    while text:
        widths = range(min(4, len(text)), 0, -1)
        width = next((one for one in widths if is_mojibake(text[:one])), 0)
        joins = bool(run) and (
            ("¡" <= run[0] <= "ÿ" and "¡" <= text[0] <= "ÿ")
            or (run[0] in "烫屯" and text[0] == run[0])
        )
        if width or not joins:
            signs, characters = signs + close()[0], characters + close()[1]
            run = ""
        every += width or not SPACES.match(text[0])
        if width:
            signs, characters = signs + 1, characters + width
        elif "¡" <= text[0] <= "ÿ" or text[0] in "烫屯":
            run += text[0]
        text = text[width or 1 :]
    return signs + close()[0], characters + close()[1], every


def lost_characters(text: str) -> int:
    """Signs of one character of UTF-8 read as Windows-1252 that stands nowhere in the text."""
    lost = at = 0
    while at < len(text):
        widths = range(min(4, len(text) - at), 0, -1)
        width = next((one for one in widths if is_mojibake(text[at : at + one])), 1)
        right = read_right(text[at : at + width]) if width > 1 else ""
        lost += right != "" and right not in text
        at += width
    return lost


def read_right(sign: str) -> str:
    """The character whose UTF-8 read as Windows-1252 the sign is; empty if it is no such sign."""
    if "\xa0" in sign:
        return ""
    try:
        return b"".join(
            one.encode("cp1252", "ignore") or one.encode("latin-1") for one in sign
        ).decode()
    except UnicodeError:
        return ""


def is_mojibake(found: str) -> bool:
    """Whether these characters, all of them, are one sign: U+FFFD, one character of UTF-8 read as
    Windows-1252, two of Chinese read as GBK."""
    if len(found) == 1:
        return found == "\ufffd"
    if len(read_right(found)) == 1:
        return True
    try:
        two = found.encode("gbk").decode() if len(found) == 3 else ""
    except UnicodeError:
        return False
    return bool(regex.fullmatch("[一-\u9fff\u3000-\u303f\uff00-\uff5f\u2010-\u202f\ufffd]{2}", two))


def auc(scores: Sequence[float], positive: Sequence[bool]) -> float:
    """The share of pairs of a positive and a negative that are ranked right; a tie is half."""
    wins = [
        (high > low) + (high == low) / 2
        for high, is_high in zip(scores, positive, strict=True)
        if is_high
        for low, is_low in zip(scores, positive, strict=True)
        if not is_low
    ]
    return sum(wins) / len(wins) if wins else 0.5


def isotonic(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The non-decreasing values with the least weighted squared distance: the max-min formula."""

    def mean(first: int, last: int) -> float:
        part = range(first, last + 1)
        return sum(values[at] * weights[at] for at in part) / sum(weights[at] for at in part)

    size = len(values)
    return [
        max(min(mean(first, last) for last in range(at, size)) for first in range(at + 1))
        for at in range(size)
    ]


def components(groups: Iterable[set[str]]) -> list[set[str]]:
    """Sets joined until no two have a member in common."""
    found: list[set[str]] = []
    for group in groups:
        touched = [one for one in found if one & group]
        found = [one for one in found if not one & group] + [group.union(*touched)]
    return found


def verified(
    documents: Sequence[tuple[Iterable[int], set[int]]],
    order: Sequence[int],
    fixed: int,
    similarity: Callable[..., float],
    threshold: float,
    most: int,
    holders: int,
) -> tuple[list[int], list[float], list[bool]]:
    """Each document (values, keys) in order against the kept ones that share a key with it.

    Which one stands for it (-1: it stays), how similar that is, and whether not all were looked at:
    `most` are compared, those sharing most keys, and a key lists the first `holders` kept ones.
    """
    stands = [-1] * len(documents)
    how = [0.0] * len(documents)
    capped = [False] * len(documents)
    listed: dict[int, list[int]] = {}
    for place, document in enumerate(order):
        values, keys = documents[document]
        if place >= fixed:
            lists = [listed.get(key, []) for key in keys]
            shared = Counter(one for some in lists for one in some)
            likely = sorted(shared, key=lambda one: (-shared[one], one))[:most]
            found = [(similarity(values, documents[order[one]][0]), -one) for one in likely]
            best, one = max(found, default=(0.0, 0))
            capped[document] = len(shared) > most or any(len(some) == holders for some in lists)
            if best >= threshold:
                stands[document], how[document] = order[-one], best
                continue
        for key in keys:
            if len(listed.setdefault(key, [])) < holders:
                listed[key].append(place)
    return stands, how, capped


_NOT_THERE = regex.compile(r"[\p{Cf}\p{Variation_Selector}]")


@cache
def folded_character(character: str) -> str:
    """What a character is compared as in the search for evaluation items."""
    if _NOT_THERE.match(character):
        return ""
    small = normalize("NFKD", normalize("NFKD", character).lower()).replace("ς", "σ")
    return _simplifier().convert(small) if regex.fullmatch(r"\p{Han}", small) else small


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def folded_units(text: str) -> list[tuple[str, int, int]]:
    """Each unit of the folded text, with the code points of the text where it starts and ends."""
    found: list[list[object]] = []
    inside = touching = False
    for place, character in enumerate(text):
        for part in folded_character(character):
            if not WORD.match(part) or part == "_":
                inside = touching = False
                continue
            alone = UNSPACED.match(part) is not None
            mark = touching and not alone and regex.match(r"\p{M}", part) is not None
            if mark or (inside and not alone):
                found[-1] = [f"{found[-1][0]}{part}", found[-1][1], place + 1]
            else:
                found.append([part, place, place + 1])
            inside = inside if mark else not alone
            touching = True
    return [(str(unit), int(str(start)), int(str(end))) for unit, start, end in found]


def common_runs(
    units: Sequence[str], others: Sequence[str], least: int
) -> list[tuple[int, int, int]]:
    """(place, place in the others, length) of every common run that cannot be made longer."""
    found = []
    for at, there in itertools.product(range(len(units)), range(len(others))):
        if at and there and units[at - 1] == others[there - 1]:
            continue
        pairs = zip(units[at:], others[there:], strict=False)
        size = sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
        if size >= least:
            found.append((at, there, size))
    return found
