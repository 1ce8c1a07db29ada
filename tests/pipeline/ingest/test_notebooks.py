"""Jupyter notebooks."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.pipeline.ingest.documents import ipynb
from taojin.pipeline.ingest.formats import format_of
from taojin.pipeline.ingest.records import ReadOptions, Record, Unreadable
from taojin.tests.pipeline.ingest.hostile import assert_no_crash, entry_of

OPTIONS = ReadOptions()


def cell(kind: str, source: Any, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {"cell_type": kind, "source": source, "metadata": {}, "outputs": list(outputs)}


def notebook(*cells: dict[str, Any], language: str = "python") -> bytes:
    metadata = {"kernelspec": {"language": language, "name": "k"}}
    whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, ensure_ascii=False).encode()


STREAM = {"output_type": "stream", "name": "stdout", "text": ["3\n", "\x1b[31m红\x1b[0m\n"]}
RESULT = {"output_type": "execute_result",
          "data": {"text/plain": ["42"], "text/html": "<b>42</b>", "image/png": "iVBOR"}}  # fmt: skip
ERROR = {"output_type": "error", "ename": "ValueError", "evalue": "坏", "traceback": ["\x1b[0m.."]}


def test_cells_and_what_they_printed(tmp_path: Path) -> None:
    data = notebook(
        cell("markdown", ["# 淘金\n", "\n", "耐心。"]),
        cell("code", "wash(sand)\n", STREAM, RESULT, ERROR),
        cell("raw", "原样"),
    )
    found = entry_of(tmp_path / "a.ipynb", data)
    assert isinstance(found, Record)
    assert found.text == (
        "# 淘金\n\n耐心。\n\n```python\nwash(sand)\n```\n\n```\n3\n红\n42\nValueError: 坏\n```\n\n原样"
    )
    assert found.title == "淘金"
    assert entry_of(tmp_path / "a.json", data).text == found.text


def test_a_long_output_is_cut_at_a_line(tmp_path: Path) -> None:
    lines = [f"step {number}\n" for number in range(9999)]
    data = notebook(cell("code", "x", {"output_type": "stream", "text": lines}))
    text = entry_of(tmp_path / "a.ipynb", data).text
    assert text.startswith("```python\nx\n```\n\n```\nstep 0\nstep 1\n")
    assert text.endswith("\n...\n```")
    assert ipynb.MOST_OUTPUT_CHARACTERS - 20 < len(text) < ipynb.MOST_OUTPUT_CHARACTERS + 40


def test_a_fence_is_longer_than_those_in_the_code(tmp_path: Path) -> None:
    text = entry_of(tmp_path / "a.ipynb", notebook(cell("code", "'''\n```\n'''"))).text
    assert text == "````python\n'''\n```\n'''\n````"


def test_a_language_that_is_no_word_is_left_out(tmp_path: Path) -> None:
    data = notebook(cell("code", "x"), language="a\n# b")
    assert entry_of(tmp_path / "a.ipynb", data).text == "```\nx\n```"


def test_notebooks_of_version_3(tmp_path: Path) -> None:
    cells = [{"cell_type": "heading", "level": 2, "source": "筛"},
             {"cell_type": "code", "input": "x", "outputs": [{"output_type": "pyout", "text": "1"}]}]  # fmt: skip
    data = json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}], "metadata": {}}).encode()
    assert entry_of(tmp_path / "a.ipynb", data).text == "## 筛\n\n```\nx\n```\n\n```\n1\n```"


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b"{", b'{"cells": 3}', b'{"worksheets": 1, "nbformat": 3}',
             b"[" * 100_000, b'{"cells": [' + b"[" * 100_000, b"\x00\xff"]
)  # fmt: skip
def test_what_is_no_notebook(tmp_path: Path, data: bytes) -> None:
    assert entry_of(tmp_path / "a.ipynb", data).cause == "unreadable"


def test_damaged_copies(tmp_path: Path) -> None:
    assert_no_crash(tmp_path / "a.ipynb", notebook(cell("code", "x", STREAM), cell("raw", "a\0b")))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["cells", "source", "cell_type", "outputs", "data", "text", "metadata",
                         "text/plain", "output_type", "kernelspec", "language", "worksheets", "level"])
        | st.just("x"), inner, max_size=5),
    max_leaves=20,
)  # fmt: skip


@given(JSON)
def test_any_json_is_a_notebook_or_none(value: Any) -> None:
    for whole in (value, {"cells": [value, {"cell_type": "code", "outputs": [value], "source": value},
                                    {"cell_type": "heading", "level": value}],
                          "metadata": value}):  # fmt: skip
        try:
            found = ipynb.read(json.dumps(whole).encode(), OPTIONS)
        except Unreadable as damage:
            assert damage.cause == "unreadable"
        else:
            found.text.encode()


def test_a_notebook_is_told_by_its_first_bytes() -> None:
    assert format_of("x", notebook(cell("raw", "a"))[:4096]) == "ipynb"
    assert format_of("x.jsonl", notebook(cell("raw", "a"))) == "jsonl"
