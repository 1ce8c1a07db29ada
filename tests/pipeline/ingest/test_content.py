"""The main content of a page: the tree against lexbor's, and what is made of it."""

import gzip
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from resiliparse.parse.html import DOMNode, HTMLTree, NodeType

from taojin.pipeline.ingest import charset
from taojin.pipeline.ingest.markup.block_kernels import (
    CAPITALS,
    CHARS,
    COMMAS,
    DIGITS,
    ENDED,
    ENDS,
    HAN,
    HOLDER,
    LINK_CHARS,
    LINKS,
    UNITS,
)
from taojin.pipeline.ingest.markup.page import parsed
from taojin.pipeline.ingest.markup.tags import NAMES as TAGS
from taojin.pipeline.ingest.markup.tags import UNREAD, tables
from taojin.pipeline.ingest.markup.tree_kernels import FROM, LAST, OWNER, PARENT, TAG, TO
from taojin.pipeline.ingest.web import extraction
from taojin.pipeline.ingest.web.content import extract, hint_kernels, hints
from taojin.pipeline.ingest.web.content.about import About, about
from taojin.pipeline.ingest.web.content.faq import faq
from taojin.pipeline.ingest.web.content.feature_kernels import NAMES
from taojin.pipeline.ingest.web.content.forest import STAGES, SURE, forest, scores
from taojin.tests.core.texts import QUICK

PIECES = st.sampled_from(
    ["<p>", "</p>", "<p class=x>", "<div>", "</div>", "<ul>", "</ul>", "<li>", "</li>", "<b>", "</b>", "<a href=/>", "</a>",
     "<h1>", "</h1>", "<h2>", "</h2>", "<dl>", "<dt>", "<dd>", "</dl>", "<pre>", "</pre>", "<br>", "<br/>", "<img src='a>b'>",
     "<script>if (a<b) '</p>'</script>", "<style>p{}</style>", "<!-- <p>no --> ", "<!doctype html>", "<textarea>a<b></textarea>",
     "<span>", "</span>", "<section>", "</section>", "<blockquote>", "</blockquote>", "<svg><path/><text>no</text></svg>",
     "sand ", "gold", " ", "\n", "&amp;", "&nbsp;", "a < b", "沙里淘金", "<3", "</ x>", "<", "<foo>", "</foo>", "<title>T</title>"]
)  # fmt: skip
SOUP = st.lists(PIECES, max_size=40).map("".join)


def shown(html: str) -> str:
    """The characters of a page in their order, white space aside."""
    page = parsed(html)
    texts = [unescape(page.raw(row[FROM], row[TO])) for row in page.texts.tolist()]
    return re.sub(r"[\s\u200b\ufeff]+", "", "".join(texts))


def lexbor(html: str) -> str:
    """The same by lexbor."""
    tree = HTMLTree.parse(html)
    return re.sub(r"[\s\u200b\ufeff]+", "", "".join(_texts(tree.document)))


def _texts(node: DOMNode) -> Iterator[str]:
    for child in node.child_nodes:
        if child.type == NodeType.TEXT:
            yield child.value or ""
        elif child.type == NodeType.ELEMENT and not _is_unread(child.tag):
            yield from _texts(child)


def _is_unread(tag: str) -> bool:
    return tag in TAGS and bool(tables().flags[TAGS.index(tag)] & UNREAD)


@QUICK
@given(SOUP)
def test_no_character_is_lost_or_moved(html: str) -> None:
    assert shown(html) == lexbor(f"<body>{html}")


@QUICK
@given(st.text(st.sampled_from("<>/!-=\"' pabdivtl&;é淘\n"), max_size=60))
def test_any_characters_make_a_tree(html: str) -> None:
    page = parsed(html)
    elements, texts = page.elements, page.texts
    assert (elements[1:, PARENT] < np.arange(1, len(elements))).all()
    assert (elements[:, LAST] > np.arange(len(elements))).all()
    assert (elements[elements[:, PARENT], LAST] >= elements[:, LAST]).all()
    assert (texts[1:, FROM] >= texts[:-1, TO]).all()
    extract.content(page, np.ones(len(page.blocks), np.float32))
    about(page)


