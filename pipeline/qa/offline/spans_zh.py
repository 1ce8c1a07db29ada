"""Spans of a Chinese clause that can be asked for: names, places, titles, offices, objects, lists.

Each pattern is anchored by the word before the span and the end of the clause behind it, so that
the question word stands where a noun stood: 毕业于北京大学 becomes 毕业于哪所大学.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from taojin.pipeline.pii.china.name_characters import GIVEN, SURNAMES, UNSURE
from taojin.pipeline.qa.offline.lexicon_zh import predicative, simplified, tags


@dataclass(frozen=True, slots=True)
class Span:
    """What is asked for: `start` to `end` answer, `left` to `right` give way to `word`."""

    kind: str
    word: str
    left: int
    right: int
    start: int
    end: int
    score: float


_N = r"[^，。；：！？、,;（）()“”「」『』《》〈〉<>`\s]"
_END = r"(?=[，。；！？]|$)"
_HAN = r"[\u3400-\u9fff]"
_FOREIGN = rf"{_HAN}{{1,7}}(?:[·・]{_HAN}{{1,8}}){{0,3}}[·・]{_HAN}{{1,8}}?"
_NATIVE = rf"[{''.join(sorted(SURNAMES - UNSURE))}][{''.join(sorted(GIVEN))}]{{1,2}}"
NAME = rf"{_FOREIGN}(?![{_HAN[1:-1]}·])|{_NATIVE}"
_NAME_ENDS = (
    r"(?=[，。；所于於在的率]|提出|[创創]|担任|擔任|[设設][计計]|[执執][导導]|[导導]演|主演|建造|"
    r"建立|[发發][现現明起]|[写寫]|撰|[编編]|[饰飾]|演唱|作[词詞曲]|打[败敗]|[击擊][败敗]|共同|合作|"
    r"一起|主持|[负負][责責]|命名|[带帶][领領]|宣布|出任|就任|接任|[领領][导導]|[击擊]|[继繼]|"
    r"成[为為]|[获獲]|[当當][选選]|[统統]治|加入|[离離][开開]|去世|逝世|出生|[认認][为為])"
)
_TITLES = (
    r"[总總][统統理督]|国王|國王|皇帝|首相|主席|教宗|主教|[将將][军軍领領]|上[将將校]|"
    r"[部市州省院校局县縣][长長]|董事[长長]|[导導]演|作家|歌手|演[员員]|[漫作画畫曲]+家|"
    r"[诗詩]人|[学學]者|[科物化数數哲史生地文][^，。的]{0,2}[学學]家|建[筑築][师師]|工程[师師]|教授|"
    r"博士|球[员員]|教[练練]|[创創][始办辦]人|[记記]者|牧[师師]"
)
_WORKS = {
    "部": "长篇小说|短篇小说|小[说說]|[电電]影|[电電][视視][剧劇]|[动動][画畫]片?|漫[画畫]|著作|"
    "[纪紀][录錄]片|歌[剧劇]|史[书書]|作品|法案",
    "张": "[专專][辑輯]",
    "首": "歌曲|[单單]曲|[诗詩]歌|主[题題]曲",
    "本": "[杂雜][志誌]|[书書]籍|[诗詩]集",
    "款": "[游遊][戏戲]",
    "篇": "[论論]文|文章",
    "份": "[报報][纸紙]|[条條][约約]",
    "个": "[节節]目",
}
_KINDS = {
    "所": "大[学學]|[学學]院|中[学學]|小[学學]|[学學]校|神[学學]院",
    "家": "公司|[银銀]行|[医醫]院|出版社|[电電][视視][台臺]|[俱][乐樂]部|[报報]社|[唱][片]公司",
    "支": "球[队隊]|[乐樂][队團团]|[部][队隊]|[舰艦][队隊]",
    "座": "城市|城堡|[岛島][屿嶼]|教堂",
    "条": "[铁鐵]路|[运運]河|河流|公路",
    "场": "[战戰][争爭役]",
    "个": "[党黨]|[委][员員][会會]|[议議][会會]|[组組][织織]|[联聯]盟|"
    "[协協][会會]|政府|帝[国國]|王[国國]|"
    "共和[国國]|半[岛島]|家族|教[会會]|民族|省|[县縣]|州|[镇鎮]|村|王朝|[宗]教",
}
_SUFFIXES = [(re.compile(rf"(?:{kinds})$"), measure) for measure, kinds in _KINDS.items()]

_ROWS = (
    (
        "place",
        "哪里",
        0.8,
        r"[位坐座落生葬世卒设設建布佈产產源部][于於在](?<![一个個是不未].[于於在])"
        rf"(?P<a>(?!\d|{_N}*?(?:[年月日時时世]|的)){_N}{{2,24}}?){_END}",
    ),
    (
        "place",
        "哪里",
        0.75,
        r"[迁遷流注来來][至到往经經入自](?<=[迁遷][至到往]|流[经經入]|注入|[来來]自)(?<![不未]..)"
        rf"(?P<a>(?!\d|{_N}*?(?:[年月日時时世]|的)){_N}{{2,24}}?){_END}",
    ),
    (
        "name",
        "什么",
        0.8,
        r"[称稱名叫号號](?:(?<![号號])[为為作做]|(?<=[原本全别別笔筆艺藝又俗]名)[为為是叫]?|"
        r"(?<=[又俗简簡亦通][称稱])|(?<=[绰綽外][号號]))"
        rf"(?P<q>[“「『\"]?(?P<a>(?![是为為者做意的]){_N}{{1,20}}?)[”」』\"]?){_END}",
    ),
    (
        "office",
        "什么职务",
        0.8,
        r"[担擔出就升改调調兼接]任[了为為過过]?"
        rf"(?P<a>(?!这|這|此|该|該|其|何){_N}{{2,20}}?(?:[长長员員师師理事督令官席]|教[练練授]|[书書][记記]|"
        rf"大使|代表|主演|首相|[总總][统統]|主[编編]|[顾顧][问問])){_END}",
    ),
    (
        "gain",
        "什么",
        0.65,
        r"[获獲荣榮赢贏夺奪][得获獲颁頒]了?"
        rf"(?P<a>(?!了|\d|这|這|此|其|更|一|很|[较較]|多|大量|[许許]|不少|在)"
        rf"{_N}{{0,16}}?(?:[奖獎][项項]?|[冠亚亞季]军|[冠亞季]軍|金牌|[银銀]牌|[铜銅]牌|[学學]位"
        rf"|[称稱][号號]|[勋勳]章|[头頭][衔銜]|提名)){_END}",
    ),
    (
        "member",
        "",
        0.75,
        r"(?:(?:[毕畢][业業]|就[读讀]|[隶隸][属屬]|任[教职職]|效力)[于於]|考[入取])了?"
        rf"(?P<a>(?!其|该|該|此|这|這|本|同|多|各|一){_N}{{2,16}}?){_END}",
    ),
    (
        "list",
        "哪些",
        0.75,
        r"(?<=[\u3400-\u9fff《》A-Za-z])(?:包[括含]|分[为為成]|涵[盖蓋])了?"
        rf"(?P<a>(?!下列|以下|按照|依照|很多|[许許]多|的){_N}{{1,14}}(?:、{_N}{{1,14}})+?"
        rf"(?:(?:[和与與及]|以及){_N}{{1,14}}?)?)"
        rf"(?:等{_N}{{0,4}})?{_END}",
    ),
)
_AT_HEAD = (
    (
        "value",
        "是什么",
        0.7,
        rf"{_N}{{2,20}}的(?:首都|[前後]身|[总總]部|[简簡全]称|[简簡全]稱|[本原全]名|名[称稱]"
        rf"|代表作|母公司|作者|[创創]始人|[导導]演|主角|主[题題]|宗教|"
        rf"[语語]言|[货貨][币幣]|主[编編]|[领領][导導]人|[国國]花|[国國]教|省[会會]|首府|作用"
        rf"|目的|目[标標]|功能|任[务務]|[职職][责責]|[默][认認]值|原因|特[点點])(?P<q>(?:就)?"
        rf"(?:是|[为為])"
        rf"(?P<a>(?![了由在从從对對以用因否指由为為一]){_N}{{2,30}}?)){_END}",
    ),
)
_NAMED = (
    (
        "person",
        "谁",
        0.75,
        r"[由被受与與和败敗娶给給](?<![自经經理缘参參共暖缓总].)(?!其)"
        rf"(?P<a>{_FOREIGN}|(?<=[由被]){_NATIVE}){_NAME_ENDS}(?![，。；的])",
    ),
    (
        "person",
        "",
        0.75,
        rf"(?<![大副前的])(?P<q>(?P<t>{_TITLES})(?P<a>{_FOREIGN}|{_NATIVE})){_NAME_ENDS}",
    ),
    (
        "person",
        "谁",
        0.7,
        rf"(?:^|(?<=[日年]，))(?P<a>{_FOREIGN}|{_NATIVE}){_NAME_ENDS}(?![，。、；的])",
    ),
)
_TITLED = (
    (
        "work",
        "",
        0.75,
        rf"(?<=[的了著])(?P<q>(?P<t>{'|'.join(_WORKS.values())})(?P<a>《[^《》]{{1,24}}》))(?![、和与與及《〈（(])",
    ),
    (
        "work",
        "什么作品",
        0.7,
        r"(?:出版|[发發]表|[发發]行|推出|[执執][导導]|主演|[创創]作|撰[写寫]|著有|[编編][写寫著]|演唱|"
        r"[参參]演|出演|翻[译譯]|[写寫][下了成]|[导導]演)了?(?P<a>《[^《》]{1,24}》)(?=[，。；]|$)",
    ),
)


_Row = tuple[str, str, float, re.Pattern[str]]


def _compiled(rows: Iterable[tuple[str, str, float, str]]) -> tuple[_Row, ...]:
    return tuple((kind, word, score, re.compile(text)) for kind, word, score, text in rows)


_ANYWHERE, _HEAD = _compiled(_ROWS), _compiled(_AT_HEAD)
_PERSONS, _BOOKS = _compiled(_NAMED), _compiled(_TITLED)
_ANY_NATIVE = re.compile(_NATIVE)


def spans(body: str) -> Iterator[Span]:
    """Every span that a pattern finds, in the order of the patterns."""
    for kind, word, score, match in _matches(body):
        start, end = match.span("a")
        left, right = match.span("q") if "q" in match.re.groupindex else (start, end)
        asked = word or _which(match.groupdict())
        if kind == "place" and (named := _kind(body[start:end])):
            asked = named if body[left - 1] not in "于於在" else asked
        if kind == "person" and tags().get(simplified(body[start:end]), "nr")[0] != "n":
            continue
        if kind == "place" and (
            body[left - 3 : left - 2] in ("为", "為", "是") or "不" in body[left - 8 : left]
        ):
            continue
        if kind == "name" and re.search(r"以[^，。]{0,12}$", body[:left]):
            continue
        if kind == "value" and tags().get(simplified(body[left - 2 : left]), "n") == "v":
            continue
        if asked and (kind not in _NOUNS or _noun(body[start:end])):
            yield Span(kind, asked, left, right, start, end, score)


def _matches(body: str) -> Iterator[tuple[str, str, float, re.Match[str]]]:
    for kind, word, score, pattern in _HEAD:
        if match := pattern.match(body):
            yield kind, word, score, match
    rows = _ANYWHERE
    if "·" in body or "・" in body or _ANY_NATIVE.search(body):
        rows += _PERSONS
    if "《" in body:
        rows += _BOOKS
    for kind, word, score, pattern in rows:
        for match in pattern.finditer(body):
            yield kind, word, score, match


_NOUNS = ("gain", "place", "value", "office", "member")
_CLAUSE = re.compile(
    r"而|新址|下$|改[为為]|[来來受](?=.)|[并並]|[后後]$|[时時]$|^[和与與及或的所者着著过過了]|[，。]|因[为為]|[从從]而|以便|的$|[说說]$|[为為]主|[他她它其该該这這此]"
)


def _noun(answer: str) -> bool:
    """Whether the words of an answer are a noun phrase and no clause."""
    if _CLAUSE.search(answer):
        return False
    return not predicative(simplified(answer))


def _which(groups: dict[str, str | None]) -> str:
    """`哪所大学` for 北京大学, `哪位导演` for 导演张三; empty where the kind is not known."""
    title = groups.get("t")
    if title is None:
        return _kind(groups["a"] or "")
    if not (groups["a"] or "").startswith("《"):
        return f"哪位{title}"
    measure = next(one for one, kinds in _WORKS.items() if re.fullmatch(kinds, title))
    return f"哪{measure}{title}"


def _kind(name: str) -> str:
    """`哪` with measure word and the kind that a name ends with; empty if it is only the kind."""
    if "的" in name:
        return ""
    for suffix, measure in _SUFFIXES:
        match = suffix.search(name)
        if match and match.start() >= 2 and (len(match.group()) > 1 or len(name) <= 5):
            return f"哪{measure}{match.group()}"
    return ""
