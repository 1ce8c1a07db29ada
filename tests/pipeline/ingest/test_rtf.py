"""Rich Text Format, told by striprtf."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from striprtf.striprtf import rtf_to_text

from taojin.pipeline.ingest.documents.rtf import document as rtf
from taojin.pipeline.ingest.records import ReadOptions, Record
from taojin.tests.pipeline.ingest.hostile import assert_no_crash, entry_of

OPTIONS = ReadOptions()
HAN = "".join(f"\\'{byte:02x}" for byte in "淘金".encode("gb18030"))
HEAD = (
    r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset134 SimSun;}{\f1\fcharset204 Arial;}}"
)
DOCUMENT = (
    HEAD + r"{\colortbl;\red0\green0\blue0;}{\stylesheet{\s1 heading 1;}}"
    r"{\info{\title " + HAN + r"}{\author 某人}}{\*\generator Writer;}"
    r"\pard\outlinelevel0 " + HAN + r"\par\pard\plain Wash \b it\b0  \{twice\}.{\footnote\pard 注: "
    r"\u27880?}\par {\deleted gone}\v secret\v0 kept\line next\tab end\par"
    "\n" + r"{\listtext\'b7\tab}\ilvl0 sieve\par{\listtext 1.\tab}\ilvl1 one\par"
    r"{\listtext 2.\tab}two\par\pard\trowd\cellx1\cellx2\intbl a\cell b\par c\cell\row"
    r"\trowd\intbl d\cell\cell\row\pard\f1\'e7\'ee\f0  \u-10179?\u-8704?\par}"
)
TEXT = (
    "# 淘金\n\nWash it {twice}.[^1]\n\n[^1]: 注: 注\n\nkept\nnext\tend\n\n- sieve\n  1. one\n  2. two\n\n"
    "| a | b c |\n|---|---|\n| d |  |\n\nзо 😀"
)


def document(text: str = DOCUMENT) -> bytes:
    return text.encode("gb18030")


def test_paragraphs_lists_tables_and_notes(tmp_path: Path) -> None:
    found = entry_of(tmp_path / "a.rtf", document())
    assert isinstance(found, Record)
    assert found.text == TEXT
    assert found.title == "淘金"
    assert entry_of(tmp_path / "named.doc", document()).text == TEXT


@given(st.lists(st.text("ab 金沙é\\{}~", max_size=12), max_size=8))
def test_paragraphs_agree_with_striprtf(paragraphs: list[str]) -> None:
    def escaped(text: str) -> str:
        plain = "".join(f"\\{sign}" if sign in "\\{}" else sign for sign in text)
        return "".join(
            sign if sign < "\x80" else "".join(f"\\'{byte:02x}" for byte in sign.encode("gb18030"))
            for sign in plain
        )

    source = HEAD + "".join(f"\\pard {escaped(text)}\\par" for text in paragraphs) + "}"
    found = rtf.read(source.encode(), OPTIONS).text
    wanted = rtf_to_text(source).split("\n")
    assert found == "\n\n".join(line.strip() for line in wanted if line.strip())


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"\'cc\'d4\'bd\'f0", "淘金"),
        ("\\'cc\n\\'d4", "淘"),
        (r"\uc0\u28120\u37329", "淘金"),
        (r"\uc2\u28120 ??\u37329 ??!", "淘金!"),
        (r"{\uc0\u28120}\u37329 ?", "淘金"),
        (r"a\bin3 }}}b", "ab"),
        (r"{\pict\bin5 {{{{{}after", "after"),
        (r"{\*\unknown x{\b y}}z", "z"),
        (r"{\field{\*\fldinst HYPERLINK x}{\fldrslt link}}", "link"),
        (r"a{\v b\plain c}d", "acd"),
        ("a\\\nb", "a\n\nb"),
        (r"\ansicpg99999 \'e9", "é"),
        (r"a\cell b\cell", "| a | b |\n|---|---|"),
        ("}}}}x", "x"),
    ],
)
def test_words(body: str, text: str) -> None:
    data = r"{\rtf1\ansi\ansicpg936 " + body + "}"
    assert rtf.read(data.encode(), OPTIONS).text.rstrip() == text


def test_groups_deeper_than_is_allowed(tmp_path: Path) -> None:
    assert entry_of(tmp_path / "a.rtf", b"{\\rtf1 " + b"{" * 20_000).cause == "too_large"


def test_bytes_that_were_not_escaped(tmp_path: Path) -> None:
    data = rb"{\rtf1\ansicpg936 " + "沙里淘金".encode("gb18030") + b"}"
    assert entry_of(tmp_path / "a.rtf", data).text == "沙里淘金"


@pytest.mark.parametrize("piece", [
    r"{\field{\*\fldinst{HYPERLINK ", r"{\fonttbl{\f1\fcharset1", "{", r"{\footnote ", r"\u1 ", r"\trowd ",
    r"\cell", r"\row", r"\bin99999 ", r"\'", "\\", r"{\listtext ", r"\par ",
])  # fmt: skip
def test_any_number_of_anything_ends(piece: str) -> None:
    """No file costs more than its size: striprtf takes the square of it for some of these."""
    data = b"{\\rtf1 " + piece.encode() * (400_000 // len(piece))
    start = time.process_time()
    try:
        rtf.read(data, OPTIONS)
    except rtf.Unreadable as damage:
        assert damage.cause == "too_large"
    assert time.process_time() - start < 20


@given(st.binary(max_size=60))
def test_any_bytes_are_a_text(data: bytes) -> None:
    rtf.read(b"{\\rtf1" + data, OPTIONS).text.encode()


def test_what_is_no_rtf(tmp_path: Path) -> None:
    for data in (b"", b"plain", b"{\\rt"):
        assert entry_of(tmp_path / "a.rtf", data).cause == "unreadable"


def test_damaged_copies(tmp_path: Path) -> None:
    assert_no_crash(tmp_path / "a.rtf", document())
