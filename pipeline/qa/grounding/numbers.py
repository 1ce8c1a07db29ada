"""Numbers: what they are worth, however they are written, with their units.

Three thousand two hundred is 3200, 3,200, 3.2千 and 三千二百; a share is a number with unit `%`.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from taojin.pipeline.qa.grounding.numerals import value

_LARGE = {"百": 100, "千": 1000, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8,
          "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}  # fmt: skip
_SMALL = (
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
)
_ROUND = "thirty forty fifty sixty seventy eighty ninety"
_WORDS = {word: at for at, word in enumerate(_SMALL.split(), 2)}
_WORDS |= {word: 10 * at for at, word in enumerate(_ROUND.split(), 3)}

_UNITS = (
    ("%", "%|percent|per cent|个百分点|個百分點"),
    ("km", "km|kilomet(?:er|re)s?|公里|千米"),
    ("cm", "cm|厘米|公分"),
    ("mm", "mm|毫米"),
    ("m", "m|met(?:er|re)s?|米"),
    ("kg", "kg|kilograms?|公斤|千克"),
    ("g", "g|grams?|克"),
    ("t", "tons?|tonnes?|吨|噸"),
    ("ms", "ms|milliseconds?|毫秒"),
    ("s", "s|secs?|seconds?|秒钟?|秒鐘"),
    ("min", "min|minutes?|分钟|分鐘"),
    ("h", "h|hrs?|hours?|小时|小時"),
    ("d", "days?|天|日"),
    ("month", "months?|个月|個月"),
    ("y", "years?|年"),
    ("kb", "kb|kib"),
    ("mb", "mb|mib"),
    ("gb", "gb|gib"),
    ("tb", "tb|tib"),
    ("℃", "°c|℃|摄氏度|攝氏度"),
    ("cny", "元|人民币|人民幣|yuan|rmb"),
    ("usd", "美元|usd|dollars?"),
)
_UNIT = {name: re.compile(rf" ?(?:{spelled})(?![a-z])") for name, spelled in _UNITS}
_DIGITS = re.compile(
    r"(?<![a-z0-9_.])(?:百分之)?(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?!\.?\d) ?"
    r"((?:百|千|万|萬|亿|億)+|(?:thousand|million|billion|trillion)\b)?"
)
_HAN = re.compile(
    r"(?<!\d)(?<!\d )(百分之)?"
    r"([零〇○一二两兩三四五六七八九十百千万萬亿億]+(?:点[零〇一二三四五六七八九]+)?)"
)
_COUNTED = re.compile(r"[个個名人位次种種项項条條台年月日天倍岁歲元米层層章节節家座件张張]")
_WORD = re.compile(rf"\b({'|'.join(_WORDS)})\b(?: (thousand|million|billion|trillion)\b)?")
_NAME_LETTER = re.compile(r"[a-z_]")


@dataclass(frozen=True)
class Number:
    """What a number is worth, and its unit, empty if none that is known follows."""

    worth: Decimal
    unit: str = ""


def plain(text: str) -> str:
    """A text in which numbers are looked for: NFKC, small letters."""
    return unicodedata.normalize("NFKC", text).lower()


def numbers(text: str) -> Iterator[Number]:
    """The numbers of a text; parts of names (`utf8`, `v1.2.3`) are none, nor is 一 in 一个."""
    spoken = plain(text)
    for match in _DIGITS.finditer(spoken):
        worth = Decimal(match.group(1).replace(",", "") + (match.group(2) or ""))
        for large in re.findall(r"[a-z]+|.", match.group(3) or ""):
            worth *= _LARGE[large]
        unit = "%" if match.group().startswith("百分之") else _unit(spoken, match.end())
        if unit or not _NAME_LETTER.match(spoken, match.end(2) if match[2] else match.end(1)):
            yield Number(worth.normalize(), unit)
    for match in _HAN.finditer(spoken):
        written, single = match.group(2), len(match.group(2)) == 1
        counted = _COUNTED.match(spoken, match.end()) is not None
        told = match.group(1) or not single or (counted and written != "一")
        worth_of = value(written) if told else None
        if worth_of is not None:
            unit = "%" if match.group(1) else _unit(spoken, match.end())
            yield Number(worth_of, unit)
    for match in _WORD.finditer(spoken):
        times = _LARGE[match.group(2)] if match.group(2) else 1
        yield Number(
            Decimal(_WORDS[match.group(1)] * times).normalize(), _unit(spoken, match.end())
        )


def _unit(text: str, at: int) -> str:
    return next((name for name, spelled in _UNIT.items() if spelled.match(text, at)), "")


def share_found(answer: str, passage: str) -> float:
    """The share of an answer's numbers that stand in the passage; 1 where it has none.

    One without a unit stands for one with any, but a share for nothing else than a share.
    """
    wanted = set(numbers(answer))
    there = set(numbers(passage))
    bare = {one.worth for one in there if not one.unit}
    any_unit = {one.worth for one in there if one.unit != "%"}
    found = [
        one in there or (one.unit != "%" and one.worth in (bare if one.unit else any_unit))
        for one in wanted
    ]
    return sum(found) / len(found) if found else 1.0
