"""What a training run is told. Imports nothing heavy: the command line reads the defaults here.

The docstring under a setting is its help.
"""

from dataclasses import dataclass
from pathlib import Path

from taojin.core.errors import UserError, unknown

PRECISIONS = ("auto", "bfloat16", "float32")


@dataclass(frozen=True)
class LoopSettings:
    """What pre-training and fine-tuning have in common."""

    steps: int = 200
    """Optimiser steps; the dataset is repeated, in a new order, until they are done."""

    batch_size: int = 16
    """Rows per step."""

    learning_rate: float = 1e-3
    """The highest learning rate of AdamW, reached when the warm-up ends."""

    warmup_share: float = 0.1
    """Share of the steps over which the learning rate rises."""

    final_share: float = 0.1
    """The last step's learning rate as a share of the highest."""

    weight_decay: float = 0.1
    """Decay of matrices, embeddings included; norms are never decayed."""

    clip_norm: float = 1.0
    """Gradients longer than this are scaled down to it."""

    seed: int = 0
    """Of the first weights and of the order of the rows."""

    device: str = "auto"
    """cpu, cuda, cuda:1, mps; auto is cuda where there is one, else cpu."""

    precision: str = "auto"
    """bfloat16 or float32 arithmetic over float32 weights; auto: bfloat16 on a GPU that can."""

    validation_rows: int = 512
    """The validation loss is taken over at most so many rows, the first ones."""

    def __post_init__(self) -> None:
        """UserError for a value out of range."""
        for name in ("steps", "batch_size", "validation_rows"):
            _require(name, getattr(self, name), getattr(self, name) >= 1, "at least 1")
        for name in ("learning_rate", "clip_norm"):
            _require(name, getattr(self, name), getattr(self, name) > 0, "above 0")
        for name in ("warmup_share", "final_share"):
            _require(name, getattr(self, name), 0 <= getattr(self, name) <= 1, "from 0 to 1")
        for name in ("weight_decay", "seed"):
            _require(name, getattr(self, name), getattr(self, name) >= 0, "0 or more")
        if self.precision not in PRECISIONS:
            raise unknown("training", "precision", self.precision, PRECISIONS)


@dataclass(frozen=True)
class PretrainSettings(LoopSettings):
    """Pre-training from random weights."""

    size: str = "nano"
    """nano (1 to 2 M parameters), micro (7 M) or small (124 M with 50 k tokens)."""


@dataclass(frozen=True)
class SftSettings(LoopSettings):
    """Fine-tuning on conversations with LoRA (Hu et al. 2021)."""

    batch_size: int = 8
    """Conversations per step."""

    learning_rate: float = 5e-4
    """The highest learning rate of AdamW, reached when the warm-up ends."""

    weight_decay: float = 0.0
    """Decay of the LoRA matrices."""

    base: Path | None = None
    """Folder of the model to tune; by default the one that pre-training left in the run."""

    rank: int = 8
    """Columns of B and rows of A in W + alpha / rank * B A."""

    alpha: int = 16
    """Weight of the adapter, divided by the rank."""

    sequence_length: int = 2048
    """Longer conversations are cut at their end, and counted."""

    def __post_init__(self) -> None:
        """UserError for a value out of range."""
        super().__post_init__()
        _require("rank", self.rank, self.rank >= 1, "at least 1")
        _require("alpha", self.alpha, self.alpha >= 1, "at least 1")
        _require("sequence_length", self.sequence_length, self.sequence_length >= 2, "at least 2")


def _require(name: str, value: float, holds: bool, allowed: str) -> None:
    if not holds:
        raise UserError(f"training: {name} is {value}; it must be {allowed}")
