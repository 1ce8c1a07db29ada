"""Facts in Chinese: the question word takes the place of the answer, and nothing moves."""

import re
from collections.abc import Iterator

from taojin.pipeline.qa.blocks import Document
from taojin.pipeline.qa.offline import numbers_zh
from taojin.pipeline.qa.offline.candidates import Candidate, Sentence
from taojin.pipeline.qa.offline.definitions_zh import law_title
from taojin.pipeline.qa.offline.spans_zh import NAME, Span, spans
from taojin.pipeline.qa.offline.statements_zh import ORPHAN, framed, joined, said, topic

Found = tuple[str, str, int, int, float]
"""Kind, question, span in the sentence, score."""

_OTHER = re.compile(NAME)
PERSON = re.compile(
    r"(?:家|演[员員]|歌手|球[员員]|[选選]手|[将將][军軍领領]|皇帝|国王|國王|[诗詩]人|[导導]演|[学學]者|教授|[议議][员員]|政治人物|[总總][统統理]|作者|[编編][剧劇]|主持人|[音][乐樂]人|[将將])(?=[，。、；]|$)"
)
_MADE = re.compile(
    r"出版|[发發][表行]|推出|[导導]演?|[主出参參]演|[创創]作|[写寫撰]|著|[编編]|唱|[获獲]|[于於在以]"
)
_RULE = re.compile(r"应[当予]|應[當予]|不得|必须|必須|鼓励|可以")
"""What rules say: their objects are what everyone should do, and no facts."""
MOST_CHARACTERS = 160
"""Sentences longer than that are laws' and lists': names in them are not asked for."""
_TRADITIONAL = str.maketrans(
    "么谁里为个张这国业职务纪学党队会战剧电视小说辑单节目论条约报",
    "麼誰裡為個張這國業職務紀學黨隊會戰劇電視小說輯單節目論條約報",
)

_BECAUSE = re.compile(
    r"^由[于於](?P<a>[^。；]{4,80}?)[，,](?P<w>因此|所以|导致|導致|因而|"
    r"故)(?P<y>[^。；]{6,50})[。]?$"
)
_BY = re.compile(
    r"^(?P<x>[^，。；：！？]{2,30}?)(?P<b>(?:是|"
    r"主要)?由)(?P<a>(?:(?!开始|開始|[语語]言|共同|向|[经經])[^，。；：！？、由的]){2,30}?)(?<![并後后时])(?P<v>(?:创立|創立|创建|"
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
    r"高度)(?:就)?(?:是|为|為|在于|在於))(?P<a>[^：；。，]{1,60})[。]?$"
)
_LOCAL = re.compile(r"[我你您其该該此这這]|[上下]面|[上前]述")
"""A cause that speaks of its own text."""
_NO_AGENT = re.compile(
    r"^[^，]{1,5}[团團]$|[^，]*(?:实施|直接|统一|共同|依法|分级|组织|具体|归口|所|分别)$|本|[依按]照|人至"
)
"""What 由 introduces with its verb still on it, or leaning on the rule around it."""
_LEAD = re.compile(
    r"^(?:第[一二三四五六七八九十百千零〇\d]+[条條款项項](?:之[一二三四五六七八九十])?[ \t　]*)?"
    r"(?:(?:但是|但|而且|并且|因此|所以|于是|然后|同时|同時|此外|另外|例如|比如|然而|"
    r"不过|不過|其中|首先|其次|最后|最後|总之|随后|隨後|后来|後來|目前|现在|另|当然|"
    r"事实上|实际上|具体来说|一般来说|通常|其后|之后|之後|接着)[，, ]*)?"
)
CUE = re.compile(r"[\u3400-\u9fff]{4}")


def person(sentence: str, before: str) -> str:
    """Whom the paragraph is about from this sentence on: who it says is a person, or as before."""
    named = topic(sentence) if "是" in sentence or "为" in sentence or "為" in sentence else ""
    if named and len(named) <= 12 and PERSON.search(sentence[: sentence.find("。")]):
        return named
    other = _OTHER.match(sentence)
    return "" if other and other.group() != before else before


