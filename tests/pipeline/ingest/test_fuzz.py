"""Files of every format, damaged at random: entries of the kinds and causes that are documented.

`TAOJIN_FUZZ_SECONDS` says for how long the drill goes on, `TAOJIN_FUZZ_SEED` with which damage it
begins. A file that fails is kept and named.
"""

import faulthandler
import io
import os
import random
import re
import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from taojin.pipeline.ingest.readers import FORMATS, _kind, parts, read
from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions, Record
from taojin.tests.pipeline.ingest.hostile import entries_of
from taojin.tests.pipeline.ingest.seeds import seeds

CAUSES = re.findall(r"\w+", (Damaged.__doc__ or "").partition("causes: ")[2])
OPTIONS = ReadOptions(max_bytes=8 << 20)
CASE_S = 20
"""How long one file may take; the machine may be shared."""
CASE_BYTES = 600 << 20
"""How much more memory one file may take than any before it."""

Mutation = Callable[[random.Random, bytearray, list[bytes]], object]


def flip(chance: random.Random, data: bytearray, _: list[bytes]) -> None:
    for _ in range(chance.choice((1, 1, 3, 20))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def overwrite(chance: random.Random, data: bytearray, _: list[bytes]) -> None:
    at = chance.randrange(len(data))
    new = chance.choice(
        (b"\0", b"\xff", b"\x7f\xff\xff\xff", chance.randbytes(9), b"<", b'"', b"\n")
    )
    data[at : at + len(new)] = new * chance.choice((1, 1, 8))


def remove(chance: random.Random, data: bytearray, _: list[bytes]) -> None:
    at = chance.randrange(len(data))
    del data[at : at + chance.choice((1, 4, 50, 2_000))]


def truncate(chance: random.Random, data: bytearray, _: list[bytes]) -> None:
    del data[chance.randrange(len(data)) :]


def repeat(chance: random.Random, data: bytearray, _: list[bytes]) -> None:
    at = chance.randrange(len(data))
    data[at:at] = data[at : at + chance.choice((1, 40, 600))] * chance.choice((1, 5, 300))


def splice(chance: random.Random, data: bytearray, others: list[bytes]) -> None:
    other = chance.choice(others)
    start, at = chance.randrange(len(other)), chance.randrange(len(data))
    data[at:at] = other[start : start + chance.choice((8, 200, 5_000))]


def renumber(chance: random.Random, data: bytearray, _: list[bytes]) -> None:
    """Another number, little or big endian, as lengths and offsets are written."""
    size = chance.choice((2, 4, 8))
    number = chance.choice((0, 1, 2**31 - 1, 2**31, 2**63 - 1, 2**64 - 1, 10**6, len(data)))
    at = chance.randrange(len(data))
    data[at : at + size] = (number % 256**size).to_bytes(size, chance.choice(("little", "big")))


MUTATIONS: tuple[Mutation, ...] = (flip, overwrite, remove, truncate, repeat, splice, renumber)


def mutated(chance: random.Random, data: bytes, others: list[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5))):
        if changed:
            chance.choice(MUTATIONS)(chance, changed, others)
    return bytes(changed)


class Slow(Exception):
    pass


@contextmanager
def bounded() -> Iterator[None]:
    """Raises Slow after its time, and ends the process with a traceback if nothing hears that."""

    def late(*_: object) -> None:
        raise Slow

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, CASE_S)
    faulthandler.dump_traceback_later(4 * CASE_S, exit=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        faulthandler.cancel_dump_traceback_later()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
    assert grown * 1024 < CASE_BYTES, f"{grown >> 10} MB more"


def check(found: list[Entry]) -> None:
    positions = [entry.position for entry in found]
    assert len(set(positions)) == len(positions)
    own = [position for position in positions if position >= 0]
    assert own == sorted(own)
    for entry in found:
        assert entry.size_bytes >= 0
        if isinstance(entry, Record):
            entry.text.encode()  # no lone surrogate
        elif isinstance(entry, Damaged):
            assert entry.cause in CAUSES, entry.cause


def fuzz(folder: Path, seconds: float, seed: int) -> int:
    """How many files were read in that time; the one that fails stays in the folder."""
    files = seeds()
    names, others = sorted(files), list(files.values())
    for name, data in files.items():  # the first call compiles
        entries_of(folder / name, data)
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end or count < len(names):
        chance = random.Random(seed * 1_000_003 + count)
        name = names[count % len(names)]
        path = folder / f"{count}-{name}"
        path.write_bytes(mutated(chance, files[name], others))
        with bounded():
            found = list(read(str(path), OPTIONS))
            if path.stat().st_size:
                parts(str(path), OPTIONS, path.stat().st_size, 1_000)
        check(found)
        path.unlink()
        count += 1
    return count


def test_a_seed_is_read_whole_in_its_format(tmp_path: Path) -> None:
    for name, data in seeds().items():
        (tmp_path / name).write_bytes(data)
        found = list(read(str(tmp_path / name), OPTIONS))
        check(found)
        wanted = Damaged if name == "a.doc" else Record
        assert any(isinstance(entry, wanted) for entry in found), name
        assert name == "a.doc" or not any(isinstance(entry, Damaged) for entry in found), name


def test_there_is_a_seed_for_every_format() -> None:
    assert {_kind(name, io.BytesIO(data))[0] for name, data in seeds().items()} >= {*FORMATS}


def test_damaged_files_of_every_format_leave_entries(tmp_path: Path) -> None:
    assert fuzz(tmp_path, 3, 1) >= len(FORMATS)


@pytest.mark.drills
def test_damaged_files_leave_entries_for_as_long_as_it_takes(tmp_path: Path) -> None:
    seconds = float(os.environ.get("TAOJIN_FUZZ_SECONDS", "600"))
    assert fuzz(tmp_path, seconds, int(os.environ.get("TAOJIN_FUZZ_SEED", "2"))) > seconds
