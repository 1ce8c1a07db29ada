"""The pages on pairs and dialogues, against plain Python over the same tables, of made-up runs and a real one."""

import re
import shutil
import statistics
from collections import Counter, defaultdict
from itertools import pairwise, zip_longest
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from taojin.pipeline.qa.dialogues.made import REASONS
from taojin.pipeline.report import crossed, histograms, lengths, page, pairs, ranked, rejected
from taojin.pipeline.report.numbers import collect
from taojin.pipeline.report.page import draw
from taojin.tests.pipeline.report.questions import LONG
from taojin.tests.pipeline.report.test_report_numbers import documents_of, rewrite, rows_of

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture(params=["a_run", "demo_run"])
def run(request) -> Path:
    return request.getfixturevalue(request.param)


def check_ranked(found: dict, table: list[dict], keys: tuple[str, ...], count: str, most: int):
    """Rows are those of most of the table, the others are added up; returns them by their keys."""
    groups = defaultdict(list)
    for row in table:
        groups[tuple(row[key] or "" for key in keys)].append(row)
    order = sorted(groups, key=lambda key: (-len(groups[key]), key))
    shown = most if len(order) > most + 1 else len(order)
    assert [tuple(row[key] for key in keys) for row in found["rows"]] == order[:shown]
    told = [(row, groups[key]) for row, key in zip(found["rows"], order, strict=False)]
    if found["others"]:
        rest = [row for key in order[shown:] for row in groups[key]]
        assert found["others"]["rows"] == len(order) - shown >= 2
        told.append((found["others"], rest))
    for row, own in told:
        assert row[count] == len(own)
        assert row["documents"] == len({one["doc_id"] for one in own})
    assert sum(row[count] for row, _ in told) == len(table)
    return told


def check_crossed(found: dict, table: list[dict], row: str, column: str) -> None:
    cells = Counter((one[row] or "", one[column] or "") for one in table)
    for told in found["rows"]:
        own = [cells[told[row], name] for name in found["columns"]]
        assert told["found"] == own
        assert told["others"] + sum(own) == sum(
            n for key, n in cells.items() if key[0] == told[row]
        )


@pytest.mark.parametrize("most", [2, 12])
def test_pairs_are_counted_by_each_key(run, most, monkeypatch):
    monkeypatch.setattr(crossed, "COLUMNS", most)
    monkeypatch.setattr(pairs, "KINDS", most)
    monkeypatch.setattr(ranked.ranked, "__kwdefaults__", {"most": most})
    table, found = rows_of(run, "qa"), collect(run)["qa"]
    assert len(table) >= 60
    for keys in (("layer",), ("source",), ("lang",), ("generator",), ("layer", "kind")):
        for row, own in check_ranked(found[f"by_{keys[-1]}"], table, keys, "pairs", most):
            mean = statistics.fmean(one["score"] for one in own)
            assert row["mean_score"] == pytest.approx(mean, abs=1e-6)
    check_crossed(found["layers_by_language"], table, "layer", "lang")
    assert found["total"]["pairs"] == len(table)
    assert found["total"]["documents"] == len({row["doc_id"] for row in table})


def test_lengths_are_those_of_the_texts(run, monkeypatch):
    monkeypatch.setattr(lengths, "LANGUAGES", 2)
    table, found = rows_of(run, "qa"), collect(run)["qa"]["lengths"]
    languages = Counter(row["lang"] for row in table)
    drawn = sorted(languages, key=lambda lang: (-languages[lang], lang))[:2]
    assert found["left_out"] == len(languages) - 2 >= 1
    assert [one["field"] for one in found["fields"]] == ["question", "answer"]
    for one in found["fields"]:
        assert [row["lang"] for row in one["languages"]] == drawn
        sizes = {
            lang: [len(row[one["field"]]) for row in table if row["lang"] == lang] for lang in drawn
        }
        high = max(max(own) for own in sizes.values())
        assert (one["high"], one["log"]) == (high, high >= 100)
        edges = histograms.bin_edges(0.0, high, log=one["log"])
        for row in one["languages"]:
            own = sizes[row["lang"]]
            assert row["counts"] == np.histogram(own, edges)[0].tolist()
            assert sum(row["counts"]) == row["pairs"] == len(own)
            assert row["median"] == statistics.median(own)
            assert (row["least"], row["most"]) == (min(own), max(own))


