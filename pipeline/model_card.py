"""A classifier's card: what it was trained on, under which licences, how, and what it is worth.

After Mitchell et al. 2019, "Model Cards for Model Reporting", as far as a program can tell.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from taojin import __version__
from taojin.filters.classifier import Classifier
from taojin.filters.training import TrainingSettings

CARD = "card.json"
LIBRARIES = ("fasttext-community", "jieba", "numba", "numpy", "polars", "scipy")

Card = dict[str, Any]
Figures = Mapping[str, Mapping[str, Any]]

_CLASSES = {"quality": ("good", "others"), "toxicity": ("toxic", "others")}
_SCORES = {
    "quality": "probability that a text is like the good examples, not like the others",
    "toxicity": "probability that a text is like the toxic examples, not like the others",
}


def card(
    name: str,
    found: Classifier,
    examples: pl.DataFrame,
    settings: TrainingSettings,
    figures: Figures,
    evaluated: str,
) -> Card:
    """The card of a classifier that was trained on these examples (`sampling.EXAMPLE`, `licence`).

    `evaluated` says which documents the figures are of.
    """
    return {
        "name": name,
        "kind": settings.kind,
        "score": _SCORES[settings.kind],
        "data": data(examples, settings.kind),
        "data_sha256": data_digest(examples),
        "settings": asdict(settings),
        "versions": {"taojin": __version__, **{one: version(one) for one in LIBRARIES}},
        "columns": weights(found),
        "evaluated": evaluated,
        "figures": figures,
    }


def data(examples: pl.DataFrame, kind: str) -> list[Card]:
    """Of every source and class the documents trained on, by language and by licence."""
    positive, negative = _CLASSES[kind]
    return [
        {
            "source": source,
            "class": positive if is_positive else negative,
            "documents": found.height,
            "languages": _counts(found["lang"]),
            "licences": _counts(found["licence"]),
        }
        for (source, is_positive), found in sorted(
            examples.partition_by("source", "positive", as_dict=True).items(),
            key=lambda pair: (pair[0][0], not pair[0][1]),
        )
    ]


def _counts(column: pl.Series) -> dict[str, int]:
    """How often each value occurs, by value; an empty one is `unknown`."""
    counted = column.replace({"": "unknown"}).value_counts().sort(column.name)
    return dict(counted.iter_rows())


def data_digest(examples: pl.DataFrame) -> str:
    """Hex digest over the content hashes of the examples with their classes, in order."""
    rows = examples.select("content_hash", pl.col("positive").cast(pl.Int8)).sort(pl.all())
    lines = "".join(f"{key} {positive}\n" for key, positive in rows.iter_rows())
    return hashlib.sha256(lines.encode()).hexdigest()


def weights(found: Classifier) -> dict[str, float]:
    """What a standard deviation of each column adds to the logit."""
    return {
        name: round(weight, 4)
        for name, weight in zip(found.column_names, found.combination.weights, strict=True)
    }


def write(folder: Path, told: Card) -> None:
    """Write `card.json` for programs and `card.md` for people."""
    text = json.dumps(told, indent=1, ensure_ascii=False)
    (folder / CARD).write_text(text + "\n", encoding="utf-8")
    (folder / "card.md").write_text(as_markdown(told), encoding="utf-8")


def read(folder: Path) -> Card | None:
    """The card in a classifier's folder, None for one without."""
    path = folder / CARD
    if not path.is_file():
        return None
    found: Card = json.loads(path.read_text(encoding="utf-8"))
    return found


def as_markdown(told: Card) -> str:
    """The card for people."""
    sections = [
        f"# {told['name']}",
        "",
        f"A classifier of {told['kind']} by Taojin {told['versions']['taojin']}. Its score is the "
        f"{told['score']}, as if there were as many of either.",
        "",
        "## Data",
        "",
        *_table(
            ["source", "class", "documents", "languages", "licences"],
            [
                [
                    one["source"],
                    one["class"],
                    f"{one['documents']:,}",
                    _listed(one["languages"]),
                    _listed(one["licences"]),
                ]
                for one in told["data"]
            ],
        ),
        "",
        f"SHA-256 over the content hashes with their classes: `{told['data_sha256']}`",
        *_files(told.get("files", ())),
        "",
        "## Figures",
        "",
        f"Of {told['evaluated']}. Precision is as among equal numbers of either class.",
        "",
        *as_table(told["figures"]),
        "",
        "## Weights",
        "",
        *_table(["column", "weight"], [[*pair] for pair in told["columns"].items()]),
        "",
        "## Settings and versions",
        "",
        "```json",
        json.dumps({"settings": told["settings"], "versions": told["versions"]}, indent=1),
        "```",
    ]
    return "\n".join(sections) + "\n"


def _files(files: Sequence[Card]) -> list[str]:
    if not files:
        return []
    rows = [[one["path"], f"{one['size_bytes']:,}", f"`{one['sha256']}`"] for one in files]
    return ["", *_table(["file", "bytes", "sha256"], rows)]


def as_table(figures: Figures) -> list[str]:
    """The figures per language as the lines of a table."""
    rows = []
    for lang, one in figures.items():
        at_half = next(row for row in one["thresholds"] if row["threshold"] == 0.5)
        rows.append(
            [
                lang,
                f"{one['positive']:,}",
                f"{one['negative']:,}",
                f"{one['auc']:.4f}",
                f"{one['calibration_error']:.4f}",
                f"{at_half['precision']:.3f}",
                f"{at_half['recall']:.3f}",
            ]
        )
    head = ["language", "positive", "negative", "AUC", "calibration error"]
    return _table([*head, "precision at 0.5", "recall at 0.5"], rows)


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    lines = ["| " + " | ".join(str(cell) for cell in row) + " |" for row in (head, *rows)]
    return [lines[0], "|" + "---|" * len(head), *lines[1:]]