def find(document: Document, sentence: Sentence, about: str = "") -> Iterator[Candidate]:
    """The patterns that fit, the best for each span; a line without its full stop is no prose.

    `about` is the person who 他 and 她 at the head of a sentence mean, and who its subject is where
    it has none.
    """
    if not sentence.text.endswith(("。", "；", "！")):
        return
    if _verse(sentence.text):
        return
    lead = _LEAD.match(sentence.text)
    shift = lead.end() if lead else 0
    body = sentence.text[shift:]
    at = sentence.start + shift
    asked: dict[tuple[int, int], Found] = {}
    for found in _all(document, body, about):
        span = found[2:4]
        if span not in asked or asked[span][4] < found[4]:
            asked[span] = found
    for kind, question, start, end, score in asked.values():
        yield Candidate("facts", kind, question, at + start, at + end, score)


def _verse(sentence: str) -> bool:
    """Whether the clauses are lines of verse: several, short and of one length."""
    lengths = {len(line) for line in re.split(r"[，。；！]\s*", sentence) if line}
    return len(lengths) == 1 and max(lengths) <= 7 and "，" in sentence


def _all(document: Document, body: str, about: str) -> Iterator[Found]:
    if whole := _whole(document, body):
        yield whole
    for span, match in numbers_zh.spans(body):
        parts = framed(body, span.left, span.right, about)
        if parts and not numbers_zh.misplaced(span.kind, match, *parts):
            yield from _asked(document, span, *parts)
    if len(body) > MOST_CHARACTERS or _RULE.search(body):
        return
    for span in spans(body):
        parts = framed(body, span.left, span.right, about)
        if parts and (span.kind != "work" or parts[1] or _MADE.search(parts[0])):
            yield from _asked(document, span, *parts)


def _asked(document: Document, span: Span, head: str, tail: str) -> Iterator[Found]:
    word = span.word.translate(_TRADITIONAL) if document.hant else span.word
    if question := _subject(document, joined(head, word, tail)):
        yield span.kind, said(question), span.start, span.end, span.score


def _whole(document: Document, body: str) -> Found | None:
    """Cause, place, agent, parts, purpose: patterns that need the sentence from its head."""
    what, who = ("什麼", "誰") if document.hant else ("什么", "谁")
    match = _BECAUSE.match(body)
    if match and not ORPHAN.match(match["y"].strip("，, ")) and not _LOCAL.search(match["a"]):
        why = "為什麼" if document.hant else "为什么"
        question = said(why + match["y"].strip("，, "))
        return "cause", question, match.start("a"), match.end("a"), 0.7
    for pattern, kind, word, score in (
        (_BY, "agent", who, 0.8),
        (_COMPOSED, "parts", what, 0.8),
        (_PURPOSE, "value", what, 0.8),
    ):
        match = pattern.match(body)
        if match is None or ORPHAN.match(match["x"]) or match["x"].endswith("使用"):
            continue
        if kind in ("agent", "parts") and _NO_AGENT.search(match["a"]):
            continue
        head, tail = body[: match.start("a")], body[match.end("a") : match.end()]
        tail = re.sub(r"^等[^组組构構]*", "", tail)
        head = re.sub(r"就(?=[是为為]$)", "", head)
        question = _subject(
            document, joined(head, word, tail if kind in ("agent", "parts") else "")
        )
        if question:
            return kind, said(question), match.start("a"), match.end("a"), score
    return None


def _subject(document: Document, question: str) -> str:
    """The question with `本法` and the like replaced by the law's title; empty if it is unknown."""
    match = re.match(
        r"本(?P<kind>法|条例|條例|办法|辦法|规定|規定|规则|细则|决定|解释|规程|章程)", question
    )
    if match is None:
        return question
    title = law_title(document, match["kind"])
    return title + question[match.end() :] if title else ""
