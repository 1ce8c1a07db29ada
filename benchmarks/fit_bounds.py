"""Derives filters/measured.toml, the bounds that ship, and docs/bounds.md, what they drop.

    python -m benchmarks.fit_bounds [--data DIR]

A bound of thresholds.toml (the paper's, or ours) stays where it drops less of real prose than
`STAYS`; else it is loosened, to the value that drops `DROP`: shares of a language's reference
prose, and of each of its registers, paragraphs of encyclopedias among them as far as their length
is not what is measured. Traditional Chinese, of which the data has paragraphs only, gets the looser
of its own and the simplified bounds; a language that has too little prose gets
the looser of the English and the Chinese, except for what depends on how long its words are.
"""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import polars as pl

from benchmarks import bounds as judged
from benchmarks.harness import Bench
from benchmarks.registers import Register, registers
from taojin.core import stage
from taojin.filters import bounds
from taojin.filters.fitting import Side, bound_sides, fit
from taojin.filters.rules import Bounds, Measure, Rule

MEASURED = ("en", "zh-Hans")
STAYS, REGISTER_STAYS = 0.006, 0.012
DROP, REGISTER_DROP = 0.004, 0.008
FEWEST = 100
"""Documents of a register that has a say of its own."""
BY_LANGUAGE = ("mean_word_length", "stop_word_count", "stop_word_ratio", "alpha_word_ratio")
"""Metrics that depend on how a language is written: other languages keep thresholds.toml's."""
BY_LENGTH = ("word_count", "sentence_count", "stop_word_count", "terminal_line_ratio")
"""Metrics that a single paragraph says nothing about."""
TARGETS = {"toml": Path("filters/measured.toml"), "page": Path("docs/bounds.md")}

Limits = Mapping[tuple[Side, str | None], float]


def derive(bench: Bench) -> Limits:
    """The bounds to put over thresholds.toml, by side and language (None: every other one)."""
    rules = bounds.layered(judged.FILTERS, [bounds.defaults()])
    sides = [side for side in bound_sides(_general(rules)) if side[0] not in ("language", "url")]
    parts = [one for one in registers(bench) if one.kind == "web"]
    by_lang = {lang: _asked(parts, sides, rules, lang) for lang in (*MEASURED, "zh-Hant")}
    by_lang["zh-Hant"] = _looser(by_lang["zh-Hant"], by_lang["zh-Hans"])
    others = _looser(by_lang["en"], by_lang["zh-Hans"])
    shared = {side: limit for side, limit in others.items() if side[1] not in BY_LANGUAGE}
    return {
        (side, lang): limit
        for lang, limits in {**by_lang, None: shared}.items()
        for side, limit in limits.items()
        if _loosens(limit, _present(rules, side, lang), side[2])
    }


def _general(rules: Iterable[Rule]) -> list[Rule]:
    """Rules of prose: a kind's presets are measured on their own."""
    return [rule for rule in rules if rule.kind is None]


def _asked(
    parts: Sequence[Register], sides: Sequence[Side], rules: Sequence[Rule], lang: str
) -> dict[Side, float]:
    """What a language's reference and each of its registers ask for, where a bound may not stay."""
    own = [one for one in parts if one.lang == lang and (one.is_reference or one.are_paragraphs)]
    tables = [
        stage.run(Measure(judged.FILTERS), one.documents)
        .drop("text")
        .with_columns(pl.lit(f"{number}").alias("lang"))
        for number, one in enumerate(own)
    ]
    prose = [table for one, table in zip(own, tables, strict=True) if one.is_reference]
    whole = pl.concat(prose).with_columns(pl.lit("whole").alias("lang"))
    found: dict[Side, float] = {}
    for table, stays, drop, left_out in (
        (whole, STAYS, DROP, ()),
        *(
            (table, REGISTER_STAYS, REGISTER_DROP, BY_LENGTH if one.are_paragraphs else ())
            for one, table in zip(own, tables, strict=True)
        ),
    ):
        broken = [
            side
            for side in sides
            if side[1] not in left_out and _share(table, side, _present(rules, side, lang)) > stays
        ]
        asked = fit(table, broken, drop, fewest=FEWEST).bounds
        found = _looser(found, {one.side: one.bound for one in asked})
    return found


def _share(table: pl.DataFrame, side: Side, limit: float | None) -> float:
    """The share of documents that lie beyond a limit."""
    if limit is None:
        return 0.0
    values = table[side[0]].struct.field(side[1]).cast(pl.Float64)
    return float((values < limit if side[2] == "min" else values > limit).mean() or 0.0)


def _looser(left: Mapping[Side, float], right: Mapping[Side, float]) -> dict[Side, float]:
    """The looser bound of each side."""
    found = dict(left)
    for side, limit in right.items():
        pick = min if side[2] == "min" else max
        found[side] = pick(found.get(side, limit), limit)
    return found


def _loosens(limit: float, present: float | None, side: str) -> bool:
    if present is None:
        return False
    return limit < present if side == "min" else limit > present


def _present(rules: Iterable[Rule], side: Side, lang: str | None) -> float | None:
    """The bound that thresholds.toml gives a language."""
    own = {
        rule.lang: rule.bounds for rule in _general(rules) if (rule.filter, rule.metric) == side[:2]
    }
    limit: float | None = getattr(own.get(lang, own.get(None, Bounds())), side[2])
    return limit


def as_toml(found: Limits) -> str:
    """The bounds in the form of thresholds.toml."""
    lines = [
        "# Derived by `python -m benchmarks.fit_bounds`: put over thresholds.toml where that drops",
        "# real prose. Not to be edited by hand; docs/bounds.md shows what the bounds drop.",
    ]
    tables: dict[tuple[str, str | None], dict[str, dict[str, float]]] = {}
    for ((name, metric, end), lang), limit in found.items():
        tables.setdefault((name, lang), {}).setdefault(metric, {})[end] = limit
    for (name, lang), metrics in sorted(
        tables.items(), key=lambda one: (one[0][0], one[0][1] or "")
    ):
        lines += ["", f"[filters.{name}{f'.lang.{lang}' if lang else ''}]"]
        for metric, sides in sorted(metrics.items()):
            inner = ", ".join(f"{end} = {limit:g}" for end, limit in sorted(sides.items()))
            lines.append(f"{metric} = {{ {inner} }}")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="test data")
    bench = Bench(parser.parse_args().data, Path(".peers"))
    TARGETS["toml"].write_text(as_toml(derive(bench)), encoding="utf-8")
    bounds.defaults.cache_clear()
    TARGETS["page"].write_text(judged.page(bench), encoding="utf-8")


if __name__ == "__main__":
    main()
