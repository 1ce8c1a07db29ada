"""The tokenizer: trained on a sample of what is kept, then every kept document as token ids."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from taojin.core.arrow import list_column
from taojin.pipeline.mix import copies
from taojin.pipeline.shards.keys import order_key, shard_of, split_of
from taojin.pipeline.task import Checkpoint, Counts, Task, save
from taojin.tokenizer.balance import quotas
from taojin.tokenizer.encode import load as load_encoder
from taojin.tokenizer.settings import Settings
from taojin.tokenizer.train import VocabularyTooLargeError, train

KEYS = ("content_hash", "doc_id")
GROUP = ("lang", "source")


def sample(folder: Path, task: Task) -> Counts:
    """Write `sample` and `sizes` of one chunk.

    `sample`: kept texts in the order of their content hashes, of each language and source up to the
    budget; `sizes`: the bytes of each group, whether they are in the sample or not.
    """
    documents = task.input("documents").read("documents")
    named = pl.col("source").struct.field("name").alias("source")
    bytes_ = pl.col("text").str.len_bytes().cast(pl.Int64).alias("bytes")
    ordered = _different(documents.select(*KEYS, "lang", named, bytes_, "text"))
    before = pl.col("bytes").cum_sum().over(GROUP) - pl.col("bytes")
    sizes = ordered.group_by(GROUP, maintain_order=True).agg(pl.col("bytes").sum())
    save(folder, sample=ordered.filter(before < _budget(task)), sizes=sizes)
    return {"documents": ordered.height}


def _budget(task: Task) -> int:
    return int(str(task.parameters["budget_bytes"]))


def _different(documents: pl.DataFrame) -> pl.DataFrame:
    """One document of each content hash, in their order."""
    ordered = documents.sort(KEYS)
    return ordered.unique("content_hash", keep="first", maintain_order=True)


def fit(folder: Path, task: Task) -> Counts:
    """Write the tokenizer's files, trained on the sample of all chunks.

    A text that cannot fill the vocabulary gets the largest that it can.
    """
    chosen = _chosen(task)
    texts = _texts(chosen, task.inputs["samples"])
    asked: dict[str, Any] = dict(task.parameters["settings"])  # type: ignore[call-overload]
    vocabulary, settings = int(asked.pop("vocabulary")), Settings(**asked)
    try:
        train(texts, vocabulary, folder, settings)
    except VocabularyTooLargeError as error:
        vocabulary = error.largest
        train(texts, vocabulary, folder, settings)
    return {"documents": chosen.height, "vocabulary": vocabulary}


def _chosen(task: Task) -> pl.DataFrame:
    """The keys of the documents that the tokenizer learns from, in their order."""
    columns = {**dict.fromkeys((*KEYS, *GROUP), pl.String), "bytes": pl.Int64}
    empty = pl.DataFrame(schema=columns)
    found = [_scan(one, "sample").select(list(columns)) for one in task.inputs["samples"]]
    known = [empty.lazy().drop(KEYS), *(_scan(one, "sizes") for one in task.inputs["samples"])]
    sizes = pl.concat(known).group_by(GROUP).agg(pl.col("bytes").sum()).sort(GROUP).collect()
    temperature = float(str(task.parameters["temperature"]))
    shares = quotas(sizes["bytes"].cast(pl.Float64).to_numpy(), _budget(task), temperature)
    quota = sizes.drop("bytes").with_columns(quota=pl.Series(shares, dtype=pl.Float64))
    ordered = _different(pl.concat([empty.lazy(), *found]).collect())
    before = pl.col("bytes").cum_sum().over(GROUP) - pl.col("bytes")
    return ordered.join(quota, on=GROUP, how="left", maintain_order="left").filter(
        before < pl.col("quota")
    )


def _texts(chosen: pl.DataFrame, samples: Sequence[Checkpoint]) -> pl.Series:
    """The texts of the chosen documents, in the order of their keys."""
    keys = chosen.lazy().select(KEYS)
    parts = [_scan(one, "sample").join(keys, on=KEYS, how="semi") for one in samples]
    nothing = pl.LazyFrame(schema=dict.fromkeys((*KEYS, "text"), pl.String))
    read = [nothing, *(part.select(*KEYS, "text") for part in parts)]
    return pl.concat(read).sort(KEYS).collect()["text"]


def _scan(one: Checkpoint, table: str) -> pl.LazyFrame:
    return pl.scan_parquet(one.path / f"{table}.parquet")


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
