"""The numbers, against plain Python over the same Parquet."""

import json
import shutil
import statistics
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from taojin.core.errors import UserError
from taojin.pipeline.report import histograms
from taojin.pipeline.report.numbers import collect

FATES = ("kept", "dropped", "quarantined")


def rows_of(run: Path, name: str) -> list[dict]:
    path = run / name
    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    return [row for file in files for row in pl.read_parquet(file).to_dicts()]


def documents_of(run: Path) -> list[dict]:
    return rows_of(run, "documents") + rows_of(run, "dropped")


def test_account_counts_the_ledger(a_run):
    ledger = rows_of(a_run, "ledger.parquet")
    account = collect(a_run)["account"]
    for key, group in (("source", "by_source"), ("lang", "by_language")):
        assert {row[key] for row in account[group]} == {row[key] or "" for row in ledger}
        for row in account[group]:
            mine = [record for record in ledger if (record[key] or "") == row[key]]
            assert row["records"]["input"] == len(mine)
            assert row["units"]["input"] == sum(record["units"] for record in mine)
            for fate in FATES:
                part = [record for record in mine if record["fate"] == fate]
                assert row["records"][fate] == len(part)
                assert row["size_bytes"][fate] == sum(record["size_bytes"] for record in part)
    assert account["adds_up"]
    assert account["total"]["records"]["input"] == len(ledger)


def rewrite(path: Path, change) -> None:
    change(pl.read_parquet(path)).write_parquet(path)


@pytest.mark.parametrize(
    ("file", "change", "problem"),
    [
        ("documents/00000.parquet", lambda table: table[1:], "missing"),
        ("quarantine/0.parquet", lambda table: table[1:], "missing"),
        ("documents/00000.parquet", lambda table: pl.concat([table, table[:1]]), "repeated"),
        ("ledger.parquet", lambda table: pl.concat([table, table[:1]]), "repeated"),
        ("ledger.parquet", lambda table: table[1:], "stray"),
        (
            "ledger.parquet",
            lambda table: table.with_columns(fate=pl.lit("lost").alias("fate")),
            "fateless",
        ),
        (
            "ledger.parquet",
            lambda table: table.with_columns(pl.col("fate").replace("kept", "dropped")),
            "misplaced",
        ),
    ],
)
def test_what_does_not_add_up_is_told(a_run, file, change, problem):
    rewrite(a_run / file, change)
    account = collect(a_run)["account"]
    assert not account["adds_up"]
    assert problem in {row["problem"] for row in account["problems"]}
    assert not account["total"]["adds_up"]


def test_funnel_follows_each_record_to_where_it_left(a_run):
    left_at = {"ingest": 0, "decide": 1}
    reached = defaultdict(Counter)
    for record in rows_of(a_run, "ledger.parquet"):
        if record["fate"] == "kept":
            step = 6
        elif record["stage"] == "dedup":
            step = 3 if "dedup.exact.max" in record["reasons"] else 4
        elif record["reasons"] == ["decontamination.overlap.max"]:
            step = 2
        else:
            step = left_at[record["stage"]]
        for group in ("", record["source"]):
            reached[group].update(range(step + 1))
    funnel = collect(a_run)["funnel"]
    assert funnel["total"]["records"] == [reached[""][step] for step in range(7)]
    assert {row["source"]: row["records"] for row in funnel["by_source"]} == {
        source: [count[step] for step in range(7)] for source, count in reached.items() if source
    }


def test_rules_count_what_they_caught_and_caught_alone(a_run):
    caught, alone, languages = Counter(), Counter(), defaultdict(Counter)
    ledger = rows_of(a_run, "ledger.parquet")
    for record in ledger:
        caught.update(record["reasons"])
        if len(record["reasons"]) == 1:
            alone.update(record["reasons"])
        for reason in record["reasons"]:
            languages[reason][record["lang"] or ""] += 1
    rules = collect(a_run)["rules"]
    assert {row["rule"]: row["caught"] for row in rules} == caught
    assert {row["rule"]: row["alone"] for row in rules} == {name: alone[name] for name in caught}
    assert {row["rule"]: row["by_language"] for row in rules} == languages
    assert [row["caught"] for row in rules] == sorted(caught.values(), reverse=True)
    assert sum(alone.values()) < sum(caught.values())  # some document broke two rules
    word_count = next(row for row in rules if row["rule"] == "gopher_quality.word_count.min")
    assert word_count["share"] == word_count["caught"] / len(ledger)
    assert set(word_count["bounds"].values()) == {50}


