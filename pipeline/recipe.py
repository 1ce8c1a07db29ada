"""The recipe: what a run does, in TOML. Unknown keys are refused, and every key has a default.

Flags of the command line say where and how much; the recipe says what.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator, model_validator

from taojin.core.errors import UserError, unknown
from taojin.filters.bounds import KINDS, rules
from taojin.filters.language import KNOWN, language_filter
from taojin.filters.registry import Models, Registry, bad_words
from taojin.filters.rules import Bounds, Rule
from taojin.pipeline.ingest.tables.labelled import is_labelled
from taojin.pipeline.qa.instructions.forms import FORMS
from taojin.pipeline.settings.datasets import Dialogues, Sft, Shards, Tokenizer
from taojin.pipeline.settings.dedup import Dedup
from taojin.pipeline.settings.evaluation import Decontaminate
from taojin.pipeline.settings.filters import Classifier, Perplexity, Safety
from taojin.pipeline.settings.ingest import Clean, Language, Pii, Url
from taojin.pipeline.settings.mistakes import sentence
from taojin.pipeline.settings.qa import Qa
from taojin.pipeline.settings.sources import Source
from taojin.pipeline.settings.table import Count, Share, Table

_NOT_FILTERS = ("use", "bounds")
"""Keys of `[filters]` beside the filters' own tables."""


class Guard(Table):
    """A step that removes far more than expected stops the run."""

    most_removed: Share = 0.9
    from_documents: Count = 100
    expected: Mapping[str, Share] = {}
    """By source: the share that may be removed."""


