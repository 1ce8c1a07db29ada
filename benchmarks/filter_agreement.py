"""Do Taojin's filters decide as datatrove's do, given its words and its bounds?

Each of datatrove's filters stops at the first reason, Taojin's give all. They agree on a document
that both keep, or that both drop if datatrove's reason is among ours. A disagreement has the cause
that is known for the rule which decided alone, CAUSES.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from benchmarks.harness import Result, Row, documents
from taojin.filters.batch import Batch
from taojin.filters.registry import Registry
from taojin.filters.rules import Bounds, Rule, reasons

AGREEMENT = ("agreement", "agreement_by_filter", "disagreements")
_MIN, _MAX = "min", "max"
Bound = tuple[str, str, float]

BOUNDS: Mapping[str, Mapping[str, Bound]] = {
    "gopher_quality": {
        "gopher_short_doc": ("word_count", _MIN, 50),
        "gopher_long_doc": ("word_count", _MAX, 100_000),
        "gopher_below_avg_threshold": ("mean_word_length", _MIN, 3),
        "gopher_above_avg_threshold": ("mean_word_length", _MAX, 10),
        "gopher_too_many_hashes": ("symbol_word_ratio", _MAX, 0.1),
        "gopher_too_many_ellipsis": ("symbol_word_ratio", _MAX, 0.1),
        "gopher_too_many_bullets": ("bullet_line_ratio", _MAX, 0.9),
        "gopher_too_many_end_ellipsis": ("ellipsis_line_ratio", _MAX, 0.3),
        "gopher_below_alpha_threshold": ("alpha_word_ratio", _MIN, 0.8),
        "gopher_enough_stop_words": ("stop_word_count", _MIN, 2),
    },
    "gopher_repetition": {
        "dup_line_frac": ("duplicate_line_ratio", _MAX, 0.3),
        "dup_para_frac": ("duplicate_paragraph_ratio", _MAX, 0.3),
        "dup_line_char_frac": ("duplicate_line_character_ratio", _MAX, 0.2),
        "dup_para_char_frac": ("duplicate_paragraph_character_ratio", _MAX, 0.2),
        "top_2_gram": ("top_2_gram_ratio", _MAX, 0.2),
        "top_3_gram": ("top_3_gram_ratio", _MAX, 0.18),
        "top_4_gram": ("top_4_gram_ratio", _MAX, 0.16),
        "duplicated_5_n_grams": ("duplicate_5_gram_ratio", _MAX, 0.15),
        "duplicated_6_n_grams": ("duplicate_6_gram_ratio", _MAX, 0.14),
        "duplicated_7_n_grams": ("duplicate_7_gram_ratio", _MAX, 0.13),
        "duplicated_8_n_grams": ("duplicate_8_gram_ratio", _MAX, 0.12),
        "duplicated_9_n_grams": ("duplicate_9_gram_ratio", _MAX, 0.11),
        "duplicated_10_n_grams": ("duplicate_10_gram_ratio", _MAX, 0.1),
    },
    "c4": {
        "too_few_sentences": ("kept_sentence_count", _MIN, 5),
        "curly_bracket": ("kept_brace_count", _MAX, 0),
        "lorem_ipsum": ("lorem_ipsum_count", _MAX, 0),
    },
    "fineweb": {
        "empty": ("terminal_line_ratio", _MIN, 0.12),
        "line_punct_ratio": ("terminal_line_ratio", _MIN, 0.12),
        "short_line_ratio": ("short_line_ratio", _MAX, 0.67),
        "char_dup_ratio": ("duplicate_line_character_ratio", _MAX, 0.01),
        "list_ratio": ("newline_word_ratio", _MAX, 0.3),
    },
}
"""datatrove 0.10.1's defaults: for each of its reasons the metric, side and bound of ours."""

