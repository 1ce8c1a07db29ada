"""Models and lists that filters measure with."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from taojin.filters.safety import SafetyRules
from taojin.pipeline.settings.table import Count, Share, Table


class Classifier(Table):
    """The quality classifier: trained in the run, or taken from a folder."""

    model: str | None = None
    """Folder of a quality classifier, from `taojin filters train` or an earlier run's `models`."""
    documents: Count = 5_000
    """Texts of each class that it is trained on, at most."""
    folds: Annotated[int, Field(ge=2, le=10)] = 2
    """Models that it consists of; each document is scored by one that was trained without it."""
    keep: Share | Mapping[str, Share] | None = None
    """The share of documents with the best scores that is kept, of every source and language."""


class Safety(Table):
    """What must not stand in the text: sensitive terms, bad words, toxicity."""

    shipped: bool = True
    """Whether the terms that ship are looked for."""
    lists: tuple[str, ...] = ()
    """Files of terms: one a line, after a tab its category; or TOML, a list for each category."""
    terms: tuple[str, ...] = ()
    """More terms."""
    allowed: tuple[str, ...] = ()
    """Words inside which no term counts."""
    categories: tuple[str, ...] | None = None
    """The categories that are looked for; without it, all."""
    spaced_out: bool = True
    """Whether a Chinese term is found with signs between its characters too."""
    bad_words: tuple[str, ...] = ()
    """Files of words that `c4.bad_word_count` counts, one a line."""
    toxicity: str | None = None
    """Folder of a toxicity classifier, from `taojin filters train`."""

    def rules(self, lists: Sequence[Path]) -> SafetyRules:
        """The rules over terms, with lists as they are found on this machine."""
        given = self.model_dump(exclude={"lists", "bad_words", "toxicity"})
        return SafetyRules(**given, lists=tuple(lists))


class Perplexity(Table):
    """The n-gram model of good text: trained in the run, or taken from a file."""

    model: str | None = None
    """A KenLM or ARPA file, or an earlier run's model; without one, the run trains its own."""
