"""How time and memory grow with the corpus: `taojin run` over one, four and sixteen times as much.

The corpus is documents of docs_en and docs_zh, and of each as many variants as the size asks for:
a share of a variant's words or characters is replaced by others of its own text, by a seed that is
the document's and the variant's. Most variants share no eighth with each other; every tenth is a
near copy of the one before it, so that clusters and candidates grow as the corpus does.

`seconds` is the wall time of a run with two workers, `peak_mb` the most that any worker held,
`seconds_per_mb` what should stay level. `near_seconds` is the part of the steps that look for
duplicates, summed over the workers. `speedup_2_workers` compares one and two workers over the
middle size. The tokenizer's sample is held at 5 MB, so that it does not hide what grows.
"""

import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.harness import LANGUAGES, Bench, Result, Row, main, spread, text_mb

BASE_MB = 32.0
FACTORS = (1, 4, 16)
FILE_MB = 8.0
MEMORY = "3GiB"
"""Of each worker."""
OTHER, NEAR = 0.15, 0.01
"""The share of words that a variant has replaced; the same of a near copy."""
DUPLICATES = ("exact", "near", "components", "line", "passages", "cut", "url")
"""How the names of the steps begin that look for duplicates."""
RECIPE = """
name = "scale"
languages = ["zh-Hans", "zh-Hant", "en"]

[[sources]]
name = "corpus"
path = "corpus/*.jsonl"

[filters]
use = []

[qa]
generator = "off"

[tokenizer]
vocabulary = 8000
sample_mb = 5
"""
_WORD = re.compile(r"\w+")
_PIECE = re.compile(r"[\u3400-\u9fff]|\w+|\W")


def measure(bench: Bench) -> Result:
    rows = [
        row
        for language in LANGUAGES
        for row in spread(bench.rows(f"docs_{language}/docs_{language}.jsonl.zst"), BASE_MB / 2)
    ]
    result: Result = {
        "sizes_mb": [], "documents": [], "seconds": [], "seconds_per_mb": [], "near_seconds": [],
        "removed": [], "peak_mb": [],
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        for factor in FACTORS:
            folder = Path(name) / str(factor)
            size_mb, documents = _write(folder, rows, factor)
            figures = _run(folder, workers=2)
            result["sizes_mb"].append(size_mb)
            result["documents"].append(documents)
            result["seconds_per_mb"].append(figures["seconds"] / size_mb)
            for key, value in figures.items():
                result[key].append(value)
        alone = _run(Path(name) / str(FACTORS[1]), workers=1)["seconds"]
    return {**result, "speedup_2_workers": alone / result["seconds"][1]}


def _write(folder: Path, rows: Sequence[Row], factor: int) -> tuple[float, int]:
    """Write corpus/*.jsonl of the rows' variants; megabytes of text, and how many documents."""
    (folder / "corpus").mkdir(parents=True)
    size_mb, count = 0.0, 0
    for variant in range(factor):
        chosen = [{"text": _variant(row, variant)} for row in rows]
        parts = max(1, round(text_mb(chosen) / FILE_MB))
        for part in range(parts):
            lines = [json.dumps(row, ensure_ascii=False) for row in chosen[part::parts]]
            path = folder / "corpus" / f"{variant:02d}-{part:02d}.jsonl"
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        size_mb, count = size_mb + text_mb(chosen), count + len(chosen)
    return size_mb, count


def _variant(row: Row, number: int) -> str:
    """The text itself, another with its words, or, for one in ten, a near copy of the one before.

    Only words are replaced: lines, code and punctuation stay where they were.
    """
    if number == 0:
        return str(row["text"])
    draw = random.Random(f"{row['id']} {number}")
    near = draw.random() < 0.1
    text = _replaced(row["text"], f"{row['id']} {number - near}", OTHER * (number > near))
    return _replaced(text, f"{row['id']} {number}", NEAR) if near else text


def _replaced(text: str, seed: str, share: float) -> str:
    draw = random.Random(seed)
    pieces = _PIECE.findall(text)
    words = [piece for piece in pieces if _WORD.match(piece)]
    return "".join(_drawn(pieces, words, draw, share))


def _drawn(
    pieces: Sequence[str], words: Sequence[str], draw: random.Random, share: float
) -> Iterator[str]:
    for piece in pieces:
        replace = _WORD.match(piece) is not None and draw.random() < share
        yield words[draw.randrange(len(words))] if replace else piece


def _run(folder: Path, workers: int) -> Result:
    """Seconds and peak of one run with fresh checkpoints."""
    (folder / "recipe.toml").write_text(RECIPE, encoding="utf-8")
    run = folder / f"run-{workers}"
    command = [
        *(sys.executable, "-m", "taojin.pipeline.cli", "run", str(folder / "recipe.toml")),
        *("--out", str(run), "--workers", str(workers), "--memory", MEMORY),
    ]
    start = time.monotonic()
    with (folder / "log").open("w") as log:
        subprocess.run(command, env=os.environ, stdout=log, stderr=log, check=True)
    took_s = time.monotonic() - start
    timings = json.loads((run / "report" / "timings.json").read_text())
    funnel = json.loads((run / "report" / "report.json").read_text())["duplicates"]
    return {
        "seconds": took_s,
        "near_seconds": sum(
            row["seconds"] for row in timings if row["stage"].startswith(DUPLICATES)
        ),
        "removed": sum(row["documents"] for row in funnel["removed"]),
        "peak_mb": max(row["peak_bytes"] for row in timings) / 1e6,
    }


if __name__ == "__main__":
    main(measure, __doc__ or "")
