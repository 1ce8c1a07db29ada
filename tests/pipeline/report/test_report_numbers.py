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
from taojin.pipeline.report import histograms, losses, rules
from taojin.pipeline.report.bounds import read_bounds
from taojin.pipeline.report.nearest import nearly_dropped
from taojin.pipeline.report.numbers import collect
from taojin.pipeline.report.page import draw
from taojin.tests.pipeline.report.conftest import BOUNDS, limit

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
    caught, alone, places = Counter(), Counter(), defaultdict(Counter)
    ledger = rows_of(a_run, "ledger.parquet")
    for record in ledger:
        caught.update(record["reasons"])
        if len(record["reasons"]) == 1:
            alone.update(record["reasons"])
        for reason in record["reasons"]:
            for key in ("lang", "source"):
                places[reason, key][record[key] or "", "caught"] += 1
                places[reason, key][record[key] or "", "alone"] += len(record["reasons"]) == 1
    rules = collect(a_run)["rules"]
    assert {row["rule"]: row["caught"] for row in rules} == caught
    assert {row["rule"]: row["alone"] for row in rules} == {name: alone[name] for name in caught}
    for row in rules:
        for key, group in (("lang", "by_language"), ("source", "by_source")):
            counts = {(n, one): m for n, both in row[group].items() for one, m in both.items()}
            assert counts == places[row["rule"], key]
    assert [row["caught"] for row in rules] == sorted(caught.values(), reverse=True)
    assert sum(alone.values()) < sum(caught.values())  # some document broke two rules
    word_count = next(row for row in rules if row["rule"] == "gopher_quality.word_count.min")
    assert word_count["share"] == word_count["caught"] / len(ledger)
    assert word_count["bounds"] == [
        {"kind": None, "langs": [], "bound": 50.0},
        {"kind": "proprietary", "langs": ["en", "zh-Hant", "und"], "bound": 20.0},
        {"kind": "proprietary", "langs": ["zh-Hans"], "bound": 30.0},
    ]


def test_the_overlap_counts_the_documents_that_two_rules_caught(a_run):
    reasons = [
        set(row["reasons"]) for row in rows_of(a_run, "ledger.parquet") if row["stage"] == "decide"
    ]
    found = collect(a_run)["overlaps"]
    assert set(found["rules"]) == set().union(*reasons)
    for first, row in zip(found["rules"], found["counts"], strict=True):
        for second, count in zip(found["rules"], row, strict=True):
            assert count == sum({first, second} <= one for one in reasons), (first, second)
    totals = [row[place] for place, row in enumerate(found["counts"])]
    assert totals == sorted(totals, reverse=True)
    assert found["left_out"] == 0


def test_the_overlap_shows_only_the_rules_that_caught_most(a_run, monkeypatch):
    everything = collect(a_run)["overlaps"]
    monkeypatch.setattr(rules, "CROSSED", 3)
    found = collect(a_run)["overlaps"]
    assert found["rules"] == everything["rules"][:3]
    assert found["counts"] == [row[:3] for row in everything["counts"][:3]]
    assert found["left_out"] == len(everything["rules"]) - 3
    assert (
        found["others"]
        == [
            {"rule": rule, "caught": everything["counts"][place][place]}
            for place, rule in enumerate(everything["rules"])
        ][3:]
    )
    page = draw(collect(a_run))
    for row in found["others"]:
        assert (
            f"<li><code>{row['rule'].replace('.', '.<wbr>').replace('_', '_<wbr>')}</code>" in page
        )


def lost(records: list[dict], name: str) -> dict[str, int]:
    """The plain sums of one filter over ledger rows."""
    filters = [{reason.split(".")[0] for reason in row["reasons"]} for row in records]
    mine = [row for row, names in zip(records, filters, strict=True) if name in names]
    alone = [row for row, names in zip(records, filters, strict=True) if names == {name}]
    seen = [row for row in records if name != "dedup" or row["stage"] != "decide"]
    return {
        "in": len(seen),
        "caught": len(mine),
        "alone": len(alone),
        "units": sum(row["units"] for row in mine),
        "alone_units": sum(row["units"] for row in alone),
        "size_bytes": sum(row["size_bytes"] for row in mine),
        "alone_bytes": sum(row["size_bytes"] for row in alone),
    }


