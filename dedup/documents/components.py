"""Connected components of documents that share band keys: whatever is to be compared is in one.

Star edges join the documents of a key (the first of them to each other one): a key of 100,000 pages
costs 100,000 rows, not 5 billion pairs. Up to EDGES_IN_MEMORY edges SciPy labels them in one
process; beyond it, large-star and small-star (Kiveris et al. 2014, "Connected Components in
MapReduce and Beyond") take turns over edges grouped by node, until nothing changes.
"""

import numpy as np
import polars as pl

EDGES_IN_MEMORY = 5_000_000
"""Edges that one process labels: 350 bytes each at the peak, 5 microseconds."""

EDGE: dict[str, pl.DataType | type[pl.DataType]] = {"doc_id": pl.String, "other": pl.String}
LABEL: dict[str, pl.DataType | type[pl.DataType]] = {"doc_id": pl.String, "component": pl.String}


def shared_keys(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of (key, doc_id) whose key more than one row has, sorted by it.

    Most keys are one document's: equal neighbours of the sorted keys are found in half the time of
    counting each (0.05 s for 700,000 rows).
    """
    order = rows["key"].arg_sort().to_numpy()
    keys = rows["key"].to_numpy()[order]
    shared = np.zeros(keys.size, np.bool_)
    equal = keys[1:] == keys[:-1]
    shared[1:] |= equal
    shared[:-1] |= equal
    return rows[order[shared]]


def stars(rows: pl.DataFrame) -> pl.DataFrame:
    """EDGE from each document to the first one (`other`) that has a key of it, among (key, doc_id).

    No two edges are equal, and none is from a document to itself. A key that only documents of
    other runs have (`clusters.foreign`: their ids hold a slash) joins none.
    """
    first = pl.col("doc_id").min().over("key").alias("other")
    own = ~pl.col("doc_id").str.contains("/", literal=True)
    shared = shared_keys(rows).filter(own.any().over("key"))
    edges = shared.select("doc_id", first).filter(pl.col("doc_id") != pl.col("other"))
    return edges.unique()


def labels(edges: pl.DataFrame) -> pl.DataFrame:
    """LABEL of every node of EDGE, sorted: a component is named after its smallest doc_id."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ids = pl.concat([edges["doc_id"], edges["other"]]).unique().sort()
    if ids.is_empty():
        return pl.DataFrame(schema=LABEL)
    numbers = pl.DataFrame({"id": ids, "number": np.arange(len(ids), dtype=np.int32)})
    ends = [
        edges.select(id=name).join(numbers, on="id", how="left", maintain_order="left")["number"]
        for name in ("doc_id", "other")
    ]
    ones = np.ones(edges.height, np.int8)
    graph = coo_array((ones, tuple(end.to_numpy() for end in ends)), shape=(len(ids), len(ids)))
    found = connected_components(graph, directed=False)[1]
    _, first = np.unique(found, return_index=True)  # ids are sorted: the first is the smallest
    return pl.DataFrame({"doc_id": ids, "component": ids.gather(first[found])}, schema=LABEL)


def both_ways(edges: pl.DataFrame) -> pl.DataFrame:
    """(key, EDGE): each edge under both of its ends, to be grouped by them."""
    turned = edges.select(pl.col("other").alias("doc_id"), pl.col("doc_id").alias("other"))
    every = pl.concat([edges.select("doc_id", "other"), turned]).unique()
    return every.select(node_key(pl.col("doc_id")).alias("key"), "doc_id", "other")


def node_key(node: pl.Expr) -> pl.Expr:
    """UInt64 out of the last hexadecimal digits of a doc_id."""
    return node.str.slice(-15).str.to_integer(base=16, dtype=pl.Int64).cast(pl.UInt64)


def large_star(rows: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Each node's larger neighbours tied to the smallest of it and all of them; how many moved.

    `rows` are edges under both ends (`both_ways`), every node's together.
    """
    least = pl.min_horizontal("doc_id", pl.col("other").min().over("doc_id")).alias("least")
    larger = rows.select("doc_id", "other", least).filter(pl.col("other") > pl.col("doc_id"))
    moved = int((larger["least"] != larger["doc_id"]).sum())
    return larger.select(doc_id="other", other="least").unique(), moved


def small_star(rows: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Each node and its smaller neighbours tied to the smallest of them; how many moved."""
    smaller = rows.select("doc_id", "other").filter(pl.col("other") < pl.col("doc_id"))
    tied = smaller.with_columns(pl.col("other").min().over("doc_id").alias("least"))
    moved = tied.filter(pl.col("other") != pl.col("least"))
    nodes = tied.select("doc_id", other="least")
    return pl.concat([nodes, moved.select(doc_id="other", other="least")]).unique(), moved.height


def star_labels(edges: pl.DataFrame) -> pl.DataFrame:
    """LABEL of the nodes of EDGE once they are stars: each hangs on the smallest of its component.

    Where the edges are in several tables, more than one may name the smallest.
    """
    centres = edges.select(pl.col("other").alias("doc_id"), pl.col("other").alias("component"))
    nodes = edges.select("doc_id", component="other")
    return pl.concat([nodes, centres.unique()]).sort("doc_id")
