"""A large file is read in parts: together they give what the whole file gives, however it is cut."""

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from taojin.pipeline.ingest import stored
from taojin.pipeline.ingest.parts import WHOLE, Part
from taojin.pipeline.ingest.readers import parts, read
from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions, Record
from taojin.pipeline.ingest.stored import Stored
from taojin.pipeline.ingest.web.frames import Frame, frames
from taojin.tests.pipeline.ingest.crawls import Cut, cuts, damaged, page, warc

FAST = ReadOptions(extractor="resiliparse")
RELAXED = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
CUTS = cuts(300)
MOST = st.sampled_from((1, 90, 700, 2_000, 9_000, 50_000))


def in_parts(path: Path, most_bytes: int, options: ReadOptions = FAST) -> list[Entry]:
    """What the parts of a file give, after they were seen to cover it."""
    size_bytes = path.stat().st_size
    found = parts(str(path), options, size_bytes, most_bytes)
    ends = [part.end for part in found]
    assert [part.start for part in found] == [0, *ends[:-1]]
    assert ends[-1] is None
    assert sum(part.bytes_of(size_bytes) for part in found) == size_bytes
    return [entry for part in found for entry in read(str(path), options, size_bytes, part)]


def whole(path: Path, options: ReadOptions = FAST) -> list[Entry]:
    return list(read(str(path), options))


ZSTD = zstandard.ZstdCompressor().compress
LIE = page(5, length=9_000_000)
BODIES = [page(n) for n in range(9)]
ARCHIVES = {
    "plain": b"".join([*BODIES[:4], LIE, b"no record\r\n" * 9, *BODIES[4:]]),
    "gzip": b"".join(map(gzip.compress, [*BODIES[:4], LIE, *BODIES[4:]])),
    "several records a member": b"".join(
        gzip.compress(b"".join(BODIES[n : n + 3]), compresslevel=n) for n in range(0, 9, 3)
    ),
    "zstd": b"".join(map(ZSTD, BODIES)),
    "behind a dictionary": b"\x5d\x2a\x4d\x18\x09\0\0\0" + bytes(9) + b"".join(map(ZSTD, BODIES)),
    "an archive in an archive": b"".join(
        gzip.compress(body, compresslevel=0)  # its members look as those around them
        for body in (page(1), b"".join(map(gzip.compress, BODIES)) * 3, page(2))
    ),
}


@RELAXED
@given(
    which=st.sampled_from(sorted(ARCHIVES)),
    cuts=CUTS,
    most=MOST,
    block=st.sampled_from((64, 1_000, 1 << 18)),
)
def test_parts_of_an_archive_give_what_it_gives(
    tmp_path: Path, which: str, cuts: list[Cut], most: int, block: int
) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(damaged(ARCHIVES[which], cuts))
    assume(path.stat().st_size)
    expected = whole(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored, "_BLOCK_BYTES", block)
        assert in_parts(path, most) == expected


@pytest.mark.parametrize("most", [1, 3_000, 40_000])
def test_parts_of_real_archives_give_what_they_give(shared_data: Path, most: int) -> None:
    paths = sorted((shared_data / "warc").glob("*/*arc*"))
    assert paths
    several = 0
    for path in paths:
        if size_bytes := path.stat().st_size:
            several += len(parts(str(path), FAST, size_bytes, most)) > 1
            assert in_parts(path, most) == whole(path), path.name
    assert several > 5


def test_parts_hold_the_records_that_an_independent_reader_counts(shared_data: Path) -> None:
    path = shared_data / "warc" / "built" / "real_pages.warc.gz"
    with path.open("rb") as file:
        archive = ArchiveIterator(file)
        offsets = [archive.get_record_offset() for _ in archive]
    found = parts(str(path), FAST, path.stat().st_size, 100_000)
    assert len(found) > 5
    assert {part.start for part in found} <= set(offsets)
    assert [entry.position for entry in in_parts(path, 100_000)] == offsets


def test_a_part_begins_behind_a_member_that_only_looks_like_one(tmp_path: Path) -> None:
    """The inner members lie there as they are, and whoever looks for a first byte finds them."""
    path = tmp_path / "a.warc.gz"
    path.write_bytes(ARCHIVES["an archive in an archive"])
    outer = [0]
    for body in (page(1), b"".join(map(gzip.compress, BODIES)) * 3):
        outer.append(outer[-1] + len(gzip.compress(body, compresslevel=0)))
    found = parts(str(path), FAST, path.stat().st_size, 1)
    assert [part.start for part in found] == outer


@pytest.mark.parametrize("packer", [bytes, gzip.compress])
def test_that_the_file_ends_inside_a_record_is_told_by_its_last_part(
    tmp_path: Path, packer: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "a.warc"
    path.write_bytes(b"".join(map(packer, BODIES))[:-60])
    found = in_parts(path, 1)
    assert found == whole(path)
    assert [entry.cause for entry in found if isinstance(entry, Damaged)] == ["truncated"]


def test_no_part_begins_at_a_record_that_is_numbered_from_the_one_before(tmp_path: Path) -> None:
    """A member of a few bytes may hold more records than its bytes have offsets."""
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(warc(b"", "request") * 5000) + gzip.compress(page(1)) * 300)
    assert in_parts(path, 1) == whole(path)


