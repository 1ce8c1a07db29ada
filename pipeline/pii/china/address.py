"""Postal addresses in Chinese, from the province down to the room.

An address is found from its number: a road, lane or village with the number of a house, which
ordinary text rarely has. What precedes is read back to where the address begins, what follows is
read on through buildings, units and rooms. A division alone (北京市海淀区) is no address.
"""

import re

from taojin.pipeline.pii.characters import DIGIT
from taojin.pipeline.pii.china.address_start import (
    DIVISION,
    PREFECTURE,
    PROVINCE,
    STOP,
    address_start,
)
from taojin.pipeline.pii.china.label import HAN
from taojin.pipeline.pii.detector import Detector, Span

_WAYS = "路街道巷弄胡同里段村庄莊屯寨湾塘坊园園苑区城镇鄉乡圩埔岗坡桥院營营條条厝社组組横东南西北"
"""Characters at the end of what a number counts: roads, lanes, villages, estates."""

_NUMERAL = "(?:[0-9]{1,5}|[一二三四五六七八九十百]{1,4})"
_HOUSE = (
    rf"[甲乙丙丁附]?{_NUMERAL}(?:[\-~、][0-9]{{1,4}}|之[0-9一二三四五六]{{1,2}}|[A-Za-z])?"
    "(?:号院|号楼|号|號|弄|栋|棟|幢|组|組|座|室|巷|楼|樓|单元|單元|队|隊|户|戶)"
)
_PART = (
    rf"(?:[第附]?{_NUMERAL}|[A-Za-z](?:[0-9]{{1,4}})?|[0-9]{{1,4}}[A-Za-z]|[甲乙丙丁东南西北東中]"
    rf"|地下{_NUMERAL})(?:[\-~、][0-9A-Za-z]{{1,5}}){{0,3}}"
    "(?:号楼|號樓|号院|号|號|栋|棟|幢|座|单元|單元|层|層|楼|樓|室|户|戶|门|門|组|組|队|隊|房"
    "|铺|鋪|弄|区|區|梯|期)(?:之[0-9]{1,2})?"
)
_ROOM = (
    "(?<=[栋棟幢座楼樓层層元门梯])[A-Za-z]?[0-9]{2,5}(?:-[0-9]{1,5}){0,2}"
    r"(?![0-9A-Za-z%年月日时点人户万平米㎡])(?!\.[0-9])"
)
_BUILDINGS = (
    "大厦|大廈|大楼|大樓|广场|廣場|中心|小区|小區|社区|社區|公寓|花园|花園|花苑|家园|家園|新村|国际|國際"
    "|商城|市场|宿舍|家属院|家属楼|庄园|园区|科技园|产业园|工业园|创业园|软件园|公馆|别墅"
    "|大学|学院|中学|小学|医院|酒店|宾馆|饭店|商厦|校区|城|苑|府|庭|轩|阁|里|村|楼|院|座|塔"
)
_BUILDING = (
    rf" ?(?!现住|邮编|电话|联系|手机|身份)(?:(?![{STOP}])(?:{HAN}|[A-Za-z·])){{2,12}}?"
    rf"(?:{_BUILDINGS})"
    r"(?=[0-9A-Za-z一二三四五六七八九十第地东南西北 ,;、。)\n]|$)"
)
_LATIN_BUILDING = rf" ?{HAN}{{0,6}}[A-Za-z]{{2,12}}(?= ?[A-Za-z]?[0-9]{{1,4}}[座栋层楼室號号])"
_DASHED = r"-[0-9]{1,4}(?:-[0-9]{1,4}){0,2}(?:室|号)?"  # 3幢12-5
_REST = rf"(?: ?{_PART}|{_LATIN_BUILDING}|{_BUILDING}|{_ROOM}|{_DASHED}){{0,8}}"


def _numbered(match: re.Match[str]) -> Span | None:
    start = address_start(match.string, match.start("value"))
    return None if start is None else (start, match.end("value"))


NUMBERED = Detector(
    kind="address",
    placeholder="<ADDRESS>",
    prefilter=f"[{_WAYS}][甲乙丙丁附]?(?:{DIGIT}{{1,5}}|[一二三四五六七八九十百]{{1,4}})"
    f"(?:[\\-－~～、之](?:{DIGIT}|[一二三四五六]){{1,4}}|[A-Za-zＡ-Ｚａ-ｚ])?"
    "[号號弄栋棟幢组組座室巷楼樓单單队隊户戶]",
    pattern=re.compile(rf"(?<=[{_WAYS}])(?P<value>{_HOUSE}{_REST})"),
    validate=_numbered,
    confidence=0.9,
)

_HOMES = "住|籍贯|籍貫|户籍地?|戶籍地?|住址|住所地?|地址|户口所在地|出生地|通讯处"

VILLAGE = Detector(
    kind="address",
    placeholder="<ADDRESS>",
    prefilter=f"(?:{_HOMES})[是为為在：:＝= \u3000]{{0,4}}(?:中国)?(?:{PROVINCE}|{PREFECTURE})",
    pattern=re.compile(
        rf"(?:{_HOMES})[是为為在]?[ :=]{{0,3}}(?P<value>{DIVISION}(?:(?![{STOP}]){HAN}){{3,30}}"
        "(?:(?<=[村组屯庄寨苑厦院])|(?<=小区)|(?<=社区)|(?<=公寓)|(?<=花园)))"
        rf"(?!{HAN}|[0-9A-Za-z])"
    ),
    confidence=0.85,
)
"""A home without a number: a village or an estate after a label, with province or prefecture."""

ADDRESS = (NUMBERED, VILLAGE)
