"""Telephone numbers in the form of a document's own country."""

import phonenumbers
import polars as pl
import pytest

from taojin.pipeline.pii.search import find
from taojin.pipeline.pii.world.home_phone import home_phones
from taojin.pipeline.pii.world.region import region
from tests.pipeline.pii.test_masking import documents, masked

KINDS = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
REGIONS = ("AT", "AU", "BE", "DE", "FI", "FR", "GB", "ID", "IN", "IT", "JP", "KR", "NL", "PK", "SE")


def values(text: str, home: str) -> list[str]:
    return [text[one.start : one.end] for one in find(pl.Series([text]), home_phones(home))]


@pytest.mark.parametrize("home", REGIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_number_as_the_tables_write_it_is_found(home: str, kind: int) -> None:
    number = phonenumbers.example_number_for_type(home, kind)
    text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
    if text[0] not in "(0":
        pytest.skip("mobile numbers have no digit that is dialled first")
    assert values(f"Montag, {text}, bitte", home) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "am 03.04.2024 und 03/04/2024, 2024 02 03 12 30",
        "ISBN 0-13-629031-0, 0.333333333, Nr. 0123456789",
        "00 01 02 03 04 05 06 07 08 09 0a",
        "0171 12345 und 0800 1234567",
        "https://a.example/x/0171/1234567",
    ],
)
def test_dates_bytes_and_free_numbers_stay(text: str) -> None:
    assert values(text, "DE") == []


def test_short_pairs_and_dates_stay_in_italy() -> None:
    assert values("0101 0100, 02-04-2024, 06-12-2023", "IT") == []


def test_a_number_of_eleven_digits_in_one_group_is_a_mobile_one() -> None:
    assert values("07911123456", "GB") == ["07911123456"]
    assert values("02079460958", "GB") == []  # London: a serial number looks the same


@pytest.mark.parametrize(
    ("lang", "url", "expected"),
    [
        ("en", "https://www.host.co.uk/x", "GB"),
        ("de", "https://host.ch", "CH"),
        ("de", "https://host.io/a.fr", "DE"),
        ("en", "https://host.com", None),
        ("pt-BR", None, "BR"),
        ("zh-Hans", None, None),
        ("und", "https://[bad", None),
        ("ru", "readme.md", "RU"),
        ("ru", "https://de/x", "RU"),
    ],
)
def test_the_domain_tells_the_country_and_else_the_language(
    lang: str, url: str | None, expected: str | None
) -> None:
    assert region(lang, url) == expected


def test_a_document_is_searched_for_numbers_of_its_own_country() -> None:
    text = "Anruf 0171 1234567 genügt, oder +49 30 901820."
    table = documents(text, text)
    german = table.with_columns(lang=pl.Series(["en", "de"]))
    assert masked(german)["text"].to_list() == [
        "Anruf 0171 1234567 genügt, oder <PHONE>.",
        "Anruf <PHONE> genügt, oder <PHONE>.",
    ]
    by_domain = documents(text, url="https://www.laden.de/kontakt").with_columns(lang=pl.lit("en"))
    assert masked(by_domain)["text"].to_list() == ["Anruf <PHONE> genügt, oder <PHONE>."]


def test_a_region_without_a_digit_dialled_first_has_no_detector() -> None:
    assert home_phones("ES") == ()
    assert home_phones("ZZ") == ()
