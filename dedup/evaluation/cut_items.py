"""Cutting evaluation items out of documents, for recipes that would rather keep the rest."""

import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from taojin.core.edits import Edit, merge
from taojin.core.schema import EDITS, Schema
from taojin.dedup.evaluation.decontaminate import CONTAMINATION, load

CUT_ITEMS = pl.Struct({"item_count": pl.Int64, "character_ratio": pl.Float64})
_BEHIND = re.compile(r"[^\w\s]*")


@dataclass(frozen=True)
class CutItems:
    """Edits that cut the stretches of which more than `most_overlap` of an item stands there.

    `cut_items`: items cut, and the share of the characters that they take; a document that would
    lose more than `most_removed` is left whole, and so dropped for its overlap. `contamination`:
    where what is cut stands, in the text before the cut.
    """

    index: Path
    most_overlap: float
    most_removed: float
    name: str = "decontaminate"
    version: int = 1

    @property
    def adds(self) -> Schema:
        return {"edits": EDITS, "cut_items": CUT_ITEMS, "contamination": CONTAMINATION}

    def __call__(self, documents: pl.DataFrame) -> pl.DataFrame:
        index = load(self.index)
        hits = index.hits(documents["text"]).filter(pl.col("overlap") > self.most_overlap)
        named = hits.hstack(index.table.select("field")[hits["item"]])
        edits: list[list[dict[str, object]]] = [[] for _ in range(documents.height)]
        measures = [{"item_count": 0, "character_ratio": 0.0} for _ in edits]
        places: list[list[dict[str, object]]] = [[] for _ in edits]
        for (number,), rows in named.group_by("document", maintain_order=True):
            document = int(str(number))
            text = documents["text"][document]
            spans = merge(
                Edit(start, _end(text, end), field)
                for start, end, field in rows.select("start", "end", "field").iter_rows()
            )
            share = sum(span.end - span.start for span in spans) / len(text)
            if share > self.most_removed:
                continue
            edits[document] = [_edit(span) for span in spans]
            measures[document] = {
                "item_count": rows["item"].n_unique(),
                "character_ratio": share,
            }
            places[document] = rows.select("item", "start", "end", "overlap").to_dicts()
        return documents.with_columns(
            pl.Series("edits", edits, EDITS),
            pl.Series("cut_items", measures, CUT_ITEMS),
            pl.Series("contamination", places, CONTAMINATION),
        )


def _end(text: str, end: int) -> int:
    """Behind the punctuation that closes what is cut."""
    found = _BEHIND.match(text, end)
    return found.end() if found else end


def _edit(span: Edit) -> dict[str, object]:
    return {
        "field": "text",
        "kind": span.kind,
        "start": span.start,
        "end": span.end,
        "replacement": span.replacement,
    }
