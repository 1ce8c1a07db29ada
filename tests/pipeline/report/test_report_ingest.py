"""The ingest page, against plain Python over the same tables, of fabricated runs and a real one."""

import json
import re
import shutil
import tomllib
from collections import Counter
from pathlib import Path
from typing import get_args

import polars as pl
import pytest

from taojin.pipeline.ingest.charset import Told
from taojin.pipeline.report import ingest as ingest_page
from taojin.pipeline.report import page
from taojin.pipeline.report.failures import SHOWN
from taojin.pipeline.report.numbers import collect
from taojin.pipeline.report.page import draw
from taojin.tests.pipeline.report.test_report_numbers import documents_of, rewrite, rows_of

DOCS = Path(__file__).resolve().parents[3] / "docs"
RUNS = ("a_run", "demo_run")


@pytest.fixture(params=RUNS)
def run(request) -> Path:
    return request.getfixturevalue(request.param)


def by_source(run: Path, name: str) -> dict[str, list[dict]]:
    rows = rows_of(run, name)
    sources = {row["source"] for row in rows_of(run, "ledger.parquet")}
    return {one: [row for row in rows if row["source"] == one] for one in sources}


def is_skipped(record: dict) -> bool:
    return record["stage"] == "ingest" and record["fate"] == "dropped"


def test_sources_are_counted_as_by_hand(run):
    found = collect(run)["ingest"]
    ledger, files, reading, quarantine = (
        by_source(run, name) for name in ("ledger.parquet", "files", "reading", "quarantine")
    )
    assert {row["source"] for row in found["sources"]} == set(ledger)
    for row in found["sources"]:
        records, texts = ledger[row["source"]], reading[row["source"]]
        lost, own = quarantine[row["source"]], files[row["source"]]
        assert row == {
            "source": row["source"],
            "files": len(own),
            "size_bytes": sum(file["size_bytes"] for file in own),
            "without_records": sum(
                not file["documents"] + file["quarantined"] + file["skipped"] for file in own
            ),
            "read_again": sum(file["attempt"] > 1 for file in own),
            "records": len(records),
            "documents": len(texts),
            "quarantined": len(lost),
            "skipped": sum(map(is_skipped, records)),
            "parts": sum(one["position"] < 0 for one in lost),
            "characters": sum(text["character_count"] for text in texts),
            "empty": sum(not text["character_count"] for text in texts),
            "replaced": sum(text["replacement_count"] > 0 for text in texts),
            "replacements": sum(text["replacement_count"] for text in texts),
            "converted": sum(text["charset"] not in (None, "utf-8") for text in texts),
            "repaired": sum(text["repaired_line_count"] > 0 for text in texts),
            "pages": sum(text["extractor"] is not None for text in texts),
            "adds_up": True,
        }
        assert row["records"] == row["documents"] + row["quarantined"] + row["skipped"]
    for name, total in found["total"].items():
        assert total == sum(row[name] for row in found["sources"])


def test_a_built_run_agrees_with_its_files_and_its_documents(demo_run):
    found = collect(demo_run)["ingest"]
    inputs = json.loads((demo_run / "manifest.json").read_text())["inputs"]
    documents = documents_of(demo_run)
    assert found["total"]["records"] == len(rows_of(demo_run, "ledger.parquet"))
    for row, lists in zip(found["sources"], found["lists"][1:], strict=True):
        files = inputs[row["source"]]
        assert row["files"] == len(files)
        assert row["size_bytes"] == sum(file["size_bytes"] for file in files)
        own = [one for one in documents if one["source"]["name"] == row["source"]]
        types = Counter((one["source"]["mime"], one["source"]["kind"]) for one in own)
        languages = Counter(one["lang"] for one in own)
        assert lists["source"] == row["source"]
        assert counts(lists["types"], "mime", "kind") == types
        assert counts(lists["languages"], "lang") == {(lang,): n for lang, n in languages.items()}