def test_histograms_hold_every_document_and_count_what_is_outside(a_run):
    documents = documents_of(a_run)
    filters = collect(a_run)["filters"]
    assert "pii" not in {row["filter"] for row in filters}
    parts = [
        (row["filter"], spread["metric"], part)
        for row in filters
        for spread in row["metrics"]
        for part in spread["languages"]
    ]
    assert len(parts) == (3 + 1 + 1 + 2 + 1) * 4  # metrics in four languages
    for name, metric, part in parts:
        mine = [row for row in documents if row["lang"] == part["lang"]]
        values = [row[name][metric] for row in mine]
        assert sum(part["kept"]) == sum(not row["drop_reasons"] for row in mine)
        assert sum(part["kept"]) + sum(part["dropped"]) == part["documents"] == len(mine)
        assert part["median"] == pytest.approx(statistics.median(values))
        assert (part["least"], part["most"]) == (min(values), max(values))
        for side, outside in (("min", "below"), ("max", "above")):
            reason = f"{name}.{metric}.{side}"
            assert part[outside] == sum(reason in row["drop_reasons"] for row in mine), reason


@pytest.mark.parametrize("log", [True, False])
def test_no_extreme_falls_out_of_its_histogram(log):
    for high in np.linspace(100, 500, 300):
        edges = histograms.bin_edges(0.0, high, log=log)
        assert (edges[0], edges[-1]) == (0, high)
        assert (np.diff(edges) > 0).all()


def test_samples_are_cut_and_carry_value_and_bound(a_run):
    documents = {row["doc_id"]: row for row in documents_of(a_run)}
    samples = collect(a_run)["samples"]
    taken = Counter((row["source"], row["fate"]) for row in samples)
    assert max(taken.values()) == 10
    assert {source for source, _ in taken} == {"crawl", "handbook", "论坛"}
    for row in samples:
        document = documents[row["doc_id"]]
        assert row["text"] == document["text"][:600]
        assert row["characters"] == len(document["text"])
        for rule in row["rules"]:
            name, metric, side = rule["rule"].split(".")
            assert rule["value"] == document[name][metric]
            above = rule["value"] > rule["bound"]
            assert (rule["rule"] in document["drop_reasons"]) == (above == (side == "max"))
    rules = {rule["rule"] for row in samples if row["fate"] == "dropped" for rule in row["rules"]}
    stored = {reason for row in documents.values() if row["text"] for reason in row["drop_reasons"]}
    assert rules == stored


def nearest_miss(row: dict, bounds: dict) -> tuple[float, str]:
    """The smallest distance to a bound as a share of the larger of the two, and its rule."""
    misses = []
    for (name, metric, lang), bound in bounds.items():
        if lang == row["lang"] or (lang is None and (name, metric, row["lang"]) not in bounds):
            value = row[name][metric]
            for side in ("min", "max"):
                limit = bound[side]
                if limit is not None and value != limit:
                    miss = abs(value - limit) / max(abs(value), abs(limit))
                    misses.append((miss, f"{name}.{metric}.{side}"))
    return min(misses)


def test_kept_samples_show_the_nearest_misses(a_run):
    rows = json.loads((a_run / "report" / "bounds.json").read_text(encoding="utf-8"))
    bounds = {(row["filter"], row["metric"], row["lang"]): row for row in rows}
    kept = [row for row in rows_of(a_run, "documents") if row["source"]["name"] == "crawl"]
    assert any(row["gopher_quality"]["word_count"] == 50 for row in kept)  # at a bound: no miss
    expected = sorted((*nearest_miss(row, bounds), row["doc_id"]) for row in kept)[:5]
    samples = collect(a_run)["samples"]
    near = {r["doc_id"]: r["near"] for r in samples if r["source"] == "crawl" and r["near"]}
    near = {doc_id: rule for doc_id, rule in near.items() if doc_id in {r["doc_id"] for r in kept}}
    assert near == {doc_id: rule for _, rule, doc_id in expected}


