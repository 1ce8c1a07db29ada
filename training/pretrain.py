"""Pre-training: a decoder from random weights, on the packed rows of a run."""

from dataclasses import replace
from pathlib import Path

from taojin.training.model import build, size_named
from taojin.training.results import OnStep, TrainResult, silent
from taojin.training.run_folder import (
    checkpoint_folder,
    open_dataset,
    open_tokenizer,
    recorded,
    require_extra,
    vocabulary_of,
    write_account,
    write_model,
)
from taojin.training.settings import PretrainSettings


def pretrain(run: Path, settings: PretrainSettings, on_step: OnStep = silent) -> TrainResult:
    """Train a model of the named size and leave it in RUN/training/pretrain.

    UserError if the run has no dataset/pretrain, or a library of the extra `train` is missing.
    """
    size = size_named(settings.size)
    require_extra()
    from taojin.training.data import PackedRows
    from taojin.training.loop import train

    learn, validate = open_dataset(run, "pretrain")
    tokenizer = open_tokenizer(run)
    vocabulary = vocabulary_of(tokenizer)
    rows = PackedRows(learn, vocabulary.pad, vocabulary.size)
    validation = None if validate is None else replace(rows, dataset=validate)
    model = build(size, vocabulary, settings.seed)
    checkpoint = run / "training" / "pretrain"
    with checkpoint_folder(checkpoint) as folder:
        with recorded(folder / "metrics.jsonl", on_step) as record:
            outcome = train(model, rows, validation, settings, record)
        write_model(folder, model, tokenizer)
        write_account(folder, settings, outcome)
    return TrainResult(**vars(outcome), checkpoint=checkpoint)
