"""Megabytes of text per CPU second into packed shards, and tokens per second out of them.

`text_to_shards_mb_s`: the pipeline's tasks encode, copy (the global shuffle) and shard (packing,
and the search for evaluation items in the decoded rows) over kept documents; each task's own
speed is in `mb_s_by_step`. `reader_tokens_s`: tokens per CPU second when the rows are read in order
through `datasets`, as NumPy arrays. `shuffle_peak_mb`: peak memory of a fresh process that runs the
copy tasks; `shuffle_base_mb` of one that has only imported what they need. `shard_peak_mb`: of one
that packs a shard of `shards.tokens_per_shard` generated ids, by packing: however many shards a set
has, no task holds more than one of them.
"""

import multiprocessing
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.harness import (
    LANGUAGES,
    Bench,
    Result,
    cpu_s,
    documents,
    main,
    peak_mb,
    spread,
    text_mb,
)
from taojin.core import schema
from taojin.core.arrow import list_column
from taojin.core.hashing import content_hash
from taojin.dedup.evaluation.decontaminate import build
from taojin.pipeline.settings.datasets import Shards
from taojin.pipeline.shards.dataset import finish_dataset, shard_name
from taojin.pipeline.steps import pack, tokenize
from taojin.pipeline.task import Checkpoint, Task, execute, save
from taojin.tokenizer.train import train

SIZE_MB = 20.0
"""Per language."""
TRAINING_MB, VOCABULARY, PARTITIONS = 10.0, 32_000, 2
CHUNKS = 100
"""That a generated shard is gathered from."""
SETTINGS = Shards()
COPY = {
    "epochs": {"benchmark": 1.0},
    "shards": {"train": 1, "validation": 1},
    "seed": SETTINGS.seed,
    "validation": SETTINGS.validation,
}


def measure(bench: Bench) -> Result:
    tables = [
        documents(spread(bench.rows(f"docs_{name}/docs_{name}.jsonl.zst"), SIZE_MB), lang)
        for name, lang in LANGUAGES.items()
    ]
    table = pl.concat(tables)
    hashes = pl.Series("content_hash", map(content_hash, table["text"]), pl.String)
    with tempfile.TemporaryDirectory() as name:
        return _measure(table.with_columns(hashes), Path(name))


def _measure(table: pl.DataFrame, folder: Path) -> Result:
    tokenizer = _checkpoint(folder / "tokenizer")
    texts = table["text"].gather_every(max(1, round(text_mb(table) / TRAINING_MB)))
    train(texts, VOCABULARY, tokenizer.path)
    evaluation = _checkpoint(folder / "evaluation")
    build([], evaluation.path / "index.parquet")
    _steps(table.head(64), folder / "warm", tokenizer, evaluation)
    seconds, encoded, shards = _steps(table, folder / "work", tokenizer, evaluation)
    size_mb = text_mb(table)
    return {
        "text_to_shards_mb_s": size_mb / sum(seconds.values()),
        "mb_s_by_step": {step: size_mb / took_s for step, took_s in seconds.items()},
        "tokens": sum(one.counts["tokens"] for one in shards),
        "reader_tokens_s": _reader_tokens_s(shards[0], folder / "dataset"),
        "shuffle_peak_mb": _peak_mb(encoded, folder / "peak"),
        "shuffle_base_mb": _peak_mb([], folder / "base"),
        "shard_peak_mb": {
            packing: _alone(_peak_of_shard, folder / packing, packing, tokenizer, evaluation)
            for packing in ("cut", "best_fit")
        },
    }


def _checkpoint(folder: Path) -> Checkpoint:
    folder.mkdir(parents=True)
    return Checkpoint(folder, folder.name)


