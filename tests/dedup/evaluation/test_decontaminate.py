from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taojin.core import stage
from taojin.dedup.evaluation.cut_items import CutItems
from taojin.dedup.evaluation.decontaminate import (
    BY_KEY,
    BY_STRETCH,
    LEAST_CHARACTERS,
    LEAST_WORDS,
    NOT,
    SHORTEST_KEY,
    WHOLE,
    Item,
    Overlap,
    build,
    load,
)
from taojin.pipeline.settings.evaluation import Decontaminate
from taojin.tests import oracles
from taojin.tests.core.texts import documents

ENGLISH = (
    "Natalia sold clips to forty-eight of her friends in April, and then she sold half as many "
    "clips in May. How many clips did Natalia sell altogether?"
)
CHINESE = "下列关于中国古代淘金技术的说法中，正确的一项是哪一个？请从四个选项中选出答案。"
ITEMS = [ENGLISH, CHINESE]
CLEAN = [
    "The river carries sand, and in the sand there is gold that the diggers wash out by hand.",
    "河里有沙，沙里有金，淘金的人每天在河边洗沙，留下金子，把沙倒回河里。",
    "",
    "Natalia sold clips to her friends. How many did she sell?",
]


def index_of(path: Path, items: Sequence[str | Item]) -> pl.Series:
    return build([Item(item) if isinstance(item, str) else item for item in items], path)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("index") / "items.parquet"
    index_of(path, ITEMS)
    return path


def measured(index: Path, texts: Sequence[str]) -> list[tuple[float, int]]:
    found = stage.run(Overlap(index), documents(texts))["decontamination"]
    return [(row["overlap"], row["item_count"]) for row in found]


def words(number: int, first: int = 0) -> str:
    return " ".join(f"word{n}" for n in range(first, first + number))


@pytest.mark.parametrize("item", ITEMS)
def test_a_question_is_found_whole(index: Path, item: str) -> None:
    before, after = "Some words before. 前面的话。", "之后的话。 And some after."
    assert measured(index, [f"{before}\n{item}\n{after}"]) == [(1.0, 1)]


@pytest.mark.parametrize(
    "disguised",
    [
        ENGLISH.upper(),
        ENGLISH.replace(" ", "\n\u00a0 "),
        ENGLISH.replace(",", " ;").replace("?", "").replace("-", " "),
        "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in ENGLISH),
        f"“{ENGLISH}”",
        ENGLISH.replace("clips", "cl\u00adips").replace("sold", "so\u200bld"),
        ENGLISH.replace("friends", "**friends**").replace("half", "$half$"),
        CHINESE.replace("，", ",").replace("？", " ? ").replace("。", ""),
        " ".join(CHINESE),
        CHINESE.replace("说", "說").replace("技术", "技術").replace("个", "個"),
        CHINESE.replace("？", "____？").replace("中，", "中（　　），"),
    ],
)
def test_case_width_script_punctuation_and_white_space_hide_nothing(
    index: Path, disguised: str
) -> None:
    assert measured(index, [f"Before that, {disguised} 后来"]) == [(1.0, 1)]


def test_clean_text_has_no_overlap(index: Path) -> None:
    assert measured(index, CLEAN) == [(0.0, 0)] * len(CLEAN)


def test_overlap_is_the_share_of_units_found(index: Path) -> None:
    units, characters = oracles.units(ENGLISH), oracles.units(CHINESE)
    half, part = " ".join(units[:14]), "".join(characters[2:22])
    assert measured(index, [half, part]) == [
        (pytest.approx(14 / len(units)), 1),
        (pytest.approx(20 / len(characters)), 1),
    ]


@pytest.mark.parametrize(("item", "least"), [(words(30), LEAST_WORDS), (CHINESE, LEAST_CHARACTERS)])
def test_a_shorter_stretch_says_nothing(tmp_path: Path, item: str, least: int) -> None:
    index_of(tmp_path / "i", [item])
    units = oracles.units(item)
    counts = [count for _, count in measured(tmp_path / "i", [
        " ".join(units[:size]) for size in (least - 1, least)
    ])]  # fmt: skip
    assert counts == [0, 1]


def test_a_changed_number_ends_no_stretch(index: Path) -> None:
    changed = ENGLISH.replace("forty-eight", "52")
    units = len(oracles.units(ENGLISH))
    rest = units - 6  # natalia sold clips to: too short a run by itself
    assert measured(index, [changed]) == [(pytest.approx(rest / units), 1)]
    inside = ENGLISH.replace("half as", "a third as")
    assert measured(index, [inside]) == [(pytest.approx((units - 1) / units), 1)]


