"""Mined pairs: questions that the author wrote, as Q/A lines or as headings, and their answers."""

import re
from collections.abc import Iterator, Sequence

from taojin.pipeline.qa.blocks import Block, Document
from taojin.pipeline.qa.offline.candidates import ANSWER_MAX, Candidate, cut, plain

CUE = (
    r"[?？]|(?im)^[\s#*>\-]*(?:Q|A|问|問)\s*\d*\s*[:：.、]"
    r"|(?m)^[#*].{0,12}(?:如何|怎么|怎麼|怎样|怎樣|为什么|為什麼|什么是|什麼是|How|When|"
    r"Where|Why|What)"
    r"|(?i)(?:问题|問題|question)\s*[\d一二三四五六七八九十]+\s*[:：]"
)

SHORT = 100
"""Code points up to which an answer that more follows is only the beginning of one."""
_OPEN = r"[ \t　>]*(?:[-*#]+[ \t]+)?\**"
_Q = re.compile(
    rf"^{_OPEN}(?:(?:Q(?:uestion)?|问|問|提问|提問)[ \t]*\d{{0,3}}[ \t]*[:：.、]|(?:问题|"
    rf"問題)[ \t]*"
    r"[\d一二三四五六七八九十]{0,3}[ \t]*[:：])[ \t]*\**[ \t]*(?P<q>[^\n]{2,200}?)[ \t*\r]*$",
    re.MULTILINE | re.IGNORECASE,
)
_A = re.compile(
    rf"\s*^{_OPEN}(?:A(?:nswer)?|答|回答|答案|"
    rf"解答)[ \t]*[\d一二三四五六七八九十]{{0,3}}[ \t]*[:：.、][ \t]*\**[ \t]*",
    re.MULTILINE | re.IGNORECASE,
)
_A_END = re.compile(r"\n[ \t]*(?:\n[ \t]*)+(?!\S*\d[.)])|\n(?=[ \t]*#)|\n(?=[ \t]*(?:```|~~~))")
_NUMBER = re.compile(
    r"^(?:(?:\d+(?:[.．]\d+)*|[一二三四五六七八九十]+)(?:[ \t]*[.、．)）:：]|(?=[ \t]))|"
    r"(?:问题|問題|Question)[ \t]*\d*[:：]|[(（][\d一二三四五六七八九十]+[)）]"
    r"|第[一二三四五六七八九十\d]+[章节節条條步讲][:：]?|Q\d*[:：.、]|问[:：]|FAQ[:：]|"
    r"[^\w\s\"“《<(（`]+)[ \t　]*(?=\D)"
)
_ZH_OPEN = re.compile(
    r"如何|怎么|怎麼|怎样|怎樣|为什么|為什麼|为何|為何|什么是|什麼是|何谓|何謂|哪些"
)
_ZH_CLOSE = re.compile(r"(?:是什么|是什麼|有哪些|有什么区别|有什麼區別|是怎样的|怎么办|怎麼辦)$")
_EN_OPEN = re.compile(
    r"How (?:do|does|can|is|are|should|did|was|were)\b|What (?:is|are|does|do|was|were)\b"
    r"|Where (?:is|are|do|does)\b|Why (?:is|are|do|does|should|did)\b|When (?:should|do|does|is)\b"
)
_EN_TO = re.compile(r"(How|When|Where) to (?=[a-z])")
_TO = {"How": "How do you ", "When": "When should you ", "Where": "Where should you "}
_ANSWER_MARK = re.compile(
    r"(?:[-+*][ \t]+)?\**(?:答复|答案|参考答案|回答|解答|答|A|Answer)[ \t]*[:：]\**\s*"
)
_TERM = re.compile(
    r"^什[么麼]是([^？?]{2,})[？?]$|^([^，？?的]{2,})是什[么麼][？?]$|^What (?:is|are)"
    r" (?:an? |the )?([^?]{2,})\?$"
)
"""A question for a term, whose answer must speak of it."""
_NOT_ASKED = re.compile(
    r"^(?!(?:so |and |but |then )?(?:what|which|who|whom|whose|where|when|why|how|is"
    r"|are|was|were|do|does|did|can|could|"
    r"should|would|will|has|have|had|may|must|isn't|aren't|don't|doesn't|can't|won't"
    r"|shouldn't|in what|in which|"
    r"at what|for how|to what)\b)|^why (?!not\b|no\b|is|are|was|were|do|does|did|can"
    r"|could|should|would|will|has|have|use\b|another\b)"
    r"|\bdid I\b|\bneed to know\b|^how do you (?:when|if)\b|\bSLOs?\b"
    r"|\b(?:have|do) you (?:been|ever|have)\b|\byou (?:currently|usually)\b"
    r"|\b(?:are|do) you (?:running|use|plan|upgrade)\b|\byour \w+ (?:deployment"
    r"|version)\b|(?: - |--)(?:e\.g|i\.e)",
    re.IGNORECASE,
)
"""English that ends with a question mark, or begins like a question, and is none."""
_ASKS_BACK = re.compile(r"[^.。!！\n]*[?？]")
"""An answer whose first sentence is a question."""
_WHETHER = re.compile(r"(?:Is|Are|Do|Does|Did|Can|Could|Will|Would|Has|Have)\b")
_YES = re.compile(r"(?:Yes|No|Not|Usually|Only|Sure|Of course|You can|It (?:can|is|does|will))\b")
_WHAT_IS = re.compile(r"What (?:is|are) (?:an? |the )?(?P<x>[\w \-]{2,40})[?？]$", re.IGNORECASE)
_SPECIFIC = re.compile(
    r"(?!(?:Are|Is|Can|Do|Does|Will|Would|Should|Why|How (?:can|will|would)|What (?:steps|happens"
    r"|happened|changes))\b)|.[A-Z\d_`]"
)
"""English questions that name something, where the form alone asks about any feature."""
_HOW_TO = re.compile(r"How (?:do|can|should) (?:you|I|we)\b|How to\b")
_TELLS = re.compile(
    r"(?:\d+\.|[-*+]|To|You|First|Before|After|Once|When|If|In order|In|Simply|Just|The (?:easiest"
    r"|simplest|best|recommended|following))\s|[^.]{0,200}\byou (?:can|need|must|should|have|may"
    r"|will|simply)\b|(?:Add|Use|Run|Set|Go|Open|Click|Select|Call|Make|Create|Install|Check|Put"
    r"|Take|Write|Start|Enter|Type|Choose|Edit|Download|Follow|Assume|Press|Turn|Keep|Clean|Wash"
    r"|Remove|Place|Connect|Send|Ask|Fill|Attach)\b"
)
"""How an answer to how something is done begins: with what is to be done."""
_ASKING = re.compile(
    r"如何|怎[么麼样樣]|[为為]什[么麼]|什[么麼]|哪[些里裡个個]|是否|可以|需要|使用|我[们們]|你|能|会|會|的|吗|嗎|呢|了"
)
_UNFINISHED = re.compile(r"[:：][*`\s]*$")
_ANSWERLESS = re.compile(
    r"^\s*(?:TBD|TODO|N/?A|见|參見|参见|请先?参[考阅见照]|请先?[查阅]|See\b|Refer to)",
    re.IGNORECASE,
)


