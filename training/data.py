"""Rows of token ids to batches: which token follows which, and who may attend to whom.

A packed row holds several documents. A token attends to its own document only, and the last token
of one is not asked for the first of the next, so that training on a packed row is training on its
documents one by one. The mask is a boolean per pair of positions, which every SDPA kernel but
FlashAttention takes: rows * length^2 bytes, 64 MiB for 16 rows of 2,048.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from taojin.core.errors import UserError

IGNORED = -100  # torch's cross entropy leaves such targets out

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Batch:
    """What one step learns from; all of shape [rows, length] unless it says otherwise."""

    input_ids: torch.Tensor
    targets: torch.Tensor
    """The token that follows, or IGNORED where nothing is to be learned."""

    position_ids: torch.Tensor | None
    """None: counted from 0 in every row."""

    attention: torch.Tensor | None
    """bool[rows, 1, length, length], True where query may see key. None: whatever came before."""

    tokens: int
    """Without padding."""

    learned: int
    """Targets that are not IGNORED."""

    def to(self, device: torch.device) -> "Batch":
        """The same batch on another device."""
        return replace(
            self,
            input_ids=self.input_ids.to(device),
            targets=self.targets.to(device),
            position_ids=None if self.position_ids is None else self.position_ids.to(device),
            attention=None if self.attention is None else self.attention.to(device),
        )


class Rows(Protocol):
    """A dataset that hands out batches."""

    def __len__(self) -> int:
        """How many rows there are."""
        ...

    def batch(self, indices: Sequence[int]) -> Batch:
        """The rows with these indices, in this order."""
        ...


@dataclass(frozen=True)
class PackedRows:
    """dataset/pretrain: columns input_ids and position_ids, rows of one length."""

    dataset: Any
    """A datasets.Dataset in Arrow format."""

    pad: int | None
    vocabulary: int

    def __len__(self) -> int:
        return len(self.dataset)

    def batch(self, indices: Sequence[int]) -> Batch:
        """UserError if a token id is not in the vocabulary."""
        table = self.dataset[list(indices)]
        ids = np.stack(table["input_ids"].to_numpy()).astype(np.int64)
        positions = np.stack(table["position_ids"].to_numpy()).astype(np.int64)
        check_ids(ids, self.vocabulary)
        return packed_batch(ids, positions, self.pad)


@dataclass(frozen=True)
class SftRows:
    """dataset/sft: columns input_ids and loss_mask, rows of any length.

    Rows that would teach nothing are not among the indices; `rows_left_out` counts them.
    """

    dataset: Any
    """A datasets.Dataset in Arrow format."""

    indices: tuple[int, ...]
    rows_cut: int
    length: int
    vocabulary: int

    @property
    def rows_left_out(self) -> int:
        """Rows without a token to learn."""
        return len(self.dataset) - len(self.indices)

    def __len__(self) -> int:
        return len(self.indices)

    def batch(self, indices: Sequence[int]) -> Batch:
        """UserError if a token id is not in the vocabulary."""
        table = self.dataset[[self.indices[index] for index in indices]]
        ids = [row[: self.length] for row in table["input_ids"].to_pylist()]
        masks = [row[: self.length] for row in table["loss_mask"].to_pylist()]
        check_ids(np.concatenate([np.asarray(row, np.int64) for row in ids]), self.vocabulary)
        return masked_batch(ids, masks)


def sft_rows(dataset: Any, length: int, vocabulary: int) -> SftRows:
    """The rows of a dataset that hold a token to learn among their first `length`."""
    kept: list[int] = []
    cut = 0
    masks = (row for table in dataset.iter(1000) for row in table["loss_mask"].to_pylist())
    for index, mask in enumerate(masks):
        cut += len(mask) > length
        # the first token follows nothing, so it is never a target
        if any(mask[1:length]):
            kept.append(index)
    return SftRows(dataset, tuple(kept), cut, length, vocabulary)


def packed_batch(ids: Ids, positions: Ids, pad: int | None) -> Batch:
    """A batch of packed rows, int64[rows, length] each.

    A document starts wherever the position does not go on from the one before; padding is the run
    of pad ids that ends a row (elsewhere the same id may be an end of text).

    >>> packed_batch(np.array([[5, 6, 7, 0]]), np.array([[0, 1, 0, 1]]), 0).targets.tolist()
    [[6, -100, -100, -100]]
    """
    starts = np.diff(positions, axis=1, prepend=positions[:, :1]) != 1
    document = np.cumsum(starts, axis=1)
    padding = _padding(ids, pad)
    targets = np.full_like(ids, IGNORED)
    learned = (document[:, 1:] == document[:, :-1]) & ~padding[:, 1:]
    targets[:, :-1] = np.where(learned, ids[:, 1:], IGNORED)
    return Batch(
        input_ids=torch.from_numpy(ids),
        targets=torch.from_numpy(targets),
        position_ids=torch.from_numpy(positions),
        attention=block_mask(torch.from_numpy(document)),
        tokens=int((~padding).sum()),
        learned=int((targets != IGNORED).sum()),
    )


def block_mask(document: torch.Tensor) -> torch.Tensor:
    """bool[rows, 1, length, length] from the number of each token's document, [rows, length].

    Every token sees itself, so no row of the mask is empty, padding's neither: softmax over
    nothing would be NaN.
    """
    length = document.shape[1]
    same = document[:, :, None] == document[:, None, :]
    earlier = torch.ones(length, length, dtype=torch.bool).tril()
    return (same & earlier)[:, None]


def masked_batch(ids: Sequence[Sequence[int]], masks: Sequence[Sequence[int]]) -> Batch:
    """A batch of conversations, filled up at the end; only tokens whose mask is 1 are targets.

    No attention mask: what fills a row comes after every real token, which never looks ahead.
    """
    shape = (len(ids), max(map(len, ids)))
    inputs, targets = np.zeros(shape, np.int64), np.full(shape, IGNORED, np.int64)
    for row, (tokens, mask) in enumerate(zip(ids, masks, strict=True)):
        inputs[row, : len(tokens)] = tokens
        targets[row, : len(tokens) - 1] = np.where(mask[1:], tokens[1:], IGNORED)
    return Batch(
        input_ids=torch.from_numpy(inputs),
        targets=torch.from_numpy(targets),
        position_ids=None,
        attention=None,
        tokens=sum(map(len, ids)),
        learned=int((targets != IGNORED).sum()),
    )


def batch_indices(rows: int, batch_size: int, seed: int) -> Iterator[list[int]]:
    """Endless batches of row indices: every epoch holds each row once, in an order of its own.

    A batch goes on into the next epoch, so it is full even where it is larger than the dataset.
    """
    order = itertools.chain.from_iterable(
        np.random.default_rng((seed, epoch)).permutation(rows).tolist()
        for epoch in itertools.count()
    )
    while True:
        yield list(itertools.islice(order, batch_size))


def check_ids(ids: Ids, vocabulary: int) -> None:
    """UserError if a token id is not in the vocabulary (on a GPU it would end the process)."""
    if ids.size and ids.max() >= vocabulary:
        raise UserError(
            f"the dataset holds token id {ids.max()}, but the tokenizer ends at {vocabulary - 1}: "
            "both must come from one `taojin run`"
        )


def _padding(ids: Ids, pad: int | None) -> NDArray[np.bool_]:
    if pad is None:
        return np.zeros(ids.shape, np.bool_)
    from_end = np.logical_and.accumulate(ids[:, ::-1] == pad, axis=1)
    return from_end[:, ::-1]
