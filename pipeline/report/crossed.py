"""A count by two keys as a table: rows of the one, columns of the other."""

from collections.abc import Sequence
from typing import Any

import polars as pl

COLUMNS = 8
"""Those with most have a column of their own; `others` is the sum of the rest."""


def crossed(cells: pl.DataFrame, row: str, column: str, order: Sequence[str]) -> dict[str, Any]:
    """The sums of `found` of each row, in that order, in the `columns` and the `left_out` others.

    `cells` has the keys `row` and `column`, both without null, and `found`.
    """
    sums = cells.group_by(column).agg(pl.col("found").sum())
    names = sums.sort(pl.col("found").neg(), column)[column].to_list()
    shown = COLUMNS if len(names) > COLUMNS + 1 else len(names)  # one alone is shown, not summed
    columns = names[:shown]
    found = {
        told[:2]: told[2]
        for told in cells.group_by(row, column).agg(pl.col("found").sum()).iter_rows()
    }
    rows = [
        {
            row: key,
            "found": [found.get((key, name), 0) for name in columns],
            "others": sum(found.get((key, name), 0) for name in names[shown:]),
        }
        for key in order
    ]
    return {"columns": columns, "left_out": len(names) - shown, "rows": rows}
