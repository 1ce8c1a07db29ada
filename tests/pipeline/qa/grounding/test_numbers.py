from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.pipeline.qa.grounding import dates, numbers
from taojin.pipeline.qa.grounding.numbers import Number
from taojin.pipeline.qa.grounding.numerals import value


def spelled(number: int) -> str:
    """A whole number below 10**12 in Chinese, as a school book has it."""
    if number < 10:
        return "零一二三四五六七八九"[number]
    for size, name in ((10**8, "亿"), (10**4, "万"), (1000, "千"), (100, "百"), (10, "十")):
        if number >= size:
            high, low = divmod(number, size)
            gap = "零" if 0 < low < size // 10 else ""
            return spelled(high) + name + gap + (spelled(low) if low else "")
    raise AssertionError


@given(st.integers(0, 10**12 - 1))
def test_a_spelled_number_is_worth_itself(number):
    assert value(spelled(number)) == number


@given(st.integers(1000, 9999))
def test_digits_one_by_one(year):
    assert value("".join("〇一二三四五六七八九"[int(digit)] for digit in str(year))) == year


def test_what_is_said_short():
    assert [value(said) for said in ("一百二", "三千五", "一万二", "十", "百万")] == [
        120,
        3500,
        12_000,
        10,
        10**6,
    ]


@pytest.mark.parametrize("written", ["万一", "千千", "亿万", "十十", "百千"])
def test_what_makes_no_number(written):
    assert value(written) is None


def worths(text: str) -> list[tuple[float, str]]:
    return [(float(one.worth), one.unit) for one in numbers.numbers(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("共2.5万人", [(25_000, "")]),
        ("共两万五千人", [(25_000, "")]),
        ("２５，０００人", [(25_000, "")]),
        ("百分之三", [(3, "%")]),
        ("百分之3.5", [(3.5, "%")]),
        ("３％", [(3, "%")]),
        ("3 percent", [(3, "%")]),
        ("三千二百公里", [(3200, "km")]),
        ("3,200 km", [(3200, "km")]),
        ("3.2千米", [(3200, "m")]),
        ("1.5 million", [(1_500_000, "")]),
        ("twenty million dollars", [(20_000_000, "usd")]),
        ("10MB", [(10, "mb")]),
        ("两个", [(2, "")]),
        ("一般的一个 utf8 v1.2.3 3D 1.2.3 x_1", []),
    ],
)
def test_numbers_however_they_are_written(text, found):
    assert worths(text) == found


@pytest.mark.parametrize(
    ("answer", "passage", "share"),
    [
        ("三千二百米", "长3200米", 1),
        ("3200", "长三千二百米", 1),
        ("3200 km", "长三千二百", 1),
        ("3200 km", "长3200米", 0),
        ("3%", "增长3", 0),
        ("3", "增长3%", 0),
        ("2.5万和3万", "两万五千", 0.5),
        ("没有数", "也没有", 1),
    ],
)
def test_a_number_is_found_by_what_it_is_worth(answer, passage, share):
    assert numbers.share_found(answer, passage) == share


@given(st.integers(2, 10**9))
def test_a_number_that_is_not_there_is_not_found(number):
    assert numbers.share_found(f"共{number}人", f"共{spelled(number)}人") == 1
    assert numbers.share_found(f"共{number}人", f"共{spelled(number + 1)}人") == 0


def test_a_number_is_plain_data():
    assert Number(Decimal(3)) == Number(Decimal("3"), "")


@pytest.mark.parametrize(
    "text",
    [
        "2024年3月5日",
        "2024-03-05",
        "2024/3/5",
        "于2024-03-05.",
        "二〇二四年三月五号",
        "March 5, 2024",
        "5th of March 2024",
        "２０２４年３月５日",
    ],
)
def test_dates_however_they_are_written(text):
    assert [date for date, _, _ in dates.dates(text)] == [(2024, 3, 5)]
    assert not list(numbers.numbers(dates.without(text)))


@pytest.mark.parametrize(
    ("answer", "passage", "share"),
    [
        ("2024年", "2024年3月5日", 1),
        ("2024年3月", "March 5, 2024", 1),
        ("2024年4月", "March 5, 2024", 0),
        ("3月5日", "2024-03-05", 1),
        ("3月6日", "2024-03-05", 0),
        ("2024年3月5日", "2024年", 0),
        ("无", "无", 1),
    ],
)
def test_a_date_is_found_where_all_it_tells_is_told(answer, passage, share):
    assert dates.share_found(answer, passage) == share
