"""What counts as a duplicate, and which copy stays."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from taojin.dedup.documents.keep import KEEP_RULES
from taojin.dedup.passages.repeated import Rules
from taojin.pipeline.settings.table import Count, Share, Table, Units


class Near(Table):
    """Near-duplicates."""

    threshold: Annotated[float, Field(gt=0, le=1)] = 0.8
    verify: Literal["exact", "estimate"] = "exact"
    """How candidates are compared: by all their shingles, or by their signatures."""


class Host(Table):
    """Lines and sentences that many pages of one host share."""

    most: Count = 5
    """Documents of the host that may hold one."""
    units: Count = 4
    """Units of the shortest."""


class Substring(Table):
    """Long spans that stand in several documents, wherever they begin."""

    units: Annotated[int, Field(ge=8)] = 50
    """Units of the shortest."""
    most: Count = 1
    """Documents that may hold one."""


class Within(Table):
    """Lines and sentences that come again in the same document."""

    most: Count = 2
    """How often one may stand in it."""
    units: Count = 50
    """Units of the shortest."""


class Passages(Table):
    """Lines, sentences and long spans that several documents share."""

    most: Count = 10
    """Documents that may hold the same line or sentence."""
    line: Units | Literal[False] = 12
    """Units of the shortest line."""
    sentence: Units | Literal[False] = 20
    """Units of the shortest sentence."""
    host: Host | Literal[False] = Host()
    substring: Substring | Literal[False] = Substring()
    within: Within | Literal[False] = Within()
    most_removed: Share = 0.3
    """A document that would lose more of its characters is left whole."""

    def rules(self) -> Rules:
        """What `dedup.passages.repeated` looks for."""
        host, substring, within = self.host, self.substring, self.within
        return Rules(
            most=self.most,
            line=self.line or None,
            sentence=self.sentence or None,
            host_most=host.most if host else None,
            host_units=host.units if host else 1,
            substring=substring.units if substring else None,
            substring_most=substring.most if substring else 1,
            within_most=within.most if within else None,
            within_units=within.units if within else 1,
            most_removed=self.most_removed,
        )


class Dedup(Table):
    """Duplicates: of one URL, exact, then near, then passages that several documents share."""

    url: Literal[False, "newest", "best"] = False
    """Whether one page of a URL is kept: the newest, or the best by the keep rule."""
    exact: bool = True
    simplify: bool = False
    """Whether traditional and simplified Chinese are compared as one script, exactly and nearly."""
    near: Near | Literal[False] = Near()
    passages: Passages | Literal[False] = Passages()
    keep: tuple[str, ...] = KEEP_RULES
    """Which copy stays: source priority, then quality, length, date, doc_id."""
    against: tuple[str, ...] = ()
    """Folders of earlier runs, and files of documents, whose copies are removed from this run."""

    @field_validator("keep")
    @classmethod
    def _known(cls, keep: tuple[str, ...]) -> tuple[str, ...]:
        for name in keep:
            if name not in KEEP_RULES:
                raise ValueError(f"no rule '{name}'; known: {', '.join(KEEP_RULES)}")
        return keep