class Recipe(Table):
    """A whole recipe; `folder` is where its relative paths start."""

    name: Annotated[str, Field(pattern=r"^\w[\w.-]*$")]
    folder: Path = Path()
    languages: Annotated[tuple[str, ...], Field(min_length=1)] = ("zh-Hans", "zh-Hant", "en")
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    language: Language = Language()
    url: Url = Url()
    pii: Pii = Pii()
    clean: Clean = Clean()
    filters: Mapping[str, object] = {}
    classifier: Classifier = Classifier()
    safety: Safety = Safety()
    perplexity: Perplexity = Perplexity()
    dedup: Dedup = Dedup()
    decontaminate: Decontaminate = Decontaminate()
    qa: Qa = Qa()
    dialogues: Dialogues = Dialogues()
    sft: Sft = Sft()
    tokenizer: Tokenizer = Tokenizer()
    shards: Shards = Shards()
    guard: Guard = Guard()

    @field_validator("languages")
    @classmethod
    def _known(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        for lang in languages:
            if lang not in KNOWN:
                raise ValueError(f"no language '{lang}'; known: {', '.join(sorted(KNOWN))}")
        return languages

    @field_validator("sources")
    @classmethod
    def _different(cls, sources: tuple[Source, ...]) -> tuple[Source, ...]:
        names = [source.name for source in sources]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two sources are named '{name}'; give each its own name")
        return sources

    @model_validator(mode="after")
    def _expected(self) -> "Recipe":
        for name in self.guard.expected:
            if name not in (known := [source.name for source in self.sources]):
                raise ValueError(f"guard.expected: no source '{name}'; known: {', '.join(known)}")
        return self

    @model_validator(mode="after")
    def _labelled(self) -> "Recipe":
        for source in self.sources:
            where, asked = f"source '{source.name}'", source.instructions
            if asked is None:
                if is_labelled(source.columns):
                    raise ValueError(
                        f"{where}: its columns are those of a labelled table; say what is asked in "
                        '[sources.instructions], such as form = "answer"'
                    )
                continue
            for part in FORMS[asked.form].parts:
                if part not in source.columns:
                    raise ValueError(
                        f'{where}: form "{asked.form}" needs a column for `{part}`, such as '
                        f'columns = {{ {part} = "{part}" }}'
                    )
        return self

    @model_validator(mode="after")
    def _kept(self) -> "Recipe":
        keep = self.classifier.keep
        for name in keep if isinstance(keep, Mapping) else ():
            if name not in (known := [source.name for source in self.sources]):
                raise ValueError(f"classifier.keep: no source '{name}'; known: {', '.join(known)}")
        return self

    def registry(self, models: Models = Models()) -> Registry:  # noqa: B008  # frozen
        """The filters under this recipe's settings, with models that are trained."""
        return Registry(
            self.languages,
            self.url.rules(self._placed(self.url.lists)),
            self.safety.rules(self._placed(self.safety.lists)),
            bad_words(self._placed(self.safety.bad_words)),
            models,
        )

    def check(self) -> None:
        """UserError for a name or a list that is not right: told before any work."""
        registry = self.registry()
        registry.url.check()
        if self.safety.shipped or self.safety.lists or self.safety.terms:
            registry.safety.check()
        if self.perplexity.model and not (self.folder / self.perplexity.model).is_file():
            raise UserError(
                f"perplexity.model: '{self.perplexity.model}' is no file; name a KenLM or ARPA "
                "file, or leave it out"
            )
        language_filter(self.languages)
        self.rules  # noqa: B018  # names its filters, metrics and languages

    def _placed(self, paths: Sequence[str]) -> list[Path]:
        return [self.folder / path for path in paths]

    @property
    def used(self) -> tuple[str, ...]:
        """The names of the filters in use; all of them unless `filters.use` says which."""
        names = self.filters.get("use", list(self.registry().filters))
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise UserError("filters.use: a list of filter names is needed, such as ['c4', 'url']")
        return tuple(names)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """Every bound that *decide* applies; UserError for an unknown name."""
        chosen = self.registry().choose(self.used)
        overlap = Bounds(max=self.decontaminate.most_overlap)
        return (
            *rules(chosen, self.overrides, self.kinds, self.bound_set),
            Rule("decontamination", "overlap", None, overlap),
            *self.pii.rules(),
        )

    @property
    def overrides(self) -> Mapping[str, Mapping[str, object]]:
        """The recipe's own bounds, a table for each filter."""
        tables: dict[str, Mapping[str, object]] = {}
        for name, table in self.filters.items():
            if name not in _NOT_FILTERS and not isinstance(table, Mapping):
                raise UserError(f"filters.{name}: a table is needed, [filters.{name}]")
            if isinstance(table, Mapping):
                tables[name] = table
        return tables

    @property
    def kinds(self) -> list[str]:
        """The kinds of source that bounds may name."""
        return sorted({*KINDS, *(source.kind for source in self.sources)})

    @property
    def bound_set(self) -> str:
        return str(self.filters.get("bounds", "measured"))

    def resolved(self) -> dict[str, object]:
        """Every setting, defaults included, as JSON values."""
        return self.model_dump(mode="json", exclude={"folder"})


def demo() -> Path:
    """The recipe over the documents that come with Taojin."""
    return Path(str(files("taojin.data_samples") / "recipe.toml"))


def defaults() -> Recipe:
    """A recipe that changes nothing: what holds where none is given."""
    return parse({"name": "defaults", "sources": [{"name": "any", "path": "*"}]}, Path())


def load(path: Path | None) -> Recipe:
    """The recipe of a TOML file, or the demo's; UserError in one sentence if it is not right."""
    path = path or demo()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UserError(
            f"{path}: no such recipe ({error.strerror}); leave it out to run the demo"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not valid TOML: {error}") from None
    recipe = parse(table, path.resolve().parent, str(path))
    with naming(path):
        recipe.check()
    return recipe


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """A UserError that is raised inside names the file of the recipe."""
    try:
        yield
    except UserError as error:
        raise UserError(f"{path}: {error}") from None


def parse(table: Mapping[str, object], folder: Path, where: str = "recipe") -> Recipe:
    """The recipe of a parsed table, checked."""
    if "folder" in table:
        raise unknown(where, "key", "folder", set(Recipe.model_fields) - {"folder"})
    try:
        return Recipe.model_validate({**table, "folder": folder})
    except ValidationError as error:
        raise UserError(f"{where}: {sentence(error, Recipe)}") from None
