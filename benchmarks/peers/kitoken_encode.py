"""kitoken's encoder on a SentencePiece model: CPU seconds per language, and the ids.

Runs in kitoken's own environment: `python kitoken_encode.py PAYLOAD RESULT`.
"""

import json
import sys
import time
from pathlib import Path

from kitoken import Kitoken


def main(payload, result):
    given = json.loads(Path(payload).read_text(encoding="utf-8"))
    encoder = Kitoken.from_sentencepiece_file(given["model"])
    seconds, ids = {}, {}
    for language, texts in given["texts"].items():
        for text in texts[:4]:
            encoder.encode(text)
        start = time.process_time()
        ids[language] = [encoder.encode(text) for text in texts]
        seconds[language] = time.process_time() - start
    Path(result).write_text(json.dumps({"seconds": seconds, "ids": ids}))


if __name__ == "__main__":
    main(*sys.argv[1:])
