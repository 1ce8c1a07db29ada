"""What the passes that cut passages have in common: whose text is looked at, and how it is cut."""

from collections.abc import Callable, Sequence
from pathlib import Path

import polars as pl

from taojin.core import stage
from taojin.dedup.passages.cuts import CutPassages, spared, with_counts
from taojin.dedup.passages.repeated import Rules
from taojin.dedup.passages.substrings import new_windows
from taojin.pipeline.settings.dedup import Passages
from taojin.pipeline.steps.deduplicate import joined, passed, removed
from taojin.pipeline.task import Checkpoint, Counts, Task, save

Finder = Callable[[pl.DataFrame, pl.Series, pl.DataFrame, Rules], pl.DataFrame]
"""(row, start, end, kind) of what is to be cut, of documents, their selves and what repeats."""

FIRST_STEP = 4
"""The number of the first cut among the steps that change text."""
IDS = pl.DataFrame(schema={"doc_id": pl.String})
KEYS = pl.DataFrame(schema={"key": pl.UInt64})


def rules_of(task: Task) -> Rules:
    return Passages.model_validate(task.parameters["passages"]).rules()


def kept(task: Task, among: pl.Series | None = None) -> pl.DataFrame:
    """doc_id, text and source of the documents of one chunk that no other stands for."""
    documents = task.input("documents").read("documents").select("doc_id", "text", "source")
    found = documents.join(passed(task), on="doc_id", how="semi", maintain_order="left")
    for clusters in task.inputs["clusters"]:
        copies = removed(clusters.read("clusters"))
        found = found.join(copies, on="doc_id", how="anti", maintain_order="left")
    return found if among is None else found.filter(pl.col("doc_id").is_in(among.implode()))


def among(checkpoints: Sequence[Checkpoint], name: str, column: str = "doc_id") -> pl.Series:
    """One column of a table of several checkpoints, every value once, in order."""
    empty = IDS if column == "doc_id" else KEYS
    return pl.concat([empty, *(one.read(name) for one in checkpoints)])[column].unique().sort()


def cut(folder: Path, task: Task, finder: Finder, others: pl.Series) -> Counts:
    """Write `documents` and all `edits` so far, if they change.

    Looked at are the documents with rows that repeat, `others`, and copies, which are cut like the
    one that stands for them. Written too are the ids of what is to be read again (`touched`) and of
    what is left whole (`spared`), and the `joins`, the windows that are new. A document that an
    earlier pass of the round (`cuts`) has spared is left, and one that loses too much in both
    passes is put back as it was before the round (`uncut`).
    """
    rules, table = rules_of(task), task.input("repeated").read("repeated")
    documents = with_counts(task.input("documents").read("documents"))
    looked, selves = _looked(task, documents, table, others)
    found = finder(looked, selves, table, rules)
    ids = looked["doc_id"].gather(found["row"].cast(pl.UInt32))
    cuts = task.inputs.get("cuts", ())
    found = found.with_columns(ids.alias("doc_id")).filter(
        ~pl.col("doc_id").is_in(among(cuts, "spared").implode())
    )
    hit = documents.filter(pl.col("doc_id").is_in(found["doc_id"].unique().implode()))
    uncut = _uncut(task, hit["doc_id"])
    lengths = dict(uncut.select("doc_id", pl.col("text").str.len_chars()).iter_rows())
    marked = stage.run(CutPassages(found, rules.most_removed, lengths), hit)
    after, rows = stage.apply_edits(marked, "passages", FIRST_STEP + _number(task))
    whole = after.filter(
        pl.col("passages").struct.field("spared_character_ratio") > 0,
        ~pl.col("doc_id").is_in(rows["doc_id"].unique().implode()),
    ).select("doc_id")
    back = uncut.join(whole, on="doc_id", how="semi")
    now = put_back(_replaced(documents, after), back)
    gone = pl.col("doc_id").is_in(back["doc_id"].implode()) & (pl.col("step") >= _first(task))
    edits = pl.concat([task.input("documents").read("edits"), rows]).filter(~gone)
    touched = pl.concat([rows.select("doc_id").unique(), back.select("doc_id")])
    if (
        touched.height
        or whole.height
        or "passages" not in task.input("documents").read("documents").columns
    ):
        save(folder, documents=now, edits=edits.sort("doc_id", "step", "field", "start"))
    joins = _joins(now, rows, back, rules) if rules.substring else KEYS
    save(folder, touched=touched, spared=whole, joins=joins)
    changed = pl.concat([among(cuts, "touched"), rows["doc_id"]]).unique()
    return {
        "documents": documents.height,
        "changed": changed.filter(~changed.is_in(back["doc_id"].implode())).len(),
        "spared": whole.height,
    }


