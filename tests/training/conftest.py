"""A run's folder in miniature: a tokenizer, packed rows and conversations written by the test."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

LENGTH = 32
WORDS = [f"w{number}" for number in range(60)]
SPECIAL = ["<pad>", "<bos>", "<eos>", "<unk>"]


def write_tokenizer(folder: Path, words: list[str]) -> Any:
    """A tokenizer of whole words; ids 0 to 3 are special."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    ids = {token: number for number, token in enumerate([*SPECIAL, *words])}
    tokenizer = Tokenizer(models.WordLevel(ids, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        bos_token="<bos>",
        eos_token="<eos>",
        unk_token="<unk>",
    )
    fast.save_pretrained(str(folder))
    return fast


def packed_rows(rows: int, seed: int) -> dict[str, list[list[int]]]:
    """Rows of two documents and some padding; in a document each word follows the one before."""
    random = np.random.default_rng(seed)
    columns: dict[str, list[list[int]]] = {"input_ids": [], "position_ids": []}
    for _ in range(rows):
        cut = int(random.integers(8, 20))
        lengths = (cut, LENGTH - 4 - cut)
        documents = [_document(length, int(random.integers(60))) for length in lengths]
        columns["input_ids"].append([*itertools.chain(*documents), 0, 0, 0, 0])
        columns["position_ids"].append([*range(lengths[0]), *range(lengths[1]), 0, 1, 2, 3])
    return columns


def _document(length: int, start: int) -> list[int]:
    return [1, *(4 + (start + step) % 60 for step in range(length - 2)), 2]


def conversations(rows: int, seed: int) -> dict[str, list[Any]]:
    """Rows of 6 to 14 tokens: a question that is masked, and its words again as the answer."""
    random = np.random.default_rng(seed)
    columns: dict[str, list[Any]] = {"input_ids": [], "loss_mask": [], "messages": []}
    for _ in range(rows):
        question = random.integers(4, 64, size=int(random.integers(2, 6))).tolist()
        columns["input_ids"].append([1, *question, *question, 2])
        columns["loss_mask"].append([0] * (1 + len(question)) + [1] * (len(question) + 1))
        text = " ".join(WORDS[token - 4] for token in question)
        columns["messages"].append(
            [{"role": "user", "content": text}, {"role": "assistant", "content": text}]
        )
    return columns


def write_dataset(run: Path, kind: str, split: str, columns: dict[str, list[Any]]) -> None:
    """Column types as the pipeline writes them."""
    from datasets import Dataset, Features, List, Value

    length = LENGTH if kind == "pretrain" else -1
    types = {
        "input_ids": List(Value("uint16"), length=length),
        "position_ids": List(Value("int32")),
        "loss_mask": List(Value("uint8")),
        "messages": List({"role": Value("string"), "content": Value("string")}),
    }
    features = Features({name: types[name] for name in columns})
    dataset = Dataset.from_dict(columns, features=features)
    dataset.save_to_disk(str(run / "dataset" / kind / split))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A finished run: 12 packed rows and 10 conversations to train on, a few to validate on."""
    write_tokenizer(tmp_path / "tokenizer", WORDS)
    write_dataset(tmp_path, "pretrain", "train", packed_rows(12, seed=1))
    write_dataset(tmp_path, "pretrain", "validation", packed_rows(3, seed=2))
    write_dataset(tmp_path, "sft", "train", conversations(10, seed=3))
    write_dataset(tmp_path, "sft", "validation", conversations(2, seed=4))
    return tmp_path
