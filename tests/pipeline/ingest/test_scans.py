"""Pages that are pictures: told beside the document, or read by a command."""

import io
import os
import sys
import time
import zipfile
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from taojin.core.errors import UserError
from taojin.pipeline.graph import LocalRunner
from taojin.pipeline.ingest.documents import ocr
from taojin.pipeline.ingest.documents.pdf import document as pdf
from taojin.pipeline.ingest.documents.pdf import scans as pdf_scans
from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions, Record, Unreadable
from taojin.pipeline.inputs import find
from taojin.pipeline.recipe import parse
from taojin.pipeline.steps import chunks, ingest
from tests.pipeline.ingest.papers import LOGO, PICTURE, column, unmapped
from tests.pipeline.ingest.papers import pdf as paper

TEXT = column(60, 100, ["gold is washed out of the sand", "with patience and a pan"])
SCAN_AND_TEXT = paper(PICTURE, TEXT, PICTURE)
READS = """
import sys
from PIL import Image
picture = Image.open(sys.argv[1])
print(picture.format, *picture.size, picture.getpixel((picture.width // 2, 900)))
print("沙里淘金")
"""


OPTIONS = ReadOptions()


def entries(path: Path, data: bytes, options: ReadOptions = OPTIONS) -> list[Entry]:
    path.write_bytes(data)
    return list(read(str(path), options))


def command(tmp_path: Path, script: str) -> ReadOptions:
    """Options with this script as the OCR command."""
    path = tmp_path / "ocr.py"
    path.write_text(script, encoding="utf-8")
    return ReadOptions(ocr=(sys.executable, str(path), ocr.PAGE))


def test_pages_that_are_pictures_are_told_beside_the_document(tmp_path: Path) -> None:
    document, rest = entries(tmp_path / "a.pdf", SCAN_AND_TEXT)
    assert isinstance(document, Record)
    assert document.text.startswith("gold is washed")
    assert rest == Damaged(-1, 0, "needs_ocr", "without text: page 1, 3 of 3")


def test_a_page_of_a_font_without_a_map_is_told(tmp_path: Path) -> None:
    mixed = pypdfium2.PdfDocument.new()
    for data in (paper(TEXT), unmapped()):
        mixed.import_pages(pypdfium2.PdfDocument(data))
    out = io.BytesIO()
    mixed.save(out)
    document, rest = entries(tmp_path / "a.pdf", out.getvalue())
    assert "\ue047" not in document.text
    assert rest == Damaged(-1, 0, "needs_ocr", "without text: page 2 of 2")


def test_a_blank_page_is_nothing_to_tell(tmp_path: Path) -> None:
    (document,) = entries(tmp_path / "a.pdf", paper(TEXT, []))
    assert isinstance(document, Record)
    (damaged,) = entries(tmp_path / "b.pdf", paper([], []))
    assert damaged == Damaged(0, len(paper([], [])), "needs_ocr", "no text on 2 pages")


def test_a_small_picture_is_nothing_to_tell_unless_there_is_no_text(tmp_path: Path) -> None:
    (document,) = entries(tmp_path / "a.pdf", paper(TEXT, LOGO))
    assert isinstance(document, Record)
    (damaged,) = entries(tmp_path / "b.pdf", paper([], LOGO))
    assert damaged.detail == "without text: page 2 of 2"


def test_many_pages_are_told_shortly(tmp_path: Path) -> None:
    _, rest = entries(tmp_path / "a.pdf", paper(TEXT, *[PICTURE] * 25))
    assert rest.detail.endswith("20, 21 and 5 more of 26")


def test_a_warc_tells_them_too(tmp_path: Path) -> None:
    body = SCAN_AND_TEXT
    http = b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n" + body
    head = (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.example/\r\n"
        b"WARC-Date: 2024-01-01T00:00:00Z\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
        b"Content-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n"
    )
    one = head % len(http) + http + b"\r\n\r\n"
    found = entries(tmp_path / "a.warc", one * 2)
    assert [entry.position for entry in found] == [0, -1, len(one), -len(one) - 1]
    assert sum(entry.size_bytes for entry in found) == 2 * len(one)


