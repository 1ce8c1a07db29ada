"""The rounds that cut passages: nothing is lost, nothing is left to cut, and no order matters."""

from collections.abc import Mapping

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taojin.core.edits import Edit, apply
from taojin.dedup.passages import parse
from taojin.pipeline.recipe import Host, Passages, Substring, Within
from taojin.tests.dedup import passage_oracle as oracle
from taojin.tests.pipeline.passage_rounds import cut

SOME = settings(max_examples=15, deadline=None)

WORDS = st.sampled_from("sand gold river wash pan stone creek light miner claim".split())
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
    lambda size, **rest: Passages(
        substring=Substring(units=size, most=rest.pop("shared")) if size else False,
        **rest,
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
    assert counted.sort("doc_id").select("passages").equals(metrics.sort("doc_id").select("passages"))


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
    assert [doc_id for doc_id, text in after.items() if "rights" in text] == ["0000", "0006", "0007"]


def test_switches() -> None:
    texts = numbered(12, FOOTER)
    off: Mapping[str, bool] = {"line": False, "sentence": False, "host": False, "substring": False}
    assert kinds(cut(texts, Passages())[1]) == {"line": 11}
    assert kinds(cut(texts, Passages(most=12, substring=False))[1]) == {}
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
    after, edits, _ = cut(texts, Passages(most=1))
    assert all(text.endswith(footer) == (doc_id == "0000") for doc_id, text in after.items())
    for doc_id, start, end in edits.select("doc_id", "start", "end").iter_rows():
        assert texts[doc_id][start:end] == footer


def test_no_character_is_cut_in_half() -> None:
    """google-research/deduplicate-text-datasets cuts at bytes: what is left is not always UTF-8."""
    span = "金子沉在盘底，沙子随水流走，淘金人一遍又一遍地摇着盘子，直到傍晚。夜里他数了数，一共有七粒，最大的一粒像米那么大，他很高兴。"
    texts = {"0000": f"甲。{span}完。", "0001": f"\U00020000\u0301乙乙{span}\U00020001。\n别的。"}
    after, edits, _ = cut(texts, Passages())
    assert kinds(edits) == {"substring": 1}
    assert after["0000"] == texts["0000"]
    left = after["0001"]
    assert left.encode().decode() == left
    kept = span.index("夜里")
    assert left == texts["0001"].replace(span[kept:], "") or left.startswith("\U00020000\u0301乙乙")


def test_a_copy_is_cut_as_the_document_that_stands_for_it() -> None:
    texts = numbered(12, FOOTER)
    texts["0012"], texts["0013"] = texts["0005"], texts["0000"]
    after, _, _ = cut(texts, Passages(), copies={"0012": "0005", "0013": "0000"})
    assert after["0012"] == after["0005"] != texts["0005"]
    assert after["0013"] == after["0000"] == texts["0000"]


def test_a_document_over_the_bound_in_both_passes_is_put_back() -> None:
    span = " ".join(f"{BODY} {n}, and so on." for n in ("one", "two", "three", "four"))
    texts = numbered(12, *[f"Line {n} of this page. {BODY} number {n}." for n in range(30)])
    texts = {doc_id: text.replace("page. ", f"page {doc_id}. ") for doc_id, text in texts.items()}
    texts = {doc_id: f"{text}\n{FOOTER * 8}" for doc_id, text in texts.items()}
    texts["0012"] = span
    texts["0013"] = f"Own words here.\n{FOOTER * 8}\n{span}\n" + "\n".join(f"Word {n}." for n in range(60))
    alone = {"0012": texts["0012"], "0013": texts["0013"]}
    bound = Passages(sentence=False, most_removed=0.45)
    assert kinds(cut(alone, bound)[1]) == {"substring": 1}
    assert kinds(cut({k: v for k, v in texts.items() if k != "0012"}, bound)[1]).get("line") == 12
    after, edits, metrics = cut(texts, bound)
    assert after["0013"] == texts["0013"]
    assert edits.filter(doc_id="0013").is_empty()
    counts = metrics.filter(doc_id="0013")["passages"][0]
    assert counts["spared_character_ratio"] > 0.45
    assert counts["cut_character_ratio"] == 0