def test_the_median_of_an_even_number_lies_between_the_middle_two():
    qa = pl.LazyFrame({"lang": "en", "question": ["a", "bb", "b" * 5, "b" * 9], "answer": "a"})
    question, answer = lengths.lengths(qa)["fields"]
    assert question["languages"][0]["median"] == 3.5
    assert answer["languages"][0]["median"] == 1


def test_examples_are_of_every_layer_and_language(run):
    table, found = rows_of(run, "qa"), collect(run)["qa"]["examples"]
    by_id = {row["qa_id"]: row for row in table}
    assert len(found) == len({row["qa_id"] for row in found}) == 16
    for key in ("layer", "lang"):
        assert {row[key] for row in found} == {row[key] for row in table}
    for row in found:
        own = by_id[row["qa_id"]]
        for name in ("question", "answer"):
            assert row[name] == (own[name] if len(own[name]) <= 600 else own[name][:600] + "…")
    order = in_turns(table, "layer", "lang", "kind")
    assert [row["qa_id"] for row in found] == [row["qa_id"] for row in order[:16]]


def in_turns(table: list[dict], *keys: str) -> list[dict]:
    """The rows by id; of each value of the first key one in turn, those of a value likewise."""
    if not keys:
        return sorted(table, key=lambda row: row["qa_id"])
    groups = [
        in_turns([row for row in table if row[keys[0]] == value], *keys[1:])
        for value in sorted({row[keys[0]] for row in table})
    ]
    return [row for turn in zip_longest(*groups) for row in turn if row]


def test_quotes_are_marked_where_they_stand(run):
    texts = {row["doc_id"]: row["text"] for row in documents_of(run)}
    table = {row["qa_id"]: row for row in rows_of(run, "qa")}
    marked, unmarked = Counter(), 0
    for row in collect(run)["qa"]["examples"]:
        own, text = table[row["qa_id"]], texts[row["doc_id"]]
        held = [one for one in own["quotes"] if one["end"] <= len(text)]
        letters = {at for one in held for at in range(one["start"], one["end"])}
        quoted = "".join(text[at] for at in sorted(letters))
        shown = "".join(piece["text"] for piece in row["pieces"] if piece["is_quote"])
        assert shown == quoted or (shown.endswith("…") and quoted.startswith(shown[:-1]))
        marked[sum(piece["is_quote"] for piece in row["pieces"])] += 1
        unmarked += not held
        assert (row["pieces"] == []) == (not held)
        if own["layer"] != "endpoint" and held:
            assert own["answer"].startswith(shown.removesuffix("…"))
    assert marked[1] or marked[2]
    assert marked[0] == unmarked


