"""reStructuredText, told by docutils."""

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from io import TextIOWrapper
from pathlib import Path

import pytest
import zstandard
from docutils import core, nodes
from docutils.parsers.rst import roles
from hypothesis import given
from hypothesis import strategies as st

from taojin.pipeline.ingest.documents.rst import document
from taojin.pipeline.ingest.records import ReadOptions, Record
from taojin.tests.pipeline.ingest.hostile import assert_no_crash, entry_of

OPTIONS = ReadOptions()
SAFE = {
    "report_level": 5,
    "halt_level": 5,
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "warning_stream": None,
    "_disable_config": True,
    "doctitle_xform": False,
    "docinfo_xform": False,
    "syntax_highlight": "none",
}
FENCED = re.compile(r"^( *)(`{3,})[^\n]*\n(.*?)\n\1\2$", re.M | re.S)


def text_of(source: str) -> str:
    return document.read(source.encode(), OPTIONS).text


def tree_of(source: str) -> nodes.document:
    return core.publish_doctree(source, settings_overrides=SAFE)


# The same blocks from docutils' tree


def rendered(parent: nodes.Element, level: int = 0) -> Iterator[str]:
    for node in parent.children:
        if isinstance(node, nodes.section):
            yield f"{'#' * (level + 1)} {words(node[0])}"
            yield from rendered(nodes.section("", *node.children[1:]), level + 1)
        elif isinstance(node, nodes.paragraph):
            yield words(node)
        elif isinstance(node, nodes.literal_block):
            yield f"```\n{node.astext()}\n```"
        elif isinstance(node, nodes.bullet_list | nodes.enumerated_list):
            yield "\n".join(listed(node))
        elif isinstance(node, nodes.definition_list):
            yield "\n".join(hung(f"- {words(item[0])}:", list(rendered(item[-1]))) for item in node)
        elif isinstance(node, nodes.table):
            rows = [[words(entry) for entry in row] for row in node.findall(nodes.row)]
            lines = [f"| {' | '.join(row)} |" for row in rows if any(row)]
            yield "\n".join([lines[0], f"|{'---|' * len(rows[0])}", *lines[1:]])
        elif isinstance(node, nodes.note):
            yield from [f"Note: {words(node[0])}", *rendered(nodes.note("", *node.children[1:]))]
        elif isinstance(node, nodes.block_quote):
            yield from rendered(node)
        else:
            raise TypeError(node)


def listed(node: nodes.Element) -> Iterator[str]:
    for number, item in enumerate(node, node.get("start", 1)):
        mark = "-" if isinstance(node, nodes.bullet_list) else f"{number}."
        yield hung(mark, list(rendered(item)))


def hung(mark: str, blocks: list[str]) -> str:
    text = "".join(
        ("\n" if re.match(r"- |\d+\. ", block) else "\n\n") * (at > 0) + block
        for at, block in enumerate(blocks)
    )
    return f"{mark} " + re.sub(r"\n(?!\n)", "\n  ", text)


def words(node: nodes.Node) -> str:
    if isinstance(node, nodes.literal):
        return f"`{node.astext()}`"
    if isinstance(node, nodes.math):
        return f"${node.astext()}$"
    if isinstance(node, nodes.Text):
        return node.astext().replace("\n", " ")
    return "".join(map(words, node.children))


# Documents as people write them

WORD = st.sampled_from(["sand", "gold", "river,", "sieve.", "(pan)", "two-fold", "9", "x_y", "C"])
MARKUP = st.sampled_from(
    ["*fine*", "**bold**", "``a * b``", ":math:`x_1`", "`link <http://a.example/x_y>`_", r"2\*3",
     "http://b.example/c_d*", ":emphasis:`role`", "``|x|``", "a*b", "*not", "`phrase <http://c.example>`__"]
)  # fmt: skip
TEXT = st.lists(WORD | MARKUP, min_size=1, max_size=9).map(lambda found: ["sand", *found])
PARAGRAPH = TEXT.map(lambda found: [" ".join(found[:4]), *filter(None, [" ".join(found[4:])])])
Lines = list[str]


def indented(lines: Lines, mark: str) -> Lines:
    return [
        (mark if at == 0 else " " * len(mark)) + line if line else ""
        for at, line in enumerate(lines)
    ]


def apart(blocks: list[Lines]) -> Lines:
    return [line for block in blocks for line in (*block, "")][:-1]


def items(body: st.SearchStrategy[Lines], marks: Callable[[int], str]) -> st.SearchStrategy[Lines]:
    return st.lists(body, min_size=1, max_size=3).map(
        lambda found: apart([indented(one, marks(at)) for at, one in enumerate(found)])
    )


