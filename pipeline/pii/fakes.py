"""Fakes: the same value gives the same fake, of its form, and no fake is anybody's.

Every form lies where no value can: a telephone number that begins with 000, the domain `.invalid`
(RFC 2606), an IBAN with the check digits 00. So no fake points at another person, and a text with
fakes is not taken for one with values when it is read again. Kinds without such a place have no
fakes; they get placeholders.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple
from unicodedata import combining

from taojin.pipeline.pii.key import canonical, digest

_DIGITS = "0123456789", "０１２３４５６７８９"
_LETTERS = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_WIDE_LETTERS = (
    "ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ",
    "ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ",
)
_ALPHABETS = {
    one: alphabet for alphabet in (*_DIGITS, *_LETTERS, *_WIDE_LETTERS) for one in alphabet
}
_RESERVED = ipaddress.ip_network("100::/64")  # RFC 6666: packets to it are discarded
_NEVER_ASSIGNED = ipaddress.ip_network("240.0.0.0/4")  # RFC 1112
_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"
_STEMS = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"


class _Form(NamedTuple):
    make: Callable[[str, Callable[[str], Iterator[int]]], str]
    """From a value, and what gives numbers for a text under the key."""
    holds: Callable[[str], bool]
    """Whether a value is a fake of the kind."""


def fake(kind: str, value: str, secret: bytes) -> str | None:
    """A fake of the value's form; None for a kind that has none."""
    form = _FORMS.get(kind)
    if form is None:
        return None
    made = form.make(value, lambda text: _numbers(secret, kind, text))
    return made if form.holds(made) else None


def is_fake(kind: str, value: str) -> bool:
    """Whether a value can only be a fake."""
    form = _FORMS.get(kind)
    return form is not None and form.holds(value)


def _numbers(secret: bytes, kind: str, text: str) -> Iterator[int]:
    """Numbers without an end, the same for two spellings of one value."""
    block = 0
    while True:
        yield from digest(secret, "fake", kind, canonical(kind, text), str(block))
        block += 1


def _shaped(value: str, numbers: Iterator[int], others: str = "") -> str:
    """The value with another digit for each digit and another letter for each Latin letter.

    Letters of other scripts become one of `others`; without any they stay, as a plate's province.
    """
    made = []
    for one in value:
        alphabet = _ALPHABETS.get(one, others if one.isalnum() or combining(one) else "")
        made.append(alphabet[next(numbers) % len(alphabet)] if alphabet else one)
    return "".join(made)


def _after(lead: str, at: int = 0) -> _Form:
    """Digits and letters of which those from `at` on are `lead`."""

    def make(value: str, numbers: Callable[[str], Iterator[int]]) -> str:
        places = _places(value)
        if at == 0 and value[places[0]] not in _ALPHABETS:
            return value  # spelt in Han numerals: no fake, which `holds` tells
        # From the end: what two spellings of a number share is behind the codes before it.
        made = list(_shaped(value[::-1], numbers(value)))[::-1]
        for place, one in zip(places[at:], lead, strict=False):
            wide = value[place] in _DIGITS[1]
            made[place] = _DIGITS[1][int(one)] if wide else one
        made[: _kept(value, at)] = value[: _kept(value, at)]
        return "".join(made)

    def holds(value: str) -> bool:
        plain = islice(filter(str.isalnum, value), at, at + len(lead))
        return "".join(plain).translate(_NARROW) == lead

    return _Form(make, holds)


_NARROW = str.maketrans(_DIGITS[1], _DIGITS[0])


def _places(value: str) -> list[int]:
    return [place for place, one in enumerate(value) if one.isalnum()]


def _kept(value: str, at: int) -> int:
    """How many characters hold the first `at` letters and digits."""
    return _places(value)[at] if at < len(_places(value)) else len(value)


def _email(value: str, numbers: Callable[[str], Iterator[int]]) -> str:
    """Another name at another domain; those of one domain stay together."""
    parts = re.split("(@|%(?:25){0,3}40)", value, maxsplit=1)
    if len(parts) < 3:  # written out, as in name [at] host dot com
        return f"{_word(numbers(value), 8)}@{_word(numbers(value), 6)}.invalid"
    local, at, domain = parts
    name = _shaped(local, numbers(value), others=_LETTERS[0])
    return f"{name}{at}{_word(numbers(domain), 6)}.invalid"


def _word(numbers: Iterator[int], length: int) -> str:
    return "".join(_LETTERS[0][number % 26] for number in islice(numbers, length))


def _ip(value: str, numbers: Callable[[str], Iterator[int]]) -> str:
    version = 6 if ":" in value else 4
    bits = int.from_bytes(bytes(islice(numbers(value), 8)))
    if version == 6:
        return str(ipaddress.IPv6Address(int(_RESERVED.network_address) + bits))
    return str(ipaddress.IPv4Address(int(_NEVER_ASSIGNED.network_address) + bits % 2**28))


def _is_nowhere(value: str) -> bool:
    try:
        address = ipaddress.ip_address(value)
    except ValueError:
        return False
    return address in (_RESERVED if address.version == 6 else _NEVER_ASSIGNED)


def _person(value: str, numbers: Callable[[str], Iterator[int]]) -> str:
    """某 and as many stems and branches as characters are left, or made-up names before Nemo."""
    drawn = numbers(value)
    if not value.isascii() and " " not in value:
        return "某" + "".join(_STEMS[next(drawn) % len(_STEMS)] for _ in value[1:])
    names = [_name(drawn) for _ in value.split()[1:]]
    return " ".join([*names, "Nemo"])


def _name(drawn: Iterator[int]) -> str:
    """Three syllables."""
    syllables = (
        _CONSONANTS[first % len(_CONSONANTS)] + _VOWELS[second % len(_VOWELS)]
        for first, second in islice(zip(drawn, drawn, strict=False), 3)
    )
    return "".join(syllables).capitalize()


_FORMS = {
    "email": _Form(_email, lambda value: value.lower().endswith(".invalid")),
    "phone": _after("000"),
    "resident_id": _after("00"),
    "bank_card": _after("000"),
    "social_credit_code": _after("00"),
    "iban": _after("00", at=2),
    "ssn": _after("000"),
    "nhs_number": _after("000"),
    "ein": _after("00"),
    "qq": _after("0"),
    "ip": _Form(_ip, _is_nowhere),
    "private_ip": _Form(_ip, _is_nowhere),
    "vehicle_plate": _after("I", at=1),
    "person": _Form(_person, lambda value: value.startswith("某") or value.endswith("Nemo")),
}
"""No province or issuer begins with 0, no area of an SSN is 000, and no plate has the letter I."""

KINDS = tuple(_FORMS)
"""The kinds that have fakes."""
