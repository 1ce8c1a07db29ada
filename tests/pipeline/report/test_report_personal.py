"""The page on personal data, against plain Python over the same tables, of made-up runs and a real one."""

import json
import random
import shutil
from collections import Counter, defaultdict
from pathlib import Path

import polars as pl
import pytest

from taojin.pipeline.pii.detectors import KINDS
from taojin.pipeline.pii.engines import kind_of
from taojin.pipeline.pii.fakes import is_fake
from taojin.pipeline.pii.settings import ACTIONS as KNOWN_ACTIONS
from taojin.pipeline.report import crossed, page
from taojin.pipeline.report import excerpts as excerpts_page
from taojin.pipeline.report.numbers import collect
from taojin.pipeline.report.page import draw
from taojin.tests.pipeline.report.conftest import ACTIONS, SELF_TEST, VALUES
from taojin.tests.pipeline.report.test_report_numbers import documents_of, rewrite, rows_of


@pytest.fixture(params=["a_run", "demo_run"])
def run(request) -> Path:
    return request.getfixturevalue(request.param)


def found_in(run: Path) -> dict:
    found = collect(run)["personal_data"]
    assert found is not None
    return found


def counted(row: dict) -> dict[str, int]:
    return {
        name.removesuffix("_count"): number
        for name, number in row["pii"].items()
        if name.endswith("_count") and name != "forbidden_count"
    }


def is_kept(row: dict) -> bool:
    return not row["drop_reasons"]


def test_values_are_counted_by_kind_source_and_language(run, monkeypatch):
    monkeypatch.setattr(crossed, "COLUMNS", 2)
    cells, documents, sums = Counter(), Counter(), Counter()
    for row in documents_of(run):
        for kind, number in counted(row).items():
            documents[kind] += number > 0
            for key in (row["source"]["name"], row["lang"]):
                cells[kind, key] += number
                sums[key] += number
    found = found_in(run)
    assert len(found["kinds"]) >= 4
    for row in found["kinds"]:
        own = sum(n for (kind, key), n in cells.items() if kind == row["kind"]) // 2
        assert (row["found"], row["documents"]) == (own, documents[row["kind"]])
    order = [(-row["found"], row["kind"]) for row in found["kinds"]]
    assert order == sorted(order)
    shown = {row["kind"] for row in found["kinds"]}
    assert shown == {kind for kind, number in documents.items() if number}
    assert set(found["not_found"]) == set(documents) - shown
    for name, keys in (
        ("by_source", {row["source"]["name"] for row in documents_of(run)}),
        ("by_language", {row["lang"] for row in documents_of(run)}),
    ):
        table = found[name]
        with_values = sorted((key for key in keys if sums[key]), key=lambda key: (-sums[key], key))
        most = 2 if len(with_values) > 3 else len(with_values)
        assert table["columns"] == with_values[:most]
        assert table["left_out"] == len(with_values) - most
        assert [row["kind"] for row in table["rows"]] == [row["kind"] for row in found["kinds"]]
        for row in table["rows"]:
            assert row["found"] == [cells[row["kind"], key] for key in table["columns"]]
            assert row["others"] == sum(cells[row["kind"], key] for key in with_values[most:])


def test_each_kind_has_its_action(a_run):
    told = {row["kind"]: row["action"] for row in found_in(a_run)["kinds"]}
    assert told == {"email": "mask", **ACTIONS}
    (a_run / "run.toml").write_text('[pii]\naction = "fake"\n[pii.actions]\nemail = "drop"\n')
    told = {row["kind"]: row["action"] for row in found_in(a_run)["kinds"]}
    assert told == {"email": "drop", "phone": "fake", "resident_id": "fake", "ip": "fake"}
    (a_run / "run.toml").write_text('name = "older"\n')
    found = found_in(a_run)
    assert {row["action"] for row in found["kinds"]} == {None}
    assert found["excerpts"] is None  # what was only counted may stand beside


def test_documents_are_counted_by_density(run):
    steps = {
        (None, 0): lambda value: value == 0,
        (0, 1): lambda value: 0 < value <= 1,
        (1, 5): lambda value: 1 < value <= 5,
        (5, 20): lambda value: 5 < value <= 20,
        (20, None): lambda value: value > 20,
    }
    documents = documents_of(run)
    found = found_in(run)["density"]
    assert [(row["above"], row["most"]) for row in found] == list(steps)
    for row in found:
        own = [one for one in documents if steps[row["above"], row["most"]](one["pii"]["density"])]
        assert row["kept"] == sum(map(is_kept, own))
        assert row["dropped"] == len(own) - row["kept"]
    assert sum(row["kept"] + row["dropped"] > 0 for row in found) >= 3


