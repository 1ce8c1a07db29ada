"""The order of a run: which tasks depend on which. It reads top to bottom, as DESIGN's order does.

Each step's tasks are handed to the runner together. What a step leaves is small (paths and
counters); the driver never holds a text.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from taojin.core.hashing import fingerprint
from taojin.pipeline.graph import Runner, bucket_count, exchange
from taojin.pipeline.guard import Removal, check
from taojin.pipeline.inputs import File, group
from taojin.pipeline.mix import plan_mix
from taojin.pipeline.progress import Progress
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.shards.keys import shard_count
from taojin.pipeline.steps import (
    ask,
    chunks,
    classify,
    deduplicate,
    evaluate,
    ingest,
    measure,
    pack,
    settle,
    tokenize,
)
from taojin.pipeline.task import Checkpoint, Task

TEXT_SAMPLE = 2_000
"""Dropped documents that keep their text, about: enough to look at, whatever the corpus."""


@dataclass(frozen=True)
class Curated:
    """What all steps have left."""

    ingests: Mapping[str, Sequence[Checkpoint]]
    cleans: Sequence[Checkpoint]
    settled: Sequence[Checkpoint]
    clusters: Sequence[Checkpoint]
    pairs: Sequence[Checkpoint]
    qa: Checkpoint
    tokenizer: Checkpoint
    classifier: Checkpoint
    shards: Mapping[str, Sequence[Checkpoint]]
    sft: Checkpoint
    mix: pl.DataFrame
    decided: Sequence[Checkpoint]


@dataclass
class Order:
    """One run of a recipe over the files of its sources."""

    recipe: Recipe
    files: Mapping[str, Sequence[File]]
    work: Path
    runner: Runner
    progress: Progress
    limit: int | None
    partition_bytes: int
    steps: list[tuple[str, Sequence[Checkpoint]]] = field(default_factory=list)

    def curate(self) -> Curated:
        """All steps, from the sources' files to the shards."""
        ingests = self._ingest()
        parts = [
            part
            for source in self.recipe.sources
            for one in ingests[source.name]
            for part in chunks.chunks(source.name, one)
        ]
        sources = [part.source for part in parts]
        cleans = self._run([part.clean(self.recipe) for part in parts], "clean")
        classifier = self._classifier(sources, cleans)
        evaluation = self._one(evaluate.index_task(self.recipe, {}))
        measures = self._run(
            [measure.measure_task(self.recipe, one, classifier, evaluation) for one in cleans],
            "measure",
        )
        decided = self._run(
            [
                measure.decide_task(self.recipe, source, one)
                for source, one in zip(sources, measures, strict=True)
            ],
            "decide",
        )
        self._guard("decide", sources, decided, "documents", "passed", "decisions")
        clusters = self._clusters(measures, decided)
        settled = self._settle(cleans, measures, decided, clusters)
        self._guard("dedup", sources, settled, "passed", "kept", "dropped")
        pairs, qa = self._qa(settled, evaluation)
        tokenizer = self._tokenizer(settled)
        encoded = self._each(
            "encode", tokenize.encode, settled, "documents", tokenizer=(tokenizer,)
        )
        mix = self._mix(sources, encoded)
        shards = self._shards(encoded, mix, tokenizer, evaluation)
        sft = self._one(
            Task(
                "sft",
                pack.converse,
                self.recipe.shards.model_dump(),
                {"qa": (qa,), "tokenizer": (tokenizer,)},
            )
        )
        return Curated(
            ingests, cleans, settled, clusters, pairs, qa, tokenizer, classifier, shards, sft, mix,
            decided,
        )  # fmt: skip

    def _run(self, tasks: Sequence[Task], node: str) -> list[Checkpoint]:
        """One step: its independent tasks, all on the runner at once."""
        self.progress.start(node, len(tasks))
        found = self.runner.run(tasks, self.work, self.progress.advance)
        self.progress.finish()
        self.steps.append((node, found))
        return found

    def _one(self, task: Task) -> Checkpoint:
        (found,) = self._run([task], task.node)
        return found

    def _each(
        self,
        node: str,
        function: Callable[[Path, Task], Mapping[str, int]],
        checkpoints: Sequence[Checkpoint],
        name: str,
        parameters: Mapping[str, object] | None = None,
        **shared: Sequence[Checkpoint],
    ) -> list[Checkpoint]:
        """One task per checkpoint, with the same parameters and the same shared inputs."""
        tasks = [
            Task(node, function, parameters or {}, {name: (one,), **shared}) for one in checkpoints
        ]
        return self._run(tasks, node)

    def _ingest(self) -> dict[str, list[Checkpoint]]:
        tasks = {
            source.name: [
                ingest.task(self.recipe, source, files, self.limit, self.partition_bytes)
                for files in group(self.files[source.name], self.partition_bytes)
            ]
            for source in self.recipe.sources
        }
        found = iter(self._run([task for many in tasks.values() for task in many], "ingest"))
        return {name: [next(found) for _ in many] for name, many in tasks.items()}

    def _classifier(self, sources: Sequence[str], cleans: Sequence[Checkpoint]) -> Checkpoint:
        tasks = [
            classify.sample_task(self.recipe, source, one)
            for source, one in zip(sources, cleans, strict=True)
        ]
        return self._one(classify.train_task(self.recipe, self._run(tasks, "sample")))

    def _clusters(
        self, measures: Sequence[Checkpoint], decided: Sequence[Checkpoint]
    ) -> list[Checkpoint]:
        """Exact, then near duplicates, as far as the recipe asks for them."""
        found: list[Checkpoint] = []
        settings = self.recipe.dedup
        parameters = {"dedup": settings.model_dump(mode="json")}
        pairs = list(zip(measures, decided, strict=True))
        if settings.exact:
            tasks = [
                Task(
                    "exact_rows", deduplicate.exact_rows, {}, {"keys": (keys,), "decisions": (one,)}
                )
                for keys, one in pairs
            ]
            rows = self._exchange("exact_rows", self._run(tasks, "exact_rows"))
            found.append(
                self._one(
                    Task(
                        "exact",
                        deduplicate.exact,
                        {**parameters, **_buckets(rows)},
                        {"rows": (rows,)},
                    )
                )
            )
        if settings.near:
            tasks = [
                Task(
                    "near_rows",
                    deduplicate.near_rows,
                    {},
                    {"keys": (keys,), "decisions": (one,), "exact": tuple(found)},
                )
                for keys, one in pairs
            ]
            rows = self._exchange("near_rows", self._run(tasks, "near_rows"))
            inputs = {"rows": (rows,), "keys": measures, "decisions": decided}
            near = Task("near", deduplicate.near, {**parameters, **_buckets(rows)}, inputs)
            found.append(self._one(near))
        return found

    def _exchange(self, node: str, tables: Sequence[Checkpoint]) -> Checkpoint:
        """The rows of all tables, grouped by key."""
        buckets = bucket_count(sum(one.counts["rows"] for one in tables))
        name = fingerprint({"tables": [one.fingerprint for one in tables], "buckets": buckets})
        folder = self.work / f"exchange_{node}" / name
        filled = [one.path / "rows.parquet" for one in tables if one.counts["rows"]]
        found = exchange(self.runner, filled, buckets, folder)
        return Checkpoint(folder, name, {path.name: 1 for path in found})

    def _settle(
        self,
        cleans: Sequence[Checkpoint],
        measures: Sequence[Checkpoint],
        decided: Sequence[Checkpoint],
        clusters: Sequence[Checkpoint],
    ) -> list[Checkpoint]:
        dropped = sum(one.counts["documents"] - one.counts["passed"] for one in decided)
        dropped += sum(one.counts["removed"] for one in clusters)
        near = self.recipe.dedup.near
        parameters = {
            "threshold": near.threshold if near else 1.0,
            "text_share": min(1.0, TEXT_SAMPLE / max(dropped, 1)),
        }
        tasks = [
            Task(
                "settle",
                settle.settle,
                parameters,
                {
                    "documents": (documents,),
                    "metrics": (metrics,),
                    "decisions": (decisions,),
                    "clusters": clusters,
                },
            )
            for documents, metrics, decisions in zip(cleans, measures, decided, strict=True)
        ]
        return self._run(tasks, "settle")

    def _guard(
        self,
        step: str,
        sources: Sequence[str],
        checkpoints: Sequence[Checkpoint],
        before: str,
        after: str,
        table: str,
    ) -> None:
        """Stop the run where a step removed far more of a source than expected."""
        removals: dict[str, Removal] = {}
        for source, one in zip(sources, checkpoints, strict=True):
            found = removals.get(source, Removal(0, 0))
            removals[source] = Removal(
                found.before + one.counts[before], found.after + one.counts[after]
            )

        def most_frequent(source: str) -> list[str]:
            chosen = [one for name, one in zip(sources, checkpoints, strict=True) if name == source]
            return _most_frequent(chosen, table)

        check(step, removals, self.recipe.guard, most_frequent)

    def _qa(
        self, settled: Sequence[Checkpoint], evaluation: Checkpoint
    ) -> tuple[list[Checkpoint], Checkpoint]:
        asked = self._each("ask", ask.ask, settled, "documents") if self._asks else []
        inputs = {"pairs": asked, "evaluation": (evaluation,)}
        return asked, self._one(Task("qa", ask.gather, {}, inputs))

    @property
    def _asks(self) -> bool:
        return self.recipe.qa.generator == "offline"

    def _tokenizer(self, settled: Sequence[Checkpoint]) -> Checkpoint:
        settings = self.recipe.tokenizer
        budget = {"budget_bytes": settings.sample_mb * 1_000_000}
        samples = self._each("tokenizer_sample", tokenize.sample, settled, "documents", budget)
        parameters = {**budget, "vocabulary": settings.vocabulary}
        return self._one(Task("tokenizer", tokenize.fit, parameters, {"samples": samples}))

    def _mix(self, sources: Sequence[str], encoded: Sequence[Checkpoint]) -> pl.DataFrame:
        totals = {source.name: [0, 0] for source in self.recipe.sources}
        for source, one in zip(sources, encoded, strict=True):
            totals[source][0] += one.counts["documents"]
            totals[source][1] += one.counts["tokens"]
        rows = [(source, *numbers) for source, numbers in totals.items()]
        table = pl.DataFrame(rows, schema=["source", "documents", "tokens"], orient="row")
        return plan_mix(table, {one.name: one.weight for one in self.recipe.sources})

    def _shards(
        self,
        encoded: Sequence[Checkpoint],
        mix: pl.DataFrame,
        tokenizer: Checkpoint,
        evaluation: Checkpoint,
    ) -> dict[str, list[Checkpoint]]:
        """The packed shards of each split; how many there are depends on the tokens alone."""
        settings = self.recipe.shards
        total = int(mix["expected_tokens"].sum())
        validation = int(total * settings.validation)
        counts = {
            split: shard_count(tokens, settings.tokens_per_shard)
            for split, tokens in (("train", total - validation), ("validation", validation))
        }
        parameters = {
            "epochs": dict(mix.select("source", "epochs").iter_rows()),
            "shards": counts,
            "seed": settings.seed,
            "validation": settings.validation,
        }
        copied = self._each("copy", tokenize.copy, encoded, "tokens", parameters)
        inputs = {"copies": copied, "tokenizer": (tokenizer,), "evaluation": (evaluation,)}
        tasks = [
            Task(
                "shard",
                pack.shard,
                {
                    "name": f"{split}-{number:05d}",
                    "sequence_length": settings.sequence_length,
                    "most_overlap": self.recipe.decontaminate.most_overlap,
                },
                inputs,
            )
            for split, count in counts.items()
            for number in range(count)
        ]
        found = iter(self._run(tasks, "shard"))
        return {split: [next(found) for _ in range(count)] for split, count in counts.items()}


def _most_frequent(checkpoints: Sequence[Checkpoint], table: str) -> list[str]:
    """The three reasons that caught most documents."""
    reasons = pl.concat([one.read(table)["drop_reasons"] for one in checkpoints]).explode()
    counts = reasons.drop_nulls().value_counts().sort("count", "drop_reasons", descending=True)
    return [f"{reason} ({count:,})" for reason, count in counts.head(3).iter_rows()]


def _buckets(rows: Checkpoint) -> dict[str, object]:
    return {"buckets": sorted(rows.counts)}
