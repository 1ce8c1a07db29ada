"""Web pages: an article inside the navigation, advertisements and footer of an invented site."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from taojin.data_samples.manuscripts import Block, Manuscript, blocks, table


@dataclass(frozen=True)
class Site:
    """What surrounds the articles of a site; its host ends in a reserved domain."""

    host: str
    name: str
    menu: Sequence[str]
    advertisement: str
    related: Sequence[str]
    footer: str


SITES = {
    "harbour": Site(
        "www.harbourgazette.example",
        "The Harbour Gazette",
        ("Home", "News", "Nature", "Kitchen", "Letters", "Archive"),
        "Sale ends Sunday! Two for one on rubber boots",
        ("Ferry timetable", "Tide tables for the week", "Crossword no. 812"),
        "© The Harbour Gazette. All rights reserved. Imprint, contact, privacy.",
    ),
    "workshop": Site(
        "blog.benchnotes.example",
        "Bench Notes",
        ("Start", "Wood", "Metal", "Code", "About"),
        "Your advert could stand here",
        ("Sharpening for beginners", "Ten uses for a broken saw", "A shelf in an hour"),
        "Bench Notes is written after work. Feed | Imprint | Log in",
    ),
    "riverbank": Site(
        "www.riverbank.example",
        "河岸周刊",
        ("首页", "自然", "饮食", "手艺", "专题", "投稿"),
        "限时特惠，全场雨靴第二双半价",
        ("本周水位公告", "老照片征集", "渡口时刻表"),
        "河岸周刊 版权所有 联系我们 网站地图",
    ),
    "silkroad": Site(
        "www.silkroad.example",
        "丝路笔记",
        ("首页", "技术", "历史", "生活", "关于"),
        "广告位招租",
        ("新手指南", "一周热门", "友情链接"),
        "丝路笔记 保留所有权利 登录 注册",
    ),
    "bay": Site(
        "www.bayview.example",
        "海灣日常",
        ("首頁", "街坊", "飲食", "工藝", "訂閱"),
        "周年慶全館九折",
        ("渡輪時刻", "本月市集", "舊照片"),
        "海灣日常 版權所有 聯絡我們",
    ),
}

_PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="{charset}">
<title>{title} - {name}</title>
<link rel="canonical" href="{url}">
<link rel="stylesheet" href="/style.css">
<script>var page = document.location.pathname; window.visits = (window.visits || 0) + 1;</script>
</head>
<body>
<header><a class="logo" href="/">{name}</a>
<nav class="menu"><ul>{menu}</ul></nav></header>
<div class="advertisement" id="ad-top"><a href="/offers">{advertisement}</a></div>
<main>
<article>
<h1>{title}</h1>
{article}
</article>
<aside class="sidebar related"><ul>{related}</ul></aside>
</main>
<footer class="site-footer"><p>{footer}</p></footer>
</body>
</html>
"""


def url(manuscript: Manuscript) -> str:
    """The address given in the manuscript, or one made of its site and its name."""
    host = SITES[manuscript.site].host if manuscript.site else "www.samples.example"
    return manuscript.url or f"https://{host}/{manuscript.name}.html"


def html_page(manuscript: Manuscript) -> bytes:
    """The page in the manuscript's charset; a manuscript of kind raw is a page already."""
    if manuscript.kind == "raw":
        return (manuscript.body + "\n").encode()
    site = SITES[manuscript.site]
    page = _PAGE.format(
        lang=manuscript.lang,
        charset=manuscript.charset,
        title=escape(manuscript.title),
        name=site.name,
        url=url(manuscript),
        menu=_links(site.menu),
        advertisement=site.advertisement,
        article="\n".join(_element(block) for block in blocks(manuscript.body)),
        related=_links(site.related),
        footer=site.footer,
    )
    return page.encode(manuscript.charset)


def _links(labels: Sequence[str]) -> str:
    return "".join(f'<li><a href="/{i}.html">{label}</a></li>' for i, label in enumerate(labels, 1))


def _element(block: Block) -> str:
    first = block[0]
    if first.startswith("## "):
        return f"<h2>{escape(first[3:])}</h2>"
    if first.startswith("- "):
        return "<ul>" + "".join(f"<li>{escape(line[2:])}</li>" for line in block) + "</ul>"
    if first.startswith("| "):
        return _table(table(block))
    return f"<p>{escape(first, quote=False)}</p>"


def _table(rows: list[list[str]]) -> str:
    head, *rest = [[escape(cell) for cell in row] for row in rows]
    lines = ["<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rest]
    return f"<table><tr><th>{'</th><th>'.join(head)}</th></tr>{''.join(lines)}</table>"