def test_far_apart_runs_are_no_stretch(index: Path) -> None:
    units = oracles.units(ENGLISH)
    apart = f"{' '.join(units[:9])} {words(40)} {' '.join(units[9:18])}"
    assert measured(index, [apart]) == [(pytest.approx(9 / len(units)), 1)]


def test_a_long_item_counts_as_125_units(tmp_path: Path) -> None:
    """So that 50 units of it are as much as two fifths of any other."""
    index_of(tmp_path / "i", [words(1000)])
    found = measured(tmp_path / "i", [words(50, 100), words(125, 800), words(1000)])
    assert found == [(pytest.approx(50 / WHOLE), 1), (1.0, 1), (1.0, 1)]


def test_the_greatest_overlap_and_the_number_of_items(index: Path) -> None:
    units = oracles.units(ENGLISH)
    text = f"{CHINESE} {' '.join(units[:13])}"
    assert measured(index, ["no", text, ENGLISH]) == [(0.0, 0), (1.0, 2), (1.0, 1)]


@pytest.mark.parametrize(
    ("item", "search"),
    [
        (Item(words(LEAST_WORDS)), BY_STRETCH),
        (Item(words(LEAST_WORDS - 1)), BY_KEY),
        (Item(words(SHORTEST_KEY)), BY_KEY),
        (Item(words(SHORTEST_KEY - 1)), NOT),
        (Item(CHINESE[:LEAST_CHARACTERS]), BY_STRETCH),
        (Item(CHINESE[: LEAST_CHARACTERS - 1]), BY_KEY),
        (Item(CHINESE[: SHORTEST_KEY - 1]), NOT),
        (Item(words(13), field="option"), BY_STRETCH),
        (Item(words(12), field="option"), NOT),
        (Item(CHINESE[:19], field="answer"), BY_STRETCH),
        (Item(CHINESE[:17], field="answer"), NOT),
        (Item("PowerPoint设计模板的说法中，正确的选项是"), BY_STRETCH),
        (Item("C"), NOT),
        (Item(""), NOT),
    ],
)
def test_how_an_item_is_searched_for(tmp_path: Path, item: Item, search: str) -> None:
    assert index_of(tmp_path / "i", [item]).to_list() == [search]
    found = 1 if search != NOT else 0
    assert measured(tmp_path / "i", [f"Look.\n{item.text}\nYes."]) == [(float(found), found)]
    inside = 1 if search == BY_STRETCH else 0
    assert measured(tmp_path / "i", [f"look {item.text} 是"]) == [(float(inside), inside)]


def test_equal_items_count_each(tmp_path: Path) -> None:
    index_of(tmp_path / "i", [words(20), words(14) + " other end", words(20)])
    assert measured(tmp_path / "i", [words(20)]) == [(1.0, 3)]
    hits = load(tmp_path / "i").hits(pl.Series(["", words(20)]))
    assert hits["item"].to_list() == [0, 1, 2] and hits["document"].to_list() == [1, 1, 1]


def test_an_item_that_repeats_itself_reaches_one(tmp_path: Path) -> None:
    item = (words(13) + " ") * 3
    index_of(tmp_path / "i", [item])
    assert measured(tmp_path / "i", [item, words(13)]) == [(1.0, 1), (pytest.approx(1 / 3), 1)]


@pytest.mark.parametrize("before", ["", "金沙", "😀 👩\u200d🌾 ", "e\u0301\u00ad ﷺ\r\n", "\ufeff"])
@pytest.mark.parametrize("item", ITEMS)
def test_places_are_code_points_of_the_text(index: Path, item: str, before: str) -> None:
    """One peer gives bytes, and places beyond the end of Chinese text."""
    text = f"{before}\n{item}\n{item[:4]} 完 {item.swapcase()}"
    hits = load(index).hits(pl.Series([text]))
    places = [text[start:end] for start, end in hits.select("start", "end").iter_rows()]
    assert places == [item[:-1], item.swapcase()[:-1]]


def test_an_index_is_the_same_bytes_again_and_holds_no_text(tmp_path: Path, index: Path) -> None:
    index_of(tmp_path / "again", ITEMS)
    assert (tmp_path / "again").read_bytes() == index.read_bytes()
    assert set(pl.read_parquet(index).columns) == {
        "benchmark", "id", "field", "search", "least", "units",
    }  # fmt: skip


def test_no_document_has_no_overlap(index: Path) -> None:
    assert measured(index, []) == []


@pytest.mark.parametrize("items", [[], ["too short"]])
def test_an_index_without_items_finds_nothing(tmp_path: Path, items: list[str]) -> None:
    index_of(tmp_path / "i", items)
    assert measured(tmp_path / "i", [ENGLISH, ""]) == [(0.0, 0)] * 2


