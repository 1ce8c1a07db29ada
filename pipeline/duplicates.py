"""The order of deduplication: which tasks find the duplicates among the documents that passed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from taojin.dedup.documents.components import EDGES_IN_MEMORY
from taojin.pipeline.settings.dedup import Dedup, Near
from taojin.pipeline.steps import deduplicate
from taojin.pipeline.task import Checkpoint, Counts, Task
from taojin.pipeline.walk import Walk

UNITS_PER_BUCKET = 32_000_000
"""Of candidates that one task verifies, about: as many shingles, of 4 bytes, at most."""


Inputs = Mapping[str, Sequence[Checkpoint]]


@dataclass(frozen=True)
class Duplicates:
    """Finds the duplicates of a run's chunks, by their keys and the decisions on them.

    `earlier` are the keys of the documents of other runs, which come before all of these. `again`
    marks the names of its steps; beyond `edges_in_memory` the components are found by exchanges
    instead of in one process.
    """

    walk: Walk
    settings: Dedup
    keys: Sequence[Checkpoint]
    decided: Sequence[Checkpoint]
    earlier: Sequence[Checkpoint] = ()
    again: str = ""
    edges_in_memory: int = EDGES_IN_MEMORY

    def find(self) -> Checkpoint:
        """The clusters of all kinds that the recipe asks for."""
        found: dict[str, list[Checkpoint]] = {}
        labels: list[Checkpoint] = []
        if self.settings.url:
            newest = ["date"] if self.settings.url == "newest" else []
            rule = {"keep": [*newest, *(key for key in self.settings.keep if key not in newest)]}
            found["url"] = self._same_key("url", rule, found)
        if self.settings.exact:
            found["exact"] = self._same_key("exact", self._keep, found)
        if self.settings.near:
            found["near"], labels = self._near(self.settings.near, found)
        parameters = {**self._keep, "places": list(self.settings.against)}
        inputs = {**found, "labels": labels}
        return self.walk.one(Task(f"clusters{self.again}", deduplicate.join, parameters, inputs))

    @property
    def _keep(self) -> dict[str, object]:
        return {"keep": list(self.settings.keep)}

    def _same_key(
        self, kind: str, keep: Mapping[str, object], found: Mapping[str, list[Checkpoint]]
    ) -> list[Checkpoint]:
        """Clusters of documents that have a key in common, a task per bucket."""
        tables = self._each(f"{kind}_rows", deduplicate.key_rows, {"kind": kind}, found)
        rows = self.walk.exchange(f"{kind}_rows{self.again}", tables)
        return self._buckets(kind, deduplicate.same_key, {**keep, "kind": kind}, rows)

    def _near(
        self, near: Near, found: Mapping[str, list[Checkpoint]]
    ) -> tuple[list[Checkpoint], list[Checkpoint]]:
        """Clusters of documents that resemble each other, a task per bucket of components, and
        these components.
        """
        threshold = {"threshold": near.threshold}
        tables = self._each("near_rows", deduplicate.near_rows, threshold, found)
        rows = self.walk.exchange(f"near_rows{self.again}", tables)
        labels = self._labels(self._buckets("stars", deduplicate.stars, {}, rows))
        buckets = _bucket_count(tables, labels)
        settings = {**threshold, "verify": near.verify}
        candidates = self._each(
            "candidates", deduplicate.candidates, {**settings, "buckets": buckets}, found, labels
        )
        tasks = [
            Task(
                f"near{self.again}",
                deduplicate.near,
                {**self._keep, **settings, "bucket": bucket},
                {"candidates": candidates},
            )
            for bucket in range(buckets)
        ]
        return self.walk.run(tasks, f"near{self.again}"), labels

    def _labels(self, stars: Sequence[Checkpoint]) -> list[Checkpoint]:
        """The component of each document that shares a key: in one process, or in turns."""
        node = f"components{self.again}"
        if sum(one.counts["edges"] for one in stars) <= self.edges_in_memory:
            return [self.walk.one(Task(node, deduplicate.components, {}, {"edges": stars}))]
        tables = self.walk.each(node, deduplicate.both_ways, edges=stars)
        moved = 1
        while moved:
            moved = 0
            for turn in ("large", "small"):
                rows = self.walk.exchange(node, tables)
                tables = self._buckets("components", deduplicate.turn, {"turn": turn}, rows)
                moved += sum(one.counts["moved"] for one in tables)
        return tables

    def _each(
        self,
        node: str,
        function: Callable[[Path, Task], Counts],
        parameters: Mapping[str, object],
        found: Mapping[str, list[Checkpoint]],
        labels: Sequence[Checkpoint] = (),
    ) -> list[Checkpoint]:
        """One task per chunk, among the documents that no duplicate found before stands for."""
        gone = [one for many in found.values() for one in many]
        own: list[Inputs] = [
            {"keys": (keys,), "decisions": (decided,), "found": gone, "labels": labels}
            for keys, decided in zip(self.keys, self.decided, strict=True)
        ]
        others: list[Inputs] = [{"keys": (keys,), "labels": labels} for keys in self.earlier]
        node = f"{node}{self.again}"
        tasks = [Task(node, function, parameters, inputs) for inputs in (*own, *others)]
        return self.walk.run(tasks, node)

    def _buckets(
        self,
        node: str,
        function: Callable[[Path, Task], Counts],
        parameters: Mapping[str, object],
        rows: Checkpoint,
    ) -> list[Checkpoint]:
        """One task per bucket of an exchange."""
        tasks = [
            Task(f"{node}{self.again}", function, {**parameters, "bucket": name}, {"rows": (rows,)})
            for name in sorted(rows.counts)
        ]
        return self.walk.run(tasks, f"{node}{self.again}")


def _bucket_count(tables: Sequence[Checkpoint], labels: Sequence[Checkpoint]) -> int:
    """Buckets of components: by the units that their documents have if they are like all others."""
    documents = sum(one.counts["documents"] for one in tables)
    units = sum(one.counts["units"] for one in tables)
    candidates = sum(one.counts["candidates"] for one in labels)
    if not candidates:
        return 0
    return candidates * units // max(documents, 1) // UNITS_PER_BUCKET + 1
