"""Facts in English clauses: questions for which only an auxiliary moves, or nothing.

`The bridge was opened in 1932 by the king` gives `When was the bridge opened by the king?`: the
auxiliary is there, so no do-support is needed. `Marie Curie discovered radium` gives `Who
discovered radium?`: a question for the subject moves nothing. A clause is taken only if it is the
whole sentence, fronted phrases of time and place aside.
"""

import re
from collections.abc import Iterator

from taojin.pipeline.qa.offline.candidates import plain
from taojin.pipeline.qa.offline.definitions_en import leans
from taojin.pipeline.qa.offline.patterns_en import (
    AIMED,
    BECAUSE,
    BY,
    CALLED,
    CLAUSE,
    COUNTED,
    HANGING,
    IN_PLACE,
    KIND,
    LEANS,
    MONTH,
    PARTICIPLE,
    PEOPLE,
    PERSON_NAME,
    PERSON_VERBS,
    SHORT,
    SITE,
    SITED,
    START,
    THING,
    TIME,
    TO,
    VERBS,
    YEAR,
)

Found = tuple[str, str, tuple[int, int], float]
"""Kind, question, span in the sentence, score."""


def find(text: str, document: str) -> Iterator[Found]:
    """Questions for the subject, and for what stands behind an auxiliary."""
    said = _said(text)
    if said is None or _common(said, document):
        return
    yield from _expanded(said)
    if match := COUNTED.match(said):
        specific = re.search(r"[A-Z]", match["y"][1:])
        if specific and not LEANS.search(match["y"]) and not HANGING.search(_first(match["y"])):
            yield "number", f"How many {_first(match['y'])}?", match.span("a"), 0.7
    elif match := CLAUSE.match(said):
        yield from _moved(match)
        if not match["front"] and match["aux"] in ("was", "were", "is", "are", "has been"):
            yield from _named(match)
    elif match := VERBS.match(said):
        yield from _subject(match)


def _common(said: str, document: str) -> bool:
    """Whether the sentence begins with a plain noun alone, which names nothing: `Errors are`."""
    match = re.match(
        r"[A-Z][a-z]+(?= (?:is|are|was|were|can|will|must|may|should|would|could|has|have"
        r"|\w+ed)\b)",
        said,
    )
    return match is not None and re.search(rf"\b{match.group().lower()}\b", document) is not None


def _expanded(said: str) -> Iterator[Found]:
    """`Court of Justice (CJ)`: the short form is asked for where its letters are the initials."""
    for match in SHORT.finditer(said):
        words = match["a"].split()
        for skip in range(len(words) - 1):
            initials = [word[0] for word in words[skip:] if word[0].isupper()]
            if (
                "".join(initials) == match["x"]
                and words[skip][0].isupper()
                and words[-1][0].isupper()
            ):
                start = match.end("a") - len(" ".join(words[skip:]))
                yield "meaning", f"What does {match['x']} stand for?", (start, match.end("a")), 0.8
                break


def _named(match: re.Match[str]) -> Iterator[Found]:
    """`Harvard University was founded ...`: which university, where the name ends with its kind."""
    kind = KIND.search(match["s"])
    rest = _first(match["rest"])
    named = kind and kind.start() > 4 and " of " not in match["s"]
    specific = re.search(r"[A-Z]", rest)
    named = named and specific and not START.match(match["s"])
    if kind and named and _whole(rest) and rest.count(" ") > 2:
        question = f"Which {kind['k'].lower()} {match['aux']} {rest}?"
        yield "subject", question, match.span("s"), 0.7


def _said(text: str) -> str | None:
    """The sentence in one line of the same length; None where marks or lines stand in the way."""
    flat = text.replace("\n", " ").replace("\xa0", " ")
    return None if re.search(r"[*`_<>\[\]{}|=]|  |--", flat) or not 30 <= len(flat) <= 320 else flat


def _subject(match: re.Match[str]) -> Iterator[Found]:
    name, rest = match["a"], match["y"]
    if (
        name in ("The", "A", "An", "XXX", "TODO")
        or "'" in name
        or "’" in name
        or START.match(name)
        or leans(name)
        or LEANS.search(rest)
        or HANGING.search(_first(rest))
    ):
        return
    words = name.split()
    person = match["v"] in PERSON_VERBS or bool(PEOPLE.match(name))
    if person and not THING.search(name):
        word = "Who"
    elif (kind := KIND.search(name)) and kind.start() > 4:
        word = f"Which {kind['k'].lower()}"
    elif THING.search(name) and match["v"].endswith("ed") and re.search(YEAR, rest):
        word = "What"
    else:
        return
    question = f"{word} {_first(rest)}?"
    if len(words) < 2 and not re.search(r"[A-Z\d]", _first(rest)):
        return
    whole = not re.search(r"\b(?:in|of|for|with) (?:cases|ways|terms|addition)\?$", question)
    if whole and len(words) <= 7 and len(question.split()) >= 6:
        yield "subject", question, match.span("a"), 0.7


