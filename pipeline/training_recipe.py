"""The recipe of `taojin filters train`: which labelled files make a classifier, in TOML."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from taojin.core.errors import UserError
from taojin.filters.language import KNOWN
from taojin.pipeline.settings.table import Count, Share, Table

LABELS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "quality": (("good", "1", "true"), ("bad", "0", "false")),
    "toxicity": (("toxic", "1", "true"), ("clean", "0", "false")),
}
"""By the kind of classifier: the labels of positive and of negative examples."""


class Examples(Table):
    """Files of labelled texts: each file one text, or each row of a table."""

    path: str | tuple[str, ...]
    """Path or glob, or a list; local ones are relative to the recipe."""
    text: str = "text"
    """Column of the text."""
    label: str | None = None
    """The label of all of them."""
    label_column: str | None = None
    """Column of the label; rows with a label that the recipe does not name are left out."""
    language: str | None = None
    """The language of all of them; else it is told."""
    language_column: str | None = None
    """Column of the language."""
    source: str | None = None
    """Where all of them are from; by default `path`. Sources weigh the same."""
    source_column: str | None = None
    """Column that says where each is from."""
    licence: str = ""
    """Their licence, where a row does not name its own."""
    licence_column: str | None = None
    """Column of the licence."""

    @model_validator(mode="after")
    def _labelled(self) -> "Examples":
        if (self.label is None) == (self.label_column is None):
            raise ValueError("either `label` or `label_column` is needed")
        if self.language is not None and self.language not in KNOWN:
            raise ValueError(f"no language '{self.language}'; known: {', '.join(sorted(KNOWN))}")
        return self

    @property
    def named(self) -> str:
        """The source of examples that have no column for it."""
        path = self.path if isinstance(self.path, str) else ", ".join(self.path)
        return self.source or path


class TrainingRecipe(Table):
    """A whole recipe; `folder` is where its relative paths start."""

    name: Annotated[str, Field(pattern=r"^\w[\w.-]*$")]
    folder: Path = Path()
    kind: Literal["quality", "toxicity"] = "quality"
    """What the score is the probability of; a toxicity classifier reads the words alone."""
    examples: Annotated[tuple[Examples, ...], Field(min_length=1)]
    positive: tuple[str, ...] = ()
    """Labels of positive examples; by default those of LABELS."""
    negative: tuple[str, ...] = ()
    """Labels of negative examples."""
    documents: Count = 20_000
    """Texts of each class, at most."""
    folds: Annotated[int, Field(ge=2, le=10)] = 3
    """Models that the classifier consists of; each text is scored by one that did not see it."""
    held_out: Annotated[float, Field(ge=0, le=0.9)] = 0.2
    """Share of the texts that no model sees, for the figures; 0: figures out of fold."""
    languages: Annotated[tuple[str, ...], Field(min_length=1)] = ("zh-Hans", "zh-Hant", "en")
    """Languages that texts are told to be in, where neither key nor column says."""
    epochs: Count = 8
    learning_rate: Share = 0.3
    dimensions: Count = 32
    word_ngrams: Annotated[int, Field(ge=1, le=5)] = 2
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 1

    @field_validator("languages")
    @classmethod
    def _languages(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        for lang in languages:
            if lang not in KNOWN:
                raise ValueError(f"no language '{lang}'; known: {', '.join(sorted(KNOWN))}")
        return languages

    @model_validator(mode="after")
    def _known(self) -> "TrainingRecipe":
        known = (*self.labels[0], *self.labels[1])
        for one in self.examples:
            if one.label is not None and one.label not in known:
                raise ValueError(f"no label '{one.label}'; known: {', '.join(known)}")
        both = set(self.labels[0]) & set(self.labels[1])
        if both:
            raise ValueError(f"label '{min(both)}' is both positive and negative")
        return self

    @property
    def labels(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The labels of positive and of negative examples."""
        positive, negative = LABELS[self.kind]
        return self.positive or positive, self.negative or negative


def load(path: Path) -> TrainingRecipe:
    """The recipe of a TOML file; UserError in one sentence if it is not right."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UserError(f"{path}: no such recipe ({error.strerror})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not valid TOML: {error}") from None
    return parse(table, path.resolve().parent, str(path))


def parse(table: Mapping[str, object], folder: Path, where: str = "recipe") -> TrainingRecipe:
    """The recipe of a parsed table, checked."""
    try:
        return TrainingRecipe.model_validate({**table, "folder": folder})
    except ValidationError as error:
        raise UserError(f"{where}: {_sentence(error)}") from None


def _sentence(error: ValidationError) -> str:
    """The first thing that is wrong, and what would be right."""
    found = error.errors()
    first = next((one for one in found if one["type"] == "extra_forbidden"), found[0])
    at = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        inside = len(first["loc"]) > 1
        table: type[BaseModel] = Examples if inside else TrainingRecipe
        return f"no key '{at}'; known: {', '.join(sorted(set(table.model_fields) - {'folder'}))}"
    if first["type"] == "missing":
        return f"{at}: this key is needed"
    message = first["msg"].removeprefix("Value error, ")
    return f"{at}: {message[0].lower()}{message[1:]}" if at else message
