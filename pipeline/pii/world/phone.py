"""Telephone numbers of other countries: with a country code, in North American form, or named.

Free and premium numbers (800, 900) belong to the public and stay.
"""

import re
from functools import partial

from taojin.pipeline.pii.characters import DIGIT, GAP
from taojin.pipeline.pii.detector import END, START, Detector, Span, before, in_path

_PUBLIC = re.compile(r"8(?:00|33|44|55|66|77|88)|900|400")
_NORTH_AMERICAN = re.compile(r"[2-9][0-8][0-9][2-9][0-9]{6}")
_EXTENSION = r"(?: ?(?:x|ext\.?|extension|#) ?[0-9]{1,6})"
_GAP = r"[ .\-/]"

_NOUN = (
    "(?:[Pp]hone|PHONE|[Mm]obile|MOBILE|[Cc]ell|CELL|[Tt]el|TEL|[Ff]ax|FAX|Ph|[Dd]esk|DESK"
    "|[Ww]hats[Aa]pp|registered)"
)
_VERB = (
    "(?:(?:[Cc]all|[Tt]ext|[Dd]ial|[Rr]each|[Cc]ontact|[Rr]ing)(?: (?:me|us|him|her|them))?"
    " (?:at|on)|[Cc]all|[Dd]ial)"
)
_NAME = re.compile(
    rf"(?<![A-Za-z])(?:[Tt]ele)?{_NOUN}(?:(?: ?(?:[Nn]o|[Nn]umber|[Nn]um))?\.?"
    r"(?: ?[:#=]| (?:is|to|was))? ?| ?(?:[Nn]o|[Nn]umber|[Nn]um)\.? )\(?$"
)
_CALL = re.compile(rf"(?<![A-Za-z]){_VERB} \(?$")
_DATE = re.compile(r"(?:19|20)[0-9]{2}[ .\-/]?[01]?[0-9](?:[ .\-/]?[0-3]?[0-9]|$)")


def _international(match: re.Match[str]) -> Span | None:
    """The longest beginning of the match, cut between groups of digits, that is a number."""
    start, end = match.span("value")
    while end > start:
        if _is_international(match.string[start:end]):
            return start, end
        end = start + max(match.string[start:end].rfind(gap) for gap in " .-/(")
    return None


def _is_international(text: str) -> bool:
    import phonenumbers as numbers

    try:
        number = numbers.parse(re.sub(r"^00|\(0\)", lambda m: "+" if m[0] == "00" else "", text))
    except numbers.NumberParseException:
        return False
    public = {
        numbers.PhoneNumberType.TOLL_FREE,
        numbers.PhoneNumberType.PREMIUM_RATE,
        numbers.PhoneNumberType.SHARED_COST,
        numbers.PhoneNumberType.UAN,
    }
    if numbers.is_valid_number(number):
        return numbers.number_type(number) not in public
    # Plans change faster than their tables; groups or 11 digits after a + are no sum.
    digits = re.findall("[0-9]+", text)
    written = text.startswith("+") and (len(digits) > 2 or len("".join(digits)) >= 11)
    return written and numbers.is_possible_number(number)


def _north_american(match: re.Match[str]) -> Span | None:
    digits = re.sub("[^0-9]", "", match["number"])
    if _PUBLIC.match(digits):
        return None
    plain = not match["prefix"] and not match["bracket"] and not match["extension"]
    return None if plain and not _NORTH_AMERICAN.fullmatch(digits) else match.span("value")


def _after(cue: re.Pattern[str], match: re.Match[str]) -> Span | None:
    """A national number right after "Fax:" or "call me at", in whatever grouping."""
    text = match["value"]
    if not cue.search(before(match, 32)) or _DATE.match(text) or _PUBLIC.match(text.lstrip("(")):
        return None
    return match.span("value")


INTERNATIONAL = Detector(
    kind="phone",
    placeholder="<PHONE>",
    prefilter=rf"(?:[+＋]|[0０]{{2}})[1-9１-９](?:(?:{GAP}|[.()/．（）／]){{0,2}}{DIGIT}){{6}}",
    pattern=re.compile(
        rf"{START}(?<!\+)(?P<value>(?:\+|00)(?!86[ \-]?[48]00)"
        rf"[1-9](?:[ .\-/()]{{0,2}}[0-9]){{6,16}}{_EXTENSION}?)"
        r"(?![0-9A-Za-z_])"
    ),
    validate=_international,
)

