"""What all benchmarks share: the command line, the data, CPU time, peers, the table and the JSON.

Every figure is CPU time of one process with one thread, so that other jobs on the machine disturb
it little. Thread counts are read by libraries when they are imported, so `main` starts the command
again with them set.
"""

import argparse
import io
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl
import zstandard

from taojin.core import schema

ONE_THREAD = dict.fromkeys(
    (
        "POLARS_MAX_THREADS",
        "OMP_NUM_THREADS",
        "NUMBA_NUM_THREADS",
        "MKL_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "RAYON_NUM_THREADS",
    ),
    "1",
)
LANGUAGES = {"en": "en", "zh": "zh-Hans"}
"""The languages that figures are given for, with the code that Taojin stores."""
LIBRARIES = ("numba", "numpy", "polars", "pyarrow")
SCRIPTS = Path(__file__).parent / "peers"

Result = dict[str, Any]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Bench:
    """Where the data is, and where the virtual environments of the peers are."""

    data: Path
    peers: Path

    def rows(self, path: str) -> list[Row]:
        """The lines of one JSONL file of the data, compressed or not."""
        return list(read_jsonl(self.data / path))

    def has(self, peer: str) -> bool:
        """Whether that peer's virtual environment is there."""
        return (self.peers / peer / "bin" / "python").is_file()

    def peer(self, name: str, script: str, payload: object) -> Any:
        """What the script prints to its result file in the peer's environment; None without it.

        subprocess.CalledProcessError where the peer fails.
        """
        if not self.has(name):
            return None
        with tempfile.TemporaryDirectory() as folder:
            given, result = Path(folder) / "payload.json", Path(folder) / "result.json"
            given.write_text(json.dumps(payload), encoding="utf-8")
            python = self.peers / name / "bin" / "python"
            command = [python.absolute(), SCRIPTS / f"{script}.py", given, result]
            log = Path(folder) / "log"
            with log.open("w") as output:
                done = subprocess.run(
                    command, env=os.environ | ONE_THREAD, stdout=output, stderr=output, check=False
                )
            if done.returncode:
                sys.stderr.write(log.read_text(errors="replace")[-3000:])
                done.check_returncode()
            return json.loads(result.read_text(encoding="utf-8"))


def main(measure: Callable[[Bench], Result], about: str) -> None:
    """Run one benchmark: its table on standard output, its keys in the file of `--json`."""
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="test data")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument(
        "--peers", type=Path, default=Path(".peers"), help="environments that peers.sh has made"
    )
    arguments = parser.parse_args()
    _use_one_thread()
    if not arguments.data.is_dir():
        parser.error(f"--data {arguments.data}: no such folder")
    result = measure(Bench(arguments.data, arguments.peers))
    show(result)
    if arguments.json:
        report = {"machine": machine(), **result}
        text = json.dumps(report, indent=1, ensure_ascii=False) + "\n"
        arguments.json.write_text(text, encoding="utf-8")


def _use_one_thread() -> None:
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
        sys.stdout.flush()
        os.execve(sys.executable, sys.orig_argv, os.environ | ONE_THREAD)


def machine() -> Result:
    """What the figures were measured on, and when."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.processor(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "versions": {name: version(name) for name in LIBRARIES},
        "date": datetime.now(UTC).date().isoformat(),
    }


def read_jsonl(path: Path) -> Iterator[Row]:
    """The objects of a JSONL file, zstd if its name says so."""
    with path.open("rb") as file:
        stream: Any = file
        if path.suffix == ".zst":
            stream = zstandard.ZstdDecompressor().stream_reader(file)
        for line in io.TextIOWrapper(stream, encoding="utf-8", newline="\n"):
            yield json.loads(line)


def documents(rows: Sequence[Row], lang: str | None = None) -> pl.DataFrame:
    """The rows (id, text, lang) as ingest leaves documents; `lang` takes the place of the row's."""
    source = {"name": "benchmark", "kind": "web", "position": 0, "url": "", "title": ""}
    table = [
        {
            "doc_id": row.get("id") or str(number),
            "content_hash": "",
            "text": row["text"],
            "source": source,
            "lang": lang or LANGUAGES.get(row["lang"], row["lang"]),
            "lang_score": 1.0,
        }
        for number, row in enumerate(rows)
    ]
    return pl.DataFrame(table, schema=dict(schema.DOCUMENT))


def spread(rows: Sequence[Row], size_mb: float) -> list[Row]:
    """Every k-th row, so that their texts come to about that size."""
    step = max(1, round(text_mb(rows) / size_mb))
    return list(rows[step // 2 :: step])


def text_mb(texts: pl.DataFrame | Sequence[Row]) -> float:
    """Megabytes (10^6) of UTF-8 text."""
    if isinstance(texts, pl.DataFrame):
        return int(texts["text"].str.len_bytes().sum()) / 1e6
    return sum(len(row["text"].encode()) for row in texts) / 1e6


def cpu_s(work: Callable[[], object], at_least_s: float = 1.0) -> float:
    """CPU seconds of one call: the best of as many as take `at_least_s` together."""
    best_s, spent_s = float("inf"), 0.0
    while spent_s <= at_least_s:
        start = time.process_time()
        work()
        took_s = time.process_time() - start
        best_s, spent_s = min(best_s, took_s), spent_s + max(took_s, 1e-6)
    return best_s


def mb_s(
    work: Callable[[pl.DataFrame], object], table: pl.DataFrame, at_least_s: float = 1.0
) -> float:
    """Megabytes of text per CPU second; kernels are compiled on a few documents before."""
    work(table.head(16))
    return text_mb(table) / cpu_s(lambda: work(table), at_least_s)


def peak_mb() -> float:
    """Megabytes of memory that this process has held at most (Linux).

    Not `ru_maxrss`: that counts the parent's memory too, from before this program was started.
    """
    status = Path("/proc/self/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024 / 1e6


def ratio(ours: float | None, theirs: float | None) -> float | None:
    """How many times theirs ours is; None where either is missing."""
    return ours / theirs if ours is not None and theirs else None


def f1(precision: float, recall: float) -> float:
    """The harmonic mean; 0 if both are."""
    total = precision + recall
    return 2 * precision * recall / total if total else 0.0


def show(result: Row) -> None:
    """Print one line per figure; nested keys joined by dots."""
    lines = list(_flat(result))
    width = max((len(name) for name, _ in lines), default=0)
    for name, value in lines:
        print(f"{name:{width}}  {_cell(value)}")


def _flat(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else str(key))
    else:
        yield name, value


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 10 else f"{value:,.1f}"
    if isinstance(value, list):
        return "\n    ".join([f"{len(value)}", *map(str, value)])
    return str(value)
