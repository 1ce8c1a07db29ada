"""Files as they are opened, local ones and those of any fsspec protocol, and whether they stay.

A file that changes while it is read is an error: what was read of it would be neither the old one
nor the new one. A named pipe is never waited for.
"""

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from taojin.pipeline.ingest import remote


class Changed(OSError):  # noqa: N818
    """A file is no longer what it was when it was listed or opened."""


@dataclass(frozen=True)
class Opened:
    """An open file and a check, which raises Changed if it is not the same any more."""

    file: IO[bytes]
    check: Callable[[], None]


def opened(path: str) -> IO[bytes]:
    """A local file or fsspec URL, opened to be read; OSError where it cannot be."""
    return watched(path).file


def watched(path: str, size_bytes: int | None = None) -> Opened:
    """The same with the check; Changed if its size is not the one that was listed."""
    if "://" not in path:  # fsspec takes a:: in a name for a protocol
        return _local(Path(path), size_bytes)
    file = remote.opened(path)
    if size_bytes is not None and file.size_bytes != size_bytes:
        raise Changed(f"it had {size_bytes} bytes and has {file.size_bytes}")
    return Opened(cast(IO[bytes], file), lambda: _compare(file.state, file.now()))


def _local(path: Path, size_bytes: int | None) -> Opened:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    facts = os.fstat(descriptor)
    if not stat.S_ISREG(facts.st_mode):
        os.close(descriptor)
        raise Changed("it is no file")
    file = os.fdopen(descriptor, "rb")
    if size_bytes not in (None, facts.st_size):
        file.close()
        raise Changed(f"it had {size_bytes} bytes and has {facts.st_size}")
    return Opened(file, lambda: _compare(_state(facts), _state(path.stat())))


def _state(facts: os.stat_result) -> tuple[int, ...]:
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns


def _compare(before: object, after: object) -> None:
    if before != after:
        raise Changed("it changed while it was read")
