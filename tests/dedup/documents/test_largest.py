import polars as pl
import pytest

from taojin.core import schema
from taojin.dedup.documents.largest import largest


def clusters(*rows: tuple[str, str, str, float]) -> pl.DataFrame:
    """Rows of (kind, doc_id, kept_id, jaccard); a cluster is named after the one it keeps."""
    table = pl.DataFrame(rows, schema=["kind", "doc_id", "kept_id", "jaccard"], orient="row")
    cluster = pl.col("kept_id").alias("cluster_id")
    kept_in = pl.lit(None, pl.String).alias("kept_in")
    return table.select("kind", cluster, "doc_id", "kept_id", "jaccard", kept_in)


ROWS = clusters(
    ("near", "a", "a", 1.0), ("near", "b", "a", 0.9), ("near", "c", "a", 0.8),
    ("near", "m", "k", 0.95),
    ("exact", "y", "x", 1.0), ("exact", "z", "x", 1.0),
)  # fmt: skip


def test_the_largest_come_first_each_with_the_member_that_is_least_like_the_kept_one():
    found = largest(ROWS).select("kind", "cluster_id", "kept_id", "size", "shown_id").rows()
    assert found == [
        ("exact", "x", "x", 3, "y"), ("near", "a", "a", 3, "c"), ("near", "k", "k", 2, "m"),
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_rows_changes_nothing(seed: int):
    assert largest(ROWS.sample(fraction=1, shuffle=True, seed=seed)).equals(largest(ROWS))


def test_a_cluster_kept_by_another_run_is_not_compared():
    """Its ids are another run's: here they may be those of other documents."""
    foreign = clusters(("near", "n", "a", 0.81), ("near", "o", "a", 0.82), ("near", "p", "a", 0.83))
    elsewhere = foreign.with_columns(cluster_id=pl.lit("0/a"), kept_in=pl.lit("../runs/2025"))
    assert largest(pl.concat([ROWS, elsewhere])).equals(largest(ROWS))


def test_no_more_than_asked_for():
    assert largest(ROWS, 1)["cluster_id"].to_list() == ["x"]
    assert largest(schema.empty(schema.CLUSTER)).is_empty()