NORTH_AMERICAN = Detector(
    kind="phone",
    placeholder="<PHONE>",
    prefilter=rf"{DIGIT}{{3}}(?:[)）]{GAP}?|[.．]|{GAP}){DIGIT}{{3}}(?:[.．]|{GAP}){DIGIT}{{4}}",
    pattern=re.compile(
        rf"{START}(?<!\+)(?P<value>(?P<prefix>(?:\+|00)?1[ .\-])?"
        r"(?P<number>(?:(?P<bracket>\([0-9]{3}\))[ .\-]?|[0-9]{3}(?:[.\-]| (?=[0-9]{3}-)))"
        r"[0-9]{3}[.\-][0-9]{4})"
        rf"(?P<extension>{_EXTENSION})?){END}"
    ),
    validate=_north_american,
)

_DIGITS = rf"[^0-9\n]{{0,20}}{DIGIT}(?:(?:{GAP}|[.()/．（）／]){{0,2}}{DIGIT}){{5}}"
_NATIONAL = re.compile(
    rf"{START}(?<!\+)(?P<value>\(?[0-9](?:[ .\-/()]{{0,2}}[0-9]){{5,13}}{_EXTENSION}?){END}"
)

NAMED = Detector(
    kind="phone",
    placeholder="<PHONE>",
    prefilter=f"(?:{_NOUN}|ｔｅｌ|ｆａｘ){_DIGITS}",
    pattern=_NATIONAL,
    validate=partial(_after, _NAME),
)

CALLED = Detector(
    kind="phone",
    placeholder="<PHONE>",
    prefilter=f"{_VERB}{_DIGITS}",
    pattern=_NATIONAL,
    validate=partial(_after, _CALL),
)

_FORMS = {
    "FR": r"0[1-9](?:[ .][0-9]{2}){4}",
    "GB": r"0[12378][0-9]{1,3} [0-9]{3,4} [0-9]{3,4}|07[0-9]{3} [0-9]{6}"
    r"|\(0[12][0-9]{1,3}\) ?[0-9]{3,4} [0-9]{3,4}",
    "AU": r"04[0-9]{2} [0-9]{3} [0-9]{3}|\(0[2378]\) [0-9]{4} [0-9]{4}",
    "BR": r"\([1-9][0-9]\) ?9?[0-9]{4}-[0-9]{4}",
    "TW": r"09[0-9]{2}-[0-9]{3}-[0-9]{3}",
    "JP": r"0[0-9]{1,3}-[0-9]{2,4}-[0-9]{4}|0[789]0-[0-9]{4}-[0-9]{4}",
}
"""How numbers are written at home where the form is not that of sums, dates or sections."""


def _national(match: re.Match[str]) -> Span | None:
    import phonenumbers as numbers

    text = match["value"]
    valid = any(
        re.fullmatch(form, text) and numbers.is_valid_number(numbers.parse(text, region))
        for region, form in _FORMS.items()
    )
    return match.span("value") if valid and not in_path(match) else None


NATIONAL = Detector(
    kind="phone",
    placeholder="<PHONE>",
    prefilter=rf"[0０]{DIGIT}{{1,4}}(?:{GAP}|[.．]){DIGIT}{{2,4}}(?:{GAP}|[.．]){DIGIT}{{2}}"
    rf"|[(（]{DIGIT}{{2,5}}[)）]{GAP}?{DIGIT}{{3,5}}{GAP}{DIGIT}{{3}}"
    rf"|[0０][7７]{DIGIT}{{3}}{GAP}{DIGIT}{{6}}",
    # Two hexadecimal digits before or behind are bytes of a dump, as the pairs of France would be.
    pattern=re.compile(
        rf"{START}(?<!\+)(?<!\+[0-9] )(?<!\+[0-9]{{2}} )(?<![^0-9A-Za-z][0-9A-Fa-f]{{2}} )"
        rf"(?P<value>{'|'.join(_FORMS.values())}){END}(?! [0-9A-Fa-f]{{2}}(?![0-9A-Za-z]))"
    ),
    validate=_national,
)

LABELLED = Detector(
    kind="phone",
    placeholder="<PHONE>",
    prefilter=rf"{DIGIT}{GAP}{{1,2}}(?i:office|fax|mobile|cell|home|phone)",
    pattern=re.compile(
        r"(?:^|[,;\\]|(?<=[,;\\] ))"
        rf"(?P<value>\(?[0-9](?:[ .\-/()]{{0,2}}[0-9]){{5,13}}{_EXTENSION}?)"
        r"[ \-]{1,2}(?:office|fax|mobile|cell|home|phone) *(?=$|[,;\\])",
        re.I | re.M,
    ),
)

PHONE_WORLD = (INTERNATIONAL, NORTH_AMERICAN, NATIONAL, NAMED, CALLED, LABELLED)
