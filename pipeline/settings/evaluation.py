"""Evaluation sets, which no training data may hold."""

from typing import Literal

from taojin.pipeline.settings.table import Share, Table


class Evaluation(Table):
    """One evaluation set; columns that are not named are those of its layout."""

    path: str
    name: str | None = None
    """What the audit calls it; by default the layout, else the file's name up to its first dot."""
    layout: Literal["gsm8k", "mmlu", "humaneval", "ceval", "cmmlu"] | None = None
    """Which published set's columns it has."""
    question: str | None = None
    """Column of the question; without a layout, `question`."""
    options: tuple[str, ...] = ()
    """Columns of the options, each one option or a list of them."""
    answer: str | None = None
    """Column of the answer."""
    id: str | None = None
    """Column of an item's id."""

    @property
    def benchmark(self) -> str:
        return self.name or self.layout or self.path.rpartition("/")[2].partition(".")[0]


class Decontaminate(Table):
    """No overlap of training and evaluation."""

    against: tuple[Evaluation, ...] = ()
    most_overlap: Share = 0.4
    """The share of an item that one stretch of a document may hold."""
    action: Literal["drop", "cut"] = "drop"
    """Whether a document that holds more is dropped, or loses that stretch."""
    most_removed: Share = 0.3
    """A document that would lose more of its characters is left whole, and dropped."""

    @property
    def cuts(self) -> bool:
        return self.action == "cut" and bool(self.against)