LETTERS = st.lists(st.sampled_from("abcdef"), min_size=0, max_size=26).map(" ".join)
quick = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@quick
@given(texts=st.lists(LETTERS, max_size=4), cut=st.integers(0, 3))
def test_what_is_found_in_a_document_depends_on_it_alone(
    index: Path, texts: list[str], cut: int
) -> None:
    """Whatever partition it is in, and wherever there."""
    texts = [*texts, ENGLISH, CHINESE, ENGLISH + texts[0] if texts else CHINESE]
    together = stage.run(Overlap(index), documents(texts))
    parts = [stage.run(Overlap(index), documents([text])) for text in reversed(texts)]
    apart = pl.concat(reversed(parts))
    columns = ["decontamination", "contamination"]
    assert together.select(columns).equals(apart.select(columns))
    assert (
        together[cut:]
        .select(columns)
        .equals(stage.run(Overlap(index), documents(texts)[cut:]).select(columns))
    )


@quick
@given(start=st.integers(0, 20), size=st.integers(0, 30))
def test_a_single_run_is_told_as_the_oracle_tells_it(index: Path, start: int, size: int) -> None:
    units = oracles.units(ENGLISH.lower())
    part = units[start : start + size]
    text = f"a b c {' '.join(part)} d e f"
    expected = len(part) / len(units) if len(part) >= LEAST_WORDS else 0.0
    assert measured(index, [text]) == [(pytest.approx(expected), int(expected > 0))]


def cut(index: Path, text: str, most_removed: float = 1.0) -> tuple[str, pl.DataFrame]:
    marked = stage.run(CutItems(index, 0.4, most_removed), documents([text]))
    changed, edits = stage.apply_edits(marked, "decontaminate", step=3)
    return changed["text"][0], edits.hstack(
        marked.select("cut_items").unnest("cut_items")[[0] * edits.height]
    )


@pytest.mark.parametrize("item", ITEMS)
def test_a_cut_takes_the_stretch_and_leaves_the_rest(index: Path, item: str) -> None:
    text, edits = cut(index, f"😀金 before.\n{item}\nafter 之后。 {item[:10]}")
    assert text == f"😀金 before.\n\nafter 之后。 {item[:10]}"
    assert edits.select("kind", "start", "end", "inserted", "item_count").rows() == [
        ("question", 11, 11 + len(item), 0, 1)
    ]
    assert measured(index, [text]) == [(0.0, 0)]


def test_overlapping_stretches_are_cut_as_one(tmp_path: Path) -> None:
    """One peer leaves the text of two overlapping spans in place."""
    index_of(tmp_path / "i", [words(20), words(20, 10)])
    text, edits = cut(tmp_path / "i", f"before {words(30)} after")
    assert text == "before  after"
    assert edits["item_count"].to_list() == [2] and edits.height == 1


def test_a_document_that_would_lose_too_much_is_left_whole(index: Path) -> None:
    text, edits = cut(index, f"{ENGLISH} tiny", most_removed=0.9)
    assert text == f"{ENGLISH} tiny" and edits.is_empty()
    assert measured(index, [text]) == [(1.0, 1)]


def test_what_holds_less_than_the_bound_is_not_cut(index: Path) -> None:
    text = " ".join(oracles.units(ENGLISH)[:9])
    assert cut(index, text)[0] == text


def test_measured_on_documents_with_planted_questions(shared_data: Path, tmp_path: Path) -> None:
    """By the default bound; a question with other numbers is arguable."""
    folder = shared_data / "decontam"
    questions = pl.read_ndjson(folder / "eval_questions.jsonl.zst")["question"].to_list()
    index_of(tmp_path / "i", questions)
    planted = pl.read_ndjson(folder / "documents.jsonl.zst", infer_schema_length=None)
    planted = planted.filter(pl.col("kind") != "numbers_changed").select("text", "contaminated")
    overlap = Overlap(tmp_path / "i")(planted)["decontamination"].struct.field("overlap")
    found, true = overlap > Decontaminate().most_overlap, planted["contaminated"]
    assert true.sum() > 100 and (~true).sum() > 100
    assert (found & true).sum() / found.sum() >= 0.995
    assert (found & true).sum() / true.sum() >= 0.98


def test_measured_on_documents_with_nothing_planted(shared_data: Path, tmp_path: Path) -> None:
    """Real Chinese and English text: what holds most of a question quotes the same law."""
    questions = pl.read_ndjson(shared_data / "decontam" / "eval_questions.jsonl.zst")
    index_of(tmp_path / "i", questions["question"].to_list())
    for name in ("docs_zh", "docs_en"):
        texts = pl.read_ndjson(shared_data / name / f"{name}.jsonl.zst")["text"]
        hits = load(tmp_path / "i").hits(texts)
        flagged = hits.filter(pl.col("overlap") > Decontaminate().most_overlap)
        assert flagged["document"].n_unique() / texts.len() < 0.003
