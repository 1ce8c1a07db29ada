"""Pre-training over a run's folder, from dataset to checkpoint."""

import pytest

pytest.importorskip("torch", reason="training needs torch")

import importlib.util
import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from taojin.core.errors import UserError
from taojin.training.pretrain import pretrain
from taojin.training.results import StepReport
from taojin.training.settings import PretrainSettings

# 16 rows a step out of 12: every batch reaches into the next epoch
SETTINGS = PretrainSettings(steps=20, batch_size=16, learning_rate=3e-3, device="cpu")


def test_the_loss_falls_and_the_checkpoint_opens(run: Path) -> None:
    reports: list[StepReport] = []
    result = pretrain(run, SETTINGS, reports.append)
    assert result.first_loss == pytest.approx(4.16, abs=0.15)  # ln 64: nothing is known yet
    assert result.last_loss < 0.6 * result.first_loss
    assert result.validation_loss_before == pytest.approx(4.16, abs=0.15)
    assert result.validation_loss_after is not None
    assert result.validation_loss_after < 0.7 * result.first_loss
    assert [report.step for report in reports] == list(range(1, 21))
    lines = (run / "training/pretrain/metrics.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [vars(report) for report in reports]
    assert result.checkpoint == run / "training/pretrain"
    assert {entry.name for entry in (run / "training").iterdir()} == {"pretrain"}
    model = AutoModelForCausalLM.from_pretrained(result.checkpoint)
    tokenizer = AutoTokenizer.from_pretrained(result.checkpoint)
    assert tokenizer("w3 w4")["input_ids"] == [7, 8]
    assert model.config.vocab_size == len(tokenizer) == 64
    assert model.num_parameters() == result.parameters == result.trained_parameters
    answer = model.generate(torch.tensor([[1, 10, 11, 12, 13]]), max_new_tokens=2, do_sample=False)
    assert answer.shape[1] > 5


def test_the_checkpoint_has_the_trained_logits(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from taojin.training import loop

    kept: list[Any] = []
    original = loop.train

    def keep(model: Any, *rest: Any) -> Any:
        kept.append(model)
        return original(model, *rest)

    monkeypatch.setattr(loop, "train", keep)
    result = pretrain(run, replace(SETTINGS, steps=3))
    reloaded = AutoModelForCausalLM.from_pretrained(result.checkpoint).eval()
    ids = torch.arange(4, 24)[None]
    with torch.no_grad():
        assert torch.equal(reloaded(ids).logits, kept[0].eval()(ids).logits)


def test_the_same_seed_gives_the_same_losses(run: Path) -> None:
    def losses(seed: int) -> list[float]:
        reports: list[StepReport] = []
        pretrain(run, replace(SETTINGS, steps=4, batch_size=5, seed=seed), reports.append)
        return [report.loss for report in reports]

    assert losses(0) == losses(0)
    assert losses(0) != losses(1)


def test_a_second_training_replaces_the_first(run: Path) -> None:
    pretrain(run, replace(SETTINGS, steps=1))
    pretrain(run, replace(SETTINGS, steps=2))
    assert len((run / "training/pretrain/metrics.jsonl").read_text().splitlines()) == 2


def test_a_training_that_fails_leaves_the_last_checkpoint(run: Path) -> None:
    pretrain(run, replace(SETTINGS, steps=1))

    def stop(report: StepReport) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pretrain(run, replace(SETTINGS, steps=2), stop)
    assert {entry.name for entry in (run / "training").iterdir()} == {"pretrain"}
    assert len((run / "training/pretrain/metrics.jsonl").read_text().splitlines()) == 1


def test_without_validation_its_loss_is_none(run: Path) -> None:
    shutil.rmtree(run / "dataset/pretrain/validation")
    result = pretrain(run, replace(SETTINGS, steps=1))
    assert (result.validation_loss_before, result.validation_loss_after) == (None, None)


def test_without_a_dataset_it_says_what_to_do(tmp_path: Path) -> None:
    expected = f"{tmp_path} has no dataset/pretrain: finish `taojin run` first"
    with pytest.raises(UserError) as error:
        pretrain(tmp_path, SETTINGS)
    assert str(error.value) == expected


def test_without_torch_it_says_what_to_install(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "torch" else found(name)
    )
    with pytest.raises(UserError, match=r"training needs torch: pip install 'taojin\[train\]'"):
        pretrain(run, SETTINGS)


def test_settings_and_entry_points_import_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "import taojin.training.settings, taojin.training.pretrain, taojin.training.sft\n"
        "heavy = {'torch', 'transformers', 'peft', 'datasets'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
