"""A folder that `datasets.load_from_disk` opens, memory-mapped, without `datasets` to write it.

The same shards give the same bytes: no time, path or random fingerprint is written.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from taojin.core.hashing import fingerprint
from taojin.core.storage import sha256

BATCH_ROWS = 1000  # what `datasets` writes itself


def shard_name(index: int, shards: int) -> str:
    """The file name of shard `index`, as `datasets` numbers them.

    >>> shard_name(0, 2)
    'data-00000-of-00002.arrow'
    """
    return f"data-{index:05d}-of-{shards:05d}.arrow"


def write_shard(table: pa.Table, path: Path) -> None:
    """Write an uncompressed Arrow IPC stream; OSError if it does not read back with every row."""
    info = {"info": {"features": features(table.schema)}}
    annotated = table.replace_schema_metadata({"huggingface": json.dumps(info)})
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, annotated.schema) as stream:
        stream.write_table(annotated.combine_chunks(), max_chunksize=BATCH_ROWS)
    rows = _read(path).num_rows
    if rows != table.num_rows:
        raise OSError(f"{path}: wrote {table.num_rows} rows, {rows} read back")


def finish_dataset(folder: Path, shard_names: Sequence[str], split: str) -> None:
    """Write state.json and dataset_info.json beside the shards, which must all be there.

    `split` is "train" or "validation". At least one shard, which may be empty.
    """
    state: dict[str, object] = {
        "_data_files": [{"filename": name} for name in shard_names],
        "_fingerprint": fingerprint({name: sha256(folder / name) for name in shard_names})[:16],
        "_format_columns": None,
        "_format_kwargs": {},
        "_format_type": None,
        "_output_all_columns": False,
        "_split": split,
    }
    info = {
        "citation": "",
        "description": "",
        "features": features(_read(folder / shard_names[0]).schema),
        "homepage": "",
        "license": "",
    }
    _write(folder / "state.json", state)
    _write(folder / "dataset_info.json", info)


def features(schema: pa.Schema) -> dict[str, object]:
    """The schema in the words of `datasets`; TypeError for a type that no shard has."""
    return {field.name: _feature(field.type) for field in schema}


def _feature(kind: pa.DataType) -> object:
    if pa.types.is_fixed_size_list(kind):
        return {"feature": _feature(kind.value_type), "length": kind.list_size, "_type": "List"}
    if pa.types.is_list(kind):
        return {"feature": _feature(kind.value_type), "_type": "List"}
    if pa.types.is_struct(kind):
        return {field.name: _feature(field.type) for field in kind}
    if pa.types.is_integer(kind) or pa.types.is_string(kind) or pa.types.is_boolean(kind):
        return {"dtype": str(kind), "_type": "Value"}
    raise TypeError(f"no feature for {kind}")


def _read(path: Path) -> pa.Table:
    with pa.memory_map(str(path)) as file:
        return pa.ipc.open_stream(file).read_all()


def _write(path: Path, value: Mapping[str, object]) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8", newline="\n")
