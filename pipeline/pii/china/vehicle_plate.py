"""Number plates (GA 36-2018): province, letter, five characters, six for new energy.

Besides the civil ones those of police, trailers, learners, Hong Kong and Macao, embassies,
consulates and the armed police.
"""

import re

from taojin.pipeline.pii.characters import DIGIT, GAP, LETTER, SPACE
from taojin.pipeline.pii.detector import Detector, Span

_PROVINCE = (
    "京津沪滬渝冀豫云雲辽遼黑湘皖鲁魯新苏蘇浙赣贛鄂桂甘晋晉蒙陕陝吉闽閩贵貴粤粵青藏川宁寧琼瓊"
)
_DOT = "·•・‧∙⋅."
_SERIAL = "[0-9A-HJ-NP-Z]"
_ARMY = "军车|軍車|军牌|軍牌|车牌|車牌|号牌|號牌"
_RAW_SAYS = f"(?:号码?|號碼?)?[是为為]?(?:{SPACE}|[:：]){{0,2}}"
_GREEN = "(?:[A-HJK][0-9A-HJ-NP-Z][0-9]{4}|[0-9]{5}[A-HJK])"


def _vehicle_plate(match: re.Match[str]) -> Span | None:
    """Two digits at least: words in capitals follow a province's character now and then."""
    digits = sum(one.isdigit() for one in match["value"])
    return match.span("value") if digits >= 2 else None


VEHICLE_PLATE = (
    Detector(
        kind="vehicle_plate",
        placeholder="<VEHICLE_PLATE>",
        prefilter=f"[{_PROVINCE}]{LETTER}(?:[·•・‧∙⋅.．]|{GAP}){{0,3}}(?:{LETTER}|{DIGIT}){{4}}"
        f"|[使领領](?:[·•]|{GAP})?{DIGIT}{{3}}(?:[·•]|{GAP})?{DIGIT}{{3}}"
        f"|[wWＷ][jJＪ](?:[·•]|{GAP})?[{_PROVINCE}]|[{_PROVINCE}](?:[·•]|{GAP})?{DIGIT}{{4}}[领領]",
        pattern=re.compile(
            r"(?<![最更创刷全革清里讯度])(?<!华为)(?P<value>"
            rf"[{_PROVINCE}][A-Za-z](?: ?[{_DOT}\-] ?| ?)"
            rf"(?:{_SERIAL}{{4}}[警学學港澳挂掛试試超领領应應]|{_GREEN}|{_SERIAL}{{5}})"
            rf"|(?<![大公领])使(?:[{_DOT} \-]?[0-9]{{3}}){{2}}"
            rf"|[{_PROVINCE}][{_DOT} \-]?[0-9]{{4}}[领領]"
            rf"|WJ[{_DOT} \-]?[{_PROVINCE}][{_DOT} \-]?[0-9A-Z]{{5}}"
            r")(?![0-9A-Za-z_])(?![.\-][0-9])"
        ),
        validate=_vehicle_plate,
    ),
    Detector(
        kind="vehicle_plate",
        placeholder="<VEHICLE_PLATE>",
        prefilter=f"(?:{_ARMY}){_RAW_SAYS}(?:{LETTER}|[军軍海空]){LETTER}(?:[{_DOT}．]|{GAP})?{DIGIT}{{5}}",
        pattern=re.compile(
            rf"(?:{_ARMY})(?:号码?|號碼?)?[是为為]?[ :]{{0,2}}"
            rf"(?P<value>[A-Za-z军軍海空][A-Za-z][{_DOT} \-]?[0-9]{{5}})(?![0-9A-Za-z_])"
        ),
    ),
)
"""Of the army after a word for one: two letters and five digits are part numbers elsewhere."""