def _steps(
    table: pl.DataFrame, work: Path, tokenizer: Checkpoint, evaluation: Checkpoint
) -> tuple[dict[str, float], list[Checkpoint], list[Checkpoint]]:
    """CPU seconds of each step, and what encode and shard have left."""
    settled = []
    rows = -(-table.height // PARTITIONS)
    for number in range(-(-table.height // rows)):
        settled.append(_checkpoint(work / f"settled-{number}"))
        save(settled[-1].path, documents=table.slice(number * rows, rows))
    encode = [
        Task("encode", tokenize.encode, {}, {"documents": (one,), "tokenizer": (tokenizer,)})
        for one in settled
    ]
    encode_s, encoded = _timed(encode, work)
    copy_s, copied = _timed(_copies(encoded, work), work)
    inputs = {"copies": copied, "tokenizer": (tokenizer,), "evaluation": (evaluation,)}
    shard = [
        Task("shard", pack.shard, {**_SHARD, "name": f"{split}-00000"}, inputs)
        for split in ("train", "validation")
    ]
    shard_s, shards = _timed(shard, work)
    return {"encode": encode_s, "copy": copy_s, "shard": shard_s}, encoded, shards


_SHARD = {
    "sequence_length": SETTINGS.sequence_length,
    "packing": SETTINGS.packing,
    "bos": SETTINGS.bos,
    "most_overlap": 0.0,
}


def _copies(encoded: list[Checkpoint], work: Path) -> list[Task]:
    together = Checkpoint(work / "together", "together")
    together.path.mkdir(parents=True, exist_ok=True)
    save(together.path, together=schema.empty(schema.TOGETHER))
    return [
        Task("copy", tokenize.copy, COPY, {"tokens": (one,), "together": (together,)})
        for one in encoded
    ]


def _timed(tasks: list[Task], work: Path) -> tuple[float, list[Checkpoint]]:
    start = time.process_time()
    found = [execute(task, work) for task in tasks]
    return time.process_time() - start, found


def _reader_tokens_s(shard: Checkpoint, folder: Path) -> float:
    from datasets import load_from_disk

    folder.mkdir()
    name = shard_name(0, 1)
    (shard.path / "shard.arrow").rename(folder / name)
    finish_dataset(folder, [name], "train")
    dataset = load_from_disk(str(folder)).with_format("numpy", columns=["input_ids"])
    rows = min(len(dataset), 1000)
    tokens = rows * SETTINGS.sequence_length
    return tokens / cpu_s(lambda: sum(dataset[at]["input_ids"].size for at in range(rows)), 0.2)


def _peak_mb(encoded: list[Checkpoint], work: Path) -> float:
    return _alone(_peak_of_copies, encoded, work)


def _alone(function: Callable[..., float], *arguments: object) -> float:
    """What the function says in a process of its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(function, *arguments).result()


def _peak_of_shard(
    work: Path, packing: str, tokenizer: Checkpoint, evaluation: Checkpoint
) -> float:
    """The process's peak in MB after packing a shard out of many chunks of generated ids."""
    copies = [_generated(work, number) for number in range(CHUNKS)]
    inputs = {"copies": copies, "tokenizer": (tokenizer,), "evaluation": (evaluation,)}
    parameters = {**_SHARD, "packing": packing, "name": "train-00000"}
    execute(Task("shard", pack.shard, parameters, inputs), work)
    return peak_mb()


def _generated(work: Path, number: int) -> Checkpoint:
    """A chunk's part of a shard; lengths are log-normal, as those of web pages are."""
    random = np.random.default_rng(number)
    tokens = SETTINGS.tokens_per_shard // CHUNKS
    lengths = np.minimum(random.lognormal(6.2, 1.2, tokens // 300).astype(np.int64) + 1, 100_000)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    offsets = offsets[: np.searchsorted(offsets, tokens)]
    ids = random.integers(300, VOCABULARY, offsets[-1]).astype(np.uint32)
    rows = offsets.size - 1
    names = [f"{number:06d}{at:06d}" for at in range(rows)]
    table = pl.DataFrame(
        {"key": random.integers(0, 2**63, rows).astype(np.uint64), "doc_id": names}
    ).with_columns(list_column("ids", offsets, ids))
    found = _checkpoint(work / f"copy-{number}")
    save(found.path, **{"train-00000": table})
    return found


def _peak_of_copies(encoded: list[Checkpoint], work: Path) -> float:
    """The process's peak in MB after copying these partitions."""
    for task in _copies(encoded, work):
        execute(task, work)
    return peak_mb()


if __name__ == "__main__":
    main(measure, __doc__ or "")