def test_a_filter_tells_what_it_took_by_source_and_language(a_run):
    ledger = [row for row in rows_of(a_run, "ledger.parquet") if row["stage"] != "ingest"]
    ledger = [row for row in ledger if row["fate"] != "quarantined"]
    filters = {row["filter"]: row["lost"] for row in collect(a_run)["filters"]}
    assert filters.pop("chinese") is None  # it has no bound
    for name, found in filters.items():
        cells, left_out = found.pop("cells"), found.pop("left_out")
        assert found == lost(ledger, name)
        groups = defaultdict(list)
        for row in ledger:
            groups[row["source"], row["lang"]].append(row)
        expected = {key: lost(rows, name) for key, rows in groups.items()}
        shown = {(cell.pop("source"), cell.pop("lang")): cell for cell in cells}
        assert shown == {key: sums for key, sums in expected.items() if sums["caught"]}
        assert left_out == 0


def test_a_filter_that_caught_without_a_bound_is_told_too(a_run):
    """A share of each source may be kept by the classifier: that reason has no bound."""
    rows = json.loads((a_run / "report" / "bounds.json").read_text(encoding="utf-8"))
    bounds = [row for row in rows if row["filter"] != "classifier"]
    (a_run / "report" / "bounds.json").write_text(json.dumps(bounds), encoding="utf-8")
    numbers = collect(a_run)
    (classifier,) = [row for row in numbers["filters"] if row["filter"] == "classifier"]
    assert classifier["lost"]["caught"] > 0
    assert classifier["metrics"] == []
    (rule,) = [row for row in numbers["rules"] if row["filter"] == "classifier"]
    assert {row["bound"] for row in rule["bounds"]} == {None}
    draw(numbers)


def test_a_filter_tells_its_cost(a_run):
    costs = {row["filter"]: row["cost"] for row in collect(a_run)["filters"]}
    assert costs["gopher_quality"] == {"seconds": 0.5, "mb_s": None}  # of 1.9 MB: loading, mostly
    assert costs["dedup"] is None
    recorded = [
        {"filter": "a", "seconds": 2.0, "size_bytes": losses.LEAST_BYTES},
        {"filter": "b", "seconds": 2.0, "size_bytes": losses.LEAST_BYTES - 1},
        {"filter": "c", "seconds": 0.0, "size_bytes": losses.LEAST_BYTES},
    ]
    told = losses.costs(recorded)
    assert {name: one["mb_s"] for name, one in told.items()} == {"a": 10, "b": None, "c": None}


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
    # metrics with a bound, in four languages; one is not bound in one of them
    assert len(parts) == (3 + 1 + 1 + 2 + 1) * 4 - 1
    for name, metric, part in parts:
        mine = [row for row in documents if row["lang"] == part["lang"]]
        values = [row[name][metric] for row in mine]
        assert sum(part["kept"]) == sum(not row["drop_reasons"] for row in mine)
        assert sum(part["kept"]) + sum(part["dropped"]) == part["documents"] == len(mine)
        assert part["median"] == pytest.approx(statistics.median(values))
        assert (part["least"], part["most"]) == (min(values), max(values))
        for side, outside in (("min", "below"), ("max", "above")):
            reason = f"{name}.{metric}.{side}"
            beyond = sum(limit[outside] for limit in part["limits"])
            assert beyond == sum(reason in row["drop_reasons"] for row in mine), reason


