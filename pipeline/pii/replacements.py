"""What takes the place of each value: a placeholder, or a fake that no search finds again."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import polars as pl

from taojin.core.edits import Edit, apply, moved
from taojin.pipeline.pii.fakes import fake
from taojin.pipeline.pii.search import Found


class Value(NamedTuple):
    """What was found in a text, and where."""

    start: int
    end: int
    kind: str
    placeholder: str
    spelling: str

    @property
    def masked(self) -> Edit:
        """The edit that puts the placeholder there."""
        return Edit(self.start, self.end, self.kind, self.placeholder)

    def faked(self, secret: bytes) -> Edit:
        """The edit that puts a fake there, the placeholder if the kind has none."""
        made = fake(self.kind, self.spelling, secret)
        return self.masked if made is None else Edit(self.start, self.end, self.kind, made)


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
        changed = {at: apply(texts[at], edits[at]) for at in pending}
        hits: dict[int, list[Found]] = {}
        for hit in search(pl.Series(list(changed.values()), dtype=pl.String)):
            hits.setdefault(pending[hit.row], []).append(hit)
        pending = [
            at for at, found in hits.items() if _mask(edits[at], values[at], changed[at], found)
        ]
    return edits


def _mask(edits: list[Edit], values: Sequence[Value], changed: str, hits: Sequence[Found]) -> bool:
    """Put placeholders into the lines of the changed text that have hits; whether any was a fake
    before. The lines of the text itself are others where a value took several.
    """
    lines = {changed.count("\n", 0, hit.start) for hit in hits}
    places = moved([(edit.start, edit.end) for edit in edits], edits)
    masked = [
        value.masked if changed.count("\n", 0, start) in lines else edit
        for edit, value, (start, _) in zip(edits, values, places, strict=True)
    ]
    is_changed = masked != edits
    edits[:] = masked
    return is_changed
