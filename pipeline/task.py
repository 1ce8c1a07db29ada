"""A task: one function over files that leaves one folder, named by its fingerprint.

The fingerprint covers the code and libraries that it uses, its parameters and its inputs'
fingerprints, so a folder that exists holds what the task would compute, and a changed parameter
redoes only what depends on it. Tasks carry paths and counters, never text.
"""

import json
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

import polars as pl

from taojin.core.hashing import fingerprint
from taojin.core.storage import publish, write_table
from taojin.pipeline.uses import digests

Counts = Mapping[str, int]


@dataclass(frozen=True)
class Cost:
    """What a task took; `peak_bytes` is the most its process has held so far.

    `parts`: seconds of those parts of it that it timed by itself.
    """

    seconds: float = 0.0
    peak_bytes: int = 0
    parts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Timed:
    """The counters of a task that times its parts, and the seconds that each has taken."""

    counts: Counts
    seconds: Mapping[str, float]


@dataclass(frozen=True)
class Checkpoint:
    """The folder that a task has left, with its counters."""

    path: Path
    fingerprint: str
    counts: Counts = field(default_factory=dict)
    cost: Cost = Cost()
    cached: bool = False

    def read(self, name: str) -> pl.DataFrame:
        """One of its tables, without the `.parquet` of its name."""
        return pl.read_parquet(self.path / f"{name}.parquet")


@dataclass(frozen=True)
class Task:
    """`function(folder, task)` writes files into the folder and returns counters.

    `parameters` are JSON values; `inputs` are checkpoints by the name that the function knows;
    `places` says where files are and is no part of the fingerprint: what counts is their content.
    """

    node: str
    function: Callable[[Path, "Task"], Counts | Timed]
    parameters: Mapping[str, object] = field(default_factory=dict)
    inputs: Mapping[str, Sequence[Checkpoint]] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def fingerprint(self) -> str:
        inputs = {name: [one.fingerprint for one in many] for name, many in self.inputs.items()}
        uses = digests(self.node, self.function.__module__)
        parts = {"node": self.node, "uses": uses, "inputs": inputs}
        return fingerprint({**parts, "parameters": self.parameters})

    def folder(self, work: Path) -> Path:
        return work / self.node / self.fingerprint

    def input(self, name: str) -> Checkpoint:
        """The only checkpoint of that name."""
        (found,) = self.inputs[name]
        return found


def cached(task: Task, work: Path) -> Checkpoint | None:
    """What the task has left before, or None."""
    folder = task.folder(work)
    if not (folder / "counts.json").is_file():
        return None
    counts = json.loads((folder / "counts.json").read_text())
    known = _cost_file(task, work)
    cost = Cost(**json.loads(known.read_text())) if known.is_file() else Cost()
    return Checkpoint(folder, task.fingerprint, counts, cost, cached=True)


def _cost_file(task: Task, work: Path) -> Path:
    return work / "costs" / f"{task.node}-{task.fingerprint}.json"


def execute(task: Task, work: Path) -> Checkpoint:
    """Run the task and publish its folder; where it exists already, nothing is done."""
    found = cached(task, work)
    if found is not None:
        return found
    start = time.monotonic()
    with publish(task.folder(work)) as folder:
        folder.mkdir(parents=True)
        told = task.function(folder, task)
        done = told if isinstance(told, Timed) else Timed(told, {})
        counts = dict(done.counts)
        (folder / "counts.json").write_text(json.dumps(counts, sort_keys=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    parts = {name: round(seconds, 4) for name, seconds in done.seconds.items()}
    cost = Cost(round(time.monotonic() - start, 3), peak, parts)
    with publish(_cost_file(task, work)) as partial:
        partial.write_text(json.dumps(asdict(cost)))
    return Checkpoint(task.folder(work), task.fingerprint, counts, cost)


def save(folder: Path, **tables: pl.DataFrame) -> None:
    """Write each table as `<name>.parquet`."""
    for name, table in tables.items():
        write_table(table, folder / f"{name}.parquet")
