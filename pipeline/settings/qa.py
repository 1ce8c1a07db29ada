"""Question-answer pairs out of documents."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, field_validator

from taojin.pipeline.qa.endpoint.kinds import KINDS as KINDS_OF_QUESTIONS
from taojin.pipeline.qa.pieces import LEAST_TOKENS
from taojin.pipeline.settings.table import Count, Share, Table


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
    kinds: Mapping[str, Share] = KINDS_OF_QUESTIONS
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


class Layer(Table):
    """One way to find questions."""

    on: bool = True
    share: Share = 1.0
    """Of a document's pairs, at most."""
    prior: Annotated[float, Field(gt=0)] = 1.0
    """Factor of its scores: which of two pairs that ask the same stays, and which comes first."""


class Reading(Layer):
    """Reading tasks: off, and a quarter of a document's pairs where they are on."""

    on: bool = False
    share: Share = 0.25


class Layers(Table):
    """The layers of the offline generator."""

    mined: Layer = Layer()
    definitions: Layer = Layer()
    structure: Layer = Layer()
    facts: Layer = Layer()
    reading: Reading = Reading()


class Qa(Table):
    """Question-answer pairs out of unstructured text."""

    generator: Literal["offline", "endpoint", "both", "off"] = "offline"
    units_per_pair: Count = 80
    """A document has one pair for so many units, at most."""
    verdicts: str | None = None
    """A file of a person's verdicts on pairs of earlier runs."""
    layers: Layers = Layers()
    endpoint: Endpoint = Endpoint()
    grounding: Grounding = Grounding()

    def asking(self) -> Mapping[str, object]:
        """What the offline generator reads."""
        return self.model_dump(include={"units_per_pair", "layers"})
