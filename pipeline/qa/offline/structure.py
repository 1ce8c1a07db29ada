"""Structure: what lists and tables say by their form: terms, cells, announced enumerations."""

import re
from collections.abc import Iterator

from taojin.pipeline.qa.blocks import Document
from taojin.pipeline.qa.offline.candidates import ANSWER_MAX, Candidate, plain, unabbreviated
from taojin.pipeline.qa.offline.definitions_zh import law_title
from taojin.pipeline.qa.offline.tables import table
from taojin.pipeline.qa.offline.terms import terms

CUE = (
    r"(?m)^[ \t]*\|.*\|[ \t]*$|^[ \t]*[-*+][ \t]+[*`“\w][^\n]{1,60}(?:[:：]| [-–—] )|(?:下列|"
    r"以下)[^。\n]{0,20}[:：]|(?i)^There are [^\n]{3,60}:"
)
_HEADLESS = re.compile(
    r"所称|最后|主席团处理|注意|介绍|说明|重点|(?:书面|書面)?(?:报告|申请|通知|公告)(?:书)?[应應必须]|自觉|在[^，]{2,20}[方时时]面?，|下面|本|一般|通常|主要|包括|支持|需要|请|可以|如果|例如|其|该|此|另外|还|也|并|且|但|有|按|见"
)
_ZH_LIST = re.compile(r"(?:下列|以下)(?P<n>[^，。；：！？:,]{0,16})(?:之一)?[:：]$")
_EN_LIST = re.compile(
    r"^There\s+are\s+(?P<n>(?:[a-z\d]+\s+)?(?:main |different |basic |common )?(?:types|"
    r"kinds|ways|forms|categories|steps|methods|phases|options|modes|components|levels|"
    r"classes|sorts)\s+(?:of|to|in|for)\s+[^:.,]{3,60}):$"
)


def propose(document: Document) -> Iterator[Candidate]:
    """Terms, table cells and enumerations."""
    yield from terms(document)
    yield from _enumerations(document)
    for block in document.blocks:
        if block.kind == "table":
            yield from table(document, block)


def _enumerations(document: Document) -> Iterator[Candidate]:
    """A paragraph that announces a list, answered by the whole list: 下列 becomes 哪些."""
    blocks = document.blocks
    for index, block in enumerate(blocks[:-1]):
        if block.kind != "paragraph" or blocks[index + 1].kind != "item":
            continue
        text = document.of(block)
        sentence = text[max(text.rfind("。"), text.rfind(". ")) + 1 :].strip()
        question = _announced(document, sentence)
        last = index + 1
        while last + 1 < len(blocks) and blocks[last + 1].kind == "item":
            last += 1
        start, end = blocks[index + 1].start, blocks[last].end
        marker = document.text.rfind("\n", 0, start) + 1
        if question and last > index + 1 and end - marker <= ANSWER_MAX:
            lead = len(document.text[marker:start]) - len(document.text[marker:start].lstrip())
            yield Candidate("structure", "enumeration", question, marker + lead, end, 0.8)


def _announced(document: Document, sentence: str) -> str:
    if not document.zh:
        match = _EN_LIST.match(sentence)
        return f"What are the {plain(match['n'])}?" if match else ""
    match = _ZH_LIST.search(sentence)
    if (
        match is None
        or sentence.count("，") > 2
        or "之一" in match.group()
        or "是否" in sentence
        or "请" in sentence
    ):
        return ""
    if "用语" in match["n"] or match["n"].startswith(
        ("，", "的", "各", "一些", "任一", "几", "幾")
    ):
        return ""
    head = re.sub(
        r"^(?:第[一二三四五六七八九十百千零〇\d]+[条條款]|[一二三四五六七八九十]+、)[ \t　]*",
        "",
        sentence[: match.start()],
    )
    law = re.match(r"本(法|条例|办法|规定|规则|细则|决定|解释)", head)
    if law:
        title = law_title(document, law.group(1))
        head = title + head[law.end() :] if title else head
    if (
        len(head) < 4
        or head.count("（") > head.count("）")
        or _HEADLESS.match(head)
        or head.endswith(
            ("，", "、", "注意", "按照", "依照", "对", "有", "按", "如", "见", "参考", "请")
        )
    ):
        return ""
    which = "哪" if re.match(r"[几幾两兩三四五六七八九十\d]", match["n"]) else "哪些"
    return unabbreviated(plain(f"{head}{which}{match['n'] or '内容'}")) + "？"
