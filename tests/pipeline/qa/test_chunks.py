import re
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from taojin.core import schema
from taojin.pipeline.qa.chunks import chunks
from taojin.pipeline.qa.pieces import LEAST_TOKENS, LONGEST_HEADING

LINES = (
    "# 安装",
    "## 步骤 #",
    "Usage",
    "-----",
    "正文第一句。第二句很长很长很长很长很长；第三句？",
    "Some words follow. And more of them, e.g. these ones here, which go on for a while!",
    "",
    "- 项目一",
    "  接着的一行",
    "```",
    "    x = 1",
    "| a | b |",
    "|---|---|",
    "> 引用",
    "---",
    "title: 甲",
    "無" * 40,
    "😀" * 7 + "\u0301",
    "\u3000\u00a0",
    "........" * 4,
)
texts = st.lists(st.sampled_from(LINES), max_size=24).map("\n".join)


def words(column: pl.Series) -> np.ndarray:
    """A tokenizer for tests: a word of ASCII is a token, and so is any other character."""
    return np.array([len(re.findall(r"[!-~]+|\S", text)) for text in column], np.int64)


def characters(column: pl.Series) -> np.ndarray:
    return column.str.len_chars().to_numpy().astype(np.int64)


def pairs(column: pl.Series) -> np.ndarray:
    """One that takes more for a text than for its parts: two neighbouring words are three."""
    return np.array(
        [len(text.split()) + max(0, len(text.split()) - 1) for text in column], np.int64
    )


untitled = pl.col("source").struct.with_fields(title=pl.lit(None, pl.String))


def documents(*found: str, lang: str = "zh-Hans") -> pl.DataFrame:
    source = dict.fromkeys(schema.SOURCE.to_schema()) | {"name": "s", "title": "题"}
    rows = [(str(n), f"h{n}", text, source, lang, 1.0, None) for n, text in enumerate(found)]
    return pl.DataFrame(rows, schema=dict(schema.DOCUMENT), orient="row")


@given(
    st.lists(texts, max_size=3),
    st.integers(LEAST_TOKENS, 60),
    st.sampled_from(["zh", "en"]),
    st.sampled_from([words, characters]),
)
@example(["正文。" + "\n" * 99 + "正文。"], 16, "zh", characters)
def test_chunks_cover_each_text_and_lose_nothing_but_white_space(found, most, lang, count):
    table = chunks(documents(*found, lang=lang), most, count)
    assert dict(table.schema) == dict(schema.CHUNK)
    for number, text in enumerate(found):
        spans = table.filter(doc_id=str(number)).select("start", "end", "text").rows()
        assert all(
            text[start:end] == held and held == held.strip() != "" for start, end, held in spans
        )
        ends = [0, *(at for start, end, _ in spans for at in (start, end)), len(text)]
        assert ends == sorted(ends)
        assert not "".join(text[a:b] for a, b in list(pairwise(ends))[::2]).strip()


@given(texts, st.integers(LEAST_TOKENS, 60))
def test_no_chunk_is_more_than_was_asked_for(text, most):
    table = chunks(documents(text), most, words)
    assert table["token_count"].to_list() == words(table["text"]).tolist()
    assert (table["token_count"] <= most).all()


@given(st.integers(1, 300), st.integers(LEAST_TOKENS, 60))
def test_a_tokenizer_that_counts_more_for_the_whole_does_not_exceed_it_either(number, most):
    table = chunks(documents("\n\n".join(["word more"] * number)), most, pairs)
    assert (table["token_count"] <= most).all()
    assert "".join(table["text"]).split() or number == 0


FENCE = "```py\n{}\n\ny = 2\n```"
ROW = "| {} | 值。是 |"


@settings(max_examples=50)
@given(
    st.lists(st.sampled_from(["正文。" * 5, "# 节", "- 项"]), max_size=6),
    st.lists(st.sampled_from(["正文。" * 5, "# 节", "- 项"]), max_size=6),
    st.integers(1, 20),
)
def test_a_fence_that_fits_is_never_cut(before, after, size):
    fence = FENCE.format("\n".join(["x = 1"] * size))
    most = max(LEAST_TOKENS, int(words(pl.Series([fence]))[0]))
    text = "\n\n".join([*before, fence, *after])
    assert sum(fence in held for held in chunks(documents(text), most, words)["text"]) == 1


@given(st.integers(1, 12), st.integers(1, 12))
def test_a_row_of_a_table_that_fits_is_never_cut(rows, cells):
    found = [ROW.format(f"{n} " + "a " * cells) for n in range(rows)]
    text = "\n".join(["| a | b |", "|---|---|", *found])
    held = chunks(documents(text), 20, words)["text"].to_list()
    lines = [line for one in held for line in one.split("\n")]
    assert lines == text.split("\n")