def test_a_member_of_an_archive_tells_them_too(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.pdf", SCAN_AND_TEXT)
        archive.writestr("b.pdf", SCAN_AND_TEXT)
    found = entries(tmp_path / "a.zip", packed.getvalue())
    assert [entry.member for entry in found] == ["a.pdf", "a.pdf", "b.pdf", "b.pdf"]
    assert len({(entry.member, entry.position) for entry in found}) == 4


def test_the_document_and_its_pages_are_rows_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(SCAN_AND_TEXT)
    done = ingested(tmp_path, {})
    (row,) = done.read("quarantine").to_dicts()
    (part,) = chunks.chunks("s", done)
    (document,) = done.read(f"documents-{part.number}").to_dicts()
    assert (row["cause"], row["size_bytes"], row["position"]) == ("needs_ocr", 0, -1)
    assert row["doc_id"] != document["doc_id"]


def ingested(folder: Path, source: dict[str, object]):
    recipe = parse({"name": "x", "sources": [{"name": "s", "path": "*.pdf", **source}]}, folder)
    files = find(recipe.sources[0], folder, {})
    task = ingest.task(recipe, recipe.sources[0], files, None, 10**6)
    (done,) = LocalRunner().run([task], folder / "work", lambda _: None)
    return done


# The command


def test_the_command_is_given_a_picture_of_200_dots_an_inch(tmp_path: Path) -> None:
    (document,) = entries(tmp_path / "a.pdf", SCAN_AND_TEXT, command(tmp_path, READS))
    first, second, third = document.text.split("\n\n")
    assert first == third == "PNG 1653 2339 128\n沙里淘金"
    assert second.startswith("gold is washed")


def test_a_scanned_file_becomes_a_document(tmp_path: Path) -> None:
    (document,) = entries(tmp_path / "a.pdf", paper(PICTURE), command(tmp_path, READS))
    assert document.text.endswith("沙里淘金")


def test_the_recipe_names_the_command(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(paper(PICTURE))
    words = command(tmp_path, READS).ocr
    done = ingested(tmp_path, {"ocr": list(words)})
    assert done.read("quarantine").height == 0
    (part,) = chunks.chunks("s", done)
    assert done.read(f"documents-{part.number}")["text"].str.contains("沙里淘金").all()


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("raise SystemExit(3)", "the command ended with 3"),
        ("print(chr(10))", "no text found"),
        ("import os; os.kill(os.getpid(), 9)", "the command ended with -9"),
        ("print('x' * (9 << 20))", f"the command wrote more than {8 << 20} bytes"),
    ],
)
def test_a_command_that_fails_is_a_cause(tmp_path: Path, script: str, why: str) -> None:
    options = command(tmp_path, script)
    (found,) = entries(tmp_path / "a.pdf", paper(PICTURE), options)
    assert (found.cause, found.detail) == ("ocr_failed", f"without text: page 1 of 1: {why}")
    document, *rest = entries(tmp_path / "b.pdf", SCAN_AND_TEXT, options)
    assert document.text.startswith("gold is washed")
    told = (
        [] if why == "no text found" else [("ocr_failed", f"without text: page 1, 3 of 3: {why}")]
    )
    assert [(entry.cause, entry.detail) for entry in rest] == told


def test_one_page_that_fails_costs_no_other(tmp_path: Path) -> None:
    counts = tmp_path / "count"
    script = f"open({str(counts)!r}, 'a').write('x')\nif len(open({str(counts)!r}).read()) == 1: raise SystemExit(1)\nprint('read')"
    document, rest = entries(tmp_path / "a.pdf", SCAN_AND_TEXT, command(tmp_path, script))
    assert document.text.endswith("read")
    assert rest.detail == "without text: page 1 of 3: the command ended with 1"


def test_a_command_that_cannot_be_started() -> None:
    for words in (["/no/such/program", ocr.PAGE], ["\0", ocr.PAGE]):
        with pytest.raises(Unreadable, match="ocr_failed.*cannot be started"):
            ocr.recognised(b"", words)


def test_a_command_that_takes_too_long_is_ended_with_what_it_started(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    with pytest.raises(Unreadable, match="took more than 1 seconds"):
        ocr.recognised(b"", ["sh", "-c", f"sleep 60 & echo $! > {pid}; wait"], 1.0)
    for _ in range(50):
        if not is_running(int(pid.read_text())):
            return
        time.sleep(0.1)
    pytest.fail("what the command had started still runs")


def is_running(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_no_shell_reads_the_command() -> None:
    said = ocr.recognised(
        b"", [sys.executable, "-c", "import sys; print(sys.argv[1:])", "$HOME; *"]
    )
    assert said == "['$HOME; *']"


def test_what_the_command_says_is_clean() -> None:
    script = "import sys; sys.stdout.buffer.write('沙\\r\\n\\0里\\f'.encode())"
    assert ocr.recognised(b"", [sys.executable, "-c", script]) == "沙\n\ufffd里"


def test_a_picture_shows_the_page() -> None:
    """Pillow reads it, and it is the page as PDFium draws it."""
    (page,) = pypdfium2.PdfDocument(paper(TEXT))
    found = Image.open(io.BytesIO(pdf_scans.picture(page)))
    wanted = page.render(scale=200 / 72, grayscale=True).to_pil()
    assert (found.size, found.mode) == (wanted.size, "L")
    assert found.tobytes() == wanted.tobytes()
    assert 500 < sum(value < 128 for value in found.tobytes()) < 9000


def test_a_huge_page_is_drawn_small() -> None:
    document = pypdfium2.PdfDocument.new()
    page = document.new_page(14_400, 14_400)
    width, height = Image.open(io.BytesIO(pdf_scans.picture(page))).size
    assert width * height <= 40_100_000


# The recipe


def test_a_program_that_is_missing_is_told_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(paper(PICTURE))
    with pytest.raises(
        UserError, match=r"source 's': ocr: no program 'tesseracht' on this machine"
    ):
        ingested(tmp_path, {"ocr": ["tesseracht", ocr.PAGE, "stdout"]})
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize("words", [["tesseract"], ["{page}"], ["tesseract", "page.png"]])
def test_a_command_without_a_page_is_refused(tmp_path: Path, words: list[str]) -> None:
    with pytest.raises(UserError, match=r"ocr: a word after the program's name is '\{page\}'"):
        parse({"name": "x", "sources": [{"name": "s", "path": "*", "ocr": words}]}, tmp_path)


def test_a_command_that_is_no_list_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"ocr: a list is needed"):
        parse({"name": "x", "sources": [{"name": "s", "path": "*", "ocr": "a {page}"}]}, tmp_path)


def test_pages_without_pictures_start_no_command(tmp_path: Path) -> None:
    options = command(tmp_path, "raise SystemExit(1)")
    assert pdf.extract(paper(TEXT, []), options).unread is None
