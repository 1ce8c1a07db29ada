"""Dates, shares and numbers in Chinese sentences: where they stand, and what asks for them."""

import re
from collections.abc import Iterator

from taojin.pipeline.qa.offline.lexicon_zh import LONGEST, first_word, predicative, simplified
from taojin.pipeline.qa.offline.spans_zh import Span

_DATE = re.compile(
    r"(?<![\d第])(?P<a>(?:公元前?)?[12]\d{3} ?年(?P<m> ?\d{1,2} ?月(?P<d> ?\d{1,2} ?日)?)"
    r"?)(?![代度级級间間版初末底至到∼\d-])"
)
HAN_NUMBER = (
    r"(?:[二三四五六七八九][十百]?|十[一二三四五六七八九]?|百[一二三四五六七八九十]|"
    r"[二三四五六七八九]十[一二三四五六七八九]|两|兩)"
)
UNIT = (
    r"个月|個月|个工作日|個工作日|工作日|小时|小時|分钟|分鐘|公里|千米|平方公里|平方千米|"
    r"公斤|(?<![元角])分(?!之)|[万萬亿億]?(?:[美日欧歐英][元镑鎊]|元)|人民币|[亿億万萬][人平"
    r"]?方?公?里?|平方[英哩]里|英[里尺哩]|海里|毫米|厘米|公[顷頃分噸吨]"
    r"|位数|比特|字节|字符|[英]?[吨噸]|倍|[岁歲]|[张張部首本枚艘架辆輛台匹头頭隻只支队隊間间条條户戶周週轮輪票集期卷冊册篇幅幢栋棟株颗顆件对對回杯]|"
    r"[个個种種条條次项項名所座家层層元米秒天日年人公尺句位門门章集场場]"
)
_NUMBER = re.compile(
    rf"(?<!月 )(?<![\d.\-A-Za-z月第/:_~～"
    rf"至到每上—–－,，=+#零〇一二三四五六七八九十百千万亿分前后近约約])"
    rf"(?P<a>(?P<n>\d+(?:,\d{{3}})*(?:\.\d+)?|{HAN_NUMBER}) ?(?P<w>[多余餘几]?)(?P<u>{UNIT}))"
    r"(?![\d至到\-~～—－%％/]|之[一二三四五六七八九十]|以[上下][^，。]{0,3}\d|以上[一二三四五六七八九十])"
)
_COUNTERS = frozenset(
    "张張部首本枚艘架辆輛台匹头頭隻只支队隊間间条條户戶集期卷冊册篇幅幢栋棟株颗顆件对對回杯票个個种種条條次项項名所座家层層位門门章集场場届屆句"
)
_SHARE = re.compile(
    r"(?P<a>(?<![\d.至到\-~～—])\d+(?:\.\d+)? ?[%％](?![\d至到\-~～—]))|"
    r"百分之(?P<b>[一二三四五六七八九十百零]+)(?![一二三四五六七八九十百零至到]|以上百)"
)
_SPAN_AFTER = re.compile(r" ?(?:[内前后後的，。；]|以[内上下前后]|之[内前后]|$)")
"""What stands behind a length of time that is news; in 三年规划 it is part of a name."""
_ENACTED = re.compile(r"(?:通过|公布|修[订正]|批准|发布|施行)$")
_COUNTING = re.compile(
    r"(?:(?<!所)有|[下共内]设|[为為共达達约約含括成由过過于於少多是满滿逾了计計持供出]|"
    r"最多|至少|等) ?$"
)
"""What stands before a count that is news, and not part of a name such as 三次握手."""
_LATER = re.compile(r" ?(?:[前后後起间間时時之以][^，。]|[前起间間时時]|与|與|[—－~～∼])")
_EARLIER = re.compile(r"(?:[至到与與和及、]|[年月日]? ?[－—~～∼-])$")
_WORDS = re.compile(
    r"周[岁歲]|门峡|門峽|支[持付配援]|[对對][应應比象于於话話]|回[到答来來]|[条條][件例]"
    r"|部[分门門署队隊]|[间間][隔接]|[户戶][外籍]|件[事夹]|分[别別]|首[先都]|名[称稱]"
    r"|位[于於置]|天[文然]|元[银銀]"
)
"""What looks like a measure word and begins another word."""
_DUE = re.compile(r"[应應须須]|至少|不得|[满滿]")
_EXAMPLE = re.compile(r"[数數][组組]|[示举舉]例|本例|出[现現]了?$|指令|工具[栏欄]|截[图圖]")
"""Heads that count something in the text's own example."""
_RANGE = re.compile(r" ?以[上下][^，。]{0,6}[\d百一二三四五六七八九十]")
_BEYOND = re.compile(r" ?以[上下]")
_BEFORE_BEYOND = re.compile(r"[由有在到达達为為处處至满滿于於过過之的占佔]$")
"""What stands before 二人以上 where it is no part of a noun."""
_PAIRED = re.compile(r" ?(?:或|和|、|以及|及|多|左右)")
_MODIFIER = re.compile(r"[^，。]{0,14}的")
_LONG_MODIFIER = re.compile(r"[^，。]{0,40}的")