CAUSES: Mapping[str, str] = {
    "word_count": "words hold a letter or digit; there, a character that is no punctuation",
    "symbol_word_ratio": "…… is one ellipsis; there, two",
    "alpha_word_ratio": "letters are Unicode's Alphabetic; there, those of str.isalpha",
    "stop_word_count": "The and THE are stop words too; the language has its own",
    "bullet_line_ratio": "more signs are bullets than • and -; blank lines are no lines",
    "ellipsis_line_ratio": "blank lines are no lines",
    "duplicate_line_ratio": "blank lines are no lines, and white space at the end no difference",
    "top_gram": "a character under two overlapping n-grams counts once, an n-gram seen once not",
    "kept_sentence_count": "a line may end in 。！？ or a bracket and needs 3 units; there, 3 words"
    " between spaces, and spaCy's sentences with their abbreviations",
    "kept_brace_count": "lines of 3 units; there, of 3 words between spaces",
    "lorem_ipsum_count": "anywhere; there, on the lines that other rules have left",
    "terminal_line_ratio": "white space, a quote or a bracket may follow the full stop",
    "short_line_ratio": "a wide character takes two columns",
    "duplicate_line_character_ratio": "white space at the ends of lines is not counted",
}
"""By metric, or kind of n-gram, where ours differs and why a document may end elsewhere."""


@dataclass(frozen=True)
class Comparison:
    """What the filters of both tools say about the same documents."""

    shares: Mapping[str, float]
    causes: Mapping[str, Sequence[str]]


def compare(rows: Sequence[Row], lang: str, theirs: Sequence[Row]) -> Comparison:
    """`theirs` has, for each row, the reason of each filter of datatrove and the words it saw."""
    words = pl.Series([row["words"] for row in theirs], dtype=pl.List(pl.String))
    batch = Batch(documents(rows, lang), words)
    shares, causes = {}, {}
    for name, bounds in BOUNDS.items():
        ours = _reasons(name, bounds, batch)
        reasons_ = [row["reasons"][name] for row in theirs]
        found = [
            (_cause(known, own, name), row.get("id", str(number)))
            for number, (row, known, own) in enumerate(zip(rows, reasons_, ours, strict=True))
            if not _agree(known, own, name)
        ]
        shares[name] = 1 - len(found) / max(len(rows), 1)
        causes[name] = _grouped(found)
    return Comparison(shares, causes)


def _reasons(name: str, bounds: Mapping[str, Bound], batch: Batch) -> list[list[str]]:
    """All reasons of one filter of ours, `metric.side`, for each document."""
    filter_ = Registry(("en", "zh-Hans")).filters[name]
    merged: dict[str, Bounds] = {}
    for metric, side, bound in bounds.values():
        merged[metric] = merged.get(metric, Bounds()) | Bounds(**{side: bound})
    rules = [Rule(name, metric, None, both) for metric, both in merged.items()]
    measured = batch.documents.with_columns(filter_.measure(batch)).select(reasons(rules))
    return [
        [reason.removeprefix(f"{name}.") for reason in found]
        for found in measured["drop_reasons"].to_list()
    ]


def _agree(theirs: str | None, ours: Sequence[str], name: str) -> bool:
    if theirs is None:
        return not ours
    metric, side, _ = BOUNDS[name][theirs]
    return f"{metric}.{side}" in ours


def _cause(theirs: str | None, ours: Sequence[str], name: str) -> str:
    """Which side dropped the document by which rule, and why the other did not."""
    if theirs is None:
        metric = ours[0].rsplit(".", 1)[0]
        return f"we drop, {metric}: {_known(metric)}"
    metric = BOUNDS[name][theirs][0]
    side = "both drop, for other reasons" if ours else "datatrove drops"
    return f"{side}, {metric}: {_known(metric)}"


def _known(metric: str) -> str:
    kind = metric.split("_", maxsplit=1)[0]
    return CAUSES.get(metric) or CAUSES.get(f"{kind}_gram", "unexplained")


def _grouped(found: Sequence[tuple[str, str]]) -> list[str]:
    """A line per cause: how many documents, and which."""
    causes = Counter(cause for cause, _ in found)
    return [
        f"{number} {cause}; " + " ".join(id_ for of, id_ in found if of == cause)
        for cause, number in causes.most_common()
    ]


def summary(comparison: Comparison) -> Result:
    """The keys AGREEMENT of a benchmark."""
    return {
        "agreement": min(comparison.shares.values()),
        "agreement_by_filter": dict(comparison.shares),
        "disagreements": dict(comparison.causes),
    }
