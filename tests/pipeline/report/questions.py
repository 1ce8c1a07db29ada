"""What a fabricated run has of pairs and dialogues: offline and endpoint ones, rejected ones, usage."""

import json
import random
from pathlib import Path

import polars as pl

from taojin.core import schema
from taojin.tests.pipeline.report.texts import HOSTILE, OVERRIDE, doc_id

LONG = "金" * 5_000
REASONS = ["anaphor", "general", "repeated", "vague", "contains_answer", f"odd {HOSTILE}"]
USAGE = [
    ("pairs", "answered", 40, 52_000, 9_000),
    ("pairs", "given_up", 2, 3_000, 100),
    ("pairs", "budget", 5, 0, 0),
    ("pairs", "fault_timeout", 4, 0, 0),
    ("pairs", "fault_http_429", 9, 0, 0),
    ("judge", "answered", 30, 20_000, 600),
    ("judge", f"fault_{HOSTILE}", 1, 0, 0),
]
SFT_MIX = ("task", "dialogues", "weight", "asked_share", "rows", "tokens", "achieved_share")


def write_questions(run: Path, rows: list[dict]) -> None:
    """The tables of pairs and dialogues of kept documents; `report/` must be there."""
    kept = sorted(
        (row for row in rows if not row["drop_reasons"]), key=lambda row: row["content_hash"]
    )
    _save(run, "qa", schema.QA, [_pair(number, row) for number, row in enumerate(kept[:60])])
    fallen = [_rejected(number, row) for number, row in enumerate(kept[:90])]
    _save(run, "qa_rejected", schema.QA_REJECTED, fallen)
    for number in (0, 1):  # two partitions tell the same
        _save(run, "qa_usage", schema.QA_USAGE, USAGE, number)
    draw = random.Random(3)
    talks = [_dialogue(draw, number, row) for number, row in enumerate(kept[:50])]
    _save(run, "dialogues", schema.DIALOGUE, talks)
    _save(run, "left_out", schema.LEFT_OUT, [_left_out(n, row) for n, row in enumerate(kept[:70])])
    compared = [_preference(number, row) for number, row in enumerate(kept[:30])]
    _save(run, "preferences", schema.PREFERENCE, compared)
    mix = [
        ("facts", 30, 1.0, 0.5, 30, 1_000, 0.4),
        (f"thread {HOSTILE}", 30, 1.5, 0.5, 45, 9_000, 0.6),
        ("pretraining", 0, None, None, 5, 2_000, None),
    ]
    told = [{**dict(zip(SFT_MIX, row, strict=True)), "token_share": row[5] / 12_000} for row in mix]
    (run / "report" / "sft_mix.json").write_text(json.dumps(told), encoding="utf-8")


def _save(run: Path, name: str, columns: schema.Schema, rows: list, number: int = 0) -> None:
    (run / name).mkdir(exist_ok=True)
    table = pl.DataFrame(rows, schema=dict(columns), orient="row")
    table.write_parquet(run / name / f"{number:05}.parquet")


def _shared(row: dict) -> dict:
    return {
        "doc_id": row["doc_id"],
        "content_hash": row["content_hash"],
        "source": row["source"]["name"],
        "lang": row["lang"],
    }


def _pair(number: int, row: dict) -> dict:
    """Every third is an endpoint's, with two quotes that touch and one far behind them; of some the
    evidence is not in the text.
    """
    is_endpoint, size = number % 3 == 2, len(row["text"])
    answer = f"In its own words {OVERRIDE} {LONG}" if is_endpoint else row["text"][4:20]
    start = size if number % 7 == 6 else 4
    quotes = [(8, 20), (4, 9), (size - 3, size)] if is_endpoint else [(start, start + 16)]
    return {
        **_shared(row),
        "qa_id": doc_id("qa", row["doc_id"]),
        "layer": ("facts", "mined", "endpoint")[number % 3],
        "kind": ("definition", "number", "cause", "how")[number % 4],
        "question": f"What is washed? {HOSTILE if number % 5 == 0 else ''}{LONG[: number % 30]}",
        "answer": answer,
        "evidence_start": start,
        "evidence_end": start + 16,
        "score": 0.5 + number / 200,
        "generator": f"endpoint/1 {HOSTILE}" if is_endpoint else "offline/1",
        "quotes": [{"start": one, "end": other} for one, other in quotes],
    }


def _rejected(number: int, row: dict) -> dict:
    """Every ninth stands for a whole document; one reason has no question at all."""
    told = {
        "layer": ("facts", "mined", "endpoint")[number % 3],
        "kind": "number" if number % 2 else None,
        "question": f"为什么{HOSTILE if number % 4 == 0 else ''}{LONG[: 40 * (number % 20)]}？",
        "answer": f"因为 {OVERRIDE} {LONG[: 60 * (number % 20)]}",
        "reason": REASONS[min(number % 11, 5)],
    }
    if number % 9 == 8:
        told |= {"question": None, "answer": None, "kind": None, "reason": "language"}
    return {**_shared(row), **told}


def _dialogue(draw: random.Random, number: int, row: dict) -> dict:
    roles = ["user", "assistant"] * draw.choice((1, 1, 2, 4, 9))
    roles = ["system", *roles] if number % 6 == 0 else roles
    turns = [
        {"role": role, "content": HOSTILE, "train": role == "assistant" and draw.random() < 0.8}
        for role in roles
    ]
    task = ("conversation", "thread", f"table/{HOSTILE}")[number % 5 // 2]
    return {
        **_shared(row),
        "dialogue_id": doc_id("d", row["doc_id"]),
        "task": task,
        "messages": turns,
    }


def _left_out(number: int, row: dict) -> dict:
    is_row = number % 5 == 0
    return {
        "doc_id": row["doc_id"] if number % 3 else doc_id("same"),
        "source": row["source"]["name"],
        "lang": row["lang"],
        "message": None if is_row else number,
        "role": None if is_row else "user",
        "reason": "label" if is_row else ("unanswered", "rank", f"odd {HOSTILE}")[number % 3],
    }


def _preference(number: int, row: dict) -> dict:
    return {
        **_shared(row),
        "preference_id": doc_id("p", number),
        "prompt": [{"role": "user", "content": HOSTILE}],
        "chosen": "good",
        "rejected": HOSTILE,
        "margin": 1 / (number + 1),
    }
