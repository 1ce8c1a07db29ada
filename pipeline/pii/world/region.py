"""The country in which a document's telephone numbers are at home.

A domain of a country tells more than a language: a Swiss page is in German. Domains that are sold
to the whole world tell nothing, nor do languages of several countries.
"""

import re
from urllib.parse import urlsplit

_SOLD_TO_ALL = frozenset(
    {"ac", "ai", "am", "cc", "cd", "co", "fm", "gg", "io", "la", "ly", "me", "nu", "sh", "st"}
    | {"tk", "to", "tv", "vc", "ws"}
)
"""Domains of countries that most of their owners are not from."""
_OTHER_DOMAINS = {"uk": "GB", "su": "RU", "xn--p1ai": "RU", "рф": "RU"}

_BY_LANGUAGE = {
    "be": "BY",
    "bg": "BG",
    "cs": "CZ",
    "da": "DK",
    "de": "DE",
    "el": "GR",
    "et": "EE",
    "fa": "IR",
    "fi": "FI",
    "fr": "FR",
    "he": "IL",
    "hr": "HR",
    "hu": "HU",
    "id": "ID",
    "is": "IS",
    "it": "IT",
    "ja": "JP",
    "ka": "GE",
    "ko": "KR",
    "lt": "LT",
    "lv": "LV",
    "mk": "MK",
    "nb": "NO",
    "nl": "NL",
    "nn": "NO",
    "no": "NO",
    "pl": "PL",
    "ro": "RO",
    "ru": "RU",
    "sk": "SK",
    "sl": "SI",
    "sq": "AL",
    "sr": "RS",
    "sv": "SE",
    "th": "TH",
    "tr": "TR",
    "uk": "UA",
    "vi": "VN",
}
"""Where most of those who write a language live in one country."""


def region(lang: str | None, url: str | None) -> str | None:
    """ISO 3166: of the domain, else of the language (BCP-47); None where neither tells."""
    return _of_domain(url or "") or _of_language(lang or "")


def _of_domain(url: str) -> str | None:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return None
    last = host.rpartition(".")[2]
    if last in _SOLD_TO_ALL:
        return None
    is_country = re.fullmatch("[a-z]{2}", last) and "." in host
    return _OTHER_DOMAINS.get(last) or (last.upper() if is_country else None)


def _of_language(lang: str) -> str | None:
    """Of its own region if it names one: pt-BR."""
    base, *subtags = lang.split("-")
    named = next((one for one in subtags if re.fullmatch("[A-Z]{2}", one)), None)
    return named or _BY_LANGUAGE.get(base)
