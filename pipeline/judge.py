"""Judging: decide, deduplicate, cut what many documents share, judge again, and settle.

Bounds are applied to stored metrics and duplicates found on stored keys, so that a changed bound
starts here; only what a cut has changed is read once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from taojin.pipeline.duplicates import Duplicates
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.steps import measure, passages, quantile, settle
from taojin.pipeline.task import Checkpoint, Task
from taojin.pipeline.walk import Shared, Walk

TEXT_SAMPLE = 2_000
"""Dropped documents that keep their text, about: enough to look at, whatever the corpus."""


@dataclass(frozen=True)
class Judged:
    """Documents by chunk, with their metrics, the decisions on them and their clusters."""

    documents: Sequence[Checkpoint]
    measures: Sequence[Checkpoint]
    decided: Sequence[Checkpoint]
    clusters: Sequence[Checkpoint]


@dataclass(frozen=True)
class Judge:
    """Judges the chunks of a run; `sources` names the source of each, `models` measure them.

    `earlier` are the keys of the documents that this run is deduplicated against.
    """

    walk: Walk
    recipe: Recipe
    sources: Sequence[str]
    models: Shared
    earlier: Sequence[Checkpoint] = ()

    def judge(
        self, documents: Sequence[Checkpoint], measures: Sequence[Checkpoint], again: str = ""
    ) -> Judged:
        """Decide, then deduplicate what passed."""
        keep = self._keep(measures, again)
        tasks = [
            Task(
                f"decide{again}",
                measure.decide,
                measure.bounds(self.recipe, source),
                {"metrics": (one,), **keep},
            )
            for source, one in zip(self.sources, measures, strict=True)
        ]
        decided = self.walk.run(tasks, f"decide{again}")
        return Judged(documents, measures, decided, self._clusters(measures, decided, again))

    def _keep(self, measures: Sequence[Checkpoint], again: str) -> Shared:
        """The last documents that quantiles keep."""
        (classifier,) = self.models["classifier"]
        task = quantile.task(self.recipe, f"keep{again}", measures, classifier)
        return {"keep": (self.walk.one(task),)}

    def _clusters(
        self, measures: Sequence[Checkpoint], decided: Sequence[Checkpoint], again: str
    ) -> list[Checkpoint]:
        """Duplicates of every kind that the recipe asks for."""
        return [
            Duplicates(self.walk, self.recipe.dedup, measures, decided, self.earlier, again).find()
        ]

    def cut_passages(self, judged: Judged) -> Judged:
        """Cut lines that many kept documents share; what changed is measured and judged again."""
        settings = self.recipe.dedup.model_dump(include={"passages"})
        tables = self.walk.each(
            "line_rows",
            passages.rows,
            shared={"clusters": tuple(judged.clusters)},
            documents=judged.documents,
            decisions=judged.decided,
        )
        rows = self.walk.exchange("line_rows", tables)
        parameters = {**settings, "buckets": sorted(rows.counts)}
        found = self.walk.one(Task("passages", passages.find, parameters, {"rows": (rows,)}))
        cuts = self.walk.each(
            "cut",
            passages.cut,
            settings,
            shared={"passages": (found,), "clusters": tuple(judged.clusters)},
            documents=judged.documents,
            decisions=judged.decided,
        )
        measures = self.walk.each(
            "measure_again",
            passages.remeasure,
            measure.settings(self.recipe),
            shared=self.models,
            documents=cuts,
            before=judged.measures,
        )
        return self.judge(cuts, measures, again="_again")

    def settle(self, judged: Judged) -> list[Checkpoint]:
        dropped = sum(one.counts["documents"] - one.counts["passed"] for one in judged.decided)
        dropped += sum(one.counts["removed"] for one in judged.clusters)
        near = self.recipe.dedup.near
        parameters = {
            "threshold": near.threshold if near else 1.0,
            "text_share": min(1.0, TEXT_SAMPLE / max(dropped, 1)),
        }
        return self.walk.each(
            "settle",
            settle.settle,
            parameters,
            shared={"clusters": tuple(judged.clusters)},
            documents=judged.documents,
            metrics=judged.measures,
            decisions=judged.decided,
        )
