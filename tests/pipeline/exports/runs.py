"""A folder that looks like a run to an export."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa

from taojin.core import hashing
from taojin.pipeline.shards.conversations import SCHEMA
from taojin.pipeline.shards.dataset import finish_dataset, shard_name, write_shard
from taojin.pipeline.shards.layout import Layout, cut
from taojin.pipeline.shards.packing import pack
from taojin.tokenizer.encode import Encoder
from taojin.tokenizer.train import train

Dialogue = Sequence[tuple[str, str, bool]]
SEQUENCE_LENGTH = 64
RUN_TOML = f"""name = "small"
[shards]
sequence_length = {SEQUENCE_LENGTH}
packing = "cut"
validation = 0.5
seed = 1
"""


def run_of(folder: Path, train: Sequence[Dialogue], validation: Sequence[Dialogue] = ()) -> Path:
    """A run with an sft dataset of these dialogues, of turns (role, content, learnt)."""
    for split, many in (("train", train), ("validation", validation)):
        place = folder / "dataset" / "sft" / split
        place.mkdir(parents=True)
        rows = [_row(number, one) for number, one in enumerate(many)]
        write_shard(pa.Table.from_pylist(rows, SCHEMA), place / shard_name(0, 1))
        finish_dataset(place, [shard_name(0, 1)], split)
    (folder / "run.toml").write_text(RUN_TOML)
    return folder


def _row(number: int, dialogue: Dialogue) -> Mapping[str, object]:
    messages = [dict(zip(("role", "content", "train"), one, strict=True)) for one in dialogue]
    name = hashing.content_hash(str(number))
    task = "mined" if messages else "pretraining"
    told = {"dialogue_id": name, "doc_id": name, "content_hash": name, "source": "a", "lang": "en"}
    return {**told, "task": task, "messages": messages, "input_ids": [1], "loss_mask": [1]}


def add_documents(run: Path, texts: Sequence[str]) -> pl.DataFrame:
    """Write kept documents of these texts."""
    names = [hashing.content_hash(text) for text in texts]
    origin = ("name", "kind", "uri", "url", "title", "fetched_at", "licence")
    source = [{name: f"{name} {at}" for name in origin} for at in range(len(texts))]
    columns = {"doc_id": names, "content_hash": names, "text": texts, "source": source}
    table = pl.DataFrame({**columns, "lang": ["en"] * len(texts)})
    (run / "documents").mkdir(parents=True)
    half = len(texts) // 2
    table[:half].write_parquet(run / "documents" / "part-00000.parquet")
    table[half:].write_parquet(run / "documents" / "part-00001.parquet")
    return table


def add_tokenizer(run: Path) -> Encoder:
    """Train a small tokenizer."""
    (run / "tokenizer").mkdir()
    train(["What is in the sand and the river? Gold. 谁在淘金？我。\n"] * 4, 310, run / "tokenizer")
    return Encoder(run / "tokenizer")


def add_pretrain(
    run: Path,
    shards: Sequence[Sequence[Sequence[int]]],
    vocabulary: int,
    split: str = "train",
    layout: Layout = cut,
) -> None:
    """Write packed shards of documents, each of these ids without an end token."""
    encoder = Encoder(run / "tokenizer")
    place = run / "dataset" / "pretrain" / split
    place.mkdir(parents=True)
    names = [shard_name(number, len(shards)) for number in range(len(shards))]
    for name, documents in zip(names, shards, strict=True):
        rows = [(at, f"{name}-{at}", list(ids)) for at, ids in enumerate(documents)]
        columns = {"key": pl.UInt64, "doc_id": pl.String, "ids": pl.List(pl.UInt32)}
        tokens = pl.DataFrame(rows, schema=columns, orient="row")
        table = pack(
            tokens, SEQUENCE_LENGTH, encoder.eos_id, encoder.pad_id, vocabulary, layout=layout
        )
        write_shard(table, place / name)
    finish_dataset(place, names, split)
