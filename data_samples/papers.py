"""The handbook's files: Markdown, plain text, DOCX and PDF, the same bytes on every run."""

import io
import zipfile
from datetime import datetime
from html import escape
from itertools import chain
from pathlib import PurePosixPath
from typing import Any

from taojin.data_samples.manuscripts import Block, Manuscript, blocks, plain, table

_DATE = datetime(2025, 1, 15, 9, 0, 0)
PASSWORD = "open-sesame"  # noqa: S105, the sample is there to be refused
"""Opens the encrypted sample."""


def paper(manuscript: Manuscript) -> bytes:
    """The file that the manuscript's path asks for by its suffix."""
    match PurePosixPath(manuscript.file).suffix:
        case ".md":
            return f"# {manuscript.title}\n\n{manuscript.body}\n".encode()
        case ".docx":
            return _docx(manuscript)
        case ".pdf":
            return _pdf(manuscript)
    return (plain(manuscript, title=True) + "\n").encode()


def _docx(manuscript: Manuscript) -> bytes:
    import docx

    document = docx.Document()
    core = document.core_properties
    core.author, core.title, core.comments = "Qinghe Instruments", manuscript.title, ""
    core.created = core.modified = _DATE
    document.add_heading(manuscript.title, level=1)
    for block in blocks(manuscript.body):
        _add_to_docx(document, block)
    packed = io.BytesIO()
    document.save(packed)
    return _with_fixed_dates(packed.getvalue())


def _add_to_docx(document: Any, block: Block) -> None:
    first = block[0]
    if first.startswith("## "):
        document.add_heading(first[3:], level=2)
    elif first.startswith("- "):
        for line in block:
            document.add_paragraph(line[2:], style="List Bullet")
    elif first.startswith("| "):
        rows = table(block)
        grid = document.add_table(len(rows), len(rows[0]))
        for cell, value in zip(grid._cells, chain.from_iterable(rows), strict=True):
            cell.text = value
    else:
        document.add_paragraph(first)


def _with_fixed_dates(package: bytes) -> bytes:
    """The same parts in the same order, without the time at which they were packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as parts, zipfile.ZipFile(out, "w") as fixed:
        for name in parts.namelist():
            info = zipfile.ZipInfo(name, (2025, 1, 15, 9, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            fixed.writestr(info, parts.read(name))
    return out.getvalue()


def _pdf(manuscript: Manuscript) -> bytes:
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.platypus import SimpleDocTemplate

    sealed = manuscript.reason == "encrypted"
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        title=manuscript.title,
        author="Qinghe Instruments",
        invariant=1,
        encrypt=StandardEncryption(PASSWORD, PASSWORD, strength=128) if sealed else None,
    )
    document.build(_flowables(manuscript))
    return out.getvalue()


def _flowables(manuscript: Manuscript) -> list[Any]:
    from reportlab.platypus import Paragraph

    heading, section, text = _styles(manuscript.lang)
    story = [Paragraph(escape(manuscript.title), heading)]
    for block in blocks(manuscript.body):
        line = block[0]
        style = section if line.startswith("## ") else text
        story.append(Paragraph(escape(line.removeprefix("## ")), style))
    return story


def _styles(lang: str) -> tuple[Any, Any, Any]:
    """Heading, section and text; Chinese in a CID font, which every PDF reader knows by name."""
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfbase.pdfmetrics import registerFont

    chinese = lang.startswith("zh")
    if chinese:
        registerFont(UnicodeCIDFont("STSong-Light"))
    font = "STSong-Light" if chinese else "Times-Roman"
    shared = {"fontName": font, "wordWrap": "CJK" if chinese else None}
    return (
        ParagraphStyle("heading", fontSize=18, leading=24, spaceAfter=12, **shared),
        ParagraphStyle("section", fontSize=14, leading=20, spaceBefore=10, spaceAfter=6, **shared),
        ParagraphStyle("text", fontSize=11, leading=16, spaceAfter=8, **shared),
    )
