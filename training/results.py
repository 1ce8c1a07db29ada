"""What training tells: a report per step while it runs, a result when it is done."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class StepReport:
    """One optimiser step; a line of metrics.jsonl."""

    step: int
    """From 1."""

    steps: int
    """How many there will be."""

    loss: float
    """Mean over the batch's targets before the step, in nats per token."""

    learning_rate: float
    gradient_norm: float
    """Before clipping."""

    tokens: int
    """In the batch, without padding."""

    tokens_per_s: float


OnStep = Callable[[StepReport], None]


def silent(report: StepReport) -> None:
    """An `on_step` for callers that do not listen."""


@dataclass(frozen=True)
class Outcome:
    """What the loop measured. Losses are nats per token; a validation loss is None without rows."""

    steps: int
    first_loss: float
    last_loss: float
    validation_loss_before: float | None
    validation_loss_after: float | None
    tokens_per_s: float
    """Without the first step, which pays for loading kernels, where there are more."""

    device: str
    precision: str
    parameters: int
    trained_parameters: int


@dataclass(frozen=True)
class TrainResult(Outcome):
    """An outcome and where the model is."""

    checkpoint: Path
    """Folder with model, tokenizer and metrics.jsonl."""

    rows_cut: int = 0
    """Conversations of `train` longer than the sequence length."""

    rows_left_out: int = 0
    """Conversations of `train` without a token to learn (after cutting)."""
