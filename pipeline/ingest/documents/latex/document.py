"""A LaTeX file as Markdown: sections, lists, tables, code, footnotes; formulas as they are."""

import re

from taojin.pipeline.ingest import charset
from taojin.pipeline.ingest.documents.latex.conditionals import decided
from taojin.pipeline.ingest.documents.latex.macros import Macros
from taojin.pipeline.ingest.documents.latex.source import source_of
from taojin.pipeline.ingest.documents.latex.walk import FIXED, State, Walk
from taojin.pipeline.ingest.markup import blocks
from taojin.pipeline.ingest.records import ReadOptions, Record

MIME = "text/x-tex"
_HEAD_BYTES = 20_000
_ENCODING = re.compile(rb"\\(?:usepackage\s*\[([\w-]+)\]\s*\{inputenc\}|inputencoding\{([\w-]+)\})")
_CJK = re.compile(rb"\\begin\{CJK\*?\}(?:\[\w*\])?\{(\w+)\}")
_NAMES = {"ansinew": "cp1252", "applemac": "macintosh", "latin9": "iso-8859-15", "cp1252": "cp1252"}
_BEGIN = re.compile(r"\\begin\s*\{document\}")
_ABOUT = re.compile(r"\\(?:title|date)\b")
_CHINESE = re.compile(
    r"\\documentclass[^{}]{0,200}\{ctex|\\usepackage[^{}]{0,200}\{(?:ctex|CJK|xeCJK)"
)
_YEAR = re.compile(r"\d")


def read(data: bytes, _: ReadOptions) -> Record:
    """The text as one document; what stands before it gives its title, date and macros alone."""
    decoded = charset.decode(data, _declared(data[:_HEAD_BYTES]))
    text = decoded.text
    source = source_of(text)
    macros = Macros(FIXED, len(source.text))
    expanded = macros.expanded(decided(source.text))
    state = State(source.kept, macros.theorems)
    begin = _BEGIN.search(expanded)
    body = expanded[begin.end() :] if begin else expanded
    head = expanded[: begin.start()] if begin else ""
    state.has_chapters = "\\chapter" in body
    state.is_chinese = bool(_CHINESE.search(head))
    if about := _ABOUT.search(head):
        Walk(head[about.start() :], state, 1).blocks()
    state.notes.clear()
    found = Walk(body, state).blocks()
    date = state.about.get("date", "")
    return Record(
        0,
        len(data),
        charset.clean(blocks.joined(block.text for block in found)),
        title=charset.clean(state.about.get("title", "")),
        fetched_at=charset.clean(date) if _YEAR.search(date) else "",
        mime=MIME,
        charset=decoded.encoding,
        charset_from=decoded.told,
    )


def _declared(head: bytes) -> str:
    """The encoding that the file says it is in, "" if it says none."""
    if found := _ENCODING.search(head):
        name = (found[1] or found[2]).decode().lower()
        return _NAMES.get(name, name)
    named = _CJK.search(head)
    return named[1].decode() if named else ""
