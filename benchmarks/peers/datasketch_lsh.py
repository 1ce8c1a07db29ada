"""datasketch's MinHash LSH at 0.8 with union-find: megabytes per CPU second, what it keeps.

Runs in datasketch's own environment: `python datasketch_lsh.py PAYLOAD RESULT`. Shingles are five
words, or five characters of a text without white space, as the payload says.
"""

import json
import re
import sys
import time
from pathlib import Path

from datasketch import MinHash, MinHashLSH


def shingles(text, unit):
    """The set of 5-grams as bytes."""
    pieces = re.findall(r"\w+", text.lower()) if unit == "word" else "".join(text.split())
    joint = " " if unit == "word" else ""
    return {joint.join(pieces[at : at + 5]).encode() for at in range(len(pieces) - 4)}


def deduplicate(documents, unit, threshold):
    """{id removed: id kept}; of a cluster the longest text stays."""
    lsh = MinHashLSH(threshold=threshold, num_perm=128)
    parent = {one["id"]: one["id"] for one in documents}

    def root(name):
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for one in documents:
        grams = shingles(one["text"], unit)
        if not grams:
            continue
        signature = MinHash(num_perm=128)
        signature.update_batch(grams)
        for other in lsh.query(signature):
            parent[root(one["id"])] = root(other)
        lsh.insert(one["id"], signature)
    best = {}
    for one in sorted(documents, key=lambda one: (-len(one["text"]), one["id"])):
        best.setdefault(root(one["id"]), one["id"])
    pairs = {name: best[root(name)] for name in parent}
    return {name: kept for name, kept in pairs.items() if name != kept}


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
