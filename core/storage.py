"""Files: write beside, verify, rename; a file that exists is complete.

A killed task leaves only `*.partial-*` names, which nobody reads and the next run removes.
"""

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl


@contextmanager
def publish(path: Path, *, replace: bool = False) -> Iterator[Path]:
    """A path to write a file or a folder at; it appears under its own name when the block ends.

    On an exception nothing appears and what was there stays. A file replaces an older one; a folder
    only with `replace`: a checkpoint that another task published meanwhile is the same.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial-{uuid.uuid4().hex[:8]}")
    try:
        yield partial
        _sync(partial)
        _rename(partial, path, replace=replace)
    finally:
        _remove(partial)


def _rename(partial: Path, path: Path, *, replace: bool) -> None:
    if not (partial.is_dir() and path.exists()):
        os.replace(partial, path)
    elif replace:
        old = partial.with_name(f"{partial.name}-old")
        os.replace(path, old)
        os.replace(partial, path)
        _remove(old)
    _sync(path.parent, deep=False)


def _sync(path: Path, *, deep: bool = True) -> None:
    if path.is_dir() and deep:
        for child in path.iterdir():
            _sync(child)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what killed tasks have left half-written below a folder that nobody writes to."""
    for path in sorted(folder.rglob("*.partial-*")):
        if path.exists():
            _remove(path)


def write_table(table: pl.DataFrame, path: Path) -> None:
    """Write Parquet and verify that it reads back with as many rows; OSError if it does not."""
    table.write_parquet(path, compression="zstd", compression_level=1, statistics=False)
    rows = pl.scan_parquet(path).select(pl.len()).collect().item()
    if rows != table.height:
        raise OSError(f"{path}: wrote {table.height} rows, {rows} read back")


def sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
