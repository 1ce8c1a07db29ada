"""Hostile texts of fabricated runs, and their ids."""

import hashlib

HOSTILE = "<script>window.hit = 1</script><img src=x onerror='window.hit = 1'>"
OVERRIDE = "price \u202e001\u202c of\x00nothing \x1b[31mred"


def doc_id(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
