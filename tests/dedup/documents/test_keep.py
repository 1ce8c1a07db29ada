import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.dedup.documents.dates import OLDEST, seconds
from taojin.dedup.documents.keep import KEEP_RULES, earlier_key, keep_order, why
from taojin.tests.core.texts import QUICK
from taojin.tests.dedup.documents.test_clusters import rank_of

few = st.integers(0, 2)
ranks = st.lists(st.tuples(few, few, few, few, st.booleans()), min_size=1, max_size=8)


def ranked(rows: list[tuple[int, int, int, int, bool]]) -> pl.DataFrame:
    names = ("priority", "quality", "length", "date", "against")
    columns = {name: [float(v) if name == "quality" else v for v in column]
               for name, column in zip(names, zip(*rows, strict=True), strict=True)}  # fmt: skip
    return rank_of([f"d{number}" for number in range(len(rows))], **columns)


@pytest.mark.parametrize(
    ("rule", "first"),
    [(["priority"], "p"), (["quality"], "q"), (["length"], "n"), (["date"], "t"), (["doc_id"], "a"),
     ([], "a"), (["length", "quality"], "n"), (["quality", "priority"], "q"), (KEEP_RULES, "p")],
)  # fmt: skip
def test_the_keep_rule_prefers_in_its_own_order(rule: list[str], first: str):
    rank = rank_of(
        "zanpqt",
        priority=[9, 9, 9, 0, 9, 9],
        quality=[0, 0, 0, 0, 1, 0],
        length=[1, 1, 9, 1, 1, 1],
        date=[OLDEST, 1, 2, 3, 4, 5],
    )
    assert keep_order(rank, rule)["doc_id"][0] == first
    assert sorted(keep_order(rank, rule)["doc_id"]) == sorted("zanpqt")


def test_the_default_rule_is_priority_quality_length_date_doc_id():
    assert KEEP_RULES == ("priority", "quality", "length", "date", "doc_id")


def test_equals_are_kept_by_the_smaller_id():
    assert keep_order(rank_of("cab"), KEEP_RULES)["doc_id"].to_list() == ["a", "b", "c"]


@QUICK
@given(rows=ranks, rule=st.permutations(KEEP_RULES).map(lambda rule: rule[:3]))
def test_why_is_the_first_key_that_differs_and_a_chain_has_the_earlier_one(rows, rule):
    rank = keep_order(ranked(rows), rule)
    keys = ["against", *(name for name in rule if name != "doc_id"), "doc_id"]
    table = {row["doc_id"]: row for row in rank.iter_rows(named=True)}
    ids = rank["doc_id"].to_list()

    def first(one: str, other: str) -> str | None:
        return next((key for key in keys if table[one][key] != table[other][key]), None)

    pairs = [(ids[late], ids[early]) for late in range(len(ids)) for early in range(late + 1)]
    found = why(pl.DataFrame(pairs, schema=["doc_id", "kept_id"], orient="row"), rank, rule)
    assert found.to_list() == [first(*pair) for pair in pairs]
    if len(ids) >= 3:
        one, other = first(ids[2], ids[1]), first(ids[1], ids[0])
        got = pl.select(earlier_key(pl.lit(one), pl.lit(other), rule)).item()
        assert got == first(ids[2], ids[0])


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05+00:00"),
        ("2024-01-02T03:04:05.123456Z", "2024-01-02T03:04:05+00:00"),
        ("2024-01-02T03:04:05+08:00", "2024-01-01T19:04:05+00:00"),
        ("2024-01-02 03:04 -0330", "2024-01-02T06:34:00+00:00"),
        (" 2024-01-02 ", "2024-01-02T00:00:00+00:00"),
        ("2024年1月2日", "2024-01-02T00:00:00+00:00"),
        ("2024年01月02日 03:04", "2024-01-02T03:04:00+00:00"),
        ("2024/1/2", "2024-01-02T00:00:00+00:00"),
        ("20240102030405", "2024-01-02T03:04:05+00:00"),
        ("20240102T030405Z", "2024-01-02T03:04:05+00:00"),
        ("20240102", "2024-01-02T00:00:00+00:00"),
        ("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37+00:00"),
        ("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37+00:00"),
        ("Sunday, 06-Nov-05 08:49:37 GMT", "2005-11-06T08:49:37+00:00"),
        ("Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37+00:00"),
        ("Mon, 1 Jan 2024 00:00:00 +0800", "2023-12-31T16:00:00+00:00"),
        ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59+00:00"),
    ],
)
def test_a_date_is_read_in_the_forms_that_sources_write(written: str, iso: str):
    found = seconds(pl.Series([written]))
    assert found.name == "date" and found.dtype == pl.Int64
    assert pl.select(pl.from_epoch(pl.lit(found))).item().isoformat() == iso[:19]


@pytest.mark.parametrize(
    "written", ["", None, "soon", "2024-02-31", "2024-13-01", "12345678901", "1/2/3"]
)
def test_a_date_that_cannot_be_read_is_the_oldest(written: str | None):
    assert seconds(pl.Series([written], dtype=pl.String)).to_list() == [OLDEST]


def test_many_dates_are_read_each_by_itself():
    many = ["2024-01-02", "nothing", "Sun, 06 Nov 1994 08:49:37 GMT", None]
    assert seconds(pl.Series(many)).to_list() == [
        seconds(pl.Series([one], dtype=pl.String))[0] for one in many
    ]
    assert seconds(pl.Series([], dtype=pl.String)).to_list() == []
