"""What Presidio's recognisers of patterns find, by themselves: no model of a language, no context.

Runs in Presidio's own environment: `python presidio_pii.py PAYLOAD RESULT`.
"""

import json
import sys
import time
from pathlib import Path

from presidio_analyzer import predefined_recognizers as recognizers

KINDS = {
    "CreditCardRecognizer": "bank_card",
    "CryptoRecognizer": "crypto_wallet",
    "EmailRecognizer": "email",
    "IbanRecognizer": "iban",
    "IpRecognizer": "ip",
    "NhsRecognizer": "nhs_number",
    "PhoneRecognizer": "phone",
    "UsLicenseRecognizer": "driving_licence",
    "UsPassportRecognizer": "passport",
    "UsSsnRecognizer": "ssn",
}
LEAST_SCORE = 0.4


def main(payload, result):
    texts = json.loads(Path(payload).read_text(encoding="utf-8"))["texts"]
    analysers = [(getattr(recognizers, name)(), kind) for name, kind in KINDS.items()]
    started = time.process_time()
    found = [
        [
            (value.start, value.end, kind)
            for analyser, kind in analysers
            for value in analyser.analyze(text, analyser.supported_entities, None) or ()
            if value.score >= LEAST_SCORE
        ]
        for text in texts
    ]
    answer = {"found": found, "cpu_s": time.process_time() - started}
    Path(result).write_text(json.dumps(answer), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
