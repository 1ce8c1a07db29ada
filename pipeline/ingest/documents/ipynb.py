"""Jupyter notebooks: Markdown cells as they are, code and what it printed in fences."""

import json
import re
from collections.abc import Iterator
from typing import Any

from taojin.pipeline.ingest import charset
from taojin.pipeline.ingest.markup.blocks import fence, heading, joined
from taojin.pipeline.ingest.records import ReadOptions, Record, Unreadable

MIME = "application/x-ipynb+json"
MOST_OUTPUT_CHARACTERS = 2_000
"""Of what a cell printed; logs of training runs are longer than the notebook."""
_TERMINAL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_TITLE = re.compile(r"^#[ \t]+(.+?)[ \t#]*$", re.M)


def read(data: bytes, _: ReadOptions) -> Record:
    """The file as one document. Raises Unreadable."""
    decoded = charset.decode(data)
    try:
        notebook = json.loads(decoded.text)
    except (ValueError, RecursionError) as error:
        raise Unreadable("unreadable", f"JSON: {type(error).__name__}") from error
    if not isinstance(notebook, dict):
        raise Unreadable("unreadable", "the notebook is not an object")
    language = _language(notebook)
    text = charset.clean(
        joined(block for cell in _cells(notebook) for block in _cell(cell, language))
    )
    title = _title(notebook)
    return Record(
        0,
        len(data),
        text,
        title=charset.clean(title),
        mime=MIME,
        charset=decoded.encoding,
        charset_from=decoded.told,
    )


def _language(notebook: dict[str, Any]) -> str:
    for place, name in (("kernelspec", "language"), ("language_info", "name")):
        if value := _text(_inside(_inside(notebook, "metadata"), place).get(name)):
            return value.lower()
    return ""


def _inside(value: dict[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _text(value: Any) -> str:
    """A text, written as one string or as a list of lines; "" for anything else."""
    if isinstance(value, list):
        return "".join(line for line in value if isinstance(line, str))
    return value if isinstance(value, str) else ""


def _cells(notebook: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The cells, which old notebooks keep in worksheets. Raises Unreadable where there are none."""
    sheets = notebook.get("worksheets", [notebook])
    for sheet in sheets if isinstance(sheets, list) else [sheets]:
        cells = sheet.get("cells") if isinstance(sheet, dict) else None
        if not isinstance(cells, list):
            raise Unreadable("unreadable", "a notebook without cells")
        yield from (cell for cell in cells if isinstance(cell, dict))


def _cell(cell: dict[str, Any], language: str) -> Iterator[str]:
    kind = cell.get("cell_type")
    source = _text(cell.get("source", cell.get("input")))
    if kind == "heading":  # of version 3
        level = cell.get("level")
        yield heading(level if isinstance(level, int) else 1, source)
    elif kind != "code":
        yield source.strip("\n")
    else:
        yield fence(source, language)
        outputs = cell.get("outputs")
        yield fence(_outputs(outputs if isinstance(outputs, list) else []))


def _outputs(outputs: list[Any]) -> str:
    pieces = [_output(output) for output in outputs if isinstance(output, dict)]
    text = _TERMINAL.sub("", "\n".join(piece.rstrip("\n") for piece in pieces if piece.strip()))
    if len(text) <= MOST_OUTPUT_CHARACTERS:
        return text
    lines, _, _ = text[:MOST_OUTPUT_CHARACTERS].rpartition("\n")
    return f"{lines}\n..." if lines else ""


def _output(output: dict[str, Any]) -> str:
    """What a cell printed or gave as text; of an error its name and message."""
    if output.get("output_type") in ("error", "pyerr"):
        return f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}"
    if output.get("output_type") == "stream":
        return _text(output.get("text"))
    return _text(_inside(output, "data").get("text/plain", output.get("text")))


def _title(notebook: dict[str, Any]) -> str:
    if title := _text(_inside(notebook, "metadata").get("title")):
        return title
    texts = (
        _text(cell.get("source"))
        for cell in _cells(notebook)
        if cell.get("cell_type") == "markdown"
    )
    return next((found[1] for text in texts if (found := _TITLE.search(text))), "")
