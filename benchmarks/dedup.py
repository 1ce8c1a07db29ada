"""Megabytes of text per CPU second through deduplication, beside datatrove's MinHash.

`signature_mb_s`: from text to MinHash signature: normalised, shingled, permuted; `kernel_mb_s`: the
same from the normalised text, which is what MinHash libraries begin with. `keys_mb_s`: exact key,
sorted shingles and signature of every document, as *measure* stores them. `near_mb_s`: that and the
search for near-duplicates, verified by shingles; `estimate_mb_s`: verified by signatures.
`exact_mb_s`: the exact key alone and the search for exact ones. `ratio`: near-duplicates end to end
on the documents that datatrove's four MinHash steps get too (3 MB per language, every k-th).
"""

from collections.abc import Sequence

import polars as pl

from benchmarks import duplicates
from benchmarks.harness import (
    LANGUAGES,
    Bench,
    Result,
    Row,
    cpu_s,
    documents,
    main,
    mb_s,
    ratio,
    spread,
    text_mb,
)
from taojin.core.normal import key_buffers

PEER_MB = 3.0
DATATROVE_LANGUAGES = {"en": "en", "zh": "cmn"}


def measure(bench: Bench) -> Result:
    names = (
        *("signature_mb_s", "kernel_mb_s", "keys_mb_s", "near_mb_s", "estimate_mb_s"),
        *("subset_mb_s", "datatrove_mb_s", "ratio"),
    )
    result: Result = {name: {} for name in names}
    tables = []
    for language, lang in LANGUAGES.items():
        rows = bench.rows(f"docs_{language}/docs_{language}.jsonl.zst")
        subset = spread(rows, PEER_MB)
        table = documents(rows, lang)
        ours = mb_s(_near, documents(subset, lang))
        theirs = datatrove(bench, language, subset)
        result["signature_mb_s"][language] = mb_s(_signatures, table)
        result["kernel_mb_s"][language] = _kernel_mb_s(table)
        result["keys_mb_s"][language] = mb_s(duplicates.keys, table)
        result["near_mb_s"][language] = mb_s(_near, table)
        result["estimate_mb_s"][language] = mb_s(lambda some: _near(some, estimate=True), table)
        result["subset_mb_s"][language] = ours
        result["datatrove_mb_s"][language] = theirs["mb_s"] if theirs else None
        result["ratio"][language] = ratio(ours, result["datatrove_mb_s"][language])
        tables.append(table)
    return {**result, "exact_mb_s": _exact_mb_s(pl.concat(tables))}


def _near(table: pl.DataFrame, *, estimate: bool = False) -> dict[str, str]:
    keyed, ranked = duplicates.keys(table), duplicates.rank(table)
    return duplicates.near(keyed, ranked, estimate=estimate)


def _signatures(table: pl.DataFrame) -> None:
    duplicates.signatures(*key_buffers(table["text"]))


def _kernel_mb_s(table: pl.DataFrame) -> float:
    buffers = key_buffers(table["text"])
    return text_mb(table) / cpu_s(lambda: duplicates.signatures(*buffers))


def _exact_mb_s(table: pl.DataFrame) -> float:
    ranked = duplicates.rank(table)
    return text_mb(table) / cpu_s(lambda: duplicates.exact(duplicates.exact_keys(table), ranked))


def datatrove(bench: Bench, language: str, rows: Sequence[Row]) -> Result | None:
    """Its `mb_s` and the ids that it keeps; None where it is not installed."""
    payload = {
        "language": DATATROVE_LANGUAGES[language],
        "documents": [{"id": row["id"], "text": row["text"]} for row in rows],
    }
    found: Result | None = bench.peer("datatrove", "datatrove_minhash", payload)
    return found


if __name__ == "__main__":
    main(measure, __doc__ or "")
