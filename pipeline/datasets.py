"""Folders that Hugging Face's `save_to_disk` writes: which of their files hold rows."""

import re
from collections.abc import Sequence
from pathlib import Path

_STATE = ("state.json", "dataset_info.json")
_SPLITS = "dataset_dict.json"
_SHARD = re.compile(r"data-\d+-of-\d+\.arrow")


def whole(pattern: str) -> str:
    """A local path that names such a folder, as the pattern of its files; any other as it is."""
    folder = Path(pattern)
    if any((folder / name).is_file() for name in (_STATE[0], _SPLITS)):
        return f"{pattern.rstrip('/')}/**/*"
    return pattern


def data(paths: Sequence[str]) -> list[str]:
    """The paths without what a saved dataset has beside its shards: descriptions and caches."""
    known = set(paths)
    saved = {
        folder
        for path in paths
        for folder, _, name in (path.rpartition("/"),)
        if name == _STATE[0] and _join(folder, _STATE[1]) in known
    }
    return [path for path in paths if _is_data(path, saved)]


def _is_data(path: str, saved: set[str]) -> bool:
    folder, _, name = path.rpartition("/")
    if name == _SPLITS:
        return not any(one.rpartition("/")[0] == folder for one in saved)
    return folder not in saved or bool(_SHARD.fullmatch(name))


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
