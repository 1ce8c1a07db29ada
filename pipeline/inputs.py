"""The files of a source, and how they are grouped into partitions.

A file is known by its content, so a touched file is not read again and a changed one is. Groups end
at files whose path says so: a new file disturbs only the group that it falls into.
"""

import errno
import glob
import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import fsspec
import xxhash

from taojin.core.errors import UserError
from taojin.core.hashing import content_hash
from taojin.core.storage import publish
from taojin.pipeline import datasets
from taojin.pipeline.faults import fault_of
from taojin.pipeline.ingest import remote
from taojin.pipeline.ingest.parts import WHOLE, Part
from taojin.pipeline.ingest.tables import heads, sql
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.settings.sources import Source

RUN_MARK = ".taojin-run"
"""The file that marks a folder as a run's."""
MEMORY = Path("work", "inputs.json")
"""The file of a run that remembers the digests of its sources' files."""
GROUP_FILES = 32
"""Files of a group on average, where they are small."""


@dataclass(frozen=True)
class File:
    """One input file: `path` is relative to its source, `uri` opens it."""

    path: str
    uri: str
    size_bytes: int
    content: str
    fault: str = ""
    """Why it is not read: a pipe, a link that leads away. It is one row of the quarantine."""
    part: Part = WHOLE
    """What of it is read."""


def find(source: Source, folder: Path, known: dict[str, str]) -> list[File]:
    """The files of a source, sorted by path; UserError if there are none or all are empty.

    `known` remembers content digests of local files by (path, size, time of change).
    """
    if source.database is not None:
        size_bytes, content = sql.summary(source.database)
        return [File(source.database.name, source.database.url, size_bytes, content)]
    patterns = (source.path,) if isinstance(source.path, str) else source.path
    uris = [_uri(pattern, folder) for pattern in patterns]
    try:
        root = _root(uris)
        found = [file for uri in uris for file in _match(uri, root, known)]
    except (ImportError, ValueError) as error:
        raise UserError(
            f"source '{source.name}': {error}; check the protocol of its path"
        ) from None
    except OSError as error:
        what = error.strerror or str(error) or type(error).__name__
        raise UserError(f"source '{source.name}': it cannot be listed: {what}") from None
    if not found:
        raise UserError(
            f"source '{source.name}': no file matches {', '.join(patterns)} in {folder}; "
            "check the path, or write **/* for everything below a folder"
        )
    if all(file.fault for file in found):
        raise UserError(f"source '{source.name}': {found[0].path} is {found[0].fault}")
    if not any(file.size_bytes for file in found):
        files = f"its {len(found)} files are" if len(found) > 1 else f"{found[0].path} is"
        raise UserError(f"source '{source.name}' is empty: {files} of 0 bytes")
    by_path = {file.path: file for file in found}
    return [by_path[path] for path in datasets.data(sorted(by_path))]


def _uri(pattern: str, folder: Path) -> str:
    """The pattern as a URL or from the root; a relative one starts at the recipe's folder."""
    if "://" in pattern:
        return pattern
    local = os.path.expanduser(pattern)  # noqa: PTH111  a pattern is no path
    if not local.startswith("/"):
        local = f"{glob.escape(str(folder))}/{local}"
    return datasets.whole(local)


