"""FineWeb's own rules: Penedo et al. 2024, "The FineWeb Datasets", section 3.6."""

from taojin.filters import kernels
from taojin.filters.batch import SHORT_LINE_COLUMNS, Batch, Ratios, ratio
from taojin.filters.gopher import duplicate_line_character_ratio, word_count
from taojin.filters.rules import Filter, Metric


def terminal_line_ratio(batch: Batch) -> Ratios:
    return ratio(batch.lines[:, kernels.END_LINES], batch.lines[:, kernels.LINES])


def short_line_ratio(batch: Batch) -> Ratios:
    return ratio(batch.lines[:, kernels.SHORT_LINES], batch.lines[:, kernels.LINES])


def newline_word_ratio(batch: Batch) -> Ratios:
    return ratio(batch.lines[:, kernels.LINES], word_count(batch))


FINEWEB = Filter(
    name="fineweb",
    source="Penedo et al. 2024, section 3.6",
    metrics=(
        Metric("terminal_line_ratio", terminal_line_ratio, "share of lines that end a sentence"),
        Metric(
            "short_line_ratio",
            short_line_ratio,
            f"share of lines under {SHORT_LINE_COLUMNS} columns; a Han character takes two",
        ),
        Metric(
            "duplicate_line_character_ratio",
            duplicate_line_character_ratio,
            "share of characters in lines seen before",
        ),
        Metric("newline_word_ratio", newline_word_ratio, "lines that are not blank, per unit"),
    ),
)
