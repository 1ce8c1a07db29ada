"""What the datasets are made of: dialogues, their mix, the tokenizer, shards."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from taojin.core.errors import UserError
from taojin.pipeline.settings.table import Count, Share, Table
from taojin.tokenizer.settings import Settings


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
    temperature: Annotated[float, Field(ge=1)] = 1.0
    """1: languages and sources as large as they are; more: the small ones get a larger share."""
    model: Literal["bpe", "unigram", "character"] = "bpe"
    han: Literal["free", "words", "bounded"] = "free"
    """What a piece may hold of a run of Han characters: any stretch, one word, a few characters."""
    han_characters: Count = 4
    """Han characters in a row in one piece, at most, where `han` is "bounded"."""
    symbols: tuple[str, ...] = ()
    """Texts that are one token wherever they stand."""
    special: tuple[str, ...] = ()
    """Tokens that no text can produce, beside those of the chat template."""
    deduplicate: bool = False
    """Learn from a line of 20 characters or more once, however often it stands in the sample."""

    @model_validator(mode="after")
    def _has_tokens_that_can_be(self) -> "Tokenizer":
        try:
            Settings(symbols=self.symbols, special=self.special)
        except UserError as error:
            raise ValueError(str(error)) from error
        return self


class Shards(Table):
    """The dataset."""

    sequence_length: Annotated[int, Field(ge=8)] = 2048
    packing: Literal["cut", "best_fit"] = "cut"
    bos: bool = False
    validation: Share = 0.02
    tokens_per_shard: Count = 50_000_000
    seed: int = 1