def counts(found: dict, *keys: str) -> dict:
    assert found["others"] is None
    return {tuple(row[key] for key in keys): row["documents"] for row in found["rows"]}


def test_lists_count_each_document_once(run, monkeypatch):
    monkeypatch.setattr(ingest_page, "ROWS", 2)
    reading = rows_of(run, "reading")
    for lists in collect(run)["ingest"]["lists"]:
        own = [row for row in reading if lists["source"] in (None, row["source"])]
        for name, keys in ingest_page.LISTS.items():
            counted = Counter(tuple(row[key] and row[key][:100] for key in keys) for row in own)
            found = lists[name]
            for row in found["rows"]:
                assert row["documents"] == counted.pop(tuple(row[key] for key in keys))
            others = found["others"] or {"rows": 0, "documents": 0}
            assert (others["rows"], others["documents"]) == (len(counted), counted.total())
            shown = [row["documents"] for row in found["rows"]]
            assert shown == sorted(shown, reverse=True)
            assert len(shown) == 2 or (len(shown) < 4 and not counted)
            assert max(counted.values(), default=0) <= shown[-1]


def test_encodings_and_engines_are_counted_with_their_text(run):
    found, reading = collect(run)["ingest"], rows_of(run, "reading")
    for row in found["lists"][0]["charsets"]["rows"]:
        own = [one for one in reading if all(one[k] == row[k] for k in ("charset", "charset_from"))]
        assert row["characters"] == sum(one["character_count"] for one in own)
        assert row["replacements"] == sum(one["replacement_count"] for one in own)
    engines = Counter((row["source"], row["extractor"]) for row in reading if row["extractor"])
    assert {(row["source"], row["extractor"]): row["pages"] for row in found["engines"]} == engines
    for row in found["engines"]:
        own = [one for one in reading if all(one[k] == row[k] for k in ("source", "extractor"))]
        assert row["characters"] == sum(one["character_count"] for one in own)
        assert row["empty"] == sum(not one["character_count"] for one in own)


def test_records_that_are_no_documents_are_counted_by_kind(run):
    ledger = rows_of(run, "ledger.parquet")
    for lists in collect(run)["ingest"]["lists"]:
        own = [
            row for row in ledger if is_skipped(row) and lists["source"] in (None, row["source"])
        ]
        kinds = Counter(row["reasons"][0] for row in own)
        found = lists["skipped"]["rows"]
        assert {f"ingest.{row['reason']}": row["records"] for row in found} == kinds
        assert sum(row["size_bytes"] for row in found) == sum(row["size_bytes"] for row in own)


def test_failures_show_the_rows_of_the_lowest_ids(run):
    failures = collect(run)["ingest"]["failures"]
    for name, sign in (("records", 1), ("parts", -1)):
        lost = [row for row in rows_of(run, "quarantine") if (row["position"] < 0) == (sign < 0)]
        groups = Counter((row["cause"], row["source"]) for row in lost)
        assert {(r["cause"], r["source"]): r["records"] for r in failures[name]} == groups
        for row in failures[name]:
            own = [
                one
                for one in lost
                if (one["cause"], one["source"]) == (row["cause"], row["source"])
            ]
            own.sort(key=lambda one: one["doc_id"])
            assert row["size_bytes"] == sum(one["size_bytes"] for one in own)
            assert [one["doc_id"] for one in row["samples"]] == [
                one["doc_id"] for one in own[:SHOWN]
            ]
            for shown, one in zip(row["samples"], own, strict=False):
                assert (shown["uri"], shown["detail"]) == (one["uri"], one["detail"][:200])


def test_a_part_is_shown_with_its_document(a_run):
    documents = {
        (row["source"]["uri"], row["source"]["position"]): row["doc_id"]
        for row in documents_of(a_run)
    }
    parts = [one for row in collect(a_run)["ingest"]["failures"]["parts"] for one in row["samples"]]
    assert len(parts) == 3
    for one in parts:
        assert one["position"] == 0
        assert one["document"] == documents[one["uri"], 0]


