from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.core.arrow import string_buffers
from taojin.filters.prose_kernels import TAG_BYTES, prose
from taojin.tests import oracles
from taojin.tests.core.texts import QUICK, cuts, sliced, texts

LONG = "These are more letters than the pass asks of a text before it leaves any out. "
MARKS = ["`", "``", "```", "````", "\n", "<", ">", "<b>", "</b>", "<!--", "-->", "<!-", " ", "\t",
         "a", "aB", "AB", "B", "1", "_", "=", "-", "--", "---", ".", "/", "\\", "$", "@", ":", "é", "金",
         "。", "a/b", "x=1", ".é", "é.a", "é-a", "!", '"', "(", "x" * 60, LONG]  # fmt: skip
marked = st.lists(st.sampled_from(MARKS), max_size=30).map("".join)
columns = st.lists(st.one_of(marked, marked.map(LONG.__add__), texts), max_size=5)


def of(*column: str, cut: int = 0) -> list[str]:
    offsets, data = prose(*string_buffers(sliced(column, cut)))
    assert not data.flags.writeable and not offsets.flags.writeable
    return [data[start:end].tobytes().decode() for start, end in pairwise(offsets)]


@QUICK
@given(column=columns, cut=cuts)
def test_prose(column: list[str], cut: int):
    assert of(*column, cut=cut) == [oracles.prose(text) for text in column[cut:]]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("see `a b` and ``c ` d`` here", "see and here"),
        ("x ```py\nfor a in b:\n\n``` y", "x y"),
        ("a lone ` stays\nand ` this", "a lone stays and this"),  # no code across lines
        ("open ``` for ever", "open for ever"),
        ("a <b class='x'>bold</b> word, 1 < 2 > 0", "a bold word, 1 < 2 > 0"),
        ("licence <!-- all <b>\n of it --> text", "licence text"),
        ("one <!--a--> two <!--\nb--> three", "one two three"),
        ("open <!-- for ever", "open <!-- for ever"),
        ("read https://a.b/c?d=e or docs/page.md", "read ? or "),
        ("a.b a_b a=b a:b a@b a~b a+b a&b a#b a$b a%b a\\b a/b aB getItem v1.2", ""),
        ("set $HOME, -v, --all, .rc, @me, /etc", "set , , , , , "),
        ("an end. Another: e-mail, well-known!", "an end. Another: e-mail, well-known!"),
        ("là-bas, dit-il; 中文/英文 两种", "là-bas, dit-il; 中文/英文 两种"),
        ("使用.NET和numpy/scipy计算", "使用.NET和 计算"),
        ("don't JSON Go GitHub iOS", "don't JSON Go "),
    ],
)
def test_what_is_left_out(text: str, kept: str):
    (found,) = of(LONG + text)
    assert found == LONG + kept


def test_a_text_with_little_prose_is_taken_as_it_is():
    code = "```\nall = of(it)\n```\n  a.b  "
    assert of(code, code + "x" * 49, code + "é" * 25) == [
        code,
        code + "x" * 49,
        "é" * 25,
    ]


def test_a_tag_has_an_end():
    tag = "<a " + "x" * (TAG_BYTES - 4) + ">"
    assert of(LONG + tag + "!", LONG + "<a" + tag[2:].replace(">", "x>!")) == [
        LONG + "!",
        LONG + "<a " + "x" * (TAG_BYTES - 3) + ">!",
    ]


@pytest.mark.parametrize("mark", ["<!--", "```", "<a", "`", "<!--x>", "``\n"])
def test_marks_that_nothing_closes_take_no_longer(mark: str):
    """Looking for the end again at each of them would take minutes."""
    assert len(of(mark * 400_000)) == 1
