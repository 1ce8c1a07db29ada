"""LoRA's algebra, and fine-tuning over a run's folder."""

import pytest

pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("peft", reason="LoRA needs peft")

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from taojin.core.errors import UserError
from taojin.training.model import Size, Vocabulary, build
from taojin.training.pretrain import pretrain
from taojin.training.results import StepReport
from taojin.training.settings import PretrainSettings, SftSettings
from taojin.training.sft import add_lora, sft

from .conftest import conversations, write_dataset, write_tokenizer

TINY = Size(width=32, layers=2, heads=2, feed_forward=64)
SETTINGS = SftSettings(steps=5, batch_size=4, learning_rate=5e-3, device="cpu")
IDS = torch.arange(4, 20)[None]


def logits(model: Any) -> torch.Tensor:
    """Of one row, without gradients."""
    with torch.no_grad():
        return model.eval()(input_ids=IDS).logits


def test_an_adapter_with_b_0_changes_nothing() -> None:
    base = build(TINY, Vocabulary(21), seed=0)
    before = logits(base)
    assert torch.equal(logits(add_lora(base, SETTINGS)), before)


def test_adapters_are_seeded() -> None:
    def first(seed: int) -> torch.Tensor:
        model = add_lora(build(TINY, Vocabulary(21), seed=0), replace(SETTINGS, seed=seed))
        return next(weight for name, weight in model.named_parameters() if "lora_A" in name)

    assert torch.equal(first(0), first(0))
    assert not torch.equal(first(0), first(1))


def test_merged_weights_are_w_and_scale_b_a() -> None:
    base = build(TINY, Vocabulary(21), seed=0)
    weights = {name: weight.clone() for name, weight in base.state_dict().items()}
    model = add_lora(base, replace(SETTINGS, rank=4, alpha=6))
    torch.manual_seed(0)
    adapters = {name: part for name, part in model.named_modules() if hasattr(part, "lora_A")}
    for part in adapters.values():
        torch.nn.init.normal_(part.lora_B["default"].weight)
    expected = {
        name.removeprefix("base_model.model.") + ".weight": part.lora_B["default"].weight
        @ part.lora_A["default"].weight
        * (6 / 4)
        for name, part in adapters.items()
    }
    tuned = logits(model)
    merged = model.merge_and_unload()
    assert len(expected) == 2 * 7  # two layers of four attention and three SwiGLU matrices
    for name, weight in merged.state_dict().items():
        torch.testing.assert_close(weight, weights[name] + expected.get(name, 0.0))
    torch.testing.assert_close(logits(merged), tuned, atol=1e-4, rtol=1e-4)


def test_only_adapters_ask_for_gradients() -> None:
    model = add_lora(build(TINY, Vocabulary(21), seed=0), SETTINGS)
    trained = [name for name, weight in model.named_parameters() if weight.requires_grad]
    assert len(trained) == 2 * 7 * 2
    assert all("lora_" in name for name in trained)


@pytest.fixture
def base(run: Path) -> Path:
    """The run with a model pre-trained for two steps."""
    settings = PretrainSettings(steps=2, learning_rate=3e-3, device="cpu")
    return pretrain(run, settings).checkpoint


def test_the_loss_falls_and_both_models_open(run: Path, base: Path) -> None:
    untouched = (base / "model.safetensors").read_bytes()
    reports: list[StepReport] = []
    result = sft(run, SETTINGS, reports.append)
    assert result.last_loss < result.first_loss
    assert result.validation_loss_before is not None
    assert result.validation_loss_after is not None
    assert len(reports) == 5
    assert result.checkpoint == run / "training/sft"
    assert 0 < result.trained_parameters < result.parameters
    assert (result.rows_cut, result.rows_left_out) == (0, 0)
    assert (base / "model.safetensors").read_bytes() == untouched
    merged = AutoModelForCausalLM.from_pretrained(result.checkpoint)
    assert AutoTokenizer.from_pretrained(result.checkpoint)("w3")["input_ids"] == [7]
    assert not any("lora" in name for name in merged.state_dict())
    wrapped = with_adapter(base, result.checkpoint / "adapter")
    torch.testing.assert_close(logits(merged), logits(wrapped), atol=1e-4, rtol=1e-4)
    original = AutoModelForCausalLM.from_pretrained(base)
    assert (logits(merged) - logits(original)).abs().max() > 1e-3


def with_adapter(base: Path, adapter: Path) -> Any:
    """The base with the saved adapter, as peft loads it."""
    from peft import PeftModel

    return PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), str(adapter))


def test_the_same_seed_gives_the_same_losses(run: Path, base: Path) -> None:
    def losses(seed: int) -> list[float]:
        reports: list[StepReport] = []
        sft(run, replace(SETTINGS, seed=seed), reports.append)
        return [report.loss for report in reports]

    assert losses(0) == losses(0)
    assert losses(0) != losses(1)


def test_masked_tokens_do_not_move_the_loss(run: Path, base: Path) -> None:
    """Other questions after which the answer comes are seen, so only the last mask is compared."""
    columns = conversations(10, seed=3)
    for ids, mask in zip(columns["input_ids"], columns["loss_mask"], strict=True):
        ids.append(9)
        mask.append(0)
    first = sft(run, replace(SETTINGS, steps=1)).first_loss
    write_dataset(run, "sft", "train", columns)
    assert sft(run, replace(SETTINGS, steps=1)).first_loss == pytest.approx(first, rel=1e-6)


def test_the_base_may_be_named(run: Path, base: Path, tmp_path: Path) -> None:
    moved = shutil.move(base, tmp_path / "elsewhere")
    assert sft(run, replace(SETTINGS, steps=1, base=Path(moved))).steps == 1
    with pytest.raises(UserError, match="holds no model: run `taojin train pretrain"):
        sft(run, SETTINGS)


def test_a_base_with_another_tokenizer_is_refused(run: Path, base: Path) -> None:
    write_tokenizer(base, [f"v{number}" for number in range(60)])
    with pytest.raises(UserError, match="has another tokenizer than"):
        sft(run, SETTINGS)


def test_without_a_dataset_it_says_what_to_do(run: Path) -> None:
    shutil.rmtree(run / "dataset/sft")
    with pytest.raises(UserError, match="has no dataset/sft: finish `taojin run` first"):
        sft(run, SETTINGS)


def test_conversations_without_an_answer_are_the_users_error(run: Path, base: Path) -> None:
    columns = conversations(3, seed=5)
    columns["loss_mask"] = [[0] * len(mask) for mask in columns["loss_mask"]]
    write_dataset(run, "sft", "train", columns)
    with pytest.raises(UserError, match="no rows to learn from"):
        sft(run, SETTINGS)
