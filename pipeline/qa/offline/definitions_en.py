"""Definitions in English: `X is a Y that ...`, `X refers to Y`, `X is defined as Y`."""

import re

from taojin.pipeline.qa.blocks import Document
from taojin.pipeline.qa.offline.candidates import Sentence, plain

Found = tuple[str, str, float] | None
"""Kind, question, score."""

_LEAD = (
    r"(?:(?:However|Therefore|Thus|Hence|Moreover|Furthermore|Also|Additionally|"
    r"In addition|Generally|In general"
    r"|Basically|Essentially|In short|Similarly|Simply put|By definition),? )?"
)
_IS = re.compile(
    rf"^{_LEAD}(?P<x>(?:An? |The )?[A-Za-z`*\"\[][^.,;:!?()|"
    rf"]{{1,60}}?)(?:\s*\([^()\n]{{1,60}}\))?,?\s+"
    r"(?P<be>is|are|was|were)\s+(?P<y>(?:an?|the(?!\s+one\b)|one of the|any)\s+(?P<n>[\w\-`"
    r"*\[]+)[^\n].{12,})",
    re.DOTALL,
)
_REFERS = re.compile(
    rf"^{_LEAD}(?P<x>(?:An? |The (?:term|phrase|word) |The )?[A-Za-z`*\"\[][^.,;:!?()|"
    rf"]{{1,60}}?)(?:\s*\([^()\n]{{1,60}}\))?,?\s+"
    r"(?P<be>refers?\s+to|(?:is|are)\s+defined\s+as|means(?!\s+(?:of|to|that|you|we|it|"
    r"the)\b))\s+(?P<y>.{12,})",
    re.DOTALL,
)
_SUBJECT = re.compile(
    r"(?i:\w{3}ly\b|\b(?:once|this|that|these|those|it|its|they|their|he|she|his|her|we|our|"
    r"us|you|your|i|my|there|here|which|who|what|when|where|why|how|whose"
    r"|please|see|provide|for|let|with|from|to|by|in|on|at|and|or|if|because|since|"
    r"although|while|as|so|such|each|every|some|any|all|both|another|other|one|first|"
    r"second|third|next|last|previous|above|below|following|same|only|most"
    r"|is|are|was|were|be|been|has|have|had|can|could|may|might|will|would|should|must|"
    r"do|does|did|not|also|then|than|but|note|either|neither|using|makes?|says?|means|"
    r"called"
    r"|result|output|goal|idea|after|before|during|mitigation|workaround|solution|consequen"
    r"ce|limitation|drawback|benefit|risk|related|particular|problem|reason|point|advantage"
    r"|disadvantage|difference|"
    r"example|default|answer|question|purpose|section|chapter|page|document|following|"
    r"main|key|current|"
    r"new|proposal|pep|kep|figure|table|alternative|exception|important|biggest|"
    r"resulting|value|today|yesterday|two|three|four|five|six|seven|eight|nine|ten|scenario"
    r"|step|option|case|phase|approach|line|quite|frequently|"
    r"corresponding|given|least|even|hence|rest|remaining|latter|former|above)\b)|[=<>{}|"
    r"]|^\W*$"
)
_SMALL = frozenset(("of", "the", "and", "de", "von", "van", "for", "in"))
_PERSON = re.compile(
    r"(?:ist|er|or|ian|man|woman|king|queen|poet|monarch|saint|monk|priest|president|"
    r"people|tribe|student|member|artist|chemist|leader|author|founder|maintainer)s?$"
)
_EXPLAINS = re.compile(
    r"\b(?:that|which|of|for|used|where|whose|who|containing|consisting|representing|"
    r"provided|developed|designed|to)\b"
)
_OPINION = re.compile(
    r"(?i)(?:same|following|only|first|second|next|last|best|most|case|problem|result|"
    r"reason|way|bit|lot|good|great|bad|few|little|common|must|nice|big|huge|better|much|"
    r"more|very|no-op"
    r"|key|main|important|interesting|useful|convenient|perfect|popular|pain|recommended|"
    r"preferred|default|number|example|useful|valid|typical|requirement|prerequisite|"
    r"different|simple|fact|work|kind|mistake|breaking|separate|potential|possible|"
    r"direct|natural|real|right|wrong|reasonable|exception|irregular|fine|similar|non-trivi"
    r"al|mainstream|"
    r"tradition|benefit|incredible|legitimate|rare|hot|strong|weak|special|major|minor|"
    r"significant|choice|matter|challenge|subset|great|safe|cheap|large|small|long|short|"
    r"slow|fast|full|no|necessary|critical|crucial|essential|known|well-known|well|also|"
    r"bug|issue|non-issue|limitation|problem|question|story|topic|part|list|non-goal|"
    r"ones?|goal|concern)$"
)
_REMARK = re.compile(
    r"\b(?:you don't|don't need|we|we'll|later|chapter|shining|vibrant|exciting|favou?rite|integral"
    r"|wonderful|powerful|sole|center ?piece|amazing|fun|match for)\b",
    re.IGNORECASE,
)
"""Predicates that remark on a thing, and do not say what it is."""
CUE = re.compile(
    r"\b(?:is|are|was|were)\s+(?:an?|the|one|any|defined)\s|\brefers?\s+to\b|\bmeans\s"
)


