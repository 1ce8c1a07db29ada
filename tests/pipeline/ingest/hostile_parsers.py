"""Parsers that misbehave, for children of a fence to run."""

import os
import signal
import time
from pathlib import Path

from taojin.pipeline.ingest.fence import Fence, Limits, Work
from taojin.pipeline.ingest.records import Unreadable

LARGE = 700 << 20


def give(piece: object) -> object:
    return piece


def pid(piece: object) -> int:
    return os.getpid()


def spin(piece: object) -> None:
    while piece:
        pass


def sleep(piece: object) -> None:
    if piece:
        time.sleep(600)


def eat(piece: object) -> None:
    """Many small parts, as trees have; whom nothing stops goes on for ever, but not with eating."""
    if piece:
        held = [bytes(1 << 20) for _ in range(LARGE >> 20)]
        spin(held)


def eat_and_go_on(piece: object) -> str:
    try:
        eat(piece)
    except MemoryError:
        return "half a page"
    return "a page"


_HELD: list[bytes] = []


def leak(piece: int) -> str:
    """Keeps so many MiB for good."""
    _HELD.extend(bytes(1 << 20) for _ in range(piece))
    return "a page"


def crash(notes: Path | None) -> None:
    if notes:
        (notes / str(time.monotonic_ns())).touch()
        os.kill(os.getpid(), signal.SIGSEGV)


def crash_if_warm(piece: str) -> str:
    """Crashes for what another piece has left."""
    if len(_HELD) > 1 and piece:
        os.kill(os.getpid(), signal.SIGABRT)
    _HELD.append(b"")
    return piece


def warm_up(piece: str) -> str:
    """Takes its time and its memory with the first call alone."""
    if not _HELD:
        burn(4)
        leak(LARGE >> 20)
    return piece


def burn(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def page(html: str, engine: str) -> str:
    """In the place of an engine."""
    burn(3 * html.count("slow"))
    return html


def recurse(piece: object) -> object:
    return recurse(piece) if piece else None


def refuse(piece: object) -> None:
    raise Unreadable("encrypted", "needs a password")


def mistake(piece: str) -> str:
    return piece + 1 if piece else ""  # type: ignore[operator]


def fenced_task(folder: Path, task: object) -> dict[str, int]:
    """A task of which one piece is given up and the next is read."""
    with Fence(Limits(1, 0)) as fence:
        try:
            fence.run(Work(spin, (0,)), 1)
        except Unreadable as damage:
            (folder / "cause").write_text(damage.cause)
        return {"documents": int(fence.run(Work(give, (0,)), 7))}
