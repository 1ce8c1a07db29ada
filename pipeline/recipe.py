"""The recipe: what a run does, in TOML. Unknown keys are refused, and every key has a default.

Flags of the command line say where and how much; the recipe says what.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib.resources import files
from itertools import compress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from taojin.core.errors import UserError, unknown
from taojin.dedup.documents.keep import KEEP_RULES
from taojin.dedup.passages.repeated import Rules
from taojin.filters.bounds import KINDS, rules
from taojin.filters.language import KNOWN, language_filter
from taojin.filters.lines import DEFAULT_RULES, PHRASES, SHAPES
from taojin.filters.registry import Models, Registry, bad_words
from taojin.filters.rules import Bounds, Rule
from taojin.filters.safety import SafetyRules
from taojin.filters.url import UrlRules
from taojin.pipeline.ingest.documents.ocr import PAGE
from taojin.pipeline.ingest.tables.labelled import NAMES, OPTIONS, is_labelled
from taojin.pipeline.ingest.tables.row import FIELDS
from taojin.pipeline.ingest.tables.sql import Place, is_url
from taojin.pipeline.pii.detectors import DEFAULT_KINDS
from taojin.pipeline.pii.detectors import KINDS as PII_KINDS
from taojin.pipeline.pii.settings import LEAST_CONFIDENCE, Settings
from taojin.pipeline.pii.stage import DENSITY, FORBIDDEN
from taojin.pipeline.qa.chunks import LEAST_TOKENS
from taojin.pipeline.qa.endpoint.parsing import KINDS as KINDS_OF_QUESTIONS
from taojin.pipeline.qa.instructions.forms import FORMS

_NOT_FILTERS = ("use", "bounds")
"""Keys of `[filters]` beside the filters' own tables."""

_SECRET = re.compile(
    r"^[\w+.-]+://[^/?#]*?:(?!\$\{\w+\}@)[^/?#]+@|[?&](?:password|passwd|pwd|secret|token)=", re.I
)
"""A password in a URL that is no variable's name."""

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(gt=0)]
Units = Annotated[int, Field(gt=0, strict=True)]
"""As Count where `false` is another choice: it is no number then."""


class Table(BaseModel):
    """One table of the recipe."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, ser_json_inf_nan="constants"
    )


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
        groups = {"default": DEFAULT_KINDS, "all": PII_KINDS}
        kinds = [kind for name in self.kinds for kind in groups.get(name, (name,))]
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


class Endpoint(Table):
    """A language model that is asked for pairs; TAOJIN_ENDPOINT_URL, _MODEL and _KEY say which."""

    concurrency: Count = 8
    """Requests under way at once, of each worker."""
    requests_per_minute: Count | None = None
    """Of each worker."""
    most_tokens: Count | None = None
    """Tokens of the whole run, in and out; what does not fit is left out and counted."""
    most_cost: Annotated[float, Field(gt=0)] | None = None
    """The same in money, of the prices below."""
    price_in: Annotated[float, Field(ge=0)] = 0.0
    """Of a million tokens."""
    price_out: Annotated[float, Field(ge=0)] = 0.0
    retries: Annotated[int, Field(ge=0)] = 2
    """For what the server does wrong and for what the model does, each."""
    timeout_s: Annotated[float, Field(gt=0)] = 120.0
    max_tokens: Count = 2048
    """Of a reply."""
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.3
    chunk_units: Annotated[int, Field(ge=LEAST_TOKENS)] = 700
    least_units: Count = 40
    """A smaller chunk is not asked about."""
    kinds: Mapping[str, Share] = {
        "fact": 1.0, "why": 0.4, "how": 0.4, "compare": 0.3, "yes_no": 0.15, "multi_hop": 0.3,
        "summary": 0.2,
    }  # fmt: skip
    """Kinds of questions, each with its largest share of a document's pairs."""
    personas: tuple[str, ...] = ()
    """Who asks, in words for the model; one for each chunk."""
    judge: bool = False
    round_trip: bool = False

    @field_validator("kinds")
    @classmethod
    def _known_kinds(cls, kinds: Mapping[str, float]) -> Mapping[str, float]:
        for name in kinds:
            if name not in KINDS_OF_QUESTIONS:
                known = ", ".join(KINDS_OF_QUESTIONS)
                raise ValueError(f"no kind of question '{name}'; known: {known}")
        if not any(kinds.values()):
            raise ValueError("no kind has a share above 0; name one, or set qa.generator")
        return kinds


