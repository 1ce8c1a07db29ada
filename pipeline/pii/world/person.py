"""Names of persons where the words around them say so: a title, a greeting, a label, a signature.

Names in running text are left: without a model of the language nothing tells Will Smith from
Will County. The confidence says that what is found is likely, not sure.
"""

import re

from taojin.pipeline.pii.detector import Detector, Span

_UPPER = "A-ZÀ-ÖØ-ÞĀ-ŽΑ-ΩΆ-ΏА-Я"
_LETTER = "A-Za-zÀ-ÖØ-öø-ɏΆ-ώА-яё"
_WORD = rf"[{_UPPER}](?:[{_LETTER}'’\-]{{1,30}}|\.)"
_LINK = "(?:de|del|della|di|da|do|dos|van|von|der|den|ter|el|al|bin|ibn|la|le|y|af|av)"
_NAME = rf"{_WORD}(?: (?:{_LINK} ){{0,2}}(?:[{_UPPER}] )?{_WORD}){{0,3}}"
_FULL_NAME = rf"{_WORD}(?: (?:{_LINK} ){{0,2}}(?:[{_UPPER}] )?{_WORD}){{1,3}}"
_END = rf"(?![{_LETTER}0-9_])"

_NO_NAMES = frozenset(
    {"Sir", "Sirs", "Madam", "Customer", "Customers", "User", "Users", "Team", "All", "Everyone"}
    | {"Everybody", "Colleague", "Colleagues", "Friend", "Friends", "Reader", "Readers", "Editor"}
    | {"Hiring", "Manager", "World", "There", "Folks", "Guys", "Student", "Students", "Parents"}
    | {"Member", "Members", "Applicant", "Candidate", "Sponsor", "Community", "The", "Your", "My"}
)
"""Whom a letter greets who has no name."""


def _person(match: re.Match[str]) -> Span | None:
    return None if match["value"].split(" ")[0] in _NO_NAMES else match.span("value")


def _detector(prefilter: str, before: str, name: str, after: str = "") -> Detector:
    return Detector(
        "person",
        "<PERSON>",
        prefilter,
        re.compile(rf"(?<![{_LETTER}0-9_])(?:{before})(?P<value>{name}){_END}{after}"),
        _person,
        confidence=0.6,
        spans_lines="\n" in prefilter,
    )


_LABEL = "[Nn]ame|NAME|[Aa]uthor|[Cc]ontact|[Ss]igned|[Pp]atient|[Ee]mployee|[Cc]ustomer|[Hh]older"
_CLOSING = "[Rr]egards|[Ss]incerely|[Yy]ours|[Cc]heers|[Tt]hanks|[Bb]est"
PERSON = (
    _detector(
        r"(?:Mr|Mrs|Ms|Miss|Dr|Prof|Professor|Sra?|Frau|Herr|Mme)[.]? \pL",
        r"(?:Mr|Mrs|Ms|Dr|Prof|Sra?|Mme)\.? |(?:Miss|Professor|Frau|Herr) ",
        _NAME,
    ),
    _detector(
        r"[Mm]y name is|[Cc]all me|name's|[Nn]amed",
        r"(?:[Mm]y name is|[Mm]y name's|[Tt]his is|I am called) ",
        _NAME,
    ),
    _detector(r"(?:Dear|Hi|Hello|Hey) \pL", "(?:Dear|Hi|Hello|Hey),? ", _NAME, "(?=[,:!]|$)"),
    _detector(
        rf"(?:{_LABEL})[:：] *\pL",
        rf"(?:(?:[Ff]ull|[Ff]irst|[Ll]ast) )?(?:{_LABEL}): *",
        _FULL_NAME,
    ),
    _detector(
        f"(?:{_CLOSING}),? ?\n",
        rf"(?:{_CLOSING})(?: truly| faithfully)?,? ?\n{{1,3}}[\- ]{{0,3}}",
        _NAME,
        r"(?= ?(?:\n|$))",
    ),
)
