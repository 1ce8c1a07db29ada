"""Chinese names: surnames, the characters of given names, and where a name ends.

Nothing parts a name from the next word. A name is a surname and one or two characters; which of
the two it is, the next character tells (于, 的, a comma), and where it does not, whether the second
one is usual in given names.
"""

import re

from taojin.pipeline.pii.china.label import HAN
from taojin.pipeline.pii.china.name_characters import (
    COMPOUND,
    FUNCTION,
    GIVEN,
    SURNAMES,
    UNSURE,
)
from taojin.pipeline.pii.china.not_names import NOT_NAMES

TITLES = (
    "先生|女士|小姐|老师|老師|同志|同学|同學|经理|經理|医生|醫生|律师|律師|教授|主任|师傅|師傅|总监|校长|院长"
    "|院士|博士"
)
_NOT_GIVEN = re.compile(
    rf"{TITLES}|女|总|工|某|哥|姐|董事|不详|公司|集团|银行|大学|医院|科技|法院|政府|本人|保密"
)
_FOLLOWS = re.compile(
    f"[{''.join(FUNCTION)}]|{TITLES}|表示|认为|来电|反映|申请|要求|提出|收(?![^\n])|收,|签|承诺|同意"
    "|授权|身份|电话|手机|联系|男|年|刑事|纠纷|一案|合同|犯|涉嫌|伙同|持|驾|辩|拒|借|欠|购|租|聘"
)
_FOLLOWS_RARE = re.compile(f"[的于在]|{TITLES}")
_WORD_FOLLOWS = re.compile(
    "民间|民事|明知|明确|生活|生产|生前|学习|学校|国内|成为|成立|建议|利用|平时"
    "|安排|保证|承认|承诺|承担|共同|共有|全部|全家|信用|代理|代为|开始|开车"
    "|立即|立刻|支付|支持|书面|书写|亲自|亲属|金额|宣布|宣告|起诉|起草|继续"
    "|连续|连同|通过|超过|前往|前来|维持|保险|接受|接到|接着|正在|正式|介绍"
    "|加入|加上|出具|出资|出生|出售|存在|存款|故意|业务|公开|公证|公司|平均"
    "|清偿|华侨|友情|证实|证明|证言|证词"
)
"""Words that begin with a character of given names: 王强民间借贷 is 王强, not 王强民."""
_FIRM = re.compile(
    "公司|集团|集團|超市|银行|銀行|医院|醫院|大学|大學|学校|學校|学院|酒店|法院"
    "|有限|股份|企业|工厂|商店|中心|协会|合作社|村委"
)
"""Words of a company's name, which begins like one of a person."""
_IS_HAN = re.compile(HAN)
_DOTTED = re.compile(f"{HAN}{{2,8}}(?:[·•・‧]{HAN}{{1,8}}){{1,4}}")
_DOTTED_END = re.compile(f"[{''.join(FUNCTION)}]|{TITLES}")


def name_end(line: str, start: int, *, asked: bool) -> int | None:
    """Where the name ends that begins at `start`, or None if none does.

    `asked`: a label asks for a name here, so that any two characters may follow the surname.
    """
    dotted = _DOTTED.match(line, start)
    if dotted:
        return _dotted_end(line, dotted)
    surname = line[start : start + (2 if line[start : start + 2] in COMPOUND else 1)]
    if surname not in COMPOUND and surname not in SURNAMES:
        return None
    given = start + len(surname)
    for end in (given + 2, given + 1):
        if line[start:end] in NOT_NAMES or not _is_given(line, given, end, asked=asked):
            continue
        if end == given + 2 and _WORD_FOLLOWS.match(line, end - 1):
            continue
        sure = asked or line[start] not in UNSURE
        if _is_boundary(line, end, sure=sure):
            return end
        if end == given + 2 and _runs_on(line, start, end):
            return end
    return None


def name_start(line: str, end: int) -> int | None:
    """Where the name begins that ends at `end`: the longest one, 谢张伟 being 张伟."""
    for start in range(max(0, end - 4), end - 1):
        surname = line[start : start + (2 if line[start : start + 2] in COMPOUND else 1)]
        given = line[start + len(surname) : end]
        named = surname in COMPOUND or surname in SURNAMES
        if not named or not 1 <= len(given) <= 2 or not GIVEN.issuperset(given):
            continue
        if line[start : start + 2] in NOT_NAMES or (
            surname in UNSURE and (len(given) == 1 or _IS_HAN.match(line, max(0, start - 1), start))
        ):
            continue
        return start
    return None


def _runs_on(line: str, start: int, end: int) -> bool:
    """Whether three characters are a name though an ordinary word follows: 原告孙银山仅要求."""
    sure = line[start] not in UNSURE and line[start : start + 2] not in NOT_NAMES
    given = GIVEN.issuperset(line[end - 2 : end])
    return sure and given and _FIRM.search(line, end - 1, end + 10) is None


def _is_given(line: str, start: int, end: int, *, asked: bool) -> bool:
    text = line[start:end]
    if end > len(line) or FUNCTION.intersection(text) or _NOT_GIVEN.match(line, start):
        return False
    return all(map(_IS_HAN.match, text)) if asked else GIVEN.issuperset(text)


def _is_boundary(line: str, end: int, *, sure: bool) -> bool:
    follows = _FOLLOWS if sure else _FOLLOWS_RARE
    ends = not _IS_HAN.match(line, end) or follows.match(line, end)
    return bool(ends or (sure and _WORD_FOLLOWS.match(line, end)))


def _dotted_end(line: str, match: re.Match[str]) -> int:
    """The end of a name with dots; its last part goes up to a word that follows names."""
    last = max(match[0].rfind(dot) for dot in "·•・‧") + match.start() + 1
    stop = _DOTTED_END.search(line, last + 1, match.end())
    return stop.start() if stop else match.end()
