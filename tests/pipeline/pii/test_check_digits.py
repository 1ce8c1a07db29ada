"""Check digits are those of python-stdnum, which is slower."""

from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_2

from taojin.pipeline.pii.china.resident_id import _has_check_digit
from taojin.pipeline.pii.china.social_credit_code import _is_valid
from taojin.pipeline.pii.world.bank_card import _passes_luhn

DIGITS = st.text(st.sampled_from("0123456789"), min_size=12, max_size=19)
CODE = st.text(st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"), min_size=9, max_size=9)


@given(DIGITS, st.booleans())
def test_of_cards(digits: str, right: bool) -> None:
    number = digits + luhn.calc_check_digit(digits) if right else digits
    assert _passes_luhn(number) == luhn.is_valid(number)


@given(
    st.from_regex("[0-9]{17}", fullmatch=True).filter(str.isascii), st.sampled_from("0123456789X")
)
def test_of_resident_numbers(digits: str, last: str) -> None:
    assert _has_check_digit(digits + last) == mod_11_2.is_valid(digits + last)
    assert _has_check_digit(digits + mod_11_2.calc_check_digit(digits))


@given(
    st.from_regex("[1-9ANY][0-9]{7}", fullmatch=True).filter(str.isascii),
    CODE,
    st.sampled_from("0AXY"),
)
def test_of_credit_codes(head: str, code: str, last: str) -> None:
    right = uscc.calc_check_digit(head + code)
    assert _is_valid(head + code + right) == uscc.is_valid(head + code + right)
    assert _is_valid(head + code + last) == uscc.is_valid(head + code + last)
