"""WARC, WET and ARC: every record is an entry, whatever was done to the file."""

import bz2
import gzip
import html
import json
import zlib
from pathlib import Path

import brotli
import pytest
import zstandard
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions, Record, Skipped
from taojin.pipeline.ingest.stored import Stored
from taojin.pipeline.ingest.web import extraction
from taojin.pipeline.ingest.web import members as web_members
from taojin.tests.pipeline.ingest.crawls import PAGE, Cut, cuts, damaged, http, page, warc

FAST = ReadOptions(extractor="resiliparse")


def entries(path: Path, data: bytes, options: ReadOptions = FAST) -> list[Entry]:
    path.write_bytes(data)
    found = list(read(str(path), options))
    assert_covers(found, len(data))
    return found


def assert_covers(found: list[Entry], size_bytes: int) -> None:
    """Each range begins where the one before it ends, from the file's start to its end."""
    end = 0
    for entry in found:
        assert entry.position == end
        end += entry.size_bytes
    assert end == size_bytes


def numbers(found: list[Entry]) -> list[str]:
    return [entry.url[-1] for entry in found if isinstance(entry, Record)]


PACKERS = {
    "plain": lambda record: record,
    "gzip": gzip.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("packer", PACKERS)
def test_a_record_has_the_offset_of_its_member(tmp_path: Path, packer: str) -> None:
    members = [PACKERS[packer](page(n)) for n in range(4)]
    found = entries(tmp_path / "a.warc", b"".join(members))
    assert numbers(found) == list("0123")
    assert [entry.size_bytes for entry in found] == [len(member) for member in members]
    assert found[2].text.startswith("第2页。")
    assert found[2].title == "黄金"
    assert found[2].fetched_at == "2024-05-01T00:00:00Z"


def test_records_of_one_member_have_positions_of_their_own(tmp_path: Path) -> None:
    found = entries(tmp_path / "a.warc.gz", gzip.compress(b"".join(map(page, range(5)))))
    assert numbers(found) == list("01234")
    assert len({entry.position for entry in found}) == 5


def with_dictionary(packed: bytes, *frames: bytes) -> bytes:
    front = b"\x5d\x2a\x4d\x18" + len(packed).to_bytes(4, "little") + packed
    return front + b"".join(frames)


def dictionary() -> zstandard.ZstdCompressionDict:
    return zstandard.train_dictionary(2000, [page(n) + bytes([n]) * 50 for n in range(200)])


@pytest.mark.parametrize("packs", [False, True])
def test_zstd_dictionary_in_front_of_the_records(tmp_path: Path, *, packs: bool) -> None:
    known = dictionary()
    front = zstandard.compress(known.as_bytes()) if packs else known.as_bytes()
    compress = zstandard.ZstdCompressor(dict_data=known).compress
    data = with_dictionary(front, compress(page(1)), compress(page(2)))
    found = entries(tmp_path / "a.warc.zst", data)
    assert numbers(found) == ["1", "2"]
    assert found[0] == Skipped(0, len(front) + 8, "padding")


def test_a_dictionary_that_expands_without_end_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_members, "DICTIONARY_BYTES", 1 << 20)
    known = dictionary()
    compress = zstandard.ZstdCompressor(dict_data=known).compress
    path = tmp_path / "a.warc.zst"
    bomb = zstandard.compress(known.as_bytes() + bytes(9 << 20))
    path.write_bytes(with_dictionary(bomb, compress(page(1))))
    with path.open("rb") as file:
        assert web_members._dictionary(Stored(file)) == b""
    assert [type(entry) for entry in read(str(path), FAST)] == [Skipped, Damaged]


