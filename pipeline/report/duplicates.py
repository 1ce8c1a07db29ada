"""What deduplication did: how large the clusters are, which are the largest, who lost to whom.

Of each of the largest near clusters, the member that is least like the document kept for it is
compared with that: if it is rightly gone, all are.
"""

from typing import Any

import polars as pl

from taojin.dedup.documents.largest import LARGEST, largest
from taojin.pipeline.report.differences import difference, shown
from taojin.pipeline.report.tables import Rows, Tables

SIZES = ((2, 2), (3, 3), (4, 4), (5, 9), (10, 99), (100, None))
JACCARD_BINS = 20
READ = 20_000
"""Code points of a text that are compared."""


def duplicates(tables: Tables) -> dict[str, object]:
    """Clusters by kind and size, the largest ten, removed documents by pair of sources."""
    clusters = _clusters(tables.clusters)
    return {
        "by_kind": clusters.group_by("kind")
        .agg(pl.len().alias("clusters"), pl.col("size").sum().alias("documents"))
        .sort("kind")
        .to_dicts(),
        "sizes": _sizes(clusters),
        "largest": _largest(tables, clusters),
        "differences": _differences(tables),
        "removed": _removed(tables),
        "jaccard": _jaccard(tables.clusters),
    }


def _clusters(table: pl.LazyFrame) -> pl.DataFrame:
    """kind, cluster_id, size, members and the documents kept, largest first.

    The survivor counts as a member whether or not it has a row of its own.
    """
    keys = ["kind", "cluster_id"]
    rows = table.select(*keys, "doc_id")
    kept = table.select(*keys, doc_id="kept_id")
    survivors = table.group_by(keys).agg(pl.col("kept_id").unique().drop_nulls().sort())
    members = pl.concat([rows, kept]).drop_nulls("doc_id").group_by(keys)
    return (
        members.agg(pl.col("doc_id").unique().sort().alias("members"))
        .with_columns(size=pl.col("members").list.len())
        .join(survivors, on=keys)
        .sort(pl.col("size").cast(pl.Int64).neg(), "kind", "cluster_id")
        .collect()
    )


def _sizes(clusters: pl.DataFrame) -> Rows:
    rows = []
    for kind in clusters["kind"].unique().sort():
        sizes = clusters.filter(pl.col("kind") == kind)["size"]
        for least, most in SIZES:
            count = int(((sizes >= least) & (sizes <= (most or sizes.max()))).sum())
            if count:
                rows.append({"kind": kind, "least": least, "most": most, "clusters": count})
    return rows


def _largest(tables: Tables, clusters: pl.DataFrame) -> Rows:
    """The largest clusters with their members by source; the title and uri are the survivor's."""
    top = clusters.head(LARGEST)
    members = top.explode("members", empty_as_null=False)["members"].unique()
    ledger = tables.ledger.filter(pl.col("doc_id").is_in(members.implode()))
    sources = dict(ledger.select("doc_id", "source").collect().iter_rows())
    kept = top.explode("kept_id", empty_as_null=False)["kept_id"].unique()
    survivors = (
        tables.documents.filter(pl.col("doc_id").is_in(kept.implode()))
        .select("doc_id", "source")
        .collect()
    )
    described = dict(survivors.iter_rows())
    return [_cluster(row, sources, described) for row in top.iter_rows(named=True)]


def _cluster(
    row: dict[str, Any], sources: dict[str, str], described: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    names = [sources.get(member) or "" for member in row["members"]]
    kept_id = row["kept_id"][0] if row["kept_id"] else None
    survivor = described.get(kept_id or "") or {}
    return {
        "kind": row["kind"],
        "cluster_id": row["cluster_id"],
        "size": row["size"],
        "by_source": {name: names.count(name) for name in sorted(set(names))},
        "kept_id": kept_id,
        "title": survivor.get("title"),
        "uri": survivor.get("url") or survivor.get("uri"),
    }


def _differences(tables: Tables) -> Rows:
    """The kept document and a removed one of the largest near clusters, and what differs."""
    near = tables.clusters.filter(pl.col("kind") == "near").collect()
    chosen = largest(near).to_dicts()
    ids = [row[name] for row in chosen for name in ("kept_id", "shown_id")]
    found = tables.documents.filter(pl.col("doc_id").is_in(ids), pl.col("text").is_not_null())
    texts = dict(found.select("doc_id", pl.col("text").str.slice(0, READ)).collect().iter_rows())
    return [
        {**row, **_difference(texts[row["kept_id"]], texts[row["shown_id"]])}
        for row in chosen
        if row["kept_id"] in texts and row["shown_id"] in texts
    ]


def _difference(kept: str, other: str) -> dict[str, object]:
    pieces, cut = shown(difference(kept, other))
    return {"pieces": [{"side": one.side, "text": one.text} for one in pieces], "cut": cut}


def _removed(tables: Tables) -> Rows:
    """Duplicates by the source they came from and the source of the survivor."""
    removed = tables.documents.filter(pl.col("duplicate_of").is_not_null()).select(
        pl.col("source").struct.field("name").alias("removed"),
        pl.col("duplicate_of").cast(pl.String),
        kind=pl.when(pl.col("drop_reasons").list.contains("dedup.url.max"))
        .then(pl.lit("url"))
        .when(pl.col("drop_reasons").list.contains("dedup.exact.max"))
        .then(pl.lit("exact"))
        .otherwise(pl.lit("near")),
    )
    survivors = tables.ledger.select("doc_id", kept="source")
    return (
        removed.join(survivors, left_on="duplicate_of", right_on="doc_id", how="left")
        .group_by(pl.col("removed", "kept").fill_null(""), "kind")
        .agg(pl.len().alias("documents"))
        .sort(pl.col("documents").cast(pl.Int64).neg(), "removed", "kept", "kind")
        .collect()
        .to_dicts()
    )


def _jaccard(table: pl.LazyFrame) -> list[int]:
    """Near duplicates by similarity to their survivor, in steps of 0.05 from 0 to 1."""
    removed = (pl.col("doc_id") != pl.col("kept_id")) | pl.col("kept_in").is_not_null()
    pairs = table.filter(pl.col("kind") == "near", removed)
    # the nudge keeps 0.8 stored as 32 bits in the bin that begins there
    bin_index = ((pl.col("jaccard") + 1e-6) * JACCARD_BINS).floor().cast(pl.Int64)
    bins = bin_index.clip(0, JACCARD_BINS - 1).drop_nulls()
    counted = pairs.select(bins.value_counts()).unnest("jaccard").collect()
    counts = [0] * JACCARD_BINS
    for index, count in counted.iter_rows():
        counts[index] = count
    return counts
