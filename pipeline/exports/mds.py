"""MosaicML's streaming dataset: packed rows in `.mds` shards, and `index.json` over them.

As `MDSWriter` of mosaicml-streaming 0.13 writes them (streaming/base/format/mds/writer.py): how
many samples, where each begins and the last ends (uint32), the columns as JSON, then the samples:
sizes of their columns without a fixed one, and the columns by name.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from taojin.core.errors import UserError
from taojin.core.storage import sha256
from taojin.pipeline.exports import tokens
from taojin.pipeline.exports.settings import Settings

SIZE_LIMIT = 1 << 26  # bytes of a shard, MDSWriter's own
INDEX_VERSION = 2


def write_mds(run: Path, folder: Path, settings: Settings) -> Counter[str]:
    """Write `train/` and `validation/`, each if it has a row; rows of each.

    Columns: `tokens` (padding behind the last), `token_count` (without padding), `doc_ids`.
    """
    counts: Counter[str] = Counter()
    for split in tokens.SPLITS:
        shards = tokens.filled(run, split)
        if shards:
            (folder / split).mkdir()
            counts[split] = _write_split(shards, folder / split, settings.sequence_length)
    if not counts:
        raise UserError(f"{run}: no document was kept, so there is none to export")
    return counts


def _write_split(shards: Sequence[Path], folder: Path, length: int) -> int:
    config = _config(tokens.token_type(shards[0]), length)
    samples = (one for shard in shards for batch in tokens.batches(shard) for one in _rows(batch))
    entries = []
    for number, group in enumerate(_groups(samples, len(_header(config)))):
        path = folder / f"shard.{number:05d}.mds"
        path.write_bytes(_shard(group, config))
        entries.append(_entry(path, len(group), config))
    index = json.dumps({"shards": entries, "version": INDEX_VERSION}, sort_keys=True)
    (folder / "index.json").write_text(index, encoding="ascii", newline="\n")
    return sum(int(str(one["samples"])) for one in entries)


def _config(kind: np.dtype[np.generic], length: int) -> dict[str, object]:
    """The columns and how their values are held."""
    return {
        "column_encodings": ["json", "int", f"ndarray:{kind.name}:{length}"],
        "column_names": ["doc_ids", "token_count", "tokens"],
        "column_sizes": [None, 8, kind.itemsize * length],
        "compression": None,
        "format": "mds",
        "hashes": ["sha256"],
        "size_limit": SIZE_LIMIT,
        "version": 2,
    }


def _rows(batch: pa.RecordBatch) -> Iterator[bytes]:
    """Each row as a sample: the size of its only column without a fixed one, then the columns."""
    ids = tokens.matrix(batch, "input_ids")
    counts = batch.column("token_count").to_numpy().astype("<i8")
    little = ids.astype(ids.dtype.newbyteorder("<"), copy=False)
    for row, doc_ids in enumerate(batch.column("doc_ids").to_pylist()):
        named = json.dumps(doc_ids).encode()
        size = np.uint32(len(named)).astype("<u4").tobytes()
        yield b"".join((size, named, counts[row].tobytes(), little[row].tobytes()))


def _groups(samples: Iterator[bytes], header_bytes: int) -> Iterator[list[bytes]]:
    """Samples that fill a shard each; one is never empty."""
    group: list[bytes] = []
    size = header_bytes
    for sample in samples:
        if group and size + len(sample) + 4 > SIZE_LIMIT:
            yield group
            group, size = [], header_bytes
        group.append(sample)
        size += len(sample) + 4
    if group:
        yield group


def _header(config: Mapping[str, object]) -> bytes:
    """What a shard has besides its samples and their places: two numbers and the columns."""
    return bytes(8) + json.dumps(config, sort_keys=True).encode()


def _shard(samples: Sequence[bytes], config: Mapping[str, object]) -> bytes:
    told = json.dumps(config, sort_keys=True).encode()
    places = np.cumsum([0, *map(len, samples)]) + 4 + 4 * (len(samples) + 1) + len(told)
    count = np.uint32(len(samples)).astype("<u4").tobytes()
    return b"".join((count, places.astype("<u4").tobytes(), told, *samples))


def _entry(path: Path, samples: int, config: Mapping[str, object]) -> dict[str, object]:
    """What index.json says of a shard."""
    size = path.stat().st_size
    raw = {"basename": path.name, "bytes": size, "hashes": {"sha256": sha256(path)}}
    return {**config, "raw_data": raw, "samples": samples, "zip_data": None}