def test_histograms_by_source_hold_the_same_documents(a_run):
    documents = documents_of(a_run)
    filters = collect(a_run)["filters"]
    drawn = 0
    for row in filters:
        for spread in row["metrics"]:
            assert [part["source"] for part in spread["sources"]] == ["crawl", "handbook", "论坛"]
            for part in spread["sources"]:
                mine = [one for one in documents if one["source"]["name"] == part["source"]]
                values = [one[row["filter"]][spread["metric"]] for one in mine]
                assert sum(part["kept"]) == sum(not one["drop_reasons"] for one in mine)
                assert sum(part["kept"]) + sum(part["dropped"]) == part["documents"] == len(mine)
                assert (part["least"], part["most"]) == (min(values), max(values))
                for side, outside in (("min", "below"), ("max", "above")):
                    reason = f"{row['filter']}.{spread['metric']}.{side}"
                    beyond = sum(limit[outside] for limit in part["limits"])
                    assert beyond == sum(reason in one["drop_reasons"] for one in mine), reason
                bounds = [(limit["min"], limit["max"]) for limit in part["limits"]]
                assert len(bounds) == len(set(bounds))
                drawn += 1
    assert drawn == (3 + 1 + 1 + 2 + 1) * 3
    page = draw(collect(a_run))
    assert page.count('data-source="handbook"') == drawn / 3


def test_one_source_is_not_drawn_apart(a_run):
    for folder in ("documents", "dropped"):
        for path in (a_run / folder).glob("*.parquet"):
            table = pl.read_parquet(path)
            table.filter(pl.col("source").struct.field("name") == "crawl").write_parquet(path)
    metrics = [one for row in collect(a_run)["filters"] for one in row["metrics"]]
    assert metrics
    assert all(one["sources"] == [] for one in metrics)


def test_a_kind_with_bounds_of_its_own_is_counted_apart(a_run):
    documents = documents_of(a_run)
    filters = {row["filter"]: row for row in collect(a_run)["filters"]}
    words = next(m for m in filters["gopher_quality"]["metrics"] if m["metric"] == "word_count")
    limits = {part["lang"]: part["limits"] for part in words["languages"]}
    assert [(row["kind"], row["min"]) for row in limits["zh-Hans"]] == [
        (None, 50.0),
        ("proprietary", 30.0),
    ]
    assert limits["en"][1]["min"] == 20.0
    short = [
        row for row in documents if row["lang"] == "en" and row["gopher_quality"]["word_count"] < 20
    ]
    assert limits["en"][1]["below"] == sum(row["source"]["kind"] == "proprietary" for row in short)
    repetition = filters["gopher_repetition"]["metrics"][0]
    assert all(len(part["limits"]) == 1 for part in repetition["languages"])


def test_a_metric_without_a_bound_is_told_by_quantiles(a_run):
    documents = documents_of(a_run)
    (chinese,) = [row for row in collect(a_run)["filters"] if row["filter"] == "chinese"]
    (spread,) = chinese["unbound"]
    assert chinese["metrics"] == []
    assert spread["about"] == "share of units that are Han characters"
    for part in spread["languages"]:
        values = [row["chinese"]["han_ratio"] for row in documents if row["lang"] == part["lang"]]
        assert part["documents"] == len(values)
        assert (part["least"], part["most"]) == (min(values), max(values))
        assert part["median"] == pytest.approx(statistics.median(values))
        assert part["low"] == pytest.approx(np.quantile(values, 0.01))


@pytest.mark.parametrize("log", [True, False])
def test_no_extreme_falls_out_of_its_histogram(log):
    for high in np.linspace(100, 500, 300):
        edges = histograms.bin_edges(0.0, high, log=log)
        assert (edges[0], edges[-1]) == (0, high)
        assert (np.diff(edges) > 0).all()


def test_samples_are_a_fair_draw_and_cut(a_run):
    documents = documents_of(a_run)
    samples = collect(a_run)["samples"]
    for source in ("crawl", "handbook", "论坛"):
        for fate in ("kept", "dropped"):
            mine = [
                row["doc_id"]
                for row in documents
                if row["source"]["name"] == source
                and (not row["drop_reasons"]) == (fate == "kept")
                and row["text"] is not None
            ]
            shown = [r["doc_id"] for r in samples if (r["source"], r["fate"]) == (source, fate)]
            assert shown == sorted(mine)[:10]
    keyed = {row["doc_id"]: row for row in documents}
    for row in samples:
        assert row["text"] == keyed[row["doc_id"]]["text"][:600]
        assert row["characters"] == len(keyed[row["doc_id"]]["text"])
        assert [rule["rule"] for rule in row["rules"]] == keyed[row["doc_id"]]["drop_reasons"]


