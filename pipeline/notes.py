"""What the report is drawn from besides a run's tables: bounds, timings, mix, dataset, warnings."""

import json
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from taojin.core.storage import publish
from taojin.filters.rules import Bounds, Rule
from taojin.pipeline.order import Account, Order, Products
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.steps import settle
from taojin.pipeline.steps.classify import model_of
from taojin.pipeline.stored import note_uncut
from taojin.pipeline.walk import Walk

BESIDE = {
    ("decontamination", "overlap"): "largest share of an evaluation item that one stretch holds",
    ("dedup", "exact"): "1 if a copy with the same normalised text is kept",
    ("dedup", "near"): "similarity to the kept document that it resembles, else 0",
}
"""What the rules beside the filters are about."""


def write(
    run: Path, order: Order, told: pl.DataFrame, account: Account, products: Products | None
) -> None:
    """Write RUN/report/*.json; without products, an earlier run's notes on them are removed.

    `told` is the ledger.
    """
    recipe = order.recipe
    notes: dict[str, object] = {
        "bounds": _bounds(recipe),
        "costs": _costs(order.walk),
        "keep": _keep(order.walk),
        "timings": _timings(order.walk),
        "warnings": [*_unread(told), *_warnings(recipe, account, products)],
        "mix": products and products.mix.to_dicts(),
        "dataset": products and _dataset(recipe, products),
    }
    (run / "report").mkdir(exist_ok=True)
    for name, value in notes.items():
        path = run / "report" / f"{name}.json"
        if value is None:
            path.unlink(missing_ok=True)
            continue
        with publish(path) as partial:
            partial.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n")
    note_uncut(run, order.walk)


def _dataset(recipe: Recipe, products: Products) -> Mapping[str, int]:
    shards = [one.counts for many in products.shards.values() for one in many]
    rows = {
        f"{split}_rows": sum(one.counts["rows"] for one in many)
        for split, many in products.shards.items()
    }
    return {
        **rows,
        "tokens": sum(one["tokens"] for one in shards),
        "padding_tokens": sum(one["padding"] for one in shards),
        "sequence_length": recipe.shards.sequence_length,
        "shards": len(shards),
        "sft_rows": products.sft.counts["rows"],
        "sft_rejected": products.sft.counts["rejected"],
    }


def _bounds(recipe: Recipe) -> list[dict[str, object]]:
    """Every bound of the run per kind and language, None for a side that does not bind.

    A metric without a bound has one row, so that what it measures is told too.
    """
    near = recipe.dedup.near
    about = {metric: (text, "") for metric, text in BESIDE.items()} | {
        (name, metric.name): (metric.about, filter_.source)
        for name, filter_ in recipe.registry().filters.items()
        for metric in filter_.metrics
    }
    rules: list[Rule] = [*recipe.rules, *settle.rules(near.threshold if near else 1.0)]
    bound = {(rule.filter, rule.metric) for rule in rules}
    unbound = [Rule(*metric, None, Bounds()) for metric in about if metric not in bound]
    return [
        {
            "filter": rule.filter,
            "metric": rule.metric,
            "lang": rule.lang,
            "kind": rule.kind,
            "min": rule.bounds.min,
            "max": rule.bounds.max,
            "about": about[rule.filter, rule.metric][0],
            "source": about[rule.filter, rule.metric][1],
        }
        for rule in [*rules, *unbound]
    ]


def _costs(walk: Walk) -> list[dict[str, object]]:
    """The seconds that each filter took to measure, and the bytes of text that it read."""
    measured = [one for node, found in walk.steps for one in found if node == "measure"]
    size_bytes = sum(one.counts["size_bytes"] for one in measured if one.cost.parts)
    names = dict.fromkeys(name for one in measured for name in one.cost.parts)
    return [
        {
            "filter": name,
            "seconds": round(sum(one.cost.parts.get(name, 0.0) for one in measured), 4),
            "size_bytes": size_bytes,
        }
        for name in names
    ]


def _keep(walk: Walk) -> list[dict[str, object]] | None:
    """Of every source and language that was thinned: its documents, how many the quantile keeps,
    and the score of the last of these; None where all was kept.
    """
    steps = dict(walk.steps)
    (found,) = steps.get("keep_again", steps["keep"])
    columns = ("name", "lang", "documents", "kept", "score")
    return found.read("keep").filter(pl.col("kept") > 0).select(columns).to_dicts() or None


def _timings(walk: Walk) -> list[dict[str, object]]:
    return [
        {
            "stage": node,
            "seconds": round(sum(one.cost.seconds for one in found), 3),
            "peak_bytes": max((one.cost.peak_bytes for one in found), default=0),
            "partitions": len(found),
            "cached": sum(one.cached for one in found),
            "documents": sum(one.counts.get("documents", 0) for one in found),
            "size_bytes": sum(one.counts.get("size_bytes", 0) for one in found),
        }
        for node, found in walk.steps
    ]


def _unread(told: pl.DataFrame) -> list[str]:
    """The sources of which more than half could not be read: often a wrong column name."""
    found = []
    for source in told["source"].unique().sort():
        records = told.filter(source=source)
        lost = records.filter(fate="quarantined")
        if 2 * lost.height > records.height:
            cause = lost["reasons"].explode().mode().sort()[0]
            found.append(
                f"{lost.height:,} of {records.height:,} records of source '{source}' could not be "
                f"read, mostly {cause}."
            )
    return found


def _warnings(recipe: Recipe, account: Account, products: Products | None) -> list[str]:
    """What a reader of the numbers should know first."""
    (evaluation,), (classifier,) = account.models["evaluation"], account.models["classifier"]
    unread, short = evaluation.counts["unread"], evaluation.counts["short"]
    found = {
        "Personal data was counted, not masked: it stands in every file of this run.": (
            recipe.pii.action == "count"
        ),
        "No classifier was trained: it needs documents of a trusted source and of a raw one; every "
        "classifier score is 1.": model_of(classifier) is None,
        "No evaluation set is named under [decontaminate]: nothing was checked.": (
            not recipe.decontaminate.against
        ),
        f"{unread} evaluation items could not be read and were not searched for.": unread > 0,
        f"{short} evaluation questions are too short to match and were not searched for.": short
        > 0,
        "The run stopped before the datasets were made.": products is None,
    }
    return [*(sentence for sentence, holds in found.items() if holds), *_products(recipe, products)]


def _products(recipe: Recipe, products: Products | None) -> list[str]:
    if products is None:
        return []
    vocabulary, rejected = products.tokenizer.counts["vocabulary"], products.sft.counts["rejected"]
    train_rows = sum(one.counts["rows"] for one in products.shards["train"])
    short = products.mix.filter(products.mix["shortfall_tokens"] > 0)["source"].to_list()
    found = {
        "The training split is empty: no source has a weight above 0, or validation takes all.": (
            train_rows == 0
        ),
        f"The tokenizer has {vocabulary:,} pieces, not {recipe.tokenizer.vocabulary:,}: the kept "
        "text cannot fill more.": vocabulary < recipe.tokenizer.vocabulary,
        f"Less than its weight asks for was taken of {', '.join(short)}: no source is repeated "
        "more than four times.": bool(short),
        f"{rejected} QA pairs are longer than the sequence length and not in the dataset.": (
            rejected > 0
        ),
    }
    return [sentence for sentence, holds in found.items() if holds]
