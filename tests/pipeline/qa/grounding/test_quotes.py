from hypothesis import assume, given
from hypothesis import strategies as st

from taojin.pipeline.qa.grounding.fold import Folded, folded
from taojin.pipeline.qa.grounding.quotes import LEAST_CHARACTERS, NOWHERE, find

LETTERS = "长江黄河源头 ABCdef，。ＡＢ１２é\u0301ßﬁ\n😀"
texts = st.text(LETTERS, min_size=1, max_size=80)


@given(texts)
def test_folding_keeps_the_place_of_each_character(text):
    one = Folded(text)
    assert one.characters == folded(text) and len(one.places) == len(one.characters)
    for at, place in enumerate(one.places):
        assert one.characters[at] in folded(text[place])


@given(st.text(LETTERS[:20], min_size=8, max_size=60), st.data())
def test_what_stands_there_is_found_whatever_its_case_width_and_marks(text, data):
    start = data.draw(st.integers(0, len(text) - 8))
    end = data.draw(st.integers(start + 8, len(text)))
    quote = text[start:end]
    assume(len(folded(quote)) >= LEAST_CHARACTERS)
    noisy = " ".join(quote.upper()) + "。"
    found = find(noisy, Folded(text))
    assert found.ratio == 1 and folded(text[found.start : found.end]).find(folded(quote)) >= 0
    assert found.end - found.start <= end - start + len("。")


def test_the_marks_that_were_quoted_belong_to_it():
    text = "他说：“长江发源于青藏高原。”又说"
    for quote in ("“长江发源于青藏高原。”", "长江发源于青藏高原。", "长江发源于 青藏高原"):
        found = find(quote, Folded(text))
        assert text[found.start : found.end] == quote.replace(" ", "")
    other = find("「长江发源于青藏高原！」", Folded(text))
    assert text[other.start : other.end] == "长江发源于青藏高原"


ZH = "长江发源于青藏高原唐古拉山脉，全长六千三百公里，是中国第一大河，也是世界第三长河。"


def test_a_word_changed_is_aligned_and_many_are_not():
    near = find("长江发源于青海高原唐古拉山脉，全长六千三百公里", Folded(f"前言。{ZH}"))
    assert 0.9 <= near.ratio < 1
    assert f"前言。{ZH}"[near.start : near.end] == "长江发源于青藏高原唐古拉山脉，全长六千三百公里"
    assert find("黄河发源于巴颜喀拉山脉，全长五千公里", Folded(ZH)).ratio < 0.9


def test_a_word_put_in_or_left_out_is_aligned():
    left_out = find(
        "长江发源于青藏高原，全长六千三百公里，是中国第一大河，也是世界第三长河", Folded(ZH)
    )
    assert 0.9 <= left_out.ratio < 1 and ZH[left_out.start : left_out.end] == ZH[:-1]


@given(st.text("abcdefgh", min_size=20, max_size=60), st.text("stuvwxyz", min_size=4, max_size=40))
def test_what_is_not_there_is_nowhere(text, quote):
    assert find(quote, Folded(text)) == NOWHERE


def test_a_quote_of_three_characters_is_nowhere():
    assert find("长江。发", Folded(ZH)) == NOWHERE


def test_a_ratio_is_never_more_than_one():
    assert find("ababababab", Folded("abababa cabababa")).ratio <= 1