def test_every_rule_of_a_sample_carries_value_and_bound(a_run):
    numbers = collect(a_run)
    near = [row for one in numbers["filters"] for rows in one["near"].values() for row in rows]
    documents = {row["doc_id"]: row for row in documents_of(a_run)}
    for row in [*numbers["samples"], *near]:
        document = documents[row["doc_id"]]
        for rule in row["rules"]:
            name, metric, side = rule["rule"].split(".")
            assert rule["value"] == document[name][metric]
            assert rule["bound"] == limit(metric, document, side)
            beyond = (
                rule["value"] > rule["bound"] if side == "max" else rule["value"] < rule["bound"]
            )
            assert beyond == (rule["rule"] in document["drop_reasons"])


def turns(documents: list[dict], name: str, fate: str) -> list[tuple[str, str]]:
    """(doc_id, rule) nearest a filter's bounds, in plain Python: rules share by what they caught."""
    queues = {}
    caught = Counter(rule for row in documents if row["text"] for rule in row["drop_reasons"])
    if fate == "kept":
        caught = Counter(rule for row in documents for rule in row["drop_reasons"])
    for rule in sorted(
        {f"{name}.{row[1]}.{side}" for row in BOUNDS for side in ("min", "max") if row[0] == name}
    ):
        metric, side = rule.split(".")[1:]
        groups = defaultdict(list)
        every = [row[name][metric] for row in documents if not row["drop_reasons"]]
        end = max(every) if side == "min" else min(every)
        for row in documents:
            value, bound = row[name][metric], limit(metric, row, side)
            kept = not row["drop_reasons"]
            if bound is None or kept != (fate == "kept") or row["text"] is None:
                continue
            if not kept and rule not in row["drop_reasons"]:
                continue
            if kept and value == end and (value == bound or every.count(end) > 1):
                continue
            margin = 0.0 if value == bound else abs(value - bound) / max(abs(value), abs(bound))
            if kept and margin >= 1:
                continue
            groups[row["lang"], row["source"]["name"]].append((margin, row["doc_id"]))
        placed = [
            (place, *one) for group in groups.values() for place, one in enumerate(sorted(group))
        ]
        queues[rule] = sorted(placed)
    ordered = sorted(
        (turn > 0, (turn + 0.5) / (caught[rule] or 1), margin, rule, doc_id)
        for rule, queue in queues.items()
        for turn, (_, margin, doc_id) in enumerate(queue)
    )
    found: dict[str, str] = {}
    for *_, rule, doc_id in ordered:
        found.setdefault(doc_id, rule)
    return list(found.items())


def test_the_nearest_of_every_rule_language_and_source_take_turns(a_run):
    documents = documents_of(a_run)
    assert any(
        not row["drop_reasons"] and row["gopher_quality"]["word_count"] == 50 for row in documents
    )
    for one in collect(a_run)["filters"]:
        for fate, rows in one["near"].items():
            found = [(row["doc_id"], row["near"]) for row in rows]
            assert found == turns(documents, one["filter"], fate)[:20], one["filter"]
    quality = next(one for one in collect(a_run)["filters"] if one["filter"] == "gopher_quality")
    rules = Counter(row["near"] for row in quality["near"]["kept"])
    assert len(rules) == 5
    most = {row["rule"]: row["caught"] for row in collect(a_run)["rules"]}
    heavy = max(rules, key=lambda rule: most.get(rule, 0))
    light = min(rules, key=lambda rule: most.get(rule, 0))
    assert rules[heavy] > 20 / 5 > rules[light] == 1  # one caught most, one nothing
    dedup = next(one for one in collect(a_run)["filters"] if one["filter"] == "dedup")
    assert dedup["near"]["kept"] == []  # all resemble nothing: none is nearer than another
    assert len(dedup["near"]["dropped"]) > 5
    assert len({(row["lang"], row["source"]) for row in quality["near"]["kept"]}) > 5
    assert {len(row["text"]) for row in quality["near"]["kept"]} <= set(range(301))


