"""Facts in Chinese: the question word takes the place of the answer, and nothing moves."""

import re
from collections.abc import Iterator

from taojin.pipeline.qa.blocks import Document
from taojin.pipeline.qa.offline.candidates import Candidate, Sentence, plain, unabbreviated
from taojin.pipeline.qa.offline.definitions_zh import law_title

Found = tuple[str, str, int, int, float] | None
"""Kind, question, span in the sentence, score."""

_DATE = re.compile(
    r"(?<![\d第])(?P<a>(?:公元前?)?[12]\d{3} ?年(?P<m> ?\d{1,2} ?月(?P<d> ?\d{1,2} ?日)?)"
    r"?)(?![代度级級间間版初末底至到\d-])"
)
_HAN_NUMBER = (
    r"(?:[二三四五六七八九][十百]?|[十百][一二三四五六七八九十]?|"
    r"[二三四五六七八九]十[一二三四五六七八九]|两|兩)"
)
_UNIT = (
    r"个月|個月|个工作日|個工作日|工作日|小时|小時|分钟|分鐘|公里|千米|平方公里|平方千米|"
    r"公斤|万元|亿元|美元|人民币|[亿億万萬]人"
    r"|位数|比特|字节|字符|倍|岁|歲|"
    r"[个個种種条條次项項名所座家层層元米秒天日年人公尺句位門门章集场場届屆]"
)
_NUMBER = re.compile(
    rf"(?<![\d.\-A-Za-z第/:_~～至到每上—–－,，=+#零〇一二三四五六七八九十百千万亿分前后近约約])"
    rf"(?P<a>(?P<n>\d+(?:,\d{{3}})*(?:\.\d+)?|{_HAN_NUMBER}) ?(?P<w>[多余餘几]?)(?P<u>{_UNIT}))"
    r"(?![\d至到\-~～—－%％/]|以[上下][^，。]{0,3}\d|以上[一二三四五六七八九十])"
)
_COUNTERS = frozenset("个個种種条條次项項名所座家层層位門门章集场場届屆句")
_SHARE = re.compile(
    r"(?P<a>(?<![\d.至到\-~～—])\d+(?:\.\d+)? ?[%％](?![\d至到\-~～—]))|"
    r"百分之(?P<b>[一二三四五六七八九十百零]+)(?![一二三四五六七八九十百零至到]|以上百)"
)
_BECAUSE = re.compile(
    r"^由[于於](?P<a>[^。；]{4,80}?)[，,](?P<w>因此|所以|导致|導致|因而|"
    r"故)(?P<y>[^。；]{6,50})[。]?$"
)
_PLACE = re.compile(
    r"^(?P<x>[^，。；：！？]{2,24}?)(?P<v>[坐座]?落?[位坐座][于於落]+)(?P<a>[^，。；：！"
    r"？（）()由是<`]{2,40})"
)
_BY = re.compile(
    r"^(?P<x>[^，。；：！？]{2,30}?)(?P<b>(?:是|"
    r"主要)?由)(?P<a>[^，。；：！？、由的]{2,30}?)(?<![并後后时])(?P<v>(?:创立|創立|创建|"
    r"創建|创办|創辦|开发|開發|发明|發明|提出|设计|設計|编写|編寫|撰写|负责(?![任有])|負責|主持|"
    r"发行|發行|执导|執導|主演|运营|营运|維護|维护|管理(?=[，。；]|"
    r"$))(?:[^，。；：！？、]{0,12}))(?=[，。；]|$)"
)
_COMPOSED = re.compile(
    r"^(?P<x>[^，。；：！？]{2,30}?)(?P<v>(?:主要|通常|一般)?由)(?P<a>(?!依照|按照|上述|"
    r"本|以下|下列|此)[^。；：！？]{2,80}?)(?P<t>(?:等[^，。；、]{0,8})?(?:组成|構成|"
    r"构成|組成))。?$"
)
_PURPOSE = re.compile(
    r"^(?P<x>[^，。；：！？]{2,30}?的(?:主要|核心|最终|根本)?(?:作用|目的|目标|功能|任务|"
    r"职责|含义|意思|默认值|预设值|首都|全称|原理|特点|优点|缺点|優點|缺點|面积|長度|"
    r"高度)(?:就)?(?:是|为|為|在于|在於))(?P<a>[^：；。]{1,100})[。]?$"
)
_LEAD = re.compile(
    r"^(?:第[一二三四五六七八九十百千零〇\d]+[条條款项項](?:之[一二三四五六七八九十])?[ \t　]*)?"
    r"(?:(?:但是|但|而且|并且|因此|所以|于是|然后|同时|同時|此外|另外|例如|比如|然而|"
    r"不过|不過|其中|首先|其次|最后|最後|总之|随后|隨後|后来|後來|目前|现在|另|当然|"
    r"事实上|实际上|具体来说|一般来说|通常|其后|之后|之後|接着)[，, ]*)?"
)
_CUT = re.compile(r"[，,；;：]|:(?= )")
_SPAN_AFTER = re.compile(r" ?(?:[内前后後的，。；]|以[内上下前后]|之[内前后]|$)")
"""What stands behind a length of time that is news; in 三年规划 it is part of a name."""
_ENACTED = re.compile(r"(?:通过|公布|修[订正]|批准|发布|施行)$")
_COUNTING = re.compile(
    r"(?:(?<!所)有|[下共内]设|[为為共达達约約含括成由过過于於少多是满滿逾了计計持供出]|"
    r"最多|至少|等) ?$"
)
"""What stands before a count that is news, and not part of a name such as 三次握手."""
_PAIRED = re.compile(r" ?(?:或|和|、|以及|及|多|左右)")
_MODIFIER = re.compile(r"[^，。]{0,14}的")
_LONG_MODIFIER = re.compile(r"[^，。]{0,40}的")
_BOUND = re.compile(
    r"虽然|雖然|如果|假如|若|当[^地前时]|由于|由於|因为|因為|不仅|不但|除[了非]?|为了|"
    r"為了|无论|無論|不论|尽管|儘管|只有|只要|既|一旦|哪怕|即使|与其|[“「『（(《]$"
)
_FRAME = re.compile(r"经(?!济)|基于|按照|依照|根据|凡")
_HANGING = re.compile(
    r"(?:的|内|后|後|时|時|前|中|起|者|上|下|里|裡|以来|以來|之际|期间|期間|前夕|情况|和|及|"
    r"与|或|、|为|是|在|说|认为|表示|至|到|以及|随着|同时)$"
)
_ORPHAN = re.compile(
    r"^(?:成立|建立|创立|位[于於]|[于於]|把|被|使|给|向|以|可|能|需|应|應|必须|不|没有|"
    r"有|是|为|為|当|如|若|只|虽|无论|不论|除|至|到|用|包括|包含|拥有|曾|已|后|後|之|随|"
    r"目前|现|当时|同|次年|翌年|今|去年|那|这|這|另|且|并|並|而|也|还|還|又|再|则|則|就|"
    r"却|都|即|共|约|約|占|佔|与|和|及|或|由|对|对于|从|自|经|經|因|所以|因此|但|总|總|"
    r"前身|当中|當中|其中|西起|东起|全长|重|移|转|来到|返|退|升|参|发行|推出|举行|举办|"
    r"宣布|正式|全[书国市县镇村]|公司|学校|學校|作者|影片|电影|電影|专辑|專輯|小说|人口|"
    r"面积|我|你|您|他|她|它|大家|有些|很多|许多|每|大约|超过|超過|达|達|处|處|出生|生于|"
    r"逝世|毕业|获|獲|担任|擔任|任|加入|开始|開始|成为|成為|其|该|此|前者|后者|上述|一些|"
    r"某|比|像|最|更|第|仅|僅|如下|以下|下面|接下来|上面|最终|随后|使用|通过|一|两|二|三|"
    r"四|五|六|七|八|九|十|首|请|时|會|会|将|將|未|拒|违|情节|构成|犯|期限|逾期|未经|"
    r"属于|主要|年|月|日|在(?!线)|注|例|发布|[问問答][:：]|共有|里面|其他|另有|提供|支持|返回|设置|创建|"
    r"添加|执行|实现|采用|利用|生成|输出|输入|假设|给定|考虑|选择|定义|增加|减少|保存|"
    r"删除|运行|调用|预计|下一|上一|改|转|隔|死|直|期间|期間|来|於|给|平均|包|要|让|令|"
    r"同样|据|根据|按|凭|此|对此|至今|先|分|每)"
)
CUE = re.compile(
    rf"\d{{3}} ?年|(?:\d|{_HAN_NUMBER}) ?(?:{_UNIT})|\d[%％]|百分之|位[于於]|由[于於]|"
    rf"[组組构構]成|由.{{2,30}}(?:[创創]|[开開][发發]|负责|負責|提出|[设設][计計]|管理|"
    rf"主|行|护|撰|[编編])|的[^，。的]{{2,6}}(?:是|为|為|在[于於])"
)


