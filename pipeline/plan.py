"""`taojin plan`: the steps of a recipe, what is done already, and how large the input is."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from taojin.pipeline import inputs, kinds, places
from taojin.pipeline.graph import LocalRunner, OnDone
from taojin.pipeline.order import Order
from taojin.pipeline.progress import Silent
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.steps import against, endpoint
from taojin.pipeline.steps.classify import given_digests
from taojin.pipeline.steps.evaluate import index_task
from taojin.pipeline.task import Checkpoint, Task, cached
from taojin.pipeline.uses import USES
from taojin.pipeline.walk import Walk


class _MissingError(Exception):
    """The order cannot be walked further: what a task would count is not known."""


class _Unknown(dict[str, int]):
    """The counters of a task that has not run."""

    def __missing__(self, name: str) -> int:
        raise _MissingError(name)


@dataclass
class _Walker:
    """A runner that runs nothing: it finds what is there, and stands in for what is not."""

    seen: dict[str, tuple[int, int]] = field(default_factory=dict)

    def run(self, tasks: Sequence[Task], work: Path, done: OnDone) -> list[Checkpoint]:
        found = [cached(task, work) for task in tasks]
        if tasks:
            there = sum(one is not None for one in found)
            self.seen[tasks[0].node] = (there, len(tasks))
        for one in found:
            if one is not None:
                done(one)
        return [
            one or Checkpoint(task.folder(work), task.fingerprint, _Unknown())
            for task, one in zip(tasks, found, strict=True)
        ]

    def scatter(self, tables: Sequence[Path], buckets: int, folder: Path) -> None:
        LocalRunner().scatter(tables, buckets, folder)


def plan(recipe: Recipe, run: Path, limit: int | None, partition_bytes: int) -> str:
    """A line per source and per step; UserError as the recipe, its sources and the folder tell."""
    with places.claimed(run, recipe.name):  # it remembers the digests of the files there
        files = inputs.find_all(recipe, run)
        index_task(recipe, {})  # a missing evaluation set is told before any work
        given_digests(recipe)  # and so is a missing classifier
        against.digests(recipe)
        endpoint.marks(recipe.qa)  # and a server that is not named
    walker = _Walker()
    order = Order(recipe, files, Walk(run / "work", walker, Silent()), limit, partition_bytes)
    whole = False
    with suppress(_MissingError):
        order.products(order.account())
        whole = True
    sources = [
        f"{name:<20}{len(many):>7} files {sum(one.size_bytes for one in many) / 1e6:>10.1f} MB"
        for name, many in files.items()
    ]
    found = kinds.warnings(recipe, [source.kind for source in recipe.sources])
    told = ["", *(f"warning   {one['en']}" for one in found)] if found else []
    return "\n".join(["sources", *sources, "", "steps", *_steps(walker.seen, whole), *told])


def _steps(seen: dict[str, tuple[int, int]], whole: bool) -> list[str]:
    """A line per step; those that the walk has passed by are none of this recipe's."""
    lines = []
    passed = len(USES) if whole else max(map(list(USES).index, seen), default=0)
    for at, node in enumerate(USES):
        if node not in seen and at < passed:
            continue
        there, tasks = seen.get(node, (0, 0))
        if node not in seen:
            state = "depends on the steps above"
        elif there == tasks:
            state = f"{tasks} tasks, all cached"
        else:
            state = f"{tasks} tasks, {there} cached, {tasks - there} to run"
        lines.append(f"{node:<20}{state}")
    return lines
