"""Facts in English: questions for which the copula moves, and what clauses_en.py finds."""

import re
from collections.abc import Iterator

from taojin.pipeline.qa.blocks import Document
from taojin.pipeline.qa.offline import clauses_en
from taojin.pipeline.qa.offline.candidates import Candidate, Sentence, plain
from taojin.pipeline.qa.offline.definitions_en import leans

Found = tuple[str, str, tuple[int, int], float] | None
"""Kind, question, span in the sentence, score."""

_LEAD = (
    r"^(?:(?:However|Therefore|Thus|Moreover|Furthermore|Additionally|In addition|"
    r"For example|Today|Currently|Historically|Originally),? )?"
)
_NAME = (
    r"(?P<x>(?:(?:The|An?) )?[A-Z`*][\w\-.'’/`*+#]*(?:[ \n](?!(?:is|are|was|were|has|have|"
    r"that|which|who)\b)[\w\-'’`*+#]+){0,5})"
)
_PASSIVE = re.compile(
    rf"{_LEAD}{_NAME}\s+(?P<be>was|were|is|are)\s+(?P<v>(?:first |originally |"
    rf"officially |initially |formally )?"
    r"(?:founded|established|released|introduced|created|developed|published|launched|"
    r"invented|born|built|written|designed|opened|adopted|named|formed|completed|"
    r"discovered|accepted|deprecated|added|removed|signed|announced|maintained|located|"
    r"situated|based|headquartered|owned|implemented|sponsored|used|made))"
    r"(?P<rest>\s+[^;:!?]+)",
)
_WHEN = re.compile(
    r"^\s+(?P<a>(?:in|on)\s+(?:(?:early|late|mid)[ -])?(?:(?:January|February|March|"
    r"April|May|June|July|August|September|October|November|"
    r"December)\s+)?(?:\d{1,2},?\s+)?(?:1\d{3}|20\d{2})\b|in\s+(?:version|Python|"
    r"PowerShell|Kubernetes|Rust|Java|Go|Windows PowerShell)\s+v?\d[\d.]*\d)(?=[\s.,]|$)"
)
_BY = re.compile(
    r"^\s+by\s+(?P<a>[A-Z][^,.;()<]{1,60}?)(?=\s+(?:in|on|at|and|to|"
    r"for|as|from|when|while|during|after|who|which|that|with|under|using)\b|[,.]|$)"
)
_WHERE = re.compile(
    r"^\s+(?P<a>(?:in|at|near|within)\s+[A-Z][^.;()]{2,60}?)(?=\.?$|,\s+(?:and|which|where|with))"
)
_DATE = (
    r"(?:(?:early|late|mid)[ -])?(?:(?:January|February|March|April|May|June|July|August|"
    r"September|October|November|December)"
    r"(?:\s+\d{1,2},)?\s+)?(?:1\d{3}|20\d{2})"
)
_IN_YEAR = re.compile(
    rf"^(?P<a>(?:In|On)\s+{_DATE}),?\s+(?P<x>(?:the\s+|"
    rf"an?\s+)?[A-Z`][^,.;:()]{{1,60}}?)\s+(?P<be>was|were)\s+(?P<y>[a-z]\w+(?:ed|en|wn|"
    rf"ght|lt|nt|de|ung|ld|id|orn|un|ut|ead|et)\b[^,.;:()]{{0,70}}?)(?=[.,;(]|\s+(?:and|"
    rf"but|which|who|when|while)\b)"
)
_YEAR_LAST = re.compile(
    rf"^(?P<x>(?:The\s+)?[A-Z`][^,.;:()]{{1,60}}?)\s+(?P<be>was|"
    rf"were)\s+(?P<y>[a-z]\w+(?:ed|en|wn|ght|lt|nt|de|ung|ld|id|orn|un|ut|ead|"
    rf"et)\b[^,.;:()]{{0,70}}?)\s+(?P<a>(?:in|on)\s+{_DATE})(?=[.,;(]|\s+(?:and|but|"
    rf"by|when|while|to|at|as|after|with|for)\b)"
)
_USED = re.compile(
    rf"{_LEAD}{_NAME}\s+(?P<be>is|are)\s+(?:commonly |often |mainly |primarily |"
    rf"typically )?used\s+(?P<a>to\s+[^;:]{{10,}}|for\s+[^;:]{{6,}}?)\.?$"
)
_UNNAMED = re.compile(
    r"(?:The|A|An) [a-z]+(?: [a-z]+){0,2}$|[A-Z][a-z]+$|.* (?:parameter|field)s?$"
)
"""A subject of plain words, or a parameter or field, which only the text around it makes clear."""
_NO_PURPOSE = re.compile(
    r"(?:for|in|to \w+) (?:several|many|various|the same|all|both|this|these|that|it|them)\b"
    r"|, (?:and|but|while) .* (?:is|are)\b|^(?:to\s+\w+\s+the|for)\s+\w+$"
    r"|^to\s+be\b|\b(?:see|here|it|its|this|we|you|your|our)\b"
)
"""What says next to nothing, leans on the text, or goes on to something else."""
_STANDS = re.compile(
    rf"{_LEAD}{_NAME}(?:\s+\([^)]*\))?\s+stands?\s+for\s+(?P<a>[^.;:()]{{3,80}}?)(?"
    rf"=[.,;]|\s+and\b|$)"
)
_OF = re.compile(
    r"^(?P<x>The\s+(?:(?:main|primary|major|key|default|overall)\s+)?(?:purpose|goal|"
    r"difference|capital|value|role|advantage|meaning|motivation|aim|task|job|size|"
    r"length|population)\s+(?:of|between|for|behind)\s+[^,.;:]{3,60}?)\s+(?P<be>is|was|"
    r"are)\s+(?P<a>(?:to\s|that\s|an?\s|the\s|how\s|[\"`\d]|[A-Z])[^;:]{2,200}?)\.?$"
)
_BARE = re.compile(r"\b(?:[Tt]he|an?) [a-z]+$")
"""A noun alone, which only the text before makes clear."""
CUE = re.compile(r"[a-z] [a-z]")


