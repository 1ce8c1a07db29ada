"""Twelve Chinese pages, written for this test in the layouts of forums, news, offices and more.

What must be in the text stands between `[+` and `+]`, what may be in it between `[?` and `?]`; all
other texts of the body must not be. The marks are taken out before a page is read.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from taojin.pipeline.ingest.markup.page import parsed
from taojin.pipeline.ingest.web.content.alike import alike
from taojin.pipeline.ingest.web.extraction import extract

PAGES = sorted((Path(__file__).parent / "pages").glob("*.html"))
LEAST_RECALL, LEAST_PRECISION = 0.97, 0.95
"""By characters over all pages; measured: 0.982 and 0.959."""
MARKED = re.compile(r"\[([+?])(.*?)\1\]", re.S)
UNREAD = re.compile(r"<(script|select|button)\b.*?</\1>", re.S)
SHORTEST = 4
"""Characters of a text of which it can be told whether it is in another."""


class Labelled(NamedTuple):
    html: str
    wanted: list[str]
    unwanted: list[str]


def labelled(path: Path) -> Labelled:
    source = path.read_text(encoding="utf-8")
    wanted = [plain(found[2]) for found in MARKED.finditer(source) if found[1] == "+"]
    others = UNREAD.sub("", MARKED.sub("<>", source[source.index("<body") :]))
    unwanted = map(plain, re.split(r"<[^>]*>|&\w+;", others))
    return Labelled(
        MARKED.sub(lambda found: found[2], source),
        [text for text in wanted if text],
        [text for text in unwanted if len(text) >= SHORTEST and text not in "\0".join(wanted)],
    )


def plain(text: str) -> str:
    """The text without white space and the signs of Markdown."""
    return re.sub(r"[\s|#*`]", "", text)


def sizes() -> Iterator[tuple[int, int, int]]:
    """Characters that are wanted, those of them that are found, those found that are not wanted."""
    for path in PAGES:
        page = labelled(path)
        text = plain(extract(page.html, "taojin").text)
        found = sum(len(one) for one in page.wanted if one in text)
        extra = sum(len(one) for one in page.unwanted if one in text)
        yield sum(map(len, page.wanted)), found, extra


def test_content_and_nothing_else_is_found_on_pages_of_all_kinds() -> None:
    assert len(PAGES) == 12
    wanted, found, extra = map(sum, zip(*sizes(), strict=True))
    assert found / wanted >= LEAST_RECALL
    assert found / (found + extra) >= LEAST_PRECISION


def test_every_page_gives_most_of_its_content() -> None:
    shares = {path.name: row[1] / row[0] for path, row in zip(PAGES, sizes(), strict=True)}
    assert {name: share for name, share in shares.items() if share < 0.9} == {}


THREAD = """<body><div class="post"><div class="said-1">{first}</div></div>
<div class="post"><div class="by">某人 楼主 只看该作者 回复 支持 反对 举报</div>
<div class="said-2"><p>烟囱根底下要有回风洞，深一尺左右。</p></div></div>
<div class="comment"><p>学习了，感谢楼主的分享，收藏起来以后慢慢看。</p></div>
<div class="said-3"><p><a>旧书市集周末开张，城东菜市场改造完工</a></p></div>
""".format(first="今年入秋我把老屋东间的炕拆了重盘，用的是旧土坯。" * 4)


@pytest.mark.parametrize(
    ("others", "expected"),
    [(0.3, [True, False, True, False, False]), (0.1, [True] + [False] * 4)],
)
def test_answers_in_elements_like_that_of_the_first_post_are_content(
    others: float, expected: list[bool]
) -> None:
    page = parsed(THREAD)
    surety = np.array([0.9, others, others, others, others], np.float32)
    kept = surety > 0.65
    assert (kept | alike(page, surety, kept)).tolist() == expected
