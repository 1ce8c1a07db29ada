"""What takes the place of each value: a placeholder, or a fake that no search finds again."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import polars as pl

from taojin.core.edits import Edit, apply
from taojin.pipeline.pii.detector import Detector
from taojin.pipeline.pii.fakes import fake
from taojin.pipeline.pii.search import Found


class Value(NamedTuple):
    """What was found in a text, and where."""

    start: int
    end: int
    detector: Detector
    spelling: str

    @property
    def placeholder(self) -> Edit:
        """The edit that puts the placeholder of its kind there."""
        return Edit(self.start, self.end, self.detector.kind, self.detector.placeholder)

    def faked(self, secret: bytes) -> Edit:
        """The edit that puts a fake there, the placeholder if the kind has none."""
        made = fake(self.detector.kind, self.spelling, secret)
        if made is None:
            return self.placeholder
        return Edit(self.start, self.end, self.detector.kind, made)


def with_fakes(
    texts: Sequence[str],
    values: Sequence[Sequence[Value]],
    make: Callable[[Value], Edit],
    search: Callable[[pl.Series], list[Found]],
) -> list[list[Edit]]:
    """Edits for the values of each text that put fakes there; placeholders in lines in which the
    search would find a value again, such as one that a fake makes with its neighbour.
    """
    edits = [[make(value) for value in found] for found in values]
    pending = list(range(len(texts)))
    while pending:
        changed = [apply(texts[at], edits[at]) for at in pending]
        lines: dict[int, set[int]] = {}
        for hit in search(pl.Series(changed, dtype=pl.String)):
            line = changed[hit.row].count("\n", 0, hit.start)
            lines.setdefault(pending[hit.row], set()).add(line)
        pending = [
            at for at, found in lines.items() if _mask(edits[at], values[at], texts[at], found)
        ]
    return edits


def _mask(edits: list[Edit], values: Sequence[Value], text: str, lines: set[int]) -> bool:
    """Put placeholders into some lines; whether any was a fake before."""
    masked = [
        value.placeholder if text.count("\n", 0, value.start) in lines else edit
        for edit, value in zip(edits, values, strict=True)
    ]
    is_changed = masked != edits
    edits[:] = masked
    return is_changed
