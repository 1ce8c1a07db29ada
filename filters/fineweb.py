"""FineWeb's own rules: Penedo et al. 2024, "The FineWeb Datasets", section 3.6."""

from taojin.filters import kernels
from taojin.filters.batch import Batch, Ratios, ratio
from taojin.filters.gopher import duplicate_line_character_ratio
from taojin.filters.rules import Filter, Metric
from taojin.filters.text_kernels import SHORT_COLUMNS


def terminal_line_ratio(batch: Batch) -> Ratios:
    return ratio(batch.lines[:, kernels.END_LINES], batch.lines[:, kernels.LINES])


def short_line_ratio(batch: Batch) -> Ratios:
    return ratio(batch.lines[:, kernels.SHORT_LINES], batch.lines[:, kernels.LINES])


def newline_word_ratio(batch: Batch) -> Ratios:
    return ratio(batch.signs[:, kernels.NEWLINES], batch.units[:, kernels.WORDS])


FINEWEB = Filter(
    name="fineweb",
    source="Penedo et al. 2024, section 3.6",
    metrics=(
        Metric("terminal_line_ratio", terminal_line_ratio, "share of lines that end a sentence"),
        Metric(
            "short_line_ratio",
            short_line_ratio,
            f"share of lines of at most {SHORT_COLUMNS} columns; a Han character takes two",
        ),
        Metric(
            "duplicate_line_character_ratio",
            duplicate_line_character_ratio,
            "share of characters in lines seen before",
        ),
        Metric("newline_word_ratio", newline_word_ratio, "line feeds per unit"),
    ),
)
