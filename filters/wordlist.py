"""Lists of words and terms in files: those that ship with Taojin, and a user's own.

A text file has one entry a line, or entry, tab, group; lines that begin with # are comments; an
entry without a group belongs to the one that the file is named after. A TOML file has a list of
entries per group, or a table with one per language:

    [gambling]
    en = ["online casino", "free spins"]
    zh = ["百家乐"]

A text key `origin` may say where a TOML list comes from. Either kind may be gzipped.
"""

import gzip
import hashlib
import tomllib
import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from taojin.core.errors import UserError

Groups = Mapping[str, tuple[str, ...]]
"""Entries by group, each once, in the order of the file."""

ORIGIN = "origin"
"""The one key of a TOML list that is no group."""


@cache
def shipped(name: str) -> Groups:
    """The groups of a list that ships with Taojin, `filters/lists/<name>.toml`."""
    file = files("taojin.filters") / "lists" / f"{name}.toml"
    return _toml(file.read_bytes(), f"filters/lists/{name}.toml")


def read(path: Path, key: str) -> Groups:
    """The groups of a user's list, named under `key` of a recipe; UserError if it has no entry."""
    try:
        data = path.read_bytes()
        data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"{key}: '{path}' cannot be read: {reason}; check the path") from None
    toml = path.name.removesuffix(".gz").endswith(".toml")
    groups = _toml(data, f"{key}: '{path}'") if toml else _lines(data, path, key)
    if not any(groups.values()):
        raise UserError(
            f"{key}: '{path}' holds no entry; write one entry a line, or leave the list out"
        )
    return groups


def merged(several: Iterable[Groups]) -> Groups:
    """All groups of several lists, the entries of groups of the same name in one."""
    found: dict[str, dict[str, None]] = {}
    for groups in several:
        for name, entries in groups.items():
            found.setdefault(name, {}).update(dict.fromkeys(entries))
    return {name: tuple(entries) for name, entries in found.items()}


def digest(paths: Iterable[Path], given: object = None) -> str:
    """Hexadecimal digest of the bytes of files, and of something given whose `repr` says it all:
    what a stage that reads them depends on.
    """
    hashed = hashlib.blake2b(repr(given).encode(), digest_size=16)
    for path in paths:
        with path.open("rb") as file:
            hashed.update(hashlib.file_digest(file, "blake2b").digest())
    return hashed.hexdigest()


def _lines(data: bytes, path: Path, key: str) -> Groups:
    name = path.name.removesuffix(".gz").rsplit(".", 1)[0]
    found: dict[str, dict[str, None]] = {}
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{key}: '{path}' is not UTF-8 at byte {error.start}; save it so") from None
    for line in text.splitlines():
        entry, _, group = (part.strip() for part in line.partition("\t"))
        if entry and not entry.startswith("#"):
            found.setdefault(group or name, {})[entry] = None
    return {group: tuple(entries) for group, entries in found.items()}


def _toml(data: bytes, where: str) -> Groups:
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{where} is not valid TOML: {error}") from None
    if not isinstance(table.pop(ORIGIN, ""), str):
        raise UserError(f"{where}: '{ORIGIN}' is a text that says where the list comes from")
    return {group: tuple(dict.fromkeys(_entries(of, where, group))) for group, of in table.items()}


def _entries(value: object, where: str, group: str) -> Iterator[str]:
    """The entries of a group: of its list, or of each of its lists by language."""
    for some in value.values() if isinstance(value, dict) else [value]:
        if not isinstance(some, list) or not all(isinstance(entry, str) for entry in some):
            raise UserError(f"{where}: '{group}' needs a list of texts, or one for each language")
        yield from (entry for entry in some if entry.strip())
