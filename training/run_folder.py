"""What training reads from a run's folder, and the checkpoint that it leaves there."""

import importlib.util
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from taojin.core.errors import UserError
from taojin.core.storage import publish
from taojin.training.model import Vocabulary
from taojin.training.results import OnStep, Outcome, StepReport
from taojin.training.settings import LoopSettings

EXTRA = ("torch", "transformers", "peft", "safetensors", "datasets")


def require_extra() -> None:
    """UserError if one of the libraries of the extra `train` is missing."""
    for library in EXTRA:
        if importlib.util.find_spec(library) is None:
            raise UserError(f"training needs {library}: pip install 'taojin[train]'")


def open_dataset(run: Path, kind: str) -> tuple[Any, Any | None]:
    """The `train` and `validation` datasets of a kind (pretrain, sft), in Arrow format.

    validation is None where it is absent or empty; UserError if there is no train.
    """
    folder = run / "dataset" / kind
    train = _split(folder / "train")
    if train is None:
        raise UserError(f"{run} has no dataset/{kind}: finish `taojin run` first")
    if not len(train):
        raise UserError(
            f"{folder / 'train'} has no rows: the run kept no document, or found no question in "
            "those it kept; its report says which"
        )
    validation = _split(folder / "validation")
    return train, validation if validation is not None and len(validation) else None


def _split(folder: Path) -> Any | None:
    from datasets import load_from_disk

    return load_from_disk(str(folder)).with_format("arrow") if folder.is_dir() else None


def open_tokenizer(run: Path) -> Any:
    """The run's tokenizer, as transformers loads it."""
    from transformers import AutoTokenizer

    folder = run / "tokenizer"
    if not folder.is_dir():
        raise UserError(f"{run} has no tokenizer: finish `taojin run` first")
    return AutoTokenizer.from_pretrained(str(folder), local_files_only=True)


def vocabulary_of(tokenizer: Any) -> Vocabulary:
    """Its size (the highest id and one, since ids may leave gaps) and its special tokens."""
    return Vocabulary(
        size=max(tokenizer.get_vocab().values()) + 1,
        bos=tokenizer.bos_token_id,
        eos=tokenizer.eos_token_id,
        pad=tokenizer.pad_token_id,
    )


@contextmanager
def checkpoint_folder(folder: Path) -> Iterator[Path]:
    """An empty folder to fill, which takes the place of `folder` when the block ends.

    On an exception the checkpoint of an earlier training stays.
    """
    with publish(folder, replace=True) as partial:
        partial.mkdir()
        yield partial


@contextmanager
def recorded(path: Path, on_step: OnStep) -> Iterator[OnStep]:
    """An `on_step` that writes a line of JSON before it passes the report on."""
    with path.open("w", encoding="utf-8") as file:

        def record(report: StepReport) -> None:
            file.write(json.dumps(asdict(report)) + "\n")
            on_step(report)

        yield record


def write_model(folder: Path, model: Any, tokenizer: Any) -> None:
    """What AutoModelForCausalLM and AutoTokenizer open."""
    with no_progress_bars():
        model.save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))


@contextmanager
def no_progress_bars() -> Iterator[None]:
    """Keep transformers from drawing on standard error: what is shown is the caller's business."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def write_account(folder: Path, settings: LoopSettings, outcome: Outcome) -> None:
    """training.json: the settings, and what came of them."""
    account = {"settings": asdict(settings), "outcome": asdict(outcome)}
    text = json.dumps(account, indent=2, default=str)
    (folder / "training.json").write_text(text + "\n", encoding="utf-8")
