"""What the tests of documents share: hostile copies of a file, and the entry of one."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions

CAUSES = {
    "encrypted",
    "needs_ocr",
    "too_large",
    "truncated",
    "bad_record",
    "unreadable",
    "unknown_format",
}
LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {n} "{f"&{c};" * 10}">' for c, n in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY i SYSTEM "file:///etc/passwd">]>'


def entries_of(path: Path, data: bytes, options: ReadOptions = ReadOptions()) -> list[Entry]:  # noqa: B008
    path.write_bytes(data)
    return list(read(str(path), options))


def entry_of(path: Path, data: bytes, options: ReadOptions = ReadOptions()) -> Entry:  # noqa: B008
    (entry,) = entries_of(path, data, options)
    assert (entry.position, entry.size_bytes) == (0, len(data))
    return entry


def cuts(data: bytes, count: int = 60) -> Iterator[bytes]:
    """The file cut at that many places, and with one byte changed there."""
    for at in range(1, len(data), max(1, len(data) // count)):
        yield data[:at]
        yield data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]


def assert_no_crash(path: Path, data: bytes, count: int = 60) -> None:
    """A damaged copy gives a document or a cause, never an exception."""
    for broken in cuts(data, count):
        for entry in entries_of(path, broken):  # without its types, a package is an archive
            assert not isinstance(entry, Damaged) or entry.cause in CAUSES


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(contents: Mapping[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in contents.items():
            package.writestr(name, content)
    return out.getvalue()


def changed(data: bytes, name: str, old: str, new: str) -> bytes:
    """The package with one part changed; the part has what is changed."""
    contents = parts(data)
    text = contents[name].decode()
    assert old in text
    return packed({**contents, name: text.replace(old, new).encode()})
