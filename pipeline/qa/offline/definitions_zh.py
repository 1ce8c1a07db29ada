"""Definitions in Chinese: `X是指Y`, `所谓X，就是Y`, `X是一种Y`, `X（…）是Y`."""

import re

from taojin.pipeline.qa.blocks import Document
from taojin.pipeline.qa.offline.candidates import Sentence, plain, unabbreviated
from taojin.pipeline.qa.offline.lexicon_zh import predicative, simplified

Found = tuple[str, str, float] | None
"""Kind, question, score."""

_ARTICLE = (
    r"^(?:第[一二三四五六七八九十百千零〇\d]+[条條款项項](?:之[一二三四五六七八九十])?[ \t　]"
    r"*|[^\w《“\"`*<(（\[]+)?"
)
_LEAD = (
    r"(?:(?:因此|所以|例如|比如|此外|另外|同时|首先|通常|总之|然而|不过|但是?|可见|"
    r"简单来说|简单地说|一般来说|具体来说"
    r"|简而言之|换句话说|也就是说|总的来说|在计算机科学中|而|其实|顾名思义)[，, ]*)?"
)
_MEANS = re.compile(
    _ARTICLE + _LEAD + r"(?:所[谓謂]的?)?(?P<x>[^，。；！？：]{2,36}?)[，, ]?(?:就?是指|[就即系]指|"
    r"指的[就便]?是)[，：,]?(?P<y>[^：]{6,})"
)
_SO_CALLED = re.compile(
    _ARTICLE
    + _LEAD
    + r"所[谓謂]的?(?P<x>[^，。；！？：]{2,24})[，,](?:其实|實|实际上)?就?是(?P<y>[^：]{6,})"
)
_KIND = re.compile(
    _ARTICLE + _LEAD + r"(?P<x>[^，。；！？：]{2,36}?)[，, ]?是 ?(?:一|"
    r"1) ?(?P<k>[种種个個类類款门門套项項组組家座位名])(?P<y>.{4,})"
)
_IS = re.compile(
    r"^(?P<x>[^，。；！？：（(]{2,20})[（(][^（）()\n]{2,80}[)）](?:[，,][^，。；！？：]{"
    r"2,20})?[，,]?是(?!否|不是|[由在从從被以于於不没沒应應可因我你])(?P<y>.{6,})"
)
_TAIL = re.compile(
    r"(?:已经|已經|常常|经常|仍然|仍|通常|一般|其实|其實|实际上|實際上|本质上|也|就|都|"
    r"主要|基本上|实质上|同样|同樣|本身|则|則|往往|曾经|曾|又|既|均|正|便)+$"
)
_OPINION = re.compile(
    r" ?(?:巨大|可能的|最好|最佳|好主意|不错|好|很|非常|十分|比较|更|挑战|进步|例外|误区|错误|"
    r"谜|难|复杂|简单的事|常见的做法|明智|重要的?[^，。]{0,3}。|问题|关键|[^，。]{0,16}例子)|"
    r"例子|.*的好[^，。]{1,3}[。，]|.*(?:我|你|希望|值得|需要花|体验|心存|真正|完美|优秀|出色|绝佳|很棒|必不可少|不可或缺|……|[？?]|有趣|有意思|不幸|有用的)"
)
_PERSON = re.compile(
    r"(?:家|者|员|員|手|帝|王|师|師|士|将|將|臣|演员|教授|议员|人|后|僧|侠|诗人|導演|"
    r"导演|主播|記者)$"
)
_SUBJECT = re.compile(
    r"^(?:[上下]面|理论上|还)|[还算]$|[的地得着了和与或是有在中上下里]$|[，。、！？；：…=]|^(?:尽管|鉴于|多年|比较|即使|既然|如果|若|当|"
    r"因为|由于|虽然|而|但|并|就|这|那|它|他|她|我|你|您|大家|其|该|此|本(?![地质身体])|"
    r"上述|前|下列|以下"
    r"|新的|停用|启用|创建|删除|添加|增加|减少|选择|设置|配置|学习|安装|运行|执行|编写|"
    r"实现|提供|保持|使|理解|了解|使用|通过|支持|采用|利用|进行|在|从|对|对于|将|把|被|"
    r"让|可以|能够|需要|应|不|没有|有|还|也|另|第[一二三四五六七八九十\d]|每|各|所有|"
    r"任何|一|作为|除|与|和|以及|或|是|为|关于|根据|重要|更|最|唯一)"
    r"|^(?:今天|明天|昨天|现在|如今|目前|当前|原因|结果|目的|问题|区别|优点|缺点|意思|方法|作者|公司|项目|参数|返回值?|注意|"
    r"注|例子|答案|重点|关键|函数|方案)$|我|你|吗|呢|吧|这|哪|什么|怎|为何|会|能$|不$|"
    r"不一定$|不是$|不[仅只再单]|[仅只]|可以|可能|并非|应该|负责|(?<!自)由[^，]{2}"
)
_LAW = re.compile(
    r"^本(?P<kind>法|条例|條例|办法|辦法|规定|規定|规则|細則|细则|决定|解释|规程|"
    r"章程)(?:所[称稱指])?(?:的)?"
)
CUE = re.compile(r"是指|指的|[系即就]指|是 ?[一1]|所[谓謂]|[)）](?:，[^，。]{2,20})?，?是")


