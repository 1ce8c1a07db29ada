"""What goes wrong in other tools' deduplication, each as a test of ours.

The tools and the evidence: Dolma, Data-Juicer, text-dedup, datasketch's LSHBloom, datatrove.
"""

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from taojin.dedup.documents.candidates import candidates
from taojin.dedup.documents.clusters import exact_duplicates, follow, near_duplicates, removed
from taojin.dedup.documents.components import labels, stars
from taojin.dedup.documents.keep import KEEP_RULES
from taojin.dedup.documents.kernels import band_keys
from taojin.dedup.documents.minhash import PERMUTATIONS, DedupKeys, band_rows, banding
from taojin.pipeline import recipe as recipes
from taojin.tests.dedup.documents.test_clusters import rank_of

HAN = [chr(code) for code in range(0x4E00, 0x5800)]


def clusters_of(texts: Sequence[str], threshold: float = 0.8) -> pl.DataFrame:
    """Exact, then near duplicates among texts, longer ones kept."""
    ids = [f"{number:032x}" for number in range(len(texts))]
    documents = pl.DataFrame({"doc_id": ids, "text": texts}, schema_overrides={"text": pl.String})
    rank = rank_of(ids, length=[len(text) for text in texts])
    keys = DedupKeys()(documents)
    exact = exact_duplicates(rank.with_columns(keys["exact_key"]), KEEP_RULES)
    left = keys.join(removed(exact), on="doc_id", how="anti")
    found = labels(stars(band_rows(left, threshold)))
    chosen = candidates(left, rank, found, threshold, estimate=False)
    return follow([exact, near_duplicates(chosen, KEEP_RULES, threshold).clusters], KEEP_RULES)


def removed_of(texts: Sequence[str], threshold: float = 0.8) -> set[int]:
    """The places of the texts that are removed."""
    return {int(doc_id, 16) for doc_id in removed(clusters_of(texts, threshold))["doc_id"]}


def sentences(seed: int, words: int = 200) -> list[str]:
    draw = np.random.default_rng(seed)
    return [f"w{number}" for number in draw.integers(0, 10**6, words)]


def chinese(seed: int, characters: int) -> list[str]:
    return np.random.default_rng(seed).choice(HAN, characters).tolist()


def edited(units: Sequence[str], edits: int, seed: int, other: str) -> list[str]:
    """The units with so many of them replaced."""
    changed = list(units)
    for at in np.random.default_rng(seed).choice(len(changed), edits, replace=False):
        changed[at] = other
    return changed


def test_short_documents_do_not_switch_deduplication_off() -> None:
    """Dolma's `min_words` above 0 leaves the deduplication out altogether."""
    long = " ".join(sentences(1))
    assert removed_of(["two words", long, long + " and an end", "一句", long]) == {1, 4}


@pytest.mark.parametrize("threshold", [0.05, 0.3, 0.5, 0.7, 0.8, 0.9, 1.0])
def test_the_hashes_of_a_document_do_not_grow_without_bound(threshold: float) -> None:
    """Dolma's Bloom filter came to 5,815 hash functions a look-up for 1,000 documents."""
    bands, rows = banding(threshold)
    assert bands * rows <= PERMUTATIONS


def test_which_copy_survives_is_the_same_in_every_run() -> None:
    """Dolma's Bloom filter has random seeds and threads: another copy survives each time."""
    texts = [" ".join(edited(sentences(3), 2, seed, "x")) for seed in range(6)]
    first = clusters_of(texts)
    assert removed(first).height == 5
    assert all(clusters_of(texts).equals(first) for _ in range(3))


def test_a_second_pass_does_not_mark_everything() -> None:
    """Dolma loads a filter that is there: a re-run finds every document in it."""
    texts = [" ".join(sentences(seed)) for seed in range(5)] * 2
    gone = removed_of(texts)
    kept = [text for at, text in enumerate(texts) if at not in gone]
    assert (len(kept), removed_of(kept), removed_of(texts)) == (5, set(), gone)


@pytest.mark.parametrize("text", ["", " ", "一", "中文 没有 空格", "one two", "!!!", "\U0001f600"])
def test_a_document_without_a_shingle_is_neither_an_error_nor_dropped(text: str) -> None:
    """Data-Juicer: the least of no values is an error, and the sample silently gone."""
    assert removed_of([text, " ".join(sentences(1))]) == set()


def test_documents_without_shingles_do_not_meet_under_one_empty_key() -> None:
    """Data-Juicer on Ray leaves one survivor of all short documents."""
    short = [f"文{number}" for number in range(200)] + [f"a b {number}" for number in range(200)]
    assert removed_of([*short, ""]) == set()
    assert removed_of(["", "", "短", "短"]) == {1, 3}


def test_a_chinese_document_of_three_clauses_stays_and_is_compared() -> None:
    """text-dedup splits at \\W and filters out what has fewer than five tokens."""
    clauses = "".join(chinese(4, 60)), "".join(chinese(5, 60)), "".join(chinese(6, 60))
    text = "，".join(clauses) + "。"
    assert removed_of([text]) == set()
    assert removed_of([text, text + "完", "".join(chinese(7, 180))]) == {0}


