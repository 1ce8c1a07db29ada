from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taojin.core import stage
from taojin.dedup.decontaminate import (
    CHARACTERS,
    SHORTEST_CHARACTERS,
    SHORTEST_WORDS,
    WORDS,
    Overlap,
    build,
    load,
)
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


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("index") / "items.parquet"
    build(ITEMS, path)
    return path


def measured(index: Path, texts: Sequence[str]) -> list[tuple[float, int]]:
    found = stage.run(Overlap(index), documents(texts))["decontamination"]
    return [(row["overlap"], row["item_count"]) for row in found]


def words(number: int) -> str:
    return " ".join(f"word{n}" for n in range(number))


@pytest.mark.parametrize("item", ITEMS)
def test_a_question_is_found_whole(index: Path, item: str):
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
        CHINESE.replace("，", ",").replace("？", " ? ").replace("。", ""),
        " ".join(CHINESE),
    ],
)
def test_case_width_punctuation_and_white_space_hide_nothing(index: Path, disguised: str):
    assert measured(index, [f"Before that, {disguised} 后来"]) == [(1.0, 1)]


def test_clean_text_has_no_overlap(index: Path):
    assert measured(index, CLEAN) == [(0.0, 0)] * len(CLEAN)


def test_overlap_is_the_share_of_windows_found(index: Path):
    units = oracles.units(ENGLISH)
    windows = len(units) - WORDS + 1
    half = " ".join(units[: WORDS + 3])
    assert measured(index, [half, " ".join(units[: WORDS - 1])]) == [
        (pytest.approx(4 / windows), 1),
        (0.0, 0),
    ]
    characters = oracles.units(CHINESE)
    part = "".join(characters[2 : 2 + CHARACTERS])
    assert measured(index, [part]) == [(pytest.approx(1 / (len(characters) - CHARACTERS + 1)), 1)]


def test_the_greatest_overlap_and_the_number_of_items(index: Path):
    units = oracles.units(ENGLISH)
    text = f"{CHINESE} {' '.join(units[:WORDS])}"
    assert measured(index, ["no", text, ENGLISH]) == [(0.0, 0), (1.0, 2), (1.0, 1)]


@pytest.mark.parametrize(
    ("item", "counted"),
    [
        (words(SHORTEST_WORDS - 1), False),
        (words(SHORTEST_WORDS), True),
        (words(WORDS - 1), True),
        (words(WORDS), True),
        ("淘金者在河边洗沙的办法如何"[: SHORTEST_CHARACTERS - 1], False),
        ("淘金者在河边洗沙的办法如何"[:SHORTEST_CHARACTERS], True),
    ],
)
def test_a_short_item_counts_where_it_stands_whole(tmp_path: Path, item: str, counted: bool):
    build([item, ENGLISH], tmp_path / "i")
    expected = (1.0, 1) if counted else (0.0, 0)
    cut = item[:-2] if item[0] == "w" else item[:-1]
    assert measured(tmp_path / "i", [f"Look: {item}! Yes.", cut]) == [expected, (0.0, 0)]


def test_equal_windows_of_two_items_count_for_both(tmp_path: Path):
    build([words(20), words(14) + " other end", words(20)], tmp_path / "i")
    assert measured(tmp_path / "i", [words(20)]) == [(1.0, 3)]
    hits = load(tmp_path / "i").hits(pl.Series(["", words(20)]))
    assert hits["item"].to_list() == [0, 1, 2] and hits["document"].to_list() == [1, 1, 1]


def test_an_item_that_repeats_itself_reaches_one(tmp_path: Path):
    item = (words(13) + " ") * 3
    build([item], tmp_path / "i")
    assert measured(tmp_path / "i", [item, words(13)]) == [(1.0, 1), (pytest.approx(1 / 13), 1)]


def test_an_index_is_the_same_bytes_again(tmp_path: Path, index: Path):
    build(ITEMS, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == index.read_bytes()


def test_no_document_has_no_overlap(index: Path):
    assert measured(index, []) == []


@pytest.mark.parametrize("items", [[], ["too short"]])
def test_an_index_without_windows_finds_nothing(tmp_path: Path, items: list[str]):
    build(items, tmp_path / "i")
    assert measured(tmp_path / "i", [ENGLISH, ""]) == [(0.0, 0)] * 2


LETTERS = st.lists(st.sampled_from("abcdef"), min_size=0, max_size=26).map(" ".join)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(items=st.lists(LETTERS, min_size=1, max_size=4), texts=st.lists(LETTERS, max_size=4))
def test_overlap_is_that_of_the_oracle(tmp_path_factory, items: list[str], texts: list[str]):
    path = tmp_path_factory.mktemp("index") / "i"
    items = [*items, ENGLISH]
    build(items, path)
    texts = [*texts, " ".join(items)]
    assert measured(path, texts) == [
        (pytest.approx(overlap), count) for overlap, count in (judged(items, one) for one in texts)
    ]


def judged(items: Sequence[str], text: str) -> tuple[float, int]:
    found = []
    for item in items:
        units = oracles.units(item.lower())
        size = min(len(units), WORDS)
        windows = set(oracles.windows(units, size))
        hits = windows & set(oracles.windows(oracles.units(text.lower()), size))
        if len(units) >= SHORTEST_WORDS and hits:
            found.append(len(hits) / len(windows))
    return max(found, default=0.0), len(found)


def test_measured_on_documents_with_planted_questions(shared_data: Path, tmp_path: Path):
    """By the default bound any overlap counts. A question with other numbers is arguable."""
    folder = shared_data / "decontam"
    build(pl.read_ndjson(folder / "eval_questions.jsonl.zst")["question"].to_list(), tmp_path / "i")
    planted = pl.read_ndjson(folder / "documents.jsonl.zst", infer_schema_length=None)
    planted = planted.filter(pl.col("kind") != "numbers_changed").select("text", "contaminated")
    overlap = Overlap(tmp_path / "i")(planted)["decontamination"].struct.field("overlap")
    found, true = overlap > 0, planted["contaminated"]
    assert true.sum() > 100 and (~true).sum() > 100
    assert (found & true).sum() / found.sum() >= 0.99
    assert (found & true).sum() / true.sum() >= 0.94
