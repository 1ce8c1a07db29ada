"""How files and documents were read: the tables that the ingest step leaves beside the documents."""

import email
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import docx
import polars as pl
import pytest

from taojin.core import hashing, schema
from taojin.pipeline.ingest.charset import decode
from taojin.pipeline.inputs import find
from taojin.pipeline.recipe import parse
from taojin.pipeline.steps import ingest
from taojin.pipeline.task import Checkpoint, execute
from taojin.tests.pipeline.ingest.papers import PICTURE, column
from taojin.tests.pipeline.ingest.papers import pdf as paper
from taojin.tests.pipeline.ingest.test_warc import warc

POEM = "床前明月光，疑是地上霜。舉頭望明月，低頭思故鄉。" * 4
FRENCH = "Où est passé l'été de l'élève à l'école ? Très loin d'ici, peut-être à Orléans. " * 3


def page(label: str = "") -> str:
    meta = f'<meta charset="{label}">' if label else ""
    return (
        f"<html><head>{meta}</head><body><article><h1>月</h1><p>{POEM}</p></article></body></html>"
    )


@pytest.mark.parametrize(
    ("data", "declared", "encoding", "told"),
    [
        (b"\xef\xbb\xbf" + POEM.encode(), "gbk", "utf-8", "bom"),
        (POEM.encode("utf-16"), "", "utf-16-le", "bom"),
        (POEM.encode(), "gbk", "utf-8", "valid"),
        ((POEM * 9).encode() + b"\xff", "gbk", "utf-8", "valid"),
        (page("utf-8").encode("gbk"), "gbk", "gb18030", "header"),
        (page("gbk").encode("gbk"), "", "gb18030", "meta"),
        (page("gbk").encode("gbk"), "iso-8859-1", "gb18030", "meta"),
        (page("iso-8859-1").encode("gbk"), "gbk", "gb18030", "header"),
        (page().encode("gbk"), "utf-8", "gb18030", "detection"),
        (FRENCH.encode("utf-16-be"), "", "utf-16-be", "detection"),
        (POEM.replace("鄉", "乡").encode("iso2022_jp", "ignore"), "", "iso2022_jp", "detection"),
        ("月".encode("iso2022_jp") * 9, "iso-2022-jp-2", "iso2022_jp_2", "header"),
    ],
)
def test_how_an_encoding_was_told(data: bytes, declared: str, encoding: str, told: str) -> None:
    found = decode(data, declared, markup=True)
    assert (found.encoding, found.told) == (encoding, told)


def test_an_encoding_that_nothing_tells_is_the_one_with_the_fewest_errors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("taojin.pipeline.ingest.charset.detect", lambda _: "utf-8")
    found = decode(POEM.encode("gbk"), "utf-8")
    assert (found.encoding, found.told) == ("gb18030", "fallback")


def files(folder: Path) -> dict[str, tuple[str, str | None, str | None, str | None]]:
    """Write one file of each way to be read: MIME type, encoding, what told it, engine; by name."""
    response = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=big5\r\n\r\n"
    plain = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=gbk\r\n\r\n"
    message = email.message.EmailMessage()
    message["Subject"] = "月"
    message.set_content(POEM, charset="gb18030", cte="base64")
    notebook = {"cells": [{"cell_type": "markdown", "source": POEM}], "metadata": {}}
    written = {
        "a.html": (page("gbk").encode("gbk"), "text/html", "gb18030", "meta", "taojin"),
        "b.txt": (POEM.encode("utf-16"), "text/plain", "utf-16-le", "bom", None),
        "c.md": (f"# 月\n\n{POEM}".encode(), "text/markdown", "utf-8", "valid", None),
        "d.py": (f"# {POEM}\n".encode("gbk"), "text/x-python", "gb18030", "detection", None),
        "e.csv": (f"text\n{POEM}\n".encode("gbk"), "", "gb18030", "detection", None),
        "f.jsonl": (json.dumps({"text": POEM}).encode(), "", "utf-8", "format", None),
        "g.json": (json.dumps([{"text": POEM}]).encode(), "", "utf-8", "format", None),
        "h.warc": (
            warc(response + page().encode("big5hkscs")),
            "text/html",
            "big5hkscs",
            "header",
            "taojin",
        ),
        "i.warc": (warc(plain + POEM.encode("gbk")), "text/plain", "gb18030", "header", None),
        "j.wet": (warc(POEM.encode(), "conversion"), "text/plain", "utf-8", "valid", None),
        "k.eml": (message.as_bytes(), "message/rfc822", "gb18030", "header", None),
        "l.ipynb": (
            json.dumps(notebook, ensure_ascii=False).encode(),
            "application/x-ipynb+json",
            "utf-8",
            "valid",
            None,
        ),
        "m.pdf": (paper(column(60, 100, ["gold"]), PICTURE), "application/pdf", None, None, None),
        "n.mht": (
            b"Content-Type: text/html; charset=gbk\r\n\r\n" + page("utf-8").encode("gbk"),
            "multipart/related",
            "gb18030",
            "header",
            "taojin",
        ),
    }
    for name, (data, *_) in written.items():
        (folder / name).write_bytes(data)
    word = docx.Document()
    word.add_paragraph(POEM)
    word.save(str(folder / "o.docx"))
    mime = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return {name: how for name, (_, *how) in written.items()} | {"o.docx": (mime, None, None, None)}  # type: ignore[misc]


