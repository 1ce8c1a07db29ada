"""What a way to fill rows costs in padding, and how many documents it cuts.

Keys, per layout and language and for both together (`all`): `padding` (share of all places in the
rows), `cut` (share of the documents that stand in more than one row), `cut_short` (the same of
those that would fit a row), `at_sentence` (share of the cuts behind a sentence or a line),
`seconds` of CPU for the layout. `best_fit_full` fills rows of long documents without looking for
the ends of their sentences.
"""

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.harness import LANGUAGES, Bench, Result, documents, main, text_mb
from taojin.core.hashing import content_hash
from taojin.pipeline.recipe import Shards
from taojin.pipeline.shards.keys import order_key
from taojin.pipeline.shards.layout import Layout, Numbers, best_fit, cut
from taojin.pipeline.shards.sentences import breaks_of
from taojin.tokenizer.encode import Encoder, Ids
from taojin.tokenizer.train import train

TRAINING_MB, VOCABULARY = 10.0, 32_000
LENGTH = Shards().sequence_length


def measure(bench: Bench) -> Result:
    tables = {
        name: documents(bench.rows(f"docs_{name}/docs_{name}.jsonl.zst"), lang)
        for name, lang in LANGUAGES.items()
    }
    both = pl.concat(tables.values())
    with tempfile.TemporaryDirectory() as folder:
        step = max(1, round(text_mb(both) / TRAINING_MB))
        train(both["text"].gather_every(step), VOCABULARY, Path(folder))
        encoder = Encoder(Path(folder))
        breaks = breaks_of(encoder)
        layouts: Mapping[str, Layout] = {
            "cut": cut,
            "best_fit": best_fit(breaks),
            "best_fit_full": best_fit(lambda ids: np.zeros(ids.size, np.bool_)),
        }
        streams = {name: _stream(one, encoder) for name, one in {**tables, "all": both}.items()}
    return {
        name: {
            of: _told(layout, offsets, ids, breaks(ids)) for of, (offsets, ids) in streams.items()
        }
        for name, layout in layouts.items()
    }


def _stream(table: pl.DataFrame, encoder: Encoder) -> tuple[Numbers, Ids]:
    """(offsets, ids) of the documents with their end tokens, in the order of a run."""
    hashes = pl.Series("content_hash", map(content_hash, table["text"]), pl.String)
    key = order_key(hashes, pl.zeros(len(hashes), pl.Int64, eager=True), 1)
    texts = table["text"].gather(key.arg_sort())
    offsets, ids = encoder.encode(texts)
    ends = np.insert(ids, offsets[1:], encoder.eos_id).astype(np.uint32)
    return offsets + np.arange(offsets.size), ends


def _told(layout: Layout, offsets: Numbers, ids: Ids, breaks: np.ndarray) -> dict[str, float]:
    layout(offsets[:2], ids[: offsets[1]], LENGTH)
    start = time.process_time()
    pieces = layout(offsets, ids, LENGTH)
    seconds = time.process_time() - start
    many = np.bincount(pieces.document) > 1
    short = np.diff(offsets) <= LENGTH
    ends = pieces.start + pieces.length
    inner = ends[~np.isin(ends, offsets)]
    return {
        "padding": 1 - ids.size / ((pieces.row.max() + 1) * LENGTH),
        "cut": float(many.mean()),
        "cut_short": float(many[short].mean()),
        "at_sentence": float(breaks[inner - 1].mean()) if inner.size else 1.0,
        "seconds": seconds,
    }


if __name__ == "__main__":
    main(measure, __doc__ or "")
