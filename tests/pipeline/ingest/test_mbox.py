"""Mailboxes, told by the standard library's own reader."""

import gzip
import mailbox
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taojin.pipeline.ingest.archives import mbox
from taojin.pipeline.ingest.archives.members import Budget
from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions, Record, Skipped
from taojin.tests.pipeline.ingest.hostile import assert_no_crash, entries_of
from taojin.tests.pipeline.ingest.test_mail import letter

OPTIONS = ReadOptions()
FROM = "From someone@example.com Wed May  1 10:30:00 2024\n"


def boxed(path: Path, *texts: str) -> bytes:
    """A mailbox as the standard library writes it."""
    box = mailbox.mbox(path)
    for text in texts:
        box.add(letter(text))
    box.close()
    return path.read_bytes()


def read_in_pieces(data: bytes, size: int, options: ReadOptions = OPTIONS) -> list[Entry]:
    """The entries of a mailbox without attachments that comes in blocks of that size."""
    pieces = (data[at : at + size] for at in range(0, len(data), size))
    return list(mbox.read(pieces, options, lambda _, __: iter(()), Budget(0, 0)))


def assert_tiled(found: list[Entry], data: bytes) -> None:
    """The ranges of the messages cover the file without a gap; attachments lie within them."""
    end = 0
    for entry in found:
        if entry.size_bytes:
            assert entry.position == end
            end += entry.size_bytes
        else:
            assert entry.position < end
    assert end == len(data)
    assert len({entry.position for entry in found}) == len(found)


def test_each_message_is_a_record(tmp_path: Path) -> None:
    data = boxed(tmp_path / "made", "沙里淘金。\n", "From here on\n\nFrom 12:30 on.\n", "终\n")
    found = entries_of(tmp_path / "a.mbox", data)
    texts = [entry.text for entry in found if isinstance(entry, Record)]
    assert texts == ["沙里淘金。\n", "From here on\n\nFrom 12:30 on.\n", "终\n"]
    assert {entry.title for entry in found} == {"关于 淘金"}
    assert "example.com" not in repr(found)
    assert_tiled(found, data)
    for name in ("2024-May.txt", "Inbox", "b.eml"):
        assert entries_of(tmp_path / name, data) == found
    assert entries_of(tmp_path / "a.mbox.gz", gzip.compress(data)) == found


def test_attachments_stand_within_their_message(tmp_path: Path) -> None:
    message = letter()
    message.add_attachment(b"a,text\n1,b\n", maintype="text", subtype="csv", filename="t.csv")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="a.png")
    box = mailbox.mbox(tmp_path / "made")
    box.add(message)
    box.add(letter("二\n"))
    box.close()
    data = (tmp_path / "made").read_bytes()
    found = entries_of(tmp_path / "a.mbox", data)
    assert [type(entry) for entry in found] == [Record, Record, Skipped, Record]
    assert [getattr(entry, "member", "") for entry in found] == ["", "t.csv", "", ""]
    assert_tiled(found, data)


def test_what_is_between_and_what_is_cut(tmp_path: Path) -> None:
    data = b"\n\n" + FROM.encode() + letter("一\n").as_bytes() + b"\n" + FROM.encode() + b"\x00\x01"
    found = entries_of(tmp_path / "a.mbox", data)
    assert [type(entry) for entry in found] == [Skipped, Record, Damaged]
    assert_tiled(found, data)
    packed = gzip.compress(boxed(tmp_path / "made", *map(str, range(200))) * 3)
    cut = entries_of(tmp_path / "a.mbox.gz", packed[: len(packed) // 2])
    assert isinstance(cut[-1], Damaged)
    assert cut[-1].cause == "truncated"
    assert [entry.text for entry in cut[:2]] == ["0\n", "1\n"]


def test_a_message_that_is_too_large_costs_itself(tmp_path: Path) -> None:
    data = boxed(tmp_path / "made", "一\n", "long " * 10_000, "三\n")
    found = entries_of(tmp_path / "a.mbox", data, ReadOptions(max_bytes=5_000))
    assert [getattr(entry, "cause", "") for entry in found] == ["", "too_large", ""]
    assert_tiled(found, data)
    assert read_in_pieces(data, 700, ReadOptions(max_bytes=5_000)) == found


BODY = st.lists(
    st.sampled_from(["gold", "", ">From x", "From me", "From a at 10:30 b", "淘金", "A: b"])
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies=st.lists(BODY, min_size=1, max_size=4), block=st.integers(1, 400))
def test_messages_agree_with_the_standard_library(
    tmp_path: Path, bodies: list[list[str]], block: int
) -> None:
    (tmp_path / "made").unlink(missing_ok=True)
    data = boxed(tmp_path / "made", *("\n".join(["x", *body, ""]) for body in bodies))

    found = read_in_pieces(data, block)
    box = mailbox.mbox(tmp_path / "made")
    assert len(found) == len(box) == len(bodies)
    for entry, body in zip(found, bodies, strict=True):
        assert entry.text.split() == " ".join(["x", *body]).replace(">From", "From").split()
    assert_tiled(found, data)


@pytest.mark.parametrize(
    "piece", [b"\n\nFrom ", b"\n\nFrom 10:30 ", b"From x 10:30\n\n", b"\n", b"From "]
)
def test_any_number_of_anything_ends(tmp_path: Path, piece: bytes) -> None:
    data = piece * (300_000 // len(piece))
    assert_tiled(entries_of(tmp_path / "a.mbox", data), data)


def test_damaged_copies(tmp_path: Path) -> None:
    assert_no_crash(tmp_path / "a.mbox", boxed(tmp_path / "made", "一\n", "二\n"))


def test_a_limit_reads_no_further(tmp_path: Path) -> None:
    data = boxed(tmp_path / "made", "一\n", "二\n")
    (tmp_path / "a.mbox").write_bytes(data)
    assert next(iter(read(str(tmp_path / "a.mbox"), OPTIONS))).text == "一\n"
