"""Numbers of accounts after their label: bank, social security, housing fund, medical insurance,
employees and students.

A bank account has no check digit and no fixed length; only the word before it says what it is.
"""

import re

from taojin.pipeline.pii.characters import DIGIT, LETTER
from taojin.pipeline.pii.china.label import AFTER_LABEL, RAW_AFTER_LABEL
from taojin.pipeline.pii.detector import END, Detector

_BANK = "(?:账|帐|帳)[号户號戶]"
_FUNDS = "社保卡?|社会保障卡?|公积金(?:账户?|卡)?|医保卡?|住房公积金账?户?"
_MEMBERS = "工号|工號|学号|學號|员工编号|職員編號|职工号|考生?号|准考证"

ACCOUNT = (
    Detector(
        kind="account",
        placeholder="<ACCOUNT>",
        prefilter=f"(?:{_BANK}|{_FUNDS}){RAW_AFTER_LABEL}(?:{LETTER}{{0,2}}{DIGIT}{{4}})",
        pattern=re.compile(
            rf"(?:{_BANK}|{_FUNDS}){AFTER_LABEL}"
            rf"(?P<value>[A-Za-z]{{0,2}}[0-9]{{4}}(?:[ \-]?[0-9]{{3,6}}){{1,6}}[0-9]?){END}"
        ),
        confidence=0.9,
    ),
    Detector(
        kind="account",
        placeholder="<ACCOUNT>",
        prefilter=f"(?:{_MEMBERS}){RAW_AFTER_LABEL}(?:{LETTER}{{0,4}}[\\-－]?{DIGIT}{{3}})",
        pattern=re.compile(
            rf"(?:{_MEMBERS}){AFTER_LABEL}(?P<value>[A-Za-z]{{0,4}}-?[0-9]{{3,15}}){END}"
        ),
        confidence=0.85,
    ),
)
