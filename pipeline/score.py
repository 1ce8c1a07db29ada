"""`taojin filters score`: what a run's rules and classifiers say of any texts, such as a model's.

The stage that measures and the rules are those of a run. Lines are not cut, personal data is not
masked and nothing is compared with other documents: what is judged is the text as it stands.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import polars as pl

from taojin.core import schema, stage
from taojin.core.errors import UserError
from taojin.core.hashing import content_hash
from taojin.filters import classifier
from taojin.filters.language import DetectLanguage
from taojin.filters.registry import Models, Registry
from taojin.filters.rules import Measure, Rule, reasons
from taojin.pipeline import recipe as recipes
from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import Entry, ReadOptions, Record
from taojin.pipeline.ingest.tables import heads
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.steps.classify import given

BATCH = 1000
"""Texts that are held at once."""
_NOT_TEXT = ("decontamination", "dedup", "pii")
"""Rules on what is not measured of a text by itself."""


@dataclass(frozen=True)
class Judged:
    """One text: its scores, None without a classifier, and every rule that catches it."""

    position: int
    lang: str
    scores: Mapping[str, float | None]
    reasons: Sequence[str]
    terms: Sequence[str] = ()

    @property
    def is_caught(self) -> bool:
        return bool(self.reasons)

    def as_json(self) -> str:
        row = {"position": self.position, "lang": self.lang, **self.scores}
        told = {**row, "reasons": [*self.reasons], "terms": [*self.terms]}
        return json.dumps(told, ensure_ascii=False)

    def as_text(self) -> str:
        scores = [
            f"{name} {'-' if one is None else f'{one:.3f}'}" for name, one in self.scores.items()
        ]
        terms = f"  ({', '.join(self.terms)})" if self.terms else ""
        found = f"caught: {', '.join(self.reasons)}{terms}" if self.reasons else "passes"
        return "  ".join([f"{self.position:>6}", f"{self.lang:<7}", *scores, found])


@dataclass(frozen=True)
class Scorer:
    """The filters and rules that texts are held to."""

    recipe: Recipe
    registry: Registry
    rules: Sequence[Rule]
    kind: str

    def judge(self, entries: Iterator[Entry]) -> Iterator[Judged]:
        """One for every entry, in order; what cannot be read is caught as `ingest.<cause>`."""
        while batch := list(islice(entries, BATCH)):
            records = [entry for entry in batch if isinstance(entry, Record)]
            judged = iter(self._judge(records))
            for entry in batch:
                yield next(judged) if isinstance(entry, Record) else _unread(entry)

    def _judge(self, records: Sequence[Record]) -> list[Judged]:
        documents = stage.run(DetectLanguage(self.recipe.languages), _documents(records, self.kind))
        measured = stage.run(Measure(tuple(self.registry.filters.values())), documents)
        told = measured.select(
            "lang",
            reasons(self.rules),
            *(
                pl.col(name).struct.field("score").alias(name)
                for name in ("classifier", "toxicity")
            ),
        )
        terms = self._terms(documents["text"], told["drop_reasons"])
        return [
            Judged(record.position, row["lang"], self._scores(row), row["drop_reasons"], found)
            for record, row, found in zip(records, told.to_dicts(), terms, strict=True)
        ]

    def _scores(self, row: Mapping[str, Any]) -> dict[str, float | None]:
        models = {name: getattr(self.registry.models, name) for name in ("classifier", "toxicity")}
        return {name: row[name] if folder else None for name, folder in models.items()}

    def _terms(self, texts: pl.Series, found: pl.Series) -> list[list[str]]:
        """The sensitive terms of each text that a rule on them catches."""
        terms: list[list[str]] = [[] for _ in texts]
        caught = found.list.eval(pl.element().str.starts_with("safety.")).list.any().arg_true()
        if len(caught):
            every = self.registry.safety.found_in(texts.gather(caught))
            for place, found_in in zip(caught, every, strict=True):
                terms[place] = sorted({one.entry for one in found_in})
        return terms


def scorer(recipe: Recipe, model: Path | None, filters: Sequence[str], kind: str) -> Scorer:
    """What judges texts by a recipe: with the classifiers that it names, or with `model`.

    `filters` are those whose rules apply, by default those that the recipe uses. UserError for an
    unknown one and for a folder without a classifier.
    """
    folders = {name: folder for name, (folder, _) in given(recipe).items()}
    if model is not None:
        slot = "classifier" if classifier.load(model).kind == "quality" else "toxicity"
        folders[slot] = model
    for name, (_, wanted) in given(recipe).items():
        if (folder := folders[name]) is not None:
            classifier.load_kind(folder, wanted)
    perplexity = recipe.perplexity.model
    models = Models(**folders, perplexity=recipe.folder / perplexity if perplexity else None)
    registry = recipe.registry(models)
    if filters:
        use = {**recipe.filters, "use": [*filters]}
        recipe = recipes.parse({**recipe.resolved(), "filters": use}, recipe.folder)
    rules = [rule for rule in recipe.rules if rule.filter not in _NOT_TEXT]
    return Scorer(recipe, registry, rules, kind)


def entries(path: Path, column: str) -> Iterator[Entry]:
    """The texts of a file: the rows of a table, or a text file as a whole.

    UserError if it is absent or empty, or if no column of the table has that name.
    """
    if not path.is_file():
        raise UserError(f"{path}: no such file; name a JSONL, CSV, Parquet or text file")
    uri = str(path.resolve())
    heads.check(uri, [column], str(path))
    found = read(uri, ReadOptions(columns={"text": column}))
    first = next(found, None) if path.stat().st_size else None
    if first is None:
        raise UserError(f"{path}: is empty; name a file with a text to score")
    return chain([first], found)


def _unread(entry: Any) -> Judged:
    cause = getattr(entry, "cause", None) or entry.kind
    return Judged(
        entry.position, "und", {"classifier": None, "toxicity": None}, [f"ingest.{cause}"]
    )


def _documents(records: Sequence[Record], kind: str) -> pl.DataFrame:
    """The records as ingest leaves documents, before their language is told."""
    nothing = dict.fromkeys(schema.SOURCE.to_schema())
    rows = [
        {
            "doc_id": f"{record.position:032x}",
            "content_hash": content_hash(record.text),
            "text": record.text,
            "source": {**nothing, "name": "score", "kind": kind, "url": record.url},
        }
        for record in records
    ]
    columns = {name: schema.DOCUMENT[name] for name in ("doc_id", "content_hash", "text", "source")}
    return pl.DataFrame(rows, schema=columns)