@example(text="abcdef", cuts=[(0, 2), (2, 4)])
@given(
    text=st.text("ab\u202e<金", min_size=1, max_size=1500),
    cuts=st.lists(st.tuples(st.integers(-3, 1600), st.integers(-3, 1600)), max_size=8),
)
def test_pieces_are_the_text_with_the_quotes_in_it(text, cuts):
    row = {
        "quotes": [{"start": a, "end": b} for a, b in cuts],
        "evidence_start": 0,
        "evidence_end": 1,
    }
    spans = pairs.quotes_of(row, len(text))
    told = list(pairs.pieces(text, spans)) if spans else []
    held = [(a, b) for a, b in cuts if 0 <= a < b <= len(text)] if cuts else [(0, 1)]
    assert bool(spans) == bool(held)
    assert all(one[1] < other[0] for one, other in pairwise(spans))
    inside = {at for a, b in held for at in range(a, b)}
    marked = {at for a, b in spans for at in range(a, b)}
    assert marked == inside or (
        len(spans) == 4 and marked == {at for at in inside if at < spans[-1][1]}
    )
    quotes = [piece["text"] for piece in told if piece["is_quote"]]
    assert len(quotes) == len(spans)
    for shown, (start, end) in zip(quotes, spans, strict=True):
        assert shown == (text[start:end] if end - start <= 240 else text[start : start + 240] + "…")
    between = [piece["text"] for piece in told if not piece["is_quote"]]
    for at, shown in enumerate(between):
        start = spans[at - 1][1] if at else 0
        end = spans[at][0] if at < len(spans) else len(text)
        head, tail = (120 if at else 0), (120 if at < len(spans) else 0)
        gap = text[start:end]
        short = gap[:head] + "…" + gap[max(0, len(gap) - tail) :]
        assert shown == (gap if len(gap) <= head + tail else short)


def test_pairs_of_an_older_run_show_their_evidence(a_run):
    rewrite(a_run / "qa" / "00000.parquet", lambda table: table.drop("quotes", "scores"))
    texts = {row["doc_id"]: row["text"] for row in documents_of(a_run)}
    shown = [row for row in collect(a_run)["qa"]["examples"] if row["pieces"]]
    assert shown
    for row in shown:
        assert [piece["text"] for piece in row["pieces"]][:2] == [
            texts[row["doc_id"]][:4],
            texts[row["doc_id"]][4:20],
        ]


@pytest.mark.parametrize("most", [2, 40])
def test_rejected_pairs_are_counted_by_reason_layer_and_language(a_run, most, monkeypatch):
    monkeypatch.setattr(rejected, "REASONS", most)
    table, found = rows_of(a_run, "qa_rejected"), collect(a_run)["qa"]["rejected"]
    for row, own in check_ranked(found["reasons"], table, ("reason",), "rejected", most):
        assert row["without_question"] == sum(one["question"] is None for one in own)
    check_crossed(found["by_layer"], table, "reason", "layer")
    check_crossed(found["by_language"], table, "reason", "lang")
    assert found["total"]["rejected"] == len(table)
    for name, rows in (("accepted", rows_of(a_run, "qa")), ("rejected", table)):
        layers = Counter(row["layer"] for row in rows)
        assert {row["layer"]: row[name] for row in found["layers"]} == layers


def test_samples_of_a_reason_are_of_different_documents(a_run):
    table, found = rows_of(a_run, "qa_rejected"), collect(a_run)["qa"]["rejected"]
    by_reason = defaultdict(list)
    for row in found["samples"]:
        by_reason[row["reason"]].append(row)
    asked = defaultdict(dict)
    for row in table:
        if row["question"] is not None:
            asked[row["reason"]][row["doc_id"]] = row
    assert "language" in {row["reason"] for row in table} - set(asked)
    assert set(by_reason) == set(asked)
    for reason, rows in by_reason.items():
        assert [row["doc_id"] for row in rows] == sorted(asked[reason])[:4]
        for row in rows:
            own = asked[reason][row["doc_id"]]
            for name in ("question", "answer"):
                text = own[name]
                assert row[name] == (text if len(text) <= 300 else text[:300] + "…")
    assert any(row["question"].endswith("…") for row in found["samples"])
    assert any(row["question"].endswith("？") for row in found["samples"])


def test_of_one_document_the_first_question_is_shown(a_run):
    def doubled(table: pl.DataFrame) -> pl.DataFrame:
        return pl.concat([table, table.with_columns(question=pl.lit("!"), layer=pl.lit("a"))])

    rewrite(a_run / "qa_rejected" / "00000.parquet", doubled)
    samples = collect(a_run)["qa"]["rejected"]["samples"]
    assert {row["question"] for row in samples} == {"!"}
    keys = {(row["reason"], row["doc_id"]) for row in samples}
    assert len(keys) == len(samples) > 20


