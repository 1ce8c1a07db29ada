"""Documents that resemble each other are never on both sides of the split."""

import json
import random
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from taojin.core.hashing import content_hash
from taojin.core.storage import sha256
from taojin.pipeline import recipe as recipes
from taojin.pipeline.curate import Where, curate
from taojin.pipeline.exports.settings import settings_of
from taojin.pipeline.shards.keys import split_of
from taojin.pipeline.steps.together import groups
from taojin.tokenizer.encode import load

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


@pytest.fixture(scope="module")
def pairs() -> list[tuple[str, str]]:
    """Pairs of texts, the second of which goes on where the first ends."""
    draw = random.Random(1)
    texts = [words(300, draw) for _ in range(PAIRS)]
    return [(one, f"{one} {words(105, draw)}") for one in texts]


@pytest.fixture(scope="module")
def pairs_run(pairs: list[tuple[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pairs")
    draw = random.Random(2)
    flat = [text for pair in pairs for text in pair]
    flat += [words(300, draw) for _ in range(PAIRS)]
    (folder / "a.jsonl").write_text("\n".join(json.dumps({"text": one}) for one in flat))
    recipe = {
        "name": "pairs",
        "languages": ["en"],
        "sources": [{"name": "a", "path": "a.jsonl", "licence": "CC-BY-4.0"}],
        "filters": {"use": []},
        "qa": {"generator": "off"},
        "tokenizer": {"vocabulary": 300},
        "shards": {"validation": 0.5, "packing": "best_fit", "bos": True},
    }
    curate(recipes.parse(recipe, folder), Where(folder / "run"))
    return folder / "run"


def test_pairs_below_the_threshold_stay_and_share_a_split(
    pairs: list[tuple[str, str]], pairs_run: Path
) -> None:
    for one, other in pairs:
        a, b = shingles(one), shingles(other)
        assert 0.7 < len(a & b) / len(a | b) < 0.78
    documents = pl.read_parquet(pairs_run / "documents" / "*.parquet").sort("doc_id")
    assert documents.height == 3 * PAIRS
    found = splits_of(pairs_run)
    ids = dict(documents.select("text", "doc_id").iter_rows())
    drawn = [found[ids[one]] | found[ids[other]] for one, other in pairs]
    assert all(len(splits) == 1 for splits in drawn)
    assert {"train"} in drawn and {"validation"} in drawn
    told = settings_of(pairs_run, 512).split_of(documents["content_hash"])
    assert [{one} for one in told] == [found[doc_id] for doc_id in documents["doc_id"]]


def test_report_manifest_and_shards_count_the_same_tokens(pairs_run: Path) -> None:
    manifest = json.loads((pairs_run / "manifest.json").read_text())["files"]
    told = dataset_of(json.loads((pairs_run / "report" / "report.json").read_text()))
    counted, padding = 0, 0
    for path in sorted((pairs_run / "dataset" / "pretrain").glob("*/*.arrow")):
        with pa.memory_map(str(path)) as file:
            table = pa.ipc.open_stream(file).read_all()
        rows = table.to_pylist()
        real = [ids for row in rows for ids in row["input_ids"][: row["token_count"]]]
        facts = manifest[str(path.relative_to(pairs_run))]
        assert (facts["rows"], facts["tokens"]) == (len(rows), len(real))
        assert facts["sha256"] == sha256(path)
        counted += len(real)
        padding += sum(len(row["input_ids"]) for row in rows) - len(real)
    encoder = load(pairs_run / "tokenizer")
    texts = pl.read_parquet(pairs_run / "documents" / "*.parquet")["text"]
    assert counted == len(encoder.encode(texts)[1]) + 2 * len(texts)
    assert (told["tokens"], told["padding_tokens"]) == (counted, padding)


def test_the_card_carries_licences_languages_and_the_mix(pairs_run: Path) -> None:
    text = (pairs_run / "dataset" / "README.md").read_text(encoding="utf-8")
    documents = pl.read_parquet(pairs_run / "documents" / "*.parquet")
    langs = sorted({one[:2] for one in documents["lang"]})
    front = "".join(f'- "{one}"\n' for one in langs)
    assert text.startswith(f'---\nlanguage:\n{front}license:\n- "other"\n---\n\n# pairs\n')
    assert f"| a | CC-BY-4.0 | {documents.height} |" in text.splitlines()
    for lang, count in documents["lang"].value_counts().rows():
        assert f"| {lang} | {count} |" in text.splitlines()
    tokens = len(load(pairs_run / "tokenizer").encode(documents["text"])[1])
    assert f"| a | {documents.height} | {tokens} | 1.0 | 1.0 | 1.0 | 1.0 | {tokens} |" in text


def test_croissant_names_every_shard(pairs_run: Path) -> None:
    folder = pairs_run / "dataset"
    told = json.loads((folder / "croissant.json").read_text(encoding="utf-8"))
    assert told["conformsTo"] == "http://mlcommons.org/croissant/1.0"
    assert told["license"] == ["CC-BY-4.0"]
    files = {one["contentUrl"]: one for one in told["distribution"]}
    assert set(files) == {str(path.relative_to(folder)) for path in folder.rglob("*.arrow")}
    for name, one in files.items():
        assert one["@type"] == "cr:FileObject" and one["sha256"] == sha256(folder / name)


def test_mlcroissant_finds_no_error(pairs_run: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    dataset = mlcroissant.Dataset(str(pairs_run / "dataset" / "croissant.json"))
    assert not dataset.metadata.ctx.issues.errors
    assert len(dataset.metadata.distribution) == 4


def dataset_of(told: object) -> dict[str, int]:
    """What the report says of the dataset, wherever in it."""
    if isinstance(told, dict) and "padding_tokens" in told:
        return told
    inner = told.values() if isinstance(told, dict) else told if isinstance(told, list) else ()
    return next((found for found in map(dataset_of, inner) if found), {})


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
