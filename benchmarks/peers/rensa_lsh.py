"""rensa's deduplicator at 0.8 with its LSH: megabytes per CPU second, what it keeps.

Runs in rensa's own environment: `python rensa_lsh.py PAYLOAD RESULT`. A document that is like one
that was kept before it is removed; the longest come first. Shingles are five words, or five
characters of a text without white space, as the payload says.
"""

import json
import re
import sys
import time
from pathlib import Path

from rensa import RMinHash, RMinHashDeduplicator

PERMUTATIONS, BANDS, SEED = 128, 16, 42


def shingles(text, unit):
    """The set of 5-grams."""
    pieces = re.findall(r"\w+", text.lower()) if unit == "word" else "".join(text.split())
    joint = " " if unit == "word" else ""
    return {joint.join(pieces[at : at + 5]) for at in range(len(pieces) - 4)}


def deduplicate(documents, unit, threshold):
    """{id removed: id kept}, of several kept ones the most similar."""
    kept = RMinHashDeduplicator(threshold, PERMUTATIONS, True, BANDS, SEED)
    sketches, removed = {}, {}
    for one in sorted(documents, key=lambda one: (-len(one["text"]), one["id"])):
        grams = shingles(one["text"], unit)
        if not grams:
            continue
        sketch = RMinHash(PERMUTATIONS, SEED)
        sketch.update(sorted(grams))
        like = kept.get_duplicates(sketch)
        if like:
            removed[one["id"]] = max(like, key=lambda name: (sketch.jaccard(sketches[name]), name))
        else:
            kept.add(one["id"], sketch)
            sketches[one["id"]] = sketch
    return removed


def main(payload, result):
    given = json.loads(Path(payload).read_text(encoding="utf-8"))
    documents = given["documents"]
    deduplicate(documents[:2], given["unit"], given["threshold"])
    start = time.process_time()
    removed = deduplicate(documents, given["unit"], given["threshold"])
    took_s = time.process_time() - start
    size_mb = sum(len(one["text"].encode()) for one in documents) / 1e6
    Path(result).write_text(json.dumps({"mb_s": size_mb / took_s, "removed": removed}))


if __name__ == "__main__":
    main(*sys.argv[1:])