def propose(document: Document) -> Iterator[Candidate]:
    """Pairs from Q/A lines, then from headings and question lines with what follows them."""
    yield from _dialogue(document)
    blocks = document.blocks
    for index, block in enumerate(blocks):
        if block.kind == "heading":
            question = _heading_question(plain(document.of(block)), zh=document.zh)
        elif block.kind == "paragraph" and block.end - block.start <= 120:
            question = _line_question(document, blocks, index)
        else:
            continue
        if question:
            start, end = _body(document, blocks, index + 1)
            wrapped = not document.of(block).rstrip("* ").endswith(("?", "？"))
            wrapped = wrapped and document.text[start].islower()
            unasked = not document.zh and (
                question.startswith("Why not")
                or not _defines(question, document.text[start:end])
                or _NOT_ASKED.search(question)
                or (_WHETHER.match(question) and not _YES.match(document.text, start, end))
                or not _SPECIFIC.search(question)
                or (_HOW_TO.match(question) and not _TELLS.match(document.text, start, end))
            )
            if document.zh and (
                re.search(r"(?<![么麼哪])呢[?？]$", question)
                or not _shared(question, document.text[start:end])
            ):
                continue
            told = _TERM.search(question)
            if (
                told
                and told[told.lastindex or 0].split()[-1].lower()
                not in document.text[start:end][: 40 if document.zh else 200].lower()
            ):
                continue
            asks_back = _ASKS_BACK.match(document.text, start, end)
            if end > start and not wrapped and not unasked and not asks_back:
                score = 0.95 if block.kind == "heading" else 0.8
                yield Candidate("mined", block.kind, question, start, end, score)


def _defines(question: str, answer: str) -> bool:
    """Whether an answer to what something is begins with what that is."""
    asked = _WHAT_IS.match(question)
    if asked is None:
        return True
    verbs = (
        "is|are|was|means?|refers?|lists?|shows?|lets?|describes?|contains?|holds?|gives?"
        "|provides?|allows?"
    )
    said = rf"{re.escape(asked['x'])}\b[^.]{{0,60}}\b(?:{verbs})\b"
    begins = re.search(said, plain(answer[:300]), re.IGNORECASE)
    return begins is not None and begins.start() <= 60