def test_a_density_on_a_step_is_counted_below_it(a_run):
    for path in [*a_run.glob("d[or]*/*.parquet")]:
        rewrite(
            path,
            lambda table: table.with_columns(
                pii=pl.col("pii").struct.with_fields(density=pl.lit(5.0))
            ),
        )
    told = [row["kept"] + row["dropped"] for row in found_in(a_run)["density"]]
    assert told == [0, 0, len(documents_of(a_run)), 0, 0]


def test_what_is_dropped_for_personal_data_is_told_with_its_bound(a_run):
    ledger = rows_of(a_run, "ledger.parquet")
    found = found_in(a_run)["drops"]
    bounds = {"pii.density.max": 15, "pii.forbidden_count.max": 0}
    assert {row["rule"]: row["bound"] for row in found} == bounds
    for row in found:
        caught = [one["reasons"] for one in ledger if row["rule"] in one["reasons"]]
        assert row["caught"] == len(caught) > 0
        assert row["alone"] == sum(len(reasons) == 1 for reasons in caught)
    (a_run / "report" / "bounds.json").unlink()
    assert {row["bound"] for row in found_in(a_run)["drops"]} == {None}


def stored_places(text: str, edits: list[dict]) -> dict[str, list[tuple[int, int]]]:
    """By kind where masked values stand: every character is followed through every step."""
    edits = [edit for edit in edits if edit["field"] == "text"]
    length = len(text) - sum(edit["inserted"] - edit["end"] + edit["start"] for edit in edits)
    characters: list[object] = [None] * length
    for step in sorted({edit["step"] for edit in edits}):
        own = sorted(
            (edit for edit in edits if edit["step"] == step), key=lambda edit: -edit["start"]
        )
        for edit in own:
            mark = (edit["kind"], edit["start"]) if edit["stage"] == "pii" else None
            characters[edit["start"] : edit["end"]] = [mark] * edit["inserted"]
    assert len(characters) == len(text)
    masks = [edit for edit in edits if edit["stage"] == "pii"]
    sizes = {(edit["kind"], edit["start"]): edit["inserted"] for edit in masks}
    places = defaultdict(list)
    for mark in dict.fromkeys(filter(None, characters)):
        if characters.count(mark) == sizes[mark]:
            first = characters.index(mark)
            places[mark[0]].append((first, first + sizes[mark]))
    return places


def expected_excerpts(run: Path, counts: list[str], context: int) -> dict[str, list[tuple]]:
    edits = defaultdict(list)
    for edit in rows_of(run, "edits.parquet"):
        edits[edit["doc_id"]].append(edit)
    expected = defaultdict(list)
    for row in sorted(documents_of(run), key=lambda row: row["doc_id"]):
        if row["text"] is None or any(row["pii"][f"{kind}_count"] for kind in counts):
            continue
        for kind, places in stored_places(row["text"], edits[row["doc_id"]]).items():
            start, end = min(places)
            head, tail = row["text"][:start], row["text"][end:]
            before = head if len(head) <= context else f"…{head[-context:]}"
            after = tail if len(tail) <= context else f"{tail[:context]}…"
            fate = "kept" if is_kept(row) else "dropped"
            told = (row["doc_id"], fate, before, row["text"][start:end], after)
            expected[kind].append(told)
    return expected


@pytest.mark.parametrize("shown", [5, 1000])
def test_excerpts_stand_where_values_were_masked(run, shown, monkeypatch):
    monkeypatch.setattr(excerpts_page, "SHOWN", shown)
    monkeypatch.setattr(excerpts_page, "DRAWN", max(shown, excerpts_page.DRAWN))
    found = found_in(run)
    counts = [row["kind"] for row in found["kinds"] if row["action"] == "count"]
    excerpts = defaultdict(list)
    for row in found["excerpts"]:
        told = tuple(row[key] for key in ("doc_id", "fate", "before", "shown", "after"))
        excerpts[row["kind"]].append(told)
    expected = expected_excerpts(run, counts, 40)
    assert len(excerpts) >= 3
    assert excerpts == {kind: rows[:shown] for kind, rows in expected.items()}


@pytest.mark.parametrize("side", [2, 4])
def test_an_excerpt_tells_whether_it_reaches_the_end_of_the_text(a_run, side, monkeypatch):
    whole = expected_excerpts(a_run, ["ip"], 1_000_000)["phone"][0][side]
    for context, cut in ((len(whole), False), (len(whole) - 1, True)):
        monkeypatch.setattr(excerpts_page, "CONTEXT", context)
        row = next(row for row in found_in(a_run)["excerpts"] if row["kind"] == "phone")
        text = row["before" if side == 2 else "after"]
        assert ("…" in text) == cut
        assert text == whole or cut


