"""The account: every input record is kept, dropped or quarantined; what does not add up is told.

The ledger is compared, id by id, with the tables that hold the records, so a record that was lost
or counted twice is a problem with a name even where the sums happen to agree.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import polars as pl

from taojin.pipeline.report.tables import Rows, Tables

FATES = ("kept", "dropped", "quarantined")
AMOUNTS = ("records", "units", "size_bytes")
STEPS = ("input", "documents", "decided", "decontaminated", "exact", "near", "kept")
"""What is left after each step; a record that left at step i is counted up to STEPS[i]."""


def account(tables: Tables) -> dict[str, object]:
    """Sums per source, language and both; the problems found; and whether all of it adds up."""
    cells = _cells(tables.ledger)
    problems = find_problems(tables)
    troubled = {problem["source"] for problem in problems}
    return {
        "adds_up": not problems,
        "problems": problems,
        "total": _total(cells, troubled),
        "by_source": _grouped(cells, ("source",), troubled),
        "by_language": _grouped(cells, ("lang",), set()),
        "by_source_and_language": _grouped(cells, ("source", "lang"), set()),
    }


def _cells(ledger: pl.LazyFrame) -> Rows:
    """One row per source, language and fate; a record without language has the language ''."""
    return (
        ledger.group_by(pl.col("source", "lang", "fate").fill_null(""))
        .agg(pl.len().alias("records"), pl.col("units", "size_bytes").sum())
        .sort("source", "lang", "fate")
        .collect()
        .to_dicts()
    )


def _total(cells: Rows, troubled: set[str]) -> dict[str, object]:
    return _sums(cells, bool(troubled))


def _grouped(cells: Rows, keys: tuple[str, ...], troubled: set[str]) -> Rows:
    """One row per key, those with most records first."""
    groups: dict[tuple[str, ...], Rows] = {}
    for cell in cells:
        groups.setdefault(tuple(cell[key] for key in keys), []).append(cell)
    rows = [
        {**dict(zip(keys, group, strict=True)), **_sums(part, group[0] in troubled)}
        for group, part in groups.items()
    ]
    return sorted(rows, key=lambda row: (-row["records"]["input"], *(row[key] for key in keys)))


def _sums(cells: Rows, troubled: bool) -> dict[str, Any]:
    """For records, units and bytes: the input, each fate, and whether they add up."""
    sums: dict[str, Any] = {}
    for amount in AMOUNTS:
        by_fate = {
            fate: sum(cell[amount] for cell in cells if cell["fate"] == fate) for fate in FATES
        }
        sums[amount] = {"input": sum(cell[amount] for cell in cells), **by_fate}
    even = all(
        amounts["input"] == sum(amounts[fate] for fate in FATES) for amounts in sums.values()
    )
    return {**sums, "adds_up": even and not troubled}


def find_problems(tables: Tables) -> Rows:
    """How many records of each source the ledger and the tables disagree about, and how.

    missing: the ledger's record is in no table (records that never became documents need not be);
    misplaced: it is in another table than its fate says; stray: a table holds a record that the
    ledger does not know; repeated: an id occurs twice; fateless: the fate is none of the three.
    """
    ledger = tables.ledger.select("doc_id", "source", "fate", "stage")
    held = _held(tables)
    both = ledger.join(held, on="doc_id", how="full", coalesce=True)
    no_document = (pl.col("fate") == "dropped") & (pl.col("stage") == "ingest")
    found = both.select(
        pl.coalesce("source", "held_source").fill_null("").alias("source"),
        problem=pl.when(pl.col("fate").is_null() & pl.col("held").is_not_null())
        .then(pl.lit("stray"))
        .when(~pl.col("fate").is_in(FATES) | pl.col("fate").is_null())
        .then(pl.lit("fateless"))
        .when(pl.col("held").is_null() & ~no_document.fill_null(value=False))
        .then(pl.lit("missing"))
        .when(pl.col("held") != pl.col("fate"))
        .then(pl.lit("misplaced")),
    ).drop_nulls("problem")
    repeated = pl.concat([_repeated(ledger), _repeated(held.rename({"held_source": "source"}))])
    return (
        pl.concat([found, repeated])
        .group_by("source", "problem")
        .agg(pl.len().alias("records"))
        .sort("source", "problem")
        .collect()
        .to_dicts()
    )


def _held(tables: Tables) -> pl.LazyFrame:
    documents = tables.documents.select(
        "doc_id", pl.col("source").struct.field("name").alias("held_source"), held="fate"
    )
    quarantine = tables.quarantine.select(
        "doc_id", pl.col("source").alias("held_source"), held=pl.lit("quarantined")
    )
    return pl.concat([documents, quarantine])


def _repeated(table: pl.LazyFrame) -> pl.LazyFrame:
    """One row per record beyond the first of its id."""
    again = pl.col("doc_id").cum_count().over("doc_id") > 1
    return table.filter(again).select(pl.col("source").fill_null(""), problem=pl.lit("repeated"))


def funnel(ledger: pl.LazyFrame) -> dict[str, object]:
    """Records and units left after each of STEPS: in all, per source and per language."""
    cells = (
        ledger.with_columns(pl.col("source", "lang").fill_null(""), reached=_reached())
        .group_by("source", "lang", "reached")
        .agg(pl.len().alias("records"), pl.col("units").sum())
        .collect()
        .to_dicts()
    )
    return {
        "steps": list(STEPS),
        "total": _left(cells),
        "by_source": _left_by(cells, lambda cell: cell["source"], "source"),
        "by_language": _left_by(cells, lambda cell: cell["lang"], "lang"),
    }


def _reached() -> pl.Expr:
    """The index in STEPS of the last step that a record reached.

    A document that was dropped for its overlap with an evaluation set alone passed the filters.
    """
    stage = pl.col("stage").fill_null("ingest")
    copies = _starts("dedup.exact.").list.any() | _starts("dedup.url.").list.any()
    overlaps = _starts("decontamination.").list.all() & (pl.col("reasons").list.len() > 0)
    return (
        pl.when(pl.col("fate") == "kept")
        .then(6)
        .when(stage.is_in(["", "ingest"]))
        .then(0)
        .when(stage.str.starts_with("decontaminat") | ((stage == "decide") & overlaps))
        .then(2)
        .when(stage.is_in(["clean", "measure", "decide"]))
        .then(1)
        .when((stage == "dedup") & copies)
        .then(3)
        .when(stage == "dedup")
        .then(4)
        .otherwise(5)
    )


def _starts(prefix: str) -> pl.Expr:
    return pl.col("reasons").list.eval(pl.element().str.starts_with(prefix))


def _left(cells: Iterable[Mapping[str, Any]]) -> dict[str, list[int]]:
    cells = list(cells)
    return {
        amount: [
            sum(cell[amount] for cell in cells if cell["reached"] >= step)
            for step in range(len(STEPS))
        ]
        for amount in ("records", "units")
    }


def _left_by(cells: Rows, key: Callable[[Mapping[str, Any]], str], name: str) -> Rows:
    """The steps of each group, the largest input first."""
    groups: dict[str, Rows] = {}
    for cell in cells:
        groups.setdefault(key(cell), []).append(cell)
    rows = [{name: group, **_left(part)} for group, part in groups.items()]
    return sorted(rows, key=lambda row: (-row["records"][0], row[name]))