DAMAGE = {
    "flipped": lambda member: member[:40] + b"\xff" * 30 + member[70:],
    "wrong checksum": lambda member: member[:-8] + b"\0\0\0\0" + member[-4:],
    "cut": lambda member: member[: len(member) // 2],
    "garbage": lambda _: b"this is no member at all" * 9,
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_member_costs_only_itself(tmp_path: Path, damage: str) -> None:
    members = [gzip.compress(page(n)) for n in range(3)]
    members[1] = DAMAGE[damage](members[1])
    found = entries(tmp_path / "a.warc.gz", b"".join(members))
    assert numbers(found) == ["0", "2"]
    assert [(e.cause, e.position) for e in found if isinstance(e, Damaged)] == [
        ("bad_record", len(members[0]))
    ]


def test_damage_after_good_records_of_the_same_member_is_told(tmp_path: Path) -> None:
    bodies = [page(n) for n in range(400)]
    member = gzip.compress(b"".join(bodies), compresslevel=0)
    data = member[: len(member) - 20_000] + b"\xff" * 50 + member[len(member) - 19_950 :]
    found = entries(tmp_path / "a.warc.gz", data)
    assert sum(isinstance(entry, Record) for entry in found) > 300
    assert isinstance(found[-1], Damaged)


def test_a_wrong_checksum_is_told_when_it_is_read_after_the_text(tmp_path: Path) -> None:
    """The decoder takes 16 KiB at a time; here the last take holds the checksum alone."""
    slack = 2 * (16 << 10) + 6 - len(gzip.compress(warc(http(b"x")), compresslevel=0))
    spare = next(n for n in range(400) if len(stored_member(slack - n)) == 2 * (16 << 10) + 6)
    member = stored_member(slack - spare)
    assert isinstance(entries(tmp_path / "a.warc.gz", member)[0], Record)
    (found,) = entries(tmp_path / "a.warc.gz", member[:-5] + b"\xff" + member[-4:])
    assert isinstance(found, Damaged)


def stored_member(size_bytes: int) -> bytes:
    return gzip.compress(warc(http(b"x" * size_bytes)), compresslevel=0)


def test_no_two_records_share_a_position_however_small_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(warc(b"", "request") * 5000) + gzip.compress(page(1)))
    positions = [entry.position for entry in read(str(path), FAST)]
    assert len(positions) == 5001
    assert positions == sorted(set(positions))


def test_a_file_that_ends_inside_a_record_keeps_the_text_and_says_so(tmp_path: Path) -> None:
    for name, data in (("plain", page(0) + page(1)), ("gzip", gzip.compress(page(0)))):
        found = entries(tmp_path / f"{name}.warc", data[:-60])
        assert isinstance(found[-2], Record)
        assert found[-1] == Damaged(len(data) - 60, 0, "truncated", "the file ends inside a record")


@pytest.mark.parametrize("length", [10, 9_000_000, -5])
def test_a_wrong_content_length_does_not_hide_the_next_record(tmp_path: Path, length: int) -> None:
    found = entries(tmp_path / "a.warc", page(0) + page(1, length=length) + page(2))
    assert numbers(found) == ["0", "1", "2"]
    assert found[1].text.endswith("耐心。")


@pytest.mark.parametrize("length", ["30000", "9" * 12, "9" * 23, "9" * 5000])
@pytest.mark.parametrize("packer", PACKERS)
def test_an_absurd_content_length_does_not_take_the_rest_of_the_file(
    tmp_path: Path, packer: str, length: str
) -> None:
    """One member holds all, so that nothing but the next record says where this one ends."""
    lie = page(1).replace(b"\nContent-Length: ", b"\nContent-Length: " + length.encode() + b"\nX: ")
    data = PACKERS[packer](page(0) + lie + page(2) + lie + page(3))
    path = tmp_path / "a.warc"
    path.write_bytes(data)
    found = list(read(str(path), ReadOptions(max_bytes=20_000)))
    if packer == "plain":
        assert_covers(found, len(data))
    assert numbers(found) == list("01213")
    assert not [entry for entry in found if isinstance(entry, Damaged)]


def test_a_record_without_length_ends_within_the_bytes_it_may_have(tmp_path: Path) -> None:
    data = page(0) + warc(http(b"x" * 4_000), length=10) + page(1)
    found = entries(tmp_path / "a.warc", data, ReadOptions(max_bytes=4_000))
    assert numbers(found) == ["0", "1"]
    assert [entry.cause for entry in found if isinstance(entry, Damaged)] == ["bad_record"]


def test_a_large_content_length_is_believed_only_if_a_record_starts_there(tmp_path: Path) -> None:
    lie = page(1, length=20_001)
    data = page(0) + lie + b"".join(page(n % 10) for n in range(2, 60))
    found = entries(tmp_path / "a.warc", data, ReadOptions(max_bytes=20_000))
    assert len(data) > 40_000
    assert numbers(found) == [str(n % 10) for n in range(60)]


def test_an_absurd_length_in_an_arc_line_costs_its_record(tmp_path: Path) -> None:
    lines = [
        b"http://a.example/%d 1.2.3.4 20140216050221 text/html %s\n%s\n" % (n, size, body)
        for n, body in enumerate([http(PAGE.format("旧档案。" * 9).encode())] * 3)
        for size in [b"9" * 5000 if n == 1 else b"%d" % len(body)]
    ]
    found = entries(tmp_path / "a.arc", b"".join(lines))
    assert numbers(found) == ["0", "2"]


def test_a_stretch_that_is_no_record_is_one_entry(tmp_path: Path) -> None:
    found = entries(tmp_path / "a.warc", page(0) + b"garbage\r\n" * 30 + page(1))
    assert numbers(found) == ["0", "1"]
    assert [entry.cause for entry in found if isinstance(entry, Damaged)] == ["bad_record"]


def test_a_record_that_is_too_large_is_read_past(tmp_path: Path) -> None:
    large = warc(http(b"x" * 50_000))
    for pack in PACKERS.values():
        data = pack(page(0)) + pack(large) + pack(page(1))
        found = entries(tmp_path / "a.warc", data, ReadOptions(max_bytes=20_000))
        assert numbers(found) == ["0", "1"]
        assert [entry.cause for entry in found if isinstance(entry, Damaged)] == ["too_large"]


def raw_deflate(data: bytes) -> bytes:
    return zlib.compress(data)[2:-4]


ENCODINGS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "Deflate": raw_deflate,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "gzip, gzip": lambda data: gzip.compress(gzip.compress(data)),
    "identity": bytes,
    "gzip, ": bytes,
}