def skip(text: str) -> int:
    """Length of an article number in front of a sentence of law."""
    match = re.match(_ARTICLE, text)
    return match.end() if match and text.startswith("第") else 0


def find(document: Document, sentence: Sentence) -> Found:
    """Kind, question and score of the definition that a sentence is."""
    what = "什麼" if document.hant else "什么"
    text = sentence.text
    if match := _MEANS.match(text) or _SO_CALLED.match(text):
        subject = _subject(document, match["x"])
        if subject and len(match["y"]) < 2 * len(subject) and subject[-4:] in match["y"]:
            return None
        return ("means", f"{subject}是指{what}？", 0.9) if subject else None
    if (match := _KIND.match(text)) and not _OPINION.match(match["y"]):
        subject = _subject(document, match["x"])
        who = "谁" if match["k"] in "位名" else what
        who = "誰" if document.hant and who == "谁" else who
        return ("kind", f"{subject}是{who}？", 0.85) if subject else None
    if sentence.first and (match := _IS.match(text)):
        subject = _subject(document, match["x"])
        person = _PERSON.search(re.split("[，。；]", match["y"])[0])
        who = ("誰" if document.hant else "谁") if person else what
        return ("is", f"{subject}是{who}？", 0.8) if subject else None
    return None


def _subject(document: Document, raw: str) -> str:
    """What is defined, as it is said; empty if it is no name or depends on the context."""
    subject = unabbreviated(plain(raw)).strip('“”"「」『』 　，,')
    law = _LAW.match(subject)
    if law:
        named = law_title(document, law["kind"])
        rest = subject[law.end() :].strip('“”"「」『』 　，,')
        return f"{named}所称{rest}" if named and rest else ""
    if re.search(r"[也又]$|同[样樣]$", subject):
        return ""
    subject = _TAIL.sub("", subject).strip('“”"「」『』 　，,')
    subject = re.sub(r"[（(][^（）()]*[）)]$", "", subject).strip()
    if (
        len(subject) < 2
        or _SUBJECT.search(subject)
        or re.search(r"图中|每[个個]|^所[称稱]", subject)
        or re.fullmatch(
            r"[短长中近][期短]|情[节形况]|重大|严重|[较特]大|[首多]次|单位|企业|年度", subject
        )
        or re.search(r"[将將把被]|[称稱][为為]|想要", subject)
    ):
        return ""
    return "" if predicative(simplified(subject)) and len(subject) > 4 else subject


def law_title(document: Document, kind: str) -> str:
    """The title in 《》, if it names a law of that kind: what `本法` stands for."""
    title = plain(document.title).strip("《》 　")
    title = re.sub(r"[（(][^（）()]*[)）]$", "", title).replace("《", "〈").replace("》", "〉")
    return f"《{title}》" if title.endswith(kind) and 4 <= len(title) <= 30 else ""
