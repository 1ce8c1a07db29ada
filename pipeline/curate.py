"""`taojin run`: a recipe's whole order, from the files of its sources to the manifest."""

import fcntl
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from taojin.core.errors import UserError
from taojin.core.storage import sweep
from taojin.pipeline import attempts, guard, inputs, ledger, manifest, notes, outputs, places
from taojin.pipeline.graph import LocalRunner, open_runner
from taojin.pipeline.order import Order
from taojin.pipeline.pii import key
from taojin.pipeline.pii.self_test import self_test
from taojin.pipeline.progress import Progress, Silent
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.report.write import write as write_report
from taojin.pipeline.steps import against, endpoint
from taojin.pipeline.steps.classify import given_digests
from taojin.pipeline.steps.evaluate import index_task
from taojin.pipeline.steps.ingest import masking
from taojin.pipeline.walk import Walk

PARTITION_BYTES = 32 << 20


@dataclass(frozen=True)
class Where:
    """Where a run goes and how much of the machine it takes."""

    run: Path
    workers: int = 0
    scheduler: str | None = None
    limit: int | None = None
    memory: str = "4GiB"
    partition_bytes: int = PARTITION_BYTES
    retry_quarantine: bool = False
    """Read the files again of which something could not be read."""
    recipe: Path | None = None
    """The file of the recipe, as it was given; None for the demo."""

    def retry(self) -> str:
        """The command that reads the files of this run again of which something was lost."""
        named = [] if self.recipe is None else [str(self.recipe)]
        limit = [] if self.limit is None else ["--limit", str(self.limit)]
        parts = ["--partition-mb", str(self.partition_bytes >> 20)]
        parts = [] if self.partition_bytes == PARTITION_BYTES else parts
        words = ["taojin", "run", *named, "--out", str(self.run), *limit, *parts]
        return shlex.join([*words, "--retry-quarantine"])


@dataclass(frozen=True)
class Outcome:
    """What a run has come to: the funnel per source, and whether there was anything to do."""

    funnel: pl.DataFrame
    unchanged: bool
    run: Path


def curate(recipe: Recipe, where: Where, progress: Progress | None = None) -> Outcome:
    """Run the recipe, or find it complete already. UserError as the recipe and its sources tell."""
    names = [source.name for source in recipe.sources]
    with _lock(where.run, recipe.name):
        sweep(where.run)
        files = inputs.find_all(recipe, where.run)
        if where.retry_quarantine:
            _retry(recipe, where, files)
        mark = _fingerprint(recipe, where, files)
        if manifest.is_complete(where.run, mark):
            told = pl.read_parquet(where.run / "ledger.parquet")
            return Outcome(ledger.funnel(told, names), unchanged=True, run=where.run)
        self_test(recipe.pii.settings())
        outputs.forget(where.run)
        notes.note(where.run, "retry", where.retry())
        with open_runner(where.workers, where.scheduler, where.memory) as runner:
            walk = Walk(where.run / "work", runner, progress or Silent())
            told = _write(Order(recipe, files, walk, where.limit, where.partition_bytes), where.run)
        write_report(where.run)
        manifest.write(where.run, mark, files, masking(recipe.pii))
        return Outcome(ledger.funnel(told, names), unchanged=False, run=where.run)


def _write(order: Order, run: Path) -> pl.DataFrame:
    """Walk the order and write what it gives; the ledger.

    What became of every record is written before anything is made of the documents, so that a run
    that stops there can be looked at.
    """
    account = order.account()
    told = outputs.write_account(run, order.recipe, account)
    try:
        guard.check(told, order.recipe.guard, pl.read_parquet(run / "clusters.parquet"))
        products = order.products(account)
    except UserError as error:
        notes.write(run, order, told, account, None)
        raise UserError(f"{error}. What became of each record: {write_report(run)}") from None
    outputs.write_products(run, order.recipe, products)
    notes.write(run, order, told, account, products)
    return told


def _fingerprint(recipe: Recipe, where: Where, files: dict[str, list[inputs.File]]) -> str:
    sets = [index_task(recipe, {}).fingerprint, *against.digests(recipe)]
    known = [attempts.known(where.run / "work"), key.mark(key.key())]
    beside = [*sets, *given_digests(recipe), *known, *endpoint.marks(recipe.qa)]
    return manifest.run_fingerprint(recipe, files, beside, where.limit, where.partition_bytes)


def _retry(recipe: Recipe, where: Where, files: dict[str, list[inputs.File]]) -> None:
    """Let what is in quarantine be read again; UserError if nothing is."""
    walk = Walk(where.run / "work", LocalRunner(), Silent())
    order = Order(recipe, files, walk, where.limit, where.partition_bytes)
    tasks = [task for _, task in order.ingest_tasks()]
    if not attempts.again(tasks, where.run / "work"):
        raise UserError(
            f"{where.run}: no record of this recipe's files is in quarantine; run it without "
            "--retry-quarantine"
        )


@contextmanager
def _lock(run: Path, recipe: str) -> Iterator[None]:
    """One run at a time may write to a folder; the lock on its mark goes with the process.

    UserError for a folder that holds other files or another recipe's run, and where a run is
    writing.
    """
    with places.claimed(run, recipe) as mark, mark.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError(
                f"{run}: another run is writing here; wait for it, or choose another --out"
            ) from None
        yield
