"""The self-test of the search for evaluation items: some of each set, planted in a text of ours.

A search that finds nothing looks like a clean corpus (one peer's never tagged anything, and nobody
saw it). So each run first looks for what it has planted itself, in disguise, and for nothing where
nothing was planted.
"""

import re
from collections.abc import Callable, Sequence

import polars as pl

from taojin.core import stage
from taojin.core.schema import Schema
from taojin.dedup.evaluation.decontaminate import BY_KEY, BY_STRETCH, Item, Overlap
from taojin.pipeline.task import Checkpoint

PLANTED: Schema = {
    "benchmark": pl.String,
    "item": pl.Int64,
    "start": pl.Int64,
    "end": pl.Int64,
    "text": pl.String,
}
"""A text with an item planted from `start` to `end`; benchmark and item are null in a clean one."""

CARRIERS = (
    ("The lamp at the ford burns till the last raft is in.", "Nobody asked the ferryman why."),
    ("渡口的灯一直亮到最后一只木筏靠岸。", "没有人问过摆渡的老人为什么。"),
)


class SelfTestError(Exception):
    """The search misses what was planted, or finds what was not: a bug, never the user's."""


def _swapped(text: str) -> str:
    """The case of ASCII letters changed; other letters may become two."""
    return "".join(one.swapcase() if one.isascii() else one for one in text)


def _wide(text: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)


def _spaced(text: str) -> str:
    return re.sub(r"([\u4e00-\u9fff])", r"\1 ", text.replace(" ", "\n \u00a0"))


DISGUISES: Sequence[Callable[[str], str]] = (_swapped, _wide, _spaced)


def planted(items: Sequence[Item], search: pl.Series) -> pl.DataFrame:
    """`PLANTED` rows: the first, middle and last item of each set and way of searching, disguised,
    in English and in Chinese; and the texts with nothing in them.
    """
    table = pl.DataFrame({"benchmark": [item.benchmark for item in items], "search": search})
    wanted = table.with_row_index("item").filter(pl.col("search").is_in([BY_STRETCH, BY_KEY]))
    rows: list[tuple[str | None, int | None, int, int, str]] = [
        (None, None, 0, 0, "\n".join(carrier)) for carrier in CARRIERS
    ]
    for (name, _), group in wanted.group_by("benchmark", "search", maintain_order=True):
        chosen = group["item"].gather([0, group.height // 2, group.height - 1]).to_list()
        for item, disguise in zip(chosen, DISGUISES, strict=True):
            for before, after in CARRIERS:
                text = disguise(items[item].text)
                start = len(before) + 1
                whole = f"{before}\n{text}\n{after}"
                rows.append((str(name), item, start, start + len(text), whole))
    return pl.DataFrame(rows, schema=dict(PLANTED), orient="row")


def self_test(evaluation: Checkpoint) -> None:
    """SelfTestError unless every planted item is found where it stands, and nothing else is."""
    if not (evaluation.path / "index.parquet").is_file():
        return  # a plan: the sets are not indexed yet
    texts = evaluation.read("planted")
    found = stage.run(Overlap(evaluation.path / "index.parquet"), texts)
    for row in found.iter_rows(named=True):
        places = row["contamination"]
        if row["item"] is None and places:
            raise SelfTestError("evaluation items are found in a text that holds none")
        if row["item"] is not None and not any(_is_planted(row, place) for place in places):
            raise SelfTestError(
                f"item {row['item']} of evaluation set '{row['benchmark']}' is not found where it "
                "was planted; no document can be called clean"
            )


def _is_planted(row: dict[str, object], place: dict[str, object]) -> bool:
    inside = row["start"] <= place["start"] < place["end"] <= row["end"]  # type: ignore[operator]
    return inside and place["item"] == row["item"] and place["overlap"] == 1.0