def nested(html: str) -> list[tuple[str, str]]:
    """(text, the elements that it is in)."""
    page = parsed(html)
    found = []
    for row in page.texts.tolist():
        one, path = row[OWNER], []
        while one:
            path.append(TAGS[page.elements[one, TAG]])
            one = page.elements[one, PARENT]
        found.append((page.raw(row[FROM], row[TO]), " ".join(reversed(path))))
    return found


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a<p>b", [("a", "p"), ("b", "p")]),
        ("<p>a<div>b</div>c", [("a", "p"), ("b", "div"), ("c", "")]),
        ("<ul><li>a<ul><li>b<li>c</ul><li>d</ul>",
         [("a", "ul li"), ("b", "ul li ul li"), ("c", "ul li ul li"), ("d", "ul li")]),
        ("<dl><dt>a<dd>b<dt>c</dl>d", [("a", "dl dt"), ("b", "dl dd"), ("c", "dl dt"), ("d", "")]),
        ("<table><tr><td>a<td>b<tr><td>c</table>d",
         [("a", "table tr td"), ("b", "table tr td"), ("c", "table tr td"), ("d", "")]),
        ("<div><b>a</div>b", [("a", "div b"), ("b", "")]),
        ("<td><div>a</td>", [("a", "td div")]),
        ("a</p>b</span>c", [("a", ""), ("b", ""), ("c", "")]),
        ("<body>a</body>b", [("a", "body"), ("b", "body")]),
        ("<h1>a</h2>b", [("a", "h1"), ("b", "")]),
        ("<p>a<table><tr><td><p>b</table>c", [("a", "p"), ("b", "table tr td p"), ("c", "")]),
    ],
)  # fmt: skip
def test_errors_are_mended_as_browsers_mend_them(
    html: str, expected: list[tuple[str, str]]
) -> None:
    assert nested(html) == expected


def test_the_text_of_real_pages_is_that_of_lexbor(shared_data: Path) -> None:
    """But for what lexbor moves out of a table, as browsers do, and frames."""
    same = 0
    paths = sorted((shared_data / "extraction").glob("*/html/*.gz"))[::29]
    for path in paths:
        html = charset.decode(gzip.decompress(path.read_bytes()), markup=True).text
        same += shown(html) == lexbor(html)
    assert same >= 0.9 * len(paths)


def rendered(html: str) -> str:
    """The page with all of its blocks."""
    page = parsed(html)
    return extract.content(page, np.ones(len(page.blocks), np.float32))


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<h2>A</h2><p>b <b>c</b> <i>d</i>e<br>f<br><br>g", "## A\n\nb c de\nf\n\ng"),
        ("<ul><li>a<li>b<ol><li>c<li>d</ol></ul><ul><li>e</ul>",
         "- a\n- b\n  1. c\n  2. d\n\n- e"),
        ("<ul><li><p>a</p><p>b</p><li>c</ul>", "- a\n  b\n- c"),
        ("<dl><dt>Pan</dt><dd>A dish.</dd><dt>Sluice<dd>A box.<dd>Of wood.</dl>",
         "- Pan: A dish.\n- Sluice: A box.\n  Of wood."),
        ("<details><summary>Why?</summary><p>It is heavy.</details>", "**Why?**\n\nIt is heavy."),
        ("<table><tr><th>年<th>两<tr><td>1848<td>3<tr><td>1849<td></table>",
         "| 年 | 两 |\n|---|---|\n| 1848 | 3 |\n| 1849 |  |"),
        ("<table><tr><td><p>" + "Much text. " * 50 + "</p><td>side</table>",
         ("Much text. " * 50).strip() + "\n\nside"),
        ("<pre>a\n  <b>b</b> &lt;\n\n<span>c</span>\n</pre><p>d", "```\na\n  b <\n\nc\n```\n\nd"),
        ("<pre>one</pre>", "one"),
        ("<p>so <math alttext='x^2'><mi>x</mi></math> is", "so $x^2$ is"),
        ("<p>so <math><mi>x</mi><annotation encoding=application/x-tex>x_1</annotation></math>",
         "so $x_1$"),
        ("<p>a&amp;b&nbsp;c &lt;d&gt; &#20013;", "a&b\u00a0c <d> 中"),
    ],
)  # fmt: skip
def test_blocks_as_markdown(html: str, expected: str) -> None:
    assert rendered(html) == expected


