"""`taojin plan`: the steps of a recipe, what is done already, and how large the input is."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from taojin.pipeline import inputs
from taojin.pipeline.graph import LocalRunner, OnDone
from taojin.pipeline.order import Order
from taojin.pipeline.progress import Silent
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.task import Checkpoint, Task, cached
from taojin.pipeline.uses import USES
from taojin.pipeline.walk import Walk


class _MissingError(Exception):
    """The order cannot be walked further: a task has not run."""


@dataclass
class _Walker:
    """A runner that runs nothing: it reads what is there and stops where something is not."""

    seen: dict[str, tuple[int, int]] = field(default_factory=dict)

    def run(self, tasks: Sequence[Task], work: Path, done: OnDone) -> list[Checkpoint]:
        found = [cached(task, work) for task in tasks]
        there = [one for one in found if one is not None]
        for one in there:
            done(one)
        if tasks:
            self.seen[tasks[0].node] = (len(there), len(tasks))
        if len(there) < len(tasks):
            raise _MissingError
        return there

    def scatter(self, tables: Sequence[Path], buckets: int, folder: Path) -> None:
        LocalRunner().scatter(tables, buckets, folder)


def plan(recipe: Recipe, run: Path, limit: int | None, partition_bytes: int) -> str:
    """A line per source and per step; UserError as the recipe and its sources tell."""
    files = inputs.find_all(recipe, run)
    walker = _Walker()
    order = Order(recipe, files, Walk(run / "work", walker, Silent()), limit, partition_bytes)
    with suppress(_MissingError):
        order.products(order.account())
    sources = [
        f"{name:<20}{len(many):>7} files {sum(one.size_bytes for one in many) / 1e6:>10.1f} MB"
        for name, many in files.items()
    ]
    return "\n".join(["sources", *sources, "", "steps", *_steps(walker.seen)])


def _steps(seen: dict[str, tuple[int, int]]) -> list[str]:
    lines = []
    for node in USES:
        there, tasks = seen.get(node, (0, 0))
        if node not in seen:
            state = "depends on the steps above"
        elif there == tasks:
            state = f"{tasks} tasks, all cached"
        else:
            state = f"{tasks} tasks, {there} cached, {tasks - there} to run"
        lines.append(f"{node:<20}{state}")
    return lines
