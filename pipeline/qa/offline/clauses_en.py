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

Found = tuple[str, str, tuple[int, int], float]
"""Kind, question, span in the sentence, score."""

_AUX = (
    r"was|were|is|are|has been|have been|had been|can be|could be|will be|would be|may be|must be|"
    r"should be|can|could|will|would|may|must|should"
)
_MONTH = (
    r"January|February|March|April|May|June|July|August|September|October|November|December"
)
_YEAR = r"(?:1\d{3}|20\d{2})"
_WHEN = (
    rf"(?:(?:in|on|by|since|around|during) )?(?:(?:the )?(?:early|late|mid)[ -])?"
    rf"(?:(?:\d{{1,2}} )?(?:{_MONTH})(?: \d{{1,2}},?)? )?{_YEAR}(?:s)?"
    rf"|(?:in|during) the (?:(?:early|late|mid)[ -])?(?:\d{{1,2}}th|\d{{4}}s) ?(?:century|centuries)?"
)
_NUMBER = (
    r"(?:(?:about|around|approximately|nearly|almost|over|more than|some|at least|up to) )?"
    r"(?:\d[\d,.]*(?: (?:million|billion|thousand))?|two|three|four|five|six|seven|eight|nine|ten|"
    r"eleven|twelve|thirteen|fifteen|twenty|thirty|forty|fifty|sixty|hundreds)"
)
_NOT = r"(?!not\b|n't|also\b|now\b|then\b|never\b|thus\b|therefore\b|however\b|often\b|still\b|only\b|usually\b)"
_SUBJECT = (
    r"(?:(?:The|A|An|Some|Many|Most|Both|All) )?(?:[\w'’\-./+#]+ ){0,5}?[\w'’\-./+#]+"
    r"(?: (?:of|in|for|at|on|from|to) (?:the |a |an )?[\w'’\-]+(?: [\w'’\-]+){0,2})?"
)
_CLAUSE = re.compile(
    rf"^(?:(?P<front>(?:In|On|During|Since|By|At|After|Before|Around|From|As of|Until) [^,;:]{{2,40}}), )?"
    rf"(?P<s>{_SUBJECT})(?: \([^()]{{1,40}}\))? (?P<aux>{_AUX}) {_NOT}(?P<rest>[^;:!?]{{4,}}?)\.?$"
)
_PARTICIPLE = re.compile(
    r"^(?P<adverb>(?:\w+ly|first|later|once) )?(?P<v>(?:be )?(?:\w{2,}ed|born|built|written|known|made|held|given|taken|"
    r"found|set|led|sold|won|lost|seen|shown|sent|drawn|driven|begun|broken|chosen|grown|hidden|spoken|"
    r"stolen|thrown|worn|bought|brought|caught|taught|kept|left|put|cut|paid|told|fought|struck|laid|split|spread|rewritten))\b"
)
_BY = re.compile(
    r" by (?P<a>(?:the |an? |its |their )?[^,.;()]{2,60}?)"
    r"(?=$|,| (?:in|on|at|from|during|after|before|between|when|while|who|which|that|to|as|for|with|and) )"
)
_TIME = re.compile(
    rf"(?:^| )(?P<a>{_WHEN})(?=$|[ ,.])(?! (?:to|and|or|through|until|season|edition|version|film|novel|census|election)\b)(?!,? \w+ed\b)"
)
_IN_PLACE = re.compile(
    r" (?P<a>(?:in|at|near|within|outside|on) (?:the )?[A-Z][\w'’\-]*(?:(?: of)?(?: the)? [A-Z][\w'’\-]*){0,4}(?:, [A-Z][\w'’\-]*(?: [A-Z][\w'’\-]*)?)?)(?=$|,)"
)
_SITE = re.compile(
    r"(?:located |situated |based )?(?P<a>(?:in|at|near|on) (?:the )?(?:[\w\-]+ )*?[A-Z][\w'’\-]*(?:(?: of)?(?: the)? [A-Z][\w'’\-]*){0,5}(?:, [A-Z][\w'’\-]*(?: [A-Z][\w'’\-]*)?)?)(?=$|,| and )"
)
_COUNTED = re.compile(
    rf"^(?P<a>{_NUMBER}) (?P<y>(?:[a-z\-]+ ){{0,2}}?[a-z\-]+s (?:were|are|have|had|took|made|won|died|live|lived|[a-z]+ed) (?!by\b)[^,;:!?()]{{10,}}?)(?:[,(].*)?\.?$", re.IGNORECASE
)
_SHORT = re.compile(r"(?P<a>[A-Z][\w\-]+(?: (?:of|the|and|for|in|on|to|[A-Za-z][\w\-]+)){1,6}) \((?P<x>[A-Z]{2,6})\)")
_KIND = re.compile(r"\b(?P<k>University|College|Church|Company|Party|Court|Council|River|Museum|School|Institute|Committee|Empire|Treaty|Army|League|Commission|Corporation|Bank|Society|Parliament|Congress|County|Lake|Agency|Foundation|Association|Hospital|Library|Stadium|Theatre|Museum|Channel|Airport|Railway)$")
_AS = re.compile(r" (?P<a>as (?:an? |the )?[^,.;()]{2,60})$")
_TO = re.compile(r" (?P<a>(?:to|in order to) (?!the\b|a\b|an\b|[A-Z\d])[a-z]+ [^,;()]{4,100})$")
_BECAUSE = re.compile(r",? (?P<a>(?:because|due to|because of|since the|as a result of|owing to) [^;()]{6,140})$")
_HOW_MANY = re.compile(rf"(?:^| )(?P<a>{_NUMBER}) (?P<n>(?!years? old|years? later|of\b|per\b|percent\b|%|million|to\b|and\b|or\b)(?:[a-z\-]+ ){{0,2}}?[a-z\-]+s)(?=$|[ ,.])")
_CALLED = re.compile(r"^(?P<v>(?:also |commonly |often |sometimes |originally |formerly |widely |generally |now )?(?:known as|nicknamed|referred to as|dubbed)) (?P<a>[^,.;()]{2,60})$")
_AIMED = frozenset("designed built intended developed founded created established formed".split())
_SITED = frozenset("located held built founded born established situated based buried signed made discovered found opened set formed stored kept".split())
_HANGING = re.compile(r"(?:\b(?:and|or|but|of|the|a|an|to|in|on|at|by|for|with|from|as|than|that|which|who|is|was|were|are|be|been|its|their|between|about|around|nearly|over|only|both|either|early|late|mid|its)|[,;(\"“])\s*$", re.IGNORECASE)
_VERBS = re.compile(
    r"^(?P<q>(?P<a>(?:The |An? )?[A-Z][\w'’\-.]*(?: (?:(?:of|the|de|von|van|and|for|in|du|la|le|del|&) )*(?:[A-Z][\w'’\-.]*|[IVX]+)){0,5})(?:,? \([^()]{1,40}\))?)"
    r" (?P<y>(?:first |also |later |then |originally |eventually |finally |successfully |initially |formally |officially |once |soon |further )?"
    r"(?P<v>\w{3,}ed|became|began|wrote|won|led|made|built|took|gave|held|found|brought|sold|bought|fought|lost|sent|grew|drew|rose|fell|"
    r"left|met|paid|ran|saw|set|shot|sang|spoke|spent|taught|told|thought|threw|wore|broke|chose|drove|rode|swore|sank|"
    r"contains?|includes?|provides?|offers?|produces?|allows?|requires?|supports?|runs?|uses?|consists?|lies|stands?|serves?|has|"
    r"hosts?|borders?|operates?|represents?|covers?|controls?|owns?|defines?|describes?|causes?|enables?|handles?|stores?|manages?)"
    r" [^;:!?]{6,}?)\.?$"
)
_PERSON_VERBS = frozenset(
    "wrote argued believed proposed invented discovered died married studied taught composed painted "
    "directed sang spoke thought swore graduated claimed stated declared suggested criticized criticised "
    "demonstrated formulated coined explained noted wanted refused resigned moved travelled traveled "
    "emigrated preached translated conceived designed patented theorized".split()
)
_PEOPLE = re.compile(r"^(?:(?:Sir|Lord|King|Queen|Emperor|Pope|President|Dr|Mr|Mrs|Prince|Princess|Saint|St|Captain|General|Mayor|Bishop|Professor)\.? )")
_THING = re.compile(r"\b(?:of|the|The|University|Company|Church|Act|Party|Court|Union|Council|Committee|Government|Empire|Republic|Army|Group|League|Treaty|River|Museum|College|School|Institute|Center|Centre|Corporation|Inc|Bank|System|Service|States|Kingdom|Commission|Association|Party|Society|War|Law|Parliament|Congress|County|City|Lake|Mount|[A-Z]{2,})\b")
_LEANS = re.compile(r"\b(?:it|its|they|their|them|he|his|him|she|her|this|these|those|such|there|here|we|our|you|your|I|my)\b", re.IGNORECASE)
_START = re.compile(r"^(?:An? |Long|If|When|While|Although|Though|Because|Since|Whether|Unless|Once|Where|Wherever|Whenever|Despite|Given|Note|For|With|Without|As|But|And|Or|So|Yet|Instead|Thus|However|Also|In|On|At|By|To|From|Until|After|Before|During|Under|Over|Both|Most|Many|Some|All|Each|Every|Any|No|None|Another|Other|Others|One|Two|Three|Several|Few|What|Why|How|Who|Which|Then|Now|Today|Later|Only|Even|Not|Never|Please|See|Use|Let|First|Second|Third|Finally|Additionally|Furthermore|Moreover|Unfortunately|Similarly|Currently|Recently|Initially|Eventually|Subsequently|Typically|Usually|Generally|Specifically|Example|Examples|Modern|Early|Late)\b")


