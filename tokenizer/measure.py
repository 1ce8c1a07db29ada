"""What a tokenizer makes of texts: how much a token holds, for whom, and which pieces are idle.

Fertility is tokens per unit (Han character or word; core/text.py), as Rust et al. 2021 and Ács 2019
use it for words. A piece that is hardly seen in training keeps the embedding that it began with and
misleads the model (Land and Bartolo 2024); here are those that the texts themselves hardly hold.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from taojin.core.text import unit_count
from taojin.tokenizer.candidates import Candidate

RARE = 20
"""A piece that stands less often than this in all texts is undertrained."""
Figures = Mapping[str, float | None]
AMOUNTS = ("bytes", "characters", "units", "tokens")


@dataclass(frozen=True)
class Measured:
    """A tokenizer's figures of held-out documents, and of all texts for the idle pieces."""

    name: str
    size: int
    figures: Figures
    by_language: Mapping[str, Figures]
    by_source: Mapping[str, Figures]
    parity: float | None
    """Bytes per token of Chinese to those of English; 1: both cost the same by the byte."""
    unused: int
    undertrained: int
    """Ordinary pieces that stand less than RARE times in all texts, the unused ones included."""
    encode_mb_s: float
    """Of one core's time."""


def measure(candidate: Candidate, held_out: pl.DataFrame, others: pl.DataFrame) -> Measured:
    """Figures of documents (text, lang, source: strings); `others` only for the idle pieces."""
    candidate.encode(held_out["text"].head(1))  # tables are built and kernels loaded
    start = time.process_time()
    offsets, ids = candidate.encode(held_out["text"])
    seconds = time.process_time() - start
    counted = held_out.select(
        "lang",
        "source",
        bytes=pl.col("text").str.len_bytes().cast(pl.Int64),
        characters=pl.col("text").str.len_chars().cast(pl.Int64),
        units=unit_count(pl.col("text")).cast(pl.Int64),
        tokens=pl.Series(np.diff(offsets)),
    )
    languages, sources = (_by(counted, name) for name in ("lang", "source"))
    times = np.bincount(ids, minlength=candidate.size)
    times += np.bincount(candidate.encode(others["text"])[1], minlength=candidate.size)
    ordinary = times[candidate.ordinary]
    return Measured(
        name=candidate.name,
        size=candidate.size,
        figures=_figures(counted),
        by_language=languages,
        by_source=sources,
        parity=_parity(counted),
        unused=int((ordinary == 0).sum()),
        undertrained=int((ordinary < RARE).sum()),
        encode_mb_s=float(counted["bytes"].sum()) / 1e6 / max(seconds, 1e-9),
    )


def _by(counted: pl.DataFrame, column: str) -> dict[str, Figures]:
    parts = counted.sort(column).partition_by(column, as_dict=True, maintain_order=True)
    return {str(name): _figures(part) for (name,), part in parts.items()}


def _figures(counted: pl.DataFrame) -> Figures:
    size, characters, units, tokens = (int(counted[name].sum()) for name in AMOUNTS)
    return {
        "documents": counted.height,
        "bytes": size,
        "bytes_per_token": _ratio(size, tokens),
        "characters_per_token": _ratio(characters, tokens),
        "fertility": _ratio(tokens, units),
    }


def _ratio(part: float | None, whole: float | None) -> float | None:
    return round(part / whole, 4) if part is not None and whole else None


def _parity(counted: pl.DataFrame) -> float | None:
    chinese = _figures(counted.filter(pl.col("lang").str.starts_with("zh")))["bytes_per_token"]
    english = _figures(counted.filter(pl.col("lang") == "en"))["bytes_per_token"]
    return _ratio(chinese, english)
