"""The rounds that cut passages: nothing is lost, nothing is left to cut, and no order matters."""

from collections.abc import Mapping

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taojin.core.edits import Edit, apply
from taojin.dedup.passages.repeated import parse
from taojin.pipeline.settings.dedup import Host, Passages, Substring, Within
from taojin.tests.dedup import passage_oracle as oracle
from taojin.tests.pipeline.passage_rounds import cut

SOME = settings(max_examples=4, deadline=None)  # an example is a whole run of the rounds

WORDS = st.sampled_from(
    ["sand", "gold", "river", "wash", "pan", "stone", "creek", "light", "miner", "claim"]
)
HAN = st.text(st.sampled_from("沙里淘金子河水石头光年"), min_size=1, max_size=14)
SENTENCES = st.one_of(
    st.builds(
        lambda words, end, big: (" ".join(words).capitalize() if big else " ".join(words)) + end,
        st.lists(WORDS, min_size=1, max_size=12),
        st.sampled_from([".", ".", "!", "", ":", ",", " e.g."]),
        st.sampled_from([True, True, True, False]),
    ),
    st.builds(str.__add__, HAN, st.sampled_from("。！；，")),
)
BLOCKS = ["\n```\nSand and gold.\n```\n", "\n| Sand | gold |\n", "\n# Gold\n"]


@st.composite
def corpora(draw: st.DrawFn) -> dict[str, str]:
    """Texts made of few sentences, so that much repeats."""
    pool = draw(st.lists(SENTENCES, min_size=2, max_size=7))
    pieces = st.one_of(*[st.sampled_from(pool)] * 6, st.sampled_from(BLOCKS))
    joints = st.sampled_from([" ", " ", "", "\n", "\n", "\n\n"])
    texts = st.lists(st.builds(str.__add__, pieces, joints), min_size=1, max_size=9).map("".join)
    ids = draw(st.permutations([f"{number:04d}" for number in range(draw(st.integers(2, 6)))]))
    return {doc_id: draw(texts) for doc_id in ids}


SETTINGS = st.builds(
    lambda size, shared, **rest: Passages(
        substring=Substring(units=size, most=shared) if size else False, **rest
    ),
    size=st.sampled_from([0, 12, 20]),
    shared=st.sampled_from([1, 1, 2]),
    most=st.integers(1, 3),
    line=st.sampled_from([False, 3, 6]),
    sentence=st.sampled_from([False, 4, 8]),
    host=st.sampled_from([False, Host(most=1, units=2), Host(most=2, units=3)]),
    within=st.sampled_from([False, Within(most=1, units=4)]),
    most_removed=st.sampled_from([0.3, 0.6, 1.0]),
)
URLS = {f"{number:04d}": f"https://host{number % 2}.org/" for number in range(5)}


@SOME
@given(texts=corpora(), settings=SETTINGS)
def test_cutting_again_cuts_nothing(texts: dict[str, str], settings: Passages) -> None:
    after, _, _ = cut(texts, settings, URLS)
    again, edits, _ = cut(after, settings, URLS)
    assert again == after
    assert edits.is_empty()


@SOME
@given(texts=corpora(), settings=SETTINGS)
def test_no_passage_is_lost_and_code_and_tables_stay(
    texts: dict[str, str], settings: Passages
) -> None:
    after, edits, metrics = cut(texts, settings, URLS)
    assert_nothing_lost(list(texts.values()), list(after.values()), settings)
    for doc_id, text in texts.items():
        assert composed(text, edits.filter(doc_id=doc_id)) == after[doc_id]
        counts = metrics.filter(doc_id=doc_id)["passages"][0]
        gone = 1 - len(after[doc_id]) / max(len(text), 1)
        assert counts["cut_character_ratio"] == pytest.approx(gone)
        for block in BLOCKS:
            assert after[doc_id].count(block.strip()) == text.count(block.strip())


def assert_nothing_lost(before: list[str], after: list[str], settings: Passages) -> None:
    """Every line or sentence stands somewhere, from its first unit to its last."""
    left = [oracle.units(text) for text in after]
    passages = parse(pl.Series(before), settings.rules()).table
    for row, start, end in passages.select("row", "start", "end").iter_rows():
        units = oracle.units(before[row][start:end])
        assert any(holds(units, own) for own in left), before[row][start:end]


