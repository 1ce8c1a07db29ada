"""The tokenizer: trained on a sample of what is kept, then every kept document as token ids."""

from pathlib import Path

import polars as pl

from taojin.core.arrow import list_column
from taojin.pipeline.mix import copies
from taojin.pipeline.shards.keys import order_key, shard_of, split_of
from taojin.pipeline.task import Counts, Task, save
from taojin.tokenizer.encode import load as load_encoder
from taojin.tokenizer.train import VocabularyTooLargeError, train


def sample(folder: Path, task: Task) -> Counts:
    """Write `sample`: kept texts in the order of their content hashes, up to the budget."""
    documents = task.input("documents").read("documents").select("content_hash", "doc_id", "text")
    ordered = _different(documents)
    save(folder, sample=_within(ordered, int(str(task.parameters["budget_bytes"]))))
    return {"documents": ordered.height}


def _different(documents: pl.DataFrame) -> pl.DataFrame:
    """One document of each content hash, in their order."""
    ordered = documents.sort("content_hash", "doc_id")
    return ordered.unique("content_hash", keep="first", maintain_order=True)


def _within(ordered: pl.DataFrame, budget_bytes: int) -> pl.DataFrame:
    before = pl.col("text").str.len_bytes().cum_sum().shift(1, fill_value=0)
    return ordered.filter(before < budget_bytes)


def fit(folder: Path, task: Task) -> Counts:
    """Write the tokenizer's files, trained on the sample of all chunks.

    A text that cannot fill the vocabulary gets the largest that it can.
    """
    nothing = pl.DataFrame(schema=dict.fromkeys(("content_hash", "doc_id", "text"), pl.String))
    ordered = _different(
        pl.concat([nothing, *(one.read("sample") for one in task.inputs["samples"])])
    )
    texts = _within(ordered, int(str(task.parameters["budget_bytes"])))["text"]
    vocabulary = int(str(task.parameters["vocabulary"]))
    try:
        train(texts, vocabulary, folder)
    except VocabularyTooLargeError as error:
        vocabulary = error.largest
        train(texts, vocabulary, folder)
    return {"documents": ordered.height, "vocabulary": vocabulary}


def encode(folder: Path, task: Task) -> Counts:
    """Write `tokens` (doc_id, content_hash, source, lang, ids) of one chunk's kept documents."""
    documents = task.input("documents").read("documents")
    encoder = load_encoder(task.input("tokenizer").path)
    tokens = documents.select(
        "doc_id",
        "content_hash",
        pl.col("source").struct.field("name").alias("source"),
        "lang",
        list_column("ids", *encoder.encode(documents["text"])),
    )
    save(folder, tokens=tokens)
    return {"documents": tokens.height, "tokens": int(tokens["ids"].list.len().sum())}


def copy(folder: Path, task: Task) -> Counts:
    """Write every copy of the chunk's documents as rows (key, doc_id, ids), one file per shard."""
    tokens = task.input("tokens").read("tokens")
    seed = int(str(task.parameters["seed"]))
    epochs: dict[str, float] = task.parameters["epochs"]  # type: ignore[assignment]
    shards: dict[str, int] = task.parameters["shards"]  # type: ignore[assignment]
    repeated = (
        tokens.with_columns(copies(tokens, epochs, seed))
        .with_columns(copy=pl.int_ranges("copies"))
        .explode("copy", empty_as_null=False)
    )
    keyed = repeated.with_columns(
        order_key(repeated["content_hash"], repeated["copy"], seed).alias("key"),
        split_of(
            repeated["content_hash"],
            float(str(task.parameters["validation"])),
            seed,
            task.input("together").read("together"),
        ).alias("split"),
    ).select("key", "doc_id", "ids", "split")
    for split, count in shards.items():
        rows = keyed.filter(split=split)
        shard = shard_of(rows["key"], count)
        for number in range(count):
            chosen = rows.filter(shard == number).drop("split")
            save(folder, **{f"{split}-{number:05d}": chosen})
    return {"copies": keyed.height}
