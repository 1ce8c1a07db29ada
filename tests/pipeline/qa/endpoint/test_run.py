"""A whole run that asks a server: what leaves the machine, and what the run keeps of it."""

import json
from pathlib import Path

import polars as pl
import pytest

from taojin.pipeline import recipe as recipes
from taojin.pipeline.curate import Where, curate
from tests.pipeline.qa.endpoint.conftest import LETTERS, river
from tests.pipeline.qa.endpoint.server import Server, serving
from tests.pipeline.test_run import assert_same_bytes

VALUES = (
    "13912345678",
    "139-1234-5678",
    "li.lei@mail.example",
    "11010519491231002X",
    "6214830698377651",
)
PLANTED = (
    "联系电话 13912345678 或 139-1234-5678。\n\n",
    "身份证号 11010519491231002X，卡号 6214830698377651。\n\n",
    "请写信给 li.lei@mail.example！\n\n",
)
SECRET = "a key that stands in no file of the run"


def table(**qa: object) -> dict[str, object]:
    return {
        "name": "rivers",
        "sources": [{"name": "s", "path": "*.jsonl", "kind": "proprietary"}],
        "tokenizer": {"vocabulary": 600},
        "filters": {"use": ["gopher_quality"], "gopher_quality": {"word_count": {"min": 30}}},
        "dedup": {"near": False, "passages": False},
        "qa": {"generator": "both", "endpoint": {"chunk_units": 200, "least_units": 20}, **qa},
    }


def curated(folder: Path, run: str, server: Server, **qa: object) -> Path:
    rows = [
        {"title": f"{VALUES[2]} 河流志", "text": f"{PLANTED[n % 3]}{river(letter)}"}
        for n, letter in enumerate(LETTERS)
    ]
    rows.append({"title": "", "text": "太短的一篇文档，写着：不予保留。"})
    rows += [{"title": f"抄本{n}号", "text": f"{PLANTED[0]}{river('子')}"} for n in range(3)]
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    (folder / "rivers.jsonl").write_text(lines, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("URL", server.url), ("MODEL", "m"), ("KEY", SECRET)):
            patch.setenv(f"TAOJIN_ENDPOINT_{name}", value)
        curate(recipes.parse(table(**qa), folder), Where(folder / run))
    return folder / run


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("asked")
    with serving() as server:
        yield curated(folder, "run", server), server


def test_no_value_leaves_the_machine(asked):
    _, server = asked
    sent = "\n".join(json.dumps(body, ensure_ascii=False) for body in server.bodies)
    assert len(server.bodies) >= len(LETTERS) and "河流甲0" in sent and "<PHONE>" in sent
    for value in VALUES:
        assert value not in sent


def test_nothing_of_a_dropped_document_leaves_the_machine(asked):
    run, server = asked
    dropped = pl.read_parquet(run / "dropped" / "*.parquet")["source"].struct.field("title")
    sent = json.dumps(server.bodies, ensure_ascii=False)
    assert len(dropped) == 3 and "不予保留" not in sent
    for title in dropped.drop_nulls().filter(dropped.drop_nulls() != ""):
        assert "抄本" in title and title not in sent


def test_pairs_of_both_generators_stand_in_the_run_with_their_evidence(asked):
    run, _ = asked
    qa = pl.read_parquet(run / "qa" / "*.parquet")
    texts = dict(
        pl.read_parquet(run / "documents" / "*.parquet").select("doc_id", "text").iter_rows()
    )
    made = qa.filter(layer="endpoint")
    assert made.height >= len(LETTERS)
    for row in qa.iter_rows(named=True):
        span = texts[row["doc_id"]][row["evidence_start"] : row["evidence_end"]]
        assert row["answer"] in span
    assert set(pl.read_parquet(run / "qa_usage" / "*.parquet")["outcome"]) == {"answered"}
    assert pl.read_parquet(run / "qa_rejected" / "*.parquet").height > 0


def test_neither_key_nor_address_is_in_the_run(asked):
    run, server = asked
    port = server.url.split(":")[2].split("/")[0]
    for file in run.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert SECRET.encode() not in data and f":{port}".encode() not in data, file


def test_a_run_from_the_answers_writes_the_same_bytes_and_asks_nothing(asked, tmp_path):
    run, server = asked
    sent = len(server.bodies)
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / ".taojin-run").touch()
    (run / "answers").rename(tmp_path / "again" / "answers")
    try:
        again = curated(tmp_path, "again", server)
    finally:
        (tmp_path / "again" / "answers").rename(run / "answers")
    assert len(server.bodies) == sent
    assert_same_bytes(run, again)
