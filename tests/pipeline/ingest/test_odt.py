"""OpenDocument texts."""

from pathlib import Path

import pytest

from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import ReadOptions, Record
from taojin.tests.pipeline.ingest.hostile import (
    LAUGHS,
    OUTSIDE,
    assert_no_crash,
    changed,
    entry_of,
    packed,
)

NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "text", "table", "style", "draw", "meta", "manifest")
)
CONTENT = f"""<?xml version="1.0"?><office:document-content {NAMES}><office:automatic-styles>
<style:style style:name="P1" style:parent-style-name="Title"/>
<text:list-style style:name="L1"><text:list-level-style-bullet text:level="1"/>
<text:list-level-style-number text:level="2"/></text:list-style></office:automatic-styles>
<office:body><office:text><text:tracked-changes><text:changed-region><text:deletion>
<text:p>删去的</text:p></text:deletion></text:changed-region></text:tracked-changes>
<office:forms>表单</office:forms><text:p text:style-name="P1">淘金</text:p>
<text:h text:outline-level="2">工具<text:change-start/></text:h>
<text:p>要<text:span>耐心</text:span><text:s text:c="2"/>一遍<text:line-break/>一遍。<text:note>
<text:note-citation>1</text:note-citation><text:note-body><text:p>注<text:span>脚</text:span>。</text:p>
</text:note-body></text:note><office:annotation><text:p>批注</text:p></office:annotation></text:p>
<text:section><text:list text:style-name="L1"><text:list-item><text:p>筛子</text:p></text:list-item>
<text:list-item><text:p>水盆</text:p><text:list><text:list-item><text:p>木的</text:p></text:list-item>
<text:list-item><text:p>铁的</text:p></text:list-item></text:list></text:list-item></text:list>
</text:section><table:table><table:table-header-rows><table:table-row>
<table:table-cell><text:p>年</text:p></table:table-cell><table:table-cell><text:p>两</text:p>
</table:table-cell></table:table-row></table:table-header-rows><table:table-row><table:table-cell>
<text:p>18<text:note><text:note-body><text:p>表注</text:p></text:note-body></text:note>48</text:p>
<text:p>年</text:p></table:table-cell><table:table-cell><text:list><text:list-item><text:p>3</text:p>
</text:list-item></text:list></table:table-cell></table:table-row></table:table>
<text:table-of-content><text:p>目录</text:p></text:table-of-content>
<text:p>前<draw:frame><draw:text-box><text:p>框里</text:p></draw:text-box></draw:frame>后</text:p>
</office:text></office:body></office:document-content>"""
TEXT = """# 淘金

## 工具

要耐心  一遍
一遍。[^1]

[^1]: 注脚。

- 筛子
- 水盆
  1. 木的
  2. 铁的

| 年 | 两 |
|---|---|
| 18[^2]48 年 | 3 |

[^2]: 表注

前后

框里"""
META = f"""<office:document-meta {NAMES} xmlns:dc="http://purl.org/dc/elements/1.1/"><office:meta>
<dc:title>手册</dc:title></office:meta></office:document-meta>"""
PARTS = {
    "mimetype": "application/vnd.oasis.opendocument.text",
    "content.xml": CONTENT,
    "meta.xml": META,
    "META-INF/manifest.xml": f"<manifest:manifest {NAMES}/>",
}


def test_structure_and_notes_but_no_deletions_and_comments(tmp_path: Path) -> None:
    found = entry_of(tmp_path / "a.odt", packed(PARTS))
    assert isinstance(found, Record)
    assert found.text == TEXT
    assert found.title == "手册"
    assert entry_of(tmp_path / "named.zip", packed(PARTS)).text == TEXT


def test_an_encrypted_text(tmp_path: Path) -> None:
    locked = f"<manifest:manifest {NAMES}><x><manifest:encryption-data/></x></manifest:manifest>"
    data = packed({**PARTS, "META-INF/manifest.xml": locked, "content.xml": b"\x07\xff"})
    assert entry_of(tmp_path / "a.odt", data).cause == "encrypted"


@pytest.mark.parametrize(
    "content", [b"", b"\x00", "<a/>", CONTENT[:-40], CONTENT.replace("office:text>", "office:x>")]
)
def test_a_text_that_cannot_be_read(tmp_path: Path, content: str | bytes) -> None:
    data = packed({**PARTS, "content.xml": content})
    assert entry_of(tmp_path / "a.odt", data).cause == "unreadable"


@pytest.mark.parametrize("doctype", [LAUGHS, OUTSIDE])
def test_entities_are_not_read(tmp_path: Path, doctype: str) -> None:
    data = changed(packed(PARTS), "content.xml", "<office:document-content", f"{doctype}<office:document-content")  # fmt: skip
    assert entry_of(tmp_path / "a.odt", data).cause == "unreadable"


def test_a_doctype_without_entities_is_an_old_text(tmp_path: Path) -> None:
    old = '?><!DOCTYPE office:document-content PUBLIC "-//O//D" "office.dtd">'
    data = packed({**PARTS, "content.xml": CONTENT.replace("?>", old, 1)})
    assert entry_of(tmp_path / "a.odt", data).text == TEXT


@pytest.mark.parametrize("tag", ["text:span", "text:section", "text:list><text:list-item"])
@pytest.mark.parametrize("count", [100, 240, 1500, 100_000])
def test_nesting_is_read_or_quarantined(tmp_path: Path, tag: str, count: int) -> None:
    inner = "<text:p>深</text:p>" if tag != "text:span" else "深"
    tags = tag.split("><")
    close = "".join(f"</{name}>" for name in reversed(tags))
    deep = f"<{tag}>" * count + inner + close * count
    content = CONTENT.replace("<text:section>", f"<text:p>{deep}</text:p><text:section>" if
                              tag == "text:span" else f"{deep}<text:section>")  # fmt: skip
    found = entry_of(tmp_path / "a.odt", packed({**PARTS, "content.xml": content}))
    assert (
        found.cause in ("too_large", "unreadable")
        if not isinstance(found, Record)
        else ("深" in found.text)
    )


def test_spaces_are_bounded(tmp_path: Path) -> None:
    for count in ("999999999", "9" * 99, "-1", "x"):
        content = CONTENT.replace('text:c="2"', f'text:c="{count}"')
        text = entry_of(tmp_path / "a.odt", packed({**PARTS, "content.xml": content})).text
        assert len(text) < len(TEXT) + 200


def test_damaged_copies(tmp_path: Path) -> None:
    assert_no_crash(tmp_path / "a.odt", packed(PARTS))


def test_a_real_file(shared_data: Path) -> None:
    (name,) = (shared_data / "office" / "real" / "odt").glob("*.odt")
    (found,) = read(str(name), ReadOptions())
    assert isinstance(found, Record)
    assert found.text == "# Example for a Form\n\nGender:\n\nNationality:"