def find(document: Document, sentence: Sentence) -> Iterator[Candidate]:
    """The first pattern that fits; a line without its full stop is no prose."""
    if not sentence.text.endswith(("。", "；", "！")):
        return
    lead = _LEAD.match(sentence.text)
    shift = lead.end() if lead else 0
    body = sentence.text[shift:]
    at = sentence.start + shift
    for found in (_whole(document, body), _span(document, body)):
        if found:
            kind, question, start, end, score = found
            yield Candidate("facts", kind, question, at + start, at + end, score)
            return


def _whole(document: Document, body: str) -> Found:
    """Cause, place, agent, parts, purpose: patterns that need the sentence from its head."""
    where, what, who = ("哪裡", "什麼", "誰") if document.hant else ("哪里", "什么", "谁")
    if (match := _BECAUSE.match(body)) and not _ORPHAN.match(match["y"].strip("，, ")):
        why = "為什麼" if document.hant else "为什么"
        question = _said(why + match["y"].strip("，, "))
        return "cause", question, match.start("a"), match.end("a"), 0.7
    for pattern, kind, word, score in (
        (_PLACE, "place", where, 0.85),
        (_BY, "agent", who, 0.8),
        (_COMPOSED, "parts", what, 0.8),
        (_PURPOSE, "value", what, 0.8),
    ):
        match = pattern.match(body)
        if match is None or _ORPHAN.match(match["x"]):
            continue
        head, tail = body[: match.start("a")], body[match.end("a") : match.end()]
        question = _subject(
            document, _joined(head, word, tail if kind in ("agent", "parts") else "")
        )
        if question:
            return kind, _said(question), match.start("a"), match.end("a"), score
    return None