def test_a_page_says_what_it_is() -> None:
    found = about(
        parsed(
            """<title>Window</title><meta property=og:title content="Gold &amp; sand">
            <meta name="article:published_time" content="2021-03-04T05:06:07Z">
            <link rel="canonical" href="https://pan.example/gold"><h1>Head</h1>
            <a rel="noopener license" href="https://creativecommons.org/licenses/by/4.0/">CC</a>"""
        )
    )
    assert found == About(
        "Gold & sand",
        "2021-03-04",
        "https://pan.example/gold",
        "https://creativecommons.org/licenses/by/4.0/",
    )
    assert about(parsed("<title>Window</title><h1>Head <b>line</b></h1>")).title == "Head line"
    assert about(parsed("<title>Window</title><h1>a</h1><h1>b</h1>")).title == "Window"
    for href in ("/", "gold.html", "//pan.example/", "https:///"):
        assert about(parsed(f"<link rel=canonical href='{href}'>")).url == ""
    assert about(parsed("<time datetime=20210304>")).date == "2021-03-04"


def test_questions_stated_for_machines_are_kept_once() -> None:
    stated = """<script type="application/ld+json">{"@graph": [{"@type": "FAQPage", "mainEntity": [
        {"name": "Where is gold?", "acceptedAnswer": {"text": "<p>In the &quot;sand&quot;.</p>"}},
        {"name": "On the page?", "acceptedAnswer": [{"text": "Yes."}]}, {"name": 7}]}]}</script>
        <script type="application/ld+json">{"FAQPage": </script>"""
    page = parsed(f"{stated}<h2>On the page?</h2><p>Yes.")
    assert faq(page, "On the\npage?") == '### Where is gold?\n\nIn the "sand".'


WORDS = st.lists(
    st.sampled_from(["side", "bar", "Bar", "nav", "-", "_", " ", "9", "ad", "Ads", "header", "rail", "AD", "x"]),
    max_size=6,
).map("".join)  # fmt: skip


@QUICK
@given(WORDS)
def test_hints_are_the_words_between_borders(value: str) -> None:
    page = parsed(f'<div class="{value}">a')
    bits = hint_kernels.hints(page.data, page.elements, *hints.automaton())[1]
    parted = re.sub("(?<=[a-z])(?=[A-Z])|[^A-Za-z]", "|", f"|{value}|").lower()
    expected = {
        group
        for group, words in hints.HINTS.items()
        if any(word in parted for word in words.split())
    }
    assert {name for at, name in enumerate(hints.NAMES) if bits >> at & 1} == expected


@pytest.mark.parametrize(
    "attributes", ["hidden", "style='x:1; display: none'", "aria-hidden=true", "STYLE=display:NONE"]
)
def test_what_is_not_shown_is_told(attributes: str) -> None:
    page = parsed(f"<p {attributes}>a<p style='display:block' aria-hidden=false>b")
    bits = hint_kernels.hints(page.data, page.elements, *hints.automaton())
    assert [bool(one & hint_kernels.UNSHOWN) for one in bits] == [False, True, False]


def test_what_a_block_holds_by_hand() -> None:
    page = parsed("<p>Gold, 金子! <a href=/>See 12 more</a> &eacute;<p>a")
    row = page.blocks[0]
    names = (CHARS, UNITS, LINK_CHARS, LINKS, COMMAS, ENDS, DIGITS, CAPITALS, HAN, ENDED)
    assert row[[*names]].tolist() == [18, 7, 9, 1, 1, 1, 2, 2, 2, 0]
    assert TAGS[page.elements[row[HOLDER], TAG]] == "p"


def test_features_of_a_block_by_hand() -> None:
    html = "<title>Gold pan</title><body class=x><nav><a href=/>Home</a></nav><div class=article-body><h1>Gold pan</h1><p>A text, long enough to be one of its paragraphs.</p></div>"  # fmt: skip
    found = extract.features(parsed(html))
    rows = [dict(zip(NAMES, row, strict=True)) for row in found.tolist()]
    nav, heading, text = rows
    assert (nav["link_share"], nav["levels to nav"], nav["in_best"]) == (1, 0, 0)
    assert (heading["is h1"], heading["titled"], heading["since_h1"]) == (1, 1, 0)
    assert (text["since_h1"], text["levels to hint article"], text["levels to nav"]) == (1, 1, 30)
    assert text["log_units"] == pytest.approx(np.log(11))
    assert text["block -1 link_share"] == 0
    assert text["block +1 log_units"] == -1


