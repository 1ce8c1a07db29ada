"""Long spans: every window that two documents share is found, and whole passages alone are cut."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from taojin.dedup.passages import window_kernels
from taojin.dedup.passages.repeated import Rules, parse, repeated
from taojin.dedup.passages.substrings import (
    anchor_rows,
    doubtful,
    found_substrings,
    known_rows,
    new_windows,
    window_rows,
)
from taojin.tests.core.texts import QUICK, documents
from taojin.tests.dedup import passage_oracle as oracle

SIZE = 6
RULES = Rules(sentence=2, line=1, host_most=None, substring=SIZE)
WORDS = st.sampled_from(
    ["a", "b", "c", "沙", "金", "Gold", "pan.", "river,", "水。", "\n", "\n```\n"]
)
texts = st.lists(WORDS, max_size=30).map(" ".join)


def windows(text: str) -> list[tuple[int, tuple[str, ...]]]:
    """First unit and units of every window, which no border crosses."""
    stretches: dict[int, list[str]] = {}
    begins: dict[int, int] = {}
    for passage in oracle.passages(text, 2):
        begins.setdefault(passage.stretch, passage.first)
        stretches.setdefault(passage.stretch, []).extend(passage.units)
    return [
        (begins[number] + at, tuple(units[at : at + SIZE]))
        for number, units in stretches.items()
        for at in range(len(units) - SIZE + 1)
    ]


def shared(column: list[str]) -> pl.DataFrame:
    table = documents(column)
    anchors = repeated(anchor_rows(table, RULES), RULES.bounds())
    return repeated(window_rows(table, anchors["key"], RULES), RULES.bounds())


@QUICK
@given(column=st.lists(texts, min_size=2, max_size=4))
def test_every_window_that_two_documents_share_is_found(column: list[str]) -> None:
    holders: dict[tuple[str, ...], dict[int, int]] = {}
    for number, text in enumerate(column):
        for at, window in windows(text):
            holders.setdefault(window, {}).setdefault(number, at)
    expected = sorted(
        (f"{min(own):032x}", own[min(own)], len(own)) for own in holders.values() if len(own) > 1
    )
    assert sorted(shared(column).select("keeper", "position", "documents").rows()) == expected


@QUICK
@given(column=st.lists(texts, min_size=1, max_size=4))
def test_known_windows_are_found_wherever_they_stand(column: list[str]) -> None:
    everything = new_windows(documents(column), every(column), RULES)["key"]
    rows = known_rows(documents(column), everything, RULES)
    expected = [
        (f"{number:032x}", at)
        for number, text in enumerate(column)
        for at in {window: at for at, window in reversed(windows(text))}.values()
    ]
    assert sorted(rows.select("doc_id", "position").rows()) == sorted(expected)
    assert known_rows(documents(column), everything.head(0), RULES).is_empty()


def every(column: list[str]) -> pl.DataFrame:
    ids = documents(column).select("doc_id")
    return ids.with_columns(pl.lit(None, pl.Int64).alias("at"))


@QUICK
@given(text=texts, at=st.integers(0, 40))
def test_new_windows_are_those_that_hold_a_join(text: str, at: int) -> None:
    table = documents([text])
    passages = oracle.passages(text, 2)
    starts = [one for one in passages if one.start >= at]
    places = pl.DataFrame({"doc_id": table["doc_id"], "at": [at]})
    keys = new_windows(table, places, RULES)["key"]
    found = known_rows(table, keys, RULES)["position"].to_list()
    unit = starts[0].first if starts else -1
    holding = {window for first, window in windows(text) if first < unit < first + SIZE}
    expected = {window: first for first, window in reversed(windows(text)) if window in holding}
    assert sorted(found) == sorted(expected.values())


def brute(spans: np.ndarray, hits: dict[tuple[int, int], tuple[int, int]]) -> list[bool]:
    """Whether one document holds each passage from its first unit to its last."""
    held = []
    for doc, first, last in spans[:, [0, 3, 4]].tolist():
        if last - first < SIZE:
            held.append(any((doc, at) in hits for at in range(max(0, last - SIZE), first + 1)))
            continue
        own = [hits.get((doc, at)) for at in range(first, last - SIZE + 1)]
        start = own[0]
        held.append(
            start is not None and own == [(start[0], start[1] + step) for step in range(len(own))]
        )
    return held


@QUICK
@given(data=st.data())
def test_a_passage_is_held_where_its_windows_follow_each_other(data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(1, 9), min_size=1, max_size=6))
    ends = np.cumsum(sizes)
    spans = np.zeros((len(sizes), 9), np.int64)
    spans[:, 3], spans[:, 4] = ends - sizes, ends
    most = int(ends[-1]) - SIZE + 1
    hits = {}
    if most > 0:
        for at in data.draw(st.sets(st.integers(0, most - 1)) | st.just(set(range(most)))):
            jump = data.draw(st.sampled_from([0, 0, 0, 0, 7]))
            hits[0, at] = (data.draw(st.sampled_from([1, 1, 1, 2])), at + jump)
    places = np.array([[doc, at, 0] for doc, at in sorted(hits)], np.int64).reshape(-1, 3)
    keepers = np.array([hits[key][0] for key in sorted(hits)], np.int64)
    positions = np.array([hits[key][1] for key in sorted(hits)], np.int64)
    found = window_kernels.held(spans, places, keepers, positions, SIZE).tolist()
    expected = brute(spans, hits)
    run: list[int] = []
    for at in range(len(sizes) + 1):
        if at < len(sizes) and expected[at]:
            run.append(at)
            continue
        if sum(sizes[one] for one in run) < SIZE:
            for one in run:
                expected[one] = False
        run = []
    assert found == expected


LONG = "金子沉在盘底，沙子随水流走，淘金人一遍又一遍地摇着盘子。"
MORE = "Grains of gold stay in the pan while sand and water leave it again."


def cut(column: list[str], rules: Rules) -> list[str]:
    table = documents(column)
    found = found_substrings(table, table["doc_id"], shared_under(column, rules), rules)
    return [
        column[row][start:end]
        for row, start, end in found.select("row", "start", "end").iter_rows()
    ]


def shared_under(column: list[str], rules: Rules) -> pl.DataFrame:
    table = documents(column)
    anchors = repeated(anchor_rows(table, rules), rules.bounds())
    return repeated(window_rows(table, anchors["key"], rules), rules.bounds())


def test_cuts_are_whole_sentences_within_the_span() -> None:
    rules = Rules(sentence=5, line=1, host_most=None, substring=12)
    first = f"甲说了很多话，最后他说{LONG}{MORE} 然后就走了。"
    second = f"乙没有说话，{LONG}{MORE} 然后就走了，没有回来。"
    assert cut([first, second], rules) == [MORE + " "]


def test_wrapping_lines_and_punctuation_do_not_hide_a_span() -> None:
    rules = Rules(sentence=None, line=1, host_most=None, substring=12)
    wrapped = MORE.replace(" the", "\nthe").replace(" and ", "\n and ")
    assert cut([wrapped.upper().replace(".", " !"), f"Own text.\n{MORE}"], rules) == [MORE]


def test_no_window_crosses_a_table() -> None:
    rules = Rules(sentence=None, line=1, host_most=None, substring=12)
    half, rest = "Grains of gold stay in the pan", "while sand and water leave it"
    assert cut([f"{half}\n{rest}", f"{half}\n| a |\n{rest}"], rules) == []
    assert cut([f"{half}\n{rest}", f"Own.\n{half}\n{rest}"], rules) == [f"{half}\n{rest}"]


def test_a_heading_stays_and_a_colon_goes_with_what_follows_it() -> None:
    rules = Rules(sentence=None, line=1, host_most=None, substring=12)
    text = f"# The gold\n{MORE}\nThis is what follows:\n{LONG}"
    assert cut([text, text], rules) == [MORE, "This is what follows:", LONG]
    other = f"{MORE}\nThis is what follows:\nsomething else"
    assert cut([text, other], rules) == [MORE]


def test_what_a_keeper_may_lose_is_doubtful() -> None:
    """The first keeps b for the second, which would keep the windows over a and b for the third."""
    rules = Rules(sentence=None, line=1, host_most=None, substring=12)
    column = [f"Other words.\n{MORE}\nOther ends.", f"{LONG}\n{MORE}", f"{LONG} {MORE}"]
    table = documents(column)
    found = shared_under(column, rules)
    doubts = doubtful(table, table["doc_id"], found, rules)
    kept = dict(found.select("key", "keeper").iter_rows())
    assert doubts.height == 11
    assert {kept[key] for key in doubts["key"]} == {f"{1:032x}"}
    sure = found.join(doubts, on="key", how="anti", maintain_order="left")
    cuts = found_substrings(table, table["doc_id"], sure, rules)
    assert cuts.select("row").to_series().to_list() == [1]


def test_positions_are_code_points() -> None:
    rules = Rules(sentence=None, line=1, host_most=None, substring=12)
    emoji = "👩\u200d🌾𠀀 一行有表情的文字。"
    column = [MORE, f"{emoji}\n{MORE}\n{emoji}"]
    table = documents(column)
    found = found_substrings(table, table["doc_id"], shared_under(column, rules), rules)
    start, end = found.select("start", "end").row(0)
    assert column[1][start:end] == MORE
    assert parse(table["text"], rules).table["end"].to_list()[-1] == len(column[1])
