"""Whom a page names as its author, and that no name is left where names are masked."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taojin.pipeline import recipe as recipes
from taojin.pipeline.ingest.markup.page import parsed
from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import ReadOptions, Record
from taojin.pipeline.ingest.web.content.about import about
from taojin.pipeline.inputs import find
from taojin.pipeline.steps import ingest
from taojin.pipeline.task import execute


def ld(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def of(html: str) -> str:
    return about(parsed(html)).author


JANE = {"@type": "Person", "name": "Jane Doe"}
FOUND = {
    '<meta name=author content="Jane Doe">': "Jane Doe",
    '<meta name="Author" content=" 张三&nbsp;">': "张三",
    '<meta property="article:author" content="https://social.example/jane">': "",
    "<meta name=author content=admin><a rel=author href=/j>Jane Doe</a>": "Jane Doe",
    '<meta name=citation_author content="Doe, Jane"><meta name=citation_author content="Li Lei">'
    "<meta name=author content=press>": "Doe, Jane, Li Lei",
    '<meta name=author content="By Jane Doe">': "Jane Doe",
    '<meta name=author content="Bylund Jane">': "Bylund Jane",
    ld({"@type": "NewsArticle", "author": JANE}): "Jane Doe",
    ld({"@type": "NewsArticle", "author": "Jane Doe"}): "Jane Doe",
    ld(
        [{"@graph": [{"@type": "WebPage"}, {"author": [JANE, {"name": "李雷"}]}]}]
    ): "Jane Doe, 李雷",
    ld({"author": [JANE, JANE]}): "Jane Doe",
    ld({"@type": "Product", "review": {"@type": "Review", "author": JANE}}): "",
    ld([{"@type": ["Review"], "author": JANE}, {"author": "Li Lei"}]): "Li Lei",
    ld({"author": {"name": 7}}): "",
    ld({"author": "Jane \ud800 Doe"}): "Jane \ufffd Doe",
    '<script type="application/ld+json">{"author": </script><p rel=author>Jane Doe</p>': "Jane Doe",
    '<script>{"author": "Jane Doe"}</script>': "",
    '<p>Text.</p><a class=x rel="author" href="/j">Jane <b>Doe</b></a>': "Jane Doe",
    '<span itemprop="author"><span itemprop="name">Jane Doe</span></span>': "Jane Doe",
    '<div class="meta post-author">By Jane Doe | 3 May 2024</div>': "Jane Doe",
    '<div class="byline">作者：李雷 发布时间 2024</div>': "李雷",
    '<div class="byline">文/李雷</div>': "李雷",
    f'<div class="byline">{"a long introduction " * 9}</div>': "",
    f'<body class="post-author">{"<p>x</p>" * 900}</body>': "",
    '<p>rel="author" and class="byline" are attributes.</p>': "",
    "<p>By Jane Doe</p>": "",
}


@pytest.mark.parametrize("html", FOUND)
def test_a_page_names_its_author(html: str) -> None:
    assert of(f"<html><body>{html}</body></html>") == FOUND[html]


@settings(max_examples=200, deadline=None)
@given(st.recursive(st.none() | st.text(max_size=9) | st.integers(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["author", "name", "@graph", "@type"]), inner, max_size=3), max_leaves=12))  # fmt: skip
def test_whatever_is_stated_gives_text(value: object) -> None:
    of(ld({"author": value})).encode()


def test_files_of_other_kinds_name_theirs(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("---\nauthor: Jane Doe\n---\nGold.\n")
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "Gold.", "by": "Jane Doe"}))
    options = ReadOptions(columns={"author": "by"})
    for path in tmp_path.iterdir():
        (found,) = read(str(path), options)
        assert isinstance(found, Record)
        assert found.author == "Jane Doe"


@pytest.mark.parametrize(
    ("pii", "author"),
    [
        ({}, "Jane Doe <EMAIL>"),
        ({"kinds": ["email", "person"]}, ""),
        ({"kinds": ["email", "person"], "actions": {"person": "drop"}}, ""),
        ({"kinds": ["email", "person"], "actions": {"person": "count"}}, "Jane Doe <EMAIL>"),
    ],
)
def test_no_author_is_written_where_names_are_masked(
    tmp_path: Path, pii: dict[str, object], author: str
) -> None:
    (tmp_path / "in").mkdir()
    html = '<meta name=author content="Jane Doe jane@mail.com"><p>Gold is in the sand.</p>'
    (tmp_path / "in" / "a.html").write_text(html)
    table = {"name": "r", "sources": [{"name": "s", "path": "in/*"}], "pii": pii}
    recipe = recipes.parse(table, tmp_path)
    source = recipe.sources[0]
    task = ingest.task(recipe, source, find(source, tmp_path, {}), None, 1 << 20)
    done = execute(task, tmp_path / "work")
    found = done.read("documents-000")["source"].struct.field("author").to_list()
    assert found == [author]
