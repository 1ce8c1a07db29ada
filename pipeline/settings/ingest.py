"""What is told of a document as it is read, and what is taken out of it."""

from collections.abc import Mapping, Sequence
from itertools import compress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from taojin.core.errors import UserError
from taojin.filters.lines import DEFAULT_RULES, PHRASES, SHAPES
from taojin.filters.rules import Bounds, Rule
from taojin.filters.url import UrlRules
from taojin.pipeline.pii.settings import GROUPS, LEAST_CONFIDENCE, Settings
from taojin.pipeline.pii.stage import DENSITY, FORBIDDEN
from taojin.pipeline.settings.table import Share, Table


class Url(Table):
    """What is not wanted in a URL; words of the lists that ship, unless they are given."""

    domains: tuple[str, ...] = ()
    """Hosts with their subdomains, or URLs with all that continues them."""
    lists: tuple[str, ...] = ()
    """Files or folders: one host or URL a line, UT1's folders, hosts files, adblock lines."""
    allow: tuple[str, ...] = ()
    """Hosts and URLs that nothing blocks."""
    words: tuple[str, ...] | None = None
    """Words between separators of the URL."""
    soft_words: tuple[str, ...] | None = None
    """Words of which one alone means nothing."""
    subwords: tuple[str, ...] | None = None
    """Words that count inside other words too."""

    def rules(self, lists: Sequence[Path]) -> UrlRules:
        """The rules, with lists as they are found on this machine."""
        given = self.model_dump(exclude={"lists"})
        return UrlRules(**given, lists=tuple(lists))


class Language(Table):
    """How languages are told."""

    model: str | None = None
    """Path of a fastText language model; without one, scripts and lingua."""


Action = Literal["mask", "fake", "drop", "count"]


class Pii(Table):
    """Personal data, masked before anything is written."""

    action: Action = "mask"
    kinds: tuple[str, ...] = ("default",)
    """What is looked for; `default` stands for what is on by default, `all` for every kind."""
    actions: Mapping[str, Action] = {}
    """By kind, where it is another than `action`."""
    least_confidence: Share = LEAST_CONFIDENCE
    """Patterns that are less sure than that are not looked for."""
    engines: tuple[str, ...] = ()
    """Installed models that look for values too."""
    allow: tuple[str, ...] = ()
    """Values that stay, in any spelling; `@domain` and `name@` for e-mail addresses."""
    most_density: Annotated[float, Field(ge=0)] | None = None
    """A document that holds more values for 1,000 characters is dropped."""

    @model_validator(mode="after")
    def _known(self) -> "Pii":
        try:
            self.settings()
        except UserError as error:
            raise ValueError(str(error).removeprefix("pii: ")) from None
        return self

    def settings(self) -> Settings:
        """What the stage that masks is to do."""
        kinds = [kind for name in self.kinds for kind in GROUPS.get(name, (name,))]
        return Settings(**{**self.model_dump(exclude={"most_density"}), "kinds": tuple(kinds)})

    def rules(self) -> tuple[Rule, ...]:
        """The bounds on what a document may hold."""
        forbidden = Rule("pii", FORBIDDEN, None, Bounds(max=0))
        density = Rule("pii", DENSITY, None, Bounds(max=self.most_density))
        chosen = (bool(self.settings().dropped), self.most_density is not None)
        return tuple(compress((forbidden, density), chosen))


class Clean(Table):
    """Lines that are cut out of documents."""

    enabled: bool = True
    rules: tuple[str, ...] = DEFAULT_RULES
    """Which line rules cut; those by shape (uppercase, unterminated ...) only if named."""
    most_removed: Share = 0.2
    """A document that would lose more of its characters is left whole, for the filters to judge."""

    @field_validator("rules")
    @classmethod
    def _known(cls, rules: tuple[str, ...]) -> tuple[str, ...]:
        known = (*PHRASES, *SHAPES)
        for rule in rules:
            if rule not in known:
                raise ValueError(f"no line rule '{rule}'; known: {', '.join(known)}")
        return rules
