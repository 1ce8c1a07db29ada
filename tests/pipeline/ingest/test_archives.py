"""Archives: every member ends as entries, told by zipfile and tarfile."""

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from taojin.pipeline.ingest.archives import members
from taojin.pipeline.ingest.documents.packages import Package
from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import (
    Damaged,
    Entry,
    ReadOptions,
    Record,
    Skipped,
    Unreadable,
)
from taojin.tests.pipeline.ingest.hostile import cuts, entries_of, packed

OPTIONS = ReadOptions()
FILES = {
    "a.txt": "沙里淘金。".encode(),
    "folder/b.md": "# 淘金\n".encode(),
    "folder/c.bin": b"\x00\x01",
    "rows.jsonl": '{"text": "一"}\n{"text": "二"}\nbad\n'.encode(),
    "empty.jsonl": b"",
    "d.txt.gz": gzip.compress("三".encode()),
}
ENDS = [
    ("a.txt", "沙里淘金。"),
    ("folder/b.md", "# 淘金\n"),
    ("folder/c.bin", "unknown_format"),
    ("rows.jsonl", "一"),
    ("rows.jsonl", "二"),
    ("rows.jsonl", "bad_json"),
    ("", "empty"),
    ("d.txt.gz", "三"),
]


def tarred(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def end(entry: Entry) -> tuple[str, str]:
    match entry:
        case Record():
            return entry.member, entry.text
        case Damaged():
            return entry.member, entry.cause
        case Skipped():
            return "", entry.kind


def ends(path: Path, data: bytes, options: ReadOptions = OPTIONS) -> list[tuple[str, str]]:
    found = entries_of(path, data, options)
    assert [entry.position for entry in found] == list(range(len(found)))
    return [end(entry) for entry in found]


PACKERS: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "a.zip": packed,
    "a.zip.gz": lambda files: gzip.compress(packed(files)),
    "a.tar": tarred,
    "a.tar.gz": lambda files: gzip.compress(tarred(files)),
    "a.tgz": lambda files: gzip.compress(tarred(files)),
    "a.tar.bz2": lambda files: bz2.compress(tarred(files)),
    "a.tar.xz": lambda files: lzma.compress(tarred(files)),
    "a.tar.zst": lambda files: zstandard.compress(tarred(files)),
}


@pytest.mark.parametrize("name", PACKERS)
def test_every_member_is_read_by_the_reader_of_its_format(tmp_path: Path, name: str) -> None:
    data = PACKERS[name](FILES)
    assert ends(tmp_path / name, data) == ENDS
    assert ends(tmp_path / "no suffix", data) == ENDS


@pytest.mark.parametrize("outer", ["a.zip", "a.tar.gz"])
@pytest.mark.parametrize("inner", ["a.zip", "a.tar.gz"])
def test_an_archive_in_an_archive(tmp_path: Path, outer: str, inner: str) -> None:
    data = PACKERS[outer]({"z.txt": b"z", inner: PACKERS[inner](FILES)})
    named = [(f"{inner}/{name}" if name else "", text) for name, text in ENDS]
    assert ends(tmp_path / outer, data) == [("z.txt", "z"), *named]
    deeper = PACKERS[outer]({"x.zip": data, "y.txt": b"y"})
    assert ends(tmp_path / outer, deeper)[1:] == [
        (f"x.zip/{inner}", "too_large"), ("y.txt", "y")
    ]  # fmt: skip


OUTSIDE = [
    "../a.txt",
    "/etc/a.txt",
    "x/../../a.txt",
    "C:\\a.txt",
    "..\\a.txt",
    "\\\\host\\a.txt",
    "x/..",
]


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("pack", [packed, tarred])
def test_a_path_that_leads_out(tmp_path: Path, name: str, pack: Callable[..., bytes]) -> None:
    found = ends(tmp_path / "a", pack({name: b"x", "..b/c...txt": b"y"}))
    assert [text for _, text in found] == ["bad_path", "y"]


def test_links_and_devices_of_a_tar(tmp_path: Path) -> None:
    out = io.BytesIO()
    kinds = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE)
    with tarfile.open(fileobj=out, mode="w") as archive:
        for kind in (*kinds, tarfile.DIRTYPE):
            info = tarfile.TarInfo(f"x{ord(kind)}.txt")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    found = ends(tmp_path / "a.tar", out.getvalue())
    assert [text for _, text in found] == [*["bad_path"] * 5, "folder"]