@pytest.mark.parametrize("coding", ENCODINGS)
@pytest.mark.parametrize("is_chunked", [False, True])
def test_content_encodings(tmp_path: Path, coding: str, *, is_chunked: bool) -> None:
    body = ENCODINGS[coding](PAGE.format("去粗取精，去伪存真。" * 9).encode())
    headers = [f"Content-Encoding: {coding}"]
    if is_chunked:
        body = b"".join(
            b"%x;x=y\r\n%s\r\n" % (len(body[i : i + 50]), body[i : i + 50])
            for i in range(0, len(body), 50)
        )
        body += b"0\r\nTrailer: yes\r\n\r\n"
        headers.append("Transfer-Encoding: chunked")
    (found,) = entries(tmp_path / "a.warc", warc(http(body, *headers)))
    assert isinstance(found, Record)
    assert found.text.count("去粗取精") == 9


def test_a_body_that_expands_without_end_is_too_large(tmp_path: Path) -> None:
    for coding, bomb in (
        ("gzip", gzip.compress(bytes(9 << 20))),
        ("br", brotli.compress(bytes(9 << 20))),
    ):
        data = warc(http(bomb, f"Content-Encoding: {coding}"))
        (found,) = entries(tmp_path / "a.warc", data, ReadOptions(max_bytes=1 << 20))
        assert isinstance(found, Damaged)
        assert found.cause == "too_large"


