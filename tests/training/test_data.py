"""Batches against plain Python, and packed rows against their documents one by one."""

import pytest

pytest.importorskip("torch", reason="training needs torch")

from itertools import islice
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from hypothesis import given
from hypothesis import strategies as st

from taojin.core.errors import UserError
from taojin.training.data import (
    IGNORED,
    PackedRows,
    batch_indices,
    masked_batch,
    packed_batch,
    sft_rows,
)
from taojin.training.loop import summed_loss
from taojin.training.model import Size, Vocabulary, build

TINY = Size(width=32, layers=2, heads=2, feed_forward=64)

documents = st.lists(st.lists(st.integers(1, 20), min_size=1, max_size=6), min_size=1, max_size=5)


def pack(parts: list[list[int]], padding: int) -> tuple[Any, Any]:
    """One row of ids and positions, filled up with 0."""
    ids = [token for part in parts for token in part] + [0] * padding
    positions = [place for part in parts for place in range(len(part))] + [0] * padding
    return np.array([ids]), np.array([positions])


@given(parts=documents, padding=st.integers(0, 4))
def test_packed_batch_agrees_with_plain_python(parts: list[list[int]], padding: int) -> None:
    batch = packed_batch(*pack(parts, padding), pad=0)
    owner = [number for number, part in enumerate(parts) for _ in part]
    targets = [token for part in parts for token in [*part[1:], IGNORED]] + [IGNORED] * padding
    assert batch.targets[0].tolist() == targets
    assert batch.tokens == len(owner)
    assert batch.learned == sum(target != IGNORED for target in targets)
    assert batch.attention is not None
    for query in range(len(owner)):
        seen = batch.attention[0, 0, query, : len(owner)].tolist()
        expected = [key <= query and owner[key] == owner[query] for key in range(len(owner))]
        assert seen == expected
    assert batch.attention.any(-1).all()


def test_a_pad_id_inside_a_document_is_learned() -> None:
    """In many tokenizers pad and end of text are one token; only the row's end is padding."""
    batch = packed_batch(np.array([[5, 0, 6, 0, 0]]), np.array([[0, 1, 0, 1, 2]]), pad=0)
    assert batch.targets.tolist() == [[0, IGNORED, IGNORED, IGNORED, IGNORED]]
    assert packed_batch(np.array([[5, 0]]), np.array([[0, 1]]), pad=None).tokens == 2


def test_packed_equals_separate() -> None:
    model = build(TINY, Vocabulary(21), seed=0).eval()
    parts = [[3, 4, 5, 6, 7], [8, 3, 4], [9], [2, 2, 2, 2, 2, 2]]
    batch = packed_batch(*pack(parts, padding=3), pad=0)
    with torch.no_grad():
        packed = model(
            input_ids=batch.input_ids,
            attention_mask=batch.attention,
            position_ids=batch.position_ids,
        ).logits[0, :15]
        alone = [model(input_ids=torch.tensor([part])).logits[0] for part in parts]
        torch.testing.assert_close(packed, torch.cat(alone), atol=1e-5, rtol=1e-5)
        losses = [
            torch.nn.functional.cross_entropy(
                logits[:-1], torch.tensor(part[1:], dtype=torch.int64), reduction="sum"
            ).item()
            for logits, part in zip(alone, parts, strict=True)
        ]
        assert summed_loss(model, batch, "float32").item() == pytest.approx(sum(losses), rel=1e-5)


def test_only_masked_tokens_contribute() -> None:
    """The oracle adds -log p of each token with mask 1, by hand, row by row and unpadded."""
    model = build(TINY, Vocabulary(21), seed=0).eval()
    ids = [[1, 5, 6, 7, 8, 2], [1, 9, 10, 2]]
    masks = [[0, 0, 0, 1, 0, 1], [0, 0, 1, 1]]
    batch = masked_batch(ids, masks)
    expected = 0.0
    with torch.no_grad():
        for tokens, mask in zip(ids, masks, strict=True):
            chances = model(input_ids=torch.tensor([tokens])).logits[0].log_softmax(-1)
            for place, (token, flag) in enumerate(zip(tokens, mask, strict=True)):
                expected -= chances[place - 1, token].item() if flag else 0.0
        found = summed_loss(model, batch, "float32").item()
    assert batch.learned == 4
    assert batch.tokens == 10
    assert found == pytest.approx(expected, rel=1e-5)


def test_conversations_are_cut_and_counted() -> None:
    columns = {
        "input_ids": [[1, 2, 3, 4], [1, 2, 3, 4, 5, 6], [1, 2], [1, 2, 3]],
        "loss_mask": [[0, 0, 1, 1], [0, 0, 0, 0, 1, 1], [1, 0], [0, 1, 1]],
    }
    rows = sft_rows(Dataset.from_dict(columns).with_format("arrow"), length=3, vocabulary=7)
    assert rows.indices == (0, 3)  # the second is cut to nothing, the third learns only its first
    assert (rows.rows_cut, rows.rows_left_out) == (2, 2)
    assert rows.batch([1, 0]).input_ids.tolist() == [[1, 2, 3], [1, 2, 3]]
    assert rows.batch([1, 0]).targets.tolist() == [[2, 3, IGNORED], [IGNORED, 3, IGNORED]]


def test_a_token_beyond_the_vocabulary_is_the_users_error() -> None:
    columns = {"input_ids": [[1, 2, 7]], "position_ids": [[0, 1, 2]]}
    dataset = Dataset.from_dict(columns).with_format("arrow")
    assert PackedRows(dataset, None, 8).batch([0]).targets.tolist() == [[2, 7, IGNORED]]
    with pytest.raises(UserError, match="token id 7, but the tokenizer ends at 6"):
        PackedRows(dataset, None, 7).batch([0])


@given(rows=st.integers(1, 9), batch_size=st.integers(1, 20), seed=st.integers(0, 5))
def test_every_epoch_holds_each_row_once(rows: int, batch_size: int, seed: int) -> None:
    batches = list(islice(batch_indices(rows, batch_size, seed), 12))
    assert {len(batch) for batch in batches} == {batch_size}
    order = [index for batch in batches for index in batch]
    for start in range(0, len(order) - rows + 1, rows):
        assert sorted(order[start : start + rows]) == list(range(rows))
    assert batches == list(islice(batch_indices(rows, batch_size, seed), 12))


def test_epochs_and_seeds_differ_in_order() -> None:
    first, second = islice(batch_indices(50, 50, seed=0), 2)
    assert first != second
    assert first != next(batch_indices(50, 50, seed=1))
