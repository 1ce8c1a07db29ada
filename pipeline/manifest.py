"""The manifest, written last: every file of a run with rows, bytes, sha256; what made them."""

import json
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from taojin import __version__
from taojin.core.hashing import fingerprint
from taojin.core.storage import publish, sha256
from taojin.pipeline import model_card
from taojin.pipeline.inputs import RUN_MARK, File
from taojin.pipeline.pii.stage import MaskPersonalData
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.uses import ALWAYS, USES, digests

Inputs = Mapping[str, list[File]]


def versions() -> dict[str, str]:
    """Taojin's version and those of the libraries that its output depends on."""
    libraries = {*ALWAYS, *(name for uses in USES.values() for name in uses.libraries)}
    return {"taojin": __version__, **{name: version(name) for name in sorted(libraries)}}


def run_fingerprint(
    recipe: Recipe, files: Inputs, beside: list[object], limit: int | None, partition_bytes: int
) -> str:
    """The fingerprint of everything that a run's output depends on.

    `beside` stands for what the recipe names besides its sources.
    """
    contents = {name: [[one.path, one.content] for one in many] for name, many in files.items()}
    return fingerprint(
        {
            "recipe": recipe.resolved(),
            "inputs": contents,
            "beside": beside,
            "limit": limit,
            "partition_bytes": partition_bytes,
            "uses": {node: digests(node, "taojin.pipeline.order") for node in USES},
        }
    )


def write(run: Path, mark: str, files: Inputs, masking: MaskPersonalData) -> None:
    """Write manifest.json over every file of the run but its work folder, log and report."""
    table = {
        "fingerprint": mark,
        "versions": versions(),
        "python": platform.python_version(),
        "inputs": {name: _inputs(masking, many) for name, many in files.items()},
        "models": {path.name: _model(path) for path in sorted((run / "models").iterdir())},
        "files": {str(path.relative_to(run)): _describe(path) for path in _outputs(run)},
    }
    with publish(run / "manifest.json") as partial:
        partial.write_text(json.dumps(table, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def _inputs(masking: MaskPersonalData, files: list[File]) -> list[dict[str, object]]:
    """The files of a source; personal data in their names is masked as in documents."""
    paths = masking.names(pl.Series([file.path for file in files], dtype=pl.String))
    return [
        {"path": path, "size_bytes": file.size_bytes, "content": file.content}
        for path, file in zip(paths, files, strict=True)
    ]


def _model(folder: Path) -> dict[str, object] | None:
    """What a classifier was trained on, as its card tells; None for one without a card."""
    told = model_card.read(folder)
    return told and {name: told.get(name) for name in ("name", "kind", "data", "data_sha256")}


def is_complete(run: Path, mark: str) -> bool:
    """Whether the run was finished from the same recipe and inputs and no file has gone since."""
    path = run / "manifest.json"
    if not path.is_file() or not (run / "report" / "index.html").is_file():
        return False
    table = json.loads(path.read_text())
    return table["fingerprint"] == mark and all(
        (run / name).is_file() and (run / name).stat().st_size == facts["size_bytes"]
        for name, facts in table["files"].items()
    )


def _outputs(run: Path) -> list[Path]:
    beside = {"answers", "work", "report", "training", "manifest.json", RUN_MARK}
    return sorted(
        path
        for path in run.rglob("*")
        if path.is_file() and path.relative_to(run).parts[0] not in beside
    )


def _tokens(shard: pa.Table) -> int:
    """Without padding."""
    packed = "token_count" in shard.column_names
    counts = shard["token_count"] if packed else pc.list_value_length(shard["input_ids"])
    return int(pc.sum(counts).as_py() or 0)


def _describe(path: Path) -> dict[str, object]:
    facts: dict[str, object] = {"size_bytes": path.stat().st_size, "sha256": sha256(path)}
    if path.suffix == ".parquet":
        facts["rows"] = pl.scan_parquet(path).select(pl.len()).collect().item()
    if path.suffix == ".arrow":
        with pa.memory_map(str(path)) as source:
            table = pa.ipc.open_stream(source).read_all()
            facts["rows"] = table.num_rows
            facts["tokens"] = _tokens(table)
    return facts
