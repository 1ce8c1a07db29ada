"""The schedule, the optimiser and the devices."""

import pytest

pytest.importorskip("torch", reason="training needs torch")

import doctest
import json
from pathlib import Path

import torch

from taojin.core.errors import UserError
from taojin.training import data, loop
from taojin.training.data import batch_indices
from taojin.training.device_check import main, synthetic_rows
from taojin.training.loop import build_optimizer, choose_device, learning_rate, train
from taojin.training.model import SIZES, Size, Vocabulary, build, parameter_count, size_named
from taojin.training.results import StepReport, silent
from taojin.training.settings import LoopSettings, SftSettings

TINY = Size(width=32, layers=2, heads=2, feed_forward=64)


def test_learning_rate_agrees_with_torch() -> None:
    settings = LoopSettings(steps=30, learning_rate=0.5, warmup_share=0.2, final_share=0.1)
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=0.5)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=24, eta_min=0.05)
    for step in range(6, 31):
        assert learning_rate(step, settings) == pytest.approx(optimizer.param_groups[0]["lr"])
        optimizer.step()
        cosine.step()
    assert [learning_rate(step, settings) for step in (1, 3)] == pytest.approx([0.5 / 6, 0.25])


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_learning_rate_at_the_ends_of_the_warm_up(share: float) -> None:
    settings = LoopSettings(steps=1, learning_rate=0.5, warmup_share=share)
    assert 0.05 <= learning_rate(1, settings) <= 0.5


def test_the_examples_in_the_docstrings_hold() -> None:
    for module in (data, loop):
        found = doctest.testmod(module)
        assert found.attempted > 0
        assert found.failed == 0


def test_norms_are_not_decayed() -> None:
    parameters = list(build(TINY, Vocabulary(21), seed=0).parameters())
    optimizer = build_optimizer(parameters, LoopSettings(), torch.device("cpu"))
    decayed, spared = optimizer.param_groups
    assert decayed["weight_decay"] == 0.1
    assert spared["weight_decay"] == 0.0
    assert {p.dim() for p in decayed["params"]} == {2}
    assert len(spared["params"]) == 5  # two norms in each of two layers, one at the end
    assert len(decayed["params"]) + len(spared["params"]) == len(parameters)


@pytest.mark.parametrize("clip_norm", [1e-6, 1e6])
def test_three_steps_agree_with_a_plain_loop(clip_norm: float) -> None:
    """The oracle writes AdamW out: clipped gradients, moments, bias correction, decay.

    AdamW does not see the scale of its gradients, only next to its epsilon: hence the
    short clip. A clip that never bites shows gradients left over from the step before.
    """
    rows = synthetic_rows(4, length=16, vocabulary=21, seed=0)
    settings = LoopSettings(
        steps=3,
        batch_size=1,
        learning_rate=0.01,
        clip_norm=clip_norm,
        weight_decay=0.2,
        device="cpu",
    )
    model, twin = (build(TINY, Vocabulary(21), seed=0) for _ in range(2))
    reports: list[StepReport] = []
    train(model, rows, None, settings, reports.append)
    order = batch_indices(4, 1, settings.seed)
    weights = list(twin.parameters())
    first, second = ([torch.zeros_like(weight) for weight in weights] for _ in range(2))
    for step in range(1, 4):
        batch = rows.batch(next(order))
        logits = twin(batch.input_ids, batch.attention, batch.position_ids).logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch.targets.flatten())
        gradients = torch.autograd.grad(loss, weights)
        norm = torch.cat([gradient.flatten() for gradient in gradients]).norm()
        assert reports[step - 1].loss == pytest.approx(loss.item(), rel=1e-4)
        assert reports[step - 1].gradient_norm == pytest.approx(norm.item(), rel=1e-3)
        rate = learning_rate(step, settings)
        for weight, gradient, mean, square in zip(weights, gradients, first, second, strict=True):
            clipped = gradient * min(1.0, clip_norm / norm)
            mean.mul_(0.9).add_(0.1 * clipped)
            square.mul_(0.95).add_(0.05 * clipped**2)
            bottom = (square / (1 - 0.95**step)).sqrt() + 1e-8
            move = mean / (1 - 0.9**step) / bottom
            decay = 0.2 if weight.dim() >= 2 else 0.0
            weight.data.mul_(1 - rate * decay).sub_(rate * move)
    for weight, found in zip(weights, model.parameters(), strict=True):
        torch.testing.assert_close(found, weight, atol=3e-5, rtol=0)