def test_excerpts_hold_placeholders_and_fakes_and_no_value(a_run):
    found = collect(a_run)["personal_data"]["excerpts"]
    assert {row["fate"] for row in found} == {"kept", "dropped"}
    for row in found:
        assert row["shown"] == VALUES[row["kind"]][1]
        assert row["is_fake"] == (row["kind"] == "phone")
        for value, shown in VALUES.values():
            if value == shown:  # counted
                assert value not in row["before"] + row["after"]
    assert {row["kind"] for row in found} == {"email", "phone", "resident_id"}
    assert any(VALUES["ip"][1] in (row["text"] or "") for row in documents_of(a_run))


def test_what_is_no_placeholder_and_no_fake_is_never_shown(a_run):
    for path in a_run.glob("d[or]*/*.parquet"):
        texts = pl.col("text").str.replace_all("000-4821-9930", "139-1234-5678", literal=True)
        rewrite(path, lambda table, texts=texts: table.with_columns(texts))
    assert {row["kind"] for row in found_in(a_run)["excerpts"]} == {"email", "resident_id"}


def test_a_document_with_very_many_edits_is_not_shown(a_run, monkeypatch):
    most = max(Counter(row["doc_id"] for row in rows_of(a_run, "edits.parquet")).values())
    monkeypatch.setattr(excerpts_page, "EDITS", most - 1)
    edits = Counter(
        row["doc_id"] for row in rows_of(a_run, "edits.parquet") if row["field"] == "text"
    )
    monkeypatch.setattr(excerpts_page, "SHOWN", 1000)
    monkeypatch.setattr(excerpts_page, "DRAWN", 1000)
    shown = {row["doc_id"] for row in found_in(a_run)["excerpts"]}
    assert shown
    assert max(edits[doc_id] for doc_id in shown) == most - 1


@pytest.mark.parametrize("seed", range(30))
def test_places_are_followed_through_any_steps(seed):
    draw = random.Random(seed)
    length, edits = 60, []
    for step, stage in enumerate(("pii", "clean", "decontaminate", "passages"), start=1):
        points = sorted(draw.sample(range(length + 1), 8))
        for start, end in zip(points[::2], points[1::2], strict=True):
            inserted = draw.randint(1, 9) if stage == "pii" else draw.choice((0, 0, 2))
            edits.append(
                {
                    "field": "text",
                    "step": step,
                    "stage": stage,
                    "kind": draw.choice(("email", "phone")),
                    "start": start,
                    "end": end,
                    "inserted": inserted,
                }
            )
            length += inserted - (end - start)
    expected = stored_places("x" * length, edits)
    found = defaultdict(list)
    for kind, *place in excerpts_page.masked_places(iter(edits)):
        found[kind].append(tuple(place))
    assert found == expected


def test_repeated_values_are_counted_by_document(a_run):
    source = {row["doc_id"]: row["source"] for row in rows_of(a_run, "ledger.parquet")}
    documents, values = defaultdict(set), Counter()
    for row in rows_of(a_run, "pii_values.parquet"):
        if row["field"] != "uri":
            documents[row["kind"], row["value_hash"]].add(row["doc_id"])
            values[row["kind"]] += 1
    found = found_in(a_run)["repeated"]
    assert found["recorded"]
    assert [row["kind"] for row in found["kinds"]] == [
        kind for kind, _ in sorted(values.items(), key=lambda one: (-one[1], one[0]))
    ]
    for row in found["kinds"]:
        own = [ids for (kind, _), ids in documents.items() if kind == row["kind"]]
        most = max(map(len, own))
        widest = [len({source[one] for one in ids}) for ids in own if len(ids) == most]
        assert row == {
            "kind": row["kind"],
            "values": values[row["kind"]],
            "distinct": len(own),
            "in_few": sum(len(ids) >= 2 for ids in own),
            "in_many": sum(len(ids) >= 10 for ids in own),
            "documents": most,
            "sources": max(widest),
        }
    assert any(row["in_many"] for row in found["kinds"])
    email = next(row for row in found["kinds"] if row["kind"] == "email")
    assert email["values"] > email["distinct"] > email["in_few"] > email["in_many"] > 0


