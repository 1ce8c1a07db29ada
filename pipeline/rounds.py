"""The rounds in which repeated passages are cut: which tasks depend on which.

A round cuts lines and sentences, then long spans of what is left. Where text was cut, other text
comes together, and a document that was left whole may be cut once others have been: so a round
follows until one cuts nothing. It looks for the keys alone that may still repeat.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from taojin.pipeline.recipe import Passages
from taojin.pipeline.steps import passages
from taojin.pipeline.task import Checkpoint, Task
from taojin.pipeline.walk import Shared, Walk


@dataclass
class Rounds:
    """The documents as they are now, by chunk, and the tables of what was found to repeat."""

    walk: Walk
    settings: Passages
    documents: Sequence[Checkpoint]
    decided: Sequence[Checkpoint]
    clusters: Sequence[Checkpoint]
    passes: int = 0
    repeated: list[Checkpoint] = field(default_factory=list)
    """Every table of keys and their keepers that something may have been cut by."""

    def run(self) -> None:
        """Round after round until one changes nothing."""
        found: Checkpoint | None = None
        windows: Checkpoint | None = None
        joined: list[Checkpoint] = []
        while True:
            found, cuts = self._passages(found)
            changed = _changed(cuts)
            if self.settings.substring:
                known = self._known(windows, [*joined, *cuts]) if windows else None
                windows, joined = self._substrings(known)
                changed += _changed(joined)
            if not changed:
                return

    def _passages(self, known: Checkpoint | None) -> tuple[Checkpoint, list[Checkpoint]]:
        """The lines and sentences that repeat, and the cuts of them."""
        tables = self._each("passage_rows", passages.rows, _given(known))
        found = self._find("passages", "passage_rows", tables)
        cuts = self._each("cut", passages.cut, {"repeated": (found,)}, rows=tables)
        self._apply(found, cuts)
        return found, cuts

    def _substrings(self, known: Checkpoint | None) -> tuple[Checkpoint, list[Checkpoint]]:
        """The windows that repeat, and the cuts of what they hold."""
        if known is None:
            anchored = self._each("anchor_rows", passages.anchors)
            anchors = self._find("anchors", "anchor_rows", anchored)
            given = {"anchors": (anchors,)}
            tables = self._each("window_rows", passages.windows, given, rows=anchored)
        else:
            tables = self._each("window_rows", passages.windows, _given(known))
        found = self._find("windows", "window_rows", tables)
        doubts = self._each("doubts", passages.doubts, {"repeated": (found,)}, rows=tables)
        inputs = {"repeated": (found,), "doubts": doubts}
        sure = self.walk.one(Task("sure", passages.sure, {}, inputs))
        given = {"repeated": (sure,)}
        cuts = self._each("cut_substrings", passages.cut_substrings, given, rows=tables)
        self._apply(sure, cuts)
        return found, cuts

    def _known(self, windows: Checkpoint, cuts: Sequence[Checkpoint]) -> Checkpoint:
        """The windows that may repeat now."""
        inputs = {"repeated": (windows,), "cuts": cuts}
        return self.walk.one(Task("known_windows", passages.known, {}, inputs))

    def _find(self, node: str, rows: str, tables: Sequence[Checkpoint]) -> Checkpoint:
        exchanged = self.walk.exchange(rows, tables)
        parameters = {**self._settings, "buckets": sorted(exchanged.counts)}
        return self.walk.one(Task(node, passages.find, parameters, {"rows": (exchanged,)}))

    def _each(
        self,
        node: str,
        function: object,
        shared: Shared | None = None,
        **own: Sequence[Checkpoint],
    ) -> list[Checkpoint]:
        return self.walk.each(
            node,
            function,  # type: ignore[arg-type]
            {**self._settings, "pass": self.passes},
            shared={"clusters": tuple(self.clusters), **(shared or {})},
            documents=self.documents,
            decisions=self.decided,
            **own,
        )

    def _apply(self, found: Checkpoint, cuts: Sequence[Checkpoint]) -> None:
        """Go on with the documents that a pass has written; it writes none where none changed."""
        self.repeated.append(found)
        self.passes += 1
        self.documents = [
            after if (after.path / "documents.parquet").is_file() else before
            for before, after in zip(self.documents, cuts, strict=True)
        ]

    @property
    def _settings(self) -> Mapping[str, object]:
        return {"passages": self.settings.model_dump(mode="json")}


def _changed(cuts: Sequence[Checkpoint]) -> int:
    return sum(one.counts["changed"] for one in cuts)


def _given(known: Checkpoint | None) -> Shared:
    return {"known": (known,)} if known else {}
