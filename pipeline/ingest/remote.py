"""Files elsewhere, read in ranges: each is fetched anew until it is whole.

A range begins small and grows while a file is read through, so that the first rows cost little. A
server that gives no ranges is read into a temporary file first.
"""

import errno
import io
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

T = TypeVar("T")

ATTEMPTS = 6
FIRST_WAIT_S = 0.2
_LEAST_BYTES = 256 << 10
_MOST_BYTES = 8 << 20
_AGAIN = (408, 425, 429)
"""Refusals that are worth another attempt; those of a server's own faults are too."""
_IDENTITY = ("size", "ETag", "etag", "LastModified", "Last-Modified", "mtime", "generation")


class Incomplete(OSError):  # noqa: N818
    """Fewer bytes came than were asked for."""


def retried(call: Callable[[], T], what: str) -> T:
    """What the call returns, after as many attempts as it takes; OSError if all have failed.

    What is not there or not allowed is raised at once.
    """
    for attempt in range(ATTEMPTS):
        try:
            return call()
        except _transient() as error:
            if _is_final(error):
                if isinstance(error, OSError):
                    raise
                told = f"{what}: the server answers {getattr(error, 'status', 'with an error')}"
                raise OSError(errno.EIO, told) from None
            last = type(error).__name__
        if attempt < ATTEMPTS - 1:
            time.sleep(FIRST_WAIT_S * 2**attempt)
    raise OSError(errno.EIO, f"{what}: {ATTEMPTS} attempts have failed, the last with {last}")


def _is_final(error: Exception) -> bool:
    """Whether another attempt would end alike: it is not there, or not allowed.

    What fsspec takes for a missing page may be a server's fault: its cause tells.
    """
    told = error.__cause__ if isinstance(error, FileNotFoundError) else error
    status = getattr(told, "status", 0)
    if status:
        return 400 <= status < 500 and status not in _AGAIN
    return isinstance(told, (FileNotFoundError, PermissionError, IsADirectoryError)) or not told


def _transient() -> tuple[type[Exception], ...]:
    """What libraries of storage raise when a connection or a server fails."""
    found: list[type[Exception]] = [OSError, EOFError, HTTPException]
    with suppress(ImportError):
        from aiohttp import ClientError

        found.append(ClientError)
    with suppress(ImportError):
        from botocore.exceptions import BotoCoreError

        found.append(BotoCoreError)
    return tuple(found)


class RemoteFile(io.RawIOBase):
    """A file of a filesystem; every read gives what was asked for, or raises OSError."""

    def __init__(self, filesystem: Any, path: str, facts: dict[str, Any]) -> None:
        self._filesystem = filesystem
        self._path = path
        self._at = self._start = 0
        self._data = b""
        self._ahead = _LEAST_BYTES
        self._folder: TemporaryDirectory[str] | None = None
        self.state = _identity(facts)
        self.size_bytes = int(facts["size"])

    def now(self) -> dict[str, str]:
        """What tells the file from another of its name, as it is now."""
        self._filesystem.invalidate_cache()
        return _identity(retried(lambda: self._filesystem.info(self._path), self._path))

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = max(0, offset + (0, self._at, self.size_bytes)[whence])
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """Exactly so many bytes, fewer at the end alone."""
        end = self.size_bytes if size is None or size < 0 else min(self._at + size, self.size_bytes)
        if end <= self._at:
            return b""
        if not (self._start <= self._at and end <= self._start + len(self._data)):
            self._fill(end)
        found = self._data[self._at - self._start : end - self._start]
        self._at = end
        return found

    def readinto(self, buffer: Any) -> int:
        found = self.read(len(buffer))
        buffer[: len(found)] = found
        return len(found)

    def _fill(self, end: int) -> None:
        """Hold a range that begins here and reaches at least to `end`."""
        goes_on = self._start + len(self._data) == self._at and bool(self._data)
        self._ahead = min(self._ahead * 2, _MOST_BYTES) if goes_on else _LEAST_BYTES
        end = min(max(end, self._at + self._ahead), self.size_bytes)
        self._data = retried(lambda: self._range(self._at, end), self._path)
        self._start = self._at

    def _range(self, start: int, end: int) -> bytes:
        data: bytes = self._filesystem.cat_file(self._path, start=start, end=end)
        if len(data) != end - start:
            raise Incomplete(f"{len(data)} of {end - start} bytes")
        return data


class _Copy(RemoteFile):
    """A file whose server gives no ranges: a copy of all of it."""

    def __init__(self, filesystem: Any, path: str, facts: dict[str, Any]) -> None:
        super().__init__(filesystem, path, facts)
        self._folder = TemporaryDirectory()
        retried(self._fetch, path)
        self._file = open(f"{self._folder.name}/copy", "rb")  # noqa: PTH123, SIM115

    def _fetch(self) -> None:
        assert self._folder is not None
        copy = f"{self._folder.name}/copy"
        self._filesystem.get_file(self._path, copy)
        with open(copy, "rb") as file:  # noqa: PTH123
            held = file.seek(0, 2)
        if held != self.size_bytes:
            raise Incomplete(f"{held} of {self.size_bytes} bytes")

    def _range(self, start: int, end: int) -> bytes:
        self._file.seek(start)
        return self._file.read(end - start)

    def close(self) -> None:
        if not self.closed and self._folder is not None:
            self._file.close()
            self._folder.cleanup()
        super().close()


def opened(url: str) -> RemoteFile:
    """A file by its URL; OSError where it cannot be reached, or tells no size."""
    import fsspec

    filesystem, path = fsspec.core.url_to_fs(url)
    filesystem.invalidate_cache()  # a listing tells a file's time otherwise than the file does
    facts = retried(lambda: filesystem.info(path), url)
    if facts.get("size") is None:
        raise OSError(errno.EIO, f"{url}: its server tells no size; fetch the file first")
    is_web = "http" in filesystem.protocol
    ranges = not is_web or retried(lambda: _gives_ranges(filesystem, path), url)
    return (RemoteFile if ranges else _Copy)(filesystem, path, facts)


def _gives_ranges(filesystem: Any, url: str) -> bool:
    """Whether a web server answers a range with a range."""
    from fsspec.asyn import sync

    async def status() -> int:
        session = await filesystem.set_session()
        given = dict(filesystem.kwargs)
        given["headers"] = {**given.get("headers", {}), "Range": "bytes=0-0"}
        async with session.get(filesystem.encode_url(url), **given) as answer:
            if answer.status >= 500:
                raise Incomplete(str(answer.status))
            return int(answer.status)

    return sync(filesystem.loop, status) == 206


def _identity(facts: dict[str, Any]) -> dict[str, str]:
    return {name: str(facts[name]) for name in _IDENTITY if name in facts}