def test_a_value_is_repeated_from_two_documents_on_and_in_many_from_ten(a_run):
    """The value that most hold is in ten documents of one source; one in nine is in two sources."""
    by_source = defaultdict(list)
    for row in documents_of(a_run):
        by_source[row["source"]["name"]].append(row["doc_id"])
    crawl, handbook = by_source["crawl"], by_source["handbook"]
    held = {1: crawl[:1], 2: crawl[:2], 3: [*crawl[:8], handbook[0]], 4: crawl[:10]}
    rows = [(one, "text", "email", value) for value, ids in held.items() for one in ids * 2]
    rewrite(
        a_run / "pii_values.parquet",
        lambda table: pl.DataFrame(rows, schema=table.schema, orient="row"),
    )
    (found,) = found_in(a_run)["repeated"]["kinds"]
    counts = {"values": 44, "distinct": 4, "in_few": 3, "in_many": 1}
    assert found == {"kind": "email", **counts, "documents": 10, "sources": 1}


def test_without_a_key_the_page_says_how_to_count_repeated_values(a_run):
    assert "pii-key" not in draw(collect(a_run))
    rewrite(a_run / "pii_values.parquet", lambda table: table.clear())
    assert found_in(a_run)["repeated"] == {"recorded": False, "kinds": []}
    text = draw(collect(a_run))
    assert 'id="pii-key"' in text
    assert "TAOJIN_PII_KEY" in text
    (a_run / "pii_values.parquet").unlink()
    assert found_in(a_run)["repeated"] == {"recorded": False, "kinds": []}


def test_the_self_test_is_told_as_precision_and_recall(a_run):
    found = found_in(a_run)["self_test"]
    assert [row["kind"] for row in found["kinds"]] == [row["kind"] for row in SELF_TEST]
    assert [(row["precision"], row["recall"]) for row in found["kinds"]] == [
        (39 / 40, 39 / 40),
        (1, 1),
        (None, 0),
    ]
    assert found["total"] == {
        "planted": 80,
        "found": 69,
        "wrong": 1,
        "precision": 69 / 70,
        "recall": 69 / 80,
    }
    (a_run / "report" / "pii_self_test.json").unlink()
    assert found_in(a_run)["self_test"] is None


def test_an_older_run_has_counts_alone(a_run):
    for path in a_run.glob("d[or]*/*.parquet"):
        names = [f"{kind}_count" for kind in ("email", "phone", "resident_id", "ip")]
        kept = pl.struct(pl.col("pii").struct.field(name) for name in names)
        rewrite(path, lambda table, kept=kept: table.with_columns(kept.alias("pii")))
    found = found_in(a_run)
    assert found["density"] is None
    assert len(found["kinds"]) == 4
    assert "Density" in draw(collect(a_run))
    for path in a_run.glob("d[or]*/*.parquet"):
        rewrite(path, lambda table: table.drop("pii"))
    assert collect(a_run)["personal_data"] is None


def test_partitions_and_order_change_nothing(a_run, tmp_path):
    other = shutil.copytree(a_run, tmp_path / "other")
    for name in ("edits", "pii_values", "ledger"):
        rewrite(other / f"{name}.parquet", lambda table: table.sample(fraction=1, shuffle=True))
    for folder in ("documents", "dropped"):
        table = pl.concat([pl.read_parquet(file) for file in (other / folder).iterdir()])
        shutil.rmtree(other / folder)
        (other / folder).mkdir()
        table.reverse().write_parquet(other / folder / "a.parquet")
    assert json.dumps(found_in(a_run)) == json.dumps(found_in(other))


def test_more_sources_do_not_make_a_larger_page(a_run):
    def size() -> int:
        return len(json.dumps(found_in(a_run)["by_source"]))

    before = size()
    for path in a_run.glob("d[or]*/*.parquet"):
        named = pl.concat_str(pl.lit("s"), pl.col("doc_id").str.slice(0, 2))
        source = pl.col("source").struct.with_fields(name=named)
        rewrite(path, lambda table, source=source: table.with_columns(source))
    assert found_in(a_run)["by_source"]["left_out"] > 20
    assert size() < 3 * before


def test_every_kind_and_action_is_told_in_words():
    words = page._translator()
    for kind in {*KINDS, *kind_of("presidio").kinds}:
        assert f"pii_{kind}" in words, kind
    for action in KNOWN_ACTIONS:
        assert f"action_{action}" in words


def test_a_fake_is_told_from_a_value():
    for kind, (value, shown) in VALUES.items():
        assert not excerpts_page.stands_for(kind, value)
        assert excerpts_page.stands_for(kind, shown) == (kind != "ip")
    assert is_fake("phone", VALUES["phone"][1])
    assert excerpts_page.stands_for("private_ip", "<IP>")
    assert excerpts_page.stands_for("location", "<LOCATION>")
    assert not excerpts_page.stands_for("email", "<PHONE>")
