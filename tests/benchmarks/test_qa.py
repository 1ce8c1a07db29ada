"""What the benchmark of pairs measures: coverage by hand, duplicates by datasketch."""

from importlib import import_module

import polars as pl
import pytest

from taojin.pipeline.qa.offline.generate import generate
from taojin.pipeline.qa.questions import distinct


@pytest.fixture(scope="module")
def qa():
    return import_module("benchmarks.qa")


def test_coverage_counts_rows_whose_answer_is_asked_for(qa):
    pairs = pl.DataFrame(
        {
            "doc_id": ["a", "a", "b"],
            "layer": ["facts", "mined", "facts"],
            "answer": ["the red buoy", "1954年", "钟楼"],
        }
    )
    gold = [("a", ["Red buoy"]), ("a", ["1955年"]), ("b", ["灯塔", "钟楼"]), ("c", ["钟楼"])]
    found = qa.coverage(pairs, gold)
    # 1954年 and 1955年 share one of two tokens each: an F1 of 0.5 is a hit
    assert found == {"all": 0.75, "facts": 0.5, "mined": 0.25}


def test_duplicates_are_counted_by_datasketch(qa):
    asked = [
        "海事管理机构应当自受理之日起多少日内决定？",
        "海事管理机构应当自受理之日起多少日内答复？",
    ]
    assert qa.duplicates(["甲地位于哪里？", "乙是谁？"]) == {"exact": 0, "near": 0}
    assert qa.duplicates(["What is a buoy?", "what is a buoy"])["exact"] == 0.5
    assert qa.duplicates([asked[0], asked[0].replace("？", "呢？"), "乙是谁？"])["near"] > 0


def test_hardly_any_question_of_real_documents_is_asked_twice(qa, shared_data):
    harness = import_module("benchmarks.harness")
    rows = list(harness.read_jsonl(shared_data / "docs_en/docs_en.jsonl.zst"))[::6]
    single = distinct(generate(harness.documents(rows)))["question"].to_list()
    assert len(single) > 100
    found = qa.duplicates(single)
    assert found["exact"] == 0
    assert found["near"] < 0.005
