"""The rounds in which repeated passages are cut: which tasks depend on which.

A round cuts lines and sentences, then long spans of what is left. Where text was cut, other text
comes together, and a document that was left whole may be cut once others have been: so a round
follows until one cuts nothing. It looks for the keys alone that may still repeat.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from taojin.pipeline.settings.dedup import Passages
from taojin.pipeline.steps import passages, substrings
from taojin.pipeline.task import Checkpoint, Counts, Task
from taojin.pipeline.walk import Walk

Chunks = Sequence[Sequence[Checkpoint]]
"""For every chunk the checkpoints of one input."""


@dataclass
class Rounds:
    """The documents as they are now, by chunk, and what has been found to repeat."""

    walk: Walk
    settings: Passages
    documents: Sequence[Checkpoint]
    decided: Sequence[Checkpoint]
    clusters: Sequence[Checkpoint]
    passes: int = 0
    repeated: list[Checkpoint] = field(default_factory=list)
    """Every table of keys and their keepers that something was cut by."""
    cuts: list[Sequence[Checkpoint]] = field(default_factory=list)
    """The cuts of every pass."""

    def run(self) -> None:
        """Round after round until one changes nothing."""
        lines, spans = Lines(self), Spans(self)
        while True:
            uncut = self.documents
            cuts = lines.cut()
            if self.settings.substring:
                cuts = spans.cut(cuts, uncut)
            if not sum(one.counts["changed"] for one in cuts):
                return

    def find(self, node: str, rows: str, tables: Sequence[Checkpoint]) -> Checkpoint:
        """What repeats among the rows of all chunks."""
        exchanged = self.walk.exchange(rows, tables)
        parameters = {**self._settings, "buckets": sorted(exchanged.counts)}
        return self.walk.one(Task(node, passages.find, parameters, {"rows": (exchanged,)}))

    def each(
        self,
        node: str,
        function: Callable[[Path, Task], Counts],
        shared: Mapping[str, Checkpoint] | None = None,
        own: Mapping[str, Chunks] | None = None,
    ) -> list[Checkpoint]:
        """One task per chunk, which has its documents and decisions and those of the inputs."""
        tasks = [
            Task(
                node,
                function,
                {**self._settings, "pass": self.passes},
                {
                    "documents": (documents,),
                    "decisions": (decided,),
                    "clusters": tuple(self.clusters),
                    **{name: (one,) for name, one in (shared or {}).items()},
                    **{name: chunks[at] for name, chunks in (own or {}).items()},
                },
            )
            for at, (documents, decided) in enumerate(
                zip(self.documents, self.decided, strict=True)
            )
        ]
        return self.walk.run(tasks, node)

    def so_far(self) -> Chunks:
        """The cuts of every pass, by chunk."""
        return list(zip(*self.cuts, strict=True))

    def apply(self, found: Checkpoint, cuts: Sequence[Checkpoint]) -> None:
        """Go on with the documents that a pass has written; it writes none where none changed."""
        self.repeated.append(found)
        self.cuts.append(cuts)
        self.passes += 1
        self.documents = [
            after if (after.path / "documents.parquet").is_file() else before
            for before, after in zip(self.documents, cuts, strict=True)
        ]

    @property
    def _settings(self) -> Mapping[str, object]:
        return {"passages": self.settings.model_dump(mode="json")}


@dataclass
class Lines:
    """The pass for lines and sentences."""

    rounds: Rounds
    found: Checkpoint | None = None
    rows: Sequence[Checkpoint] = ()

    def cut(self) -> list[Checkpoint]:
        rounds = self.rounds
        if self.found is None:
            self.rows = rounds.each("passage_rows", passages.rows)
        else:
            own = {"before": by_chunk(self.rows), "cuts": rounds.so_far()}
            known = {"known": self.found}
            self.rows = rounds.each("passage_rows", passages.rows_again, known, own)
        self.found = rounds.find("passages", "passage_rows", self.rows)
        given = {"repeated": self.found}
        cuts = rounds.each("cut", passages.cut, given, {"rows": by_chunk(self.rows)})
        rounds.apply(self.found, cuts)
        return cuts


@dataclass
class Spans:
    """The pass for long spans, on what the one for lines and sentences leaves."""

    rounds: Rounds
    found: Checkpoint | None = None
    anchored: Sequence[Checkpoint] = ()
    rows: Sequence[Checkpoint] = ()
    last: Sequence[Checkpoint] = ()

    def cut(self, before: Sequence[Checkpoint], uncut: Sequence[Checkpoint]) -> list[Checkpoint]:
        """`before`: the cuts of the other pass of this round; `uncut`: what it has cut."""
        rounds = self.rounds
        self.rows = self._again(before) if self.found else self._first()
        self.found = rounds.find("windows", "window_rows", self.rows)
        rows = {"rows": by_chunk(self.rows)}
        doubts = rounds.each("doubts", substrings.doubts, {"repeated": self.found}, rows)
        inputs = {"repeated": (self.found,), "doubts": doubts}
        sure = rounds.walk.one(Task("sure", substrings.sure, {}, inputs))
        own = {**rows, "cuts": by_chunk(before), "uncut": by_chunk(uncut)}
        self.last = rounds.each("cut_spans", substrings.cut, {"repeated": sure}, own)
        rounds.apply(sure, self.last)
        return list(self.last)

    def _first(self) -> Sequence[Checkpoint]:
        rounds = self.rounds
        self.anchored = rounds.each("anchor_rows", substrings.anchors)
        shared = rounds.find("anchors", "anchor_rows", self.anchored)
        own = {"rows": by_chunk(self.anchored)}
        return rounds.each("window_rows", substrings.windows, {"repeated": shared}, own)

    def _again(self, before: Sequence[Checkpoint]) -> Sequence[Checkpoint]:
        assert self.found
        inputs = {"repeated": (self.found,), "cuts": (*self.last, *before)}
        known = self.rounds.walk.one(Task("known_windows", substrings.known, {}, inputs))
        own = {
            "before": by_chunk(self.rows),
            "anchored": by_chunk(self.anchored),
            "cuts": self.rounds.so_far(),
        }
        return self.rounds.each("window_rows", substrings.windows_again, {"known": known}, own)


def by_chunk(checkpoints: Sequence[Checkpoint]) -> Chunks:
    """One checkpoint for each chunk."""
    return [(one,) for one in checkpoints]
