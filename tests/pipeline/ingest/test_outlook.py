"""Outlook's messages in compound files that the tests write."""

import struct
from datetime import UTC, datetime
from pathlib import Path

import olefile
import pytest

from taojin.pipeline.ingest.archives.rtf_compression import decompressed
from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import Damaged, ReadOptions, Record, Skipped, Unreadable
from taojin.tests.pipeline.ingest.compound import compound
from taojin.tests.pipeline.ingest.hostile import assert_no_crash, entries_of, packed
from taojin.tests.pipeline.ingest.test_mail import PAGE, PAGE_TEXT

SENT = datetime(2024, 5, 1, 10, 30, tzinfo=UTC)
TICKS = int((SENT - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
# the two examples of [MS-OXRTFCP]
HELLO = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232"
    "0af32068656c0900206277 05b06c647d0a800fa0".replace(" ", "")
)
REPEATED = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")


def wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def properties(code_page: int = 936) -> bytes:
    entries = struct.pack("<HHL8s", 0x40, 0x0039, 6, struct.pack("<Q", TICKS))
    entries += struct.pack("<HHL8s", 3, 0x3FDE, 6, struct.pack("<L4x", code_page))
    return bytes(32) + entries


def message(**changes: bytes) -> dict[str, bytes]:
    streams = {
        "__properties_version1.0": properties(),
        "__substg1.0_0037001F": wide("关于 淘金"),
        "__substg1.0_0C1A001F": wide("someone@example.com"),
        "__substg1.0_1000001F": wide("沙里淘金。\r\n" * 600),
        "__substg1.0_10130102": PAGE.encode("gb18030"),
        "__substg1.0_10090102": HELLO,
    }
    names = {"text": "1000001F", "narrow": "1000001E", "page": "10130102", "rich": "10090102"}
    for name, value in changes.items():
        streams[f"__substg1.0_{names[name]}"] = value
    return {name: data for name, data in streams.items() if data}


def test_the_text_the_subject_and_the_date_but_no_names(tmp_path: Path) -> None:
    (found,) = entries_of(tmp_path / "a.msg", compound(message()))
    assert isinstance(found, Record)
    assert found.text == "沙里淘金。\n" * 600
    assert (found.title, found.fetched_at) == ("关于 淘金", SENT.isoformat())
    assert "example.com" not in repr(found)


def test_the_page_where_there_is_no_text_and_else_the_rich_text(tmp_path: Path) -> None:
    (found,) = entries_of(tmp_path / "a.msg", compound(message(text=b"")))
    assert PAGE_TEXT in found.text
    assert "首页" not in found.text
    (found,) = entries_of(tmp_path / "a.msg", compound(message(text=wide(" \r\n"), page=b"")))
    assert found.text == "hello world"
    narrow = message(text=b"", narrow="沙里淘金，一遍一遍地洗。".encode("gb18030"))
    (found,) = entries_of(tmp_path / "a.msg", compound(narrow))
    assert found.text == "沙里淘金，一遍一遍地洗。"


def test_attachments_are_records_of_their_own(tmp_path: Path) -> None:
    attached = {
        "__attach_version1.0_#00000000/__substg1.0_3707001F": wide("表.csv"),
        "__attach_version1.0_#00000000/__substg1.0_37010102": "年,text\n1848,金\n".encode(),
        "__attach_version1.0_#00000001/__substg1.0_3704001F": wide("a.png"),
        "__attach_version1.0_#00000001/__substg1.0_37010102": b"\x89PNG",
        "__attach_version1.0_#00000002/__substg1.0_37010102": packed({"b.txt": b"b"}),
    }
    found = entries_of(tmp_path / "a.msg", compound(message() | attached))
    assert [type(entry) for entry in found] == [Record, Record, Skipped, Record]
    assert [entry.position for entry in found] == list(range(4))
    assert (found[1].text, found[1].member) == ("金", "表.csv")
    assert (found[3].text, found[3].member) == ("b", "part-3/b.txt")


ATTACHED = "__attach_version1.0_#00000000"
INNER = f"{ATTACHED}/__substg1.0_3701000D"


def forwarding(streams: dict[str, bytes], name: str = "转发") -> dict[str, bytes]:
    """A message with another in it."""
    inner = dict(streams)
    inner["__properties_version1.0"] = inner["__properties_version1.0"][8:]
    within = {f"{INNER}/{path}": data for path, data in inner.items()}
    return message() | {f"{ATTACHED}/__substg1.0_3001001F": wide(name)} | within


def test_a_message_in_a_message_is_read_with_its_attachments(tmp_path: Path) -> None:
    csv = {
        f"{ATTACHED}/__substg1.0_3707001F": wide("表.csv"),
        f"{ATTACHED}/__substg1.0_37010102": "年,text\n1848,金\n".encode(),
    }
    data = compound(forwarding(message(text=wide("里面的信。")) | csv))
    found = entries_of(tmp_path / "a.msg", data)
    assert [entry.position for entry in found] == [0, 1, 2]
    assert [entry.text for entry in found[1:]] == ["里面的信。", "金"]
    assert [entry.member for entry in found] == ["", "转发", "转发/表.csv"]
    assert found[1].fetched_at == SENT.isoformat()


def test_messages_without_end_in_messages(tmp_path: Path) -> None:
    streams = message(page=b"", rich=b"", text=wide("a"))
    for _ in range(12):
        streams = forwarding(streams)
    found = entries_of(tmp_path / "a.msg", compound(streams))
    assert [type(entry) for entry in found] == [Record] * 9 + [Damaged]
    assert found[-1].cause == "too_large"


def test_rich_text_is_decompressed_as_the_specification_shows() -> None:
    assert decompressed(HELLO, 99) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert decompressed(REPEATED, 99) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"
    stored = struct.pack("<LL4sL", 17, 5, b"MELA", 0) + b"{\\rtf}"
    assert decompressed(stored, 99) == b"{\\rtf"
    for broken, cause in ((b"", "unreadable"), (b"x" * 20, "unreadable"), (HELLO, "too_large")):
        with pytest.raises(Unreadable) as raised:
            decompressed(broken, 9)
        assert raised.value.cause == cause
    for end in range(16, len(HELLO)):
        decompressed(HELLO[:end], 99)


def test_what_is_no_message(tmp_path: Path) -> None:
    (found,) = entries_of(tmp_path / "a.msg", compound({"WordDocument": b"x"}))
    assert found.cause == "unknown_format"
    (found,) = entries_of(tmp_path / "a.msg", compound({"EncryptedPackage": b"x"}))
    assert found.cause == "encrypted"
    for data in (b"", b"text", olefile.MAGIC + b"\0" * 600):
        (found,) = entries_of(tmp_path / "a.msg", data)
        assert found.cause == "unreadable"


def test_damaged_copies(tmp_path: Path) -> None:
    assert_no_crash(tmp_path / "a.msg", compound(message()), 200)


def test_a_real_message(shared_data: Path) -> None:
    path = shared_data / "office" / "real" / "msg" / "markitdown__test_outlook_msg.msg"
    (found,) = read(str(path), ReadOptions())
    assert isinstance(found, Record)
    assert found.title == "Test Email Message"
    assert found.text.startswith("This is the body of the test email message")
    rich = olefile.OleFileIO(path).openstream("__substg1.0_10090102").read()
    assert b"This is the body of the test email message" in decompressed(rich, 1 << 20)
