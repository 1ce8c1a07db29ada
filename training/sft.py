"""Supervised fine-tuning: LoRA adapters on conversations, then the merged model.

LoRA (Hu et al. 2021) adds alpha / rank * B A to every linear layer but the output; B starts at 0,
so that the first step starts from the base model. peft does this in place: the model that goes in
is the model that comes out.
"""

import warnings
from pathlib import Path
from typing import Any

from taojin.core.errors import UserError
from taojin.training.results import OnStep, TrainResult, silent
from taojin.training.run_folder import (
    checkpoint_folder,
    no_progress_bars,
    open_dataset,
    open_tokenizer,
    recorded,
    require_extra,
    vocabulary_of,
    write_account,
    write_model,
)
from taojin.training.settings import SftSettings


def sft(run: Path, settings: SftSettings, on_step: OnStep = silent) -> TrainResult:
    """Tune the base model; RUN/training/sft holds the merged model, its `adapter` the LoRA alone.

    UserError if the run has no dataset/sft, the base is no model or has another tokenizer, or a
    library of the extra `train` is missing.
    """
    require_extra()
    from taojin.training.data import sft_rows
    from taojin.training.loop import train

    learn, validate = open_dataset(run, "sft")
    tokenizer = open_tokenizer(run)
    size = vocabulary_of(tokenizer).size
    rows = sft_rows(learn, settings.sequence_length, size)
    validation = None
    if validate is not None:
        validation = sft_rows(validate, settings.sequence_length, size)
    model = add_lora(open_base(run, settings.base, tokenizer), settings)
    checkpoint = run / "training" / "sft"
    with checkpoint_folder(checkpoint) as folder:
        with recorded(folder / "metrics.jsonl", on_step) as record:
            outcome = train(model, rows, validation, settings, record)
        # without this peft asks the model hub whether the base's embeddings were resized
        model.save_pretrained(str(folder / "adapter"), save_embedding_layers=False)
        write_model(folder, model.merge_and_unload(), tokenizer)
        write_account(folder, settings, outcome)
    return TrainResult(
        **vars(outcome),
        checkpoint=checkpoint,
        rows_cut=rows.rows_cut,
        rows_left_out=rows.rows_left_out,
    )


def open_base(run: Path, base: Path | None, tokenizer: Any) -> Any:
    """The model to tune, in float32, by default the run's own; its tokenizer must be the run's."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = run / "training" / "pretrain" if base is None else base
    if not (folder / "config.json").is_file():
        raise UserError(
            f"{folder} holds no model: run `taojin train pretrain {run}` first, "
            "or name a model's folder with --base"
        )
    theirs = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
    if theirs.get_vocab() != tokenizer.get_vocab():
        raise UserError(
            f"{folder} has another tokenizer than {run}, whose conversations are token ids by "
            "now: run the recipe with the base's tokenizer, or choose a base trained on this run"
        )
    with no_progress_bars():
        return AutoModelForCausalLM.from_pretrained(
            str(folder), dtype="float32", local_files_only=True
        )


def add_lora(model: Any, settings: SftSettings) -> Any:
    """`model` with adapters on all linear layers but the output; changes the model it is given.

    Only the adapters ask for gradients; the same seed gives the same adapters.
    """
    import torch
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=0.0,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
        # peft asks transformers for a name that its next version drops
        warnings.filterwarnings("ignore", ".*is_gradient_checkpointing", FutureWarning)
        torch.default_generator.manual_seed(settings.seed)
        return get_peft_model(model, config)
