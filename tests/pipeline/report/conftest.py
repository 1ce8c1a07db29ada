"""Fabricated runs: every file a finished run holds, small, seeded, with hostile text among it."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import tomli_w

from taojin.core import schema
from taojin.tests.pipeline.report.questions import write_questions
from taojin.tests.pipeline.report.texts import HOSTILE, OVERRIDE, doc_id

ENGLISH = "The river carried fine gold down from the hills, and people washed sand in wide pans. "
CHINESE = "河水把细小的金砂从山里带下来,人们用木盘在浅滩上一遍一遍地淘洗,留下最重的颗粒。"
TEXTS = {"en": ENGLISH, "zh-Hans": CHINESE, "zh-Hant": CHINESE.replace("细", "細"), "und": "42 "}

BOUNDS = [
    ("gopher_quality", "word_count", None, 50, 100_000, "units: Han characters and words"),
    (
        "gopher_quality",
        "word_count",
        None,
        20,
        None,
        "units: Han characters and words",
        "proprietary",
    ),
    (
        "gopher_quality",
        "word_count",
        "zh-Hans",
        30,
        None,
        "units: Han characters and words",
        "proprietary",
    ),
    ("gopher_quality", "mean_word_length", "en", 3, 10, "code points per unit"),
    ("gopher_quality", "mean_word_length", None, 1, 12, "code points per unit"),
    ("gopher_quality", "symbol_word_ratio", None, None, 0.1, "hashes and ellipses per unit"),
    ("gopher_quality", "symbol_word_ratio", "und", None, None, "hashes and ellipses per unit"),
    ("gopher_repetition", "top_2_gram_ratio", "zh-Hans", None, 0.15, "share of the top bigram"),
    ("gopher_repetition", "top_2_gram_ratio", None, None, 0.2, "share of the top bigram"),
    ("classifier", "quality_score", None, 0.25, None, "probability of a trusted source"),
    ("dedup", "exact", None, None, 0, "1 for a copy"),
    ("dedup", "near", None, None, 0.8, "Jaccard similarity to the survivor"),
    ("decontamination", "overlap", None, None, 0.5, "share of an evaluation question covered"),
    ("pii", "forbidden_count", None, None, 0, "values of the kinds for which it is dropped"),
    ("pii", "density", None, None, 15, "values of personal data for 1,000 characters"),
    ("chinese", "han_ratio", None, None, None, "share of units that are Han characters"),
    ("chinese", "han_ratio", None, 0.9, None, "share of units that are Han characters", "code"),
]
COSTS = {"gopher_quality": 0.5, "gopher_repetition": 0.25, "classifier": 0.0}
STRUCTS = {
    "gopher_quality": {
        "word_count": pl.Int64,
        "mean_word_length": pl.Float64,
        "symbol_word_ratio": pl.Float64,
    },
    "gopher_repetition": {"top_2_gram_ratio": pl.Float64},
    "classifier": {"quality_score": pl.Float32},
    "chinese": {"han_ratio": pl.Float64},
    "pii": {
        **{f"{kind}_count": pl.Int64 for kind in ("email", "phone", "resident_id", "ip", "iban")},
        "forbidden_count": pl.Int64,
        "density": pl.Float64,
    },
    "dedup": {"exact": pl.Int64, "near": pl.Float32},
    "decontamination": {"overlap": pl.Float64},
}
DOCUMENT = {
    **schema.DOCUMENT,
    **{name: pl.Struct(fields) for name, fields in STRUCTS.items()},
    "drop_reasons": pl.List(pl.String),
    "duplicate_of": pl.String,
}


PRICES = {"price_in": 0.5, "price_out": 1.5}
PII = {"action": "mask", "kinds": ["default"]}
ACTIONS = {"phone": "fake", "resident_id": "drop", "ip": "count"}
VALUES = {
    "email": ("li.lei@mail.example", "<EMAIL>"),
    "phone": ("139-1234-5678", "000-4821-9930"),
    "resident_id": ("11010519491231002X", "<RESIDENT_ID>"),
    "ip": ("198.51.100.7", "198.51.100.7"),
}
"""A value of each kind, and what stands there in the stored text."""


SELF_TEST = [
    {"kind": "email", "planted": 40, "found": 39, "wrong": 1},
    {"kind": "phone", "planted": 30, "found": 30, "wrong": 0},
    {"kind": "iban", "planted": 10, "found": 0, "wrong": 0},
]


def limit(metric: str, row: dict, side: str) -> float | None:
    kinds = {one[6] if len(one) == 7 else None for one in BOUNDS if one[1] == metric}
    kind = row["source"]["kind"] if row["source"]["kind"] in kinds else None
    rows = {one[2]: one for one in BOUNDS if one[1] == metric and (one[6:] or (None,)) == (kind,)}
    found = rows.get(row["lang"], rows[None])
    return found[3] if side == "min" else found[4]


def reasons_of(row: dict) -> list[str]:
    reasons = []
    for name, fields in STRUCTS.items():
        for metric in fields:
            if not any(bound[:2] == (name, metric) for bound in BOUNDS):
                continue
            least, most = limit(metric, row, "min"), limit(metric, row, "max")
            if least is not None and row[name][metric] < least:
                reasons.append(f"{name}.{metric}.min")
            if most is not None and row[name][metric] > most:
                reasons.append(f"{name}.{metric}.max")
    return reasons


def with_values(index: int, text: str, found: dict[str, int]) -> tuple[str, list[tuple]]:
    """The text with masked values in its middle, and its rows of edits but for the doc_id.

    A later step has cut some characters out before the values of some documents, and the beginning
    of the first value of others.
    """
    at = len(text) // 2
    out, start, edits = text[:at], at, []
    for kind in (kind for kind, number in found.items() for _ in range(number)):
        (value, shown), label = VALUES[kind], f" <i>{kind} "
        out, start = f"{out}{label}{shown}. ", start + len(label)
        if kind != "ip":
            edits.append(("text", 1, "pii", kind, start, start + len(value), len(shown)))
        start += len(value) + 2
    out += text[at:]
    cuts = [(5, 15)] if at > 20 and index % 3 == 1 else []
    if edits and index % 5 == 0:
        cuts.append((edits[0][4] - 2, edits[0][4] + 3))
    for first, last in reversed(cuts):
        out = out[:first] + out[last:]
    return out, [*edits, *(("text", 2, "clean", "counter", *cut, 0) for cut in cuts)]


def one(draw: random.Random, source: str, index: int, lang: str) -> dict:
    words = 50 if index % 50 == 3 else int(draw.lognormvariate(5.5, 1.2)) + 1  # 50: the bound
    text = TEXTS[lang] * max(1, words // 17)
    if index % 9 == 0:
        text = f"{HOSTILE} {OVERRIDE} {text}"
    found = {
        "email": int(draw.random() < 0.2) * draw.randint(1, 4),
        "phone": int(draw.random() < 0.1),
        "resident_id": int(lang == "zh-Hans" and draw.random() < 0.15),
        "ip": int(index % 12 == 5),
    }
    text, edits = with_values(index, text, found)
    return {
        "edits": edits,
        "doc_id": doc_id(source, index),
        "content_hash": doc_id("hash", source, index),
        "text": text,
        "source": {
            "name": source,
            "kind": "web" if source == "crawl" else "proprietary",
            "uri": f"s3://bucket/{source}/part-{index // 40:05}.warc.gz",
            "position": index * 4096,
            "url": f"https://example.org/{source}/{index}?q=<b>" if source == "crawl" else None,
            "title": f"{'Gold' if lang == 'en' else '淘金記'} {index}" + HOSTILE * (index % 9 == 0),
            "author": None,
            "fetched_at": None,
            "mime": "text/html",
            "licence": None,
        },
        "lang": lang,
        "lang_score": 0.98,
        "gopher_quality": {
            "word_count": words,
            "mean_word_length": draw.gauss(5 if lang == "en" else 1.6, 0.5),
            "symbol_word_ratio": draw.expovariate(40),
        },
        "gopher_repetition": {"top_2_gram_ratio": draw.betavariate(2, 26)},
        "chinese": {"han_ratio": index % 10 / 10 if lang.startswith("zh") else 0.0},
        "classifier": {"quality_score": draw.betavariate(4, 2 if source != "crawl" else 4)},
        "pii": {
            **{f"{kind}_count": number for kind, number in found.items()},
            "iban_count": 0,
            "forbidden_count": found["resident_id"],
            "density": 1000 * sum(found.values()) / len(text),
        },
        "dedup": {"exact": 0, "near": 0.0},
        "decontamination": {"overlap": 0.0},
        "drop_reasons": [],
        "duplicate_of": None,
        "stage": None,
    }


def decide(draw: random.Random, rows: list[dict]) -> None:
    """Give every row its fate; duplicates point at a row of any source that stays."""
    passed = []
    for row in rows:
        row["drop_reasons"] = reasons_of(row)
        row["stage"] = "decide" if row["drop_reasons"] else None
        if row["stage"] is None:
            passed.append(row)
    survivors = passed[:8]
    for row in passed[8:]:
        chance = draw.random()
        if chance < 0.14:
            kind = "exact" if chance < 0.06 else "near"
            row["dedup"][kind] = 1 if kind == "exact" else round(draw.uniform(0.81, 1), 3)
            row["duplicate_of"] = draw.choice(survivors)["doc_id"]
            row["stage"] = "dedup"
        elif chance < 0.16:
            row["decontamination"]["overlap"] = 0.9
            row["stage"] = "decide"
        row["drop_reasons"] = reasons_of(row)


def ledger_row(row: dict) -> dict:
    return {
        "doc_id": row["doc_id"],
        "source": row["source"]["name"],
        "lang": row["lang"],
        "fate": "dropped" if row["drop_reasons"] else "kept",
        "stage": row["stage"] or "shards",
        "reasons": row["drop_reasons"],
        "units": row["gopher_quality"]["word_count"],
        "size_bytes": len(row["text"].encode()),
    }


def write_documents(run: Path, rows: list[dict]) -> None:
    for folder, is_kept in (("documents", True), ("dropped", False)):
        part = [
            {**row, "text": row["text"] if is_kept or i % 3 == 0 else None}
            for i, row in enumerate(rows)
            if (not row["drop_reasons"]) == is_kept
        ]
        (run / folder).mkdir(parents=True)
        for number, start in enumerate(range(0, len(part), 60)):
            table = pl.DataFrame(part[start : start + 60], schema=DOCUMENT)
            table.write_parquet(run / folder / f"{number:05}.parquet")


def outsiders(source: str) -> tuple[list[dict], list[dict]]:
    """Ledger rows of records that never became documents, and the quarantine rows among them."""
    base = {"source": source, "lang": None, "units": 0, "size_bytes": 512}
    causes = ["encrypted_pdf", "truncated_gzip", "truncated_gzip", "bad_json"]
    quarantined = [
        {
            "doc_id": doc_id("q", source, i),
            "source": source,
            "uri": f"s3://bucket/{source}/<i>bad</i>-{i}.pdf",
            "position": i,
            "size_bytes": 512,
            "cause": cause,
            "detail": f"at byte {i * 100}: {HOSTILE}",
        }
        for i, cause in enumerate(causes)
    ]
    unread = {"uri": f"s3://bucket/{source}/part-00000.warc.gz", "position": -1, "size_bytes": 0}
    told = {"cause": "needs_ocr", "detail": "without text: page 2 of 3"}
    quarantined.append({"doc_id": doc_id("part", source), "source": source, **unread, **told})
    ledger = [
        {**base, "doc_id": row["doc_id"], "fate": "quarantined", "stage": "ingest", "reasons": []}
        for row in quarantined
    ]
    for i in range(12):
        kind = "ingest.image" if i % 3 else "ingest.redirect"
        row = {
            "doc_id": doc_id("i", source, i),
            "fate": "dropped",
            "stage": "ingest",
            "reasons": [kind],
        }
        ledger.append({**base, **row})
    return ledger, quarantined


def write_readings(run: Path, rows: list[dict], quarantined: list[dict]) -> None:
    """How files and documents were read; the file of the first documents holds no-documents too."""
    ways = [
        ("text/html", "utf-8", "valid", "taojin"),
        ("text/html", "gb18030", "header", "taojin"),
        ("text/plain", "big5hkscs", "detection", None),
        ("application/pdf", None, None, None),
        (f"text/{HOSTILE * 3}", "utf-8", "bom", None),
    ]
    readings, files = [], {}
    for number, row in enumerate(rows):
        text = "" if number % 11 == 0 else row["text"] + "\ufffd" * (number % 3)
        reading = (*ways[number % 7 % 5], len(text), text.count("\ufffd"))
        name, kind, uri = (row["source"][one] for one in ("name", "kind", "uri"))
        read = (row["doc_id"], name, kind, reading[0], row["lang"], *reading[1:])
        readings.append((*read, number % 5 // 4 * 2))
        files.setdefault((name, uri), [0, 0, 0])[0] += 1
    for row in quarantined:
        files.setdefault((row["source"], row["uri"]), [0, 0, 0])[1] += 1
    for source in {row["source"]["name"] for row in rows}:
        files[source, f"s3://bucket/{source}/part-00000.warc.gz"][2] += 12
        files[source, f"s3://bucket/{source}/empty.csv"] = [0, 0, 0]
    told = [
        (*place, 1000 + number, *counts, 1 + (number % 5 == 1))
        for number, (place, counts) in enumerate(sorted(files.items()))
    ]
    for name, table, columns in (
        ("reading", readings, schema.READING),
        ("files", told, schema.FILE),
    ):
        (run / name).mkdir()
        frame = pl.DataFrame(table, schema=dict(columns), orient="row")
        frame.write_parquet(run / name / "0.parquet")


def write_clusters(run: Path, rows: list[dict]) -> None:
    clusters = [
        {
            "kind": "exact" if row["dedup"]["exact"] else "near",
            "cluster_id": row["duplicate_of"],
            "doc_id": row["doc_id"],
            "kept_id": row["duplicate_of"],
            "jaccard": 1.0 if row["dedup"]["exact"] else row["dedup"]["near"],
        }
        for row in rows
        if row["duplicate_of"]
    ]
    for kept_id in sorted({row["kept_id"] for row in clusters if row["kind"] == "near"}):
        survivor = {"kind": "near", "cluster_id": kept_id, "doc_id": kept_id, "kept_id": kept_id}
        clusters.append({**survivor, "jaccard": 1.0})
    pl.DataFrame(clusters, schema=dict(schema.CLUSTER)).write_parquet(run / "clusters.parquet")


def write_edits(run: Path, rows: list[dict]) -> None:
    """Edits of the texts, and one of a title."""
    edits = [(row["doc_id"], *edit) for row in rows for edit in row["edits"]]
    edits.append((rows[0]["doc_id"], "title", 1, "pii", "email", 0, 19, 7))
    table = pl.DataFrame(edits, schema=dict(schema.EDIT), orient="row")
    table.write_parquet(run / "edits.parquet")


def write_values(run: Path, rows: list[dict]) -> None:
    """Of each kind one value that stands in many documents, twice in each, and some in few; all
    file names hold one more.
    """
    values = []
    for number, row in enumerate(rows):
        for kind in VALUES:
            for place in range(row["pii"][f"{kind}_count"]):
                of = 0 if place == 0 and number % 2 else (number % 40 if place else 40 + number)
                told = int(doc_id(kind, of)[:16], 16)
                values += [(row["doc_id"], name, kind, told) for name in ("text", "title")]
        values.append((row["doc_id"], "uri", "phone", 2**64 - 1))
    table = pl.DataFrame(values, schema=dict(schema.VALUE), orient="row")
    table.write_parquet(run / "pii_values.parquet")


def write_contamination(run: Path, rows: list[dict]) -> None:
    """Two places in each document that is dropped for its overlap; a third was cut out of some."""
    held = [row for row in rows if row["decontamination"]["overlap"] > 0.5]
    places = [
        (f"gsm8k {HOSTILE}", f"item {number % 3}", "question", row["doc_id"], at, at + 40, 0.9, cut)
        for number, row in enumerate(held)
        for at, cut in ((10, False), (90, False), *([(200, True)] * (number % 2)))
    ]
    table = pl.DataFrame(places, schema=dict(schema.CONTAMINATION), orient="row")
    table.write_parquet(run / "contamination.parquet")


def write_notes(run: Path) -> None:
    keys = ("filter", "metric", "lang", "min", "max", "about", "kind")
    bounds = [
        {**dict(zip(keys, (*row, None), strict=False)), "source": "Rae et al. 2021, A1.1"}
        for row in BOUNDS
    ]
    costs = [
        {"filter": name, "seconds": seconds, "size_bytes": 1_900_000}
        for name, seconds in COSTS.items()
    ]
    notes = {
        "retry": "taojin run 'a <b>.toml' --out run --retry-quarantine",
        "bounds": bounds,
        "costs": costs,
        "pii_self_test": SELF_TEST,
        "warnings": [f"crawl: 61 % of the documents were dropped at decide {HOSTILE}"],
        "timings": [
            {
                "stage": stage,
                "seconds": seconds,
                "partitions": 12,
                "cached": cached,
                "documents": 400,
                "size_bytes": 1_900_000,
            }
            for stage, seconds, cached in (
                ("ingest", 41.5, 0),
                ("measure", 12.25, 3),
                ("decide", 0.4, 12),
                ("dedup", 22.0, 0),
                ("shards", 3.1, 0),
            )
        ],
        "mix": [
            {
                "source": "crawl",
                "documents": 90,
                "tokens": 61_000,
                "asked_share": 0.25,
                "epochs": 1.0,
                "achieved_share": 0.31,
            },
            {
                "source": "handbook",
                "documents": 60,
                "tokens": 45_000,
                "asked_share": 0.75,
                "epochs": 3.0,
                "achieved_share": 0.69,
            },
        ],
        "dataset": {
            "train_rows": 96,
            "validation_rows": 4,
            "tokens": 196_000,
            "padding_tokens": 1_204,
            "sequence_length": 2048,
            "shards": 2,
        },
    }
    (run / "report").mkdir()
    for name, value in notes.items():
        (run / "report" / f"{name}.json").write_text(
            json.dumps(value, ensure_ascii=False), encoding="utf-8"
        )
    (run / "tokenizer").mkdir()
    report = {
        "vocabulary": 32_000,
        "bytes_per_token": {"en": 4.31, "zh-Hans": 3.92},
        "unknown_ratio": 0.0,
        "longest": ["淘金", HOSTILE],
    }
    (run / "tokenizer" / "report.json").write_text(json.dumps(report), encoding="utf-8")


def fabricate(run: Path, documents: int = 300) -> Path:
    """A finished run of that many documents in three sources and four languages."""
    draw = random.Random(7)
    sources = {"crawl": 0.6, "handbook": 0.3, "论坛": 0.1}
    rows = []
    for source, share in sources.items():
        for index in range(round(documents * share)):
            lang = draw.choices(list(TEXTS), (5, 4, 2, 1))[0]
            rows.append(one(draw, source, index, lang))
    decide(draw, rows)
    ledger, quarantined = [ledger_row(row) for row in rows], []
    for source in sources:
        more, bad = outsiders(source)
        ledger += more
        quarantined += bad
    write_documents(run, rows)
    (run / "quarantine").mkdir()
    pl.DataFrame(quarantined, schema=dict(schema.QUARANTINE)).write_parquet(
        run / "quarantine" / "0.parquet"
    )
    pl.DataFrame(ledger, schema=dict(schema.LEDGER)).write_parquet(run / "ledger.parquet")
    write_readings(run, rows, quarantined)
    write_clusters(run, rows)
    write_edits(run, rows)
    write_values(run, rows)
    write_contamination(run, rows)
    write_notes(run)
    write_questions(run, rows)
    recipe = 'name = "handbook <b>"\nlanguages = ["zh-Hans", "zh-Hant", "en"]\n'
    tables = "".join(f'\n[[sources]]\nname = "{name}"\nkind = "web"\n' for name in sources)
    pii = tomli_w.dumps({"pii": {**PII, "actions": ACTIONS}, "qa": {"endpoint": PRICES}})
    (run / "run.toml").write_text(recipe + tables + pii, encoding="utf-8")
    return run


@pytest.fixture
def a_run(tmp_path: Path) -> Path:
    return fabricate(tmp_path / "run")


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Path]:
    return lambda documents=300: fabricate(tmp_path / f"made-{documents}", documents)
