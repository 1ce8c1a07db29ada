"""Personal data in a whole run: what each action leaves, what is dropped, and what stands nowhere."""

import json
import random
from pathlib import Path

import polars as pl
import pytest

from taojin.core import hashing
from taojin.core.errors import UserError
from taojin.pipeline import recipe as recipes
from taojin.pipeline.curate import Where, curate
from taojin.pipeline.pii import key

SECRET = "a key that stands in no file of the run"
MOBILE, MAIL, CARD, RESIDENT = (
    "13912345678",
    "li.lei@mail.example",
    "6214830698377651",
    "11010519491231002X",
)
WORDS = [
    "river",
    "sand",
    "gold",
    "pan",
    "water",
    "sieve",
    "stone",
    "patience",
    "winter",
    "spring",
    "village",
    "ford",
    "raft",
    "lamp",
]


def prose(seed: int) -> str:
    """Some sentences that no filter minds."""
    draw = random.Random(seed)
    return "\n".join(
        f"The {draw.choice(WORDS)} of the {draw.choice(WORDS)} was near the {draw.choice(WORDS)} "
        f"and the {draw.choice(WORDS)}, that we have with us to this {draw.choice(WORDS)} {seed}."
        for _ in range(30)
    )


def rows() -> list[dict[str, str]]:
    """Documents with values in all of their fields, and some without any."""
    texts = {
        "mobile": f"Call 139-1234-5678 or {MOBILE}.\n",
        "again": f"电话 {MOBILE}\n",
        "mail": f"Write to {MAIL}!\n",
        "support": "Write to support@shop.example\n",
        "card": f"My card {CARD}\n",
        "list": "".join(f"user{number}@mail.example\n" for number in range(60)),
        "plain": "",
    }
    return [
        {
            "title": f"{name} {MAIL}",
            "url": f"https://a.example/{name}?id={MOBILE}",
            "text": f"{text}{prose(seed)}",
        }
        for seed, (name, text) in enumerate(texts.items())
    ]


PII = {
    "actions": {"phone": "fake", "email": "fake", "bank_card": "drop"},
    "allow": ["support@"],
    "most_density": 12.0,
}


def run(folder: Path, **pii: object) -> Path:
    lines = [json.dumps(row, ensure_ascii=False) for row in rows()]
    lines.append(f'{{"text": "{RESIDENT}')  # broken: its detail must not tell either
    (folder / f"{MOBILE}.jsonl").write_text("\n".join(lines), encoding="utf-8")
    table = {
        "name": "part",
        "sources": [{"name": "shop", "path": "*.jsonl", "kind": "proprietary"}],
        "tokenizer": {"vocabulary": 600},
        "filters": {"use": []},
        "dedup": {"near": False, "passages": False},
        "pii": {**PII, **pii},
    }
    curate(recipes.parse(table, folder), Where(folder / "run"))
    return folder / "run"


@pytest.fixture(scope="module")
def a_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(key.VARIABLE, SECRET)
        return run(tmp_path_factory.mktemp("personal"))


def ledger(folder: Path) -> dict[str, tuple[str, list[str]]]:
    told = pl.read_parquet(folder / "ledger.parquet")
    names = [row["title"].split()[0] for row in rows()]
    ids = {
        hashing.doc_id("shop", f"{MOBILE}.jsonl", line): name
        for line, name in enumerate([*names, "broken"], start=1)
    }
    return {
        ids[doc_id]: (fate, reasons)
        for doc_id, fate, reasons in told.select("doc_id", "fate", "reasons").iter_rows()
    }


def test_no_value_stands_anywhere_in_the_run(a_run: Path) -> None:
    """Checkpoints, tables, models, shards, report and log, whatever became of the document."""
    files = [file for file in a_run.rglob("*") if file.is_file()]
    values = (MOBILE, "139-1234-5678", MAIL, CARD, RESIDENT, "user7@mail.example", SECRET)
    assert len(files) > 50
    for file in files:
        assert not any(value in str(file) for value in values)
        data = file.read_bytes()
        if file.suffix == ".parquet":
            data += str(pl.read_parquet(file).to_dicts()).encode()
        for value in values:
            assert value.encode() not in data, file


def test_documents_are_dropped_for_a_kind_and_for_many_values(a_run: Path) -> None:
    told = ledger(a_run)
    assert told["card"] == ("dropped", ["pii.forbidden_count.max"])
    assert told["list"] == ("dropped", ["pii.density.max"])
    assert told["broken"][0] == "quarantined"
    for name in ("mobile", "again", "mail", "support", "plain"):
        assert told[name] == ("kept", [])


def test_one_value_has_one_fake_in_all_documents(a_run: Path) -> None:
    kept = pl.read_parquet(a_run / "documents" / "*.parquet").sort(
        pl.col("source").struct.field("position")
    )
    mobile, again, _, support, _ = kept["text"].to_list()
    faked = again.split("\n")[0].removeprefix("电话 ")
    assert faked.startswith("000")
    assert mobile.startswith(f"Call {faked[:3]}-{faked[3:7]}-{faked[7:]} or {faked}.\n")
    assert support.startswith("Write to support@shop.example\n")
    assert all(f"?id={faked}" in url for url in kept["source"].struct.field("url"))


def test_repeated_values_are_counted_by_their_hashes(a_run: Path) -> None:
    found = pl.read_parquet(a_run / "pii_values.parquet")
    by_kind = found.group_by("kind").agg(pl.col("value_hash").n_unique(), pl.len())
    counted = {kind: (values, times) for kind, values, times in by_kind.iter_rows()}
    assert counted == {"phone": (1, 17), "email": (61, 68), "bank_card": (1, 1)}


def test_fakes_need_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(key.VARIABLE, raising=False)
    with pytest.raises(UserError, match="fakes need a key: set TAOJIN_PII_KEY"):
        run(tmp_path)


def test_another_key_reads_again(a_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = pl.read_parquet(a_run / "pii_values.parquet")
    monkeypatch.setenv(key.VARIABLE, "another key of a proper length")
    run(a_run.parent)
    after = pl.read_parquet(a_run / "pii_values.parquet")
    assert before.height == after.height
    assert not set(before["value_hash"]) & set(after["value_hash"])
