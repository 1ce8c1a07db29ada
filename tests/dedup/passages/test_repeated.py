"""Rows of passages, what repeats among them, and the edits that cut it."""

from collections import Counter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.core import stage
from taojin.core.edits import Edit, apply
from taojin.dedup.passages.cuts import CutPassages, found_passages, spans_of, spared, with_counts
from taojin.dedup.passages.repeated import (
    HOST,
    PASSAGE,
    ROWS,
    Rules,
    kind,
    parse,
    passage_rows,
    repeated,
    repeating,
)
from taojin.tests.core.texts import QUICK, documents, texts

ONE = "The pan is washed in the cold river until only the heavy gold remains in it."
TWO = "沙子在冷水里反复冲洗，直到盘子里只剩下沉甸甸的金子为止。"
RULES = Rules(most=2, line=8, sentence=8, host_most=None, within_most=None)


def rows(
    found: list[str], rules: Rules = RULES, url: list[str | None] | None = None
) -> pl.DataFrame:
    table = documents(found, url=url)
    return passage_rows(table, parse(table["text"], rules), rules)


def test_a_passage_has_one_row_in_each_document_that_holds_it() -> None:
    table = rows([f"{ONE}\n{ONE} {TWO}", f"{TWO}{ONE.upper()}", "too short"])
    assert dict(table.schema) == ROWS
    assert Counter(table["key"].to_list()).most_common() == [
        (key, 2) for key in table["key"].unique(maintain_order=True)
    ]
    assert table.equals(table.sort("key", "doc_id"))
    assert table.select(kind(pl.col("key"))).to_series().unique().to_list() == [PASSAGE]


def test_lines_of_a_host_have_keys_of_its_own() -> None:
    rules = Rules(host_most=1, host_units=3, line=None, sentence=None)
    urls = ["https://a.org/1", "https://www.A.org/2", "https://b.org/1", None, "https://<EMAIL>/"]
    table = rows(["All rights reserved"] * 5, rules, urls)
    assert table["doc_id"].to_list().count(f"{0:032x}") == 1
    assert table.select(kind(pl.col("key"))).to_series().unique().to_list() == [HOST]
    assert sorted(Counter(table["key"].to_list()).values()) == [1, 2]
    found = repeated(table, rules.bounds())
    assert found.select("keeper", "documents").rows() == [(f"{0:032x}", 2)]


