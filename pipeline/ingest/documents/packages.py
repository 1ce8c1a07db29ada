"""Zip packages that hold one document: Word, PowerPoint, Excel, OpenDocument, EPUB.

The entries are counted and their sizes added before any of them is read, so that a package which
expands to more than is allowed costs nothing. XML is read without entities and without network.
"""

import errno
import io
import lzma
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import IO, Any

from taojin.pipeline.ingest.records import Unreadable

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAX_PARTS = 20_000
ZIP_ERRORS: tuple[type[BaseException], ...] = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    LookupError,
    OverflowError,
)
"""What zipfile raises for files that are damaged or use what it does not know."""

OF_THE_FILE = (None, errno.EINVAL)
"""Numbers of an OSError that tells of the file, not of its storage: bz2 gives none, and an offset
before the file's beginning has this one.
"""

XML_LIMITS: Mapping[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "huge_tree": False,
}
# bz2 raises an OSError, and a package lies in memory
_PART_ERRORS: tuple[type[BaseException], ...] = (*ZIP_ERRORS, OSError)
_END = b"PK\x05\x06"
_END_BYTES = 22
_COMMENT_BYTES = 65_535
_LEAST_ENTRY_BYTES = 46
_ENCRYPTED = 1


def directory_entries(file: IO[bytes]) -> int:
    """The most entries that the central directory of a zip file has room for, before it is read.

    Raises Unreadable where there is none.
    """
    size = file.seek(0, 2)
    tail_at = max(0, size - _END_BYTES - _COMMENT_BYTES)
    file.seek(tail_at)
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or at + _END_BYTES > len(tail):
        raise Unreadable("unreadable", "no directory at the end of the package")
    (found,) = struct.unpack_from("<L", tail, at + 12)
    # a size that needs 64 bits is written elsewhere, but no directory is larger than its file
    return min(int(found), size) // _LEAST_ENTRY_BYTES


class Package:
    """The parts of a package by name; what they expand to is bounded over all of them.

    Raises Unreadable: encrypted, too_large, unreadable.
    """

    def __init__(self, data: bytes, max_bytes: int) -> None:
        check_ole(data)
        file = io.BytesIO(data)
        if (count := directory_entries(file)) > MAX_PARTS * 4:
            raise Unreadable("too_large", f"a directory with room for {count} entries")
        try:
            self._zip = zipfile.ZipFile(file)
            entries = self._zip.infolist()
        except ZIP_ERRORS as error:
            raise Unreadable("unreadable", f"no package: {type(error).__name__}") from error
        if len(entries) > MAX_PARTS:
            raise Unreadable("too_large", f"{len(entries)} entries")
        if any(entry.flag_bits & _ENCRYPTED for entry in entries):
            raise Unreadable("encrypted", "the package needs a password")
        if (size := sum(entry.file_size for entry in entries)) > max_bytes:
            raise Unreadable("too_large", f"{size} bytes when decompressed")
        self._entries: Mapping[str, zipfile.ZipInfo] = {entry.filename: entry for entry in entries}

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def part(self, name: str) -> bytes:
        """What a part holds. Raises Unreadable if it is damaged or not there."""
        if name not in self._entries:
            raise Unreadable("unreadable", "a part of the package is not there")
        try:
            return self._zip.read(self._entries[name])
        except _PART_ERRORS as error:
            raise Unreadable("unreadable", f"a damaged part: {type(error).__name__}") from error

    def xml(self, name: str) -> Any:
        """The root element of a part. Raises Unreadable."""
        return parse_xml(self.part(name))

    def relations(self, name: str) -> Mapping[str, tuple[str, str]]:
        """What a part of an Office package refers to: id to the relation's name and the target."""
        folder, _, file = name.rpartition("/")
        listed = posixpath.join(folder, "_rels", f"{file}.rels")
        if listed not in self:
            return {}
        return {
            relation.get("Id", ""): (
                relation.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, relation.get("Target", "")))[1:],
            )
            for relation in elements(self.xml(listed))
            if relation.get("TargetMode") != "External"
        }

    def related(self, name: str, kind: str) -> list[str]:
        """The parts that are there of those a part refers to by a relation of that kind."""
        found = self.relations(name).values()
        return [target for relation, target in found if relation == kind and target in self]


def check_ole(data: bytes) -> None:
    """Raises Unreadable for what stands in the container of the old Office formats."""
    if data.startswith(OLE[:4]):
        raise Unreadable("encrypted", "an encrypted package or a file of an old Office format")


def parse_xml(data: bytes) -> Any:
    """The root element. Raises Unreadable, for entities of the document's own too."""
    from lxml import etree

    try:
        root = etree.fromstring(data, etree.XMLParser(**XML_LIMITS))
    except (etree.LxmlError, ValueError) as error:
        raise Unreadable("unreadable", f"XML: {type(error).__name__}") from error
    check_entities(root)
    return root


def check_entities(element: Any) -> None:
    """Raises Unreadable where the document of an element declares entities: text would be lost."""
    declared = element.getroottree().docinfo.internalDTD
    if declared is not None and next(declared.iterentities(), None) is not None:
        raise Unreadable("unreadable", "XML with entities of its own")


def name_of(element: Any) -> str:
    """The name of an element without its namespace; "" for comments and entities."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def elements(parent: Any, *names: str) -> Iterator[Any]:
    """The child elements of these names, or all of them."""
    for child in parent:
        name = name_of(child)
        if name and (not names or name in names):
            yield child


def first(parent: Any, *path: str) -> Any:
    """The first element on a path of names below an element, None if there is none."""
    for name in path:
        parent = next(elements(parent, name), None)
        if parent is None:
            return None
    return parent


def core_title(package: Package) -> str:
    """The title in the properties of an Office package, "" without one."""
    for part in package.related("", "core-properties"):
        title = first(package.xml(part), "title")
        return (title.text or "").strip() if title is not None else ""
    return ""


def main_part(package: Package) -> str:
    """The part that an Office package opens with. Raises Unreadable where it names none."""
    for part in package.related("", "officeDocument"):
        return part
    raise Unreadable("unreadable", "the package names no document")
