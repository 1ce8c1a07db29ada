"""What near-deduplication finds and what it removes wrongly, against exact Jaccard similarities.

`recall`: pairs at 0.8 or more of which at most one document is kept. `precision`: removed documents
whose survivor is at 0.8 or more. `wrongly_removed`: removed documents without a kept one at 0.7 or
more. `thresholds`: what other thresholds do, each judged by itself, with the share of documents
that they remove. The truth counts sets of five words (English) or five characters (Chinese); texts
that are equal in those are at 1. datatrove and text-dedup do not say which copy stands for which,
so their precision is null.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from benchmarks import duplicates
from benchmarks.dedup import datatrove
from benchmarks.harness import LANGUAGES, Bench, Result, Row, documents, main

SIMILAR, ALIKE = 0.8, 0.7
THRESHOLDS = (0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
UNITS = {"en": "word", "zh": "character"}
PEERS = {
    "datatrove": "datatrove_minhash",
    "text_dedup": "text_dedup_minhash",
    "datasketch": "datasketch_lsh",
    "rensa": "rensa_lsh",
}
"""By environment: the script of benchmarks/peers."""
NAMES = ("recall", "precision", "wrongly_removed", "removed")


@dataclass(frozen=True)
class Truth:
    """Pairs at ALIKE or more, and what is compared of each text."""

    pairs: Mapping[tuple[str, str], float]
    keys: Mapping[str, object]

    def jaccard(self, one: str, other: str) -> float:
        """The pair's similarity; 0 below ALIKE."""
        if self.keys[one] == self.keys[other]:
            return 1.0
        return self.pairs.get((min(one, other), max(one, other)), 0.0)

    def recall(self, removed: set[str], threshold: float = SIMILAR) -> float:
        similar = [pair for pair, jaccard in self.pairs.items() if jaccard >= threshold]
        found = sum(one in removed or other in removed for one, other in similar)
        return found / len(similar)

    def precision(self, survivors: Mapping[str, str], threshold: float = SIMILAR) -> float | None:
        right = sum(self.jaccard(one, kept) >= threshold for one, kept in survivors.items())
        return right / len(survivors) if survivors else None

    def wrongly_removed(self, removed: set[str]) -> int:
        alike: dict[str, list[str]] = {}
        for pair in self.pairs:
            for one, other in (pair, pair[::-1]):
                alike.setdefault(one, []).append(other)
        kept_keys = {key for doc_id, key in self.keys.items() if doc_id not in removed}
        return sum(
            all(other in removed for other in alike.get(doc_id, ()))
            and self.keys[doc_id] not in kept_keys
            for doc_id in removed
        )


def truth(rows: Sequence[Row], pairs: pl.DataFrame, unit: str) -> Truth:
    """The truth about these documents."""
    keys = {row["id"]: compared(row["text"], unit) for row in rows}
    known = pairs.filter(pl.col("id_a").is_in(list(keys)), pl.col("id_b").is_in(list(keys)))
    table = known.select("id_a", "id_b", "jaccard").iter_rows()
    return Truth({(min(a, b), max(a, b)): jaccard for a, b, jaccard in table}, keys)


def compared(text: str, unit: str) -> object:
    """What the truth's shingles are made of."""
    return tuple(re.findall(r"\w+", text.lower())) if unit == "word" else "".join(text.split())


def measure(bench: Bench) -> Result:
    rows = bench.rows("near_dup/near_dup.jsonl.zst")
    pairs = pl.read_parquet(bench.data / "near_dup" / "pairs_ge_0.7.parquet")
    result: Result = {name: {} for name in (*NAMES, "thresholds")}
    peers: dict[str, Result] = {name: {key: {} for key in (*NAMES, "mb_s")} for name in PEERS}
    for language, lang in LANGUAGES.items():
        chosen = [row for row in rows if row["lang"] == language]
        judge = truth(chosen, pairs, UNITS[language])
        survivors = duplicates.remove(documents(chosen, lang)).survivors()
        _put(result, language, judge, set(survivors), survivors)
        result["thresholds"][language] = _thresholds(documents(chosen, lang), judge)
        for name, found in peers.items():
            _put_peer(found, language, judge, _peer(bench, name, language, chosen))
    return {**result, **{name: found if bench.has(name) else None for name, found in peers.items()}}


def _thresholds(table: pl.DataFrame, judge: Truth) -> Result:
    """What other thresholds would do, each judged by itself; pairs below ALIKE are not known."""
    found: Result = {}
    for threshold in THRESHOLDS:
        survivors = duplicates.remove(table, threshold).survivors()
        found[f"{threshold:.2f}"] = {
            "recall": judge.recall(set(survivors), threshold),
            "precision": judge.precision(survivors, threshold),
            "removed": len(survivors) / table.height,
        }
    return found


def _put(
    result: Result, language: str, judge: Truth, removed: set[str], kept: Mapping[str, str] | None
) -> None:
    result["recall"][language] = judge.recall(removed)
    result["precision"][language] = None if kept is None else judge.precision(kept)
    result["wrongly_removed"][language] = judge.wrongly_removed(removed)
    result["removed"][language] = len(removed)


def _put_peer(result: Result, language: str, judge: Truth, theirs: Result | None) -> None:
    """A peer tells each removed document with its survivor, or only what it keeps."""
    if theirs is None:
        return
    survivors = theirs.get("removed")
    removed = set(judge.keys) - set(theirs["kept"]) if survivors is None else set(survivors)
    _put(result, language, judge, removed, survivors)
    result["mb_s"][language] = theirs["mb_s"]


def _peer(bench: Bench, name: str, language: str, rows: Sequence[Row]) -> Result | None:
    if name == "datatrove":
        return datatrove(bench, language, rows)
    payload = {
        "unit": UNITS[language],
        "threshold": SIMILAR,
        "documents": [{"id": row["id"], "text": row["text"]} for row in rows],
    }
    found: Result | None = bench.peer(name, PEERS[name], payload)
    return found


if __name__ == "__main__":
    main(measure, __doc__ or "")
