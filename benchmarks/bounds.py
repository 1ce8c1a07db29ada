"""What the shipped bounds drop of real prose, by language and register, and what they catch.

`drops`: of each register (`benchmarks/registers.py`), the share that all rules together drop and
the worst rules by themselves. `reference`: the same over the registers that the bounds of a
language are derived from: each rule is to drop under 2 %, all together under 10 %. `caught`: of
each made corruption of prose (quality: made_*), the share that any rule drops; `caught_by` the
rules that do most of it. The rules are those of a recipe without `[filters]`, the classifier's
and the perplexity's aside, whose models a run trains.
"""

from collections.abc import Mapping

import polars as pl

from benchmarks.harness import LANGUAGES, Bench, Result, documents, main
from benchmarks.registers import Register, registers
from taojin.core import stage
from taojin.filters.bounds import rules
from taojin.filters.fitting import FEWEST
from taojin.filters.registry import Registry
from taojin.filters.rules import Measure, reasons

CODES = ("en", "zh-Hans", "zh-Hant", "ar", "de", "es", "fr", "ja", "ko", "ru", "th")
FILTERS = tuple(Registry(CODES).filters.values())
SHOWN = 5
"""Rules that are shown by themselves."""


def measure(bench: Bench) -> Result:
    judged = [(one, judge(one.documents)) for one in registers(bench)]
    made = _made(bench)
    return {
        "drops": {f"{one.lang} {one.name}": drops(found) for one, found in judged},
        "reference": {
            lang: drops(pl.concat([found for one, found in judged if _refers(one, lang)]))
            for lang in ("en", "zh-Hans")
        },
        "caught": _caught(made),
        "caught_by": _caught_by(made),
    }


def _refers(register: Register, lang: str) -> bool:
    return register.is_reference and register.lang == lang


def judge(table: pl.DataFrame) -> pl.DataFrame:
    """The documents' metrics and `drop_reasons` under the shipped bounds."""
    measured = stage.run(Measure(FILTERS), table).drop("text")
    return measured.with_columns(reasons(rules(FILTERS, {})))


def drops(judged: pl.DataFrame) -> dict[str, object]:
    """Documents, the share that is dropped, and the rules that drop most by themselves."""
    return {
        "documents": judged.height,
        "together": share_dropped(judged),
        "rules": dict(list(by_rule(judged).items())[:SHOWN]),
    }


def share_dropped(judged: pl.DataFrame) -> float:
    return float((judged["drop_reasons"].list.len() > 0).mean() or 0.0)


def by_rule(judged: pl.DataFrame) -> Mapping[str, float]:
    """The share that each rule drops, the greatest first."""
    counts = judged["drop_reasons"].explode(empty_as_null=False).value_counts()
    ordered = counts.sort("count", "drop_reasons", descending=[True, False])
    return {rule: count / judged.height for rule, count in ordered.iter_rows()}


def _made(bench: Bench) -> Mapping[tuple[str, str], pl.DataFrame]:
    """Judged corruptions, by language and kind."""
    rows = bench.rows("quality/quality.jsonl.zst")
    kinds = sorted({row["kind"] for row in rows if row["kind"].startswith("made_")})
    return {
        (language, kind): judge(
            documents(
                [
                    {**row, "id": str(number)}
                    for number, row in enumerate(rows)
                    if row["kind"] == kind and row["lang"] == language
                ],
                lang,
            )
        )
        for language, lang in LANGUAGES.items()
        for kind in kinds
    }


def _caught(made: Mapping[tuple[str, str], pl.DataFrame]) -> Result:
    """By language: each kind's share, and all kinds' but shuffled words, which keep every word."""
    found: Result = {}
    for language in LANGUAGES:
        own = {kind: judged for (one, kind), judged in made.items() if one == language}
        barred = [judged for kind, judged in own.items() if kind != "made_shuffled_words"]
        shares = {kind: share_dropped(judged) for kind, judged in own.items()}
        found[language] = {"all": share_dropped(pl.concat(barred)), **shares}
    return found


def _caught_by(made: Mapping[tuple[str, str], pl.DataFrame]) -> Result:
    return {
        f"{language} {kind}": dict(list(by_rule(judged).items())[:3])
        for (language, kind), judged in made.items()
    }


_PAGE = """# What the bounds drop

Made by `python -m benchmarks.fit_bounds`, which derives `filters/measured.toml` too; not to be
edited by hand. Percent of the documents of each register that a rule drops at the bounds that
ship, every rule for itself, and all together. The bounds are derived from the registers marked *;
a language with fewer than 200 such documents is **not measured**: it has the bounds of
thresholds.toml or the looser of the English and the Chinese. `poetry`, SMS and chat are judged by
the presets of their kind. A rule that drops nothing here is left out.
"""
_MADE = """
## What they catch

Percent of corrupted prose that is dropped, by kind of corruption. Shuffled words keep every word
and line; telling those is the classifier's work.
"""


def page(bench: Bench) -> str:
    """docs/bounds.md: a table of rules by register, and one of what is caught."""
    judged = [(one, judge(one.documents)) for one in registers(bench)]
    parts = [_PAGE]
    for lang in dict.fromkeys(one.lang for one, _ in judged):
        own = [(one, found) for one, found in judged if one.lang == lang]
        parts.append(f"\n## {lang}{_remark(own)}\n\n{_table(own)}")
    caught = _caught(_made(bench))
    rows = [
        [
            kind.removeprefix("made_").replace("_", " "),
            *(_percent(caught[one][kind]) for one in LANGUAGES),
        ]
        for kind in caught["en"]
    ]
    return "".join([*parts, _MADE, "\n", _markdown(["kind", *LANGUAGES], rows)])


def _remark(own: list[tuple[Register, pl.DataFrame]]) -> str:
    documents = sum(found.height for one, found in own if one.is_reference)
    return "" if documents >= FEWEST else f": not measured ({documents} documents)"


def _table(own: list[tuple[Register, pl.DataFrame]]) -> str:
    shares = [by_rule(found) for _, found in own]
    names = [f"{one.name}{'*' * one.is_reference}" for one, _ in own]
    most = {rule: max(one.get(rule, 0.0) for one in shares) for share in shares for rule in share}
    rows = [
        ["documents", *(f"{found.height:,}" for _, found in own)],
        ["**all together**", *(f"**{_percent(share_dropped(found))}**" for _, found in own)],
        *(
            [f"`{rule}`", *(_percent(one.get(rule, 0.0)) for one in shares)]
            for rule in sorted(most, key=lambda rule: (-most[rule], rule))
        ),
    ]
    return _markdown(["", *names], rows)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}" if share else "0"


def _markdown(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


if __name__ == "__main__":
    main(measure, __doc__ or "")