def spans(body: str) -> Iterator[tuple[Span, re.Match[str]]]:
    """Dates, shares and numbers, each with its match."""
    for kind, pattern in (("date", _DATE), ("share", _SHARE), ("number", _NUMBER)):
        for match in pattern.finditer(body):
            start, end = match.span("a") if match.group("a") else match.span("b")
            yield Span(kind, _word(kind, match), start, end, start, end, 0.75), match


def misplaced(kind: str, match: re.Match[str], head: str, tail: str) -> bool:
    """Whether asking for the span would leave no sentence, or ask for half of a longer one."""
    if (
        _PAIRED.match(tail)
        or "—" in tail
        or _EXAMPLE.search(head)
        or _RANGE.match(tail)
        or (_BEYOND.match(tail) and not _BEFORE_BEYOND.search(head))
        or _EARLIER.search(head)
        or re.match(r" ?[的所A-Za-z文]|分(?:[，。]|$)", tail)
    ):
        return True
    if kind == "date":
        return _dated_badly(match, head, tail)
    return kind == "number" and (not head or _no_count(match, head, tail))


def _dated_badly(match: re.Match[str], head: str, tail: str) -> bool:
    """Whether a date is half of a range, part of a name, or stands where no time is asked for."""
    since = tail.startswith("起") and head.rstrip().endswith(("自", "从", "從"))
    done = predicative(simplified(tail[:LONGEST]))
    loose = bool(head) and head[-1] not in "于於在自从從到至是为為，,。年日）)"
    named = not head and not match["d"] and not tail.startswith(("，", ","))
    bare = not head and (bool(_ENACTED.search(tail)) or tail[:1] == " ")
    return (
        (bool(_LATER.match(tail)) and not since)
        or tail[:1].isdigit()
        or re.search(r"[至到]\d", tail) is not None
        or head.endswith(("由在", "由於", "由于", "由"))
        or (bool(_ENACTED.search(tail.rstrip())) and re.search("[会會][议議]", head) is not None)
        or ((loose or named) and not done)
        or bare
        or bool((_MODIFIER if head else _LONG_MODIFIER).match(tail))
    )


def _no_count(match: re.Match[str], head: str, tail: str) -> bool:
    """Whether a number counts nothing: a year, the beginning of a word, a moment of a story."""
    year = match["u"] == "年" and match["n"].isdigit() and len(match["n"]) > 3
    begun = simplified(match["u"][-1] + tail[:2])
    word = _WORDS.match(begun) or (tail[:1] > "\u3400" and len(first_word(begun)) > 1) or None
    word = word or head.endswith(("是", "即", "民國", "民国", "時", "时", "過", "过")) or None
    moment = tail.startswith(("后", "後")) and not _DUE.search(head)
    return year or word is not None or moment or not _counts(match, head, tail)


def _counts(match: re.Match[str], head: str, tail: str) -> bool:
    """Whether the number tells how many or how long, and is not part of a name."""
    if match["u"] in ("元", "米", "秒") and not match["n"][0].isdigit():
        return False
    if match["u"] in _COUNTERS:
        return bool(_COUNTING.search(head)) or (match["n"][0].isdigit() and len(match["n"]) > 1)
    return bool(_SPAN_AFTER.match(tail) or _COUNTING.search(head))


def _word(kind: str, match: re.Match[str]) -> str:
    if kind == "date":
        if match["d"]:
            return "哪一天"
        return "哪年哪月" if match["m"] else "哪一年"
    if kind == "share":
        return "多少"
    return "多少" + match["u"].strip("万萬亿億") if len(match["u"]) == 1 else "多少" + match["u"]
