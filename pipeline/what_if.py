"""What if: the bounds of a changed recipe applied to what a run has stored, in seconds.

As the run decides twice, so is decided here: on the documents as they came, and again on those that
lost lines which many share. Under the run's own bounds the counts are the ledger's. Under others
one thing is taken as it was: which lines are shared, and so cut, is found among the documents that
pass. Duplicates and the datasets are for the run itself to redo.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from taojin.core.errors import UserError
from taojin.filters.rules import Rule, reasons
from taojin.pipeline import recipe as recipes
from taojin.pipeline import stored
from taojin.pipeline.columns import aligned
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.report.bounds import read_bounds
from taojin.pipeline.report.tables import read_json
from taojin.pipeline.steps import quantile

Rows = list[dict[str, Any]]

AFTER = ("name", "filters", "dedup", "qa", "dialogues", "tokenizer", "shards", "guard")
"""Tables of a recipe that change no metric."""
BOUNDS = {"decontaminate": "most_overlap", "classifier": "keep"}
"""The key of a table that is a bound, while its others change metrics."""
OF_SOURCE = ("weight", "priority", "licence")
"""Keys of a source that change no metric."""


@dataclass(frozen=True)
class WhatIf:
    """`documents`: doc_id, source, lang and the reasons that each has `before` and `after`."""

    documents: pl.DataFrame
    notes: Sequence[str]

    def passing(self) -> Rows:
        """Per source and language: documents, and those that pass before and after."""
        counts = self.documents.group_by("source", "lang").agg(
            pl.len().cast(pl.Int64).alias("documents"),
            *((pl.col(side).list.len() == 0).sum().cast(pl.Int64) for side in ("before", "after")),
        )
        return counts.sort("source", "lang").to_dicts()

    def rules(self) -> Rows:
        """Per rule: documents that it catches before and after, where it catches any."""
        sides = [
            self.documents.select(pl.col(side).explode().drop_nulls().alias("rule"))
            .group_by("rule")
            .agg(pl.len().cast(pl.Int64).alias(side))
            for side in ("before", "after")
        ]
        joined = sides[0].join(sides[1], on="rule", how="full", coalesce=True).fill_null(0)
        return joined.select("rule", "before", "after").sort("rule").to_dicts()

    @cached_property
    def leaving(self) -> pl.DataFrame:
        """The documents that pass before and not after, with their reasons after; by doc_id."""
        return self._moved("before", "after")

    @cached_property
    def returning(self) -> pl.DataFrame:
        """The documents that pass after and not before, with their reasons before; by doc_id."""
        return self._moved("after", "before")

    def _moved(self, passes: str, fails: str) -> pl.DataFrame:
        moved = self.documents.filter(pl.col(passes).list.len() == 0, pl.col(fails).list.len() > 0)
        return moved.select("doc_id", "source", "lang", rules=fails).sort("doc_id")


def what_if(run: Path, recipe: Path | None) -> WhatIf:
    """The run's documents under its own bounds and under the recipe's.

    `recipe` None is the run's own recipe with the default bounds of this version; a file without
    sources is put over the run's own. UserError if the run lacks a metric or its bounds, or for
    what is wrong with the recipe.
    """
    found = stored.read(run)
    own, changed = found.recipe(), _changed(found, recipe)
    noted = read_json(run / "report" / "bounds.json")
    if noted is None:
        raise UserError(f"{run}: this run has not noted its bounds; `taojin run` again does")
    before = [rule for rule in read_bounds(noted).rules() if rule.filter != "dedup"]
    found.check([*before, *changed.rules])
    metrics = _Metrics.read(found, {"before": before, "after": changed.rules})
    documents = metrics.first.select(
        "doc_id", "lang", pl.col("source").struct.field("name").alias("source")
    ).with_columns(metrics.decided("before", own), metrics.decided("after", changed))
    return WhatIf(documents, _notes(found, own, changed, documents))


@dataclass(frozen=True)
class _Metrics:
    """What the rules of either side say of the documents as they came, and of those cut after it.

    Both have doc_id, lang, source, content_hash, classifier, and a list of reasons for each side.
    """

    first: pl.DataFrame
    cut: pl.DataFrame

    @classmethod
    def read(cls, found: stored.Stored, rules: Mapping[str, Sequence[Rule]]) -> "_Metrics":
        ranked = ("doc_id", "lang", "source", "content_hash", "classifier")
        told = [reasons(own).alias(side) for side, own in rules.items()]
        parts = found.metrics, found.final
        return cls(*(part.select(*ranked, *told).collect() for part in parts))

    def decided(self, side: str, recipe: Recipe) -> pl.Series:
        """The reasons of one side: those of the second decision, as a run has them in the end."""
        first = _with_quantiles(self.first, side, recipe)
        if not recipe.dedup.passages or self.cut.is_empty():
            return first
        passed = self.first.filter(first.list.len() == 0).select("doc_id")
        cut = self.cut.join(passed, on="doc_id", how="semi")
        whole = self.first.update(cut, on="doc_id", maintain_order="left")
        return _with_quantiles(whole, side, recipe)


def _with_quantiles(judged: pl.DataFrame, side: str, recipe: Recipe) -> pl.Series:
    """The reasons of one side, with those of the share that a recipe keeps by the classifier."""
    keep = quantile.shares(recipe)
    scores = judged["classifier"].struct.field("score")
    if not keep or (scores == 1.0).all():  # without a classifier every score is 1
        return judged[side]
    last = quantile.bounds(quantile.ranked(judged.lazy()).collect(), keep)
    decided = judged.select("doc_id", pl.col(side).alias("drop_reasons"))
    return quantile.add_reason(decided, judged, last)["drop_reasons"].alias(side)


def _changed(found: stored.Stored, path: Path | None) -> Recipe:
    if path is None:
        return found.recipe()
    with suppress(OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        if "sources" not in table:
            over = _over(found.recipe().resolved(), table)
            recipe = recipes.parse(over, found.run, str(path))
            with recipes.naming(path):
                recipe.rules  # noqa: B018  # names its filters, metrics and languages
            return recipe
    return recipes.load(path)  # which tells what is wrong with a file that cannot be read


def _over(table: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The table with the other put over it, tables within tables too."""
    merged = dict(table)
    for key, value in other.items():
        own = merged.get(key)
        both = isinstance(own, Mapping) and isinstance(value, Mapping)
        merged[key] = _over(own, value) if both else value  # type: ignore[arg-type]
    return merged


