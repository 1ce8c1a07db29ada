"""What the report is drawn from besides a run's tables: bounds, timings, mix, dataset, warnings."""

import json
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from taojin.core.storage import publish
from taojin.filters.rules import Bounds, Rule
from taojin.pipeline import kinds
from taojin.pipeline.order import Account, Order, Products
from taojin.pipeline.origins import origins
from taojin.pipeline.pii.self_test import self_test
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.report.sentences import Sentence, said
from taojin.pipeline.steps import against, settle
from taojin.pipeline.steps.classify import model_of
from taojin.pipeline.stored import note_uncut
from taojin.pipeline.walk import Walk

BESIDE = {
    ("decontamination", "overlap"): "largest share of an evaluation item that one stretch holds",
    ("pii", "density"): "values of personal data for 1,000 characters",
    ("pii", "forbidden_count"): "values of the kinds for which a document is dropped",
    ("dedup", "url"): "1 if another page of the same URL is kept",
    ("dedup", "exact"): "1 if a copy with the same normalised text is kept",
    ("dedup", "near"): "similarity to the kept document that it resembles, else 0",
}
"""What the rules beside the filters are about."""
BESIDE_SOURCES = {
    ("decontamination", "overlap"): "Brown et al. 2020, appendix C",
    ("pii", "density"): "Taojin: personal data",
    ("pii", "forbidden_count"): "Taojin: personal data",
    ("dedup", "url"): "Taojin: URLs in one spelling",
    ("dedup", "exact"): "Taojin: digests of normalised texts",
    ("dedup", "near"): "Broder 1997, MinHash; Lee et al. 2022, section 4.2",
}
"""Where they come from; their bounds are the recipe's."""


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
        "warnings": [
            *_without_records(recipe, told),
            *_unread(told),
            *_unread_against(order.walk),
            *_warnings(recipe, account, products),
        ],
        "pii_self_test": self_test(recipe.pii.settings()),
        "mix": products and products.mix.to_dicts(),
        "sft_mix": products and products.sft.read("mix").to_dicts(),
        "dataset": products and _dataset(recipe, products),
    }
    for name, value in notes.items():
        note(run, name, value)
    note_uncut(run, order.walk)


def note(run: Path, name: str, value: object) -> None:
    """Write RUN/report/NAME.json; of None there is none."""
    path = run / "report" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    if value is None:
        path.unlink(missing_ok=True)
        return
    with publish(path) as partial:
        partial.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n")


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
        "cuts": sum(one["cuts"] for one in shards),
        "sequence_length": recipe.shards.sequence_length,
        "shards": len(shards),
        "sft_rows": products.sft.counts["rows"],
        "sft_rejected": products.sft.counts["rejected"],
        "sft_over_share": products.sft.counts["over_share"],
        **{
            name: sum(one.counts[name] for one in products.dialogues)
            for name in ("dialogues", "learnt", "left_out", "preferences")
        },
    }


def _bounds(recipe: Recipe) -> list[dict[str, object]]:
    """Every bound of the run per kind and language, None for a side that does not bind.

    A metric without a bound has one row, so that what it measures is told too.
    """
    near, told = recipe.dedup.near, origins(recipe)
    about = {metric: (text, BESIDE_SOURCES[metric]) for metric, text in BESIDE.items()} | {
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
            **{
                f"{side}_from": told.get((rule.filter, rule.metric, rule.kind, rule.lang, side))
                for side in ("min", "max")
            },
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


def _unread(told: pl.DataFrame) -> list[Sentence]:
    """The sources of which more than half could not be read: often a wrong column name."""
    found = []
    for source in told["source"].unique().sort():
        records = told.filter(source=source)
        lost = records.filter(fate="quarantined")
        if 2 * lost.height > records.height:
            cause = lost["reasons"].explode().mode().sort()[0]
            counts = {"lost": lost.height, "records": records.height}
            found.append(said("unread", source=source, cause=cause, **counts))
    return found


def _unread_against(walk: Walk) -> list[Sentence]:
    """The records of other data sets that are not compared with, if there are any."""
    unread = against.unread(dict(walk.steps).get("against_read", ()))
    return [said("against_unread", records=unread)] if unread else []


def _without_records(recipe: Recipe, told: pl.DataFrame) -> list[Sentence]:
    read = set(told["source"])
    return [
        said("no_records", source=source.name)
        for source in recipe.sources
        if source.name not in read
    ]


def _warnings(recipe: Recipe, account: Account, products: Products | None) -> list[Sentence]:
    """What a reader of the numbers should know first."""
    (evaluation,), (classifier,) = account.models["evaluation"], account.models["classifier"]
    unread, short = evaluation.counts["unread"], evaluation.counts["short"]
    capped = sum(one.counts["capped"] for one in account.judged.clusters)
    found = [
        (said("counted"), recipe.pii.action == "count"),
        (said("no_classifier"), model_of(classifier) is None),
        (said("no_evaluation"), not recipe.decontaminate.against),
        (said("evaluation_unread", items=unread), unread > 0),
        (said("evaluation_short", items=short), short > 0),
        (said("capped", documents=capped), capped > 0),
        (said("stopped"), products is None),
    ]
    return [
        *kinds.warnings(recipe, [source.kind for source in recipe.sources]),
        *(sentence for sentence, holds in found if holds),
        *_products(recipe, products),
    ]


def _products(recipe: Recipe, products: Products | None) -> list[Sentence]:
    if products is None:
        return []
    pieces, rejected = products.tokenizer.counts["vocabulary"], products.sft.counts["rejected"]
    over_share = products.sft.counts["over_share"]
    rows = {name: sum(one.counts["rows"] for one in many) for name, many in products.shards.items()}
    unseen = rows["validation"] == 0 and recipe.shards.validation > 0
    short = products.mix.filter(products.mix["shortfall_tokens"] > 0)["source"].to_list()
    asked = recipe.tokenizer.vocabulary
    found = [
        (said("no_training"), rows["train"] == 0),
        (said("no_validation"), unseen),
        (said("few_pieces", pieces=pieces, asked=asked), pieces < asked),
        (said("shortfall", sources=", ".join(short)), bool(short)),
        (said("pairs_too_long", pairs=rejected), rejected > 0),
        (said("over_share", dialogues=over_share), over_share > 0),
    ]
    return [sentence for sentence, holds in found if holds]