def test_parameter_count_is_what_is_built() -> None:
    for size in (TINY, SIZES["nano"]):
        built = sum(weight.numel() for weight in build(size, Vocabulary(100), 0).parameters())
        assert parameter_count(size, 100) == built
    assert round(parameter_count(SIZES["small"], 50_257) / 1e6) == 124
    assert 1e6 < parameter_count(SIZES["nano"], 8_000) < 2e6


def test_build_is_seeded_and_leaves_the_callers_random_state() -> None:
    before = torch.random.get_rng_state()
    first, same, other = (build(TINY, Vocabulary(21), seed).lm_head.weight for seed in (3, 3, 4))
    assert torch.equal(first, same)
    assert not torch.equal(first, other)
    assert torch.equal(before, torch.random.get_rng_state())


def test_the_users_errors() -> None:
    with pytest.raises(UserError, match="no size 'huge'; known: micro, nano, small"):
        size_named("huge")
    with pytest.raises(UserError, match="steps is 0; it must be at least 1"):
        LoopSettings(steps=0)
    with pytest.raises(UserError, match="no precision 'int8'"):
        LoopSettings(precision="int8")
    with pytest.raises(UserError, match="rank is 0"):
        SftSettings(rank=0)
    with pytest.raises(UserError, match="no device 'tpu' on this machine; there is: cpu"):
        choose_device("tpu")


def test_a_loss_that_is_no_number_ends_the_training() -> None:
    rows = synthetic_rows(2, length=8, vocabulary=21, seed=0)
    model = build(TINY, Vocabulary(21), seed=0)
    torch.nn.init.constant_(model.model.norm.weight, float("nan"))
    with pytest.raises(UserError, match="the loss of step 1 is nan; try a lower learning rate"):
        train(model, rows, None, LoopSettings(steps=2, device="cpu"), silent)


def test_bfloat16_stays_close_to_float32() -> None:
    losses = {name: first_losses(name, "cpu") for name in ("float32", "bfloat16")}
    assert losses["bfloat16"] == pytest.approx(losses["float32"], rel=0.02)
    assert losses["bfloat16"] != losses["float32"]


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_bfloat16_on_cuda_stays_close_to_float32_on_the_cpu() -> None:
    assert first_losses("auto", "cuda") == pytest.approx(first_losses("float32", "cpu"), rel=0.02)


def first_losses(precision: str, device: str) -> list[float]:
    """The losses of five steps."""
    rows = synthetic_rows(8, length=32, vocabulary=64, seed=0)
    settings = LoopSettings(steps=5, batch_size=4, precision=precision, device=device)
    reports: list[StepReport] = []
    train(build(SIZES["nano"], Vocabulary(64), seed=0), rows, None, settings, reports.append)
    return [report.loss for report in reports]


def test_device_check_writes_what_it_measured(tmp_path: Path) -> None:
    small = [
        "--size",
        "nano",
        "--steps",
        "8",
        "--batch-size",
        "4",
        "--length",
        "32",
        "--vocabulary",
        "64",
        "--device",
        "cpu",
    ]
    assert main([*small, "--json", str(tmp_path / "found.json")]) == 0
    (check,) = json.loads((tmp_path / "found.json").read_text())["checks"]
    assert check["last_loss"] < check["first_loss"]
    assert check["packed_difference"] < 1e-4
    assert check["tokens_per_s"] > 0


def test_device_check_without_a_gpu_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a CUDA device")
    assert main([]) == 2
    assert "no device 'cuda'" in capsys.readouterr().err