def _looked(
    task: Task, documents: pl.DataFrame, table: pl.DataFrame, others: pl.Series
) -> tuple[pl.DataFrame, pl.Series]:
    """The documents that may be cut, and the ids of the kept ones that they are or stand for."""
    holders = task.input("rows").read("rows").join(table, on="key", how="semi")["doc_id"]
    copies = joined(task.inputs["clusters"]).filter(pl.col("doc_id") != pl.col("kept_id"))
    suspects = pl.concat([holders, others, copies["doc_id"]]).unique()
    passing = passed(task).filter(pl.col("doc_id").is_in(suspects.implode()))
    looked = documents.join(passing, on="doc_id", how="semi", maintain_order="left")
    kept_ids = copies.select("doc_id", "kept_id").unique("doc_id")
    own = looked.select("doc_id").join(kept_ids, on="doc_id", how="left", maintain_order="left")
    return looked, own.select(pl.coalesce("kept_id", "doc_id").alias("doc_id"))["doc_id"]


def _uncut(task: Task, ids: pl.Series) -> pl.DataFrame:
    """The documents that the round has cut already, as they were before it."""
    cuts = task.inputs.get("cuts", ())
    if not cuts:
        return pl.DataFrame(schema={"doc_id": pl.String, "text": pl.String})
    before = task.input("uncut").read("documents").filter(pl.col("doc_id").is_in(ids.implode()))
    return before.filter(pl.col("doc_id").is_in(among(cuts, "touched").implode()))


def _replaced(documents: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """The documents with the text and the counts of those that a pass returns."""
    return _with(documents, after, ("text", "conversation", "passages"))


def put_back(documents: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """The documents with the text that those of `before` had, and all that was cut as spared."""
    if before.is_empty():
        return documents
    is_back = pl.col("doc_id").is_in(before["doc_id"].implode())
    marked = documents.with_columns(
        pl.when(is_back).then(spared("passages")).otherwise("passages").alias("passages")
    )
    return _with(marked, before, ("text", "conversation"))


def _with(documents: pl.DataFrame, others: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """The documents with these columns of those that stand among the others too."""
    given = {name: f"other {name}" for name in names}
    theirs = others.select("doc_id", *names).rename(given)
    joined_ = documents.join(theirs, on="doc_id", how="left", maintain_order="left")
    taken = [pl.coalesce(other, name).alias(name) for name, other in given.items()]
    return joined_.with_columns(taken).drop(given.values())


def _joins(
    documents: pl.DataFrame, cuts: pl.DataFrame, back: pl.DataFrame, rules: Rules
) -> pl.DataFrame:
    """(key) of the windows that hold a place where text was cut, and of all of a document that is
    put back; with the anchors by which they are found elsewhere.
    """
    length = pl.col("end") - pl.col("start")
    before = length.cum_sum().over("doc_id") - length
    places = pl.concat(
        [
            cuts.sort("doc_id", "start").select("doc_id", (pl.col("start") - before).alias("at")),
            back.select("doc_id", pl.lit(None, pl.Int64).alias("at")),
        ]
    )
    changed = documents.join(places, on="doc_id", how="semi", maintain_order="left")
    return new_windows(changed, places, rules)


def _number(task: Task) -> int:
    """How many passes were before this one."""
    return int(str(task.parameters["pass"]))


def _first(task: Task) -> int:
    """The step of the first pass of the round."""
    return FIRST_STEP + _number(task) - len(task.inputs.get("cuts", ()))
