"""Where a Chinese address begins, read back from the number of its house.

At a province or prefecture; else right after a label (地址：); else at a district that a word such
as 位于 or the beginning of a phrase stands before.
"""

import re

from taojin.pipeline.pii.china.divisions import PREFECTURES, PROVINCES
from taojin.pipeline.pii.china.label import HAN

STOP = "的某在了是住为為被將将把到与與即处處"
"""Characters that end a run: no division, road or building has them, and 某 hides a real name."""

_BACK = 56  # characters from a province to the number of a house
_CHARACTER = f"(?:(?![{STOP}])(?:{HAN}|[0-9A-Za-z·\\-]))"
_BREAK = re.compile(rf"(?!{_CHARACTER})(?!(?<=[省市区區县縣镇鎮乡州盟旗]) {_CHARACTER}).", re.S)


def _alternatives(names: tuple[str, ...]) -> str:
    return f"(?:{'|'.join(sorted(names, key=len, reverse=True))})"


PROVINCE = _alternatives(PROVINCES)
PREFECTURE = _alternatives(PREFECTURES)
_OF_PROVINCE = "(?:特别行政区|特別行政區|壮族自治区|回族自治区|维吾尔自治区|自治区|省|市)"
_OF_PREFECTURE = f"(?:{HAN}{{0,10}}?自治州|地区|市|盟|州)"
_DISTRICT = f"{HAN}{{1,7}}?(?:新区|开发区|開發區|高新区|自治县|区|區|县|縣|市|旗)"
DIVISION = (
    rf"(?:(?:中国)?{PROVINCE} ?(?:{_OF_PROVINCE}|(?={PREFECTURE}|{HAN}{{1,6}}[市区區县縣]))"
    rf"|{PREFECTURE}(?:{_OF_PREFECTURE}| ?(?={_DISTRICT})))"
)
"""A province or prefecture at which an address begins; without 省 or 市 before a smaller one."""

_FIRST = "".join(sorted({name[0] for name in ("中国", *PROVINCES, *PREFECTURES)}))
_NAMED = re.compile(f"(?=[{_FIRST}]){DIVISION}")
_BEFORE_DISTRICT = "位于|坐落于|座落于|住|至|到|在|自"
_AFTER_WORD = re.compile(
    rf"(?:^|(?!{HAN})[^0-9A-Za-z]|{_BEFORE_DISTRICT})"
    rf"(?P<start>(?!{_BEFORE_DISTRICT}){_DISTRICT}(?![域间内外]))"
)
_LABEL = re.compile(
    "(?:地址|住址|住所地?|居住地|户籍地?|戶籍地?|户口所在地|通讯处|所在地|住处|家住|现住|地点|坐落|住地)"
    "(?:是|为|為|在)? ?[:=\"'“]{0,3} ?\\Z"
)


def address_start(line: str, anchor: int) -> int | None:
    """Where the address begins whose road or village ends at the anchor, or None if it has none."""
    first = max(0, anchor - _BACK)
    for gap in _BREAK.finditer(line, first, anchor):
        first = gap.end()
    named = _NAMED.search(line, first, anchor)
    if named:
        return named.start()
    if anchor - first >= 3 and _LABEL.search(line, max(0, first - 12), first):
        return first
    district = _AFTER_WORD.search(line, max(0, first - 1), anchor)
    return district.start("start") if district else None
