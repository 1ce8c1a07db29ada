"""Text in, packed tokens out: `taojin run` beside datatrove's nearest equal.

Both get the same documents of docs_en and docs_zh as two JSONL.zst files. Taojin runs as a user
starts it, in one process without Dask, with the filters of FineWeb, exact and near deduplication,
a tokenizer that it trains, and packed shards. datatrove reads the same files, filters, runs its
four MinHash steps and encodes with the tokenizer that Taojin has trained.

What one of them lacks is left out of both or listed under `only_taojin`: language, personal data,
line cuts, the ledger and the report have no equal in a run of datatrove that needs no download,
QA and the evaluation sets are off. CPU seconds and the peak of memory are the operating system's
figures for the whole process, imports included; `by_stage` is wall time as the run's report has it.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import zstandard

from benchmarks.harness import ONE_THREAD, Bench, Result, Row, main, ratio, spread, text_mb

SIZE_MB = 10.0
"""Per language; all of Taojin's input. datatrove takes a minute for it."""
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
ONLY_TAOJIN = (
    "language",
    "personal data",
    "lines cut",
    "classifier",
    "url and chinese metrics",
    "exact verification of near-duplicates",
    "tokenizer training",
    "packing and the shuffle",
    "ledger and report",
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
        theirs = _datatrove(bench, folder, size_mb)
    peers = {"datatrove": theirs, "dolma": None}
    return {
        "size_mb": size_mb,
        **ours,
        **peers,
        "ratio": {
            "datatrove": ratio(ours["mb_s"], theirs["mb_s"] if theirs else None),
            "dolma": None,
        },
        "only_taojin": list(ONLY_TAOJIN),
    }


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


def _datatrove(bench: Bench, folder: Path, size_mb: float) -> Result | None:
    payload = {
        "folder": str(folder),
        "languages": {"en": "en", "zh": "cmn"},
        "tokenizer": str(folder / "run" / "tokenizer" / "tokenizer.json"),
    }
    start = time.monotonic()
    found = bench.peer("datatrove", "datatrove_race", payload)
    if found is None:
        return None
    return {
        "mb_s": size_mb / found["cpu_s"],
        "cpu_s": found["cpu_s"],
        "peak_mb": found["peak_mb"],
        "by_stage": found["by_stage"],
        "wall_s": time.monotonic() - start,
    }


if __name__ == "__main__":
    main(measure, __doc__ or "")