def _notes(
    found: stored.Stored, own: Recipe, changed: Recipe, documents: pl.DataFrame
) -> list[str]:
    """What keeps the figures from being those of a run with the recipe, or nothing."""
    differing = ", ".join(_differing(own.resolved(), changed.resolved()))
    cuts = changed.dedup.passages
    moved = documents.filter(
        (pl.col("before").list.len() == 0) != (pl.col("after").list.len() == 0)
    )
    notes = {
        f"The recipe also changes {differing}: what depends on that is measured anew by "
        "`taojin run` alone.": bool(differing),
        "The recipe also changes dedup.passages: which lines are cut, and what that decides, is "
        "found by `taojin run` alone.": bool(cuts) and cuts != own.dedup.passages,
        f"{found.cut:,} documents are judged by what is left of them after lines that many share "
        "were cut.": found.cut > 0,
        "Lines that many documents share are taken to be those of this run; with other documents "
        "passing they may be others, which `taojin run` alone finds.": (
            bool(cuts) and cuts == own.dedup.passages and moved.height > 0
        ),
    }
    return [note for note, holds in notes.items() if holds]


def _differing(own: Mapping[str, Any], changed: Mapping[str, Any]) -> list[str]:
    """The tables of two recipes that lead to other metrics."""

    def measured(recipe: Mapping[str, Any], name: str) -> object:
        if name == "sources":
            return [
                {key: value for key, value in source.items() if key not in OF_SOURCE}
                for source in recipe[name]
            ]
        bound = BOUNDS.get(name)
        table = recipe[name]
        return {key: table[key] for key in table if key != bound} if bound else table

    names = [name for name in own if name not in AFTER]
    return [name for name in names if measured(own, name) != measured(changed, name)]


def as_json(found: WhatIf, examples: int) -> str:
    """All figures, and up to so many documents that leave and that return."""
    table = {
        "documents": found.documents.height,
        "passing": found.passing(),
        "rules": found.rules(),
        "leaving": _some(found.leaving, examples),
        "returning": _some(found.returning, examples),
        "notes": list(found.notes),
    }
    return json.dumps(table, indent=1, ensure_ascii=False)


def _some(moved: pl.DataFrame, examples: int) -> dict[str, object]:
    return {"documents": moved.height, "examples": moved.head(examples).to_dicts()}


def as_text(found: WhatIf, examples: int) -> str:
    """Tables for reading: only rules that catch other documents than before are listed."""
    rows = found.passing()
    every = {side: sum(row[side] for row in rows) for side in ("documents", "before", "after")}
    rules = [row for row in found.rules() if row["before"] != row["after"]]
    same = len(found.rules()) - len(rules)
    passing = [[row["source"], row["lang"], *_counts(row)] for row in rows]
    heads = ["source", "language", "documents", "before", "after", "change"]
    lines = aligned([heads, *passing, ["all", "", *_counts(every)]], 2)
    caught = [[row["rule"], *_counts(row)] for row in rules]
    if caught:
        lines += ["", *aligned([["rule", "before", "after", "change"], *caught], 1)]
    lines += [f"{same} rules catch as many documents as before"] if same else []
    for verb, moved in (("leave", found.leaving), ("return", found.returning)):
        lines += ["", f"{moved.height:,} documents {verb}"]
        for row in moved.head(examples).to_dicts():
            lines.append(
                f"  {row['doc_id']}  {row['source']} {row['lang']}  {_short(row['rules'])}"
            )
    return "\n".join([*lines, *([""] if found.notes else []), *found.notes])


def _counts(row: Mapping[str, int]) -> list[str]:
    known = [f"{row[side]:,}" for side in ("documents", "before", "after") if side in row]
    change = row["after"] - row["before"]
    return [*known, f"{change:+,}" if change else "0"]


def _short(rules: Sequence[str]) -> str:
    more = f" and {len(rules) - 2} more" if len(rules) > 2 else ""
    return ", ".join(rules[:2]) + more
