"""Signs of a wrong decoding: made by wrong decoding, and told from what only looks so."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.core import stage
from taojin.filters.batch import Batch
from taojin.filters.bounds import rules
from taojin.filters.encoding import ENCODING
from taojin.filters.rules import Measure, reasons
from taojin.tests import oracles
from taojin.tests.core.texts import CHARACTERS, QUICK, chinese_columns, columns, documents, texts

PIECES = ["的是", "ｱ的", "。”", "é", "’", "—", "中文", "ñ", "😀", "\ufffd\ufffd", "a", " ", "\n"]
_WRONG = st.builds(
    lambda text, codes: text.encode(codes[0], "ignore").decode(codes[1], codes[2]),
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.sampled_from(
        [
            ("utf-8", "gbk", "replace"),
            ("utf-8", "gbk", "ignore"),
            ("utf-8", "cp1252", "replace"),
            ("utf-8", "latin-1", "strict"),
            ("gbk", "latin-1", "strict"),
            ("gbk", "utf-8", "replace"),
            ("cp1251", "latin-1", "strict"),
        ]
    ),
)
_LOOKALIKES = st.text(st.sampled_from("烫屯锟斤拷鐨勬槸Ã©â€™ÖÐÎÄ×·¡ÿ\xa0»É \ufffd中a"), max_size=12)
wrong_texts = st.lists(_WRONG | _LOOKALIKES | texts, max_size=5).map("".join)


def measured(*found: str) -> pl.DataFrame:
    return ENCODING.measure(Batch(documents(found))).struct.unnest()


@QUICK
@given(column=columns | chinese_columns | st.lists(wrong_texts, max_size=5))
def test_metrics_are_those_of_the_oracle(column: list[str]):
    found = measured(*column)
    expected = [oracles.mojibake(text) for text in column]
    assert found["mojibake_count"].to_list() == [signs for signs, _, _ in expected]
    assert found["mojibake_ratio"].to_list() == pytest.approx(
        [oracles.share(characters, every) for _, characters, every in expected]
    )
    assert found["lost_character_count"].to_list() == list(map(oracles.lost_characters, column))


def test_no_character_alone_is_a_sign_but_the_replacement():
    apart = "\n".join(character for character in CHARACTERS if character != "\ufffd")
    assert measured(apart)["mojibake_count"].to_list() == [0]
    assert measured("\ufffd").row(0) == (1, 1.0, 0)


@pytest.mark.parametrize(
    ("text", "signs", "ratio"),
    [
        ("锟斤拷锟斤拷烫烫烫\ufffd", 4, 1),
        ("烫烫烫烫屯屯屯 手", 2, 7 / 8),
        ("烫烫屯屯，滚烫", 0, 0),
        ("的是。".encode().decode("gbk", "replace"), 2, 4 / 5),
        ("It’s".encode().decode("cp1252"), 1, 3 / 6),
        ("José".encode().decode("latin-1"), 1, 2 / 5),
        ("中文".encode().decode("latin-1"), 2, 1),
        ("😀".encode().decode("cp1252"), 1, 1),
        ("中文".encode("gbk").decode("latin-1"), 2, 1),
        ("Привет".encode("cp1251").decode("latin-1"), 3, 1),
        ("ÿ·ÿ·", 2, 1),
        ("ÿ·ÿ····", 0, 0),
        ("ÖÐÎ", 0, 0),
    ],
)  # fmt: skip
def test_what_wrong_decoding_leaves(text: str, signs: int, ratio: float):
    assert measured(text).row(0)[:2] == (signs, pytest.approx(ratio))


@pytest.mark.parametrize(
    "text",
    [
        "清楚的中文，“引号”，é — …",
        "Ça a été créé « là » à l’été\xa0»",
        "Größe: 5 °C · 3 × 4 ± 2 µm, ©®™ ¿Qué? ¡Olé!",
        "···· ×××× «» ½¼¾ ¥£¢",
        "繁體中文：鏈條、銀行、鐵路、開關",
        "Привет, мир",
        "",
    ],
)
def test_ordinary_text_of_any_language_has_none(text: str):
    assert measured(text).row(0) == (0, 0, 0)


def test_two_odd_signs_in_a_long_text_are_a_small_share():
    assert measured("清楚的中文。" * 200 + "\ufffd 锟斤拷")["mojibake_ratio"][0] < 0.01


PAGE = (
    """The miners washed the river's sand from dawn to dusk. "It won't take long," they had said;
it took years - and what they found in them wasn't gold.\n"""
    * 20
)


def test_a_page_of_which_only_the_quotation_marks_were_read_wrong_is_dropped():
    typeset = PAGE.replace("'", "’", 3)
    wrong = typeset.encode().decode("cp1252")
    found = measured(wrong)
    assert found["mojibake_ratio"][0] < 0.01
    assert found["lost_character_count"][0] == 3
    assert rules_broken(wrong) == ["encoding.lost_character_count.max"]
    assert rules_broken(typeset) == []


def test_a_page_that_speaks_of_mojibake_is_not():
    page = PAGE + "Where don’t comes out as donâ€™t and “so” as â€œsoâ€\x9d, UTF-8 was read wrong."
    assert measured(page)["mojibake_count"][0] == 3
    assert measured(page)["lost_character_count"][0] == 0
    assert rules_broken(page) == []


def test_many_lost_characters_are_all_counted():
    han = [chr(code) for code in range(0x4E00, 0x4F00) if b"\xa0" not in chr(code).encode()]
    text = "".join(han).encode().decode("latin-1")
    assert measured(text)["lost_character_count"][0] == len(han) > 200
    assert measured(text + han[7])["lost_character_count"][0] == len(han) - 1


def test_what_belongs_to_a_sign_begins_no_other():
    """A sign of GBK may end in à, which with two dots behind it would be UTF-8 once more."""
    pairs = ("丈" + chr(code) for code in range(0x4E00, 0x9FFF))
    signs = (pair.encode().decode("gbk", "ignore") for pair in pairs)
    sign = next(one for one in signs if len(one) == 3 and one[2] in "àáèéêìí")
    other = f"{sign[2]}··".encode("latin-1").decode()
    assert measured(f"{sign}·· Ã© {other}").row(0)[::2] == (2, 1)
    assert measured(f"{sign[2]}·· Ã© {other}").row(0)[::2] == (2, 1)
    assert measured(f"{sign[2]}·· Ã©").row(0)[::2] == (2, 2)


def rules_broken(text: str) -> list[str]:
    table = documents([text]).with_columns(pl.lit("en").alias("lang"))
    judged = stage.run(Measure((ENCODING,)), table).select(reasons(rules((ENCODING,), {})))
    return list(judged["drop_reasons"][0])
