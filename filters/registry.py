"""Every filter by its name, in the order in which reports show them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from taojin.core.errors import unknown
from taojin.filters import wordlist
from taojin.filters.c4 import c4_filter
from taojin.filters.chinese import CHINESE
from taojin.filters.classifier import classifier_filter, toxicity_filter
from taojin.filters.code import CODE
from taojin.filters.data_juicer import DATA_JUICER
from taojin.filters.dolma import DOLMA
from taojin.filters.encoding import ENCODING
from taojin.filters.fineweb import FINEWEB
from taojin.filters.gopher import QUALITY, REPETITION
from taojin.filters.language import language_filter
from taojin.filters.lines import LINES
from taojin.filters.nemotron import NEMOTRON
from taojin.filters.perplexity import perplexity_filter
from taojin.filters.redpajama import REDPAJAMA
from taojin.filters.redundancy import REDUNDANCY
from taojin.filters.rules import Filter
from taojin.filters.safety import SafetyRules
from taojin.filters.url import UrlRules


@dataclass(frozen=True)
class Models:
    """Where the models of a run are: folders of classifiers, the file of an n-gram model.

    Without one, its filter gives every document what drops none.
    """

    classifier: Path | None = None
    toxicity: Path | None = None
    perplexity: Path | None = None


@dataclass(frozen=True)
class Registry:
    """The filters as one recipe sets them: its languages, lists and models."""

    languages: tuple[str, ...]
    url: UrlRules = field(default_factory=UrlRules)
    safety: SafetyRules = field(default_factory=SafetyRules)
    bad_words: tuple[str, ...] = ()
    models: Models = field(default_factory=Models)

    @cached_property
    def filters(self) -> dict[str, Filter]:
        found = (
            self.url.filter(),
            language_filter(self.languages),
            QUALITY,
            REPETITION,
            c4_filter(self.bad_words),
            FINEWEB,
            LINES,
            DOLMA,
            REDPAJAMA,
            DATA_JUICER,
            NEMOTRON,
            REDUNDANCY,
            CODE,
            ENCODING,
            CHINESE,
            self.safety.filter(),
            perplexity_filter(self.models.perplexity),
            classifier_filter(self.models.classifier),
            toxicity_filter(self.models.toxicity),
        )
        return {filter_.name: filter_ for filter_ in found}

    def choose(self, names: Sequence[str]) -> tuple[Filter, ...]:
        """The filters of those names, in the registry's order; UserError for an unknown one."""
        for name in names:
            if name not in self.filters:
                raise unknown("filters.use", "filter", name, self.filters)
        return tuple(filter_ for name, filter_ in self.filters.items() if name in names)


def bad_words(lists: Iterable[Path]) -> tuple[str, ...]:
    """The words of lists that `c4.bad_word_count` counts; UserError for one that is not right."""
    groups = wordlist.merged(wordlist.read(path, "safety.bad_words") for path in lists)
    return tuple(word for words in groups.values() for word in words)
