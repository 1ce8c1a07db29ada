"""Personal data against labels: strict typed spans, look-alikes, and speed.

A prediction counts if start, end and kind equal a label's. Labels of private addresses are a kind
of their own, which is off by default and is measured switched on; every other number is measured
with the defaults of the stage.

The English sets label the parts of an address each (number, street, flat, postal code) or the
whole, by the template a text was made from. `en_address` takes the labels as they are;
`en_address_joined` takes labels that only spaces, commas and line ends part, places among them, for
one address.
"""

import argparse
import ipaddress
import json
import re
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.harness import Bench
from taojin.core import schema, stage
from taojin.pipeline.pii.detectors import DEFAULT_KINDS, KINDS
from taojin.pipeline.pii.settings import Settings
from taojin.pipeline.pii.stage import MaskPersonalData

FILES = {
    "zh": ("zh_labelled.jsonl", "zh_longdoc_labelled.jsonl"),
    "en": ("presidio_synth_v2.jsonl", "presidio_generated_large.jsonl"),
}
DENSE = "zh_labelled.jsonl"
SPARSE = "zh_longdoc_labelled.jsonl"
KIND_OF_LABEL = {
    "EMAIL": "email",
    "EMAIL_ADDRESS": "email",
    "MOBILE": "phone",
    "LANDLINE": "phone",
    "PHONE_NUMBER": "phone",
    "CN_ID": "resident_id",
    "USCC": "social_credit_code",
    "PASSPORT": "passport",
    "PLATE": "vehicle_plate",
    "WECHAT": "wechat",
    "QQ": "qq",
    "PERSON": "person",
    "ADDRESS": "address",
    "BANK_CARD": "bank_card",
    "CREDIT_CARD": "bank_card",
    "IPV4": "ip",
    "IPV6": "ip",
    "IP_ADDRESS": "ip",
    "IBAN_CODE": "iban",
    "US_SSN": "ssn",
    "US_DRIVER_LICENSE": "driving_licence",
    "STREET_ADDRESS": "address",
}
EN_KINDS = {"ADDRESS": "address", "PERSON": "person"}
"""Labels that mean this in the English sets alone."""
PLACES = frozenset({"GPE", "LOCATION", "ZIP_CODE"})
BETWEEN_PARTS = re.compile(r"[\s,>?]*")
PEERS = {"presidio": "presidio_pii", "datatrove": "datatrove_pii"}
LABELS_FOR_A_BAR = 30
DOCUMENTATION = tuple(
    ipaddress.ip_network(network)
    for network in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)

Record = Mapping[str, Any]
Value = tuple[int, int, str]


def read(path: Path) -> list[Record]:
    return [json.loads(line) for line in path.open(encoding="utf-8")]


def documents(records: Iterable[Record]) -> pl.DataFrame:
    rows = [
        {
            "doc_id": record["id"],
            "content_hash": "",
            "text": record["text"],
            "source": {"name": "pii", "kind": "proprietary", "position": 0},
            "lang": "und",
            "lang_score": 0.0,
        }
        for record in records
    ]
    return pl.DataFrame(rows, schema=dict(schema.DOCUMENT))


def predictions(table: pl.DataFrame, masking: MaskPersonalData) -> list[set[Value]]:
    edits = stage.run(masking, table)["edits"].to_list()
    return [{(edit["start"], edit["end"], edit["kind"]) for edit in row} for row in edits]


def labels(record: Record, language: str = "zh") -> set[Value]:
    kinds = {**KIND_OF_LABEL, **(EN_KINDS if language == "en" else {})}
    spans = [span for span in record["spans"] if span["type"] in kinds]
    return {(span["start"], span["end"], _kind(span, kinds[span["type"]])) for span in spans}


def joined_addresses(record: Record) -> set[Value]:
    """The addresses of a record, each from its first part to its last."""
    parts = {"ADDRESS", "STREET_ADDRESS"}
    joined: list[tuple[int, int, bool]] = []
    for span in sorted(record["spans"], key=lambda span: span["start"]):
        if span["type"] not in parts | PLACES:
            continue
        start, end, is_address = span["start"], span["end"], span["type"] in parts
        goes_on = joined and joined[-1][2]
        if goes_on and BETWEEN_PARTS.fullmatch(record["text"][joined[-1][1] : start]):
            joined[-1] = joined[-1][0], end, True
        else:
            joined.append((start, end, is_address))
    return {(start, end, "address") for start, end, is_address in joined if is_address}


def _kind(span: Record, kind: str) -> str:
    if kind != "ip":
        return kind
    address = ipaddress.ip_address(span["value"])
    private = address.is_private and not any(address in network for network in DOCUMENTATION)
    return "private_ip" if private else "ip"


def score(wanted: Iterable[set[Value]], found: Iterable[set[Value]], kind: str) -> dict[str, Any]:
    """Precision, recall and F1 of one kind; null where nothing is labelled or nothing found."""
    counts: Counter[str] = Counter()
    for labelled, predicted in zip(wanted, found, strict=True):
        right = {value for value in labelled if value[2] == kind}
        given = {value for value in predicted if value[2] == kind}
        counts.update(labels=len(right), found=len(given), hits=len(right & given))
    precision = counts["hits"] / counts["found"] if counts["found"] else None
    recall = counts["hits"] / counts["labels"] if counts["labels"] else None
    total = counts["found"] + counts["labels"]
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * counts["hits"] / total if total else None,
        "labels": counts["labels"],
        "barred": counts["labels"] >= LABELS_FOR_A_BAR and kind in DEFAULT_KINDS,
    }


