"""datatrove's Gopher, C4 and FineWeb filters over given texts: megabytes per CPU second.

Runs in datatrove's own environment: `python datatrove_filters.py PAYLOAD RESULT`.
"""

import json
import sys
import time
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)

WARM_UP = 4


def run(blocks, texts):
    """How many documents pass; C4's changes to a text stay within this call."""
    passed = 0
    for number, text in enumerate(texts):
        document = Document(text=text, id=str(number))
        passed += all(block.filter(document) is True for block in blocks)
    return passed


def main(payload, result):
    given = json.loads(Path(payload).read_text(encoding="utf-8"))
    language, texts = given["language"], given["texts"]
    blocks = [
        GopherRepetitionFilter(language=language),
        GopherQualityFilter(language=language),
        C4QualityFilter(filter_no_terminal_punct=False, language=language),
        FineWebQualityFilter(language=language),
    ]
    run(blocks, texts[:WARM_UP])
    start = time.process_time()
    passed = run(blocks, texts)
    took_s = time.process_time() - start
    size_mb = sum(len(text.encode()) for text in texts) / 1e6
    figures = {"mb_s": size_mb / took_s, "passed": passed, "documents": len(texts)}
    Path(result).write_text(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