def find(text: str, document: str) -> Iterator[Found]:
    """Questions for the subject, and for what stands behind an auxiliary."""
    said = _said(text)
    if said is None or _common(said, document):
        return
    yield from _expanded(said)
    if match := _COUNTED.match(said):
        specific = re.search(r"[A-Z\d]|\b(?:in|of|for|from|to|on|by|with)\b", match["y"])
        if specific and not _LEANS.search(match["y"]) and not _HANGING.search(_first(match["y"])):
            yield "number", f"How many {_first(match['y'])}?", match.span("a"), 0.7
    elif match := _CLAUSE.match(said):
        yield from _moved(said, match)
        if not match["front"] and match["aux"] in ("was", "were", "is", "are", "has been"):
            yield from _named(match)
    elif match := _VERBS.match(said):
        yield from _subject(match)


def _common(said: str, document: str) -> bool:
    """Whether the sentence begins with a plain noun alone, which names nothing: `Errors are`."""
    match = re.match(r"[A-Z][a-z]+(?= (?:is|are|was|were|can|will|must|may|should|would|could|has|have|\w+ed)\b)", said)
    return match is not None and re.search(rf"\b{match.group().lower()}\b", document) is not None


def _expanded(said: str) -> Iterator[Found]:
    """`Court of Justice (CJ)`: the short form is asked for where its letters are the initials."""
    for match in _SHORT.finditer(said):
        words = match["a"].split()
        for skip in range(len(words) - 1):
            initials = [word[0] for word in words[skip:] if word[0].isupper()]
            if "".join(initials) == match["x"] and words[skip][0].isupper() and words[-1][0].isupper():
                start = match.end("a") - len(" ".join(words[skip:]))
                yield "meaning", f"What does {match['x']} stand for?", (start, match.end("a")), 0.8
                break


