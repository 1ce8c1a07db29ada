from unicodedata import category, normalize

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from taojin.core.arrow import string_buffers
from taojin.filters import term_kernels as kernels
from taojin.filters.matcher import LETTERS, WORDS, Matcher, folded
from taojin.tests import oracles
from taojin.tests.core.texts import CHARACTERS, QUICK, columns, cuts, sliced

_CHARACTERS = st.sampled_from("赌博色情賭線线aAbc１1ａé _-　\n\t*^·.。，丶\u200b\u0301ﬁⓐかไ한")
_LETTERS = st.sampled_from("赌博色情賭線aAb1ａé한か")
_ENTRIES = st.one_of(
    st.text(_LETTERS, max_size=4),
    st.sampled_from(["赌博", "色情", "a b", "ab-c", "色情a", "a", "é", "1a", "赌", "", "_"]),
)
_SIGNS = st.sampled_from([" ", "  ", "*", "_", "丶", "\u200b", "。", "\n", "x"])


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[str], list[str], list[str]]:
    """(texts, entries, allowed words), the texts made of the words more often than not."""
    entries = draw(st.lists(_ENTRIES, max_size=5))
    allowed = draw(st.lists(_ENTRIES | st.sampled_from([*entries, "a赌博"]), max_size=3))
    words = st.sampled_from([*entries, *allowed, "赌 博", "色*情"])
    made = st.lists(words | _SIGNS | _LETTERS, max_size=12).map("".join)
    return draw(st.lists(made | st.text(_CHARACTERS, max_size=30), max_size=4)), entries, allowed


def spans(matcher: Matcher, texts: list[str], cut: int = 0) -> list[list[tuple[int, int, int]]]:
    found = matcher.find(*string_buffers(sliced(texts, cut)))
    return [
        [(entry, start, end) for doc, entry, start, end in found.tolist() if doc == number]
        for number in range(len(texts) - min(cut, len(texts)))
    ]


@QUICK
@given(cases(), cuts, st.booleans(), st.booleans())
@example((["ab ｃ 赌 博 色*情"], ["ab-c", "赌博", "色情"], []), 0, True, True)
@example((["x色 情y", "赌·博", "a色 情感"], ["色情", "赌博"], []), 0, True, True)
@example((["赌_博 赌丶博"], ["赌博"], []), 0, True, True)
@example((["aab"], ["a"], []), 0, False, False)
@example((["赌博，赌博"], ["赌博"], []), 0, False, True)
@example((["x\u200bab"], ["ab"], []), 0, False, True)
@example((["赌博"], ["赌博"], ["賭博"]), 0, False, True)
def test_terms_are_those_of_the_oracle(case, cut, gaps, bounded):
    texts, entries, allowed = case
    matcher = Matcher(tuple(entries), tuple(allowed), WORDS if bounded else None, gaps)
    joined = oracles.SPACED_LETTER if bounded else None
    expected = [
        oracles.found_terms(text, entries, allowed, gaps=gaps, joined=joined)
        for text in texts[min(cut, len(texts)) :]
    ]
    assert spans(matcher, texts, cut) == expected
    counts = matcher.count(*string_buffers(sliced(texts, cut))).tolist()
    assert counts == [
        [
            len(found),
            len({entry for entry, _, _ in found}),
            oracles.covered_units(text, [(start, end) for _, start, end in found]),
            len(oracles.units(text)),
        ]
        for text, found in zip(texts[min(cut, len(texts)) :], expected, strict=True)
    ]


@QUICK
@given(columns, cuts)
def test_no_entries_find_nothing_and_units_are_counted(column, cut):
    counts = Matcher(("", "\u200b")).count(*string_buffers(sliced(column, cut)))
    assert counts[:, : kernels.UNITS].sum() == 0
    assert counts[:, kernels.UNITS].tolist() == [
        len(oracles.units(text)) for text in column[min(cut, len(column)) :]
    ]


