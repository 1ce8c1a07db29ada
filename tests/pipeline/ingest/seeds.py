"""One small file of every format that is read, to be damaged."""

import bz2
import gzip
import io
import json
import lzma
import sqlite3
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
        "a.eml": _letter(),
        "a.mhtml": _saved_page(),
        "a.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 6,
    }


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
