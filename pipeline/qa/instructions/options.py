"""The right one of a row's options: told by its text, its letter or its number."""

from collections.abc import Mapping

import polars as pl

LETTERS = 26


def resolved(rows: pl.DataFrame, first_option: int) -> pl.DataFrame:
    """The rows with `answer` as the text of an option, its `letter`, and `options` as lines.

    All three are null where the answer names none, or the options are fewer than two or more than
    26. How answers are told, the whole table says: options may be letters or numbers themselves, so
    that the 2 of one row alone could be a text or a place. What most rows can be read as is tried
    first; of equals text, then letter, then number.
    """
    count = pl.col("options").list.len()
    told = rows.select(
        pl.when(place.is_between(0, count - 1) & count.is_between(2, LETTERS))
        .then(place)
        .alias(how)
        for how, place in _places(rows, first_option).items()
    )
    order = sorted(told.columns, key=lambda how: told[how].null_count())
    found = rows.with_columns(told.select(pl.coalesce(order).alias("place")))
    chosen = pl.col("options").list.get(pl.col("place"), null_on_oob=True)
    return found.with_columns(
        chosen.alias("answer"), _letter("place").alias("letter"), _lines(found).alias("options")
    ).drop("place")


def _places(rows: pl.DataFrame, first_option: int) -> Mapping[str, pl.Expr]:
    """The place that each answer names, by how it may be told."""
    text = pl.lit(_by_text(rows))
    return {"text": text, "letter": _by_letter(), "number": _by_number(first_option)}


def _by_text(rows: pl.DataFrame) -> pl.Series:
    """int64[n]: the first option that is the answer to the letter."""
    numbered = rows.select("options", "answer").with_row_index("row")
    each = numbered.with_columns(place=pl.int_ranges(pl.col("options").list.len()))
    each = each.explode("options", "place", empty_as_null=False, keep_nulls=False)
    same = each.filter(pl.col("options") == pl.col("answer"))
    first = same.group_by("row").agg(pl.col("place").min())
    joined = numbered.select("row").join(first, on="row", how="left", maintain_order="left")
    return joined["place"].cast(pl.Int64)


def _by_letter() -> pl.Expr:
    """A letter alone, such as B, (b) or B."""
    letter = pl.col("answer").str.extract(r"^[(（]?([A-Za-z])[)）.．、:：]?$").str.to_uppercase()
    letters = [chr(65 + at) for at in range(LETTERS)]
    return letter.replace_strict(letters, list(range(LETTERS)), default=None, return_dtype=pl.Int64)


def _by_number(first_option: int) -> pl.Expr:
    number = pl.col("answer").str.extract(r"^(\d{1,2})$").cast(pl.Int64)
    return number - first_option


def _letter(place: str) -> pl.Expr:
    letters = pl.Series([chr(65 + at) for at in range(LETTERS)])
    return pl.col(place).replace_strict(
        list(range(LETTERS)), letters.to_list(), default=None, return_dtype=pl.String
    )


def _lines(rows: pl.DataFrame) -> pl.Series:
    """The options one below the other, each with its letter; null where the row has no place."""
    numbered = rows.select("options", "place").with_row_index("row")
    each = numbered.filter(pl.col("place").is_not_null()).with_columns(
        at=pl.int_ranges(pl.col("options").list.len())
    )
    each = each.explode("options", "at", empty_as_null=False, keep_nulls=False)
    lines = each.select("row", line=pl.concat_str(_letter("at"), pl.lit(". "), "options"))
    grouped = lines.group_by("row", maintain_order=True).agg(pl.col("line").str.join("\n"))
    return numbered.join(grouped, on="row", how="left", maintain_order="left")["line"]