def test_links_and_folders_of_a_zip(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("x.txt")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.mkdir("folder")
    assert ends(tmp_path / "a.zip", out.getvalue()) == [("x.txt", "bad_path"), ("", "folder")]


def test_encrypted_members(tmp_path: Path) -> None:
    data = bytearray(packed({"a.txt": b"x", "b.txt": b"y"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert ends(tmp_path / "a.zip", bytes(data)) == [("a.txt", "encrypted"), ("b.txt", "y")]


def test_a_damaged_member_costs_itself(tmp_path: Path) -> None:
    data = bytearray(packed({"a.txt": b"gold " * 99, "b.txt": b"y"}))
    data[40] ^= 0xFF
    assert ends(tmp_path / "a.zip", bytes(data)) == [("a.txt", "bad_record"), ("b.txt", "y")]


def test_names_of_chinese_windows(tmp_path: Path) -> None:
    raw = "淘金.txt".encode("gb18030")
    data = packed({"x" * len(raw): b"x"}).replace(b"x" * len(raw), raw)
    assert ends(tmp_path / "a.zip", data) == [("淘金.txt", "x")]


def test_a_bomb_is_told_by_its_ratio(tmp_path: Path) -> None:
    files = {"bomb.txt": bytes(40 << 20), "a.txt": b"x"}
    assert ends(tmp_path / "a.zip", packed(files)) == [("bomb.txt", "too_large"), ("a.txt", "x")]
    found = ends(tmp_path / "a.tar.gz", gzip.compress(tarred(files)))
    assert {text for _, text in found} <= {"truncated", "too_large"}


def test_a_bomb_of_bombs(tmp_path: Path) -> None:
    """What is allowed is allowed once for a file and all that is packed in it."""
    line = bytes(range(32, 127)) * 200
    inner = packed({f"{number}.txt": line for number in range(100)})
    data = packed({f"{number}.zip": inner for number in range(20)})
    options = ReadOptions(max_bytes=400_000)  # 25 MB over all
    found = ends(tmp_path / "a.zip", data, options)
    texts = [text for _, text in found]
    assert len(found) + 99 * sum(name.endswith("zip") for name, _ in found) == 2000
    assert 64 * 300_000 < sum(len(text) for text in texts if len(text) > 99) <= 64 * 400_000
    assert "too_large" in texts


def test_a_directory_of_the_same_data_many_times(tmp_path: Path) -> None:
    data = packed({"a.txt": bytes(range(32, 127)) * 9000})
    start = data.index(b"PK\x01\x02")
    row = data[start : data.index(b"PK\x05\x06")]
    end_of = bytearray(data[data.index(b"PK\x05\x06") :])
    end_of[8:12] = (5000).to_bytes(2, "little") * 2
    end_of[12:16] = (len(row) * 5000).to_bytes(4, "little")
    found = ends(
        tmp_path / "a.zip",
        data[:start] + row * 5000 + bytes(end_of),
        ReadOptions(max_bytes=1 << 20),
    )
    assert len(found) == 5000
    assert sum(text != "too_large" for _, text in found) <= 64 * (1 << 20) // (95 * 9000)


def test_more_members_than_are_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taojin.pipeline.ingest.readers.MAX_MEMBERS", 3)
    for pack in (packed, tarred):
        found = ends(tmp_path / "a", pack({f"{number}.txt": b"x" for number in range(9)}))
        assert [text for _, text in found] == ["x", "x", "x", "too_large"]


def test_a_sparse_file_takes_no_room(tmp_path: Path) -> None:
    info = tarfile.TarInfo("a.txt")
    info.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0",
                        "GNU.sparse.realsize": str(1 << 28), "GNU.sparse.name": "a.txt"}  # fmt: skip
    body = b"1\n0\n0\n".ljust(512, b"\0")
    info.size = len(body)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info, io.BytesIO(body))
    (found,) = entries_of(tmp_path / "a.tar", out.getvalue())
    assert found.detail == "expands more than 250 times"


@pytest.mark.parametrize("at", [1, 100, 512, 513, 1024, 1500, 1536, 2000, 2559])
def test_a_tar_that_is_cut(tmp_path: Path, at: int) -> None:
    data = tarred({"a.txt": b"a" * 600, "b.txt": b"b" * 600})
    found = ends(tmp_path / "a.tar", data[:at])
    whole = ends(tmp_path / "a.tar", data)
    assert found != whole[: len(found)] or at % 512 == 0, at
    assert [text for _, text in whole] == ["a" * 600, "b" * 600]


def test_a_damaged_header_is_told(tmp_path: Path) -> None:
    data = bytearray(tarred({"a.txt": b"a", "b.txt": b"b", "c.txt": b"c"}))
    data[1024 + 10] ^= 0xFF
    assert ends(tmp_path / "a.tar", bytes(data)) == [("a.txt", "a"), ("", "bad_record")]


def test_compressed_archives_that_are_cut(tmp_path: Path) -> None:
    noise = bytes(range(256)) * 40
    for suffix, pack in (("gz", gzip.compress), ("xz", lzma.compress), ("zst", zstandard.compress)):
        data = pack(tarred({"a.txt": b"a", "b.bin": noise}))
        found = ends(tmp_path / f"a.tar.{suffix}", data[:-30])
        assert found[-1][1] in ("truncated", "bad_record")
    assert ends(tmp_path / "a.zip.gz", PACKERS["a.zip.gz"](FILES)[:-12]) == [("", "truncated")]


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz", "a.zip.gz"])
def test_damaged_copies(tmp_path: Path, name: str) -> None:
    for broken in cuts(PACKERS[name](FILES)):
        for entry in entries_of(tmp_path / name, broken):
            assert not isinstance(entry, Damaged) or "沙里" not in entry.detail


def test_what_is_no_archive(tmp_path: Path) -> None:
    for name in ("a.zip", "a.tar", "a.tgz"):
        assert ends(tmp_path / name, b"no archive at all") == [("", "unreadable")]
    assert ends(tmp_path / "a.zip", b"PK\x05\x06" + bytes(18)) == []


NAMES = st.text("ab/.\\金 \0", min_size=1, max_size=9)
CONTENTS = st.sampled_from([b"", b"text", b"%PDF-", b"PK\x03\x04", b"WARC/1.0\r\n", b"{\\rtf1 x}"])


@given(
    st.dictionaries(
        NAMES.map(lambda name: name.replace("\0", "")).filter(bool), CONTENTS, max_size=6
    )
)
def test_nothing_of_an_archive_is_lost(files: dict[str, bytes]) -> None:
    from tempfile import TemporaryDirectory

    for pack in (packed, tarred):
        data = pack(files)
        with TemporaryDirectory() as folder:
            path = Path(folder, "x.zip" if pack is packed else "x.tar")
            path.write_bytes(data)
            found = list(read(str(path), OPTIONS))
        if pack is packed:
            count = len(zipfile.ZipFile(io.BytesIO(data)).namelist())
        else:
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                count = len(archive.getmembers())
        assert len(found) >= count
        assert [entry.position for entry in found] == list(range(len(found)))


def test_members_of_one_name_are_both_read(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for data in (b"one", b"two"):
            info = tarfile.TarInfo("a.txt")
            info.size = 3
            archive.addfile(info, io.BytesIO(data))
    assert ends(tmp_path / "a.tar", out.getvalue()) == [("a.txt", "one"), ("a.txt", "two")]


def test_a_large_member_leaves_the_memory(tmp_path: Path) -> None:
    text = "".join(map(str, range(3_000_000)))
    assert len(text) > members._MEMORY_BYTES
    found = ends(tmp_path / "a.zip", packed({"a.txt": text.encode()}))
    assert found == [("a.txt", text)]


def test_a_member_without_a_name_costs_no_other(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("lost.txt", "gold")
        archive.writestr("a.txt", "沙里淘金。")
        archive.filelist[0].filename = ""
    found = entries_of(tmp_path / "a.zip", out.getvalue())
    assert [entry.position for entry in found] == [0, 1]
    assert end(found[0])[1] == "bad_record"
    assert end(found[1]) == ("a.txt", "沙里淘金。")


@pytest.mark.parametrize("name", ["a.zip", "a.docx", "a.ods"])
def test_a_damaged_entry_of_bzip2_costs_itself(tmp_path: Path, name: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("content.xml" if name == "a.ods" else "word/document.xml", "gold " * 99)
        archive.writestr("b.txt", "sand")
    data = bytearray(out.getvalue())
    data[data.index(b"BZh") + 4] ^= 0xFF
    found = entries_of(tmp_path / name, bytes(data))
    assert [entry.cause for entry in found if isinstance(entry, Damaged)]
    package = Package(bytes(data), 1 << 20)
    with pytest.raises(Unreadable, match="damaged part"):
        package.part("content.xml" if name == "a.ods" else "word/document.xml")
    mime = io.BytesIO()
    with zipfile.ZipFile(mime, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("mimetype", "application/epub+zip")
    data = bytearray(mime.getvalue())
    data[data.index(b"BZh") + 4] ^= 0xFF
    assert all(isinstance(entry, Damaged) for entry in entries_of(tmp_path / "b.zip", bytes(data)))
