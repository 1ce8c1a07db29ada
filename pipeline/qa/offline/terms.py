"""Terms: lists in which every item names something and explains it."""

import re
from collections.abc import Iterator

from taojin.pipeline.qa.blocks import Block, Document
from taojin.pipeline.qa.offline.candidates import Candidate, plain

_TERM = re.compile(
    r"(?:\*\*(?P<bold>[^*\n]{2,50}?)[:：]?\*\*|`(?P<code>[^`\n]{2,50})`|"
    r"(?P<bare>[^\s:：。，,*`][^:：。，,*`\n]{1,24}?))"
    r"[ \t]*(?:[（(][^（）()\n]{1,60}[)）])?[ \t]*(?:[:：]|(?<=\s)[-–—](?=\s)|"
    r"(?<=\*)[:：]?(?=\s))[ \t]*(?P<y>\S)"
)
_NOT_A_TERM = re.compile(
    r"^(?:注意?|说明|說明|备注|提示|警告|示例|例子?|例如|比如|如|参数|返回值?|输入|输出|"
    r"类型|默认值|作者|译者|校对|来源|日期|时间|版本|第.{1,4}[步章节条]|步骤.*|"
    r"方[案法式].{0,2}|问题?|答|原因|结果|结论|优点|缺点|优势|劣势"
    r"|优化|特点|总结|格式|语法|用法|单位|范围|描述|名称|名字|地址|电话|其他|其它|"
    r"场景.{0,2}|情况.{0,2}|阶段.{0,2}|[A-Z]|是|否|有|无"
    r"|note|notes|tip|warning|caution|important|example|examples|see|see also|via|author|"
    r"date|time|version|type|default|returns?|input|output|parameters?|usage|syntax|"
    r"step .*|option .*|pros|cons|yes|no|name|title|status|description|summary|value|"
    r"values|required|optional|authors?|reviewers?|approvers?|updated?|url|link|source|"
    r"todo|feature gate name|components depending.*|case .*|phase .*|q|a|r\d+|"
    r"alpha|beta|ga|stable|first|second|third|other|others|on|off|true|false|new|old|"
    r"before|after|result|reason|solution|problem|mitigation|risks?)$",
    re.IGNORECASE,
)
_ZH_NOUN = re.compile(r"(?=[^。\n]{12})(?:是?指|用于|用来|一[种款组类套项])")
_EN_NOUN = re.compile(
    r"an?\s(?![^.]{0,60}(?:\b(?:has|have|specifies|compares?)\b))"
    r"(?![^.]{0,80}(?<!that )(?<!which )(?<!who )(?<!where )\b(?:is|are|was|will)\b)",
    re.IGNORECASE,
)
VERB = re.compile(
    r"^(?:支持|使用|通过|提供|增加|提高|提升|修复|优化|执行|检查|确保|避免|减少|降低|"
    r"实现|添加|删除|修改|设置|配置|启用|禁用|安装|运行|创建|更新|选择|点击|打开|关闭|"
    r"进入|输入|如果|当|不|可|需|应|能|让|将|把|对|在|从|为|没有|保证|保持|防止|允许|"
    r"调整|引入|利用|采用|考虑|尽量|注意|适合|适用|易于|查看|获取|比较|编写|定义|处理|"
    r"解决|新增|改进|移除|废弃|兼容|学习|了解|掌握|理解|分析|遵循|加强|完善|开启|找|看|"
    r"用|写|读|做|会|先|再|请|或|和|与|我|你|为什么|怎么|如何|哪|什么)"
    r"|^(?:Add|Adds|Use|Uses|Using|Allow|Allows|Enable|Support|Supports|Fix|Fixed|Fixes|"
    r"Make|Set|Run|Check|Create|Update|Remove|Removed|Install|Change|Changed|Ensure|"
    r"Avoid|Improve|Improved|Provide|Provides|Go|Open|Click|Select|Try|Write|Read|Get|"
    r"Keep|Do|Don't|Be|Is|Are|If|When|For|In|On|At|To|With|By|From|No|Not|Can|Should|"
    r"Does|Will|Any|All|Each|Every|The|This|That|These|We|You|It|Don|Given|Why|How|What|"
    r"Who|Where|Which|Have|Has|Then|And|Or|But|So|Because|Since|While|Also|Only|Return|"
    r"Returns|Test|Move|Define|Implement|Introduce|Deploy|Start|Stop|Verify|Follow|"
    r"Choose|Build|Configure|Apply|Delete|Specify|Display|List|Show|Start|Print|Search|"
    r"Extract|Convert|Generate|Send|Download|Upload|Copy|Close|Connect|Mount|Edit|Log|"
    r"Compile|Launch|View|Query|Scan|Export|Import|Merge|Save|Load|Rename|Reset|Restore|"
    r"Restart|Validate|[A-Z]?[a-z]+ing)\b",
)


def terms(document: Document) -> Iterator[Candidate]:
    """Lists in which every item names a term and explains it; a lone item is no such list."""
    run: list[tuple[Block, re.Match[str] | None]] = []
    for block in [*document.blocks, Block("other", 0, 0)]:
        if block.kind == "item":
            run.append((block, _TERM.match(document.text, block.start, block.end)))
            continue
        if len(run) >= 2 and all(match for _, match in run):
            for item, match in run:
                if match and (question := _term_question(document, match)):
                    bold = 0.75 if match["bare"] is None else 0.6
                    yield Candidate("structure", "term", question, match.start("y"), item.end, bold)
        run = []


def _term_question(document: Document, match: re.Match[str]) -> str:
    term = plain(match["bold"] or match["code"] or match["bare"]).strip(" :：")
    explains = _ZH_NOUN if document.zh else _EN_NOUN
    if not explains.match(document.text, match.start("y")):
        return ""
    if (
        match["code"]
        or _NOT_A_TERM.match(term)
        or VERB.match(term)
        or re.search(r"[。？?！!；;=/<>{}()（）\[\]|…，,、“”\"]", term)
    ):
        return ""
    if document.zh:
        named = 3 <= len(term) <= 14 and re.search(r"[\u4e00-\u9fff]{3}|[A-Z][A-Za-z]{2}", term)
        return (
            f"{term}是{'什麼' if document.hant else '什么'}？"
            if named and "的" not in term and not term.endswith(("时", "后"))
            else ""
        )
    words = term.split()
    if (
        term.endswith(".")
        or " and " in term
        or not 1 <= len(words) <= 3
        or not term[0].isupper()
        or len(term) < 4
    ):
        return ""
    common = len(words) == 1 and term[1:].islower() and match["bold"] is None
    plural = words[-1].endswith("s") and not words[-1].endswith(("ss", "us", "is", "OS", "S"))
    return "" if common or plural else f'What is meant by "{term}"?'
