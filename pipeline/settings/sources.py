"""Where documents come from, and how labelled tables are put into words."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from taojin.pipeline.ingest.documents.ocr import PAGE
from taojin.pipeline.ingest.tables.labelled import NAMES, OPTIONS
from taojin.pipeline.ingest.tables.row import FIELDS
from taojin.pipeline.ingest.tables.sql import Place, is_url
from taojin.pipeline.settings.table import Count, Share, Table

_SECRET = re.compile(
    r"^[\w+.-]+://[^/?#]*?:(?!\$\{\w+\}@)[^/?#]+@|[?&](?:password|passwd|pwd|secret|token)=", re.I
)
"""A password in a URL that is no variable's name."""


class Instructions(Table):
    """How the rows of a labelled table are put into words; its columns are the source's."""

    form: Literal["answer", "choice", "classify", "entail", "follow", "summarize"]
    """What is asked."""
    description: str = ""
    """What the model is told before all else, as the system prompt."""
    labels: Mapping[str, str] = {}
    """What the values of `label` are called; a row with another one is left out."""
    first_option: Literal[0, 1] = 0
    """The number of the first option, where an answer is a number."""
    inverted: Share = 0.0
    """The share of rows that are asked the other way round: the question for an answer."""
    reasoned: Share = 1.0
    """The share of the other rows with a `reasoning` whose answer begins with it."""
    demonstrations: Annotated[int, Field(ge=0, le=16)] = 0
    """Other rows of the table that come before one, at most."""
    least_answer: Count = 1
    """Characters of the shortest answer."""
    most_answer: Count | None = None
    """Characters of the longest answer."""


class Source(Table):
    """Files that become documents."""

    name: Annotated[str, Field(pattern=r"^\w[\w.-]*$")]
    kind: str = "web"
    """`web` is raw; `proprietary` is trusted and kept before the crawl's copies."""
    path: str | tuple[str, ...]
    """Path or glob, local or of any fsspec protocol; local ones are relative to the recipe."""
    columns: Mapping[str, str | tuple[str, ...]] = {}
    """Which column of a table holds `text`, `title`, `url`, `date`, `mime`, `licence`, `author`, a
    `conversation`, or a part of a labelled row, of which `options` may be several."""
    instructions: Instructions | None = None
    """That the rows are labelled, and how they are put into words."""
    query: str | None = None
    """Of a database: a SELECT with ORDER BY that gives the rows."""
    table: str | None = None
    """Of a database: the table whose rows are read in the order of its primary key."""
    licence: str = ""
    weight: Annotated[float, Field(ge=0)] = 1.0
    """Tokens asked for, relative: 3 means three times the source's own size."""
    trusted: bool | None = None
    """Positives of the quality classifier; by default the proprietary sources."""
    priority: int | None = None
    """Which copy of a duplicate is kept: the smaller first; by default 0 if trusted, else 1."""
    extractor: Literal["taojin", "trafilatura", "resiliparse"] = "taojin"
    ocr: tuple[str, ...] = ()
    """The command, word by word, that reads the picture of a PDF's page; `{page}` is its path."""

    @field_validator("ocr")
    @classmethod
    def _is_given_the_page(cls, ocr: tuple[str, ...]) -> tuple[str, ...]:
        if ocr and not any(PAGE in word for word in ocr[1:]):
            raise ValueError(
                f"a word after the program's name is '{PAGE}', the path of the page's picture, "
                f"such as ['tesseract', '{PAGE}', 'stdout']"
            )
        return ocr

    @field_validator("columns")
    @classmethod
    def _readable(
        cls, columns: Mapping[str, str | tuple[str, ...]]
    ) -> Mapping[str, str | tuple[str, ...]]:
        known = sorted({"conversation", *NAMES, *FIELDS})
        for name, column in columns.items():
            if name not in known:
                raise ValueError(f"no column '{name}'; known: {', '.join(known)}")
            if name != OPTIONS and not isinstance(column, str):
                raise ValueError(f"{name}: one column is needed; `{OPTIONS}` alone may be several")
        return columns

    @field_validator("path")
    @classmethod
    def _without_secrets(cls, path: str | tuple[str, ...]) -> str | tuple[str, ...]:
        if any(map(_SECRET.search, (path,) if isinstance(path, str) else path)):
            raise ValueError(
                "a password stands in it; keep it in an environment variable, and write ${NAME} in "
                "its place in the URL of a database"
            )
        return path

    @model_validator(mode="after")
    def _database(self) -> "Source":
        if self.path and (self.database is None) and (self.query or self.table):
            raise ValueError("query and table are for one path that is the URL of a database")
        return self

    @property
    def database(self) -> Place | None:
        """What is read of a database; None for a source of files."""
        if not isinstance(self.path, str) or not is_url(self.path):
            return None
        return Place(self.name, self.path, self.query, self.table)

    @property
    def is_trusted(self) -> bool:
        return self.kind == "proprietary" if self.trusted is None else self.trusted

    @property
    def rank(self) -> int:
        return int(not self.is_trusted) if self.priority is None else self.priority