def test_the_forest_is_the_sum_of_its_trees() -> None:
    trees = forest()
    rows = np.random.default_rng(1).normal(1, 2, (40, len(NAMES))).astype(np.float32)

    def leaf(tree: int, row: int) -> float:
        node = int(trees.roots[tree])
        while node >= 0:
            side = rows[row, trees.features[node]] > trees.bounds[node]
            node = int(trees.children[node, int(side)])
        return float(trees.leaves[-node - 1])

    for row, found in enumerate(scores(rows, *trees)):
        own = [leaf(tree, row) for tree in range(len(trees.roots))]
        early = (sum(own[:count]) for count in STAGES)
        raw = next((one for one in early if abs(one) > SURE), sum(own))
        assert found == pytest.approx(1 / (1 + np.exp(-raw)), abs=1e-5)


def test_lists_between_content_are_kept_and_those_of_links_are_not() -> None:
    """The first list has no score of its own; both are between paragraphs that are content."""
    html = "<p>a<ul><li>b<li>c</ul><p>d<ul><li><a href=/>e</a></ul><p>f"
    page = parsed(html)
    surety = np.array([0.9, 0.1, 0.1, 0.9, 0.1, 0.9], np.float32)
    assert extract.content(page, surety) == "a\n\n- b\n- c\n\nd\n\nf"
    surety[0] = 0.1
    assert extract.content(page, surety) == "d\n\nf"


SITES = (
    """<div class="top"><a href="/">论坛首页</a> | <a href="/f2">股票</a> | <a href="/f3">汽车</a></div>
    <div class="thread"><h1>{title}</h1><div class="post"><div class="user">楼主 河边人 积分 2031</div><div class="t_fsz">{text}</div>
    <div class="sign">人生如沙，淘尽方见金</div></div></div><div class="pager"><a>1</a><a>2</a><a>下一页</a></div><div class="foot">版权所有 京ICP备12345678号</div>""",
    """<div class="header"><ul><li><a>首页</a></li><li><a>新闻</a></li><li><a>财经</a></li></ul></div><div class="crumb">当前位置：首页 > 新闻</div>
    <div class="article"><h1>{title}</h1><div class="info">来源：河报 2020-01-02 编辑：李四</div><div class="content">{text}</div></div>
    <div class="hot"><h3>热门推荐</h3><ul><li><a>他靠这个发了财</a></li><li><a>看完惊呆了</a></li></ul></div><div class="footer">关于我们 | 联系我们 | 版权声明</div>""",
    """<table width="100%"><tr><td><a>网站首页</a> <a>政务公开</a> <a>办事指南</a></td></tr></table><div class="zw"><div class="bt">{title}</div>
    <div class="xl_ly">发布时间：2019-05-06 字体：[大 中 小] 打印本页</div><div class="TRS_Editor">{text}</div></div><div>主办：河县人民政府办公室 网站标识码：1100000001</div>""",
    """<div class="nav"><a>百科首页</a><a>历史上的今天</a></div><div class="main-content"><h1>{title}</h1><div class="lemma-summary">{text}</div>
    <div class="catalog"><h2>目录</h2><ol><li><a>1 历史</a></li><li><a>2 方法</a></li></ol></div></div><div class="side"><a>词条统计</a><p>浏览次数：12345次</p></div>""",
)
SENTENCES = [
    "春天雪水下来，河床里的沙子就一层一层地翻过来，老人们说这时候最容易见到金子。",
    "他们把沙子装进木盆，蹲在浅水里慢慢地摇，轻的随水走了，重的沉在盆底。",
    "一个人一天能洗三百盆，运气好的时候能得到指甲盖大小的一点，拿到镇上换成粮食和布。",
    "后来来了机器，河道被挖得千疮百孔，县里在去年秋天下了禁令，不许再在上游采沙。",
]


@pytest.mark.parametrize("site", range(len(SITES)))
def test_chinese_layouts_keep_the_text_and_lose_what_is_around(site: int) -> None:
    text = "".join(f"<p>{one}</p>" for one in SENTENCES)
    html = f"<html><head><title>河里的金子</title></head><body>{SITES[site].format(title='河里的金子', text=text)}</body></html>"
    found = extraction.extract(html, "taojin").text
    assert all(one in found for one in SENTENCES)
    assert len(found) < sum(map(len, SENTENCES)) + 40
