"""Evaluation questions hidden in documents: how many are found, how many false alarms, how fast.

A document counts as found if the pipeline's default bound would drop it. The kind
`numbers_changed` is left out of precision and recall: whether it is contaminated is arguable.
`recall_by_kind` is over the contaminated kinds, `flagged_by_kind` over the others.
"""

import tempfile
from pathlib import Path

import polars as pl

from benchmarks.harness import Bench, Result, documents, main, mb_s
from taojin.core import stage
from taojin.dedup.evaluation.decontaminate import Item, Overlap, build
from taojin.pipeline.settings.evaluation import Decontaminate

ARGUABLE = "numbers_changed"


def measure(bench: Bench) -> Result:
    questions = bench.rows("decontam/eval_questions.jsonl.zst")
    rows = bench.rows("decontam/documents.jsonl.zst")
    table = documents(rows).with_columns(
        pl.Series("kind", [row["kind"] for row in rows]),
        pl.Series("contaminated", [row["contaminated"] for row in rows], pl.Boolean),
    )
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "index.parquet"
        build([Item(row["question"]) for row in questions], index)
        overlap = Overlap(index)
        found = stage.run(overlap, table)
        speed = mb_s(lambda some: stage.run(overlap, some), table)
    most = Decontaminate().most_overlap
    flagged = found.with_columns(
        (pl.col("decontamination").struct.field("overlap") > most).alias("flagged")
    )
    return {**_scores(flagged), "mb_s": speed}


def _scores(table: pl.DataFrame) -> Result:
    judged = table.filter(pl.col("kind") != ARGUABLE)
    hits = judged.filter("flagged", "contaminated").height
    shares = table.group_by("contaminated", "kind").agg(pl.col("flagged").mean()).sort("kind")
    return {
        "recall": hits / judged.filter("contaminated").height,
        "precision": hits / max(judged.filter("flagged").height, 1),
        "recall_by_kind": _shares(shares, contaminated=True),
        "flagged_by_kind": _shares(shares, contaminated=False),
    }


def _shares(table: pl.DataFrame, *, contaminated: bool) -> dict[str, float]:
    chosen = table.filter(pl.col("contaminated") == contaminated)
    return dict(chosen.select("kind", "flagged").iter_rows())


if __name__ == "__main__":
    main(measure, __doc__ or "")