@pytest.mark.parametrize("gaps", [False, True])
@QUICK
@given(columns)
def test_an_entry_is_found_in_a_text_that_holds_it(gaps, column):
    for text in column:
        entry = normalize("NFC", text[:9])
        if folded([entry])[0]:
            held = f"，{entry}，{text}"
            assert spans(Matcher((entry,), joined=None, gaps=gaps), [held])[0], (entry, held)


def test_folding_is_one_character_for_one_and_settles():
    known = [
        c for c in CHARACTERS + "薴︳﹣ﬁ㈱" if category(c) != "Cn"
    ]  # libraries differ in how new they are
    same = folded(known)
    assert folded(same) == same
    assert same == [oracles.term(character) for character in known]


@pytest.mark.parametrize(
    ("text", "entry", "found"),
    [
        ("ＡＶ女优", "AV", True),
        ("网络賭博罪", "赌博", True),
        ("essex and sussex", "sex", False),
        ("sex-education", "sex", True),
        ("sex2", "sex", False),
        ("性sex性", "sex", True),
        ("한sex한", "sex", True),
        ("ésex", "sex", False),
        ("Online\n  CASINO", "online casino", True),
        ("online-casino", "online casino", True),
        ("onlinecasino", "online casino", False),
        ("카지노에서", "카지노", True),
        ("казино", "КАЗИНО", True),
        ("казинодром", "казино", False),
        ("赌\u200b博", "赌博", True),
        ("c\u0336a\u0336sino", "casino", True),
        ("café", "cafe", False),
        ("cafe\u0301", "café", False),
    ],
)
def test_what_is_the_same_term(text: str, entry: str, found: bool):
    assert bool(spans(Matcher((entry,)), [text])[0]) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("赌 博", True),
        ("在赌 博，", True),
        ("赌*博", True),
        ("网赌☆博客", True),
        ("赌　　博", True),
        ("赌-博", True),
        ("赌   博", False),
        ("赌\n博", False),
        ("豪赌 博客", False),
        ("赌**博", False),
        ("赌。博", False),
    ],
)
def test_a_chinese_entry_spaced_out(text: str, found: bool):
    assert bool(spans(Matcher(("赌博",), gaps=True), [text])[0]) == found
    assert not spans(Matcher(("赌博",)), [text])[0]


def test_half_spaced_out_is_two_words():
    matcher = Matcher(("成人电影",), gaps=True)
    assert not spans(matcher, ["成人 电影"])[0]
    assert spans(matcher, ["成 人 电 影"])[0] == [(0, 0, 7)]
    assert spans(matcher, ["成人*电影"])[0] == [(0, 0, 5)]


def test_an_allowed_word_covers_the_entries_inside_it_alone():
    matcher = Matcher(("性", "色情"), ("性能", "特色情", "异性恋"))
    assert spans(matcher, ["性能与性"])[0] == [(0, 3, 4)]
    assert spans(matcher, ["特色情怀，色情"])[0] == [(1, 5, 7)]
    assert spans(matcher, ["异性恋性"])[0] == [(0, 3, 4)]


def test_the_longest_entry_counts_and_the_first_of_equal_ones():
    matcher = Matcher(("赌博", "网上赌博", "賭博"))
    assert spans(matcher, ["网上赌博，賭博"])[0] == [(1, 0, 4), (0, 5, 7)]


def test_letters_part_words_of_a_url():
    matcher = Matcher(("porn", "彩票"), joined=LETTERS)
    assert [len(found) for found in spans(matcher, ["91porn", "pornic", "/彩票/", "买彩票"])] == [
        1, 0, 1, 0,
    ]  # fmt: skip


def test_a_column_of_nulls_and_an_empty_one():
    matcher = Matcher(("a",))
    assert matcher.count(*string_buffers(pa.array([None, "a"], pa.large_string()))).tolist() == [
        [0, 0, 0, 0], [1, 1, 1, 1],
    ]  # fmt: skip
    assert matcher.count(*string_buffers(pa.array([], pa.large_string()))).shape == (0, 4)
