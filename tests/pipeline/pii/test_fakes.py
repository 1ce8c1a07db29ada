"""Fakes: of the value's form, the same for the same value, nobody's, and never taken for a value."""

import ipaddress
import re
from typing import Any

import phonenumbers
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban, luhn
from stdnum.iso7064 import mod_11_2

from taojin.core import schema, stage
from taojin.core.edits import apply
from taojin.core.errors import UserError
from taojin.pipeline.pii import fakes, key
from taojin.pipeline.pii.replacements import Value, with_fakes
from taojin.pipeline.pii.search import Found
from taojin.pipeline.pii.settings import Settings
from taojin.pipeline.pii.stage import MaskPersonalData
from tests.pipeline.pii.test_masking import PIECES, documents, masked

SECRET = b"a key for the tests of fakes"
FAKING = MaskPersonalData(Settings(action="fake"), SECRET)

VALUES = {
    "phone": [
        "13812345678",
        "+86 138 1234 5678",
        "（010）6234-5678",
        "(251) 500-2136",
        "１３８１２３４５６７８",
    ],
    "resident_id": ["11010519491231002X", "110105 19491231 002X"],
    "bank_card": ["6214830698377651", "6216 6178 4460 1878 400"],
    "social_credit_code": ["91350211M000100Y43"],
    "iban": ["GB82 WEST 1234 5698 7654 32", "de89370400440532013000"],
    "ssn": ["219-09-9999"],
    "nhs_number": ["943 476 5919"],
    "ein": ["12-3456789"],
    "qq": ["1234567890"],
    "email": ["Li.Lei@example.com", "a%40b.org", "li lei [at] example dot com"],
    "ip": ["203.0.113.5", "2001:db8::1"],
    "private_ip": ["192.168.0.1", "fe80::1"],
    "vehicle_plate": ["京A12345", "沪AD12345", "粤B·12345"],
    "person": ["李雷", "欧阳娜娜", "John Smith", "Ana"],
}
CASES = [(kind, value) for kind, values in VALUES.items() for value in values]


def shape(value: str) -> str:
    """Digits as 0, letters as a, everything else as it stands."""
    return re.sub(r"[A-Za-z]", "a", re.sub(r"\d", "0", value))


def test_every_kind_that_has_fakes_is_tried() -> None:
    assert set(VALUES) == set(fakes.KINDS)


@pytest.mark.parametrize(("kind", "value"), CASES)
def test_a_fake_is_known_as_one_and_a_value_is_not(kind: str, value: str) -> None:
    made = fakes.fake(kind, value, SECRET)
    assert made is not None
    assert made != value
    assert fakes.is_fake(kind, made)
    assert not fakes.is_fake(kind, value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        case
        for case in CASES
        if case[0] not in {"email", "ip", "private_ip", "person", "vehicle_plate"}
    ],
)
def test_a_fake_has_the_form_of_its_value(kind: str, value: str) -> None:
    made = fakes.fake(kind, value, SECRET)
    assert made is not None
    assert shape(made) == shape(value)


def test_a_fake_is_nobodys() -> None:
    """The checks of independent libraries, and the registries, turn every fake down."""
    made = {
        kind: [fakes.fake(kind, value, SECRET) or "" for value in values]
        for kind, values in VALUES.items()
    }
    assert not any(iban.is_valid(one) for one in made["iban"])
    assert not any(one.startswith(tuple("123456789")) for one in made["bank_card"])
    assert not any(int(one[:2]) in range(11, 92) for one in made["resident_id"])
    for one in made["phone"]:
        try:
            assert not phonenumbers.is_valid_number(phonenumbers.parse(one, "CN"))
        except phonenumbers.NumberParseException:
            continue
    for one in made["ip"]:
        address = ipaddress.ip_address(one)
        assert address.is_reserved or address in ipaddress.ip_network("100::/64")
    assert all(one.endswith(".invalid") for one in made["email"])
    assert mod_11_2.is_valid("11010519491231002X") and luhn.is_valid("6214830698377651")


