"""Statements: the part of a Chinese sentence that stays in the question around the span."""

import re

from taojin.pipeline.qa.offline.candidates import plain
from taojin.pipeline.qa.offline.lexicon_zh import LONGEST, predicative, simplified

_ASIDE = re.compile(r"\[[^\]]{1,6}\]|[（(](?:[^（）()]{4,}|[，、；\s]*)[）)]")
_CUT = re.compile(r"[，,；;：]|:(?= )")
_BOUND = re.compile(
    r"虽然|雖然|如果|假如|若|(?<![应應适適相正每担擔充])当[^地前时]|由于|由於|因为|因為|不仅|不但|除[了非]?|为了|"
    r"為了|无论|無論|不论|尽管|儘管|只有|只要|既|一旦|哪怕|即使|与其|[“「『（(《]$"
)
_FRAME = re.compile(r"经(?!济)|基于|按照|依照|根据|凡")
_HANGING = re.compile(
    r"(?:的|内|后|後|时|時|前|中|起|者|上|下|里|裡|以来|以來|之际|期间|期間|前夕|情况|和|及|"
    r"与|或|、|联名|聯名|通知|规定|規定|宣布|指出|为|是|在|说|认为|表示|至|到|以及|随着|同时)$"
)
ORPHAN = re.compile(
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
    r"同样|据|根据|按|凭|此|对此|至今|先|分|每|体[长长重]|體[長重]|身高|平均|[总總年][长長产產]|初期|早期|盛时|"
    r"盛時|[车車本全]站|球[队隊]|[乐樂][队隊]|大[桥橋]|[战戰][争爭役]|[单單歌]曲|[节節]目|比[赛賽]|游[戏戲]|"
    r"[动動漫][画畫]|[机機][场場]|[组組][织織]|[协協][会會]|委[员員][会會]|主席[团團]|[联聯]席[会會]|事[件故]|"
    r"地震|案件|工程|[项項]目|[列火]车|[军軍][队隊]|部[队隊]|教[会會堂]|[建][筑築]|王[朝国國]|帝[国國]|家族|"
    r"[设設][计計][灵靈]感|[体體头頭尾吻眼背胸臀腹][长長高径徑鳍鰭]|情[况形節节]|[顶頂底]部|[礦矿][產产]|[資资]源|"
    r"理由|所[签簽称稱]|登[记記]的"
    r"|造成|[调調]解|[确確]需|[结結]果|成品|[外内]?[围圍][赛賽]|\d+(?:\.\d+)+ |[该該]|"
    r"学生|學生|大会|大會|雙方|双方|[执執]法人[员員]|行政机关|我国|我國)"
)
_TOPIC = re.compile(
    r"^(?P<x>[^，。；：！？（）()“”「」《》、\s\d]{2,12}?|《[^《》]{1,20}》)"
    r"(?:(?:[（(][^（）()]*[）)])+[，]?|，?(?=(?:是|[为為]|位[于於]|[又简簡][称稱])|[于於]\d|[于於][^，]{1,8}[年日]))"
)
_LEADS = re.compile(
    r"^(?:[并並亦也又后後曾现現均共则則仍]|目前|主要|随[后後]|之[后後]|[时時]|早年|[后後][来來]|"
    r"[于於从從自在]?(?:公元前?)?\d{1,4} ?年(?: ?\d+ ?月(?: ?\d+ ?日)?)?(?![代的])"
    r"(?:，|起|[后後])?|正式)*"
)


_RULES = re.compile(r"的，|[应應][当當]?|不得|可以|必[须須]")
"""Rules have conditions where a story has its subject."""
_OF_PERSON = re.compile(
    r"[于於]?\d{4}|早年|[毕畢][业業]|出生|曾|[后後][来來]|[获獲]|[担擔]任|加入|[参參]|[进進]入|[当當][选選]|[离離]|[开開]始|在\d{4}"
)
"""Heads of sentences without a subject in the life of someone."""


