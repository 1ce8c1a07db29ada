"""The sample that a tokenizer is trained on: the same however documents are spread over chunks."""

from pathlib import Path

import polars as pl
import pytest

from taojin.pipeline import recipe as recipes
from taojin.pipeline.steps import tokenize
from taojin.pipeline.task import Checkpoint, Task, save

GROUPS = {("zh-Hans", "crawl"): 40, ("en", "crawl"): 20, ("en", "book"): 4}
SETTINGS = {"vocabulary": 300, "model": "character"}


def documents() -> pl.DataFrame:
    rows = [
        {"doc_id": f"{lang}{name}{n}", "content_hash": f"{n * 7919 % 101:03}{lang}{name}",
         "text": f"{n:03}" * 10, "lang": lang, "source": {"name": name}}
        for (lang, name), count in GROUPS.items() for n in range(count)
    ]  # fmt: skip
    return pl.DataFrame(rows)


def chosen(folder: Path, parts: list[pl.DataFrame], budget: int, temperature: float):
    """(keys, texts) of what the tokenizer would be trained on."""
    samples = []
    for number, part in enumerate(parts):
        given, out = folder / f"documents-{number}", folder / f"sample-{number}"
        given.mkdir(), out.mkdir()
        save(given, documents=part)
        inputs = {"documents": [Checkpoint(given, str(number))]}
        tokenize.sample(
            out, Task("tokenizer_sample", tokenize.sample, {"budget_bytes": budget}, inputs)
        )
        samples.append(Checkpoint(out, str(number)))
    parameters = {"budget_bytes": budget, "temperature": temperature, "settings": SETTINGS}
    task = Task("tokenizer", tokenize.fit, parameters, {"samples": samples})
    keys = tokenize._chosen(task)
    return keys, tokenize._texts(keys, samples).to_list()


@pytest.mark.parametrize("temperature", [1.0, 2.0, 1e9])
@pytest.mark.parametrize("budget", [1, 600, 1200, 10_000])
def test_chunks_and_order_change_nothing(tmp_path: Path, budget: int, temperature: float):
    table = documents()
    shuffled = table.sample(fraction=1.0, shuffle=True, seed=1)
    parts = [shuffled[:3], shuffled[3:3], shuffled[3:30], shuffled[30:]]
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    one, texts = chosen(tmp_path / "a", [table], budget, temperature)
    many, same = chosen(tmp_path / "b", parts, budget, temperature)
    assert one.equals(many) and texts == same
    by_id = dict(table.select("doc_id", "text").iter_rows())
    assert texts == [by_id[doc_id] for doc_id in one["doc_id"]]
    assert one["content_hash"].is_sorted()


@pytest.mark.parametrize(
    ("temperature", "wanted"), [(1.0, [10, 5, 1]), (1e9, [7, 6, 4]), (2.0, [8, 6, 3])]
)
def test_the_temperature_shares_the_budget(tmp_path: Path, temperature: float, wanted: list[int]):
    """16 documents of 30 bytes; a document that crosses the quota is the last that is taken."""
    keys, _ = chosen(tmp_path, [documents()], 16 * 30, temperature)
    counts = {
        (lang, name): count for lang, name, count in keys.group_by("lang", "source").len().rows()
    }
    assert [counts[group] for group in GROUPS] == wanted


def test_a_corpus_within_the_budget_is_taken_whole(tmp_path: Path):
    keys, _ = chosen(tmp_path, [documents()], 10**6, 50.0)
    assert keys.height == documents().height


def test_no_documents_are_no_texts(tmp_path: Path):
    keys, texts = chosen(tmp_path, [], 100, 2.0)
    assert keys.height == 0 and texts == []


@pytest.mark.parametrize("keys", [{"symbols": ["a b"]}, {"special": ["<s>"]}, {"temperature": 0.5}])
def test_a_recipe_refuses_tokens_that_cannot_be(keys: dict):
    with pytest.raises(Exception, match="tokenizer"):
        recipes.parse(
            {"name": "x", "sources": [{"name": "a", "path": "a"}], "tokenizer": keys}, Path()
        )