def test_what_is_neutral_is_not_near_a_bound():
    """A share of 0 is as far from a bound above it as a share can be, even if one document has it."""
    row = {"metric": "share", "lang": None, "min": None, "max": 0.5}
    applied = read_bounds([{"filter": "f", **row}])
    values = pl.DataFrame(
        {
            "doc_id": ["a", "b"],
            "source": [{"name": "s", "kind": "web"}] * 2,
            "lang": ["en", "en"],
            "fate": ["kept", "kept"],
            "drop_reasons": [[], []],
            "f": [{"share": 0.0}, {"share": 0.4}],
        },
        schema_overrides={"drop_reasons": pl.List(pl.String)},
    )
    found = nearly_dropped(values, applied, applied.reasons("f"))
    assert found["doc_id"].to_list() == ["b"]


def test_evaluation_items_are_counted_by_set_and_source(a_run):
    places = pl.read_parquet(a_run / "contamination.parquet").rows(named=True)
    ledger = {row["doc_id"]: row for row in pl.read_parquet(a_run / "ledger.parquet").to_dicts()}
    found = collect(a_run)["contamination"]
    assert len(found) == len({(row["benchmark"], row["source"]) for row in found}) > 1
    for row in found:
        own = [
            place
            for place in places
            if place["benchmark"] == row["benchmark"]
            and ledger[place["doc_id"]]["source"] == row["source"]
        ]
        documents = {place["doc_id"] for place in own}
        reasons = [ledger[doc_id]["reasons"] for doc_id in documents]
        assert row["item_count"] == len({place["item"] for place in own})
        assert row["documents"] == len(documents) < len(own)
        assert row["dropped"] == sum("decontamination.overlap.max" in one for one in reasons)
        assert row["cut"] == len({place["doc_id"] for place in own if place["cut"]})
    assert sum(row["cut"] for row in found) > 0 < sum(row["dropped"] for row in found)


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


def test_differences_are_between_the_texts_of_the_two_documents_named(a_run):
    texts = {row["doc_id"]: row["text"] for row in documents_of(a_run)}
    near = {
        (row["kept_id"], row["doc_id"]): row["jaccard"]
        for row in rows_of(a_run, "clusters.parquet")
        if row["kind"] == "near" and row["doc_id"] != row["kept_id"]
    }
    found = collect(a_run)["duplicates"]["differences"]
    assert found
    for row in found:
        pair = row["kept_id"], row["shown_id"]
        assert near[pair] == row["jaccard"] == min(
            jaccard for (kept_id, _), jaccard in near.items() if kept_id == row["kept_id"]
        )  # fmt: skip
        for side, name in (("kept", "kept_id"), ("other", "shown_id")):
            own = [one["text"] for one in row["pieces"] if one["side"] == side]
            assert all(text.removesuffix("…") in texts[row[name]] for text in own)
        assert row["pieces"]


def test_partitions_change_nothing(a_run, tmp_path):
    other = shutil.copytree(a_run, tmp_path / "other")
    asked = ("qa", "qa_rejected", "qa_usage", "dialogues", "left_out", "preferences")
    for folder in ("documents", "dropped", "quarantine", "reading", "files", *asked):
        files = sorted((other / folder).iterdir())
        table = pl.concat([pl.read_parquet(file) for file in files])
        shutil.rmtree(other / folder)
        (other / folder).mkdir()
        table = table.reverse()
        table[:7].write_parquet(other / folder / "a.parquet")
        table[7:].write_parquet(other / folder / "b.parquet")
    rewrite(other / "ledger.parquet", lambda ledger: ledger.reverse())
    rewrite(other / "clusters.parquet", lambda clusters: clusters.reverse())
    rewrite(other / "contamination.parquet", lambda places: places.reverse())
    texts = [json.dumps(collect(run), allow_nan=False) for run in (a_run, a_run, other)]
    assert len(set(texts)) == 1


def test_an_older_run_reads_as_not_recorded(a_run):
    shutil.rmtree(a_run / "report")
    shutil.rmtree(a_run / "tokenizer")
    shutil.rmtree(a_run / "qa")
    (a_run / "clusters.parquet").unlink()
    (a_run / "contamination.parquet").unlink()
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