def lookalikes_masked(
    records: Iterable[Record], found: Iterable[set[Value]], *, bad: bool
) -> float | None:
    """Share of look-alikes that a prediction touches: those named BAD_*, or all others."""
    touched = [
        any(start < span["end"] and span["start"] < end for start, end, _ in predicted)
        for record, predicted in zip(records, found, strict=True)
        for span in record.get("lookalikes", ())
        if span["type"].startswith("BAD_") == bad
    ]
    return sum(touched) / len(touched) if touched else None


def mb_s(table: pl.DataFrame, masking: MaskPersonalData, at_least_s: float) -> float:
    """Megabytes of text per second of wall time, as the runner calls the stage; best of several."""
    size_mb = int(table["text"].str.len_bytes().sum()) / 1e6
    best_s, spent_s = float("inf"), 0.0
    while spent_s <= at_least_s:
        started = time.perf_counter()
        stage.run(masking, table)
        took_s = time.perf_counter() - started
        best_s, spent_s = min(best_s, took_s), spent_s + took_s
    return size_mb / best_s


def measure(folder: Path, at_least_s: float = 1.0, bench: Bench | None = None) -> dict[str, Any]:
    """The keys of this benchmark, over the labelled files of a folder; peers only with a bench."""
    masking, everything = MaskPersonalData(), MaskPersonalData(Settings(kinds=KINDS))
    kinds: dict[str, dict[str, Any]] = {}
    records_zh: list[Record] = []
    found_zh: list[set[Value]] = []
    for language, names in FILES.items():
        records = [record for name in names for record in read(folder / name)]
        table, wanted = documents(records), [labels(record, language) for record in records]
        found = {False: predictions(table, masking), True: predictions(table, everything)}
        for kind in KINDS:
            row = score(wanted, found[kind not in DEFAULT_KINDS], kind)
            if row["labels"]:
                kinds[f"{language}_{kind}"] = row
        if language == "en":
            whole = [joined_addresses(record) for record in records]
            kinds["en_address_joined"] = score(whole, found[True], "address")
        if language == "zh":
            records_zh, found_zh = records, found[False]
    return {
        "kinds": kinds,
        "lookalikes_masked": lookalikes_masked(records_zh, found_zh, bad=True),
        "other_lookalikes_masked": lookalikes_masked(records_zh, found_zh, bad=False),
        "mb_s_sparse": mb_s(documents(read(folder / SPARSE)), masking, at_least_s),
        "mb_s_dense": mb_s(documents(read(folder / DENSE)), masking, at_least_s),
        **{name: measure_peer(folder, name, bench) for name in PEERS},
    }


def measure_peer(folder: Path, name: str, bench: Bench | None) -> dict[str, Any] | None:
    """The same scores for what another tool finds; None where it is not installed."""
    kinds: dict[str, dict[str, Any]] = {}
    cpu_s = size_mb = 0.0
    for language, names in FILES.items():
        records = [record for file in names for record in read(folder / file)]
        payload = {"texts": [record["text"] for record in records]}
        answer = bench.peer(name, PEERS[name], payload) if bench else None
        if answer is None:
            return None
        cpu_s += answer["cpu_s"]
        size_mb += sum(len(record["text"].encode()) for record in records) / 1e6
        found = [
            {(start, end, _kind_found(record["text"][start:end], kind)) for start, end, kind in row}
            for record, row in zip(records, answer["found"], strict=True)
        ]
        wanted = [labels(record, language) for record in records]
        for kind in KINDS:
            row = score(wanted, found, kind)
            if row["labels"]:
                kinds[f"{language}_{kind}"] = row
    return {"kinds": kinds, "mb_s": size_mb / cpu_s}


def _kind_found(text: str, kind: str) -> str:
    """The kind of a peer's find: to it a private address is an address."""
    try:
        return _kind({"value": text}, kind)
    except ValueError:
        return kind


def show(result: Mapping[str, Any]) -> None:
    peers = {name: result[name]["kinds"] for name in PEERS if result[name]}
    print(f"{'kind':20} {'precision':>9} {'recall':>7} {'f1':>7} {'labels':>7} barred", end="")
    print("".join(f"  {name + ' P/R':>15}" for name in peers))
    for name, row in result["kinds"].items():
        print(f"{name:20} {_cell(row, 'precision'):>9} {_cell(row, 'recall'):>7}", end=" ")
        print(f"{_cell(row, 'f1'):>7} {row['labels']:7} {row['barred']!s:6}", end="")
        theirs = [kinds.get(name, {}) for kinds in peers.values()]
        pairs = [f"{_cell(row, 'precision')}/{_cell(row, 'recall')}" for row in theirs]
        print("".join(f"  {pair:>15}" for pair in pairs))
    for key in ("lookalikes_masked", "other_lookalikes_masked", "mb_s_sparse", "mb_s_dense"):
        print(f"{key:24} {result[key]:.4f}")
    for name in peers:
        print(f"{name + ' mb_s':24} {result[name]['mb_s']:.4f}")


def _cell(row: Record, key: str) -> str:
    return "-" if row.get(key) is None else f"{row[key]:.4f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--peers", type=Path, default=Path(".peers"), help="made by peers.sh")
    arguments = parser.parse_args()
    result = measure(arguments.data / "pii", bench=Bench(arguments.data, arguments.peers))
    show(result)
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