def _named(match: re.Match[str]) -> Iterator[Found]:
    """`Harvard University was founded ...`: which university, where the name ends with its kind."""
    kind = _KIND.search(match["s"])
    rest = _first(match["rest"])
    if kind and " of " not in match["s"] and kind.start() > 4 and not _START.match(match["s"]) and not _LEANS.search(rest) and not _HANGING.search(rest):
        if len(rest.split()) > 3:
            yield "subject", f"Which {kind['k'].lower()} {match['aux']} {rest}?", match.span("s"), 0.7


def _said(text: str) -> str | None:
    """The sentence in one line of the same length; None where marks or lines stand in the way."""
    flat = text.replace("\n", " ").replace("\xa0", " ")
    return None if re.search(r"[*`_<>\[\]{}|=]|  |--", flat) or not 30 <= len(flat) <= 320 else flat


def _subject(match: re.Match[str]) -> Iterator[Found]:
    name, rest = match["a"], match["y"]
    if name in ("The", "A", "An", "XXX", "TODO") or "'" in name or "’" in name or _START.match(name) or leans(name) or _LEANS.search(rest) or _HANGING.search(_first(rest)):
        return
    words = name.split()
    person = match["v"] in _PERSON_VERBS or bool(_PEOPLE.match(name))
    if person and not _THING.search(name):
        word = "Who"
    elif (kind := _KIND.search(name)) and kind.start() > 4:
        word = f"Which {kind['k'].lower()}"
    elif _THING.search(name) and not person and not match["v"] == "ordered":
        word = "What"
    else:
        return
    question = f"{word} {_first(rest)}?"
    whole = not re.search(r"\b(?:in|of|for|with) (?:cases|ways|terms|addition)\?$", question)
    if whole and len(words) <= 7 and len(question.split()) >= 6:
        yield "subject", question, match.span("a"), 0.7


def _first(rest: str) -> str:
    """The predicate up to where another clause or an aside begins."""
    return re.split(r",| (?:who|which|while|although|but|because|when|where|whereas)\b| \(|;|—| – | and (?=\w+(?:ed|s) )", rest)[0].rstrip(" .,")