LINES = st.lists(
    st.sampled_from(
        (b'{"text": "gold"}', '{"text": "淘金"}'.encode(), b"", b"\r", b"no json", b"\xff\xfe")
    )
    | st.binary(max_size=30),
    max_size=60,
)


@RELAXED
@given(
    lines=LINES,
    end=st.sampled_from((b"", b"\n")),
    most=st.integers(1, 400),
    block=st.sampled_from((1, 7, 1 << 18)),
)
def test_parts_of_json_lines_give_what_the_file_gives(
    tmp_path: Path, lines: list[bytes], end: bytes, most: int, block: int
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "first"}\n' + b"\n".join(lines) + end)
    expected = whole(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored, "_BLOCK_BYTES", block)
        assert in_parts(path, most) == expected
    rows = path.read_bytes().split(b"\n")
    assert [entry.position for entry in expected] == [
        number for number, row in enumerate(rows, start=1) if row.strip()
    ]


def test_json_lines_are_cut_at_the_size_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    line = json.dumps({"text": "x" * 86}).encode() + b"\n"
    path.write_bytes(line * 100)
    found = parts(str(path), FAST, 100 * len(line), 30 * len(line))
    assert found == [
        Part(0, 25 * len(line)),
        Part(25 * len(line), 50 * len(line), before=25),
        Part(50 * len(line), 75 * len(line), before=50),
        Part(75 * len(line), None, before=75),
    ]


@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.csv", "a.txt"])
def test_what_cannot_be_cut_is_one_part(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    data = b'{"text": "a"}\n' * 50
    path.write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    assert parts(str(path), FAST, path.stat().st_size, 1) == [WHOLE]


@RELAXED
@given(rows=st.integers(1, 60), group=st.integers(1, 20), most=st.integers(1, 3_000), cuts=CUTS)
def test_parts_of_a_parquet_file_give_what_it_gives(
    tmp_path: Path, rows: int, group: int, most: int, cuts: list[Cut]
) -> None:
    table = pa.table({"text": [f"row {n} " * 20 for n in range(rows)]})
    buffer = io.BytesIO()
    pq.write_table(table, buffer, row_group_size=group, compression="none")
    path = tmp_path / "a.parquet"
    path.write_bytes(damaged(buffer.getvalue(), [(at, new, len(new)) for at, new, _ in cuts]))
    assert in_parts(path, most) == whole(path)


def test_parts_of_a_parquet_file_are_row_groups(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": [f"row {n}" for n in range(50)]}), path, row_group_size=10)
    found = parts(str(path), FAST, path.stat().st_size, 1)
    assert [part.before for part in found] == [0, 10, 20, 30, 40]
    positions = [entry.position for entry in read(str(path), FAST, None, found[3])]
    assert positions == list(range(30, 40))


def test_a_damaged_row_group_costs_its_part_what_it_costs_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(
        pa.table({"text": [f"row {n} " * 50 for n in range(50)]}), path, row_group_size=10
    )
    group = pq.ParquetFile(path).metadata.row_group(2).column(0)
    data = bytearray(path.read_bytes())
    start = group.dictionary_page_offset or group.data_page_offset
    data[start : start + 20] = b"\xff" * 20
    path.write_bytes(data)
    found = in_parts(path, 1)
    assert found == whole(path)
    assert sum(isinstance(entry, Record) for entry in found) == 40
    assert [entry.position for entry in found if isinstance(entry, Damaged)] == [20]


def framed(data: bytes, block: int, max_bytes: int) -> list[Frame]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored, "_BLOCK_BYTES", block)
        return list(frames(Stored(io.BytesIO(data)), max_bytes))


ARC = b"http://a.example/%d 1.2.3.4 20140216050221 text/html %d\n%s\n"
ARCS = b"".join(ARC % (n, 900, b"x" * (900 + n % 2)) for n in range(6))


FAR = warc(b"x" * 5_000, length=10) + page(1) + page(2)


@RELAXED
@example(data=FAR, cuts=[], block=333, max_bytes=4_500)
@example(data=FAR, cuts=[], block=333, max_bytes=900)
@given(
    data=st.sampled_from((*ARCHIVES.values(), ARCS)),
    cuts=CUTS,
    block=st.sampled_from((1, 50, 333, 4_096)),
    max_bytes=st.sampled_from((300, 1_200, 6_000, 64 << 20)),
)
def test_frames_do_not_depend_on_how_much_is_read_at_once(
    data: bytes, cuts: list[Cut], block: int, max_bytes: int
) -> None:
    data = damaged(data, cuts)
    assert framed(data, block, max_bytes) == framed(data, 1 << 18, max_bytes)
