"""Names of persons, where a label, a role, a title or a number beside them tells them.

A name alone in a sentence is not looked for: half the words of the language begin with a surname.
"""

import re

from taojin.pipeline.pii.characters import SPACE
from taojin.pipeline.pii.china.label import HAN, both_widths
from taojin.pipeline.pii.china.name_characters import COMPOUND, SURNAMES
from taojin.pipeline.pii.china.names import name_end, name_start
from taojin.pipeline.pii.china.phone import MOBILE
from taojin.pipeline.pii.china.resident_id import RESIDENT_ID
from taojin.pipeline.pii.detector import Detector, Span

_FIELDS = (
    "姓[ \u3000]{0,2}名|名字|老师|教师"
    "|联系人|聯絡人|聯繫人|收件人|收货人|收貨人|寄件人|发件人|户名|戶名"
    "|持卡人|开户人|账户名|法定代表人|法人代表|法人|负责人|負責人|经办人|經辦人"
    "|承办人|申请人|申請人|被申请人|被执行人|原告人?|被告人?|上诉人|被上诉人"
    "|第三人|代理人|辩护人|投保人|被保险人|受益人|患者|病人|家属|监护人|客户|客戶"
    "|顾客|用户|学生|學生|家长|班主任|员工|員工|应聘者|求职者|甲方|乙方|丙方"
    "|出租人|承租人|出租方|承租方|买受人|出卖人|买方|卖方|借款人|出借人|担保人"
    "|保证人|投诉人|举报人|报案人|嫌疑人|被害人|受害人|证人|车主|驾驶员|驾驶人"
    "|司机|乘客|旅客|业主|户主|签收人|收款人|付款人|汇款人|委托人|受托人|当事人"
    "|权利人|义务人|转让方|受让方|紧急联系人|配偶|父亲|母亲|丈夫|妻子|儿子|女儿"
    "|致|称呼|签名|签字|本人|死者|伤者|逝者|推荐人|面试官|候选人"
)
_KEYS = (
    "(?:(?:[Rr]eal|[Uu]ser|[Ff]ull|[Cc]ustomer|[Cc]ontact|[Rr]eceiver|[Cc]onsignee|[Pp]atient"
    "|[Oo]wner|[Hh]older|[Ss]tudent|[Ee]mployee|[Mm]ember)?[_ ]?(?:[Nn]ame|NAME)"
    "|contact|receiver|consignee)"
)
_RAW_KEYS = both_widths("Name", "name", "NAME", "contact", "receiver", "consignee")
_ROLES = (
    "联系人|收件人|收货人|寄件人|法定代表人|负责人|经办人|申请人|申請人|原告人?"
    "|被告人?|上诉人|投保人|被保险人|受益人|患者|病人|客户|客戶|顾客|学生|员工"
    "|应聘者|求职者|出租人|承租人|借款人|出借人|担保人|投诉人|举报人|报案人|嫌疑人"
    "|被害人|受害人|证人|车主|驾驶员|驾驶人|司机|乘客|旅客|业主|户主|收款人"
    "|付款人|汇款人|委托人|死者|伤者|候选人|汇至|汇给|转账给|转给|打给|寄给|我叫"
    "|名叫|姓名|感谢|妻子|丈夫|儿子|父亲|母亲"
)
_PERSONAL_TITLES = (
    "先生|女士|小姐|老师|老師|同志|同学|同學|经理|經理|医生|醫生|律师|律師|教授|师傅|師傅|博士"
)
"""Not those of an office, such as 主任: laws are full of them, and who holds one is public."""
_SURNAME = f"(?:{'|'.join(sorted(COMPOUND))}|[{''.join(sorted(SURNAMES))}])"
_DOTTED = f"{HAN}{{1,8}}[·•・‧]{HAN}"


def _asked(match: re.Match[str]) -> Span | None:
    return _span(match, asked=True)


def _in_role(match: re.Match[str]) -> Span | None:
    return _span(match, asked=False)


def _span(match: re.Match[str], *, asked: bool) -> Span | None:
    start = match.start("value")
    end = name_end(match.string, start, asked=asked)
    return None if end is None else (start, end)


def _before_title(match: re.Match[str]) -> Span | None:
    end = match.start("value")
    start = name_start(match.string, end)
    return None if start is None else (start, end)


def _beside_number(match: re.Match[str]) -> Span | None:
    """The name must fill the cell or stand right before the number."""
    start, end = match.span("value")
    found = name_end(match.string, start, asked=False)
    return (start, end) if found == end else None


_BESIDE = (
    r"[ \t|,、:(]{1,2}(?:(?:身份证|身分證|身份證|联系|聯絡)?(?:电话|電話|手机|手機|证|號|号)?"
    "(?:号码?|號碼?)?:? ?)?"
)

PERSON = (
    Detector(
        kind="person",
        placeholder="<PERSON>",
        prefilter=f"(?:{_FIELDS})(?:{SPACE}{{0,2}}[:：=＝\\t]|{SPACE}?[(（])|姓{SPACE}?名{SPACE}"
        f"|(?:{_RAW_KEYS})[\"'＂]?{SPACE}{{0,2}}[:：=＝]{SPACE}{{0,2}}"
        f"[\"'＂“]?{HAN}",
        pattern=re.compile(
            rf"(?:(?:{_FIELDS})(?: ?\([^()\n]{{1,6}}\))? {{0,2}}[:=\t] {{0,2}}[\"“]?|姓 ?名 {{1,2}}"
            rf"|(?<![A-Za-z]){_KEYS}[\"']? {{0,2}}[:=] {{0,2}}[\"'“]?)(?P<value>{HAN})"
        ),
        validate=_asked,
        confidence=0.95,
    ),
    Detector(
        kind="person",
        placeholder="<PERSON>",
        prefilter=f"(?:{_ROLES})(?:{_SURNAME}{HAN}|{_DOTTED})",
        pattern=re.compile(rf"(?:{_ROLES})(?P<value>{HAN})"),
        validate=_in_role,
        confidence=0.85,
    ),
    Detector(
        kind="person",
        placeholder="<PERSON>",
        prefilter=_PERSONAL_TITLES,
        pattern=re.compile(
            rf"(?<={HAN}{{2}})(?P<value>{_PERSONAL_TITLES})(?!协会|事务所|團隊|团队|资格|签约|队伍)"
        ),
        validate=_before_title,
        confidence=0.7,
    ),
    Detector(
        kind="person",
        placeholder="<PERSON>",
        prefilter=MOBILE.prefilter,
        pattern=re.compile(
            rf"(?<!{HAN})(?P<value>{HAN}{{2,4}}){_BESIDE}"
            r"(?=(?:(?:\+|00)?86[ \-]?)?1[3-9][0-9][ \-]?[0-9]{4}[ \-]?[0-9]{4}(?![0-9]))"
        ),
        validate=_beside_number,
        confidence=0.85,
    ),
    Detector(
        kind="person",
        placeholder="<PERSON>",
        prefilter=RESIDENT_ID[0].prefilter,
        pattern=re.compile(
            rf"(?<!{HAN})(?P<value>{HAN}{{2,4}}){_BESIDE}"
            r"(?=[1-8][0-9]{5}[ \-]?(?:19|20)[0-9]{2}[ \-]?[01][0-9][ \-]?[0-3][0-9][ \-]?[0-9]{3}"
            r"[ \-]?[0-9Xx])"
        ),
        validate=_beside_number,
        confidence=0.85,
    ),
)