def continues(clause: str) -> bool:
    """Whether a clause has no subject of its own: behind time and adverbs stands a predicate."""
    lead = _LEADS.match(clause)
    rest = clause[lead.end() if lead else 0 :]
    return bool(_NO_SUBJECT.match(rest)) or predicative(simplified(rest[:LONGEST]))


def topic(body: str) -> str:
    """What a sentence is about, if it says so at its head: a name before its brackets or copula."""
    match = _TOPIC.match(body)
    if match is None or ORPHAN.match(match["x"]) or continues(match["x"]):
        return ""
    return (
        ""
        if re.search(
            r"[他她它其该該这這我你被在于於]|[此的后後时時作成称稱认認视視列改更升转轉变變定命评評选選]$|以[东東西南北]$",
            match["x"],
        )
        or re.search(r"是指|所[称稱]", body)
        else match["x"]
    )


_NO_SUBJECT = re.compile(
    r"[籍隶隸]|[担擔]任|[获獲]|[毕畢][业業]|原名|本名|[简簡俗又别別][称稱名]|全[长長]|面[积積]|[长長][约約达達]?\d|高[约約达達]?\d|是|[为為]"
)


def framed(body: str, left: int, right: int, person: str = "") -> tuple[str, str] | None:
    """What stands before and behind a hole in the question; None where no whole statement does.

    A clause that only continues the sentence's topic is asked about that topic alone.
    """
    start = max(body.rfind(mark, 0, left) for mark in "，；") + 1
    if _bracketed(body, left) or (start and _bracketed(body, start)):
        return None
    fresh = body.rfind("；", 0, left) + 1
    tail = body[right : _clause(body, right)].partition("；")[0]
    if not tail and body[right : right + 1] == "，" and not body[start:left].strip():
        tail = body[right + 1 : _clause(body, right + 1)]
    bare = continues(body[start:left] + "某" * (left == start) + tail if left > start else tail)
    head = body[fresh:left] if body[start:left].strip() or bare else ""
    if bare:
        about = topic(body) if start else ""
        if about and _BOUND.search(body, 0, left) is None:
            head = about + body[start:left]
        elif start == fresh:
            if not person or start or not _OF_PERSON.match(body):
                return None
            head = person + head
    elif person and head[:1] in "他她" and head[1:2] != "们":
        head = person + head[1:]
    if head and (
        head[0] in "，。、；："
        or head[:2] in ("比如", "例如", "而是", "天啊")
        or re.match(r"\d{1,2} ?月", head)
        or (_RULES.search(body) is None and continues(head))
    ):
        return None
    if ORPHAN.match(head.strip() or tail.lstrip("，, ")) or _hangs(body, head, tail):
        return None
    return head, tail


def _bracketed(body: str, at: int) -> bool:
    """Whether a position lies inside brackets or quotes, where no question can reach."""
    return any(
        body.count(pair[0], 0, at) > body.count(pair[1], 0, at)
        for pair in ("（）", "()", "“”", "「」", "《》", "『』", "[]")
    )


def _clause(body: str, end: int) -> int:
    """Where the clause around `end` ends; the sentence's end if what follows belongs to it."""
    stop = len(body.rstrip("。！.!；; "))
    if _BOUND.search(body, 0, end):
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
        len(rest) < 5
        or (not tail.strip() and head.endswith(("后", "後", "由", "将", "將", "已")))
        or re.search(r"所以|因此|——|之一", head + tail) is not None
        or re.search(r"也|虽然|雖然", head) is not None
        or re.search(r"[；：]|所称", head) is not None
        or bool(tail.strip() and _HANGING.search(tail.rstrip()))
        or body.count("，") > 5
    )


def joined(head: str, word: str, tail: str) -> str:
    """A question word in its place; Chinese puts no space around it."""
    return head.rstrip() + word + tail.lstrip()


def said(question: str) -> str:
    return _ASIDE.sub("", plain(question)).rstrip(" ，,。；;：") + "？"