def find(document: Document, sentence: Sentence, _: str = "") -> Iterator[Candidate]:
    """The patterns that fit, one question for each span."""
    asked: dict[tuple[int, int], clauses_en.Found] = {}
    single = (find(sentence.text) for find in (_dated, _passive, _used, _stands, _of))
    first = next((found for found in single if found), None)
    if first:
        asked[first[2]] = first
    for found in clauses_en.find(sentence.text, document.text):
        if all(found[0] != other[0] for other in asked.values()):
            asked.setdefault(found[2], found)
    for kind, asking, (start, end), score in asked.values():
        question = _inside(asking, sentence.text, document.text)
        trimmed = sentence.text[start:end].rstrip(" .,\n")
        at = sentence.start + start
        yield Candidate("facts", kind, question, at, at + len(trimmed), score)


def _inside(question: str, sentence: str, text: str) -> str:
    """The question with the sentence's first word in small letters if the text has it so too."""
    first = re.match(r"[A-Z][a-z]+(?= [a-z])", sentence)
    if first is None or not re.search(rf"\b{first.group().lower()}\b", text):
        return question
    if re.search(rf"[a-z,] {first.group()}\b", text):
        return question
    return re.sub(rf"(?<= ){first.group()}\b", first.group().lower(), question, count=1)


def _dated(text: str) -> Found:
    """`In 1955, X was built ...` and `X was built ... in 1955`: only the copula moves."""
    match = _IN_YEAR.match(text) or _YEAR_LAST.match(text)
    if match is None:
        return None
    subject = plain(match["x"])
    if leans(subject[0].upper() + subject[1:]) or subject.lower().startswith(("a ", "an ")):
        return None
    question = f"When {match['be']} {_lower_article(subject)} {plain(match['y'])}?"
    return "date", question, match.span("a"), 0.8


def _passive(text: str) -> Found:
    match = _PASSIVE.match(text)
    if match is None or leans(plain(match["x"])) or match["x"].startswith(("A ", "An ")):
        return None
    if _UNNAMED.match(plain(match["x"])):
        return None
    subject = _lower_article(plain(match["x"]))
    rest, at = match["rest"], match.start("rest")
    verb = plain(match["v"])
    for pattern, kind in ((_WHEN, "date"), (_BY, "agent"), (_WHERE, "place")):
        found = pattern.match(rest)
        if found and (
            kind != "place"
            or verb in ("located", "situated", "based", "headquartered", "born", "built")
        ):
            span = at + found.start("a"), at + found.end("a")
            be = match["be"]
            if kind == "agent" and (verb == "used" or be in ("is", "are")):
                return None
            if kind == "agent":
                return kind, f"Who {be} {subject} {verb} by?", span, 0.7
            word = "When" if kind == "date" else "Where"
            return kind, f"{word} {be} {subject} {verb}?", span, 0.8
    return None


def _used(text: str) -> Found:
    match = _USED.match(text)
    if match is None or leans(plain(match["x"])) or _UNNAMED.match(plain(match["x"])):
        return None
    if " *`" in match["x"] or _NO_PURPOSE.search(match["a"]):
        return None
    return (
        "purpose",
        f"What {match['be']} {_lower_article(plain(match['x']))} used for?",
        match.span("a"),
        0.8,
    )


def _stands(text: str) -> Found:
    match = _STANDS.match(text)
    return (
        (
            "meaning",
            f"What does {_lower_article(plain(match['x']))} stand for?",
            match.span("a"),
            0.9,
        )
        if match and not leans(plain(match["x"])) and len(plain(match["x"])) > 1
        else None
    )


def _of(text: str) -> Found:
    match = _OF.match(text)
    if (
        match is None
        or _BARE.search(match["x"])
        or not re.search(r"[A-Z\d_`]", match["x"][3:])
        or re.match(r"\S+ed\b", match["a"])
        or re.match(r"The\s+value\b|.*\bvalue\s+for\b", match["x"])
    ):
        return None
    return (
        "value",
        f"What {match['be']} {_lower_article(plain(match['x']))}?",
        match.span("a"),
        0.75,
    )


def _lower_article(subject: str) -> str:
    first, _, rest = subject.partition(" ")
    return f"{first.lower()} {rest}" if first in ("The", "A", "An") else subject