def table(cells: list[list[str]]) -> Lines:
    widths = [max(len(row[at]) for row in cells) for at in range(len(cells[0]))]
    rule = "+" + "+".join("-" * (width + 2) for width in widths) + "+"
    lines = [rule]
    for row in cells:
        padded = (f" {cell.ljust(width)} " for cell, width in zip(row, widths, strict=True))
        lines += ["|" + "|".join(padded) + "|", rule]
    return lines


def columns(cells: list[list[str]]) -> Lines:
    widths = [max(len(row[at]) for row in cells) for at in range(len(cells[0]))]
    rule = "  ".join("=" * width for width in widths)
    lines = [
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells
    ]
    return [rule, lines[0], rule, *lines[1:], rule]


CELLS = st.lists(st.lists(WORD, min_size=2, max_size=2), min_size=2, max_size=4)
CODE = st.lists(st.sampled_from(["x = 1", "    y *= ``2``", "", ".. note:: no", "- z"]), max_size=4)
LEAF = (
    PARAGRAPH
    | CELLS.map(table)
    | CELLS.map(columns)
    | CODE.map(lambda code: ["sand::", "", "    begin", *(f"    {c}".rstrip() for c in code), "    end"])
)  # fmt: skip


def nested(body: st.SearchStrategy[Lines]) -> st.SearchStrategy[Lines]:
    inner = st.lists(body, max_size=2).flatmap(
        lambda more: PARAGRAPH.map(lambda first: apart([first, *more]))
    )
    return (
        items(inner, lambda _: "- ")
        | items(inner, lambda at: f"{at + 3}. ")
        | inner.map(lambda lines: ["term", *indented(lines, "    ")])
        | inner.map(lambda lines: [".. note::", "", *indented(lines, "   ")])
    )


BLOCKS = st.lists(st.recursive(LEAF, nested, max_leaves=4), min_size=1, max_size=4)
SECTIONS = st.lists(st.tuples(st.sampled_from("=-"), BLOCKS), max_size=3)


def source_of(blocks: list[Lines], sections: list[tuple[str, list[Lines]]]) -> str:
    pieces = blocks.copy()
    for at, (sign, inside) in enumerate(sections):
        title = f"Title {at}"
        pieces += [[title, ("=" if at == 0 else sign) * len(title)], *inside]
    # two lists that follow each other would be one
    return "\n".join(apart([line for piece in pieces for line in (piece, [".. comment"])])) + "\n"


@given(BLOCKS, SECTIONS)
def test_blocks_are_those_of_docutils(
    blocks: list[Lines], sections: list[tuple[str, list[Lines]]]
) -> None:
    source = source_of(blocks, sections)
    tree = tree_of(source)
    for left_out in list(tree.findall(lambda node: isinstance(node, LEFT_OUT))):
        left_out.parent.remove(left_out)
    wanted = list(rendered(tree))
    assert text_of(source) == "\n\n".join(wanted)


LEFT_OUT = (nodes.system_message, nodes.comment, nodes.target)


# Real documents


def known_role(
    _: str, raw: str, text: str, *__: object
) -> tuple[list[nodes.Node], list[nodes.Node]]:
    """What Sphinx's roles show: the words before a target, the last name behind a tilde."""
    shown = re.sub(r"\s*<[^<>]*>$", "", text).lstrip("!")
    return [nodes.inline(raw, shown.rpartition(".")[2] if shown.startswith("~") else shown)], []


ROLES = ("attr class c:func c:type c:macro cpython-issue data doc exc file func keyword meth mod "
             "obj option py:class py:func py:mod py:data pypi ref term")  # fmt: skip
for name in ROLES.split():
    roles.register_local_role(name, known_role)

SKIPPED = (
    nodes.comment,
    nodes.field_list,
    nodes.footnote_reference,
    nodes.label,
    nodes.raw,
    nodes.substitution_definition,
    nodes.system_message,
)


def shown(node: nodes.Node) -> str:
    if isinstance(node, SKIPPED):
        return ""
    if isinstance(node, nodes.Text):
        return str(node)
    return ("" if isinstance(node, nodes.TextElement) else " ").join(map(shown, node.children))


def counted(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


def proposals(shared_data: Path) -> Iterator[str]:
    with (shared_data / "docs_en" / "docs_en.jsonl.zst").open("rb") as file:
        for line in TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), "utf-8"):
            row = json.loads(line)
            if row["path"].endswith(".rst"):
                yield row["text"].partition("\n\n")[2]


