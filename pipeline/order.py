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
    passages,
    settle,
    tokenize,
)
from taojin.pipeline.task import Checkpoint, Task

TEXT_SAMPLE = 2_000
"""Dropped documents that keep their text, about: enough to look at, whatever the corpus."""


Shared = Mapping[str, Sequence[Checkpoint]]
"""Inputs that every task of a step has alike."""


@dataclass(frozen=True)
class Judged:
    """Documents by chunk, with their metrics, the decisions on them and their clusters."""

    documents: Sequence[Checkpoint]
    measures: Sequence[Checkpoint]
    decided: Sequence[Checkpoint]
    clusters: Sequence[Checkpoint]


@dataclass(frozen=True)
class Curated:
    """What all steps have left."""

    ingests: Mapping[str, Sequence[Checkpoint]]
    judged: Judged
    settled: Sequence[Checkpoint]
    pairs: Sequence[Checkpoint]
    qa: Checkpoint
    tokenizer: Checkpoint
    classifier: Checkpoint
    shards: Mapping[str, Sequence[Checkpoint]]
    sft: Checkpoint
    mix: pl.DataFrame


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
    chunk_sources: Sequence[str] = ()

    def curate(self) -> Curated:
        """All steps, from the sources' files to the shards."""
        ingests = self._ingest()
        parts = [
            part
            for source in self.recipe.sources
            for one in ingests[source.name]
            for part in chunks.chunks(source.name, one)
        ]
        self.chunk_sources = [part.source for part in parts]
        cleans = self._run([part.clean(self.recipe) for part in parts], "clean")
        models = {
            "classifier": (self._classifier(cleans),),
            "evaluation": (self._one(evaluate.index_task(self.recipe, {})),),
        }
        filters = measure.settings(self.recipe)
        measures = self._each("measure", measure.measure, filters, documents=cleans, shared=models)
        judged = self._judge(cleans, measures)
        if self.recipe.dedup.passages:
            judged = self._cut_passages(judged, models)
        settled = self._settle(judged)
        self._guard("dedup", settled, "passed", "kept", "dropped")
        pairs, qa = self._qa(settled, models)
        tokenizer = {"tokenizer": (self._tokenizer(settled),)}
        encoded = self._each("encode", tokenize.encode, documents=settled, shared=tokenizer)
        mix = self._mix(encoded)
        shards = self._shards(encoded, mix, {**tokenizer, "evaluation": models["evaluation"]})
        shard_settings = self.recipe.shards.model_dump()
        sft = self._one(Task("sft", pack.converse, shard_settings, {"qa": (qa,), **tokenizer}))
        return Curated(
            ingests=ingests,
            judged=judged,
            settled=settled,
            pairs=pairs,
            qa=qa,
            tokenizer=tokenizer["tokenizer"][0],
            classifier=models["classifier"][0],
            shards=shards,
            sft=sft,
            mix=mix,
        )

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

    def _classifier(self, cleans: Sequence[Checkpoint]) -> Checkpoint:
        tasks = [
            classify.sample_task(self.recipe, source, one)
            for source, one in zip(self.chunk_sources, cleans, strict=True)
        ]
        return self._one(classify.train_task(self.recipe, self._run(tasks, "sample")))

    def _judge(
        self, documents: Sequence[Checkpoint], measures: Sequence[Checkpoint], again: str = ""
    ) -> Judged:
        """Decide, then deduplicate what passed."""
        tasks = [
            Task(
                f"decide{again}",
                measure.decide,
                measure.bounds(self.recipe, source),
                {"metrics": (one,)},
            )
            for source, one in zip(self.chunk_sources, measures, strict=True)
        ]
        decided = self._run(tasks, f"decide{again}")
        self._guard("decide", decided, "documents", "passed", "decisions")
        return Judged(documents, measures, decided, self._clusters(measures, decided, again))

    def _clusters(
        self, measures: Sequence[Checkpoint], decided: Sequence[Checkpoint], again: str
    ) -> list[Checkpoint]:
        """Exact, then near duplicates, as far as the recipe asks for them."""
        found: list[Checkpoint] = []
        settings = {"dedup": self.recipe.dedup.model_dump(mode="json")}
        if self.recipe.dedup.exact:
            tables = self._each(
                f"exact_rows{again}", deduplicate.exact_rows, keys=measures, decisions=decided
            )
            rows = self._exchange(f"exact_rows{again}", tables)
            parameters = {**settings, "buckets": sorted(rows.counts)}
            task = Task(f"exact{again}", deduplicate.exact, parameters, {"rows": (rows,)})
            found.append(self._one(task))
        if self.recipe.dedup.near:
            tables = self._each(
                f"near_rows{again}",
                deduplicate.near_rows,
                shared={"exact": tuple(found)},
                keys=measures,
                decisions=decided,
            )
            rows = self._exchange(f"near_rows{again}", tables)
            parameters = {**settings, "buckets": sorted(rows.counts)}
            inputs = {"rows": (rows,), "keys": measures, "decisions": decided}
            found.append(self._one(Task(f"near{again}", deduplicate.near, parameters, inputs)))
        return found

    def _cut_passages(self, judged: Judged, models: Shared) -> Judged:
        """Cut lines that many kept documents share; what changed is measured and judged again."""
        settings = self.recipe.dedup.model_dump(include={"passages"})
        tables = self._each(
            "line_rows",
            passages.rows,
            shared={"clusters": tuple(judged.clusters)},
            documents=judged.documents,
            decisions=judged.decided,
        )
        rows = self._exchange("line_rows", tables)
        parameters = {**settings, "buckets": sorted(rows.counts)}
        found = self._one(Task("passages", passages.find, parameters, {"rows": (rows,)}))
        cuts = self._each(
            "cut",
            passages.cut,
            settings,
            shared={"passages": (found,)},
            documents=judged.documents,
            decisions=judged.decided,
        )
        measures = self._each(
            "measure_again",
            passages.remeasure,
            measure.settings(self.recipe),
            shared=models,
            documents=cuts,
            before=judged.measures,
        )
        return self._judge(cuts, measures, again="_again")

    def _exchange(self, node: str, tables: Sequence[Checkpoint]) -> Checkpoint:
        """The rows of all tables, grouped by key."""
        buckets = bucket_count(sum(one.counts["rows"] for one in tables))
        name = fingerprint({"tables": [one.fingerprint for one in tables], "buckets": buckets})
        folder = self.work / f"exchange_{node}" / name
        filled = [one.path / "rows.parquet" for one in tables if one.counts["rows"]]
        found = exchange(self.runner, filled, buckets, folder)
        return Checkpoint(folder, name, {path.name: 1 for path in found})

    def _settle(self, judged: Judged) -> list[Checkpoint]:
        dropped = sum(one.counts["documents"] - one.counts["passed"] for one in judged.decided)
        dropped += sum(one.counts["removed"] for one in judged.clusters)
        near = self.recipe.dedup.near
        parameters = {
            "threshold": near.threshold if near else 1.0,
            "text_share": min(1.0, TEXT_SAMPLE / max(dropped, 1)),
        }
        return self._each(
            "settle",
            settle.settle,
            parameters,
            shared={"clusters": tuple(judged.clusters)},
            documents=judged.documents,
            metrics=judged.measures,
            decisions=judged.decided,
        )

    def _guard(
        self, step: str, checkpoints: Sequence[Checkpoint], before: str, after: str, table: str
    ) -> None:
        """Stop the run where a step removed far more of a source than expected."""
        by_source: dict[str, list[Checkpoint]] = {}
        for source, one in zip(self.chunk_sources, checkpoints, strict=True):
            by_source.setdefault(source, []).append(one)
        removals = {
            source: Removal(
                sum(one.counts[before] for one in many), sum(one.counts[after] for one in many)
            )
            for source, many in by_source.items()
        }
        check(
            step,
            removals,
            self.recipe.guard,
            lambda source: _most_frequent(by_source[source], table),
        )

    def _qa(
        self, settled: Sequence[Checkpoint], models: Shared
    ) -> tuple[list[Checkpoint], Checkpoint]:
        asks = self.recipe.qa.generator == "offline"
        asked = self._each("ask", ask.ask, documents=settled) if asks else []
        inputs = {"pairs": asked, "evaluation": models["evaluation"]}
        return asked, self._one(Task("qa", ask.gather, {}, inputs))

    def _tokenizer(self, settled: Sequence[Checkpoint]) -> Checkpoint:
        settings = self.recipe.tokenizer
        budget = {"budget_bytes": settings.sample_mb * 1_000_000}
        samples = self._each("tokenizer_sample", tokenize.sample, budget, documents=settled)
        parameters = {**budget, "vocabulary": settings.vocabulary}
        return self._one(Task("tokenizer", tokenize.fit, parameters, {"samples": samples}))

    def _mix(self, encoded: Sequence[Checkpoint]) -> pl.DataFrame:
        totals = {source.name: [0, 0] for source in self.recipe.sources}
        for source, one in zip(self.chunk_sources, encoded, strict=True):
            totals[source][0] += one.counts["documents"]
            totals[source][1] += one.counts["tokens"]
        rows = [(source, *numbers) for source, numbers in totals.items()]
        table = pl.DataFrame(rows, schema=["source", "documents", "tokens"], orient="row")
        return plan_mix(table, {one.name: one.weight for one in self.recipe.sources})

    def _shards(
        self,
        encoded: Sequence[Checkpoint],
        mix: pl.DataFrame,
        shared: Shared,
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
        copied = self._each("copy", tokenize.copy, parameters, tokens=encoded)
        inputs = {"copies": copied, **shared}
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
