"""What datatrove's PIIFormatter replaces: e-mail addresses and public IPv4 addresses.

Runs in datatrove's own environment: `python datatrove_pii.py PAYLOAD RESULT`.
"""

import json
import sys
import time
from pathlib import Path

from datatrove.pipeline.formatters import PIIFormatter


def spans(replacer, kind, text):
    """The places whose value the formatter's own check takes."""
    for match in replacer.regex.finditer(text):
        if replacer.validator is None or replacer.validator(match[0]):
            yield match.start(), match.end(), kind


def main(payload, result):
    texts = json.loads(Path(payload).read_text(encoding="utf-8"))["texts"]
    formatter = PIIFormatter()
    started = time.process_time()
    found = [
        [
            *spans(formatter.emails_replacer, "email", text),
            *spans(formatter.ip_replacer, "ip", text),
        ]
        for text in texts
    ]
    answer = {"found": found, "cpu_s": time.process_time() - started}
    Path(result).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
