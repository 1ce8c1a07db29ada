"""Whether files are still what they were when they were read."""

from collections.abc import Iterable
from pathlib import Path

Stamps = tuple[tuple[str, int, int], ...]


def stamps(paths: Iterable[Path]) -> Stamps:
    """Path, size and time of change of each file that exists: a key to what was read from them."""
    found = ((path, path.stat()) for path in paths if path.exists())
    return tuple((str(path), state.st_size, state.st_mtime_ns) for path, state in found)
