"""What an export takes over from the run's recipe."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from taojin.core.errors import UserError


@dataclass(frozen=True)
class Settings:
    """The run's name; share and seed of its split; length and packing of its rows; tokens of the
    longest chunk.
    """

    name: str
    validation: float
    seed: int
    sequence_length: int
    packing: str
    chunk_tokens: int


def settings_of(run: Path, chunk_tokens: int) -> Settings:
    """The settings in RUN/run.toml; UserError where there is none."""
    try:
        recipe = tomllib.loads((run / "run.toml").read_text(encoding="utf-8"))
    except OSError:
        raise UserError(f"{run}: no finished run here; name the folder of one") from None
    shards = recipe["shards"]
    names = ("validation", "seed", "sequence_length", "packing")
    taken = {name: shards[name] for name in names}
    return Settings(name=recipe["name"], **taken, chunk_tokens=chunk_tokens)
