"""How benchmarks judge: on cases small enough to be checked by hand."""

from importlib import import_module

import pytest

DOCUMENTS = [
    {"id": "a", "text": "one two three four five six"},
    {"id": "b", "text": "one two three four five seven"},
    {"id": "c", "text": "one two three four five eight"},
    {"id": "d", "text": "One, two, three, four, five, six!"},
    {"id": "e", "text": "something else altogether"},
]
PAIRS = [("a", "b", 0.9), ("c", "b", 0.85), ("a", "c", 0.75)]


@pytest.fixture
def truth():
    import polars as pl

    module = import_module("benchmarks.dedup_quality")
    pairs = pl.DataFrame(PAIRS, schema=["id_a", "id_b", "jaccard"], orient="row")
    return module.truth(DOCUMENTS, pairs, "word")


def test_recall_counts_similar_pairs_of_which_one_is_gone(truth) -> None:
    assert truth.recall(set()) == 0.0
    assert truth.recall({"a"}) == 0.5
    assert truth.recall({"b"}) == 1.0


def test_precision_is_over_survivors_at_least_similar(truth) -> None:
    assert truth.precision({"a": "b", "c": "b"}) == 1.0
    assert truth.precision({"a": "b", "c": "a"}) == 0.5
    assert truth.precision({"e": "a"}) == 0.0
    assert truth.precision({"d": "a"}) == 1.0
    assert truth.precision({}) is None


def test_wrongly_removed_has_no_kept_document_that_is_alike(truth) -> None:
    assert truth.wrongly_removed({"b"}) == 0
    assert truth.wrongly_removed({"a", "b"}) == 0
    assert truth.wrongly_removed({"a", "b", "c"}) == 2  # a has its equal d
    assert truth.wrongly_removed({"e"}) == 1


def test_survivors_are_at_the_end_of_the_chain() -> None:
    duplicates = import_module("benchmarks.duplicates")
    removed = duplicates.Removed(exact={"a": "b"}, near={"b": "c"})
    assert removed.survivors() == {"a": "c", "b": "c"}


def test_removal_is_the_pipelines(shared_data) -> None:
    """On real pages: nothing that is kept is removed, and each removed one ends at a kept one."""
    harness, duplicates = (
        import_module("benchmarks.harness"),
        import_module("benchmarks.duplicates"),
    )
    bench = harness.Bench(shared_data, shared_data)
    rows = [row for row in bench.rows("near_dup/near_dup.jsonl.zst") if row["lang"] == "zh"][:300]
    survivors = duplicates.remove(harness.documents(rows)).survivors()
    assert survivors
    assert not set(survivors) & set(survivors.values())


def test_shingle_scores_by_hand() -> None:
    extraction = import_module("benchmarks.extraction")
    assert extraction.shingle_scores("a b c d e", "a b c d e") == (1.0, 1.0)
    assert extraction.shingle_scores("a b c d e", "x a b c d") == (0.5, 0.5)
    assert extraction.shingle_scores("a b c d e", "a b c d") == (1.0, 0.5)
    assert extraction.shingle_scores("a b c d e", "") == (None, 0.0)
    assert extraction.shingle_scores("a b", "a b") == (1.0, 1.0)


def test_segments_f1_by_hand() -> None:
    extraction = import_module("benchmarks.extraction")
    rows = [(("one", "two"), ("menu",), "one menu"), (("three",), (), "three")]
    assert extraction.segments_f1(rows) == pytest.approx(2 / 3)
    assert extraction.segments_f1([(("one",), (), "")]) == 0.0


def test_an_office_file_is_judged_by_its_entries() -> None:
    office = import_module("benchmarks.office")
    from taojin.pipeline.ingest.records import Damaged, Record

    text = [Record(0, 9, "淘金的人洗沙，留下金子。")]
    damage = [Damaged(0, 9, "encrypted")]
    good = {"file": "built/a.docx", "truth": ["淘金的人洗沙，", "留下 金子。"]}
    assert office.truth_share(good, text) == 1.0
    assert office.verdict(good, text) == ""
    assert office.verdict(good, damage) == "quarantined: encrypted"
    locked = {"file": "built/b.pdf", "facts": {"needs_password": True}}
    assert office.verdict(locked, damage) == ""
    assert office.verdict(locked, text) == "not quarantined"
    assert office.verdict({"file": "built/c.csv", "rows": 2}, text) == "1 rows of 2"


def test_tokenizer_speeds_join_by_time() -> None:
    tokenizer = import_module("benchmarks.tokenizer")
    texts = {"en": ["x" * 1_000_000], "zh": ["y" * 3_000_000]}
    assert tokenizer._joint({"en": 1.0, "zh": 1.0}, texts) == pytest.approx(1.0)
    assert tokenizer._joint({"en": 1.0, "zh": 3.0}, texts) == pytest.approx(2.0)