def test_spellings_of_one_value_have_one_fake() -> None:
    def digits(value: str) -> str:
        made = fakes.fake("phone", value, SECRET)
        assert made is not None
        return re.sub(r"\D", "", made)

    assert digits("138-1234-5678") == digits("13812345678") == digits("138 1234 5678")
    assert digits("13812345678") != digits("13812345679")
    assert fakes.fake("phone", "13812345678", SECRET) != fakes.fake(
        "phone", "13812345678", b"other"
    )


@pytest.mark.parametrize(
    "spellings",
    [
        ("+86 10 6234 5678", "010-62345678", "(010)62345678", "0086 10 62345678"),
        ("+86 571 8765 4321", "0571-87654321", "86-0571-87654321"),
        ("+1 415-555-2671", "(415) 555-2671", "001 415 555 2671"),
        ("+86 138 1234 5678", "138-1234-5678"),
    ],
)
def test_codes_before_a_number_are_no_part_of_it(spellings: tuple[str, ...]) -> None:
    assert len({key.value_hash(SECRET, "phone", one) for one in spellings}) == 1
    made = [fakes.fake("phone", one, SECRET) for one in spellings]
    assert len({re.sub(r"\D", "", one or "")[-7:] for one in made}) == 1


@pytest.mark.parametrize(
    "spellings",
    [
        ("13812345678", "381-234-5678"),
        ("010-62345678", "010-62345679", "021-62345678", "010-62345678转801"),
        ("+81 10 6234 5678", "+86 10 6234 5678"),
    ],
)
def test_other_numbers_have_other_hashes(spellings: tuple[str, ...]) -> None:
    hashes = {key.value_hash(SECRET, "phone", one) for one in spellings}
    assert len(hashes) == len(spellings)


@pytest.mark.parametrize(
    ("kind", "plain", "wide"),
    [("phone", "13812345678", "１３８１２３４５６７８"), ("email", "li@a.com", "ＬＩ＠ａ．ｃｏｍ")],
)
def test_full_width_is_a_spelling_of_the_same_value(kind: str, plain: str, wide: str) -> None:
    assert key.value_hash(SECRET, kind, plain) == key.value_hash(SECRET, kind, wide)


@pytest.mark.parametrize(
    "value",
    [
        "张三@例子.中国",
        "иван@пример.рф",
        "rené@example.fr",
        "rene\u0301@example.fr",
        "ＬＩ@qq.com",
        "ﬁ@qq.com",
        "홍길동@a.kr",
    ],
)
def test_no_letter_of_a_name_is_left_in_a_fake_address(value: str) -> None:
    name, domain = value.split("@")
    made = fakes.fake("email", value, SECRET)
    assert made is not None
    assert len(made.split("@")[0]) == len(name)
    assert not {one for one in name + domain if not one.isascii()} & set(made)


def test_a_number_in_han_numerals_gets_a_placeholder() -> None:
    assert masked(documents("电话一三八零零一三八零零零"), FAKING)["text"].item() == "电话<PHONE>"


def test_full_width_letters_become_others() -> None:
    wide = "ＧＢ８２ＷＥＳＴ１２３４５６９８７６５４３２"
    made = fakes.fake("iban", wide, SECRET)
    assert made is not None
    assert made[:2] == "ＧＢ"
    assert made[4:8] != "ＷＥＳＴ"


def test_addresses_of_one_domain_stay_together() -> None:
    made = [fakes.fake("email", value, SECRET) for value in ("a@x.com", "bob@x.com", "bob@y.com")]
    domains = [one.split("@")[1] for one in made if one]
    assert domains[0] == domains[1] != domains[2]


def test_kinds_without_a_form_get_placeholders() -> None:
    assert fakes.fake("address", "x", SECRET) is None


def test_a_text_keeps_its_layout() -> None:
    text = masked(
        documents("电话 138-1234-5678，IP 203.0.113.5\na@b.com 卡6214830698377651"), FAKING
    )["text"].item()
    assert re.fullmatch(
        r"电话 000-\d{4}-\d{4}，IP (24\d|25[0-5])(\.\d{1,3}){3}\n[a-z]@[a-z]{6}\.invalid 卡000\d{13}",
        text,
    ), text


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_faking_twice_is_faking_once(text: str) -> None:
    once = masked(documents(text, uri=text, title=text), FAKING)
    again = stage.run(FAKING, once.select(*schema.DOCUMENT))
    assert again["edits"].to_list() == [[]]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=10).map("".join))
