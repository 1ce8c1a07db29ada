"""Gates: what a pair must pass, each with the reason that is reported when it does not."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from taojin.pipeline.qa.blocks import Document
from taojin.pipeline.qa.offline.candidates import ANSWER_MAX, Candidate, plain

ZH_QUESTION = (6, 60)
"""Code points, both ends allowed."""
EN_QUESTION = (4, 40)
"""Words, both ends allowed."""

_PLACEHOLDER = re.compile(r"<[A-Z][A-Z_]*(?:[:_]\w+)?>|\[[A-Z][A-Z_]+\]")
_ZH_ANAPHOR = re.compile(
    r"(?<![其吉排])[他](?!人)|[它她牠](?!们的问题)|"
    r"(?<!尤)(?<!与)(?<!極)(?<!极)其(?![他它中余实實次后後])|(?<![应應])该(?!死)|"
    r"(?<![应應])該"
    r"|(?<![因如从从由为彼至故])此(?![外时類])|(?:因|为|如|对|由)此|"
    r"(?<![\u4e00-\u9fff])本(?![地质質身体體机機科田])|"
    r"(?<![一二三四五六七八九十成版样樣文剧劇基日根资資标標副脚腳书書课課原])本(?:法|条|"
    r"條|章|节|節|书|書|手册|教程|条例|條例|办法|辦法|规定|規定|指南|页|示例|例|集团|"
    r"公司|市|省|县|区|届|季|片|剧|专辑|校|院|队|機|机场|细则|地区|级|国)"
    r"|[上前]例|[这這]|那(?![么麼])|上述|前述|前者|后者|後者|以上(?=[的两三种几內内])|"
    r"下述|(?<!以)下列|如下|前款|前条|前項|前项|[上下前]文|[前后後][两兩]者|同年|当年|當年|当时|當時"
)
_ZH_UNNAMED = re.compile(r"我|你|您|咱|笔者|小编|大家")
_ZH_BARE = re.compile(
    r"我的|^[^？]{1,20}[:：] ?\S|"
    r"^(?:(?:哪|什么|为什么|如何|怎么)(?:需要|要|会|能)?(?:做|用|使用|办|选|选择|解决|"
    r"处理|实现|配置|查看)?呢?[？?]$)"
)
_EN_ANAPHOR = re.compile(
    r"\b(?:it|its|this|that(?= \w+\?|\?|\s(?:is|was))|these|those|they|them|their|he|him|his|"
    r"she|her|such|here|there(?=\?)|the (?:above|former|latter|following|same|other|new|"
    r"current|previous|next|first|second|last|two|three|rest))\b",
    re.IGNORECASE,
)
_LEANING_ANSWER = re.compile(
    r"[其它该该此这這那他她]|(?:it|this|that|these|those|they|he|she|such)\b", re.IGNORECASE
)
_LEANING_HEAD = re.compile(
    r"(?:(?:Yes|No), )?[Aa]s (?:previously |already )?(?:mentioned|noted"
    r"|described|discussed|stated)|如前所述|如上所述"
)
_LEANING_PART = re.compile(r"上述|前述|前款|前项|以上[两三几]|如下|the (?:above|former|latter)\b")
_EN_UNNAMED = re.compile(
    r"\b(?:(?:we|our|us|ours|my|me|the API"
    r"|other|the (?:feature|enhancement|service|operator))\b|the"
    r" (?:file|code|class|function|method|"
    r"object|value|user|system|program|project|data|change|process|page|team|field|command"
    r"|application|"
    r"following|model|result|output|input|server|client|test|script|option|parameter"
    r"|string|list|table|"
    r"image|number|tool|component|module|cluster|problem|solution|api|loop|node|variable)"
    r"(?=\?|s?\s*$))",
    re.IGNORECASE,
)
_META = re.compile(
    r"本文|文中|下面是|上面的?图|如[上下]?图|如[上下]表|[上下左右]图|[上下]表|图 ?\d|表 ?\d|"
    r"第[一二三四五六七八九十百\d]+[章节節图圖条款项]|[上下][一]?[章节節]|这一[章节]|"
    r"附件|附表|附录"
    r"|\b(?:this|the|next|previous|following|above) (?:section|passage|chapter|page|"
    r"document|article|paper|post|guide|tutorial|book|figure|table|example|proposal|pep|"
    r"kep|pr|author)s?\b|\b(?:figure|table|section|chapter|listing|appendix) \d",
    re.IGNORECASE,
)
_ANSWER_META = re.compile(
    r"如[上下]?[图表]|[上下][图表]|如下[：:。]?$|以下(?:代码|示例|图|表)[：:]|如图|所示"
    r"|\b(?:figure|diagram|table|listing|example|code|snippet|output|screenshot|"
    r"image)s? (?:\d+|below|above)\b|\bas follows\W*$|\bbelow is an? "
    r"|\b(?:discussed|mentioned|described) above\b|\bshown (?:below|above|in)\b|"
    r"\bfollowing (?:figure|diagram|table|example|code|snippet|image|output|command)",
    re.IGNORECASE,
)
_TRIVIAL = re.compile(
    r"^(?:[\W_]*|是|否|有|无|無|对|不|yes|no|none|null|n/?a|true|false|todo|tbd|same|any|"
    r"other|见上文|同上|略|待补充|[a-z])[。.!]?$",
    re.IGNORECASE,
)
_LINKED = re.compile(r"\[[^\]\n]*\]\([^)\n]*\)|https?://\S+|<https?:[^>]*>")
_VAGUE_WORD = re.compile(
    r"如何|怎么样?|怎麼|怎样|怎樣|为什么|為什麼|为何|为啥|是什么|是什麼|什么是|什么|什麼|"
    r"是指|哪些|哪里|哪|有|是|多少|谁|誰|吗|呢|的|了|吧|呀|需要|要|可以|应该|能|会|使用|"
    r"用|做|办|选择|选|解决|处理|实现|配置|查看|方案|工作|原因|原理|作用|区别|优点|缺点|"
    r"特点|问题|好处|优势|结果|时候|个|我们|我|你|大家|它|学习|准备|开始|理解|总结|目的|"
    r"背景|介绍|简介|意思|回答|面试|更|最|不|在|就|都|到底|究竟|\W"
)
_EN_VAGUE = re.compile(
    r"\b(?:how|what|why|when|where|who|which|do|does|did|is|are|was|were|can|could|"
    r"should|would|will|i|you|we|to|the|a|an|of|for|in|on|and|or|use|used|using|work|"
    r"works|mean|new|need|next|go|get|start|started|about|know|there|have|has|be|not|if|"
    r"my|your|our|us|called|stand|refer|help|happens?|happened|goal|goals|project|"
    r"problem|else|exposed|learn|contribute|expect|changed?|wrong|now|then|name|type|value|"
    r"description|default|meaning|purpose|with|from|by|at|many|one|things?|matters?|"
    r"much)\b|\W",
    re.IGNORECASE,
)
_EN_WHAT = re.compile(r"what (?:is|are|was|were|does)\b", re.IGNORECASE)
_NAME = re.compile(r"[A-Z_\d]")
_PAIRS = ("（）", "()", "“”", "「」", "《》", "『』", "[]", "【】")
_MARKUP = re.compile(
    r"https?://|\$|\\|\{\{|\]\(|```|[|\x00-\x08\ufffd]|:math:|:ref:|&[a-z]+;|={2,}|</"
)
_ANSWER_MARKUP = re.compile(
    r"\A(?:[-*] +)?\[[ xX]\]|\[!INCLUDE|```|~~~|\{\{<|\{%|^\s*\||\ufffd|:math:|\$\$|:label:|"
    r":numref:|:eqref:|:end_tab|^\.\. ",
    re.MULTILINE,
)
_ASKS = re.compile(
    r"[什甚][么麼]|哪|多[少长長久大高远遠快重]|如何|怎|[为為]何|几|幾|[谁誰]|何|吗|嗎|呢|是否|[吧么]？|不.？|"
    r"没|\b(?:what|who|whom|whose|which|when|where|why|how)\b|^(?:is|are|was|were|do|"
    r"does|did|can|could|should|would|will|has|have|may|must|isn't|aren't|don't|doesn't|"
    r"can't)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[\w'’\-]+")


@dataclass(frozen=True)
class Gate:
    """A reason, and whether it rejects a candidate of a document with that answer."""

    reason: str
    rejects: Callable[[Document, Candidate, str], bool]


def reason(document: Document, candidate: Candidate) -> str:
    """The first gate that rejects the candidate; empty if it passes all of them."""
    answer = document.text[candidate.start : candidate.end]
    return next((gate.reason for gate in GATES if gate.rejects(document, candidate, answer)), "")


def _question_length(document: Document, candidate: Candidate, _: str) -> bool:
    low, high = ZH_QUESTION if document.zh else EN_QUESTION
    size = len(candidate.question) if document.zh else len(_WORD.findall(candidate.question))
    return not low <= size <= high


def _answer_length(document: Document, candidate: Candidate, answer: str) -> bool:
    inside = 0 <= candidate.start < candidate.end <= len(document.text)
    return not inside or not 1 <= len(answer) <= ANSWER_MAX or answer != answer.strip()


def _trivial_answer(_: Document, candidate: Candidate, answer: str) -> bool:
    short = candidate.layer == "mined" and len(plain(_LINKED.sub("", answer))) < 8
    return short or bool(_TRIVIAL.match(plain(answer)))


def _placeholder(_: Document, candidate: Candidate, answer: str) -> bool:
    whole = not _PLACEHOLDER.sub("", answer).strip(" ,，、。.;；")
    return whole or bool(_PLACEHOLDER.search(candidate.question))


def _contains_answer(_: Document, candidate: Candidate, answer: str) -> bool:
    said = plain(answer).lower().strip(" .。,，")
    question = candidate.question.lower()
    if said.isascii():
        return bool(re.search(rf"(?<![\w.]){re.escape(said)}(?![\w])", question))
    return said in question


def _anaphor(document: Document, candidate: Candidate, answer: str) -> bool:
    question = candidate.question
    if candidate.layer == "facts" and _LEANING_ANSWER.match(answer):
        return True
    if _LEANING_HEAD.match(answer):
        return True
    if candidate.layer == "definitions" and _LEANING_PART.search(answer):
        return True
    if not document.zh:
        return bool(_EN_ANAPHOR.search(question))
    return bool(_ZH_ANAPHOR.search(re.sub(r"《[^》]*》", "", question)))


def _unnamed(document: Document, candidate: Candidate, _: str) -> bool:
    if not document.zh:
        return bool(_EN_UNNAMED.search(candidate.question))
    pattern = _ZH_BARE if candidate.layer == "mined" else _ZH_UNNAMED
    return bool(pattern.search(candidate.question))


def _meta_reference(_: Document, candidate: Candidate, answer: str) -> bool:
    return bool(_META.search(candidate.question) or _ANSWER_META.search(answer))


def _vague(document: Document, candidate: Candidate, _: str) -> bool:
    """Whether nothing is left of the question but the asking."""
    if document.zh:
        return len(_VAGUE_WORD.sub("", candidate.question)) < 2
    left = _EN_VAGUE.sub(" ", candidate.question).split()
    if candidate.layer == "mined" and not _EN_WHAT.match(candidate.question):
        return len(left) < 2 and not any(_NAME.search(word) for word in left)
    return not left


def _unbalanced(_: Document, candidate: Candidate, answer: str) -> bool:
    texts = (candidate.question, answer) if len(answer) < 100 else (candidate.question,)
    if 0 <= candidate.question.find("”") < candidate.question.find("“"):
        return True
    return any(text.count(pair[0]) != text.count(pair[1]) for text in texts for pair in _PAIRS)


def _markup(_: Document, candidate: Candidate, answer: str) -> bool:
    return bool(_MARKUP.search(candidate.question) or _ANSWER_MARKUP.search(answer))


def _no_question(document: Document, candidate: Candidate, _: str) -> bool:
    """Whether no question word is there, or more than one sentence stands before the mark."""
    body = candidate.question.rstrip("?？ ")
    several = bool(re.search(r"[。！？?!]", body)) if document.zh else "? " in body
    return several or not _ASKS.search(candidate.question)


def _span_repeated(document: Document, candidate: Candidate, answer: str) -> bool:
    """Whether a fact's answer stands twice in its sentence: the question may mean either."""
    if candidate.layer != "facts":
        return False
    text, start, end = document.text, candidate.start, candidate.end
    first = max(text.rfind(mark, 0, start) for mark in ("\n\n", "。", ". "))
    last = min(
        (at for mark in ("\n\n", "。", ". ") if (at := text.find(mark, end)) >= 0),
        default=len(text),
    )
    return text.count(answer, max(first, 0), last) > 1


def _unfinished(document: Document, candidate: Candidate, answer: str) -> bool:
    """Whether the answer announces what it does not contain."""
    following = document.text[candidate.end : candidate.end + 1]
    return plain(answer).endswith((":", "：", "——", "，", ",", "、", "...", "…")) or (
        following in "：:" and following != ""
    )


GATES = (
    Gate("answer_length", _answer_length),
    Gate("question_length", _question_length),
    Gate("trivial_answer", _trivial_answer),
    Gate("placeholder", _placeholder),
    Gate("contains_answer", _contains_answer),
    Gate("span_repeated", _span_repeated),
    Gate("anaphor", _anaphor),
    Gate("unnamed", _unnamed),
    Gate("meta_reference", _meta_reference),
    Gate("vague", _vague),
    Gate("no_question", _no_question),
    Gate("unbalanced", _unbalanced),
    Gate("markup", _markup),
    Gate("unfinished", _unfinished),
)
"""In the order in which they are asked: the first that rejects names the reason."""