def test_real_documents_say_what_docutils_says(shared_data: Path) -> None:
    """Words, titles and code of Python's proposals, those aside whose directives docutils lacks."""
    lost = total = read = other_titles = other_code = 0
    for source in list(proposals(shared_data))[::4]:
        tree, text = tree_of(source), text_of(source)
        if any("Unknown directive" in node.astext() for node in tree.findall(nodes.system_message)):
            continue
        read += 1
        wanted = counted(shown(tree))
        total += wanted.total()
        lost += (wanted - counted(text)).total()
        titles = [counted(node[0].astext()) for node in tree.findall(nodes.section)]
        found = re.findall(r"^#+ (.*)$", FENCED.sub("", text), re.M)
        other_titles += titles != list(map(counted, found))
        code = Counter("".join(n.astext().split()) for n in tree.findall(nodes.literal_block))
        other_code += code != Counter("".join(one[2].split()) for one in FENCED.findall(text))
    assert read > 60
    assert lost < 0.001 * total
    assert other_titles == 0
    assert other_code <= 3  # doctest blocks, and code with markup of roles that docutils lacks


# One by one


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (":func:`~a.b.c` and :py:meth:`x <y.z>`, :class:`!Q`", "c and x, Q"),
        (":pep:`8` :pep:`20#zen` :rfc:`style <822>`", "PEP 8 PEP 20 style"),
        (":code:`a b` `c`:sub: 2\\ :sup:`32`", "`a b` c 2^32"),
        ("`click <http://x.y>`_ see_ `long name`_ anonymous__", "click see long name anonymous"),
        ("沙里\n淘金 and\nmore", "沙里淘金 and more"),
        ("__init__ and a_b_c, *args", "__init__ and a_b_c, *args"),
        ("|v| is out\n\n.. |v| replace:: 2.0\n   *final*", "2.0 final is out"),
        (".. |c| unicode:: U+00A9 .. sign\n\n|c| 2024, |missing|", "© 2024, |missing|"),
        (".. |logo| image:: l.png\n   :alt: Our logo\n\n|logo|", "Our logo"),
        (".. image:: l.png\n   :alt: Gold\n   :width: 3\n", "Gold"),
        (".. figure:: l.png\n\n   A sieve.\n", "A sieve."),
        ("Text [1]_ [#]_ [#a]_ [C2]_.\n\n.. [1] one\n.. [#] two\n\n.. [#a] three\n.. [C2] four",
         "Text [^1] [^2] [^a] [^C2].\n\n[^1]: one\n\n[^2]: two\n\n[^a]: three\n\n[^C2]: four"),
        (".. warning:: Hot!\n\n.. versionadded:: 3.1 The sieve.", "Warning: Hot!\n\nAdded in version 3.1: The sieve."),
        (".. code-block:: c\n   :linenos:\n\n   int x;\n", "```c\nint x;\n```"),
        (".. code:: python\n   x = 1\n", "```python\nx = 1\n```"),
        (".. highlight:: go\n\ncode::\n\n  x := 1\n", "code:\n\n```go\nx := 1\n```"),
        (".. parsed-literal::\n\n   |a|\n     *b*\n\n.. |a| replace:: x\n", "```\nx\n  b\n```"),
        (".. literalinclude:: a.py\n   :lines: 3-\n", "`a.py`"),
        (".. include:: /etc/passwd\n.. raw:: html\n\n   <b>\n\n.. toctree::\n\n   a", ""),
        (".. math::\n\n   a^2\n   + b", "$$\na^2\n+ b\n$$"),
        ("quoted::\n\n> a\n> b\n\nend", "quoted:\n\n```\n> a\n> b\n```\n\nend"),
        ("| one\n| *two*\n\nthree", "one\ntwo\n\nthree"),
        (">>> 1\n1\n\nx", "```pycon\n>>> 1\n1\n```\n\nx"),
        ("x\n\n----\n\ny", "x\n\ny"),
        ("x\n\n:a: one\n:b c: two", "x\n\n- a: one\n- b c: two"),
        ("-a, --all  Everything.\n--out=FILE  Where.", "- `-a, --all`: Everything.\n- `--out=FILE`: Where."),
        ("====\nTop\n====\n\nOne\n---\n\nTwo\n~~~\n\nBack\n----", "# Top\n\n## One\n\n### Two\n\n## Back"),
        (".. _here:\n\nThe place\n---------\n\nSee :ref:`here`.", "# The place\n\nSee The place."),
        (".. list-table:: Pans\n   :header-rows: 1\n\n   * - a\n     - b\n   * - c\n     -\n   * - *d*\n     - e",
         "Pans\n\n| a | b |\n|---|---|\n| c |  |\n| d | e |"),
        ('.. csv-table::\n   :header: "a", "b"\n\n   "x, y", 2\n', "| a | b |\n|---|---|\n| x, y | 2 |"),
        ("=====  =====\nA      B\n=====  =====\n淘金   x\n       y\n=====  =====\n", "| A | B |\n|---|---|\n| 淘金 | x y |"),
        ("+----+---+\n| 淘 | b |\n+----+---+\n| c  | d |\n|    +---+\n| e  | f |\n+----+---+\n",
         "| 淘 | b |\n|---|---|\n| c e | d |\n|  | f |"),
        ("=== === ==\n  A     B\n------- --\na   b   c\nlong one\n=== === ==\n", "| A |  | B |\n|---|---|---|\n| a | b | c |\n| long one |  |  |"),
        (".. glossary::\n\n   pan\n   dish\n      Both.\n\n   sieve\n      Holes.\n\n.. seealso:: x", "- pan, dish: Both.\n- sieve: Holes.\n\nSee also: x"),
        ("+--+\n| x |\n+--+", "```\n+--+\n| x |\n+--+\n```"),
        (".. py:function:: f(x)\n                 f(x, y)\n\n   Adds.\n\n   :param x: what", "`f(x)`\n`f(x, y)`\n\nAdds.\n\n- param x: what"),
        (".. unknown:: Title\n   :k: v\n\n   - content", "Title\n\n- content"),
        ("..\n   hidden\n\n.. hidden\n   too\n\nshown", "shown"),
        ("A. Einstein found\nit.", "A. Einstein found it."),
    ],
)  # fmt: skip
def test_markup(source: str, text: str) -> None:
    assert text_of(source) == text


