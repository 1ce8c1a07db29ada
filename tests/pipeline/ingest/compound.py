"""Compound files of the old Office formats, written for tests [MS-CFB]."""

import struct
from collections.abc import Mapping
from typing import Any

SECTOR, MINI, CUTOFF = 512, 64, 4096
END, FREE, FAT, NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF

Entry = list[Any]
"""Name, kind, the next in its storage, the first in it, the number of its data."""


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A file with these streams; names before slashes are those of the storages they lie in."""
    entries, data = _entries(streams)
    sectors: list[bytes] = []
    fat: list[int] = []

    def put(content: bytes) -> int:
        count = -(-len(content) // SECTOR)
        start = len(sectors)
        sectors.extend(content[at * SECTOR :][:SECTOR].ljust(SECTOR, b"\0") for at in range(count))
        fat.extend([*range(start + 1, start + count), END] if count else [])
        return start if count else END

    mini, mini_fat, starts = b"", [], []
    for content in data:
        if len(content) >= CUTOFF or not content:
            starts.append(put(content))
        else:
            count, start = -(-len(content) // MINI), len(mini_fat)
            mini += content.ljust(count * MINI, b"\0")
            mini_fat += [*range(start + 1, start + count), END]
            starts.append(start)
    root, mini_start = put(mini), put(struct.pack(f"<{len(mini_fat)}L", *mini_fat))
    packed = b"".join(
        _packed(entry, root, len(mini))
        if entry[1] == 5
        else _packed(entry, starts[entry[4]], len(data[entry[4]]))
        if entry[1] == 2
        else _packed(entry, 0, 0)
        for entry in entries
    )
    unused = bytes(68) + struct.pack("<LLL", NONE, NONE, NONE) + bytes(48)
    directory = put(packed + unused * (-len(entries) % 4))
    sector_count = len(sectors)
    fat_sectors = -(-(sector_count + 2) // (SECTOR // 4 - 1))
    fat += [FAT] * fat_sectors
    fat += [FREE] * (fat_sectors * SECTOR // 4 - len(fat))
    head = struct.pack(
        "<8s16xHHHHH6xLLLLLLLLL", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6, 0, fat_sectors,
        directory, 0, CUTOFF, mini_start, -(-len(mini_fat) * 4 // SECTOR), END, 0,
    )  # fmt: skip
    places = [*range(sector_count, sector_count + fat_sectors), *[FREE] * (109 - fat_sectors)]
    table = struct.pack(f"<{len(fat)}L", *fat)
    return head + struct.pack("<109L", *places) + b"".join(sectors) + table


def _entries(streams: Mapping[str, bytes]) -> tuple[list[Entry], list[bytes]]:
    """What the directory lists, and the data of the streams."""
    entries: list[Entry] = [["Root Entry", 5, NONE, NONE, -1]]
    data: list[bytes] = []
    folders: dict[str, int] = {"": 0}
    last: dict[int, int] = {}

    def add(parent: int, entry: Entry) -> int:
        entries.append(entry)
        number = len(entries) - 1
        if parent in last:
            entries[last[parent]][2] = number
        else:
            entries[parent][3] = number
        last[parent] = number
        return number

    def storage(path: str) -> int:
        if path not in folders:
            folder, _, name = path.rpartition("/")
            folders[path] = add(storage(folder), [name, 1, NONE, NONE, -1])
        return folders[path]

    for path, content in streams.items():
        folder, _, name = path.rpartition("/")
        add(storage(folder), [name, 2, NONE, NONE, len(data)])
        data.append(content)
    return entries, data


def _packed(entry: Entry, start: int, size: int) -> bytes:
    name, kind, right, child, _ = entry
    raw = name.encode("utf-16-le") + b"\0\0"
    return raw.ljust(64, b"\0") + struct.pack(
        "<HBBLLL36xLLL", len(raw), kind, 1, NONE, right, child, start, size, 0
    )
