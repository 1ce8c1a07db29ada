"""One small file of every format that is read, to be damaged."""

import bz2
import gzip
import io
import json
import lzma
import sqlite3
import struct
import tarfile
import tempfile
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path

import docx
import openpyxl
import pptx
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from taojin.tests.pipeline.ingest.compound import compound
from taojin.tests.pipeline.ingest.crawls import PAGE, http, page, warc
from taojin.tests.pipeline.ingest.hostile import packed
from taojin.tests.pipeline.ingest.papers import pdf

TEXT = "去粗取精，去伪存真。The pan is washed in the cold river. " * 6
ROWS = [{"text": f"{n}: {TEXT}", "url": f"http://a.example/{n}", "n": n} for n in range(8)]
TURNS = [{"role": "user", "content": "why?"}, {"role": "assistant", "content": TEXT}]


def seeds() -> Mapping[str, bytes]:
    """File names and contents."""
    lines = "\n".join(json.dumps(row) for row in [*ROWS, {"messages": TURNS}]).encode()
    return {
        **_web(),
        **_tables(lines),
        **_documents(),
        **_office(),
        **_archives(lines),
        "a.jsonl.gz": gzip.compress(lines),
        "a.jsonl.zst": zstandard.compress(lines),
        "a.jsonl.bz2": bz2.compress(lines),
        "a.jsonl.xz": lzma.compress(lines),
    }


def _web() -> dict[str, bytes]:
    bodies = [page(1), warc(http(b"\x89PNG\r\n")), warc(b"", "request"), page(2), page(3)]
    coded = http(gzip.compress(PAGE.format(TEXT).encode()), "Content-Encoding: gzip")
    chunked = http(b"5\r\n<p>ab\r\n0\r\n\r\n", "Transfer-Encoding: chunked")
    bodies += [warc(coded), warc(chunked), warc(TEXT.encode(), "conversion")]
    line = b"http://a.example/ 1.2.3.4 20140216050221 text/html %d\n%s\n"
    return {
        "a.warc": b"".join(bodies),
        "a.warc.gz": b"".join(map(gzip.compress, bodies)),
        "b.warc.gz": gzip.compress(b"".join(bodies)),
        "a.warc.zst": b"".join(map(zstandard.compress, bodies)),
        "a.arc": (line % (len(coded), coded)) * 3,
    }


def _tables(lines: bytes) -> dict[str, bytes]:
    table = pa.Table.from_pylist(ROWS)
    columnar, stream, file = io.BytesIO(), io.BytesIO(), io.BytesIO()
    pq.write_table(table, columnar, row_group_size=3)
    for sink, writer in ((stream, pa.ipc.new_stream), (file, pa.ipc.new_file)):
        with writer(sink, table.schema) as open_writer:
            open_writer.write_table(table, max_chunksize=3)
    csv = "text,url\n" + "".join(f'"{n}, {TEXT}\n",http://a.example\n' for n in range(4))
    return {
        "a.jsonl": lines,
        "a.json": json.dumps({"rows": ROWS}).encode(),
        "b.json": json.dumps(ROWS, indent=1).encode(),
        "a.csv": csv.encode(),
        "b.csv": csv.encode("utf-16"),
        "a.parquet": columnar.getvalue(),
        "a.arrow": file.getvalue(),
        "b.arrow": stream.getvalue(),
        "a.sqlite": _database(),
    }


def _database() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.sqlite"
        database = sqlite3.connect(path)
        database.execute("create table t (text text, url text)")
        database.executemany("insert into t values (:text, :url)", ROWS)
        database.commit()
        database.close()
        return path.read_bytes()


def _documents() -> dict[str, bytes]:
    cells = [
        {"cell_type": "markdown", "source": ["# gold\n", TEXT]},
        {"cell_type": "code", "source": "1", "outputs": [{"output_type": "stream", "text": "1"}]},
    ]
    return {
        "a.pdf": pdf([(72, 72, "gold"), (72, 90, "沙里淘金")], [(72, 72, TEXT[:40])]),
        "a.html": PAGE.format(TEXT + "<table><tr><td>1<td>2</table>").encode("gb18030"),
        "a.md": f"---\ntitle: gold\n---\n# gold\n{TEXT}".encode(),
        "a.txt": TEXT.encode("gb18030"),
        "a.py": f'"""{TEXT}"""\n'.encode(),
        "a.rtf": rb"{\rtf1\ansi{\fonttbl{\f0 Times;}}\pard gold\par\u37329?\trowd\cell\row}",
        "a.ipynb": json.dumps({"cells": cells, "nbformat": 4, "metadata": {}}).encode(),
        "a.rst": _PROPOSAL.encode(),
        "a.tex": _PAPER.encode(),
        "a.eml": _letter(),
        "a.mbox": _mailbox(),
        "a.msg": _outlook(),
        "a.mhtml": _saved_page(),
        "a.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 6,
    }


