"""Text in, packed tokens out: `taojin run` beside datatrove's nearest equal.

Both get the same documents of docs_en and docs_zh as two JSONL.zst files. Taojin runs as a user
starts it, in one process without Dask, with the filters of FineWeb, exact and near deduplication,
a tokenizer that it trains, and packed shards. datatrove reads the same files and filters them, and
then runs its four MinHash steps and encodes, with the tokenizer that Taojin has trained, what
*Taojin's* filters let pass: its own, with their defaults, remove every Chinese document
(`passed`), and would leave it nothing to do.

`cpu_s`, `mb_s` and `peak_mb` are the whole process's, imports included, and `whole_ratio` compares
those. `ratio` leaves out what datatrove has no equal of: Taojin's side is the sum of SHARED in
`by_stage` (wall time, as the run's report has it), datatrove's the sum of its stages (CPU time).
Inside the shared stages Taojin still does what is listed under `only_taojin`. QA and evaluation
sets are off.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import zstandard

from benchmarks.harness import ONE_THREAD, Bench, Result, Row, main, ratio, spread, text_mb
from taojin.core.hashing import doc_id

SIZE_MB = 20.0
"""Per language. datatrove takes two minutes for both."""
RECIPE = """
name = "race"
languages = ["zh-Hans", "zh-Hant", "en"]

[[sources]]
name = "en"
path = "en.jsonl.zst"

[[sources]]
name = "zh"
path = "zh.jsonl.zst"

[filters]
use = ["gopher_quality", "gopher_repetition", "c4", "fineweb"]

[qa]
generator = "off"
"""
START = """
import atexit, pathlib, sys
from benchmarks.harness import peak_mb
from taojin.pipeline.cli import main
path = pathlib.Path(sys.argv.pop(1))
atexit.register(lambda: path.write_text(str(peak_mb())))
main()
"""
"""`taojin`, and the peak of its memory in a file: of a child, the system tells its parent's too."""
SHARED = (
    *("ingest", "measure", "decide", "exact_rows", "exact", "near_rows", "near", "settle"),
    *("encode", "copy", "shard"),
)
ONLY_TAOJIN = (
    "ingest: language, personal data",
    "measure: url, language and chinese metrics, overlap, keys of documents that do not pass",
    "near: exact verification",
    "copy, shard: packing, the shuffle, the check of the decoded rows",
    "settle: the ledger",
)


def measure(bench: Bench) -> Result:
    rows = {
        name: spread(bench.rows(f"docs_{name}/docs_{name}.jsonl.zst"), SIZE_MB)
        for name in ("en", "zh")
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for language, chosen in rows.items():
            _write(folder / f"{language}.jsonl.zst", chosen)
        size_mb = sum(map(text_mb, rows.values()))
        ours = _taojin(folder, size_mb)
        passed = {name: _passed(folder, name, chosen) for name, chosen in rows.items()}
        theirs = _datatrove(bench, folder, size_mb)
    peers = {"datatrove": theirs, "dolma": None}
    return {
        "size_mb": size_mb,
        **ours,
        "passed": passed,
        **peers,
        "ratio": {"datatrove": _shared_ratio(ours, theirs), "dolma": None},
        "whole_ratio": {
            "datatrove": ratio(ours["mb_s"], theirs["mb_s"] if theirs else None),
            "dolma": None,
        },
        "only_taojin": list(ONLY_TAOJIN),
    }


def _shared_ratio(ours: Result, theirs: Result | None) -> float | None:
    if theirs is None:
        return None
    shared_s = sum(ours["by_stage"].get(stage, 0.0) for stage in SHARED)
    return ratio(sum(theirs["by_stage"].values()), shared_s)


def _write(path: Path, rows: Sequence[Row]) -> None:
    lines = (json.dumps({"id": row["id"], "text": row["text"]}, ensure_ascii=False) for row in rows)
    data = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(zstandard.ZstdCompressor().compress(data))


def _taojin(folder: Path, size_mb: float) -> Result:
    recipe = folder / "recipe.toml"
    recipe.write_text(RECIPE, encoding="utf-8")
    command = [
        *(sys.executable, "-c", START, str(folder / "peak_mb")),
        *("run", str(recipe), "--out", str(folder / "run"), "--workers", "0"),
    ]
    cpu_s = _cpu_s(command, folder / "log")
    timings = json.loads((folder / "run" / "report" / "timings.json").read_text())
    return {
        "mb_s": size_mb / cpu_s,
        "cpu_s": cpu_s,
        "peak_mb": json.loads((folder / "peak_mb").read_text()),
        "by_stage": {row["stage"]: row["seconds"] for row in timings},
    }


def _cpu_s(command: Sequence[str], log: Path) -> float:
    """CPU seconds of a command; subprocess.CalledProcessError if it fails."""
    with log.open("w") as output:
        process = subprocess.Popen(
            command, env=os.environ | ONE_THREAD, stdout=output, stderr=output
        )
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.stderr.write(log.read_text(errors="replace")[-3000:])
        raise subprocess.CalledProcessError(process.returncode, command)
    return usage.ru_utime + usage.ru_stime


def _passed(folder: Path, name: str, rows: Sequence[Row]) -> int:
    """How many documents Taojin's filters let pass; they are written to a file of their own."""
    ledger = pl.read_parquet(folder / "run" / "ledger.parquet")
    passed = set(ledger.filter(pl.col("stage") != "decide")["doc_id"])
    chosen = [
        row
        for line, row in enumerate(rows, start=1)
        if doc_id(name, f"{name}.jsonl.zst", line) in passed
    ]
    _write(folder / f"passed-{name}.jsonl.zst", chosen)
    return len(chosen)


def _datatrove(bench: Bench, folder: Path, size_mb: float) -> Result | None:
    payload = {
        "folder": str(folder),
        "languages": {"en": "en", "zh": "cmn"},
        "tokenizer": str(folder / "run" / "tokenizer" / "tokenizer.json"),
    }
    found = bench.peer("datatrove", "datatrove_race", payload)
    if found is None:
        return None
    return {
        "mb_s": size_mb / found["cpu_s"],
        "cpu_s": found["cpu_s"],
        "peak_mb": found["peak_mb"],
        "by_stage": found["by_stage"],
        "passed": found["passed"],
    }


if __name__ == "__main__":
    main(measure, __doc__ or "")