def test_a_fence_that_is_too_large_is_cut_between_lines():
    fence = FENCE.format("\n".join(f"x{n} = {n}" for n in range(30)))
    held = chunks(documents(fence), 20, words)["text"].to_list()
    assert len(held) > 1
    assert [line.strip() for one in held for line in one.split("\n") if line] == [
        line for line in fence.split("\n") if line
    ]


def test_prose_that_is_too_long_is_cut_between_sentences():
    zh = "".join(f"第{n}句话讲了一件小事。" for n in range(10))
    held = chunks(documents(zh), 40, words)["text"].to_list()
    assert len(held) > 1 and all(one.endswith("。") for one in held)
    en = " ".join(f"Sentence {n} says v1.2 is out." for n in range(10))
    held = chunks(documents(en, lang="en"), 20, words)["text"].to_list()
    assert len(held) > 1 and all(one.endswith("out.") for one in held)


def test_a_section_is_not_cut_where_it_need_not_be_and_keeps_its_heading():
    section = "## {}\n\n" + "正文一共十个字左右。" * 3
    text = "# 书\n\n" + "\n\n".join(section.format(name) for name in "甲乙丙丁")
    table = chunks(documents(text), 50, words)
    assert table["headings"].to_list() == [["书"], ["书", "乙"], ["书", "丙"], ["书", "丁"]]
    assert [one.split("\n")[0] for one in table["text"]] == ["# 书", "## 乙", "## 丙", "## 丁"]


def test_a_chunk_ends_before_a_heading_and_not_behind_one():
    text = "一共是十个字的正文。\n\n" * 3 + "## 甲\n\n" + "一共是十个字的正文。\n\n" * 3
    held = chunks(documents(text), 50, words)["text"].to_list()
    assert [one.split("\n")[0] for one in held] == ["一共是十个字的正文。", "## 甲"]
    text = "短\n\n## 甲乙丙丁戊己\n\n" + "一共是十个字的正文。" * 4
    held = chunks(documents(text), 47, words)["text"].to_list()
    assert [one.split("\n")[0] for one in held] == ["短", "## 甲乙丙丁戊己"]


def test_what_several_sections_share_is_their_path():
    text = "# 书\n\n## 甲\n\n短。\n\n## 乙\n\n短。\n\n# 别\n\n短。"
    (whole,) = chunks(documents(text), 100, words)["headings"].to_list()
    assert whole == []
    text = "# 书\n\n" + "前言一句。" * 8 + "\n\n## 甲\n\n短。\n\n## 乙\n\n短。"
    assert chunks(documents(text), 44, words)["headings"].to_list() == [["书"], ["书"]]


def test_title_source_and_hash_are_carried():
    (row,) = chunks(documents("正文。"), 100, words).rows(named=True)
    assert (row["title"], row["source"], row["content_hash"], row["lang"]) == (
        "题",
        "s",
        "h0",
        "zh-Hans",
    )


@pytest.mark.parametrize(
    "text", ["." * 200_000, "！" * 100_000, "a" * 200_000, "\n" * 200_000, "# \n" * 30_000]
)
def test_long_runs_are_cut_in_linear_time(text):
    table = chunks(documents(text), 64, words)
    assert table["token_count"].max() in (None, *range(65)) or len(text.split()) == 1


def test_the_place_in_the_table_changes_nothing():
    found = ["# 甲\n\n正文。" * 9, "乙。" * 40, ""]
    alone = pl.concat([chunks(documents(one), 20, words) for one in found])
    together = chunks(documents(*found), 20, words)
    columns = ["start", "end", "text", "token_count", "headings"]
    assert together.select(columns).equals(alone.select(columns))
    assert together["chunk_id"].n_unique() == together.height


def test_pieces_of_nothing_are_cut_where_together_they_are_something():
    def thirds(column: pl.Series) -> np.ndarray:
        return characters(column) // 3

    text = "。\n" * 99
    table = chunks(documents(text), LEAST_TOKENS, thirds)
    assert table.height > 1 and "".join(table["text"]).count("。") == 99


@pytest.mark.parametrize("open_line", ["# {}", "---\ntitle: {}\n---"])
def test_a_heading_as_long_as_a_text_is_not_carried_by_all_its_chunks(open_line):
    text = open_line.format("無" * 5000) + "\n\n## 節\n\n正文。"
    table = chunks(documents(text).with_columns(untitled), 60, words)
    assert table.height > 50
    assert table["title"].str.len_chars().max() <= LONGEST_HEADING
    assert set(table["headings"].explode(empty_as_null=False)) <= {"節"}