def _span(document: Document, body: str) -> Found:
    """A date, share or number in the sentence, cut after its clause."""
    for kind, pattern in (("date", _DATE), ("share", _SHARE), ("number", _NUMBER)):
        match = next((m for m in pattern.finditer(body) if not _bracketed(body, m.start())), None)
        if match is None:
            continue
        start, end = match.span("a") if match.group("a") else match.span("b")
        clause = _clause(body, end)
        head, tail = body[:start], body[end:clause]
        several = kind != "date" and len(list(pattern.finditer(body, 0, clause))) > 1
        if several or _misplaced(kind, match, head, tail) or _hangs(body, head, tail):
            return None
        question = _subject(document, _joined(head, _word(kind, match), tail))
        return (kind, _said(question), start, end, 0.75) if question else None
    return None


def _misplaced(kind: str, match: re.Match[str], head: str, tail: str) -> bool:
    """Whether asking for the span would leave no sentence, or ask for half of a longer one."""
    if _ORPHAN.match(head.strip() or tail.lstrip("，, ")) or _PAIRED.match(tail):
        return True
    if kind == "date":
        bare = not head and (bool(_ENACTED.search(tail)) or tail[:1] == " ")
        return bare or bool((_MODIFIER if head else _LONG_MODIFIER).match(tail))
    return kind == "number" and (not head or not _counts(match, head, tail))


def _counts(match: re.Match[str], head: str, tail: str) -> bool:
    """Whether the number tells how many or how long, and is not part of a name."""
    if match["u"] in ("元", "米", "秒") and not match["n"][0].isdigit():
        return False
    if match["u"] in _COUNTERS:
        return bool(_COUNTING.search(head))
    return bool(_SPAN_AFTER.match(tail) or _COUNTING.search(head))


def _bracketed(body: str, at: int) -> bool:
    """Whether a position lies inside brackets or quotes, where no question can reach."""
    return any(
        body.count(pair[0], 0, at) > body.count(pair[1], 0, at)
        for pair in ("（）", "()", "“”", "「」", "《》", "『』", "[]")
    )


def _clause(body: str, end: int) -> int:
    """Where the clause around `end` ends; the sentence's end if what follows belongs to it."""
    stop = len(body.rstrip("。！.!；; "))
    if _BOUND.search(body):
        return stop
    for match in _CUT.finditer(body, end):
        before = body[: match.start()]
        framed = _FRAME.match(before, max(before.rfind("，"), before.rfind(",")) + 1)
        if not framed and not _bracketed(body, match.start()) and not _HANGING.search(before):
            return match.start()
    return stop


def _hangs(body: str, head: str, tail: str) -> bool:
    """Whether too little is left to ask about, or only the frame of a longer clause."""
    rest = re.sub(r"\W", "", head + tail)
    return (
        len(rest) < 6
        or re.search(r"[；：]|所称", head) is not None
        or bool(_HANGING.search((head + tail).rstrip()))
        or body.count("，") > 5
    )


def _word(kind: str, match: re.Match[str]) -> str:
    if kind == "date":
        if match["d"]:
            return "哪一天"
        return "哪年哪月" if match["m"] else "哪一年"
    if kind == "share":
        return "多少"
    return "多少" + match["u"]


def _subject(document: Document, question: str) -> str:
    """The question with `本法` and the like replaced by the law's title; empty if it is unknown."""
    match = re.match(
        r"本(?P<kind>法|条例|條例|办法|辦法|规定|規定|规则|细则|决定|解释|规程|章程)", question
    )
    if match is None:
        return question
    title = law_title(document, match["kind"])
    return title + question[match.end() :] if title else ""


def _joined(head: str, word: str, tail: str) -> str:
    """A question word in its place; Chinese puts no space around it."""
    return head.rstrip() + word + tail.lstrip()


def _said(question: str) -> str:
    return unabbreviated(plain(question)).rstrip(" ，,。；;：") + "？"
