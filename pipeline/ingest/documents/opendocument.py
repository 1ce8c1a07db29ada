"""What all OpenDocument packages share: encryption, titles, how numbers are written."""

from taojin.pipeline.ingest.charset import clean
from taojin.pipeline.ingest.documents.packages import Package, first
from taojin.pipeline.ingest.markup.blocks import one_line
from taojin.pipeline.ingest.records import ReadOptions, Unreadable

_MANIFEST = "META-INF/manifest.xml"


def opened(data: bytes, options: ReadOptions) -> Package:
    """The package. Raises Unreadable: encrypted, too_large, unreadable."""
    package = Package(data, options.max_bytes)
    if _MANIFEST in package:
        locked = package.xml(_MANIFEST).iter("{*}encryption-data")
        if next(locked, None) is not None:
            raise Unreadable("encrypted", "the package needs a password")
    return package


def title_of(package: Package) -> str:
    """The title that the package gives itself, "" without one."""
    if "meta.xml" not in package:
        return ""
    title = first(package.xml("meta.xml"), "meta", "title")
    return clean(one_line(title.text or "")) if title is not None else ""


def number(value: str | None, otherwise: int) -> int:
    """The number of an attribute; the other where it is not there or is none."""
    return int(value) if value and value.isdecimal() and len(value) < 10 else otherwise
