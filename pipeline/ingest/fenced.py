"""The program of a fence's child: calls functions under limits and says what they return.

Soft limits alone are set, so that they can be lifted between two pieces.
"""

import logging
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from taojin.pipeline.ingest.records import Unreadable

Said = tuple[Any, str, str, bool]
"""As `fence_child.Answer`."""

_STATUS = Path("/proc/self/status")
_NEAR_BYTES = 64 << 20
"""What the parts of the heap have at most by which it grows."""


def serve(connection: Connection) -> None:
    """Answer until the other end is closed."""
    warm: set[object] = set()
    base_bytes = 0
    while True:
        try:
            function, sample, arguments, seconds, memory_bytes = connection.recv()
        except EOFError:
            return
        if (function, sample) not in warm:
            with suppress(Unreadable):
                function(*sample)
            warm.add((function, sample))
            base_bytes = _virtual_bytes("VmSize")
        connection.send(_said(function, arguments, seconds, base_bytes + memory_bytes))


def _said(
    function: Callable[..., Any], arguments: tuple[Any, ...], seconds: int, most_bytes: int
) -> Said:
    """A limit of memory that was all but reached counts: parsers catch MemoryError and go on."""
    try:
        with _limited(seconds, most_bytes):
            value, cause, detail = function(*arguments), "", ""
    except Unreadable as error:
        value, cause, detail = None, error.cause, error.detail
    except RecursionError:
        value, cause, detail = None, "too_large", "nested too deep"
    except MemoryError:
        return None, "too_large", "", True
    if _virtual_bytes("VmPeak") > most_bytes - _NEAR_BYTES:
        return None, "too_large", "", True
    return value, cause, detail, False


@contextmanager
def _limited(seconds: int, most_bytes: int) -> Iterator[None]:
    """A limit of CPU time from now on, whose signal ends the process, and one of memory."""
    limits = {resource.RLIMIT_CPU: int(time.process_time()) + 1 + seconds}
    if _STATUS.exists():
        limits[resource.RLIMIT_AS] = most_bytes
    try:
        for kind, limit in limits.items():
            resource.setrlimit(kind, (limit, resource.getrlimit(kind)[1]))
        yield
    finally:
        for kind in limits:
            hard = resource.getrlimit(kind)[1]
            resource.setrlimit(kind, (hard, hard))


def _virtual_bytes(name: str) -> int:
    """VmSize, the address space of this process, or VmPeak, the most it had; 0 but on Linux."""
    if not _STATUS.exists():
        return 0
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) << 10


if __name__ == "__main__":
    logging.disable()  # what becomes of a piece stands in the quarantine
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    serve(Connection(int(sys.argv[1])))