def test_usage_is_summed_over_partitions_and_priced(a_run):
    table, found = rows_of(a_run, "qa_usage"), collect(a_run)["qa"]["usage"]
    assert [row["request"] for row in found["requests"]] == ["judge", "pairs"]
    for row, own in [
        *((one, [r for r in table if r["request"] == one["request"]]) for one in found["requests"]),
        (found["total"], table),
    ]:
        for outcome in ("answered", "given_up", "budget"):
            assert row[outcome] == sum(r["requests"] for r in own if r["outcome"] == outcome)
        assert row["tokens_in"] == sum(r["tokens_in"] for r in own) > 0
        assert row["tokens_out"] == sum(r["tokens_out"] for r in own) > 0
        price = (0.5 * row["tokens_in"] + 1.5 * row["tokens_out"]) / 1e6
        assert row["cost"] == pytest.approx(price, rel=1e-12)
    faults = Counter()
    for row in table:
        if row["outcome"].startswith("fault_"):
            faults[row["outcome"][6:], row["request"]] += row["requests"]
    assert {(row["cause"], row["request"]): row["times"] for row in found["faults"]} == faults
    assert [row["times"] for row in found["faults"]] == sorted(faults.values(), reverse=True)


def test_without_prices_no_cost_is_shown_and_without_a_model_nothing(a_run):
    assert 'id="qa-usage"' in draw(collect(a_run))
    assert ">Cost<" in draw(collect(a_run))
    (a_run / "run.toml").write_text("[qa.endpoint]\nprice_in = 0.0\nprice_out = 0.0\n")
    found = collect(a_run)
    assert found["qa"]["usage"]["prices"] is None
    assert found["qa"]["usage"]["total"]["cost"] is None
    assert ">Cost<" not in draw(found)
    for path in (a_run / "qa_usage").iterdir():
        rewrite(path, lambda table: table.clear())
    found = collect(a_run)
    assert found["qa"]["usage"] is None
    assert "usage" not in re.findall(r'id="qa-(\w+)"', draw(found))
    assert "Requests to the language model" not in draw(found)


@pytest.mark.parametrize("most", [2, 12])
def test_dialogues_are_counted_by_task_source_and_language(a_run, most, monkeypatch):
    monkeypatch.setattr(ranked.ranked, "__kwdefaults__", {"most": most})
    table, found = rows_of(a_run, "dialogues"), collect(a_run)["dialogues"]
    for key in ("task", "source", "lang"):
        for row, own in check_ranked(found[f"by_{key}"], table, (key,), "dialogues", most):
            turns = [turn for one in own for turn in one["messages"]]
            assert row["turns"] == len(turns)
            assert row["learnt"] == sum(turn["train"] for turn in turns) < len(turns)
    steps = [(1, 1), (2, 2), (3, 4), (5, 8), (9, 16), (17, None)]
    assert [(row["least"], row["most"]) for row in found["turns"]] == steps
    for row in found["turns"]:
        own = [one for one in table if row["least"] <= len(one["messages"]) <= (row["most"] or 1e9)]
        assert row["dialogues"] == len(own)
    assert sum(row["dialogues"] > 0 for row in found["turns"]) >= 4


def test_what_was_left_out_is_counted_by_reason_and_source(a_run):
    table, found = rows_of(a_run, "left_out"), collect(a_run)["dialogues"]["left_out"]
    for row, own in check_ranked(found["reasons"], table, ("reason",), "left_out", 30):
        assert row["whole"] == sum(one["message"] is None for one in own)
    check_crossed(found["by_source"], table, "reason", "source")
    assert found["total"]["left_out"] == len(table)
    assert 0 < found["total"]["whole"] < len(table)


