"""Documents that resemble each other are never on both sides of the split."""

import json
import random
from pathlib import Path

import polars as pl
import pyarrow as pa

from taojin.core.hashing import content_hash
from taojin.pipeline import recipe as recipes
from taojin.pipeline.curate import Where, curate
from taojin.pipeline.exports.settings import settings_of
from taojin.pipeline.shards.keys import split_of
from taojin.pipeline.steps.together import groups

PAIRS = 40


def shingles(text: str) -> set[str]:
    words = text.split()
    return {" ".join(words[at : at + 5]) for at in range(len(words) - 4)}


def words(many: int, draw: random.Random) -> str:
    return " ".join("".join(draw.choices("aeiounrstl", k=7)) for _ in range(many))


def splits_of(run: Path) -> dict[str, set[str]]:
    """The splits in which each document's tokens stand."""
    found: dict[str, set[str]] = {}
    for path in sorted((run / "dataset" / "pretrain").glob("*/*.arrow")):
        with pa.memory_map(str(path)) as file:
            for ids in pa.ipc.open_stream(file).read_all()["doc_ids"].to_pylist():
                for doc_id in ids:
                    found.setdefault(doc_id, set()).add(path.parent.name)
    return found


def test_pairs_below_the_threshold_stay_and_share_a_split(tmp_path: Path) -> None:
    draw = random.Random(1)
    texts = [words(300, draw) for _ in range(PAIRS)]
    pairs = [(one, f"{one} {words(105, draw)}") for one in texts]
    for one, other in pairs:
        a, b = shingles(one), shingles(other)
        assert 0.7 < len(a & b) / len(a | b) < 0.78
    flat = [text for pair in pairs for text in pair]
    flat += [words(300, draw) for _ in range(PAIRS)]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps({"text": one}) for one in flat))
    recipe = {
        "name": "pairs",
        "languages": ["en"],
        "sources": [{"name": "a", "path": "a.jsonl"}],
        "filters": {"use": []},
        "qa": {"generator": "off"},
        "tokenizer": {"vocabulary": 300},
        "shards": {"validation": 0.5, "packing": "best_fit", "bos": True},
    }
    run = tmp_path / "run"
    curate(recipes.parse(recipe, tmp_path), Where(run))
    documents = pl.read_parquet(run / "documents" / "*.parquet").sort("doc_id")
    assert documents.height == len(flat)
    found = splits_of(run)
    ids = dict(documents.select("text", "doc_id").iter_rows())
    drawn = [found[ids[one]] | found[ids[other]] for one, other in pairs]
    assert all(len(splits) == 1 for splits in drawn)
    assert {"train"} in drawn and {"validation"} in drawn
    told = settings_of(run).split_of(documents["content_hash"])
    assert [{one} for one in told] == [found[doc_id] for doc_id in documents["doc_id"]]


def test_a_cluster_is_named_after_its_least_hash_and_a_large_one_is_for_training() -> None:
    hashes = [content_hash(str(number)) for number in range(8)]
    components = ["a"] * 3 + ["b"] * 2 + ["c"] + ["d"] * 2
    kept = pl.DataFrame({"content_hash": hashes, "component": components})
    kept = pl.concat([kept, kept.tail(1)])  # another document of the same text
    found = groups(kept.sample(fraction=1.0, shuffle=True, seed=1), 2)
    told = {row["content_hash"]: row for row in found.to_dicts()}
    assert set(told) == set(hashes[:5]) | set(hashes[6:])
    for members, large in ((hashes[:3], True), (hashes[3:5], False), (hashes[6:], False)):
        assert {told[one]["cluster"] for one in members} == {min(members)}
        assert {told[one]["large"] for one in members} == {large}
    column = pl.Series(hashes)
    assert set(split_of(column, 1.0, 1, found)[:3]) == {"train"}
    assert set(split_of(column, 1.0, 1, found)[3:]) == {"validation"}
    alone = split_of(column, 0.5, 1)
    assert split_of(column, 0.5, 1, found)[5] == alone[5]
