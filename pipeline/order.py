"""The order of a run: which tasks depend on which. It reads top to bottom.

Each step's tasks are handed to the runner together. What a step leaves is small (paths and
counters); the driver never holds a text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from taojin.pipeline import attempts
from taojin.pipeline.inputs import File, group
from taojin.pipeline.judge import Judge, Judged
from taojin.pipeline.mix import plan_mix
from taojin.pipeline.planted import self_test
from taojin.pipeline.qa.endpoint.answers import FOLDER as ANSWERS
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.shards.keys import shard_count
from taojin.pipeline.steps import (
    against,
    ask,
    chunks,
    classify,
    converse,
    dialogues,
    endpoint,
    evaluate,
    index,
    ingest,
    instruct,
    lists,
    measure,
    pack,
    perplexity,
    split,
    together,
    tokenize,
)
from taojin.pipeline.task import Checkpoint, Task
from taojin.pipeline.walk import Shared, Walk


@dataclass(frozen=True)
class Account:
    """What became of every record."""

    ingests: Sequence[Checkpoint]
    judged: Judged
    settled: Sequence[Checkpoint]
    indexes: Sequence[Checkpoint]
    """What later runs are deduplicated against."""
    sources: Sequence[str]
    """The source of each chunk."""
    models: Shared
    """The classifiers and the index of the evaluation sets."""
    item_cuts: Sequence[Checkpoint] = ()
    """What evaluation items were cut out of each chunk, if the recipe asks for it."""


@dataclass(frozen=True)
class Products:
    """What is made of the documents that are kept."""

    qa: Checkpoint
    tokenizer: Checkpoint
    shards: Mapping[str, Sequence[Checkpoint]]
    dialogues: Sequence[Checkpoint]
    """What the conversations of each chunk give, and the labelled rows of all of them."""
    sft: Checkpoint
    mix: pl.DataFrame
    together: Checkpoint
    """Which documents go to one split together."""


@dataclass(frozen=True)
class Order:
    """One run of a recipe over the files of its sources."""

    recipe: Recipe
    files: Mapping[str, Sequence[File]]
    walk: Walk
    limit: int | None
    partition_bytes: int

    def account(self) -> Account:
        """Read, clean, measure and judge: each document is kept or dropped."""
        earlier = against.earlier(self.recipe, self.walk, self.partition_bytes)
        evaluation = self.walk.one(evaluate.index_task(self.recipe, {}))
        self_test(evaluation)
        ingests = self._ingest()
        parts = [part for source, one in ingests for part in chunks.chunks(source, one)]
        sources = [part.source for part in parts]
        cleans = self.walk.run([part.clean(self.recipe) for part in parts], "clean")
        cuts = self._cut_items(cleans, evaluation) if self.recipe.decontaminate.cuts else []
        cleans = cuts or cleans
        models = {
            **self._trained(sources, cleans),
            "toxicity": (self.walk.one(self._given("toxicity")),),
            "lists": (self.walk.one(lists.task(self.recipe)),),
            "evaluation": (evaluation,),
        }
        filters = measure.settings(self.recipe)
        measures = self.walk.each(
            "measure", measure.measure, filters, documents=cleans, shared=models
        )
        judge = Judge(self.walk, self.recipe, sources, models, earlier)
        judged = judge.judge(cleans, measures)
        if self.recipe.dedup.passages:
            judged = judge.cut_passages(judged)
        settled = judge.settle(judged)
        indexes = self.walk.each(
            "index",
            index.index,
            index.settings(self.recipe),
            documents=settled,
            keys=judged.measures,
        )
        ingested = [one for _, one in ingests]
        return Account(ingested, judged, settled, indexes, sources, models, cuts)

    def products(self, account: Account) -> Products:
        """Ask, train the tokenizer, encode, mix and pack: the datasets of what is kept."""
        settled, evaluation = account.settled, {"evaluation": account.models["evaluation"]}
        near = {"together": (self._together(account),)}
        qa = self._qa(settled, evaluation)
        tokenizer = {"tokenizer": (self._tokenizer(settled),)}
        encoded = self.walk.each("encode", tokenize.encode, documents=settled, shared=tokenizer)
        mix = self._mix(account.sources, encoded)
        shards = self._shards(encoded, mix, near, {**tokenizer, **evaluation})
        talks = self.walk.each(
            "dialogues",
            dialogues.dialogues,
            dialogues.settings(self.recipe),
            documents=settled,
            shared=tokenizer,
        )
        talks = [*talks, *self._instructions(settled, {**tokenizer, **evaluation, **near})]
        texts = self._texts(account.sources, encoded)
        given = {"qa": (qa,), "dialogues": talks, "tokens": texts}
        sft = self._sft({**given, **tokenizer, **near})
        (one,) = near["together"]
        return Products(qa, tokenizer["tokenizer"][0], shards, talks, sft, mix, one)

    def _together(self, account: Account) -> Checkpoint:
        """The documents that go to one split together."""
        inputs = {"clusters": account.judged.clusters, "documents": account.settled}
        share = {"validation": self.recipe.shards.validation}
        return self.walk.one(Task("together", together.together, share, inputs))

    def _sft(self, inputs: Shared) -> Checkpoint:
        share = {"thread_share": self.recipe.dialogues.thread_share}
        shards = self.recipe.shards.model_dump(exclude={"tokens_per_shard", "packing", "bos"})
        settings = {**shards, **share, **self.recipe.sft.model_dump(mode="json")}
        return self.walk.one(Task("sft", converse.converse, settings, inputs))

    def _texts(self, sources: Sequence[str], encoded: Sequence[Checkpoint]) -> Sequence[Checkpoint]:
        """The documents that may stand among the dialogues: none that are dialogues themselves."""
        asked = self.recipe.sft.pretraining_share > 0
        free = {one.name for one in self.recipe.sources if one.weight and not one.instructions}
        pairs = zip(sources, encoded, strict=True)
        return [one for source, one in pairs if asked and source in free]

    def _instructions(self, settled: Sequence[Checkpoint], shared: Shared) -> list[Checkpoint]:
        """The dialogues of labelled tables, if the recipe names any."""
        settings = instruct.settings(self.recipe)
        if not settings["asked"]:
            return []
        rows = self.walk.each("instruction_rows", instruct.read, documents=settled)
        inputs = {"rows": rows, **shared}
        return [self.walk.one(Task("instructions", instruct.instruct, settings, inputs))]

    def _cut_items(
        self, documents: Sequence[Checkpoint], evaluation: Checkpoint
    ) -> list[Checkpoint]:
        """The documents without the stretches that hold evaluation items."""
        settings = self.recipe.decontaminate.model_dump(include={"most_overlap", "most_removed"})
        shared = {"evaluation": (evaluation,)}
        return self.walk.each(
            "cut_items", evaluate.cut, settings, documents=documents, shared=shared
        )

    def ingest_tasks(self) -> list[tuple[str, Task]]:
        """The tasks that read all groups of files, each with its source."""
        files = self._parted()
        return [
            (source.name, ingest.task(self.recipe, source, many, self.limit, self.partition_bytes))
            for source in self.recipe.sources
            for many in group(files[source.name], self.partition_bytes)
        ]

    def _parted(self) -> Mapping[str, Sequence[File]]:
        """The files of each source, large ones as their parts where all of them is read."""
        if self.limit is not None:
            return self.files
        whole = {one.name: self.files[one.name] for one in self.recipe.sources if not one.database}
        return {**self.files, **split.parted(self.walk, "split", whole, self.partition_bytes)}

    def _ingest(self) -> list[tuple[str, Checkpoint]]:
        """The checkpoints of all groups of files, each with its source."""
        tasks = self.ingest_tasks()
        numbered = attempts.numbered([task for _, task in tasks], self.walk.work)
        found = self.walk.run(numbered, "ingest")
        return [(source, one) for (source, _), one in zip(tasks, found, strict=True)]

    def _given(self, node: str) -> Task:
        return classify.given_task(node, *classify.given(self.recipe)[node])

    def _trained(
        self, sources: Sequence[str], cleans: Sequence[Checkpoint]
    ) -> dict[str, tuple[Checkpoint, ...]]:
        """The classifier and the n-gram model: trained on a sample, unless the recipe has them."""
        own = self.recipe.classifier.model is None, self.recipe.perplexity.model is None
        tasks = [
            classify.sample_task(self.recipe, source, one)
            for source, one in zip(sources, cleans, strict=True)
        ]
        samples = self.walk.run(tasks, "sample") if any(own) else []
        classifier = (
            classify.train_task(self.recipe, samples) if own[0] else self._given("classifier")
        )
        found: dict[str, tuple[Checkpoint, ...]] = {"classifier": (self.walk.one(classifier),)}
        if own[1]:
            found["perplexity"] = (self.walk.one(perplexity.train_task(samples)),)
        return found

    def _qa(self, settled: Sequence[Checkpoint], evaluation: Shared) -> Checkpoint:
        generator = self.recipe.qa.generator
        pairs: list[Checkpoint] = []
        if generator in ("offline", "both"):
            said = {"verdicts": (self.walk.one(ask.verdicts_task(self.recipe)),)}
            asking = self.recipe.qa.asking()
            pairs = self.walk.each("ask", ask.ask, asking, said, documents=settled)
        asked: Sequence[Checkpoint] = ()
        if generator in ("endpoint", "both"):
            tasks = endpoint.tasks(self.recipe.qa, settled, self.walk.work.parent / ANSWERS)
            asked = self.walk.run(tasks, "ask_endpoint")
        found = {"pairs": [*pairs, *asked], "usage": asked}
        bound = self.recipe.decontaminate.model_dump(include={"most_overlap"})
        return self.walk.one(Task("qa", ask.gather, bound, {**found, **evaluation}))

    def _tokenizer(self, settled: Sequence[Checkpoint]) -> Checkpoint:
        settings = self.recipe.tokenizer
        budget = {"budget_bytes": settings.sample_mb * 1_000_000}
        samples = self.walk.each("tokenizer_sample", tokenize.sample, budget, documents=settled)
        trained = settings.model_dump(mode="json", exclude={"sample_mb", "temperature"})
        parameters = {**budget, "temperature": settings.temperature, "settings": trained}
        return self.walk.one(Task("tokenizer", tokenize.fit, parameters, {"samples": samples}))

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
        near: Shared,
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
        copied = self.walk.each("copy", tokenize.copy, parameters, near, tokens=encoded)
        inputs = {"copies": copied, **shared}
        tasks = [
            Task(
                "shard",
                pack.shard,
                {
                    "name": f"{split}-{number:05d}",
                    "sequence_length": settings.sequence_length,
                    "packing": settings.packing,
                    "bos": settings.bos,
                    "most_overlap": self.recipe.decontaminate.most_overlap,
                },
                inputs,
            )
            for split, count in counts.items()
            for number in range(count)
        ]
        found = iter(self.walk.run(tasks, "shard"))
        return {split: [next(found) for _ in range(count)] for split, count in counts.items()}