def composed(text: str, edits: pl.DataFrame) -> str:
    """The text after the edits of every step, which cut and put nothing in."""
    for _, step in sorted(edits.group_by("step")):
        rows = step.sort("start").select("start", "end", "kind").iter_rows()
        text = apply(text, [Edit(*row) for row in rows])
    return text


def holds(units: list[str], own: list[str]) -> bool:
    return any(own[at : at + len(units)] == units for at in range(len(own) - len(units) + 1))


@SOME
@given(texts=corpora(), settings=SETTINGS, parts=st.integers(2, 4))
def test_neither_order_nor_chunks_matter(
    texts: dict[str, str], settings: Passages, parts: int
) -> None:
    after, edits, metrics = cut(texts, settings, URLS)
    other, same, counted = cut(dict(sorted(texts.items())), settings, URLS, parts)
    assert other == after
    order = ["doc_id", "step", "start"]
    assert same.sort(order).equals(edits.sort(order))
    assert (
        counted.sort("doc_id").select("passages").equals(metrics.sort("doc_id").select("passages"))
    )


FOOTER = "Subscribe to the weekly letter of the river valley observatory for more."
BODY = "The pan is washed in the cold river until only heavy gold remains in it, says page"


def numbered(count: int, *parts: str) -> dict[str, str]:
    return {f"{n:04d}": "\n".join([f"{BODY} {n}.", *parts]) for n in range(count)}


def kinds(edits: pl.DataFrame) -> dict[str, int]:
    return dict(edits["kind"].value_counts().iter_rows())


def test_pages_of_one_host_lose_their_footer_and_other_hosts_keep_theirs() -> None:
    texts = numbered(8, "All rights reserved by us")
    urls = {doc_id: f"https://{'a' if doc_id < '0006' else 'b'}.org/{doc_id}" for doc_id in texts}
    after, edits, _ = cut(texts, Passages(), urls)
    assert kinds(edits) == {"host_line": 5}
    assert [doc_id for doc_id, text in after.items() if "rights" in text] == [
        "0000",
        "0006",
        "0007",
    ]


def test_switches() -> None:
    texts = numbered(12, FOOTER)
    off: Mapping[str, bool] = {"line": False, "sentence": False, "host": False, "substring": False}
    assert kinds(cut(texts, Passages(most_removed=1))[1]) == {"line": 11}
    assert kinds(cut(texts, Passages())[1]) == {}  # each would lose nearly half of itself
    assert kinds(cut(texts, Passages(most=12, substring=False, most_removed=1))[1]) == {}
    assert kinds(cut(texts, Passages.model_validate({**off, "within": False}))[1]) == {}


def test_a_short_sentence_between_long_ones_is_restored_in_order() -> None:
    """datatrove's sentence_dedup with min_words_to_remove_span restores the first sentence of a
    span alone: "A. B. C. D. E." becomes "A. B. E."."""
    texts = {f"{n:04d}": f"Only {n}. Aa. Bb. Cc. Dd. Own {n}." for n in range(4)}
    after, edits, _ = cut(texts, Passages(most=1, line=False, sentence=9, substring=False))
    assert edits.is_empty()
    assert after == texts


def test_spans_are_code_points() -> None:
    """dolma's deduper gives bytes for the end of a document, and one too many for a paragraph."""
    footer = "欢迎关注本站的公众号，每周为您推送最新的淘金指南与器材评测。"
    texts = {f"{n:04d}": f"👩\u200d🌾𠀀第{n}篇讲的是不同的河流与沙。\n{footer}" for n in range(3)}
    after, edits, _ = cut(texts, Passages(most=1, most_removed=1))
    assert edits.height == 2
    assert all(text.endswith(footer) == (doc_id == "0000") for doc_id, text in after.items())
    for doc_id, start, end in edits.select("doc_id", "start", "end").iter_rows():
        assert texts[doc_id][start:end] == footer


def test_no_character_is_cut_in_half() -> None:
    """google-research/deduplicate-text-datasets cuts at bytes: what is left is not always UTF-8."""
    span = "金子沉在盘底，沙子随水流走，淘金人一遍又一遍地摇着盘子，直到傍晚。夜里他数了数，一共有七粒，最大的一粒像米那么大，他很高兴。"
    texts = {"0000": f"甲。\n{span}\n完。", "0001": f"\U00020000\u0301乙乙\n{span}\n\U00020001。"}
    after, edits, _ = cut(texts, Passages(most_removed=1))
    assert kinds(edits) == {"substring": 1}
    assert after == {"0000": texts["0000"], "0001": texts["0001"].replace(f"{span}\n", "")}


