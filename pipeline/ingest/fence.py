"""The fence: parsers that may hang, crash or eat memory work in a child that can be ended.

What such a parser takes cannot be bounded from within: it is C, or catches what would stop it. So a
warm child gets one piece after the other, each under a limit of CPU time and of memory, and is
replaced when one is reached. This is no sandbox: the child may do what its parent may.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from taojin.core.storage import publish
from taojin.pipeline.ingest.fence_child import Answer, Child
from taojin.pipeline.ingest.records import Unreadable

CRASHES = 3
"""So often a piece must crash alone in a fresh child before it is given up."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a piece may take: CPU time by its size, memory beyond what the child has when warm."""

    seconds: int = 60
    seconds_per_mb: int = 20
    memory_bytes: int = 2 << 30

    def seconds_for(self, size: int) -> int:
        """CPU seconds for a piece of so many bytes or characters."""
        return self.seconds + self.seconds_per_mb * size // 1_000_000


@dataclass(frozen=True, slots=True)
class Work:
    """A function of a module, and arguments with which each child calls it once, without limits.

    That is when libraries are imported and tables made. It raises Unreadable or nothing.
    """

    function: Callable[..., Any]
    sample: tuple[Any, ...]


class Fence:
    """Gives pieces to its child, which starts with the first and ends with the `with` block.

    `memory` is a folder where pieces are noted that were given up for a limit or a crash. A run
    that is resumed gives them up unseen, on however fast a machine.
    """

    def __init__(self, limits: Limits = Limits(), memory: Path | None = None) -> None:
        self._limits = limits
        self._memory = memory
        self._child: Child | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._end_child()

    def run(self, work: Work, *arguments: Any) -> Any:
        """What the function returns. Raises what it raises, and Unreadable: too_slow, crashed, and
        too_large for what takes too much memory.
        """
        note = self._note(work, arguments)
        if note is not None and note.is_file():
            raise Unreadable(**json.loads(note.read_text()))
        answer = self._answer(work, arguments)
        if not answer.cause:
            return answer.value
        if note is not None and answer.is_spent:
            with publish(note) as partial:
                partial.write_text(json.dumps({"cause": answer.cause, "detail": answer.detail}))
        raise Unreadable(answer.cause, answer.detail)

    def _answer(self, work: Work, arguments: tuple[Any, ...]) -> Answer:
        """The child's; a fresh one's where earlier pieces may be to blame."""
        size = sum(len(one) for one in arguments if isinstance(one, str | bytes))
        limits = self._limits.seconds_for(size), self._limits.memory_bytes
        crashes = 0
        while True:
            self._child = child = self._child or Child()
            is_fresh = child.is_fresh
            answer = child.ask(work.function, work.sample, arguments, *limits)
            if not answer.is_spent:
                return answer
            self._end_child()
            crashes += is_fresh and answer.cause == "crashed"
            is_sure = is_fresh if answer.cause == "too_large" else answer.cause == "too_slow"
            if is_sure or crashes == CRASHES:
                return answer

    def _end_child(self) -> None:
        if self._child is not None:
            self._child.end()
        self._child = None

    def _note(self, work: Work, arguments: tuple[Any, ...]) -> Path | None:
        """Where it stands that a piece was given up; its name is a digest."""
        if self._memory is None:
            return None
        digest = hashlib.sha256(f"{work.function.__module__}.{work.function.__qualname__}".encode())
        for one in arguments:
            digest.update(one if isinstance(one, bytes) else str(one).encode("utf-8", "replace"))
        return self._memory / digest.hexdigest()


def run(fence: Fence | None, work: Work, *arguments: Any) -> Any:
    """Call the function behind the fence, in this process where there is none."""
    return work.function(*arguments) if fence is None else fence.run(work, *arguments)