def test_what_is_masked_is_what_is_faked(text: str) -> None:
    """The same places of the same kinds, whether by placeholders or by fakes."""

    def places(masking: MaskPersonalData) -> list[Any]:
        edits = stage.run(masking, documents(text))["edits"].to_list()[0]
        return [(edit["start"], edit["end"], edit["kind"]) for edit in edits]

    assert places(FAKING) == places(MaskPersonalData(Settings()))


def test_a_fake_found_again_behind_a_value_of_several_lines_becomes_a_placeholder() -> None:
    """The search is one that finds what follows `!`; the value of three lines becomes one line."""
    text = "key\n1\n2\n3\nx\n!a@b.com"
    block = Value(4, 9, "block", "<BLOCK>", "1\n2\n3")
    mail = Value(13, 20, "email", "<EMAIL>", "a@b.com")
    assert text[mail.start : mail.end] == mail.spelling

    def search(texts: pl.Series) -> list[Found]:
        return [
            Found(row, one.index("!"), len(one), "email", "<EMAIL>")
            for row, one in enumerate(texts)
            if ".invalid" in one
        ]

    (edits,) = with_fakes([text], [[block, mail]], lambda value: value.faked(SECRET), search)
    assert apply(text, edits) == "key\n<BLOCK>\nx\n!<EMAIL>"


def test_each_kind_has_its_action() -> None:
    table = documents("a@b.com 13812345678 203.0.113.5 6214830698377651")
    chosen = Settings(actions={"email": "fake", "phone": "count", "ip": "drop"})
    text = masked(table, MaskPersonalData(chosen, SECRET))["text"].item()
    assert re.fullmatch(r"[a-z]@[a-z]{6}\.invalid 13812345678 <IP> <BANK_CARD>", text)
    told = stage.run(MaskPersonalData(chosen, SECRET), table)["pii"].item()
    assert told["forbidden_count"] == told["ip_count"] == 1


def test_listed_values_stay() -> None:
    chosen = Settings(allow=("support@", "@taojin.example", "010-6234 5678"))
    table = documents("support@a.com li@taojin.example li@b.com 电话(010)62345678、010-62345679")
    assert masked(table, MaskPersonalData(chosen))["text"].item() == (
        "support@a.com li@taojin.example <EMAIL> 电话(010)62345678、<PHONE>"
    )


def test_values_have_keyed_hashes() -> None:
    table = documents("13812345678", "138-1234-5678 a@b.com", "x", title=None)  # type: ignore[arg-type]
    found = stage.run(MaskPersonalData(Settings(), SECRET), table)["pii_values"].to_list()
    assert [[one["kind"] for one in row] for row in found] == [["phone"], ["phone", "email"], []]
    assert found[0][0]["value_hash"] == found[1][0]["value_hash"]
    other = stage.run(MaskPersonalData(Settings(), b"another key"), table)["pii_values"].to_list()
    assert other[0][0]["value_hash"] != found[0][0]["value_hash"]
    assert "pii_values" not in stage.run(MaskPersonalData(), table).columns


@pytest.mark.parametrize(("given", "wanted"), [("", None), ("x" * 16, b"x" * 16)])
def test_the_key_comes_from_the_environment(
    given: str, wanted: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(key.VARIABLE, given)
    assert key.key() == wanted


def test_a_short_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(key.VARIABLE, "secret")
    with pytest.raises(UserError, match="TAOJIN_PII_KEY has 6 characters: set it to 16 or more"):
        key.key()


def test_a_mark_tells_keys_apart_and_not_the_key() -> None:
    assert key.mark(None) == ""
    assert key.mark(SECRET) != key.mark(b"another")
    assert SECRET.decode() not in key.mark(SECRET)


def test_density_is_values_for_a_thousand_characters() -> None:
    named = stage.run(MaskPersonalData(), documents("x", title="ask a@b.com"))["pii"].item()
    assert (named["email_count"], named["density"]) == (1, 0.0)
    told = stage.run(MaskPersonalData(), documents("a@b.com" + "字" * 993, "x", ""))[
        "pii"
    ].to_list()
    assert [row["density"] for row in told] == [1.0, 0.0, 0.0]
