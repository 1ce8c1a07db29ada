"""The built files are what the manuscripts say, and expected.toml lists every record in them.

The records are counted by readers that share no code with the builder: warcio, json, csv, pyarrow
and the file system.
"""

import csv
import gzip
import io
import json
import tomllib
import zipfile
import zlib
from collections import Counter
from pathlib import Path

import pytest

from taojin import data_samples
from taojin.data_samples.build import build
from taojin.data_samples.papers import PASSWORD

SAMPLES = Path(data_samples.__file__).parent
FOLDERS = ("crawl", "documents", "evaluation", "feeds", "pages")
EXPECTED = tomllib.loads((SAMPLES / "expected.toml").read_text("utf-8"))["document"]
SKIPPED = {"warcinfo", "request", "revisit", "image"}


def files(root: Path) -> list[str]:
    built = [path for folder in FOLDERS for path in (root / folder).rglob("*") if path.is_file()]
    return sorted(path.relative_to(root).as_posix() for path in [*built, root / "expected.toml"])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("built")
    build(root)
    return root


def test_building_twice_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    build(tmp_path)
    assert files(tmp_path) == files(built)
    for file in files(built):
        assert (tmp_path / file).read_bytes() == (built / file).read_bytes(), file


def members(data: bytes) -> dict[int, bytes | None]:
    """Each gzip member's content by its offset, None where it cannot be unpacked."""
    found: dict[int, bytes | None] = {}
    offset = data.find(b"\x1f\x8b\x08")
    while offset >= 0:
        unpack = zlib.decompressobj(wbits=31)
        try:
            found[offset] = unpack.decompress(data[offset:])
            rest = len(data) - len(unpack.unused_data)
        except zlib.error:
            found[offset] = None
            rest = offset + 1
        offset = data.find(b"\x1f\x8b\x08", rest)
    return found


def unpacked(root: Path, file: str) -> object:
    """What a packed file holds; another zlib may pack the same content in other bytes."""
    path = root / file
    if ".warc." in file:
        return list(members(path.read_bytes()).values())
    if file.endswith((".jsonl.gz", ".jsonl.zst")):
        return lines(path)
    if file.endswith(".docx"):
        with zipfile.ZipFile(path) as package:
            return {name: package.read(name) for name in package.namelist()}
    if file.endswith(".parquet"):
        return rows(path)
    if file.endswith(".pdf"):
        return pdf_text(path)
    if file == "expected.toml":
        documents = tomllib.loads(path.read_text("utf-8"))["document"]
        return [{**one, "position": 0, "kept_position": 0} for one in documents]
    return path.read_bytes()


def test_the_committed_files_are_those_that_the_manuscripts_make(built: Path) -> None:
    assert files(SAMPLES) == files(built)
    for file in files(built):
        assert unpacked(SAMPLES, file) == unpacked(built, file), file


def lines(path: Path) -> list[bytes]:
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    elif path.suffix == ".zst":
        import zstandard

        data = zstandard.ZstdDecompressor().stream_reader(data).read()
    return data.splitlines()


def rows(path: Path) -> list[dict[str, str]]:
    import pyarrow.parquet as pq

    found: list[dict[str, str]] = pq.read_table(path).to_pylist()
    return found


def pdf_text(path: Path) -> str:
    import pypdfium2

    password = PASSWORD if path.name == "salaries.pdf" else None
    pages = pypdfium2.PdfDocument(path, password=password)
    return "\n".join(page.get_textpage().get_text_range() for page in pages)


def archive_records(path: Path) -> dict[int, str]:
    """The kind of each record by warcio, one member at a time; `broken` where it cannot."""
    from warcio.archiveiterator import ArchiveIterator

    kinds = {}
    for offset, member in members(path.read_bytes()).items():
        if member is None:
            kinds[offset] = "broken"
            continue
        (record,) = ArchiveIterator(io.BytesIO(member))
        http = record.http_headers
        is_image = record.rec_type == "response" and http.get_header("Content-Type") == "image/png"
        kinds[offset] = "image" if is_image else record.rec_type
    return kinds


def counted(path: Path) -> list[int]:
    """The positions of a file's records, by a reader of its format."""
    if ".warc." in path.name:
        return list(archive_records(path))
    if ".jsonl" in path.name:
        return list(range(1, len(lines(path)) + 1))
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            return list(range(2, len(list(csv.DictReader(file))) + 2))
    return list(range(len(rows(path)))) if path.suffix == ".parquet" else [0]


def test_expected_lists_every_record_once() -> None:
    listed = Counter((one["path"], one["position"]) for one in EXPECTED)
    inputs = [file for file in files(SAMPLES) if not file.startswith(("evaluation", "expected"))]
    assert listed == Counter((file, at) for file in inputs for at in counted(SAMPLES / file))


def test_expected_names_the_kind_of_every_archive_record() -> None:
    for file in ("spring.warc.gz", "autumn.warc.gz", "spring.warc.wet.gz"):
        path = f"crawl/{file}"
        expected = {one["position"]: one for one in EXPECTED if one["path"] == path}
        for offset, kind in archive_records(SAMPLES / path).items():
            reason = expected[offset].get("reason", "")
            assert (reason == f"ingest.{kind}") == (kind in SKIPPED), (file, offset)
            assert (reason == "bad_record") == (kind == "broken"), (file, offset)


def test_the_broken_record_is_followed_by_others() -> None:
    for file in ("spring", "autumn"):
        kinds = list(archive_records(SAMPLES / f"crawl/{file}.warc.gz").values())
        assert kinds.count("broken") == 1
        assert "response" in kinds[kinds.index("broken") :]


def test_exactly_the_lines_said_to_be_damaged_are() -> None:
    damaged = {}
    for path in sorted((SAMPLES / "feeds").glob("*.jsonl*")):
        for number, line in enumerate(lines(path), start=1):
            try:
                json.loads(line)
            except UnicodeDecodeError:
                damaged[f"feeds/{path.name}", number] = "bad_encoding"
            except json.JSONDecodeError:
                damaged[f"feeds/{path.name}", number] = "bad_json"
    assert damaged == {
        (one["path"], one["position"]): one["reason"]
        for one in EXPECTED
        if one["source"] == "feeds" and one["fate"] == "quarantined"
    }


def test_a_csv_field_holds_line_breaks_in_the_last_row_alone() -> None:
    with (SAMPLES / "feeds/notes.csv").open(encoding="utf-8", newline="") as file:
        broken = ["\n" in row["content"] for row in csv.DictReader(file)]
    assert broken == [False] * (len(broken) - 1) + [True]  # so its row and its line agree


def test_the_encrypted_pdf_opens_with_its_password_alone() -> None:
    import pypdfium2

    path = SAMPLES / "documents/en/office/salaries.pdf"
    with pytest.raises(pypdfium2.PdfiumError, match="password"):
        pypdfium2.PdfDocument(path)
    assert "Salary bands" in pdf_text(path)


def test_chinese_is_read_back_from_the_pdfs() -> None:
    assert "翻斗雨量计是指利用两个交替翻转的小斗" in pdf_text(
        SAMPLES / "documents/zh/manuals/raingauge.pdf"
    )


def test_the_samples_stay_small() -> None:
    size = sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.suffix != ".pyc")
    assert size < 2_000_000
