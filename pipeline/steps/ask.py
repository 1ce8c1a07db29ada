"""QA: pairs out of the kept documents, and the set of them without repeats."""

import shutil
from pathlib import Path

import polars as pl

from taojin.core import schema
from taojin.core.errors import UserError
from taojin.core.storage import sha256
from taojin.dedup.evaluation.decontaminate import load
from taojin.pipeline.qa.labelled import is_row
from taojin.pipeline.qa.offline.generate import generate_with_rejects
from taojin.pipeline.qa.offline.settings import settings
from taojin.pipeline.qa.questions import distinct
from taojin.pipeline.qa.verdicts import read
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.task import Counts, Task, save

VERDICTS = "verdicts.jsonl"


def verdicts_task(recipe: Recipe) -> Task:
    """The task that takes a person's verdicts into the run; UserError if they are not there."""
    if recipe.qa.verdicts is None:
        return Task("verdicts", take_verdicts)
    path = recipe.folder / recipe.qa.verdicts
    if not path.is_file():
        raise UserError(f"qa.verdicts: {path}: no such file")
    read(path)
    return Task("verdicts", take_verdicts, {"content": sha256(path)}, places={VERDICTS: str(path)})


def take_verdicts(folder: Path, task: Task) -> Counts:
    """Copy the file, if there is one: what the steps read is what was hashed."""
    for name, path in task.places.items():
        shutil.copyfile(path, folder / name)
    return {"files": len(task.places)}


def ask(folder: Path, task: Task) -> Counts:
    """Write `pairs` and `rejected` of one chunk's kept documents, but for labelled rows."""
    documents = task.input("documents").read("documents").select(*schema.DOCUMENT)
    documents = documents.filter(~is_row())
    given = task.input("verdicts").path / VERDICTS
    verdicts = read(given) if given.exists() else None
    found, rejected = generate_with_rejects(documents, settings(task.parameters), verdicts)
    save(folder, pairs=found, rejected=rejected)
    return {"documents": documents.height, "pairs": found.height, "rejected": rejected.height}


def gather(folder: Path, task: Task) -> Counts:
    """Write `qa`: the pairs of all chunks, each question once, none of an evaluation set.

    `rejected` has what fell in the chunks, and here as `repeated` or `contaminated`; `usage` what a
    model was asked for.
    """
    pairs = pl.concat(
        [schema.empty(schema.QA), *(one.read("pairs") for one in task.inputs["pairs"])]
    )
    single = distinct(pairs)
    joined = pl.select(pl.lit(single["question"]) + "\n" + pl.lit(single["answer"])).to_series()
    hits = load(task.input("evaluation").path / "index.parquet").hits(joined)
    hits = hits.filter(pl.col("overlap") > float(str(task.parameters["most_overlap"])))
    clean = single.with_row_index("document").filter(
        ~pl.col("document").is_in(hits["document"].unique().to_list())
    )
    qa = clean.drop("document").sort("doc_id", "evidence_start", "question")
    usage = _joined(task, "usage", schema.QA_USAGE).group_by("request", "outcome").sum()
    rejected = _rejected(task, pairs, single, clean)
    save(folder, qa=qa, rejected=rejected, usage=usage.sort("request", "outcome"))
    return {
        "pairs": pairs.height,
        "kept": qa.height,
        "repeated": pairs.height - single.height,
        "contaminated": single.height - qa.height,
    }


def _joined(task: Task, name: str, columns: schema.Schema) -> pl.DataFrame:
    return pl.concat([schema.empty(columns), *(one.read(name) for one in task.inputs[name])])


def _rejected(
    task: Task, pairs: pl.DataFrame, single: pl.DataFrame, clean: pl.DataFrame
) -> pl.DataFrame:
    """Every candidate of the run that is no pair, with its reason."""
    repeated = pairs.join(single, on="qa_id", how="anti").with_columns(reason=pl.lit("repeated"))
    found = single.join(clean, on="qa_id", how="anti").with_columns(reason=pl.lit("contaminated"))
    here = [part.select(*schema.QA_REJECTED) for part in (repeated, found)]
    earlier = [one.read("rejected") for one in task.inputs["pairs"]]
    return pl.concat([schema.empty(schema.QA_REJECTED), *earlier, *here]).sort(pl.all())
