"""Names for things: stable across runs, machines and partition sizes."""

import hashlib
import json
from collections.abc import Mapping

import xxhash


def doc_id(source: str, path: str, position: int) -> str:
    """32 hex digits of (source name, path relative to the source, position in the file)."""
    return xxhash.xxh3_128_hexdigest("\0".join((source, path, str(position))).encode())


def content_hash(text: str) -> str:
    """32 hex digits of a text: what outlives a run is keyed by it."""
    return xxhash.xxh3_128_hexdigest(text.encode())


def fingerprint(parts: Mapping[str, object]) -> str:
    """24 hex digits of a JSON value; the order of its keys does not matter."""
    canonical = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()[:24]