_PROPOSAL = f"""PEP: 1
Title: gold

====
Gold
====

{TEXT} [1]_ |pan| :ref:`a <b>` ``code`` `link <http://a.example>`__

#. one
#. two

   - deeper

:field: value

+-----+-----+
| a   | b   |
+=====+=====+
| 1   | 2   |
+-----+-----+

=== ===
 x   y
=== ===
 1   2
=== ===

.. |pan| replace:: the pan
.. code-block:: python

   gold = 1

.. note:: {TEXT}

.. [1] A note.
"""
_PAPER = (
    r"""\documentclass{article}
\newcommand{\gold}[2][sand]{\emph{#1 and #2}}
\title{Gold}\author{A}
\begin{document}\maketitle
\section{Where it is} \label{a} \gold{pan} \gold[river]{pan} % a comment
\begin{itemize}\item one \item two $x_1 < 2$\end{itemize}
\begin{tabular}{ll} a & b \\ \multicolumn{2}{c}{c} \end{tabular}
\begin{verbatim}
gold = 1
\end{verbatim}
\[ \sum_i x_i \] \footnote{noted} \verb|x| \'e \textbf{bold} \ref{a}
"""
    + TEXT
    + r"""
\end{document}
"""
)


def _mailbox() -> bytes:
    return b"".join(
        b"From a@a.example Sat Feb 10 12:00:00 2024\n" + one + b"\n\n"
        for one in (_letter(), b"Subject: gold\n\n>From the sand\n", _letter())
    )


def _outlook() -> bytes:
    def wide(text: str) -> bytes:
        return text.encode("utf-16-le")

    numbers = bytes(32) + struct.pack("<LLLL", 0x3FFD0003, 6, 936, 0)
    return compound(
        {
            "__properties_version1.0": numbers,
            "__substg1.0_0037001F": wide("gold"),
            "__substg1.0_001A001F": wide("IPM.Note"),
            "__substg1.0_1000001F": wide(TEXT),
            "__attach_version1.0_#00000000/__properties_version1.0": bytes(8)
            + struct.pack("<LLLL", 0x37050003, 6, 1, 0),
            "__attach_version1.0_#00000000/__substg1.0_3707001F": wide("a.txt"),
            "__attach_version1.0_#00000000/__substg1.0_37010102": TEXT.encode(),
        }
    )


def _letter() -> bytes:
    letter = EmailMessage()
    letter["From"], letter["Subject"], letter["Message-ID"] = "a@a.example", "淘金", "<1@a.example>"
    letter.set_content(TEXT)
    letter.add_alternative(PAGE.format(TEXT), subtype="html")
    letter.add_attachment(TEXT.encode(), maintype="text", subtype="plain", filename="a.txt")
    return letter.as_bytes()


def _saved_page() -> bytes:
    letter = EmailMessage()
    letter["From"], letter["Snapshot-Content-Location"] = "<saved>", "http://a.example/"
    letter.set_content(PAGE.format(TEXT), subtype="html")
    letter.make_related()
    part = next(iter(letter.iter_parts()))
    assert isinstance(part, EmailMessage)
    part["Content-Location"] = "http://a.example/"
    return letter.as_bytes()


_SHEET = f"""<o:document-content xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:t="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:x="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><o:body><o:spreadsheet>
<t:table t:name="gold"><t:table-row t:number-rows-repeated="2"><t:table-cell
 t:number-columns-repeated="3"><x:p>{TEXT}</x:p></t:table-cell></t:table-row></t:table>
</o:spreadsheet></o:body></o:document-content>"""


def _office() -> dict[str, bytes]:
    document, book, deck = docx.Document(), openpyxl.Workbook(), pptx.Presentation()
    document.add_heading("gold")
    document.add_paragraph(TEXT)
    document.add_table(2, 2).cell(0, 0).text = "1"
    sheet = book.active
    assert sheet is not None
    for row in ROWS:
        sheet.append([row["text"], row["n"]])
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "gold"
    slide.placeholders[1].text = TEXT
    found = {}
    for name, one in (("a.docx", document), ("a.xlsx", book), ("a.pptx", deck)):
        out = io.BytesIO()
        one.save(out)
        found[name] = out.getvalue()
    text = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    body = f'<o:document-content xmlns:o="{office}" xmlns:t="{text}"><o:body><o:text>'
    body += f"<t:h>gold</t:h><t:p>{TEXT}</t:p></o:text></o:body></o:document-content>"
    found["a.odt"] = packed(
        {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": body}
    )
    found["a.ods"] = packed(
        {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": _SHEET}
    )
    found["a.epub"] = packed(_book())
    return found


def _book() -> dict[str, str]:
    container = '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    package = '<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="a" href="a.xhtml" '
    return {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": container
        + '<rootfile full-path="b.opf"/></rootfiles></container>',
        "b.opf": package
        + 'media-type="application/xhtml+xml"/></manifest><spine><itemref idref="a"/></spine></package>',
        "a.xhtml": f"<html><body><h1>gold</h1><p>{TEXT}</p></body></html>",
    }


def _archives(lines: bytes) -> dict[str, bytes]:
    inner = packed({"c.txt": TEXT, "d.jsonl": lines})
    members = {"a.txt": TEXT.encode(), "f/b.jsonl.gz": gzip.compress(lines), "c.zip": inner}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return {
        "a.zip": packed(members),
        "a.tar": out.getvalue(),
        "a.tgz": gzip.compress(out.getvalue()),
    }
