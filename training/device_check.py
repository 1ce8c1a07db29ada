"""Does training run on this machine's GPU, and how fast? `python -m taojin.training.device_check`.

Trains on synthetic packed rows, so it needs torch and transformers but no run, and writes JSON:
tokens/s, losses, peak memory, and how far a packed row is from its documents one by one.
"""

import argparse
import itertools
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from taojin.core.errors import UserError
from taojin.training.data import Batch, Ids, packed_batch
from taojin.training.loop import choose_device, train
from taojin.training.model import SIZES, Vocabulary, build, size_named
from taojin.training.results import silent
from taojin.training.settings import LoopSettings


@dataclass(frozen=True)
class SyntheticRows:
    """Packed rows in memory."""

    ids: Ids
    positions: Ids

    def __len__(self) -> int:
        return len(self.ids)

    def batch(self, indices: Sequence[int]) -> Batch:
        """The rows with these indices; no row is padded."""
        return packed_batch(self.ids[list(indices)], self.positions[list(indices)], None)


def synthetic_rows(rows: int, length: int, vocabulary: int, seed: int) -> SyntheticRows:
    """Documents of about a quarter of a row in which token t + 1 mostly follows token t.

    So the loss starts at ln(vocabulary) and can fall to about 1.
    """
    random = np.random.default_rng(seed)
    jumps = random.random((rows, length)) < 0.1
    steps = np.where(jumps, random.integers(vocabulary, size=(rows, length)), 1)
    starts = random.random((rows, length)) < 4 / length
    starts[:, 0] = True
    column = np.arange(length)
    positions = column - np.maximum.accumulate(np.where(starts, column, 0), axis=1)
    return SyntheticRows(np.cumsum(steps, axis=1) % vocabulary, positions)


def check(size: str, settings: LoopSettings, length: int, vocabulary: int) -> dict[str, Any]:
    """What a training of `size` on synthetic rows measures; JSON values only."""
    device = choose_device(settings.device)
    rows = synthetic_rows(settings.batch_size * 8, length, vocabulary, settings.seed)
    validation = synthetic_rows(settings.batch_size, length, vocabulary, settings.seed + 1)
    model = build(size_named(size), Vocabulary(vocabulary), settings.seed)
    difference = packed_difference(model, rows, device)
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    outcome = train(model, rows, validation, settings, silent)
    peak_bytes = torch.cuda.max_memory_allocated(device) if device.type == "cuda" else None
    shape = {"size": size, "batch_size": settings.batch_size, "length": length}
    measured = {"packed_difference": difference, "peak_bytes": peak_bytes}
    return shape | asdict(outcome) | measured


def packed_difference(model: torch.nn.Module, rows: SyntheticRows, device: torch.device) -> float:
    """The largest difference of a float32 logit between a packed row and its documents alone."""
    model.to(device).eval()
    batch = rows.batch([0]).to(device)
    bounds = [*np.flatnonzero(rows.positions[0] == 0).tolist(), rows.ids.shape[1]]
    with torch.no_grad():
        packed = model(
            input_ids=batch.input_ids,
            attention_mask=batch.attention,
            position_ids=batch.position_ids,
            use_cache=False,
        ).logits[0]
        alone = [
            model(input_ids=batch.input_ids[:, start:end], use_cache=False).logits[0]
            for start, end in itertools.pairwise(bounds)
        ]
    return float((packed - torch.cat(alone)).abs().max())


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code; the JSON goes to --json, or to standard output."""
    options = _parser().parse_args(arguments)
    settings = LoopSettings(
        steps=options.steps,
        batch_size=options.batch_size,
        device=options.device,
        precision=options.precision,
    )
    try:
        found = [check(size, settings, options.length, options.vocabulary) for size in options.size]
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    text = json.dumps({"torch": torch.__version__, "checks": found}, indent=2) + "\n"
    if options.json:
        options.json.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", nargs="+", choices=SIZES, default=["nano", "small"])
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--length", type=int, default=1024, help="tokens in a row")
    parser.add_argument("--vocabulary", type=int, default=32_000)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--json", type=Path, help="file to write; standard output if not given")
    return parser


if __name__ == "__main__":
    sys.exit(main())
