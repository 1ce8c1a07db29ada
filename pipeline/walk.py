"""A walk through the steps of a run: tasks go to the runner, a step at a time, and are recorded."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from taojin.core.hashing import fingerprint
from taojin.pipeline.graph import Runner, bucket_count, exchange
from taojin.pipeline.progress import Progress
from taojin.pipeline.task import Checkpoint, Counts, Task, Timed

Shared = Mapping[str, Sequence[Checkpoint]]
"""Inputs that every task of a step has alike."""


@dataclass
class Walk:
    """The steps done so far, and where the next ones run."""

    work: Path
    runner: Runner
    progress: Progress
    steps: list[tuple[str, Sequence[Checkpoint]]] = field(default_factory=list)

    def run(self, tasks: Sequence[Task], node: str) -> list[Checkpoint]:
        """One step: its independent tasks, all on the runner at once."""
        self.progress.start(node, len(tasks))
        found = self.runner.run(tasks, self.work, self.progress.advance)
        self.progress.finish()
        self.steps.append((node, found))
        return found

    def one(self, task: Task) -> Checkpoint:
        (found,) = self.run([task], task.node)
        return found

    def each(
        self,
        node: str,
        function: Callable[[Path, Task], Counts | Timed],
        parameters: Mapping[str, object] | None = None,
        shared: Shared | None = None,
        **inputs: Sequence[Checkpoint],
    ) -> list[Checkpoint]:
        """One task per chunk: each with its own of the inputs, and all with the shared ones."""
        tasks = [
            Task(
                node,
                function,
                parameters or {},
                {**{name: (one,) for name, one in zip(inputs, own, strict=True)}, **(shared or {})},
            )
            for own in zip(*inputs.values(), strict=True)
        ]
        return self.run(tasks, node)

    def exchange(self, node: str, tables: Sequence[Checkpoint]) -> Checkpoint:
        """The rows of all tables, grouped by key."""
        buckets = bucket_count(sum(one.counts["rows"] for one in tables))
        name = fingerprint({"tables": [one.fingerprint for one in tables], "buckets": buckets})
        folder = self.work / f"exchange_{node}" / name
        filled = [one.path / "rows.parquet" for one in tables if one.counts["rows"]]
        found = exchange(self.runner, filled, buckets, folder)
        return Checkpoint(folder, name, {path.name: 1 for path in found})