def test_a_chain_of_versions_keeps_what_nothing_kept_resembles() -> None:
    """text-dedup: verified documents of a component share one cluster, though A is unlike C."""
    base = sentences(8, 300)
    versions = [base, edited(base, 9, 1, "x"), edited(edited(base, 9, 1, "x"), 9, 2, "y")]
    texts = [" ".join(one) for one in versions]
    similar = [_jaccard(texts[one], texts[other]) for one, other in ((0, 1), (1, 2), (0, 2))]
    threshold = (min(similar[:2]) + similar[2]) / 2
    texts = [texts[0] + " " * 2, texts[1] + " ", texts[2]]  # the first is preferred, then the next
    assert similar[2] < threshold < min(similar[:2])
    assert removed_of(texts, threshold) == {1}


def _jaccard(one: str, other: str) -> float:
    left, right = (
        {tuple(words[at : at + 5]) for at in range(len(words) - 4)}
        for words in (one.split(), other.split())
    )
    return len(left & right) / len(left | right)


def test_a_pair_that_verification_refutes_stays() -> None:
    """text-dedup's SimHash filters by the mark from before the verification."""
    half = sentences(9, 150)
    texts = [" ".join([*half, *sentences(seed, 75)]) for seed in range(20, 60)]
    keys = DedupKeys()(pl.DataFrame({"doc_id": [f"{n:032x}" for n in range(40)], "text": texts}))
    assert stars(band_rows(keys, 0.8)).height > 20  # candidates there are
    assert removed_of(texts) == set()


def test_a_bucket_of_one_key_costs_its_rows_not_their_square() -> None:
    """text-dedup joins each bucket with itself: 5 billion rows for 100,000 pages."""
    ids = [f"{number:032x}" for number in range(100_000)]
    rows = pl.DataFrame({"key": pl.Series([7] * len(ids), dtype=pl.UInt64), "doc_id": ids})
    assert stars(rows).height == len(ids) - 1


def test_the_settings_that_the_page_shows_are_settings() -> None:
    """text-dedup's README names `expected_elements`; the class wants `max_elements`."""
    page = (Path(recipes.__file__).parents[1] / "docs" / "dedup.md").read_text(encoding="utf-8")
    (example,) = page.split("```toml\n")[1:]
    table = recipes.tomllib.loads(example.partition("```")[0])
    source = {"name": "a", "path": "a"}
    assert recipes.parse({"name": "x", "sources": [source], **table}, Path()).dedup.against


def test_no_kept_document_is_listed_as_removed() -> None:
    """Data-Juicer's tracer listed kept samples as filtered."""
    texts = [" ".join(edited(sentences(seed % 4), seed % 3, seed, "x")) for seed in range(40)]
    found = clusters_of(texts)
    gone = set(removed(found)["doc_id"])
    assert len(gone) == 36
    assert set(found["kept_id"]).isdisjoint(gone)
    assert set(found["doc_id"]) == gone | set(found["kept_id"])


def test_full_width_digits_and_han_are_no_punctuation() -> None:
    """Data-Juicer reads １ as a quotation mark and counts 上 and 士 as special characters."""
    assert removed_of(["上海", "海", "１", '"', "1"]) == {4}


def test_a_band_key_depends_on_the_order_of_its_values() -> None:
    """LSHBloom sums a band's values: of 60,000 unlike documents 37 collide."""
    draw = np.random.default_rng(1).integers(0, 2**32, 5, dtype=np.uint32)
    same_sum = np.array(list(permutations(draw)), np.uint32)
    signature = np.zeros((len(same_sum), PERMUTATIONS), np.uint32)
    signature[:, :5] = same_sum
    assert len(np.unique(band_keys(signature, 1, 5))) == len(same_sum) == 120


def test_unlike_documents_never_collide_whatever_their_number() -> None:
    """datatrove's Bloom filter keeps 1 of 50 unlike documents, at sizes that are natural."""
    for count in (1, 2, 50, 63, 64, 65, 500):
        assert removed_of([" ".join(sentences(1000 + seed, 40)) for seed in range(count)]) == set()


def test_chinese_is_compared_by_characters_whatever_its_language_is_called() -> None:
    """datatrove's `zh` makes 16 words of 445 characters and then finds 1 % of the versions."""
    text = chinese(10, 445)
    keys = DedupKeys()(pl.DataFrame({"text": ["".join(text)]}))
    assert len(keys["shingles"][0]) == 441


def test_four_changed_characters_of_445_are_found() -> None:
    """Found by Curator's default in 12 % of the cases, by datatrove's `zh` in 1 %."""
    for seed in range(40):
        text = chinese(100 + seed, 445)
        pair = ["".join(text), "".join(edited(text, 4, seed, "変"))]
        assert len(removed_of(pair)) == 1


def test_every_document_is_kept_or_told_as_removed_once() -> None:
    """Both datatrove and Curator lose rows without a word."""
    texts = [" ".join(edited(sentences(seed % 7), seed % 2, seed, "x")) for seed in range(70)]
    found = clusters_of([*texts, "", "short"])
    gone = removed(found)["doc_id"]
    assert gone.n_unique() == 63
    told = found.filter(pl.col("doc_id") != pl.col("kept_id"))
    assert set(told["doc_id"]) == set(gone)
