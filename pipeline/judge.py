"""Judging: decide, deduplicate, cut what many documents share, judge again, and settle.

Bounds are applied to stored metrics and duplicates found on stored keys, so that a changed bound
starts here; only what a cut has changed is read once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from taojin.pipeline.duplicates import Duplicates
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.rounds import Rounds
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
        """Cut what many kept documents share; what changed is measured and judged again."""
        settings = self.recipe.dedup.passages
        assert settings
        rounds = Rounds(self.walk, settings, judged.documents, judged.decided, judged.clusters)
        rounds.run()
        own = zip(self.sources, rounds.documents, judged.documents, judged.measures, strict=True)
        tasks = [
            Task(
                "measure_again",
                passages.remeasure,
                {**measure.settings(self.recipe), **measure.bounds(self.recipe, source)},
                {
                    "documents": (cut,),
                    "uncut": (uncut,),
                    "before": (before,),
                    "repeated": rounds.repeated,
                    **self.models,
                },
            )
            for source, cut, uncut, before in own
        ]
        measures = self.walk.run(tasks, "measure_again")
        return self.judge(measures, measures, again="_again")

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
