"""What an export takes over from the run's recipe."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from taojin.core.errors import UserError
from taojin.pipeline.shards.keys import split_of


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
    together: pl.DataFrame | None
    """Which documents are in one split together; None where the run tells of none."""

    def split_of(self, content_hash: pl.Series) -> pl.Series:
        """`split` of texts, as in the run's datasets."""
        return split_of(content_hash, self.validation, self.seed, self.together)


def settings_of(run: Path, chunk_tokens: int) -> Settings:
    """The settings in RUN/run.toml; UserError where there is none."""
    try:
        recipe = tomllib.loads((run / "run.toml").read_text(encoding="utf-8"))
    except OSError:
        raise UserError(f"{run}: no finished run here; name the folder of one") from None
    shards = recipe["shards"]
    path = run / "together.parquet"
    together = pl.read_parquet(path) if path.is_file() else None
    names = ("validation", "seed", "sequence_length", "packing")
    taken = {name: shards[name] for name in names}
    return Settings(recipe["name"], **taken, chunk_tokens=chunk_tokens, together=together)