class Grounding(Table):
    """The least of each score that an answer which is no span of its text must have."""

    quotes: Share = 0.9
    numbers: Share = 1.0
    names: Share = 1.0
    support: Share = 0.5
    abstractive_support: Share = 0.3
    """For kinds whose answers are in words of their own."""
    round_trip: Share = 0.6


class Qa(Table):
    """Question-answer pairs out of unstructured text."""

    generator: Literal["offline", "endpoint", "both", "off"] = "offline"
    endpoint: Endpoint = Endpoint()
    grounding: Grounding = Grounding()


class Dialogues(Table):
    """Conversations as dialogues that a model is tuned on."""

    mode: Literal["paths", "every_turn", "off"] = "paths"
    """Whole paths of a tree, each turn learnt on the first one that has it, or a dialogue for each
    turn."""
    replies: Count | None = None
    """The replies to one message that are taken, those with the best scores."""
    carried: Annotated[int, Field(ge=0)] = 1
    """Turns of user and assistant that a part of a long dialogue repeats of the part before."""
    growth: Annotated[float, Field(ge=1)] = 20.0
    """How many times the tokens of a conversation its dialogues may have, most of them context."""
    thread_share: Share = 0.1
    """The share of the dataset's tokens that threads of several people may have."""


class Sft(Table):
    """The mix of the supervised dataset."""

    most_per_task: Count | None = None
    """Dialogues of one task, at most."""
    weights: Mapping[str, Annotated[float, Field(ge=0)]] = {}
    """By task: how often its dialogues are given, as `sources.weight` says of documents."""
    pretraining_share: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """The share of the dataset's tokens that is text of kept documents, all of it learnt."""


class Tokenizer(Table):
    """The tokenizer that is trained on what is kept."""

    vocabulary: Annotated[int, Field(ge=300)] = 32_000
    """Pieces, at most: a small corpus gets as many as it can fill, and a warning."""
    sample_mb: Count = 200
    """Text that it is trained on, at most."""


class Shards(Table):
    """The dataset."""

    sequence_length: Annotated[int, Field(ge=8)] = 2048
    packing: Literal["cut", "best_fit"] = "cut"
    bos: bool = False
    validation: Share = 0.02
    tokens_per_shard: Count = 50_000_000
    seed: int = 1


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
        raise UserError(f"{where}: {_sentence(error)}") from None


_TYPES = ("literal[False]", "tuple[", "dict[", "constrained-")
"""How pydantic tells in the place of an error which of several types of a key it has tried."""

_NEEDED = {
    "tuple_type": "a list is needed, such as [...]; for [[sources]] write two brackets",
    "too_short": "at least one is needed",
    "string_pattern_mismatch": "letters, digits, dots, dashes and underscores only",
    "model_type": "a table is needed",
    "dict_type": "a table is needed",
    "missing": "this key is needed",
}
"""What pydantic's words mean to someone who writes a recipe."""


def _sentence(error: ValidationError) -> str:
    """The first thing that is wrong, and what would be right."""
    found = error.errors()
    unknown_key = next((one for one in found if one["type"] == "extra_forbidden"), None)
    alike = [one for one in found if one["loc"][:2] == found[0]["loc"][:2]]
    first = unknown_key or max(
        alike, key=lambda one: len(one["loc"])
    )  # of a key's types the one meant
    keys = [part for part in first["loc"] if isinstance(part, int) or part[:1].islower()]
    keys = [key for key in keys if not str(key).startswith(_TYPES)]
    at = ".".join(map(str, keys))
    if first["type"] == "extra_forbidden":
        return f"no key '{at}'; known: {', '.join(_known_keys(keys[:-1]))}"
    message = _NEEDED.get(first["type"], first["msg"].removeprefix("Value error, "))
    return f"{at}: {message[0].lower()}{message[1:]}" if at else message


def _model(annotation: object) -> type[BaseModel]:
    assert isinstance(annotation, type)
    assert issubclass(annotation, BaseModel)
    return annotation


def _known_keys(parent: Sequence[int | str]) -> list[str]:
    table: type[BaseModel] = Recipe
    for part in parent:
        if isinstance(part, str):
            table = _TABLES.get(part) or _model(table.model_fields[part].annotation)
    return sorted(set(table.model_fields) - {"folder"})


_TABLES: Mapping[str, type[BaseModel]] = {
    "against": Evaluation,
    "host": Host,
    "instructions": Instructions,
    "near": Near,
    "passages": Passages,
    "sources": Source,
    "substring": Substring,
    "within": Within,
}
"""Tables whose key's type is not the table alone."""