KINDS = {
    "request": warc(b"GET / HTTP/1.1\r\n\r\n", "request"),
    "revisit": warc(b"", "revisit"),
    "metadata": warc(b"a: b", "metadata"),
    "warcinfo": warc(b"a: b", "warcinfo"),
    "http_status": warc(http(b"<p>gone</p>", status="404 Not Found")),
    "image": warc(http(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\1")),
    "empty": warc(http(b"  \r\n")),
    "data": warc(http(b"{}").replace(b"text/html", b"application/json")),
    "style": warc(http(b"a {}").replace(b"text/html", b"text/css")),
}


@pytest.mark.parametrize("kind", KINDS)
def test_records_without_a_document_are_skipped_by_kind(tmp_path: Path, kind: str) -> None:
    assert entries(tmp_path / "a.warc", KINDS[kind]) == [Skipped(0, len(KINDS[kind]), kind)]


def test_a_header_that_lost_its_colon_goes_on_in_vain(tmp_path: Path) -> None:
    lost = page(1).replace(b"WARC-Date: ", b"WARC-Date\n ")
    assert lost != page(1)
    (found,) = entries(tmp_path / "a.warc", lost)
    assert isinstance(found, Record)
    assert found.fetched_at == ""


def test_arc(tmp_path: Path) -> None:
    response = http(PAGE.format("旧档案。" * 9).encode())
    first = b"1 0 test\n"
    data = b"filedesc://a.arc 0.0.0.0 20140216050221 text/plain %d\n%s\n" % (len(first), first)
    data += b"http://a.example/1 1.2.3.4 20140216050221 text/html %d\n%s\n" % (
        len(response),
        response,
    )
    found = entries(tmp_path / "a.arc.gz", gzip.compress(data))
    assert isinstance(found[0], Skipped)
    assert found[1].text.count("旧档案。") == 9
    assert found[1].fetched_at == "2014-02-16T05:02:21Z"


def test_a_line_of_an_arc_in_a_body_does_not_end_it(tmp_path: Path) -> None:
    """One line end parts the records, and what follows is a line longer than a glance."""
    line = b"http://a.example/" + b"p" * 90 + b"/%d 1.2.3.4 20140216050221 text/plain %d\n"
    body = b"quoted:\n" + line % (7, 3) + b"abc\n"
    data = b"".join(line % (n, len(body)) + body + b"\n" for n in range(3))
    assert numbers(entries(tmp_path / "a.arc", data)) == ["0", "1", "2"]


def test_the_line_of_an_arc_is_cut_at_spaces_alone(tmp_path: Path) -> None:
    """U+3000 and U+0085 are white space to Python, and part of a URL to an ARC."""
    for sign in ("\u3000", "\x85"):
        line = f"http://a.example/{sign}1 1.2.3.4 20140216050221 text/html 3\nabc\n"
        (found,) = entries(tmp_path / "a.arc", line.encode())
        assert isinstance(found, Record)
        assert found.url == f"http://a.example/{sign}1"


INTACT = (
    *(f"built/{name}" for name in ("charsets.warc.gz", "encodings.warc.gz", "sample.warc.wet.gz")),
    *(f"built/{name}" for name in ("record_kinds.warc", "lf_only.warc", "real_pages.warc.gz")),
    "real/chatnoir-resiliparse__warcfile.warc.gz",
    "real/dolma__sample-0000.warc.gz",
    "real/pywb__iana.warc.gz",
    "real/warcio__example.warc",
    "real/warcio__example.warc.gz",
    "real/whirlwind-python__whirlwind.warc.gz",
)


@pytest.mark.parametrize("name", INTACT)
def test_as_many_records_at_the_same_offsets_as_warcio(shared_data: Path, name: str) -> None:
    path = shared_data / "warc" / name
    with path.open("rb") as file:
        archive = ArchiveIterator(file)
        offsets = [archive.get_record_offset() for _ in archive]
    assert [entry.position for entry in read(str(path), FAST)] == offsets


def test_no_archive_raises_and_entries_cover_each(shared_data: Path) -> None:
    paths = sorted(path for path in (shared_data / "warc").glob("*/*arc*"))
    assert paths
    for path in paths:
        assert_covers(list(read(str(path), FAST)), path.stat().st_size)


def test_what_is_wanted_of_each_record(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """218 of 220: the two whose bytes fail their checksum are quarantined, not believed."""

    def whole_page(markup: str, *_: object, **__: object) -> extraction.Page:
        return extraction.Page(html.unescape(markup), extraction.About())

    monkeypatch.setattr(extraction, "extract", whole_page)
    folder = shared_data / "warc"
    wanted = [json.loads(line) for line in (folder / "built/expected.jsonl").open()]
    files = {row["file"]: list(read(str(folder / row["file"]), FAST)) for row in wanted}
    missed = [row["case"] for row in wanted if not is_met(row, files[row["file"]])]
    assert sorted(missed) == ["crc_damaged", "damaged"]


def is_met(row: dict[str, str], found: list[Entry]) -> bool:
    texts = [e.text for e in found if isinstance(e, Record) and e.url == row["url"].strip()]
    if row["outcome"].startswith("drop"):
        return not texts
    snippet = "".join((row.get("expected_snippet") or "").split())
    return any(snippet in "".join(text.split()) for text in texts)


ARCHIVES = [
    b"".join(pack(page(n)) for n in range(3)) for pack in (bytes, gzip.compress, PACKERS["zstd"])
]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    which=st.integers(0, 2),
    cuts=cuts(),
)
@example(which=1, cuts=[(0.00390625, b"\x04\x00\x00\x00", 0)])  # a header that never ends
def test_any_damage_leaves_entries_that_cover_the_file(
    tmp_path: Path, which: int, cuts: list[Cut]
) -> None:
    entries(tmp_path / "a.warc", damaged(ARCHIVES[which], cuts))


def test_bzip2_is_no_warc_compression_but_is_read(tmp_path: Path) -> None:
    assert numbers(entries(tmp_path / "a.warc.bz2", bz2.compress(page(1)))) == ["1"]