def _first(rest: str) -> str:
    """The predicate up to where another clause or an aside begins."""
    return re.split(
        r",| (?:who|which|while|although|but|because|when|where|whereas)\b| \(|;|—| – | and"
        r" (?=\w+(?:ed|s) )",
        rest,
    )[0].rstrip(" .,")


def _moved(match: re.Match[str]) -> Iterator[Found]:
    """Questions that begin with the auxiliary of the clause behind the question word."""
    if _no_subject(match["s"]):
        return
    front, at = match["front"], match.start("rest")
    for kind, word, (start, end), score in _holes(match["rest"], match["aux"]):
        left = _left(match, kind, start, end)
        if left is None or (kind == "date" and front):
            continue
        fronted = f", {front[0].lower()}{front[1:]}" if front else ""
        question = plain(f"{_inverted(word, match)} {left}".rstrip() + f"{fronted}?")
        lead = len(match["rest"][start:end]) - len(match["rest"][start:end].lstrip(" ,"))
        yield kind, question, (at + start + lead, at + end), score
    if front and re.fullmatch(rf"(?:In|On|By|Since|Around) .*{YEAR}s?", front):
        left = _until(match["rest"]).strip()
        if _whole(left) and " " in left and not re.search(YEAR, left):
            question = f"{_inverted('When', match)} {left}?"
            yield "date", question, match.span("front"), 0.75


def _no_subject(subject: str) -> bool:
    """Whether what stands before the auxiliary leans on the context, or is a clause itself."""
    words = r"\b(?:who|which|that|and|or|is|are|was|were|has|have|had)\b"
    clause = re.search(rf"{words}|\w+ing \w+ing|\b[a-z]+ed\b|ly$", subject)
    return bool(START.match(subject) or leans(subject) or LEANS.search(subject) or clause)


def _inverted(word: str, match: re.Match[str]) -> str:
    """`When was the bridge`, `Where had the ship been`."""
    first, _, more = match["aux"].partition(" ")
    return f"{word} {first} {_article(match['s'])}{' ' if more else ''}{more}"


def _left(match: re.Match[str], kind: str, start: int, end: int) -> str | None:
    """What is left of the predicate without the hole; None where that is no whole one."""
    rest = match["rest"]
    before = rest[:start]
    behind = "" if kind == "cause" else _until(rest[end:])
    left = f"{before.rstrip(' ,')} {behind.strip()}".strip(" ,")
    if re.search(r",|\b(?:and|but|which|who|that)\b", before) or not _whole(left):
        return None
    if (not left and kind != "place") or (not start and behind.strip()):
        return None
    if not re.search(r"[A-Z\d]", f"{match['s'][1:]} {left}"):
        return None
    pronoun = r"\b(?:that|this|it|they|these|those|we|you|for example)\b"
    if kind == "cause" and re.search(pronoun, rest[start:end]):
        return None
    return left if kind != "purpose" else None if " be " in rest[start:end] else f"{left} to do"


def _until(text: str) -> str:
    """The text up to where another clause begins."""
    others = r"and|but|who|which|while|where|when|because|although"
    return re.split(rf",|;| (?:{others})\b", text)[0]


def _whole(text: str) -> bool:
    return not LEANS.search(text) and not HANGING.search(text)


def _holes(rest: str, aux: str) -> Iterator[tuple[str, str, tuple[int, int], float]]:
    """(kind, question word, span, score) of what can be left out of a predicate."""
    if (match := CALLED.match(rest)) and "be" not in aux.split():
        yield "name", "What", match.span("a"), 0.75
    if match := BECAUSE.search(rest):
        yield "cause", "Why", match.span(), 0.75
    passive = PARTICIPLE.match(rest)
    if passive:
        yield from _passive_holes(rest, aux, passive)
    elif match := SITE.match(rest):
        yield "place", "Where", match.span(), 0.75


def _passive_holes(
    rest: str, aux: str, passive: re.Match[str]
) -> Iterator[tuple[str, str, tuple[int, int], float]]:
    """Time, place, agent and aim of what was done."""
    if (match := TIME.search(rest)) and match.start() > 0 and match["a"][0].isalpha():
        yield "date", "When", match.span(), 0.75
    past = aux in ("was", "were", "had been") and passive["v"].split()[-1] in SITED
    place = IN_PLACE.search(rest) if past else None
    if place and not re.search(MONTH, place["a"]):
        yield "place", "Where", place.span(), 0.65
    agent = BY.search(rest) if aux in ("was", "were", "had been") else None
    named = agent is not None and PERSON_NAME.fullmatch(agent["a"])
    if agent and named and not THING.search(agent["a"]) and not re.search(YEAR, agent["a"]):
        yield "agent", "By whom", agent.span(), 0.65
    if (match := TO.search(rest)) and match.start() == passive.end() and passive["v"] in AIMED:
        yield "purpose", "What", match.span(), 0.6


def _article(subject: str) -> str:
    first, _, rest = subject.partition(" ")
    return (
        f"{first.lower()} {rest}"
        if first in ("The", "A", "An", "Some", "Many", "Most", "Both", "All") and rest
        else subject
    )
