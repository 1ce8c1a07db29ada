"""Where every bound comes from: a paper, a measurement on real prose, us, or the recipe.

The files of bounds are the origin: `measured.toml` is measured, `published.toml` a paper's. Of
thresholds.toml PAPERS says which bounds are a paper's or a published system's; the others are ours.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from taojin.filters.bounds import layered, layers
from taojin.filters.rules import Rule
from taojin.pipeline.recipe import Recipe, defaults

Side = tuple[str, str, str | None, str | None, str]
"""Filter, metric, kind, language, and `min` or `max`."""

PAPER = "paper"
"""A bound of the paper, or the system, that its filter is named after."""

PAPERS: Mapping[str, Mapping[str, str]] = {
    "gopher_quality": dict.fromkeys(
        ("word_count", "mean_word_length", "symbol_word_ratio", "bullet_line_ratio",
         "ellipsis_line_ratio", "alpha_word_ratio", "stop_word_count"), PAPER,
    ),
    "gopher_repetition": dict.fromkeys(
        ("duplicate_line_ratio", "duplicate_paragraph_ratio", "duplicate_line_character_ratio",
         "duplicate_paragraph_character_ratio", "top_2_gram_ratio", "top_3_gram_ratio",
         "top_4_gram_ratio", *(f"duplicate_{n}_gram_ratio" for n in range(5, 11))), PAPER,
    ),
    "c4": dict.fromkeys(("sentence_count", "lorem_ipsum_count", "bad_word_count"), PAPER),
    "fineweb": dict.fromkeys(
        ("terminal_line_ratio", "short_line_ratio", "duplicate_line_character_ratio",
         "newline_word_ratio"), PAPER,
    ),
    "dolma": {"most_repeats_count": "OLMo et al. 2024, section 3.1"},
    "dolma.lang.en": {"median_word_length": "Dolma's mixer"},
    "data_juicer": dict.fromkeys(
        ("character_count", "alphanumeric_ratio", "special_character_ratio",
         "character_repetition_ratio"), PAPER,
    ),
    "nemotron": {
        "digit_ratio": "NeMo Curator",
        "parenthesis_ratio": "NeMo Curator",
        "longest_word_character_count": "Raffel et al. 2020, their code",
    },
    "url": dict.fromkeys(
        ("blocked_domain_count", "blocked_url_count", "blocked_word_count",
         "blocked_subword_count", "soft_word_count"), PAPER,
    ),
    "code.kind.code": {
        "line_count": "NeMo Curator",
        "mean_line_length": "Li et al. 2023, section 3",
        "longest_line_character_count": "Li et al. 2023, section 3",
        "alphabetic_ratio": "Li et al. 2023",
        "comment_line_ratio": "NeMo Curator",
        "markup_ratio": "Li et al. 2023",
        "xml_header_count": "Li et al. 2023",
        **dict.fromkeys(
            ("generated_mark_count", "encoded_ratio", "longest_encoded_character_count",
             "escape_ratio"), "Lozhkov et al. 2024, section 2.1",
        ),
    },
}  # fmt: skip
"""By table of thresholds.toml: the metrics whose bounds are published, and where."""


def origins(recipe: Recipe) -> Mapping[Side, str]:
    """The origin of every side that binds, of the recipe's filters and of the rules beside them."""
    tags = _Tags()
    tagged = [
        tags.layer(name, table)
        for name, table in layers(recipe.overrides, recipe.bound_set).items()
    ]
    chosen = recipe.registry().choose(recipe.used)
    found = dict(_told(layered(chosen, tagged, recipe.kinds), tags.names))
    default = defaults()
    beside = {
        ("decontamination", "overlap"): recipe.decontaminate.most_overlap
        != default.decontaminate.most_overlap,
        **{(rule.filter, rule.metric): True for rule in recipe.pii.rules()},
        ("dedup", "url"): False,
        ("dedup", "exact"): False,
        ("dedup", "near"): recipe.dedup.near != default.dedup.near,
    }
    changed = {True: "recipe", False: "ours"}
    return found | {(*rule, None, None, "max"): changed[own] for rule, own in beside.items()}


def _told(rules: Iterable[Rule], names: list[str]) -> Iterator[tuple[Side, str]]:
    for rule in rules:
        for side in ("min", "max"):
            tag = getattr(rule.bounds, side)
            if tag is not None:
                yield (rule.filter, rule.metric, rule.kind, rule.lang, side), names[int(abs(tag))]


class _Tags:
    """Bounds replaced by numbers that say where they come from, to be merged as bounds are.

    The tag of a min is below 0, so that it never stands above a max; what is infinite stays so.
    """

    def __init__(self) -> None:
        self.names: list[str] = ["ours"]

    def layer(self, file: str, table: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self._table(file, name, own) for name, own in table.items()}

    def _table(self, file: str, where: str, table: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in table.items():
            if key in ("lang", "kind"):
                found[key] = {
                    name: self._table(file, f"{where}.{key}.{name}", own)
                    for name, own in value.items()
                }
            else:
                found[key] = self._sides(_name(file, where, key), value)
        return found

    def _sides(self, name: str, sides: Mapping[str, float]) -> dict[str, float]:
        self.names.append(name)
        tag = len(self.names) - 1
        return {
            side: limit if abs(limit) == float("inf") else tag if side == "max" else -tag
            for side, limit in sides.items()
        }


def _name(file: str, where: str, metric: str) -> str:
    if file == "thresholds":
        return PAPERS.get(where, {}).get(metric, "ours")
    return {"measured": "measured", "published": PAPER, "recipe": "recipe"}[file]
