"""The steps of deduplication over chunks: the same clusters however the work is cut."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from taojin.core import schema
from taojin.core.hashing import doc_id, fingerprint
from taojin.core.text import unit_count
from taojin.dedup.documents.clusters import foreign, removed
from taojin.dedup.documents.dates import seconds
from taojin.dedup.documents.keep import RANK
from taojin.dedup.documents.minhash import DedupKeys
from taojin.dedup.documents.urls import url_keys
from taojin.pipeline import duplicates
from taojin.pipeline.duplicates import Duplicates
from taojin.pipeline.graph import LocalRunner, Runner, open_runner
from taojin.pipeline.progress import Silent
from taojin.pipeline.settings.dedup import Dedup, Near
from taojin.pipeline.task import Checkpoint, save
from taojin.pipeline.walk import Walk

WORDS = 60
COLUMNS = {"doc_id": pl.String, "text": pl.String, "url": pl.String, "date": pl.String}


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    from dask.distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0"
    ) as running:
        yield running.scheduler_address


def versions(documents: int, seed: int = 1) -> pl.DataFrame:
    """Texts of 60 words, most of them another one with a few words changed; some equal, some empty,
    some Chinese."""
    draw = np.random.default_rng(seed)
    texts: list[list[str]] = []
    for number in range(documents):
        if texts and draw.random() < 0.8:
            words = list(texts[draw.integers(len(texts))])
            for at in draw.integers(0, max(len(words), 1), draw.integers(0, 4)):
                if words:
                    words[at] = _word(draw, number)
        else:
            words = [_word(draw, number) for _ in range(WORDS)]
        texts.append([] if number % 29 == 7 else words)
    rows = [
        (doc_id("web", "a.jsonl", number), " ".join(words), "", "")
        for number, words in enumerate(texts)
    ]
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


def _word(draw: np.random.Generator, number: int) -> str:
    if number % 3:
        return f"w{draw.integers(10**6)}"
    return "".join(chr(one) for one in draw.integers(0x4E00, 0x9000, 3))


def checkpoints(
    folder: Path, documents: pl.DataFrame, parts: int, place: int | None = None
) -> tuple[list[Checkpoint], list[Checkpoint]]:
    """What *measure* and *decide* leave of the documents in so many chunks.

    With a place, they are another run's.
    """
    keyed, decided = [], []
    made = DedupKeys()
    for part in range(parts):
        rows = documents[part::parts]
        ids = (
            rows["doc_id"]
            if place is None
            else rows.select(foreign(pl.col("doc_id"), place).alias("doc_id"))["doc_id"]
        )
        keys = made(rows).select(*made.adds).with_columns(ids, url_keys(rows["url"]))
        decisions = rows.with_columns(
            seconds(rows["date"]),
            contaminated=pl.lit(value=False),
            priority=pl.lit(1, pl.Int64),
            quality=pl.lit(1.0),
            length=unit_count(pl.col("text")).cast(pl.Int64),
            drop_reasons=pl.lit([], pl.List(pl.String)),
        ).select(*RANK, "drop_reasons")
        name = fingerprint({"rows": rows.rows(), "parts": parts, "place": place})
        for kind, table, found in (("keys", keys, keyed), ("decisions", decisions, decided)):
            path = folder / f"{kind}-{name}"
            path.mkdir(parents=True, exist_ok=True)
            save(path, **{kind: table})
            found.append(Checkpoint(path, name, {"documents": rows.height}))
    return keyed, decided


def found(
    folder: Path,
    documents: pl.DataFrame,
    settings: Dedup = Dedup(),  # noqa: B008  # frozen
    parts: int = 3,
    earlier: Sequence[Checkpoint] = (),
    runner: Runner = LocalRunner(),  # noqa: B008
    **given: int,
) -> tuple[pl.DataFrame, Walk]:
    walk = Walk(folder / "work", runner, Silent())
    keys, decided = checkpoints(folder, documents, parts)
    one = Duplicates(walk, settings, keys, decided, earlier, **given).find()
    table = one.read("clusters")
    assert one.counts["removed"] == removed(table).n_unique()
    assert dict(table.schema) == dict(schema.CLUSTER)
    return table, walk


def counted(walk: Walk, node: str) -> int:
    return sum(len(many) for name, many in walk.steps if name == node)


@pytest.fixture(scope="module")
def documents() -> pl.DataFrame:
    return versions(300)


@pytest.fixture(scope="module")
def expected(documents: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    return found(tmp_path_factory.mktemp("one"), documents, parts=1)[0]


def test_what_is_removed_resembles_what_is_kept(
    documents: pl.DataFrame, expected: pl.DataFrame
) -> None:
    """Far from trivial: many of both kinds fall, and nothing falls for one that fell."""
    gone = removed(expected)["doc_id"].unique()
    assert 100 < len(gone) < 250
    assert set(expected["kind"]) == {"exact", "near"}
    assert not set(expected["kept_id"]) & set(gone)
    sets = dict(zip(documents["doc_id"], DedupKeys()(documents)["shingles"], strict=True))
    near = expected.filter(pl.col("kind") == "near", pl.col("doc_id") != pl.col("kept_id"))
    keys = dict(zip(documents["doc_id"], DedupKeys()(documents)["exact_key"], strict=True))
    assert near["doc_id"].replace_strict(keys).is_unique().all()  # one of each text is looked at
    for row in near.iter_rows(named=True):
        one, other = set(sets[row["doc_id"]]), set(sets[row["kept_id"]])
        assert row["jaccard"] == pytest.approx(len(one & other) / len(one | other))
        assert len(one & other) / len(one | other) >= 0.8


@pytest.mark.parametrize("parts", [2, 7])
def test_another_partition_finds_the_same(
    documents: pl.DataFrame, expected: pl.DataFrame, tmp_path: Path, parts: int
) -> None:
    assert found(tmp_path, documents, parts=parts)[0].equals(expected)


def test_another_order_of_the_input_finds_the_same(
    documents: pl.DataFrame, expected: pl.DataFrame, tmp_path: Path
) -> None:
    shuffled = documents.sample(fraction=1, shuffle=True, seed=3)
    assert found(tmp_path, shuffled)[0].equals(expected)


def test_many_buckets_of_components_find_the_same(
    documents: pl.DataFrame,
    expected: pl.DataFrame,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(duplicates, "UNITS_PER_BUCKET", 1000)
    table, walk = found(tmp_path, documents)
    assert table.equals(expected)
    assert counted(walk, "near") > 5


def test_components_found_by_exchanges_are_the_same(
    documents: pl.DataFrame, expected: pl.DataFrame, tmp_path: Path
) -> None:
    table, walk = found(tmp_path, documents, edges_in_memory=0)
    assert table.equals(expected)
    assert counted(walk, "components") > 4


def test_two_workers_find_the_same(
    documents: pl.DataFrame,
    expected: pl.DataFrame,
    tmp_path: Path,
    cluster: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(duplicates, "UNITS_PER_BUCKET", 1000)
    with open_runner(0, cluster, "1GiB") as runner:
        assert found(tmp_path, documents, runner=runner, edges_in_memory=0)[0].equals(expected)


def test_deduplicating_what_is_kept_removes_nothing(
    documents: pl.DataFrame, expected: pl.DataFrame, tmp_path: Path
) -> None:
    kept = documents.join(removed(expected), on="doc_id", how="anti")
    assert 0 < kept.height < documents.height
    assert removed(found(tmp_path, kept)[0]).is_empty()


def test_the_steps_remove_what_comparing_all_pairs_removes(
    documents: pl.DataFrame, expected: pl.DataFrame
) -> None:
    keys = DedupKeys()(documents)
    lengths = documents.select(unit_count(pl.col("text"))).to_series()
    rows = zip(lengths, documents["doc_id"], keys["exact_key"], keys["shingles"], strict=True)
    kept: list[tuple[str, set[int]]] = []
    gone = set()
    for _, doc, key, shingles in sorted(rows, key=lambda row: (-row[0], row[1])):
        own = set(shingles)
        alike = any(len(own & one) >= 0.8 * len(own | one) for _, one in kept if own)
        if alike or any(key == other for other, _ in kept):
            gone.add(doc)
        else:
            kept.append((key, own))
    assert set(removed(expected)["doc_id"]) == gone


def test_an_estimate_reads_no_shingles(
    documents: pl.DataFrame, expected: pl.DataFrame, tmp_path: Path
) -> None:
    keys, decided = checkpoints(tmp_path, documents, 2)
    for one in keys:
        save(one.path, keys=one.read("keys").drop("shingles"))
    settings = Dedup(near=Near(verify="estimate"))
    walk = Walk(tmp_path / "work", LocalRunner(), Silent())
    table = Duplicates(walk, settings, keys, decided).find().read("clusters")
    ours, theirs = set(removed(table)["doc_id"]), set(removed(expected)["doc_id"])
    assert len(ours & theirs) / len(ours | theirs) > 0.85


PAGES = [
    ("a", "one two three", "http://x.example/?utm_source=1", "2024-01-01"),
    ("b", "one two", "https://www.x.example", "Tue, 02 Jan 2024 00:00:00 GMT"),
    ("c", "one two three four", "http://y.example/", "2024-01-03"),
    ("d", "no url at all", "", "2024-01-04"),
    ("e", "nor here", "", ""),
]


@pytest.mark.parametrize(
    ("url", "kept", "why"), [("newest", "b", "date"), ("best", "a", "length"), (False, None, None)]
)
def test_one_page_of_a_url_is_kept(
    tmp_path: Path, url: str | bool, kept: str | None, why: str | None
) -> None:
    rows = [(f"{ord(name):032x}", *rest) for name, *rest in PAGES]
    pages = pl.DataFrame(rows, schema=COLUMNS, orient="row")
    table, _ = found(tmp_path, pages, Dedup(url=url))
    gone = table.join(removed(table), on="doc_id", how="semi")
    assert gone["kept_id"].to_list() == ([f"{ord(kept):032x}"] if kept else [])
    assert gone["why"].to_list() == ([why] if why else [])
    assert gone["kind"].to_list() == (["url"] if kept else [])
    assert gone["jaccard"].to_list() == ([None] if kept else [])


def test_copies_of_another_runs_documents_are_removed_and_it_is_not_touched(
    documents: pl.DataFrame, tmp_path: Path
) -> None:
    """Its documents come first in every cluster, also those that have the same doc_id here."""
    theirs, ours = documents[:120], documents[100:]
    earlier = checkpoints(tmp_path / "before", theirs, 2, place=0)[0]
    settings = Dedup(against=("../runs/before",))
    table, _ = found(tmp_path, ours, settings, earlier=earlier)
    gone = table.join(removed(table), on="doc_id", how="semi")
    foreign_ones = gone.filter(pl.col("kept_in").is_not_null())
    assert foreign_ones["kept_in"].unique().to_list() == ["../runs/before"]
    assert set(foreign_ones["kept_id"]) <= set(theirs["doc_id"])
    assert set(foreign_ones["why"]) == {"against"}
    assert set(table["doc_id"]) <= set(ours["doc_id"])
    assert set(documents[100:120].filter(pl.col("text") != "")["doc_id"]) <= set(gone["doc_id"])
    assert len(foreign_ones) > 25


def test_against_what_is_kept_of_a_whole_all_of_it_is_a_copy(
    documents: pl.DataFrame, expected: pl.DataFrame, tmp_path: Path
) -> None:
    kept = documents.join(removed(expected), on="doc_id", how="anti")
    earlier = checkpoints(tmp_path / "before", kept, 1, place=0)[0]
    table, _ = found(tmp_path, documents, Dedup(against=("before",)), earlier=earlier)
    assert removed(table).n_unique() == documents.height


def test_documents_without_a_shingle_are_only_exact_copies(tmp_path: Path) -> None:
    texts = ["短文", "短文", "另一", "", "one two", "one two three"]
    rows = [(doc_id("web", "b", number), text, "", "") for number, text in enumerate(texts)]
    table, _ = found(tmp_path, pl.DataFrame(rows, schema=COLUMNS, orient="row"))
    assert removed(table).height == 1
    assert set(table["kind"]) == {"exact"}


def test_nothing_asked_for_removes_nothing(documents: pl.DataFrame, tmp_path: Path) -> None:
    table, _ = found(tmp_path, documents, Dedup(exact=False, near=False))
    assert table.is_empty()
