"""QA: pairs out of the kept documents, and the set of them without repeats."""

from pathlib import Path

import polars as pl

from taojin.core import schema
from taojin.dedup.evaluation.decontaminate import load
from taojin.pipeline.qa.labelled import is_row
from taojin.pipeline.qa.offline.generate import generate_with_rejects
from taojin.pipeline.qa.questions import deduplicate
from taojin.pipeline.task import Counts, Task, save


def ask(folder: Path, task: Task) -> Counts:
    """Write `pairs` and `rejects` of one chunk's kept documents, but for labelled rows."""
    documents = task.input("documents").read("documents").select(*schema.DOCUMENT)
    documents = documents.filter(~is_row())
    pairs, rejects = generate_with_rejects(documents)
    save(folder, pairs=pairs, rejects=rejects)
    return {"documents": documents.height, "pairs": pairs.height}


def gather(folder: Path, task: Task) -> Counts:
    """Write `qa`: the pairs of all chunks, each question once, none of an evaluation set.

    Likewise `rejected` and `usage` of a model that was asked.
    """
    pairs = pl.concat(
        [schema.empty(schema.QA), *(one.read("pairs") for one in task.inputs["pairs"])]
    )
    single = deduplicate(pairs)
    joined = pl.select(pl.lit(single["question"]) + "\n" + pl.lit(single["answer"])).to_series()
    hits = load(task.input("evaluation").path / "index.parquet").hits(joined)
    hits = hits.filter(pl.col("overlap") > float(str(task.parameters["most_overlap"])))
    clean = single.with_row_index("document").filter(
        ~pl.col("document").is_in(hits["document"].unique().to_list())
    )
    qa = clean.drop("document").sort("doc_id", "evidence_start", "question")
    save(
        folder,
        qa=qa,
        rejected=_joined(task, "rejected", schema.QA_REJECTED).sort(pl.all()),
        usage=_joined(task, "usage", schema.QA_USAGE)
        .group_by("request", "outcome")
        .sum()
        .sort("request", "outcome"),
    )
    return {
        "pairs": pairs.height,
        "kept": qa.height,
        "repeated": pairs.height - single.height,
        "contaminated": single.height - qa.height,
    }


def _joined(task: Task, name: str, columns: schema.Schema) -> pl.DataFrame:
    return pl.concat([schema.empty(columns), *(one.read(name) for one in task.inputs[name])])
