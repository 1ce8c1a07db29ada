"""The training loop, the same for pre-training and fine-tuning: read `train` top to bottom.

AdamW with a cosine schedule after a linear warm-up; weights are float32, arithmetic is bfloat16
under autocast on CUDA. The loop waits for the device once a step, to report the loss.
"""

import math
import time
from contextlib import AbstractContextManager, nullcontext

import torch
from torch.nn.functional import cross_entropy

from taojin.core.errors import UserError
from taojin.training.data import IGNORED, Batch, Rows, batch_indices
from taojin.training.results import OnStep, Outcome, StepReport
from taojin.training.settings import LoopSettings

BETAS = (0.9, 0.95)  # GPT-3 (Brown et al. 2020, appendix B), and Llama after it


def train(
    model: torch.nn.Module,
    rows: Rows,
    validation: Rows | None,
    settings: LoopSettings,
    on_step: OnStep,
) -> Outcome:
    """Train the parameters of `model` that ask for gradients, in place; `on_step` hears each step.

    The same model, rows, settings and machine give the same losses. UserError for an empty
    dataset, a device that is not there, or a loss that is no longer a number.
    """
    if not len(rows):
        raise UserError("training: the dataset has no rows to learn from")
    device = choose_device(settings.device)
    precision = choose_precision(settings.precision, device)
    model.to(device)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = build_optimizer(trained, settings, device)
    batches = batch_indices(len(rows), settings.batch_size, settings.seed)
    reports: list[StepReport] = []

    before = validation_loss(model, validation, settings, device, precision)
    model.train()
    for step in range(1, settings.steps + 1):
        started = time.perf_counter()
        batch = rows.batch(next(batches)).to(device)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, settings)
        loss = summed_loss(model, batch, precision) / max(batch.learned, 1)
        torch.autograd.backward(loss)
        norm = torch.nn.utils.clip_grad_norm_(trained, settings.clip_norm)
        optimizer.step()
        optimizer.zero_grad()
        report = StepReport(
            step=step,
            steps=settings.steps,
            loss=_finite(loss.item(), step),
            learning_rate=learning_rate(step, settings),
            gradient_norm=norm.item(),
            tokens=batch.tokens,
            tokens_per_s=batch.tokens / (time.perf_counter() - started),
        )
        reports.append(report)
        on_step(report)
    after = validation_loss(model, validation, settings, device, precision)

    return Outcome(
        steps=settings.steps,
        first_loss=reports[0].loss,
        last_loss=reports[-1].loss,
        validation_loss_before=before,
        validation_loss_after=after,
        tokens_per_s=_speed(reports),
        device=_device_name(device),
        precision=precision,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        trained_parameters=sum(parameter.numel() for parameter in trained),
    )


def summed_loss(model: torch.nn.Module, batch: Batch, precision: str) -> torch.Tensor:
    """The batch's cross entropy in nats, summed over its targets: a float32 scalar."""
    with _autocast(batch.input_ids.device, precision):
        output = model(
            input_ids=batch.input_ids,
            attention_mask=batch.attention,
            position_ids=batch.position_ids,
            use_cache=False,
        )
    logits = output.logits.float().flatten(0, 1)
    return cross_entropy(logits, batch.targets.flatten(), ignore_index=IGNORED, reduction="sum")


def validation_loss(
    model: torch.nn.Module,
    rows: Rows | None,
    settings: LoopSettings,
    device: torch.device,
    precision: str,
) -> float | None:
    """Nats per target over the first rows; None where there is nothing to measure on."""
    if rows is None:
        return None
    model.eval()
    total, learned = 0.0, 0
    count = min(len(rows), settings.validation_rows)
    for start in range(0, count, settings.batch_size):
        indices = range(start, min(start + settings.batch_size, count))
        batch = rows.batch(indices).to(device)
        with torch.no_grad():
            total += summed_loss(model, batch, precision).item()
        learned += batch.learned
    return total / learned if learned else None


def learning_rate(step: int, settings: LoopSettings) -> float:
    """The rate of a step, from 1: up in a line, then down half a cosine to the final share.

    >>> settings = LoopSettings(steps=12, learning_rate=1.0, warmup_share=2 / 12, final_share=0.1)
    >>> [round(learning_rate(step, settings), 3) for step in (1, 2, 7, 12)]
    [0.5, 1.0, 0.55, 0.1]
    """
    warmup = round(settings.steps * settings.warmup_share)
    if step <= warmup:
        return settings.learning_rate * step / warmup
    done = (step - warmup) / (settings.steps - warmup)
    cosine = (1 + math.cos(math.pi * done)) / 2
    return settings.learning_rate * (settings.final_share + (1 - settings.final_share) * cosine)


def build_optimizer(
    parameters: list[torch.nn.Parameter], settings: LoopSettings, device: torch.device
) -> torch.optim.AdamW:
    """AdamW that decays matrices and leaves vectors (the norms) alone; one fused kernel on CUDA."""
    groups = [
        {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": settings.weight_decay},
        {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
    ]
    filled = [group for group in groups if group["params"]]
    fused = device.type == "cuda"
    return torch.optim.AdamW(filled, lr=settings.learning_rate, betas=BETAS, fused=fused)


def choose_device(name: str) -> torch.device:
    """The device with that name; UserError if this machine has none."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    present = {"cpu": True, "cuda": torch.cuda.is_available()}
    present["mps"] = torch.backends.mps.is_available()
    if not present.get(name.split(":", maxsplit=1)[0], False):
        known = ", ".join(kind for kind, here in present.items() if here)
        raise UserError(f"training: no device '{name}' on this machine; there is: {known}, auto")
    return torch.device(name)


def choose_precision(name: str, device: torch.device) -> str:
    """bfloat16 or float32; auto takes bfloat16 where the GPU computes in it."""
    if name != "auto":
        return name
    has_bfloat16 = device.type == "cuda" and torch.cuda.is_bf16_supported()
    return "bfloat16" if has_bfloat16 else "float32"


def _autocast(device: torch.device, precision: str) -> AbstractContextManager[None]:
    if precision == "float32":
        return nullcontext()
    cast: AbstractContextManager[None] = torch.autocast(device.type, dtype=torch.bfloat16)
    return cast


def _finite(loss: float, step: int) -> float:
    if math.isfinite(loss):
        return loss
    raise UserError(
        f"training: the loss of step {step} is {loss}; try a lower learning rate or more warm-up"
    )


def _speed(reports: list[StepReport]) -> float:
    timed = reports[1:] or reports
    seconds = sum(report.tokens / report.tokens_per_s for report in timed)
    return sum(report.tokens for report in timed) / seconds


def _device_name(device: torch.device) -> str:
    if device.type != "cuda":
        return str(device)
    return f"{device} ({torch.cuda.get_device_name(device)})"
