"""datatrove's MinHash in its four steps with its defaults: megabytes per CPU second, what it keeps.

Runs in datatrove's own environment: `python datatrove_minhash.py PAYLOAD RESULT`.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.dedup import (
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.dedup.minhash import MinhashConfig


def deduplicate(documents, language):
    """The ids of the documents that are kept."""
    config = MinhashConfig()
    with tempfile.TemporaryDirectory() as folder:
        at = {name: f"{folder}/{name}" for name in ("signatures", "buckets", "removed")}
        given = [Document(text=one["text"], id=one["id"]) for one in documents]
        MinhashDedupSignature(at["signatures"], config=config, language=language).run(given, 0, 1)
        for rank in range(config.num_buckets):
            step = MinhashDedupBuckets(at["signatures"], at["buckets"], config=config)
            step.run(None, rank, config.num_buckets)
        MinhashDedupCluster(at["buckets"], at["removed"], config=config).run(None, 0, 1)
        return [document.id for document in MinhashDedupFilter(at["removed"]).run(given, 0, 1)]


def main(payload, result):
    given = json.loads(Path(payload).read_text(encoding="utf-8"))
    documents, language = given["documents"], given["language"]
    deduplicate(documents[:2], language)
    start = time.process_time()
    kept = deduplicate(documents, language)
    took_s = time.process_time() - start
    size_mb = sum(len(one["text"].encode()) for one in documents) / 1e6
    Path(result).write_text(json.dumps({"mb_s": size_mb / took_s, "kept": kept}))


if __name__ == "__main__":
    main(*sys.argv[1:])