def _root(uris: Sequence[str]) -> str:
    """The folder that all patterns share, before any wildcard."""
    fixed = [_fixed(fsspec.core.strip_protocol(uri)).split("/") for uri in uris]
    shared = []
    for parts in zip(*fixed, strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return "/".join(shared)


def _fixed(pattern: str) -> str:
    """The folders before the first wildcard; an escaped character, such as `[[]`, is none."""
    parts = pattern.split("/")[:-1]
    wild = next((at for at, part in enumerate(parts) if _is_wild(part)), len(parts))
    return "/".join(_ESCAPED.sub(r"\1", part) for part in parts[:wild])


_ESCAPED = re.compile(r"\[([*?[])\]")


def _is_wild(part: str) -> bool:
    return bool(set(_ESCAPED.sub("", part)) & set("*?["))


def _match(uri: str, root: str, known: dict[str, str]) -> list[File]:
    if "://" not in uri:
        folder = root if any(map(_is_wild, uri.split("/"))) else ""  # a link by its name is meant
        return [_local(Path(name), root, folder, known) for name in sorted(_files(uri))]
    filesystem, pattern = fsspec.core.url_to_fs(uri)
    filesystem.invalidate_cache()  # of an earlier run in this process
    found = remote.retried(lambda: _listed(filesystem, pattern), uri)
    return [
        File(
            path.removeprefix(root).lstrip("/"),
            filesystem.unstrip_protocol(path),
            int(info["size"]),
            str(info.get("ETag") or filesystem.checksum(path)),
        )
        for path, info in found.items()
        if info["type"] == "file" and _has_size(path, info)
    ]


def _listed(filesystem: Any, pattern: str) -> Mapping[str, Mapping[str, Any]]:
    """What a pattern matches; a name without wildcards is asked for, since a list hides errors."""
    if any(map(_is_wild, pattern.split("/"))):
        found: Mapping[str, Mapping[str, Any]] = filesystem.glob(pattern, detail=True)
        return found
    try:
        return {pattern: filesystem.info(pattern)}
    except FileNotFoundError:
        if "http" in filesystem.protocol:
            raise
        return {}


def _has_size(path: str, info: Mapping[str, object]) -> bool:
    if info.get("size") is None:
        raise OSError(errno.EIO, f"the server of {path} tells no size; fetch the file first")
    return True


def _files(pattern: str) -> Iterator[str]:
    """The files that a local pattern matches as in a shell: links count, hidden names do not.

    What a run has written is no input, its own or another's, unless the pattern names a folder of
    it: `runs/a/documents/*`, and not `**/*`. A link to a folder above itself is not followed: what
    it leads to is found already.
    """
    named = Path(_fixed(pattern)).resolve()
    runs = {} if (named / RUN_MARK).exists() else {named: False}
    circles: dict[Path, bool] = {}
    for name in glob.iglob(pattern, recursive=True):  # noqa: PTH207  # Path.glob knows no escapes
        path = Path(name)
        if path.is_dir() or _is_circle(path.parent, circles):
            continue
        if not _is_run(_real_parent(path), runs):
            yield name


def _real_parent(path: Path) -> Path:
    """The folder in which a path ends; that of the link where it leads nowhere."""
    try:
        return path.resolve(strict=True).parent
    except (OSError, RuntimeError):
        return path.parent.resolve()


def _is_circle(folder: Path, known: dict[Path, bool]) -> bool:
    """Whether a path leads through a link to a folder above it."""
    if folder not in known:
        above = folder != folder.parent and _is_circle(folder.parent, known)
        real = folder.parent.resolve()
        known[folder] = above or (folder.is_symlink() and folder.resolve() in (real, *real.parents))
    return known[folder]


def _is_run(folder: Path, known: dict[Path, bool]) -> bool:
    """Whether a folder or one above it is a run's."""
    if folder not in known:
        above = folder != folder.parent and _is_run(folder.parent, known)
        known[folder] = above or (folder / RUN_MARK).exists()
    return known[folder]


def _local(path: Path, root: str, folder: str, known: dict[str, str]) -> File:
    """A local file; bytes of its name that are no UTF-8 are written as hexadecimal escapes."""
    relative = str(path).removeprefix(root).lstrip("/")
    named = os.fsencode(relative).decode("utf-8", "backslashreplace")
    if fault := fault_of(path, folder):
        return File(named, str(path), 0, "", fault)
    facts = path.stat()
    state = content_hash(
        f"{os.fsencode(path)!r}:{facts.st_size}:{facts.st_mtime_ns}:{facts.st_ctime_ns}"
    )
    if state not in known:
        with path.open("rb") as file:
            known[state] = hashlib.file_digest(file, "blake2b").hexdigest()[:32]
    return File(named, str(path), facts.st_size, known[state])


def group(files: Sequence[File], partition_bytes: int) -> list[list[File]]:
    """Partitions of small files; a file of a quarter of the size or more is one by itself."""
    groups: list[list[File]] = []
    open_bytes = 0
    for file in files:
        alone = file.size_bytes * 4 >= partition_bytes
        if alone or not open_bytes or open_bytes + file.size_bytes > partition_bytes:
            groups.append([])
            open_bytes = 0
        groups[-1].append(file)
        ends = alone or xxhash.xxh3_64_intdigest(file.path.encode()) % GROUP_FILES == 0
        open_bytes = 0 if ends else open_bytes + max(file.size_bytes, 1)
    return groups


def find_all(recipe: Recipe, run: Path) -> dict[str, list[File]]:
    """The files of every source; their digests are remembered in the run's folder."""
    memory = run / MEMORY
    known = json.loads(memory.read_text()) if memory.is_file() else {}
    found = {source.name: find(source, recipe.folder, known) for source in recipe.sources}
    _refuse_own(found, run.resolve())
    for source in recipe.sources:
        _check_columns(source, found[source.name])
    memory.parent.mkdir(parents=True, exist_ok=True)
    with publish(memory) as partial:
        partial.write_text(json.dumps(known, sort_keys=True))
    return found


def _refuse_own(found: Mapping[str, Sequence[File]], run: Path) -> None:
    """UserError if a source names files of the run that would read it."""
    for source, files in found.items():
        own = [file for file in files if "://" not in file.uri]
        if any(run in Path(file.uri).resolve().parents for file in own):
            raise UserError(
                f"source '{source}' names files of this run, {run}: write it elsewhere with --out"
            )


def _check_columns(source: Source, files: Sequence[File]) -> None:
    """UserError for tables that have no column with the text."""
    if source.database is None:
        local = [one.uri for one in files if one.size_bytes and "://" not in one.uri]
        heads.check_text(local, source.columns, f"source '{source.name}'")


def as_parameters(files: Sequence[File]) -> list[dict[str, object]]:
    """What a task's output depends on of its files: all but where they are."""
    return [
        {"path": file.path, "size_bytes": file.size_bytes, "content": file.content}
        | ({"fault": file.fault} if file.fault else {})
        | ({"part": asdict(file.part)} if file.part != WHOLE else {})
        for file in files
    ]
