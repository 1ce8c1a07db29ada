"""text-dedup's MinHash at 0.8 with its other defaults: megabytes per CPU second, what it keeps.

Runs in text-dedup's own environment: `python text_dedup_minhash.py PAYLOAD RESULT`. It is its
command line over a JSONL file, in one process, its start included. What it filters out before it
looks for duplicates (texts of fewer than five `\\W`-separated pieces) counts as removed.
"""

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from datasets import load_from_disk


def deduplicate(documents, threshold, folder):
    """The ids that are in the dataset it leaves."""
    lines = "".join(json.dumps({"id": one["id"], "text": one["text"]}) + "\n" for one in documents)
    (folder / "in.jsonl").write_text(lines)
    command = [sys.executable, "-m", "text_dedup.minhash", "--path", "json", "--split", "train"]
    command += ["--data_files", str(folder / "in.jsonl"), "--cache_dir", str(folder / "cache")]
    command += ["--output", str(folder / "out"), "--column", "text", "--num_proc", "1"]
    subprocess.run([*command, "--threshold", str(threshold)], check=True)
    return load_from_disk(str(folder / "out"))["id"]


def main(payload, result):
    given = json.loads(Path(payload).read_text(encoding="utf-8"))
    documents = given["documents"]
    with tempfile.TemporaryDirectory() as folder:
        kept = deduplicate(documents, given["threshold"], Path(folder))
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    size_mb = sum(len(one["text"].encode()) for one in documents) / 1e6
    figures = {"mb_s": size_mb / (spent.ru_utime + spent.ru_stime), "kept": list(kept)}
    Path(result).write_text(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
