"""What a filter is: metrics that measure, bounds that are data, reasons that are derived."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.schema import Schema
from taojin.filters.batch import Batch


@dataclass(frozen=True)
class Metric:
    """A total function over documents: finite for every string, the empty one included.

    A name ending in `_count` is stored as Int64, every other as Float64.
    """

    name: str
    measure: Callable[[Batch], NDArray[np.generic]]
    about: str

    @property
    def dtype(self) -> type[pl.DataType]:
        return pl.Int64 if self.name.endswith("_count") else pl.Float64


@dataclass(frozen=True)
class Filter:
    """Metrics under one name, with the paper and section that they come from."""

    name: str
    source: str
    metrics: tuple[Metric, ...]

    @property
    def dtype(self) -> pl.Struct:
        return pl.Struct({metric.name: metric.dtype for metric in self.metrics})

    def measure(self, batch: Batch) -> pl.Series:
        """The struct column of all its metrics."""
        fields = [
            pl.Series(metric.name, metric.measure(batch), dtype=metric.dtype)
            for metric in self.metrics
        ]
        return pl.DataFrame(fields).to_struct(self.name)


@dataclass(frozen=True)
class Bounds:
    """Inclusive bounds; a side that is None does not bind."""

    min: float | None = None
    max: float | None = None

    def __or__(self, other: "Bounds") -> "Bounds":
        """These bounds with the other's sides put over them where it has them."""
        return Bounds(
            self.min if other.min is None else other.min,
            self.max if other.max is None else other.max,
        )


@dataclass(frozen=True)
class Rule:
    """One metric's bounds for documents of one language from sources of one kind.

    `lang` None stands for every language, `kind` None for every kind, that has no rule of its own.
    """

    filter: str
    metric: str
    lang: str | None
    bounds: Bounds
    kind: str | None = None


@dataclass(frozen=True)
class Measure:
    """The stage that stores every metric of its filters; `version` moves with the code below it.

    `seconds`, if given, is where the time of each filter is added up by name; what filters share
    is counted for the first that asks for it.
    """

    filters: tuple[Filter, ...]
    name: str = "measure"
    version: int = 1
    seconds: dict[str, float] | None = None

    @property
    def adds(self) -> Schema:
        return {filter_.name: filter_.dtype for filter_ in self.filters}

    def __call__(self, documents: pl.DataFrame) -> pl.DataFrame:
        batch = Batch(documents)
        return documents.with_columns(self._timed(filter_, batch) for filter_ in self.filters)

    def _timed(self, filter_: Filter, batch: Batch) -> pl.Series:
        start = time.perf_counter()
        column = filter_.measure(batch)
        if self.seconds is not None:
            took = time.perf_counter() - start
            self.seconds[filter_.name] = self.seconds.get(filter_.name, 0.0) + took
        return column


def reasons(rules: Iterable[Rule]) -> pl.Expr:
    """List(String) `drop_reasons`: `<filter>.<metric>.<min or max>` of every bound that is broken.

    Reads the struct columns of the filters, `lang`, and `source` where a kind has rules of its own.
    Every rule is evaluated, not only the first that fails.
    """
    by_metric: dict[tuple[str, str], list[Rule]] = {}
    for rule in rules:
        by_metric.setdefault((rule.filter, rule.metric), []).append(rule)
    broken = [
        pl.when(_broken(group, side)).then(pl.lit(f"{filter_}.{metric}.{side}"))
        for (filter_, metric), group in by_metric.items()
        for side in ("min", "max")
        if any(getattr(rule.bounds, side) is not None for rule in group)
    ]
    if not broken:
        return pl.lit([], dtype=pl.List(pl.String)).alias("drop_reasons")
    return pl.concat_list(broken).list.drop_nulls().alias("drop_reasons")


def _broken(group: Sequence[Rule], side: str) -> pl.Expr:
    """Whether a document's value lies beyond the bound of its kind and language."""
    value = pl.col(group[0].filter).struct.field(group[0].metric).cast(pl.Float64)
    bound = limit(group, side)
    beyond = value < bound if side == "min" else value > bound
    return beyond.fill_null(value=False)


def limit(group: Sequence[Rule], side: str) -> pl.Expr:
    """Float64: the bound of one metric's rules for a document's kind and language; null for none.

    Reads `lang`, and `source` where a kind has rules of its own.
    """
    kinds = dict.fromkeys(rule.kind for rule in group)
    limits = {kind: _limit([rule for rule in group if rule.kind == kind], side) for kind in kinds}
    bound = limits.pop(None, pl.lit(None, pl.Float64))
    for kind, own in limits.items():
        bound = pl.when(_kind().eq_missing(pl.lit(kind))).then(own).otherwise(bound)
    return bound


def bounds_for(group: Sequence[Rule], lang: str | None, kind: str | None) -> Bounds:
    """What `limit` gives, both sides, for one document; no bounds where no rule fits."""
    own = [rule for rule in group if rule.kind == kind]
    others = [rule for rule in group if rule.kind is None]
    by_lang = {rule.lang: rule.bounds for rule in own or others}
    return by_lang.get(lang, by_lang.get(None, Bounds()))


def _kind() -> pl.Expr:
    return pl.col("source").struct.field("kind")


def _limit(group: Sequence[Rule], side: str) -> pl.Expr:
    """The bound of a document's language among the rules of one kind."""
    limits = {rule.lang: getattr(rule.bounds, side) for rule in group}
    default = limits.pop(None, None)
    if not limits:
        return pl.lit(default, pl.Float64)
    return pl.col("lang").replace_strict(
        list(limits),
        pl.Series(list(limits.values()), dtype=pl.Float64, strict=False),
        default=default,
        return_dtype=pl.Float64,
    )
