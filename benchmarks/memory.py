"""Memory that *measure* takes for one partition, as a multiple of its text (Linux).

A partition of about 32 MB, half Chinese and half English, through every filter of the registry, as
`taojin run` calls them; models are not there. `ratio`: what the process holds at most while it
measures, above what it held before with the documents loaded and the kernels compiled, over the
text's size. `ratio_with_documents` counts the loaded documents too.
"""

import gc
from pathlib import Path

import polars as pl

from benchmarks.harness import LANGUAGES, Bench, Result, documents, main, peak_mb, spread, text_mb
from taojin.core import stage
from taojin.filters.registry import Registry
from taojin.filters.rules import Measure

PARTITION_MB = 32.0


def measure(bench: Bench) -> Result:
    chosen = Measure(tuple(Registry(tuple(LANGUAGES.values())).filters.values()))
    table = pl.concat([_documents(bench, language) for language in LANGUAGES]).rechunk()
    stage.run(chosen, table.head(50))
    gc.collect()
    before = _held_mb()
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    stage.run(chosen, table)
    size, taken = text_mb(table), peak_mb() - before
    return {
        "text_mb": size,
        "documents": table.height,
        "peak_mb": taken,
        "ratio": taken / size,
        "ratio_with_documents": (taken + size) / size,
    }


def _documents(bench: Bench, language: str) -> pl.DataFrame:
    rows = bench.rows(f"docs_{language}/docs_{language}.jsonl.zst")
    return documents(spread(rows, PARTITION_MB / 2), LANGUAGES[language])


def _held_mb() -> float:
    """Megabytes that the process holds now."""
    status = Path("/proc/self/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) * 1024 / 1e6


if __name__ == "__main__":
    main(measure, __doc__ or "")
