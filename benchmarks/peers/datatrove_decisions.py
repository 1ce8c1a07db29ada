"""What datatrove's Gopher, C4 and FineWeb filters decide, each by itself, and the words they see.

Runs in datatrove's own environment: `python datatrove_decisions.py PAYLOAD RESULT`.
"""

import json
import sys
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)
from datatrove.utils.text import split_into_words


def reason(block, text):
    """Why a filter of datatrove drops a text; None where it keeps it."""
    passed = block.filter(Document(text=text, id=""))
    return None if passed is True else passed[1]


def main(payload, result):
    given = json.loads(Path(payload).read_text(encoding="utf-8"))
    language, texts = given["language"], given["texts"]
    blocks = {
        "gopher_quality": GopherQualityFilter(language=language),
        "gopher_repetition": GopherRepetitionFilter(language=language),
        "c4": C4QualityFilter(language=language),
        "fineweb": FineWebQualityFilter(language=language),
    }
    found = [
        {
            "reasons": {name: reason(block, text) for name, block in blocks.items()},
            "words": split_into_words(text, language),
        }
        for text in texts
    ]
    Path(result).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