def test_a_copy_is_cut_as_the_document_that_stands_for_it() -> None:
    texts = numbered(12, FOOTER)
    texts["0012"], texts["0013"] = texts["0005"], texts["0000"]
    after, _, _ = cut(texts, Passages(most_removed=1), copies={"0012": "0005", "0013": "0000"})
    assert after["0012"] == after["0005"] != texts["0005"]
    assert after["0013"] == after["0000"] == texts["0000"]


SPANS = Passages(
    line=False,
    sentence=False,
    host=False,
    within=False,
    substring=Substring(units=12),
    most_removed=1,
)
"""Whole lines within spans of twelve units."""
SHORT = "Grains of gold stay in the pan"
OTHER = "While sand and water leave it again"
LONG = "The oldest claim on the creek was sold for a mule and two sacks of flour"


def test_what_a_cut_brings_together_is_cut_in_the_next_round() -> None:
    texts = {
        "0000": LONG,
        "0001": f"{SHORT}\n{OTHER}",
        "0002": f"Own.\n{SHORT}\n{LONG}\n{OTHER}",
    }
    after, edits, _ = cut(texts, SPANS)
    assert after == {**texts, "0002": "Own.\n"}
    lost = edits.select("doc_id", "step").sort("step").rows()
    assert [doc_id for doc_id, _ in lost] == ["0002", "0002"]
    assert lost[0][1] < lost[1][1]


def test_nothing_is_cut_for_a_passage_that_its_keeper_loses_in_part() -> None:
    """The second holds the third's line, but loses the end of it, which the first keeps."""
    half = " ".join(LONG.split()[:8])
    texts = {
        "0000": f"{LONG}.",
        "0001": f"{SHORT}\n{LONG}.",
        "0002": f"{SHORT} {half}",
    }
    after, _, _ = cut(texts, SPANS)
    assert after == {**texts, "0001": f"{SHORT}\n"}


def test_a_document_that_loses_too_much_in_both_passes_is_put_back() -> None:
    two, three = (
        "\n".join(f"Word {number} {name}." for number in range(20)) for name in ("two", "three")
    )
    texts = {
        "0000": FOOTER,
        "0001": LONG,
        "0002": f"{FOOTER}\n{LONG}\n{two}",
        "0003": f"{FOOTER}\n{three}",
    }
    settings = SPANS.model_copy(update={"line": 12, "most": 2, "most_removed": 0.3})
    spans = {"0001": texts["0001"], "0002": texts["0002"]}
    assert kinds(cut(spans, settings)[1]) == {"substring": 1}
    after, edits, metrics = cut(texts, settings)
    assert after == {**texts, "0003": three}
    assert edits.select("doc_id", "kind").rows() == [("0003", "line")]
    counts = metrics.filter(doc_id="0002")["passages"][0]
    lost = len(FOOTER) + len(LONG) + 2
    assert counts["spared_character_ratio"] == pytest.approx(lost / len(texts["0002"]))
    assert counts["cut_character_ratio"] == counts["cut_line_count"] == 0


def test_a_document_that_is_left_whole_tells_what_it_would_lose() -> None:
    _, edits, metrics = cut(
        {"0000": LONG, "0001": LONG}, SPANS.model_copy(update={"most_removed": 0.5})
    )
    assert edits.is_empty()
    assert metrics.sort("doc_id")["passages"].struct.field("spared_character_ratio").to_list() == [
        0,
        1,
    ]


def test_what_comes_again_is_cut_by_line_not_by_sentence() -> None:
    """Each sentence is too short to be cut alone; two of the three are in a line with another."""
    line = f"{SHORT}, and {OTHER.lower()}. {LONG}."
    text = "\n".join([line, "One.", line, "Two.", line, "Three.", f"{LONG}."])
    within = Within(most=2, units=25)
    after, edits, _ = cut({"0000": text}, Passages(substring=False, within=within))
    assert after == {"0000": "\n".join([line, "One.", line, "Two.", "Three.", f"{LONG}."])}
    assert kinds(edits) == {"repeat": 1}
