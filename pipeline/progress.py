"""Progress of a run: bars on a terminal, a line per step elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol, TextIO

from taojin.pipeline.task import Checkpoint


class Progress(Protocol):
    """Hears what a run does."""

    def start(self, node: str, tasks: int) -> None:
        """A step begins."""
        ...

    def advance(self, checkpoint: Checkpoint) -> None:
        """One of its tasks is done."""
        ...

    def finish(self) -> None:
        """The step is done."""
        ...


@dataclass
class Lines:
    """One line per step: its tasks, how many were there already, documents and seconds."""

    out: TextIO = field(default_factory=lambda: sys.stderr)
    node: str = ""
    tasks: int = 0
    cached: int = 0
    documents: int = 0
    started: float = 0.0

    def start(self, node: str, tasks: int) -> None:
        self.node, self.tasks, self.cached, self.documents = node, tasks, 0, 0
        self.started = time.monotonic()

    def advance(self, checkpoint: Checkpoint) -> None:
        self.cached += checkpoint.cached
        self.documents += checkpoint.counts.get("documents", 0)

    def finish(self) -> None:
        seconds = time.monotonic() - self.started
        self.out.write(
            f"{self.node:<18} {self.tasks:>5} tasks {self.cached:>5} cached "
            f"{self.documents:>9,} documents {seconds:8.1f} s\n"
        )
        self.out.flush()


class Bars:
    """A bar per step, by rich."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Rich

        self._rich = Rich(
            TextColumn("{task.description:<18}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[documents]:>9,} documents"),
            TimeElapsedColumn(),
            console=Console(stderr=True),
        )
        self._rich.start()
        self._documents = 0

    def start(self, node: str, tasks: int) -> None:
        self._documents = 0
        self._task = self._rich.add_task(node, total=tasks, documents=0)

    def advance(self, checkpoint: Checkpoint) -> None:
        self._documents += checkpoint.counts.get("documents", 0)
        self._rich.update(self._task, advance=1, documents=self._documents)

    def finish(self) -> None:
        self._rich.stop_task(self._task)
        self._rich.refresh()

    def close(self) -> None:
        """Give the terminal back."""
        self._rich.stop()


@dataclass(frozen=True)
class Silent:
    """Says nothing."""

    def start(self, node: str, tasks: int) -> None: ...

    def advance(self, checkpoint: Checkpoint) -> None: ...

    def finish(self) -> None: ...


@contextmanager
def show(out: TextIO) -> Iterator[Progress]:
    """Bars where `out` is a terminal, lines elsewhere."""
    if not out.isatty():
        yield Lines(out)
        return
    bars = Bars()
    try:
        yield bars
    finally:
        bars.close()
