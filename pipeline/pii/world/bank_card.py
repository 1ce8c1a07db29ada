"""Numbers of bank cards (ISO/IEC 7812): issuer digits, length and the Luhn check."""

import re

from taojin.pipeline.pii.characters import DIGIT, GAP
from taojin.pipeline.pii.china.resident_id import has_form
from taojin.pipeline.pii.detector import (
    END,
    START,
    Detector,
    Span,
    before,
    in_path,
    line_start,
)

_ISSUERS = re.compile(
    r"62[0-9]{14,17}|9558[0-9]{15}"  # UnionPay, ICBC
    r"|4[0-9]{15}|4(?:367|563)[0-9]{15}"  # Visa; with 19 digits two Chinese banks of old
    r"|5[1-5][0-9]{14}|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}"  # Mastercard
    r"|3[47][0-9]{13}|3(?:0[0-59]|[689][0-9])[0-9]{11}"  # American Express, Diners Club
    r"|35(?:2[89]|[3-8][0-9])[0-9]{12}|6(?:011|4[4-9][0-9]|5[0-9]{2})[0-9]{12,15}"  # JCB, Discover
)
_RARE_ISSUERS = re.compile(
    r"4(?:[0-9]{12}|[0-9]{18})|(?:1800|2131)[0-9]{11}|35[0-9]{14}"  # odd Visa and JCB
    r"|220[0-4][0-9]{12}"  # Mir
    r"|(?:5[06-9]|6[0-9])[0-9]{10,17}|(?:81|9[0-9]|10[0-9])[0-9]{14,16}"  # Maestro, local banks
)
"""Forms that barcodes and serial numbers share: a card only if the words before it say so."""

_CARD = re.compile(
    r"(?:(?<![A-Za-z<_])(?:cards?|cc|credit|debit|visa)(?![A-Za-z])|卡|账号|帐号|账户)[^0-9@<>]{0,30}$",
    re.I,
)
_NOT_CARD = re.compile(
    r"(?:(?:order|tracking|serial|invoice|imei|isbn|ean|upc)(?: ?(?:no|number|id)\.?)?"
    r"|单号|單號|流水号?|条码|序列号|订单编号)[^0-9A-Za-z]{0,4}$",
    re.I,
)


_HEX_DUMP = re.compile(r"[0-9a-f]{6,8}:? +(?:[0-9a-f]{2,4} +){2}")
_SEARCHED = 40  # characters before a number


def _is_card(digits: str, head: str) -> bool:
    known = _ISSUERS.fullmatch(digits) or (_RARE_ISSUERS.fullmatch(digits) and _CARD.search(head))
    # A mistyped resident number of Gansu begins like a UnionPay card; one in ten passes Luhn.
    return bool(known) and not (len(digits) == 18 and has_form(digits))


def _bank_card(match: re.Match[str]) -> Span | None:
    start, end = match.span("value")
    for stop in (end, match.end("short")):  # 4-4-4-4 3: three digits more, or a security code
        digits = re.sub("[ .-]", "", match.string[start:stop]) if stop > start else ""
        if digits and _passes_luhn(digits):  # first, as nine of ten numbers fail
            head = before(match, _SEARCHED)
            if _is_card(digits, head):
                return None if _is_other(match, head) else (start, stop)
    return None


def _passes_luhn(digits: str) -> bool:
    """Whether the check digit is right: each second digit from the end counts twice."""
    doubled = digits[-2::-2].translate(_DOUBLED)
    return (sum(map(int, digits[::-2])) + sum(map(int, doubled))) % 10 == 0


_DOUBLED = str.maketrans("0123456789", "0246813579")


def _is_other(match: re.Match[str], head: str) -> bool:
    """Whether what stands before a number says that it is none of a card."""
    dumped = _HEX_DUMP.match(match.string, line_start(match))
    return in_path(match) or bool(_NOT_CARD.search(head) or dumped)


_GAP = rf"(?:{GAP}{{1,2}}|[.．])"

BANK_CARD = (
    Detector(
        kind="bank_card",
        placeholder="<BANK_CARD>",
        prefilter=f"{DIGIT}{{12}}|(?:{DIGIT}{{4}}{_GAP}){{3}}{DIGIT}"
        f"|{DIGIT}{{4}}{GAP}{DIGIT}{{6}}{GAP}{DIGIT}{{4}}|{DIGIT}{{6}}{GAP}{DIGIT}{{10}}",
        pattern=re.compile(
            START + r"(?P<value>[1-9][0-9]{11,18}"
            r"|(?P<short>[1-9][0-9]{3}(?P<gap>[ -]|  |\.)[0-9]{4}(?P=gap)[0-9]{4}(?P=gap)"
            r"[0-9]{1,4})"
            r"(?:(?P=gap)[0-9]{1,3})?"
            r"|3[0-9]{3}[ -][0-9]{6}[ -][0-9]{4,5}|[1-9][0-9]{5}[ -][0-9]{10,13})" + END
        ),
        validate=_bank_card,
    ),
)
