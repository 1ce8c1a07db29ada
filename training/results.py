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

    def __str__(self) -> str:
        """The step as one line for a terminal."""
        return (
            f"step {self.step:>5}/{self.steps}  loss {self.loss:7.4f}  "
            f"rate {self.learning_rate:.2e}  {self.tokens_per_s:9,.0f} tokens/s"
        )


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

    def __str__(self) -> str:
        """The result as a few lines for a terminal."""
        before, after = (
            "not measured" if loss is None else f"{loss:.4f}"
            for loss in (self.validation_loss_before, self.validation_loss_after)
        )
        trained = f"{self.trained_parameters:,} of {self.parameters:,} parameters"
        lines = {
            "trained": f"{trained}, {self.steps} steps on {self.device} in {self.precision}",
            "loss": f"{self.first_loss:.4f} -> {self.last_loss:.4f}",
            "validation": f"{before} -> {after}",
            "checkpoint": str(self.checkpoint),
        }
        return "\n".join(f"{name:<12}{value}" for name, value in lines.items())
