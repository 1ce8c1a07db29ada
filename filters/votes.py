"""fastText's supervised model of two classes, folded into one number per word: its vote.

Joulin et al. 2017: a text is the mean of the vectors of its words and word n-grams, and a linear
layer tells the classes apart. With two classes that layer can be applied to every vector once, so
that a text's logit is the mean of numbers. The probabilities are those of fastText's own `predict`,
which adds 1e-5 to each, at 160 MB/s of words instead of 44, in 1 MB instead of 30. What is kept are
hashes: no word of the texts stands in the model.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import string_buffers
from taojin.filters import vote_kernels
from taojin.filters.vote_kernels import Hashes

_POSITIVE, _NEGATIVE = "__label__positive", "__label__negative"
_END = "</s>"


@dataclass(frozen=True)
class VoteSettings:
    """What fastText is trained with."""

    epochs: int = 8
    learning_rate: float = 0.3
    dimensions: int = 32
    word_ngrams: int = 2
    buckets: int = 200_000
    seed: int = 1


@dataclass(frozen=True)
class Votes:
    """Votes of known words by their keys, and of word n-grams by fastText's buckets."""

    keys: Hashes
    words: NDArray[np.float32]
    ngrams: NDArray[np.float32]
    longest_ngram: int

    @cached_property
    def _table(self) -> tuple[Hashes, NDArray[np.float32]]:
        bits = max(4, int(2 * self.keys.size).bit_length())
        return vote_kernels.build_table(self.keys, self.words, bits)

    def logits(self, texts: pl.Series) -> NDArray[np.float64]:
        """float64[n]: logits of the positive class for texts of words between spaces."""
        table, words = self._table
        return vote_kernels.mean_votes(
            *string_buffers(texts), table, words, self.ngrams, self.longest_ngram, _end()
        )

    def save(self, path: Path) -> None:
        with path.open("wb") as file:
            np.savez(
                file,
                keys=self.keys,
                words=self.words,
                ngrams=self.ngrams,
                longest_ngram=np.int64(self.longest_ngram),
            )


def load(path: Path) -> Votes:
    """What `Votes.save` has written."""
    with np.load(path) as file:
        return Votes(file["keys"], file["words"], file["ngrams"], int(file["longest_ngram"]))


def train(texts: Sequence[str], positive: NDArray[np.bool_], settings: VoteSettings) -> Votes:
    """Train on texts of words between spaces, in an order that the seed draws; one thread.

    Both classes must hold a text. The same texts in the same order give the same votes.
    """
    return fold(_train(texts, positive, settings), settings.word_ngrams)


def _train(texts: Sequence[str], positive: NDArray[np.bool_], settings: VoteSettings):  # type: ignore[no-untyped-def]
    """The model as fastText has it."""
    import fasttext

    order = np.random.default_rng(settings.seed).permutation(len(texts))
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        for index in order:
            label = _POSITIVE if positive[index] else _NEGATIVE
            file.write(f"{label} {texts[index]}\n")
        file.flush()
        return fasttext.train_supervised(
            file.name,
            epoch=settings.epochs,
            lr=settings.learning_rate,
            dim=settings.dimensions,
            wordNgrams=settings.word_ngrams,
            bucket=settings.buckets,
            seed=settings.seed,
            thread=1,
            verbose=0,
        )


def fold(model, longest_ngram: int) -> Votes:  # type: ignore[no-untyped-def]
    """The votes of a fastText model of the two classes, without subwords."""
    vectors, classes = model.get_input_matrix(), model.get_output_matrix()
    positive = model.get_labels().index(_POSITIVE)
    votes = np.einsum("ij,j->i", vectors, classes[positive] - classes[1 - positive])
    words = model.get_words()
    keys = vote_kernels.word_keys(*string_buffers(pl.Series(words, dtype=pl.String)))
    return Votes(keys, votes[: len(words)], votes[len(words) :], longest_ngram)


def _end() -> tuple[np.uint64, np.uint64]:
    """Both hashes of the word that ends every text."""
    buffers = string_buffers(pl.Series([_END]))
    return np.uint64(vote_kernels.ngram_hash(*buffers)), vote_kernels.word_keys(*buffers)[0]
