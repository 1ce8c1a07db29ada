"""datatrove from JSONL.zst to token files: filters, MinHash in four steps, tokens. CPU and memory.

Runs in datatrove's own environment: `python datatrove_race.py PAYLOAD RESULT`. One process and one
task; the figures are those of the whole process.
"""

import json
import resource
import sys
import time
from pathlib import Path

from datatrove.pipeline.dedup import (
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.tokens import DocumentTokenizer
from datatrove.pipeline.writers import JsonlWriter


def chain(*steps):
    """Run steps one after the other on the documents that the first one reads."""
    data = None
    for step in steps:
        data = step(data, 0, 1)
    for _ in data or ():
        pass


def timed(stages, name, *work):
    """Run and add the CPU seconds to the stage's."""
    start = time.process_time()
    chain(*work)
    stages[name] = stages.get(name, 0.0) + time.process_time() - start


def run(folder, name, language, tokenizer, stages):
    """One language from its JSONL files to its tokens; how many documents passed the filters."""
    work = f"{folder}/datatrove/{name}"
    config = MinhashConfig()
    timed(
        stages,
        "filters",
        JsonlReader(folder, glob_pattern=f"{name}.jsonl.zst", compression="zstd"),
        GopherRepetitionFilter(language=language),
        GopherQualityFilter(language=language),
        C4QualityFilter(filter_no_terminal_punct=False, language=language),
        FineWebQualityFilter(language=language),
        JsonlWriter(f"{work}/filtered", output_filename="all.jsonl", compression=None),
    )
    written = Path(work, "filtered", "all.jsonl")
    passed = JsonlReader(folder, glob_pattern=f"passed-{name}.jsonl.zst", compression="zstd")
    signatures = MinhashDedupSignature(f"{work}/signatures", config=config, language=language)
    timed(stages, "signatures", passed, signatures)
    start = time.process_time()
    for rank in range(config.num_buckets):
        buckets = MinhashDedupBuckets(f"{work}/signatures", f"{work}/buckets", config=config)
        buckets.run(None, rank, config.num_buckets)
    MinhashDedupCluster(f"{work}/buckets", f"{work}/removed", config=config).run(None, 0, 1)
    stages["clusters"] = stages.get("clusters", 0.0) + time.process_time() - start
    timed(
        stages,
        "tokens",
        JsonlReader(folder, glob_pattern=f"passed-{name}.jsonl.zst", compression="zstd"),
        MinhashDedupFilter(f"{work}/removed"),
        DocumentTokenizer(f"{work}/tokens", tokenizer_name_or_path=tokenizer, eos_token="</s>"),
    )
    return len(written.read_bytes().splitlines()) if written.is_file() else 0


def main(payload, result):
    given = json.loads(Path(payload).read_text(encoding="utf-8"))
    stages, passed = {}, {}
    for name, language in given["languages"].items():
        passed[name] = run(given["folder"], name, language, given["tokenizer"], stages)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    status = Path("/proc/self/status").read_text().splitlines()
    (peak,) = [line for line in status if line.startswith("VmHWM:")]
    figures = {
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_mb": int(peak.split()[1]) * 1024 / 1e6,
        "by_stage": stages,
        "passed": passed,
    }
    Path(result).write_text(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