def _moved(said: str, match: re.Match[str]) -> Iterator[Found]:
    subject, aux, at = match["s"], match["aux"], match.start("rest")
    rest = match["rest"]
    if (
        _START.match(subject)
        or leans(subject)
        or _LEANS.search(subject)
        or re.search(r"\b(?:who|which|that|and|or|is|are|was|were|has|have|had)\b|\w+ing \w+ing|\b[a-z]+ed\b|ly$", subject)
    ):
        return
    front = match["front"]
    fronted = f", {front[0].lower()}{front[1:]}" if front else ""
    first, _, more = aux.partition(" ")
    more = f" {more}" if more else ""
    for kind, word, span, score in _holes(rest, aux):
        start, end, keep_from = span
        before = rest[:start]
        behind = rest[end:] if kind != "cause" else ""
        behind = re.split(r",|;| (?:and|but|who|which|while|where|when|because|although)\b", behind)[0]
        body = f"{before.rstrip(' ,')}{' ' if behind and not behind.startswith(' ') else ''}{behind}".strip(" ,")
        if kind == "place" and not start:
            body = "" if not behind.strip() else body
        elif not body:
            continue
        if _LEANS.search(body) or _HANGING.search(body) or "," in before or re.search(r"\b(?:and|but|which|who|that)\b", before):
            continue
        if kind == "date" and front:
            continue
        if kind != "date" and re.match(r"(?:The|A|An) (?:[A-Z]+|\w+)$", subject):
            continue
        body += " to do" if kind == "purpose" else ""
        asked = f"{word} {first} {_article(subject)}{more} {body}".rstrip()
        if kind == "cause" and re.search(r"\b(?:that|this|it|they|these|those|we|you|for example)\b", rest[keep_from:end]):
            continue
        question = plain(f"{asked}{fronted if kind != 'date' else ''}?")
        yield kind, question, (at + keep_from, at + end), score
    if front and (time := re.fullmatch(rf"(?:In|On|By|Since|Around) (?P<a>.*{_YEAR}s?)", front)):
        body = re.split(r",|;| (?:and|but|who|which|while|where|when|because|although)\b", rest)[0].strip()
        if not _LEANS.search(body) and not _HANGING.search(body) and len(body.split()) > 1 and not re.search(_YEAR, body):
            yield "date", f"When {first} {_article(subject)}{more} {body}?", match.span("front"), 0.75


def _holes(rest: str, aux: str) -> Iterator[tuple[str, str, tuple[int, int, int], float]]:
    """(kind, question word, (start, end, start of the answer), score) of what can be left out."""
    passive = _PARTICIPLE.match(rest)
    if (match := _CALLED.match(rest)) and "be" not in aux.split()[:1]:
        start = match.start("a")
        yield "name", "What", (start - 1, match.end("a"), start), 0.75
    if match := _BECAUSE.search(rest):
        yield "cause", "Why", (match.start(), match.end(), match.start("a")), 0.75
    if passive is None:
        if match := _SITE.match(rest):
            yield "place", "Where", (0, match.end(), match.start("a")), 0.75
        return
    for match in list(_TIME.finditer(rest))[:1]:
        if match.start() > 0:
            yield "date", "When", (match.start(), match.end(), match.start("a")), 0.75
    if aux in ("was", "were", "had been") and passive["v"].split()[-1] in _SITED and (match := _IN_PLACE.search(rest)):
        if not re.search(r"\b(?:in|at|on) (?:the )?(?:" + _MONTH + ")", match["a"]):
            yield "place", "Where", (match.start(), match.end(), match.start("a")), 0.65
    if match := _BY.search(rest):
        agent = match["a"]
        if not re.match(r"\d|\w+ing\b|(?:the )?(?:early|late|mid|end|time|way|means|law)\b|default|any|all|hand|its|their|results\b", agent) and not _LEANS.search(agent) and not re.search(r"\b(?:by|of|\w+ed)$| \w+ed ", agent) and not re.search(_YEAR, agent):
            person = re.fullmatch(r"[A-Z][\w.'’\-]+(?: (?:(?:of|de|von|van) )?[A-Z][\w.'’\-]*){1,3}", agent)
            if person and not _THING.search(agent):
                yield "agent", "By whom", (match.start(), match.end(), match.start("a")), 0.65
    if match := _TO.search(rest):
        if match.start() == passive.end() and passive["v"] in _AIMED:
            yield "purpose", "What", (match.start(), match.end(), match.start("a")), 0.6


def _article(subject: str) -> str:
    first, _, rest = subject.partition(" ")
    return f"{first.lower()} {rest}" if first in ("The", "A", "An", "Some", "Many", "Most", "Both", "All") and rest else subject