def find(_: Document, sentence: Sentence) -> Found:
    """Kind, question and score of the definition that a sentence is."""
    match = _defined(sentence.text)
    if match is None:
        return None
    subject = re.sub(r"^The (?:term|phrase|word) ", "", plain(match["x"]))
    subject = re.sub(r'["\[\]]', "", subject).strip("“” ")
    name = re.sub(r"^(?i:an?|the) ", "", subject)
    if subject != name and subject[0] in "Tt" and re.match(r"\S+$|[a-z]+ ", name):
        return None
    if not _named(subject, name) or re.search(r"\b[A-Z]\d?$|- ", name):
        return None
    subject = subject[0].lower() + subject[1:] if name != subject else subject
    if match["be"] in ("is", "are", "was", "were"):
        return _copula(match, subject, name)
    return _refers(match, subject, name)


def _refers(match: re.Match[str], subject: str, name: str) -> Found:
    """What a term means or refers to, in quotes where it is a word and no name."""
    verb, said = match["be"].split()[0], _lowered(subject)
    if verb == "means":
        plural = said.endswith("s") or name != subject
        return None if plural else ("is", f"What does {said} mean?", 0.85)
    if not verb.startswith("refer"):
        return "is", f"What is {said}?", 0.85
    counts = re.match(r"(?:an? (?:number|set|group)|the fact)\b", match["y"])
    if counts or (name != subject and " " not in name):
        return None
    if name == subject and said[0].islower():
        said = f'"{said}"'
    return "refers", f"What {'do' if verb == 'refer' else 'does'} {said} refer to?", 0.85


def _defined(text: str) -> re.Match[str] | None:
    """The match of a whole sentence whose predicate explains, and does not only judge."""
    match = _REFERS.match(text)
    if match is None:
        match = _IS.match(text)
        if match and re.match(r"\S+(?: \S+){1,4} if\b", match["y"]):
            return None
        if match and (match["y"].startswith("one of") or _REMARK.search(match["y"])):
            return None
        if match is None or _OPINION.match(match["n"]) or not _EXPLAINS.search(match["y"]):
            return None
    several = match["be"].startswith("refer ") and " " in match["x"].strip()
    whole = "\n\n" not in match["x"] and text.rstrip().endswith((".", "!"))
    return match if whole and not several else None


def _copula(match: re.Match[str], subject: str, name: str) -> Found:
    """The past is asked of names only: common nouns had their moment in the sentence before."""
    be = match["be"]
    if be == "is" and re.search(r"(?<![sui])s$", name) and name.rsplit(maxsplit=1)[-1].islower():
        return None
    past = be in ("was", "were")
    if past and not all(word[0].isupper() or word in _SMALL for word in name.split()):
        return None
    named = len(name.split()) in (2, 3) and name.istitle()
    person = (past or named) and _PERSON.search(
        re.split(r"[,.;]|\s(?:who|that|which|of|from|in|for)\s", match["y"], maxsplit=1)[0]
    )
    return (
        "is",
        f"{'Who' if person else 'What'} {be} {subject if past else _lowered(subject)}?",
        0.8,
    )


def leans(subject: str) -> bool:
    """Whether an English subject depends on the context: `The tokens`, `Most decisions`."""
    name = re.sub(r"^(?:An?|The) ", "", subject)
    bare = name != subject and subject.startswith("The") and name.isalpha() and name.islower()
    return not name or bare or bool(_SUBJECT.search(name))


def _named(subject: str, name: str) -> bool:
    """A name of at most five words that does not lean on the context."""
    words = name.split()
    if (
        not words
        or len(words) > 5
        or (len(words) > 1 and words[0].endswith("ing"))
        or _SUBJECT.search(name)
        or "(" in name
    ):
        return False
    proper = (
        any(character.isupper() for word in words for character in word[1:])
        or words[-1][0].isupper()
    )
    return (
        proper or (subject != name and subject[0] != "T") or (subject == name and len(words) <= 3)
    )


def _lowered(subject: str) -> str:
    """A common noun in small letters inside the question; names keep theirs."""
    first, _, rest = subject.partition(" ")
    common = first[1:].islower() and rest and not any(c.isupper() for c in rest)
    return f"{first.lower()} {rest}" if common and first.isalpha() else subject
