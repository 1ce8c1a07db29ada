"""Pairs of the validation split as an evaluation set that grows with every run.

Which documents are held out is drawn by content hash, so that a pair of an earlier run stays in the
set while its document does. `[decontaminate] against` reads the file, which keeps later runs clean.
"""

from collections import Counter
from pathlib import Path

import polars as pl

from taojin.core.errors import UserError
from taojin.pipeline.exports.dialogues import line
from taojin.pipeline.exports.documents import kept
from taojin.pipeline.exports.settings import Settings

FILE = "evaluation.jsonl"
COLUMNS = ("id", "question", "answer", "evidence", "doc_id", "content_hash", "source", "lang")


def write_evaluation(run: Path, folder: Path, settings: Settings) -> Counter[str]:
    """Write the held-out pairs, one a line, by document; how many: `evaluation`.

    `evidence` is the span of the document that holds the answer. UserError where there is no pair
    of a validation document.
    """
    pairs = pl.read_parquet(run / "qa" / "*.parquet")
    drawn = settings.split_of(pairs["content_hash"])
    held = pairs.filter(drawn == "validation")
    if held.is_empty():
        raise UserError(
            f"{run}: none of its {pairs.height} pairs is of a validation document; raise "
            "shards.validation, or run over more documents"
        )
    texts = [one.select("doc_id", "text") for one in kept(run)]
    items = held.join(pl.concat(texts), on="doc_id", how="left", maintain_order="left")
    start, end = pl.col("evidence_start"), pl.col("evidence_end")
    evidence = pl.col("text").str.slice(start, end - start).alias("evidence")
    rows = items.with_columns(evidence, pl.col("qa_id").alias("id")).select(COLUMNS).to_dicts()
    text = "".join(map(line, rows))
    (folder / FILE).write_text(text, encoding="utf-8", newline="\n")
    return Counter(evaluation=len(rows))
