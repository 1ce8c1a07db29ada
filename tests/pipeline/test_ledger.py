"""Kept, dropped and quarantined add up to what an independent reader counts."""

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taojin.pipeline.graph import LocalRunner
from taojin.pipeline.inputs import find
from taojin.pipeline.ledger import FATES, LedgerError, build, funnel
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.settings.sources import Source
from taojin.pipeline.steps import chunks, ingest
from taojin.pipeline.task import Checkpoint

LINES = st.lists(
    st.one_of(
        st.text(max_size=40).map(lambda text: json.dumps({"text": text})),
        st.sampled_from(
            ['{"text": ', '{"other": "x"}', "[]", '{"text": null}', '{"text": 3}', "é"]
        ),
    ),
    min_size=1,
    max_size=25,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    lines=LINES, end=st.sampled_from(["", "\n"]), partition_bytes=st.sampled_from([1, 50, 10**6])
)
def test_every_line_is_told_once(
    lines: list[str], end: str, partition_bytes: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("lines")
    (folder / "a.jsonl").write_text("\n".join(lines) + end, encoding="utf-8")
    source = Source(name="s", path="a.jsonl")
    recipe = Recipe(name="x", folder=folder, sources=(source,))
    task = ingest.task(recipe, source, find(source, folder, {}), None, partition_bytes)
    (done,) = LocalRunner().run([task], folder / "work", lambda _: None)
    parts = chunks.chunks("s", done)
    documents = sum(done.read(f"documents-{part.number}").height for part in parts)
    assert documents == done.counts["documents"]
    assert documents + done.read("quarantine").height == len(lines)


def checkpoint(tmp_path: Path, ids: list[str], records: int) -> tuple[Checkpoint, Checkpoint]:
    """An ingest that read so many records, and a settled chunk that tells of these."""
    ingested = Checkpoint(
        tmp_path / "i", "i", {"documents": records, "quarantined": 0, "skipped": 0}
    )
    settled = Checkpoint(tmp_path / "s", "s")
    for one in (ingested, settled):
        one.path.mkdir()
    empty = {"doc_id": pl.String, "source": pl.String, "size_bytes": pl.Int64}
    for name, column in (("skipped", "kind"), ("quarantine", "cause")):
        pl.DataFrame(schema={**empty, column: pl.String}).write_parquet(
            ingested.path / f"{name}.parquet"
        )
    pl.DataFrame(
        {
            "doc_id": ids,
            "source": ["s"] * len(ids),
            "lang": ["en"] * len(ids),
            "fate": ["kept"] * len(ids),
            "stage": ["kept"] * len(ids),
            "reasons": [[]] * len(ids),
            "units": [7] * len(ids),
            "size_bytes": [9] * len(ids),
        },
        schema_overrides={"reasons": pl.List(pl.String)},
    ).write_parquet(settled.path / "ledger.parquet")
    return ingested, settled


@pytest.mark.parametrize(("ids", "records"), [(["a"], 2), (["a", "a"], 2), (["a", "b"], 1)])
def test_a_lost_or_repeated_record_is_a_bug_that_is_told(
    tmp_path: Path, ids: list[str], records: int
) -> None:
    ingested, settled = checkpoint(tmp_path, ids, records)
    with pytest.raises(LedgerError, match=f"{records} records were read"):
        build([ingested], [settled])


def test_the_funnel_counts_each_fate(tmp_path: Path) -> None:
    ingested, settled = checkpoint(tmp_path, ["b", "a"], 2)
    ledger = build([ingested], [settled])
    assert ledger["doc_id"].to_list() == ["a", "b"]
    (row,) = funnel(ledger, ["s"]).to_dicts()
    assert row == {"source": "s", "read": 2, "kept_units": 14} | dict(
        zip(FATES, (2, 0, 0), strict=True)
    )
