"""Every filter by its name, in the order in which reports show them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from taojin.core.errors import unknown
from taojin.filters.c4 import C4
from taojin.filters.chinese import CHINESE
from taojin.filters.classifier import classifier_filter
from taojin.filters.fineweb import FINEWEB
from taojin.filters.gopher import QUALITY, REPETITION
from taojin.filters.language import language_filter
from taojin.filters.lines import LINES
from taojin.filters.rules import Filter
from taojin.filters.url import UrlRules


@dataclass(frozen=True)
class Registry:
    """The filters as one recipe sets them: its languages, URL lists and classifier model."""

    languages: tuple[str, ...]
    url: UrlRules = field(default_factory=UrlRules)
    classifier: Path | None = None

    @cached_property
    def filters(self) -> dict[str, Filter]:
        found = (
            self.url.filter(),
            language_filter(self.languages),
            QUALITY,
            REPETITION,
            C4,
            FINEWEB,
            LINES,
            CHINESE,
            classifier_filter(self.classifier),
        )
        return {filter_.name: filter_ for filter_ in found}

    def choose(self, names: Sequence[str]) -> tuple[Filter, ...]:
        """The filters of those names, in the registry's order; UserError for an unknown one."""
        for name in names:
            if name not in self.filters:
                raise unknown("filters.use", "filter", name, self.filters)
        return tuple(filter_ for name, filter_ in self.filters.items() if name in names)