def test_preferences_are_counted_with_their_margin(a_run):
    table, found = rows_of(a_run, "preferences"), collect(a_run)["dialogues"]["preferences"]
    for key in ("source", "lang"):
        for row, own in check_ranked(found[f"by_{key}"], table, (key,), "preferences", 12):
            mean = statistics.fmean(one["margin"] for one in own)
            assert row["mean_margin"] == pytest.approx(mean, abs=1e-6)
    assert found["total"]["preferences"] == len(table)


def test_a_run_without_questions_or_dialogues_draws(a_run):
    for name in ("qa", "qa_rejected", "qa_usage", "dialogues", "left_out", "preferences"):
        for path in (a_run / name).iterdir():
            rewrite(path, lambda table: table.clear())
    (a_run / "report" / "sft_mix.json").write_text("[]")
    text = draw(collect(a_run))
    assert "Not recorded in this run." not in text
    for name in ("qa", "qa_rejected", "dialogues"):
        section = text.split(f'<section id="{name}"')[1].split("</section>")[0]
        assert "None." in section
        assert "<table" not in section


def test_an_older_run_says_what_it_did_not_record(a_run):
    for name in ("qa_rejected", "dialogues", "left_out", "preferences"):
        shutil.rmtree(a_run / name)
    (a_run / "report" / "sft_mix.json").unlink()
    found = collect(a_run)
    assert found["qa"]["rejected"] is None
    assert found["dialogues"] is None
    assert draw(found).count("Not recorded in this run.") == 3


def test_pairs_without_a_source_language_or_kind_are_counted(a_run):
    nothing = [pl.lit(None, pl.String).alias(name) for name in ("source", "lang", "kind", "layer")]
    for name in ("qa", "qa_rejected"):
        rewrite(a_run / name / "00000.parquet", lambda table: table.with_columns(nothing))
    found = collect(a_run)["qa"]
    for name in ("source", "lang", "layer", "kind"):
        (row,) = found[f"by_{name}"]["rows"]
        assert row[name] == ""
        assert row["pairs"] == found["total"]["pairs"]
    assert len(found["examples"]) == 16
    draw(collect(a_run))


def test_very_long_names_and_many_of_them_do_not_make_a_larger_page(a_run):
    def many(table: pl.DataFrame) -> pl.DataFrame:
        told = pl.concat_str(pl.lit("a" * 20), pl.int_range(pl.len()))
        names = [name for name in ("kind", "reason", "lang", "source", "task") if name in table]
        grown = pl.concat([table] * 20)
        return grown.with_columns(told.alias(name) for name in names)

    before = len(draw(collect(a_run)))
    for name in ("qa", "qa_rejected", "dialogues", "left_out", "preferences"):
        rewrite(a_run / name / "00000.parquet", many)
    found = collect(a_run)
    assert found["qa"]["by_lang"]["others"]["rows"] == 20 * 60 - 12
    assert len(draw(found)) < 1.6 * before


def test_long_questions_and_answers_are_cut(a_run):
    assert any(LONG in row["answer"] for row in rows_of(a_run, "qa"))
    text = draw(collect(a_run))
    assert max(len(run) for run in re.findall("金+", text)) <= 600


def table_of(path: Path, title: str) -> set[str]:
    """The codes in the first column of the tables below a heading of a page of the docs."""
    section = re.split(r"\n## ", path.read_text(encoding="utf-8").split(f"## {title}\n")[1])[0]
    cells = re.findall(r"^\| ([^|]+) \|", section, flags=re.MULTILINE)
    return {code for cell in cells for code in re.findall(r"`(\w+)`", cell)}


def test_every_reason_is_told_in_words():
    words = page._translator()
    told = table_of(DOCS / "qa.md", "Gates") | table_of(DOCS / "qa_endpoint.md", "Checks")
    assert len(told) > 30
    for reason in told:
        assert f"why_{reason}" in words, reason
    for reason in set(REASONS) - {"kept"}:
        assert f"out_{reason}" in words, reason
    assert table_of(DOCS / "dialogues.md", "What is left out") == set(REASONS) - {"kept"}