def test_what_a_file_says_about_itself(tmp_path: Path) -> None:
    source = (
        "====\n淘金\n====\n\n:Author: 某人\n:Date: 2024-05-01\n:License: CC0-1.0\n\n沙里淘金。\n"
    )
    found = entry_of(tmp_path / "a.rst", source.encode("gb18030"))
    assert isinstance(found, Record)
    assert (found.title, found.fetched_at, found.licence) == ("淘金", "2024-05-01", "CC0-1.0")
    assert (found.text, found.mime) == ("# 淘金\n\n沙里淘金。", "text/x-rst")
    proposal = b"PEP: 8\nTitle: Style\n Guide\nCreated: 05-Jul-2001\n\nAbstract\n========\n\nx\n"
    found = entry_of(tmp_path / "b.rest", proposal)
    assert (found.title, found.fetched_at, found.text) == ("Style Guide", "05-Jul-2001", "# Abstract\n\nx")  # fmt: skip
    blog = b".. title: Washing\n.. date: 2020\n\nx\n\n.. title: not this\n"
    found = entry_of(tmp_path / "c.rst", blog)
    assert (found.title, found.fetched_at, found.text) == ("Washing", "2020", "x")


# Hostile documents


def test_substitutions_in_substitutions_end() -> None:
    lines = [".. |a0| replace:: gold gold gold"]
    lines += [f".. |a{at}| replace:: {f'|a{at - 1}| ' * 50}" for at in range(1, 30)]
    source = "\n".join([*lines, "", "|a29| |a0|"])
    assert len(text_of(source)) < 2 * len(source)
    assert "gold" in text_of(source)
    assert text_of(".. |a| replace:: |a| |a|\n\n|a|").count("|a|") <= 64


@pytest.mark.parametrize("piece", [
    "- ", "**a ", "`", "``a ", "|a| ", ":x:`", "a.b.", "[1]_ ", ".. [1] x\n", ".. |a| replace:: |b|\n",
    ".. a::\n   ", "+-+\n", "== ==\n", "== ==\nx\n\n", "===\n", "1. ", "a. \n", " x\n\n", "x\n  ", "::\n\n",
    "| ", ":a: x\n", "--a  b\n", "a <b>`_ ", "\n===\nTitle\n===\n", ".. _a:\n\nx\n===\n", ".. list-table::\n\n   * - ",
    ".. csv-table::\n\n   \",", "x\n y\n  z\n   a\n",
])  # fmt: skip
def test_any_number_of_anything_ends(piece: str) -> None:
    """No file costs more than its size."""
    start = time.process_time()
    text_of(piece * (400_000 // len(piece)))
    assert time.process_time() - start < 20


def test_a_stair_of_indentation_ends() -> None:
    start = time.process_time()
    found = text_of("".join(f"{' ' * at}- gold{at}\n" for at in range(1400)))
    assert "gold1399" in found
    assert time.process_time() - start < 20


@given(st.text("a*`|:_.-=+ \n\\<>[]#1淘", max_size=80))
def test_any_characters_are_a_text(source: str) -> None:
    text_of(source).encode()


def test_damaged_copies(tmp_path: Path) -> None:
    source = "T\n=\n\n- a ``b``\n\n  +--+\n  |淘|\n  +--+\n\n.. note:: x\n\n   y::\n\n     z\n"
    assert_no_crash(tmp_path / "a.rst", source.encode())
