"""Tables: what a cell says of its row, at most one question per row."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from taojin.pipeline.qa.blocks import Block, Document
from taojin.pipeline.qa.offline.candidates import Candidate, plain
from taojin.pipeline.qa.offline.terms import VERB

_EMPTY_CELL = re.compile(
    r"^(?:[-—–/\\✓✔√×✗✘❌✅○●☑\s.…?]*|N/?A|无|無|是|否|有|同上|yes|no|none|null|true|"
    r"false|TODO|TBD|y|n|x|空|不支持|支持|可选|必选|必填|\d)$",
    re.IGNORECASE,
)
_BAD_HEADER = re.compile(
    r"^(?:|[-#№\s]+|序号|编号|编码|no\.?|id|#|示例|例子|备注|example|examples?|notes?|"
    r"link|url|链接|图.*|截图|代码|code|see also|comments?|是否.*|.*(?:如何|怎么|哪).*|"
    r".*类型|类别|.*type|.*category|effective|required|references?|remarks?|values?|取值|"
    r"改后生效方式|生效方式|.*支持.*|标题|链接.*|名称|.*[Nn]ame|参考.*|文档|地址|权限|"
    r"结果|输出.*|输入.*|返回.*|中文|英文|英语|注释|大小写|.*[?？]|[\d.\s%]+|状态|步骤)$",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?:数|数量|率|大小|长度|时长|价格|金额|面积|人口|高度|宽度|默认值|年龄|距离|容量|"
    r"上限|下限|阈值)$"
)
_ZH_MEASURE = re.compile(
    r"(?:默认值|范围|场景|题型|优点|缺点|优势|劣势|复杂度|长度|大小|价格|金额|作者|"
    r"版本要求|时间|日期|面积|人口|首都|别名|全称|职责|时长|编码|端口|数量|单位|"
    r"高度|宽度|年龄|容量|上限|下限|阈值|地点|组成|成因)(?:（[^）]*）)?$"
)
_ATTRIBUTE = re.compile(
    r"^(?:description|type|unit|default|default value|effective|range|value range|"
    r"purpose|pros|cons|performance|advantages?|disadvantages?|use cases?"
    r"|描述|说明|类型|单位|默认值|默认|取值范围|改后生效方式|生效方式|优点|缺点|优势|"
    r"劣势|适用场景|使用场景|应用场景|典型场景|性能|实现方式|底层实现|实现原理|线程安全|"
    r"复杂度|时间复杂度|空间复杂度|内存占用|可靠性|吞吐量|延迟|成本|扩展性|数据结构|"
    r"安全性|一致性)$",
    re.IGNORECASE,
)
_ASPECT = re.compile(
    r"^(?:对比项?|对比维度|维度|比较项?|方面|角度|特性|指标|aspect|dimension|comparison|"
    r"property|attribute|名字|name)$",
    re.IGNORECASE,
)
_DESCRIBES = re.compile(
    r"^(?:.{0,6}(?:说明|描述|含义|作用|功能|解释|定义|用途|意义|介绍)|"
    r"(?:.* )?(?:description|meaning|definition|purpose|explanation|details?|function))$",
    re.IGNORECASE,
)
_BAD_CELL = re.compile(
    r"<br|\]\[|\$|^\[[^\]]*\]\([^)]*\)$|^`[^`]*`(?:\s*(?:or|and|/|,|\||、|或|和)\s*`[^`]*`)*$|^.$|https?://"
)
_EN_MEASURE = re.compile(
    r"(?:.* )?(?:default|default value|value range|range|unit|size|price|"
    r"author|version|release date|date|year|capital|population|area|length|width|height|"
    r"weight|shortcut|alias|syntax|owner|severity|priority|licen[cs]e|language|format|"
    r"port|protocol|complexity|limit|maximum|minimum|speed|colou?r|country|city|location|"
    r"duration|frequency|abbreviation|symbol|role|threshold|encoding|use case|scenario)$",
    re.IGNORECASE,
)
_PHRASE = re.compile(
    r"(?i)\b(?:to|is|are|by|can|has|have|with|within|if|when|how|what|in|on|for|does|do|"
    r"a|the|and|or|supported|replaced|renamed|added|removed|before|after|old|new)\b|"
    r"s$(?<!ss)(?<!details)"
)
_SAYS_NOTHING = frozenset(
    ("a", "an", "the", "of", "in", "for", "to", "and", "or", "is", "are", "id", "type")
)
_SEPARATOR = re.compile(r"[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?[ \t]*)?$")
_CELL = re.compile(r"(?:\\\||`[^`\n]*`|[^|\n])*")


def table(document: Document, block: Block) -> Iterator[Candidate]:
    """One question per row: of the columns that make one, the one that describes goes first."""
    grid = _rows(document, block)
    if grid is None or len(grid) < 3 or not 2 <= len(grid[0]) <= 8:
        return
    if any(len(row) != len(grid[0]) for row in grid):
        return
    said = [[plain(document.text[a:b]) for a, b in row] for row in grid]
    if _turned(said):
        grid = [list(row) for row in zip(*grid, strict=True)]
        said = [list(row) for row in zip(*said, strict=True)]
    keys = Counter(row[0] for row in said)
    for cells, row in zip(said[1:], grid[1:], strict=True):
        if keys[cells[0]] == 1 and _names_row(cells[0]):
            yield from _row_questions(document, said[0], cells, row)


def _turned(said: Sequence[Sequence[str]]) -> bool:
    """Whether the rows hold the attributes and the columns the things that have them."""
    attributes = sum(bool(_ATTRIBUTE.match(row[0])) for row in said[1:])
    return attributes >= 2 or (attributes == 1 and bool(_ASPECT.match(said[0][0])))


def _row_questions(
    document: Document,
    header: Sequence[str],
    cells: Sequence[str],
    spans: Sequence[tuple[int, int]],
) -> Iterator[Candidate]:
    order = sorted(range(1, len(header)), key=lambda i: (not _DESCRIBES.search(header[i]), i))
    for column in order:
        question = _cell_question(document, header[column], cells[0], cells[column])
        raw = document.text[slice(*spans[column])]
        if (
            question
            and _says(cells[column], cells[0], zh=document.zh)
            and not _BAD_CELL.search(raw)
        ):
            score = 0.7 if _DESCRIBES.search(header[column]) else 0.6
            yield Candidate("structure", "cell", question, *spans[column], score)
            return


def _says(value: str, key: str, *, zh: bool) -> bool:
    """Whether a cell says more than a word or than the name of its row."""
    words = set(re.findall(r"[a-z\d]+|[^\x00-\x7f]", value.lower())) - _SAYS_NOTHING
    named = set(re.findall(r"[a-z]+|\d+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key).lower()))
    short, told = {word[:3] for word in words}, {word[:3] for word in named}
    if (
        _EMPTY_CELL.match(value)
        or (short <= told if not zh else words <= named)
        or words <= set(re.findall(r"[a-z\d]+|[^\x00-\x7f]", key.lower()))
    ):
        return False
    return any(letter.isdigit() for letter in value) or (len(value) >= 5 if zh else " " in value)


def _rows(document: Document, block: Block) -> Sequence[Sequence[tuple[int, int]]] | None:
    """Spans of the cells of each row, the header first; None if it is no table of Markdown."""
    rows = []
    at = block.start
    for number, line in enumerate(document.of(block).split("\n")):
        if number == 1:
            if not _SEPARATOR.match(line.rstrip()):
                return None
        else:
            rows.append(list(_cells(line, at)))
        at += len(line) + 1
    return rows


def _cells(line: str, at: int) -> Iterator[tuple[int, int]]:
    body = line.rstrip().removesuffix("|")
    position = body.find("|") + 1
    while position <= len(body):
        match = _CELL.match(body, position)
        end = match.end() if match else position
        cell = body[position:end]
        lead = len(cell) - len(cell.lstrip())
        yield at + position + lead, at + position + max(lead, len(cell.rstrip()))
        position = end + 1


def _names_row(key: str) -> bool:
    if (
        "(default)" in key
        or key[:1] in "'\"0123456789"
        or re.fullmatch(r"[\u4e00-\u9fff]{1,2}|第.*|[A-Z]?[a-z]+|[A-Z]{1,4}", key)
        or VERB.match(key)
    ):
        return False
    return (
        2 <= len(key) <= 40
        and bool(re.search(r"[A-Za-z\u4e00-\u9fff]{2}", key))
        and not _EMPTY_CELL.match(key)
        and not re.search(
            r"[。？?！!；;<>≥≤{}、:：…]|, |，|^\\d|^[a-z]+$|^(?:All|Other|Any|Total|合计|"
            r"总计|其他|其它)\\b",
            key,
        )
    )


def _cell_question(document: Document, name: str, key: str, value: str) -> str:
    if _BAD_HEADER.match(name) or name == key or re.search(r"[，。,;；:：<>/\d]", name):
        return ""
    if document.zh:
        if len(name) > 12 or not (_DESCRIBES.search(name) or _ZH_MEASURE.search(name)):
            return ""
        what = "什麼" if document.hant else "什么"
        many = _COUNTED.search(name) and any(letter.isdigit() for letter in value)
        return f"{key}的{name}是{'多少' if many else what}？"
    if (not _DESCRIBES.search(name) and not _EN_MEASURE.match(name)) or _PHRASE.search(name):
        return ""
    lowered = (
        name if any(letter.isupper() for letter in name[1:]) and " " not in name else name.lower()
    )
    return f"What {'are' if lowered.endswith('s') else 'is'} the {lowered} of {key}?"
