"""A child process that runs functions under limits, seen from its parent."""

import os
import subprocess
import sys
from collections.abc import Callable
from multiprocessing.connection import Pipe
from signal import SIGXCPU
from typing import Any, NamedTuple

_PROGRAM = "taojin.pipeline.ingest.fenced"
_PATIENCE = 20
"""Times its limit of CPU time is how long a piece may take by the clock: parsers may sleep."""


class Answer(NamedTuple):
    """What a child says: a value, or the cause and the detail why there is none.

    `is_spent`: a limit was reached or the child has crashed, and is to be replaced.
    """

    value: Any = None
    cause: str = ""
    detail: str = ""
    is_spent: bool = False


class Child:
    """Started, not forked, since the parent may have threads; ends when its parent does."""

    def __init__(self) -> None:
        self.is_fresh = True
        """Whether it was asked nothing so far."""
        self._connection, theirs = Pipe()
        paths = [path or os.getcwd() for path in sys.path]  # noqa: PTH109
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  # this Python, and a module of ours
                [sys.executable, "-P", "-m", _PROGRAM, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
                start_new_session=True,  # so that Ctrl+C is heard by the parent alone
            )

    def ask(
        self,
        function: Callable[..., Any],
        sample: tuple[Any, ...],
        arguments: tuple[Any, ...],
        seconds: int,
        memory_bytes: int,
    ) -> Answer:
        """What the function returns or raises, or which limit it has reached.

        RuntimeError where the child ends with an error of its own, whose traceback it has printed.
        """
        self.is_fresh = False
        try:
            self._connection.send((function, sample, arguments, seconds, memory_bytes))
            if not self._connection.poll(_PATIENCE * seconds):
                return Answer(None, "too_slow", f"no answer in {_PATIENCE * seconds} s", True)
            answer = Answer(*self._connection.recv())
        except (EOFError, ConnectionError):
            return self._ended(seconds)
        if answer.is_spent:
            return answer._replace(detail=f"takes more than {memory_bytes >> 20} MiB of memory")
        return answer

    def _ended(self, seconds: int) -> Answer:
        status = self._process.wait()
        if status >= 0:
            raise RuntimeError(f"a process that parses has ended with {status}")
        if status == -SIGXCPU:
            return Answer(None, "too_slow", f"takes more than {seconds} s of CPU time", True)
        return Answer(None, "crashed", f"the parser crashes with signal {-status}", True)

    def end(self) -> None:
        self._connection.close()
        self._process.kill()
        self._process.wait()
