import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from taojin.core import schema
from taojin.pipeline.qa.questions import (
    MODEL,
    SIMILAR,
    deduplicate,
    distinct,
    key,
    shingles,
    trigrams,
)


def table(rows: list[tuple[str, str, float]]) -> pl.DataFrame:
    full = [
        (
            f"{i:03}",
            "d",
            "h",
            "s",
            "zh-Hans",
            "facts",
            "k",
            question,
            answer,
            0,
            1,
            score,
            "offline/1",
            [],
            None,
        )
        for i, (question, answer, score) in enumerate(rows)
    ]
    return pl.DataFrame(full, schema=dict(schema.QA), orient="row")


def test_key_folds_what_makes_no_other_question():
    assert key("请问，ＴｉＤＢ 是什么呢？") == key("TiDB是什么") == "tidb是什么"
    assert key("What is C++?") != key("What is C#?")
    assert key("Can you tell me what is TiDB?") == key("what is  TIDB")


@given(st.text("请问你好吗呢浮标？?. aB１Ａhelo", max_size=20))
def test_key_of_a_key_is_itself(text):
    assert key(key(text)) == key(text)


def test_of_equal_questions_the_best_and_then_the_first_stays():
    qa = table(
        [("浮标是什么？", "甲", 0.5), ("请问浮标是什么", "乙", 0.9), ("浮标是什么呢？", "丙", 0.9)]
    )
    assert deduplicate(qa)["qa_id"].to_list() == ["001"]


def test_similar_questions_with_one_answer_are_one():
    near = "港务局应当自收到停泊申请之日起多少日内作出决定？"
    qa = table(
        [
            (near, "十五日", 0.5),
            ("港务局" + near[3:].replace("作出", "做出"), "十五日", 0.9),
            (near[:-5] + "公布结果？", "二十日", 0.1),
        ]
    )
    assert deduplicate(qa)["qa_id"].to_list() == ["001", "002"]


def test_similar_begins_at_seven_tenths():
    ten = " ".join(letter * 9 for letter in "abcdefghij")
    seven, six = ten[:69], ten[:59]
    assert deduplicate(table([(ten, "x", 0.9), (seven, "x", 0.5)])).height == 1
    assert deduplicate(table([(ten, "x", 0.9), (six, "x", 0.5)])).height == 2


def test_questions_alike_in_their_characters_are_one_whatever_the_answer():
    one = "海事管理机构应当自受理申请之日起多少日内作出决定？"
    qa = table([(one, "七日", 0.5), (one.replace("海事", "港务"), "十日", 0.9)])
    assert deduplicate(qa).height == 2
    assert distinct(qa)["qa_id"].to_list() == ["001"]
    assert distinct(qa.with_columns(layer=pl.lit(MODEL))).height == 2


words = st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=6).map(" ".join)


def similar(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= SIMILAR * len(one | other)


@given(st.lists(st.tuples(words, st.sampled_from("xy"), st.sampled_from([0.1, 0.5])), max_size=14))
def test_distinct_agrees_with_comparing_all(rows):
    qa = table(rows)
    ordered = sorted(
        qa.select("score", "qa_id", "question", "answer").rows(), key=lambda r: (-r[0], r[1])
    )
    seen = set()
    left = [row for row in ordered if not (key(row[2]) in seen or seen.add(key(row[2])))]
    for alike in (
        lambda a, b: a[3] == b[3] and similar(shingles(key(a[2])), shingles(key(b[2]))),
        lambda a, b: similar(trigrams(key(a[2])), trigrams(key(b[2]))),
    ):
        kept = []
        for row in left:
            if not any(alike(row, other) for other in kept):
                kept.append(row)
        left = kept
    result = distinct(qa)
    assert result["qa_id"].to_list() == sorted(row[1] for row in left)
    assert distinct(result).equals(result)