def test_personal_data_is_counted_by_kind_source_and_language(a_run):
    expected, documents = Counter(), Counter()
    for row in documents_of(a_run):
        for kind, count in row["pii"].items():
            key = (kind.removesuffix("_count"), row["source"]["name"], row["lang"])
            expected[key] += count
            documents[key] += count > 0
    found = collect(a_run)["personal_data"]
    keyed = {(row["kind"], row["source"], row["lang"]): row for row in found}
    assert {key: row["found"] for key, row in keyed.items()} == +expected
    assert {key: row["documents"] for key, row in keyed.items()} == +documents


def test_clusters_count_the_survivor_once(a_run):
    members = defaultdict(set)
    for row in rows_of(a_run, "clusters.parquet"):
        members[row["kind"], row["cluster_id"]] |= {row["doc_id"], row["kept_id"]}
    duplicates = collect(a_run)["duplicates"]
    sizes = sorted((len(group) for group in members.values()), reverse=True)
    assert [row["size"] for row in duplicates["largest"]] == sizes[:10]
    assert sum(row["clusters"] for row in duplicates["sizes"]) == len(members)
    removed = [row for row in documents_of(a_run) if row["duplicate_of"]]
    source = {row["doc_id"]: row["source"] for row in rows_of(a_run, "ledger.parquet")}
    pairs = Counter((source[row["doc_id"]], source[row["duplicate_of"]]) for row in removed)
    counted = Counter()
    for row in duplicates["removed"]:
        counted[row["removed"], row["kept"]] += row["documents"]
    assert counted == pairs
    assert sum(duplicates["jaccard"]) == sum("dedup.near.max" in r["drop_reasons"] for r in removed)


def test_quarantine_and_pairs(a_run):
    numbers = collect(a_run)
    causes = Counter((row["cause"], row["source"]) for row in rows_of(a_run, "quarantine"))
    assert {(r["cause"], r["source"]): r["records"] for r in numbers["quarantine"]} == causes
    pairs = rows_of(a_run, "qa")
    assert sum(row["pairs"] for row in numbers["qa"]["groups"]) == len(pairs)
    examples = numbers["qa"]["examples"]
    texts = {row["doc_id"]: row["text"] for row in documents_of(a_run)}
    assert len(examples) == 10
    assert {row["layer"] for row in examples} == {row["layer"] for row in pairs}
    assert {row["lang"] for row in examples} == {row["lang"] for row in pairs}
    for row in examples:
        if row["evidence"] is not None:
            assert row["evidence"] == row["answer"] == texts[row["doc_id"]][4:20]
            assert row["before"] == texts[row["doc_id"]][:4]


def test_partitions_change_nothing(a_run, tmp_path):
    other = shutil.copytree(a_run, tmp_path / "other")
    for folder in ("documents", "dropped"):
        table = pl.concat([pl.read_parquet(file) for file in (other / folder).iterdir()])
        shutil.rmtree(other / folder)
        (other / folder).mkdir()
        table = table.reverse()
        table[:7].write_parquet(other / folder / "a.parquet")
        table[7:].write_parquet(other / folder / "b.parquet")
    rewrite(other / "ledger.parquet", lambda ledger: ledger.reverse())
    rewrite(other / "clusters.parquet", lambda clusters: clusters.reverse())
    rewrite(other / "qa" / "00000.parquet", lambda qa: qa.reverse())
    texts = [json.dumps(collect(run), allow_nan=False) for run in (a_run, a_run, other)]
    assert len(set(texts)) == 1


def test_an_older_run_reads_as_not_recorded(a_run):
    shutil.rmtree(a_run / "report")
    shutil.rmtree(a_run / "tokenizer")
    shutil.rmtree(a_run / "qa")
    (a_run / "clusters.parquet").unlink()
    (a_run / "run.toml").unlink()
    numbers = collect(a_run)
    for name in ("warnings", "mix", "dataset", "timings", "tokenizer"):
        assert numbers[name] is None
    assert not numbers["has_bounds"]
    assert numbers["account"]["adds_up"]
    assert all(rule["bound"] is None for row in numbers["samples"] for rule in row["rules"])


def test_a_folder_that_is_no_run_is_the_users_error(tmp_path):
    with pytest.raises(UserError, match=r"no ledger\.parquet"):
        collect(tmp_path)
