"""The container of the old Office formats, and of the new ones under a password."""

from taojin.pipeline.ingest.records import ReadOptions, Record, Unreadable

_LOCKED = ("EncryptedPackage".encode("utf-16-le"), "DRMContent".encode("utf-16-le"))


def read(data: bytes, _: ReadOptions) -> Record:
    """Raises Unreadable always: encrypted if a package under a password is in it, else unknown."""
    if any(name in data for name in _LOCKED):
        raise Unreadable("encrypted", "the package needs a password")
    raise Unreadable("unknown_format", "a file of an old Office format")
