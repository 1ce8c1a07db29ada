"""The metrics that a finished run has stored, as step *decide* met them; no text is read.

RUN/documents and RUN/dropped hold the metrics of the final texts. Documents that lost lines which
many share were decided on before and after that: `report/uncut.parquet` has what they had before.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from taojin.core.errors import UserError
from taojin.core.storage import publish, write_table
from taojin.filters.rules import Rule
from taojin.pipeline import recipe as recipes
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.report.tables import open_tables
from taojin.pipeline.steps.cutting import FIRST_STEP
from taojin.pipeline.walk import Walk

UNCUT = Path("report") / "uncut.parquet"


@dataclass(frozen=True)
class Stored:
    """`metrics`: doc_id, content_hash, lang, source (name, kind), duplicate_of and all metrics.

    They are those that *decide* met first; `final` has the same columns after lines were cut, of
    the documents that lost some.
    """

    run: Path
    metrics: pl.LazyFrame
    final: pl.LazyFrame
    cut: int
    """Documents of which only the metrics after a cut are known: an older run noted no others."""

    def recipe(self) -> Recipe:
        """The recipe that the run was made from; UserError if this version cannot read it."""
        path = self.run / "run.toml"
        if not path.is_file():
            raise UserError(f"{path}: no such file; name the recipe of this run")
        return recipes.parse(tomllib.loads(path.read_text(encoding="utf-8")), self.run, str(path))

    def check(self, rules: Iterable[Rule]) -> None:
        """UserError if a rule that binds needs a metric which the run has not measured."""
        columns = self.metrics.collect_schema()
        for rule in rules:
            dtype = columns.get(rule.filter)
            fields = [one.name for one in dtype.fields] if isinstance(dtype, pl.Struct) else []
            binds = rule.bounds.min is not None or rule.bounds.max is not None
            if binds and rule.metric not in fields:
                raise UserError(
                    f"{self.run}: this run has not measured '{rule.filter}.{rule.metric}'; "
                    f"`taojin run --out {self.run}` with the recipe measures it"
                )


def read(run: Path) -> Stored:
    """The stored metrics of a run; UserError for a folder that holds none."""
    tables = open_tables(run)
    final = _metrics(tables.documents)
    if (run / UNCUT).is_file():
        uncut = _metrics(pl.scan_parquet(run / UNCUT)).join(
            final.select("doc_id", "duplicate_of"), on="doc_id", how="left"
        )
        others = final.join(uncut.select("doc_id"), on="doc_id", how="anti")
        cut = final.join(uncut.select("doc_id"), on="doc_id", how="semi")
        return Stored(run, pl.concat([others, uncut], how="diagonal_relaxed"), cut, 0)
    touched = tables.edits.filter(pl.col("step") >= FIRST_STEP).select(pl.col("doc_id").n_unique())
    return Stored(run, final, final.clear(), touched.collect().item())


def _metrics(documents: pl.LazyFrame) -> pl.LazyFrame:
    """The columns of `Stored.metrics`, as far as they are there."""
    schema = documents.collect_schema()
    source = pl.col("source").struct
    structs = [
        name
        for name, dtype in schema.items()
        if isinstance(dtype, pl.Struct) and name not in ("source", "dedup")
    ]
    return documents.select(
        "doc_id",
        "content_hash",
        "lang",
        pl.struct(source.field("name"), source.field("kind")).alias("source"),
        *(["duplicate_of"] if "duplicate_of" in schema else []),
        *structs,
    )


def note_uncut(run: Path, walk: Walk) -> None:
    """Write `report/uncut.parquet`, or remove an earlier run's where no document was cut."""
    steps = dict(walk.steps)
    cuts = zip(steps["measure"], steps.get("measure_again", ()), strict=False)
    frames = [
        before.read("metrics").join(cut.read("changed"), on="doc_id", how="semi")
        for before, cut in cuts
        if cut.counts["changed"]
    ]
    path = run / UNCUT
    if not frames:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(exist_ok=True)
    with publish(path) as partial:
        write_table(pl.concat(frames), partial)