@QUICK
@given(column=st.lists(texts, max_size=5), most=st.integers(1, 3))
def test_repeated_is_what_more_documents_hold(column: list[str], most: int) -> None:
    rules = Rules(most=most, line=1, sentence=2, host_most=None)
    table = documents(column)
    found = repeated(rows(column, rules), rules.bounds())
    passages = parse(table["text"], rules).table.with_columns(key=pl.col("key") // 4)
    holders: dict[int, set[int]] = {}
    for row, key, leads in passages.select("row", "key", "leads").iter_rows():
        if not leads:
            holders.setdefault(key, set()).add(row)
    expected = {
        key: (f"{min(own):032x}", len(own)) for key, own in holders.items() if len(own) > most
    }
    assert {key: rest for key, *rest in found.select("key", "keeper", "documents").iter_rows()} == {
        key: list(rest) for key, rest in expected.items()
    }


def test_headings_and_what_ends_in_a_colon_are_not_looked_for() -> None:
    leads = [
        "## A heading of quite enough words to count as one",
        "For these reasons the following holds in every case:",
    ]
    assert rows(leads).is_empty()
    assert rows([ONE]).height == 1


def cut(text: str, cuts: list[tuple[int, int, str]]) -> str:
    return apply(text, [Edit(start, end, kind) for start, end, kind in spans_of(text, cuts)])


def spans(text: str, *parts: str) -> list[tuple[int, int, str]]:
    return [(text.index(part), text.index(part) + len(part), "line") for part in parts]


@pytest.mark.parametrize(
    ("text", "parts", "after"),
    [
        ("A.\nB.\nC.", ["B."], "A.\nC."),
        ("A.\nB.", ["B."], "A.\n"),
        ("A.\n\nB.\n\nC.", ["B."], "A.\n\n\nC."),
        ("A. B. C.", ["B. "], "A. C."),
        ("A. B.  \nC.", ["B.  "], "A.\nC."),
        ("A. B.\nC.", ["A. ", "B."], "C."),
        ("A\nB.\nc.", ["B."], "A\n\nc."),
        ("A\nB! c.", ["B! "], "A\nB! c."),
        ("甲。乙。丙。", ["乙。"], "甲。丙。"),
        ("甲。\u3000乙。\n丙。", ["乙。"], "甲。\n丙。"),
    ],
)
def test_what_is_left_where_passages_go(text: str, parts: list[str], after: str) -> None:
    assert cut(text, spans(text, *parts)) == after


def found(texts: list[str], rules: Rules) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The documents and what is found in them."""
    table = documents(texts)
    same = repeated(rows(texts, rules), rules.bounds())
    hits = found_passages(table, table["doc_id"], same, rules)
    return table, hits.with_columns(table["doc_id"].gather(hits["row"].cast(pl.UInt32)))


def test_one_document_keeps_what_the_others_lose() -> None:
    table, hits = found([f"Own {n} text.\n{ONE} {TWO}" for n in range(4)], RULES)
    assert hits["row"].to_list() == [1, 1, 2, 2, 3, 3]
    assert hits["kind"].unique().to_list() == ["sentence"]
    marked = stage.run(CutPassages(hits, 1.0), table)
    after, edits = stage.apply_edits(marked, "passages", 3)
    assert after["text"].to_list() == [table["text"][0], *(f"Own {n} text.\n" for n in (1, 2, 3))]
    assert edits["kind"].to_list() == ["sentence"] * 3  # two side by side are one edit
    counts = after["passages"].struct.unnest()
    assert counts["cut_sentence_count"].to_list() == [0, 2, 2, 2]
    gone = [1 - len(new) / len(old) for new, old in zip(after["text"], table["text"], strict=True)]
    assert counts["cut_character_ratio"].to_list() == pytest.approx(gone)


def test_a_document_that_would_lose_too_much_is_left_whole_and_counted() -> None:
    table, hits = found([ONE, f"{ONE}\n{TWO * 3}", ONE], RULES)
    marked = stage.run(CutPassages(hits, 0.5), table)
    after, edits = stage.apply_edits(marked, "passages", 3)
    assert edits["doc_id"].to_list() == [f"{1:032x}"]
    counts = after["passages"].struct.unnest()
    assert counts["spared_character_ratio"].to_list() == [0, 0, 1]
    assert counts["cut_character_ratio"].to_list() == [
        0,
        pytest.approx((len(ONE) + 1) / len(table["text"][1])),
        0,
    ]
    assert counts["cut_line_count"].to_list() == [0, 1, 0]


def test_the_bound_is_of_the_characters_before_the_round() -> None:
    table, hits = found([ONE, f"{ONE}\n{TWO * 3}", ONE], RULES)
    lengths = {f"{1:032x}": 10_000}
    marked = stage.run(CutPassages(hits, 0.5, lengths), table)
    assert marked["edits"].list.len().to_list() == [0, 0, 0]


def test_counts_add_up_and_are_taken_back() -> None:
    table, hits = found([ONE, f"{ONE}\n{TWO * 3}", ONE], RULES)
    once = stage.run(CutPassages(hits, 1.0), with_counts(table)).drop("edits")
    twice = stage.run(CutPassages(hits, 1.0), once)
    counts = twice["passages"].struct.unnest()
    assert counts["cut_line_count"].to_list() == [0, 2, 2]
    share = once["passages"].struct.field("cut_character_ratio")[1]
    assert counts["cut_character_ratio"][1] == pytest.approx(1 - (1 - share) ** 2)
    back = once.select(spared("passages").alias("passages"))["passages"].struct.unnest()
    assert (
        back["spared_character_ratio"].to_list()
        == once["passages"].struct.field("cut_character_ratio").to_list()
    )
    assert back["cut_line_count"].sum() == 0


def test_repeats_within_a_document_go_and_the_first_stay() -> None:
    rules = Rules(most=9, line=8, sentence=8, host_most=None, within_most=2, within_units=8)
    text = "\n".join([ONE, TWO, ONE, "Short", ONE.upper(), TWO, "Short", TWO, "Short"])
    table, hits = found([text, TWO], rules)
    assert hits["kind"].to_list() == ["repeat", "repeat"]
    parsed = parse(table["text"], rules)
    assert repeating(table, parsed, rules)["doc_id"].to_list() == [f"{0:032x}"]
    after, _ = stage.apply_edits(stage.run(CutPassages(hits, 1.0), table), "passages", 3)
    assert after["text"][0] == "\n".join([ONE, TWO, ONE, "Short", TWO, "Short", "Short"])