@pytest.mark.parametrize(
    ("folder", "change"),
    [
        ("files", lambda table: table.with_columns(pl.col("documents") + 1)),
        ("files", lambda table: table.with_columns(pl.col("skipped") + 1)),
        ("reading", lambda table: table[1:]),
        ("quarantine", lambda table: table[1:]),
    ],
)
def test_a_table_that_does_not_agree_with_the_ledger_is_told(a_run, folder, change):
    (path,) = (a_run / folder).glob("*.parquet")
    assert "do not agree" not in draw(collect(a_run))
    rewrite(path, change)
    numbers = collect(a_run)
    assert not all(row["adds_up"] for row in numbers["ingest"]["sources"])
    assert "do not agree" in draw(numbers)


@pytest.mark.parametrize("gone", ["reading", "files"])
def test_an_older_run_tells_what_it_can(a_run, gone):
    whole = collect(a_run)["ingest"]["sources"]
    shutil.rmtree(a_run / gone)
    found = collect(a_run)["ingest"]
    assert not found["recorded"]
    for row, known in zip(found["sources"], whole, strict=True):
        assert row["adds_up"] is row["files"] is row["characters"] is None
        for name in ("source", "records", "documents", "quarantined", "skipped", "parts"):
            assert row[name] == known[name]


def test_more_types_and_failures_do_not_make_a_larger_page(a_run):
    before = len(draw(collect(a_run)).encode())
    for folder, change in (
        ("quarantine", lambda table: pl.concat([table] * 400, how="vertical")),
        ("reading", lambda table: pl.concat([table] * 20, how="vertical")),
    ):
        (path,) = (a_run / folder).glob("*.parquet")
        rewrite(path, change)
    rewrite(
        a_run / "reading" / "0.parquet",
        lambda table: table.with_row_index().with_columns(
            mime=pl.concat_str(pl.lit("text/x-"), "index", pl.lit("m" * 5000))
        ),
    )
    rewrite(
        a_run / "quarantine" / "0.parquet",
        lambda table: table.with_row_index().with_columns(
            doc_id=pl.col("index").cast(pl.String).str.zfill(32), detail=pl.lit("d" * 5000)
        ),
    )
    assert len(draw(collect(a_run)).encode()) < before + 60_000


def test_sources_beyond_the_largest_have_no_lists(a_run, monkeypatch):
    monkeypatch.setattr(ingest_page, "DETAILED", 2)
    found = collect(a_run)["ingest"]
    largest = sorted(found["sources"], key=lambda row: -row["records"])
    assert [row["source"] for row in found["lists"]] == [None, *(r["source"] for r in largest[:2])]
    assert (found["left_out"], len(found["sources"])) == (1, 3)


def test_the_command_is_shown_and_escaped(a_run):
    text = draw(collect(a_run))
    assert "taojin run &#39;a &lt;b&gt;.toml&#39; --out run --retry-quarantine" in text
    (a_run / "report" / "retry.json").unlink()
    assert "taojin run RECIPE --out RUN --retry-quarantine" in draw(collect(a_run))


def test_every_cause_kind_and_way_is_told_in_words():
    words = set(tomllib.loads(page._asset("words.toml"))["words"])
    text = (DOCS / "ingest.md").read_text()
    causes, kinds = (
        set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", part, re.M))))
        for part in (
            text.split("## Causes")[1].split("## Records")[0],
            text.split("## Records that are no documents")[1].split("## Text")[0],
        )
    )
    for prefix, known in (
        ("cause_", causes),
        ("skipped_", kinds),
        ("told_", {*get_args(Told), "format"}),
    ):
        assert {key.removeprefix(prefix) for key in words if key.startswith(prefix)} == known