def ingested(folder: Path, attempt: int = 0) -> Checkpoint:
    recipe = parse({"name": "r", "sources": [{"name": "s", "path": "*.*"}]}, folder)
    found = find(recipe.sources[0], folder, {})
    task = ingest.task(recipe, recipe.sources[0], found, None, 1000)
    parameters = {**task.parameters, **({"attempt": attempt} if attempt else {})}
    return execute(replace(task, parameters=parameters), folder / "work")


def test_how_each_document_was_read(tmp_path: Path) -> None:
    expected = files(tmp_path)
    one = ingested(tmp_path)
    reading = one.read("reading")
    assert reading.schema == pl.Schema(schema.READING)
    names = {hashing.doc_id("s", name, at): name for name in expected for at in range(3)}
    told = {
        names[row["doc_id"]]: (row["mime"], row["charset"], row["charset_from"], row["extractor"])
        for row in reading.to_dicts()
    }
    assert told == {name: tuple(how) for name, how in expected.items()}
    assert set(reading["kind"]) == {"web", "code"}


def test_counts_of_a_text_are_those_of_the_document(tmp_path: Path) -> None:
    lines = ["gold", "", "a\ufffdb\ufffd", "ask wei.zhang@example.org about 金", POEM]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps({"text": line}) for line in lines))
    one = ingested(tmp_path)
    reading = one.read("reading")
    texts = pl.concat(
        [pl.read_parquet(path) for path in sorted(one.path.glob("documents-*.parquet"))]
    )
    assert texts.columns[: len(schema.DOCUMENT)] == list(schema.DOCUMENT)
    assert not set(texts.columns) & {"charset", "extractor", "character_count"}
    assert reading["doc_id"].to_list() == texts["doc_id"].to_list()
    assert reading["lang"].to_list() == texts["lang"].to_list()
    assert reading["character_count"].to_list() == [len(text) for text in texts["text"]]
    assert reading["replacement_count"].to_list() == [0, 0, 2, 0, 0]
    assert "wei.zhang" not in "".join(texts["text"])  # so the fourth count is that of the masked


def test_each_file_tells_what_became_of_its_records(tmp_path: Path) -> None:
    rows = ['{"text": "a"}', "{", '{"text": "b"}', '{"title": "c"}']
    (tmp_path / "a.jsonl").write_text("\n".join(rows))
    (tmp_path / "b.csv").write_text("text\n")
    (tmp_path / "wei.zhang@example.org.txt").write_text("gold")
    (tmp_path / "d.warc").write_bytes(warc(b"", "request") + warc(b"gold", "conversion"))
    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    one = ingested(tmp_path, attempt=2)
    table = one.read("files")
    assert table.schema == pl.Schema(schema.FILE)
    assert [tuple(row) for row in table.rows()] == [
        ("s", "s/a.jsonl", sizes["a.jsonl"], 2, 2, 0, 3),
        ("s", "s/b.csv", sizes["b.csv"], 0, 0, 0, 3),
        ("s", "s/d.warc", sizes["d.warc"], 1, 0, 1, 3),
        ("s", "s/<EMAIL>", sizes["wei.zhang@example.org.txt"], 1, 0, 0, 3),
    ]
    totals = Counter({name: table[name].sum() for name in ("documents", "quarantined", "skipped")})
    assert totals == {name: one.counts[name] for name in totals}
    assert set(ingested(tmp_path).read("files")["attempt"]) == {1}