def _shared(question: str, answer: str) -> bool:
    """Whether a Chinese answer begins with something that the question speaks of."""
    said = answer[:150].lower()
    if re.search(r"(?:参考|可以看|阅读|[这這]篇文章|参见|[下前上]文)", said[:80]):
        return False
    asked = _ASKING.sub(" ", question.lower())
    words = {
        run[i : i + 2]
        for run in re.findall(r"[\u3400-\u9fff]{2,}", asked)
        for i in range(len(run) - 1)
    }
    return any(word in said for word in words | set(re.findall(r"[a-z\d]{2,}", asked)))


def _dialogue(document: Document) -> Iterator[Candidate]:
    """`Q: ...` with `A: ...` right below it; the answer ends at a blank line, heading or code."""
    text = document.text
    for match in _Q.finditer(text):
        answer = _A.match(text, match.end())
        if answer is None:
            continue
        following = _Q.search(text, answer.end())
        limit = following.start() if following else len(text)
        broken = _A_END.search(text, answer.end(), limit)
        end = broken.start() if broken else limit
        end = answer.end() + len(text[answer.end() : end].rstrip())
        question = _closed(plain(match["q"]), zh=document.zh)
        if not document.zh and _NOT_ASKED.search(question):
            continue
        yield Candidate(
            "mined", "dialogue", question, answer.end(), cut(document, answer.end(), end), 1.0
        )


def _heading_question(heading: str, *, zh: bool) -> str:
    """The question that a heading asks, ended with its mark; empty if it asks none."""
    title = _NUMBER.sub("", heading, count=1).strip()
    if zh and re.search(
        r"^那[么麼]|[为為]什[么麼]我(?![们們国國])|我[记記]得|我[认認][为為]", title
    ):
        return ""
    if not zh and (to := _EN_TO.match(title)):
        return _closed(_TO[to.group(1)] + title[to.end() :], zh=False)
    if title.endswith(("?", "？")):
        return title
    if zh and (_ZH_OPEN.match(title) or _ZH_CLOSE.search(title)):
        return _closed(title, zh=True)
    return _closed(title, zh=False) if not zh and _EN_OPEN.match(title) else ""


def _line_question(document: Document, blocks: Sequence[Block], index: int) -> str:
    """A short line that is one question, if the line before it is no prose of the same thought."""
    line = plain(document.of(blocks[index]))
    if not line.endswith(("?", "？")) or re.search(r"[。！；.!;](?=\s|[^\x00-\x7f])", line):
        return ""
    title = _NUMBER.sub("", line, count=1).strip()
    before = blocks[index - 1].kind if index else "heading"
    return title if title != line and before != "paragraph" else ""


def _closed(question: str, *, zh: bool) -> str:
    """The question with exactly one mark at its end."""
    return question.rstrip(" ?？。.:：") + ("？" if zh else "?")


def _body(document: Document, blocks: Sequence[Block], first: int) -> tuple[int, int]:
    """The span of the paragraphs and lists that follow, up to a whole number of them.

    A list is taken whole with the line that announces it, or not at all; (0, 0) if nothing is left.
    """
    if first >= len(blocks) or blocks[first].kind not in ("paragraph", "item"):
        return 0, 0
    start = blocks[first].start
    if blocks[first].kind == "item":
        line = document.text.rfind("\n", 0, start) + 1
        start = line + len(document.text[line:start]) - len(document.text[line:start].lstrip())
    end = start
    last = first
    while last < len(blocks) and blocks[last].kind in ("paragraph", "item"):
        if blocks[last].end - start > ANSWER_MAX:
            break
        if not _continued(document, blocks, last):
            end = blocks[last].end
        last += 1
    rest = blocks[last].kind if last < len(blocks) else "heading"
    deeper = (
        rest == "heading" and last < len(blocks) and blocks[last].level > blocks[first - 1].level
    )
    if end - start < SHORT and (rest != "heading" or deeper):
        return 0, 0
    if end == start and blocks[first].end - start > ANSWER_MAX:
        end = cut(document, start, blocks[first].end)
    if mark := _ANSWER_MARK.match(document.text, start, end):
        start = mark.end()
    if _ANSWERLESS.match(document.text, start, end):
        return 0, 0
    return start, end


def _continued(document: Document, blocks: Sequence[Block], index: int) -> bool:
    """Whether a block is unfinished without the next: an announcement, or a list that goes on."""
    following = blocks[index + 1].kind if index + 1 < len(blocks) else "heading"
    if _UNFINISHED.search(document.of(blocks[index])):
        return True
    return blocks[index].kind == "item" and following == "item"
