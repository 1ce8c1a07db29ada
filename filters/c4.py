"""C4's rules: Raffel et al. 2020, "Exploring the Limits of Transfer Learning", section 2.2.

C4 deletes lines and drops pages. Here the share of lines that each rule would delete is a metric.
What it counts on the lines that are left, sentences and braces, is there in two forms: over the
whole text, and on the lines that its published code keeps, which are those that end in . ! ? or a
quotation mark, hold three words, none of over 1,000 characters, and name neither JavaScript nor a
policy.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.filters import kernels
from taojin.filters.batch import Batch, Ratios, ratio
from taojin.filters.matcher import Matcher
from taojin.filters.rules import Filter, Metric
from taojin.filters.term_kernels import COUNT

_JAVASCRIPT = "javascript"
_POLICY = (
    "terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use cookies"
    "|隐私政策|隱私政策|使用条款|使用條款|使用cookie"
)
_LOREM_IPSUM = "lorem ipsum"
_CUES = (
    f"(?i){_JAVASCRIPT}|{_LOREM_IPSUM}|terms of use|privacy policy|cookie"
    "|隐私政策|隱私政策|使用条款|使用條款"
)
"""A text with one of the phrases holds one of these: found at 2 GB/s, in 1 document of 40."""
_LINE = "(?im)^.*(?:{}).*$"


def sentence_count(batch: Batch) -> NDArray[np.int64]:
    return batch.signs[:, kernels.SENTENCES]


def kept_sentence_count(batch: Batch) -> NDArray[np.int64]:
    return _kept(batch)[:, kernels.KEPT_SENTENCES]


def kept_brace_count(batch: Batch) -> NDArray[np.int64]:
    return _kept(batch)[:, kernels.KEPT_BRACES]


def few_word_line_ratio(batch: Batch) -> Ratios:
    return ratio(batch.lines[:, kernels.FEW_UNIT_LINES], batch.lines[:, kernels.LINES])


def unterminated_line_ratio(batch: Batch) -> Ratios:
    return ratio(batch.lines[:, kernels.UNTERMINATED_LINES], batch.lines[:, kernels.LINES])


def longest_word_character_count(batch: Batch) -> NDArray[np.int64]:
    return batch.units[:, kernels.LONGEST_UNIT]


def javascript_line_ratio(batch: Batch) -> Ratios:
    return ratio(_counted(batch, _LINE.format(_JAVASCRIPT)), batch.lines[:, kernels.LINES])


def policy_line_ratio(batch: Batch) -> Ratios:
    return ratio(_counted(batch, _LINE.format(_POLICY)), batch.lines[:, kernels.LINES])


def lorem_ipsum_count(batch: Batch) -> NDArray[np.int64]:
    return _counted(batch, f"(?i){_LOREM_IPSUM}")


def brace_count(batch: Batch) -> NDArray[np.int64]:
    return batch.signs[:, kernels.BRACES]


def c4_filter(bad_words: tuple[str, ...] = ()) -> Filter:
    """C4's rules with the words that the user calls bad, such as a list of LDNOOBW.

    Words of scripts with spaces count as whole words, in whatever case; others wherever they stand.
    """
    matcher = Matcher(bad_words)

    def bad_word_count(batch: Batch) -> NDArray[np.int64]:
        if not bad_words:
            return np.zeros(batch.documents.height, np.int64)
        return matcher.count(*batch.buffers)[:, COUNT]

    return Filter(
        name="c4",
        source="Raffel et al. 2020, section 2.2",
        metrics=(
            Metric("sentence_count", sentence_count, "sentence ends, Latin and Chinese"),
            Metric("kept_sentence_count", kept_sentence_count, "sentences on lines that C4 keeps"),
            Metric(
                "unterminated_line_ratio",
                unterminated_line_ratio,
                "share of lines that end neither in . ! ? or a quotation mark nor in 。！？",
            ),
            Metric(
                "few_word_line_ratio", few_word_line_ratio, "share of lines of fewer than 3 units"
            ),
            Metric(
                "longest_word_character_count",
                longest_word_character_count,
                "code points of the longest unit",
            ),
            Metric(
                "javascript_line_ratio", javascript_line_ratio, "share of lines with 'javascript'"
            ),
            Metric(
                "policy_line_ratio", policy_line_ratio, "share of lines of terms, privacy, cookies"
            ),
            Metric("lorem_ipsum_count", lorem_ipsum_count, "occurrences of 'lorem ipsum'"),
            Metric(
                "brace_count", brace_count, "opening braces; unbound unless asked: technical prose"
            ),
            Metric("kept_brace_count", kept_brace_count, "opening braces on lines that C4 keeps"),
            Metric("bad_word_count", bad_word_count, "words of the user's list; 0 without one"),
        ),
    )


def _suspects(batch: Batch) -> NDArray[np.int64]:
    """Indices of the documents that may hold one of C4's phrases."""
    return np.flatnonzero(batch.text.str.contains(_CUES).to_numpy())


def _counted(batch: Batch, pattern: str) -> NDArray[np.int64]:
    """int64[n]: matches of a pattern that needs one of the phrases."""
    found = np.zeros(batch.documents.height, np.int64)
    suspects = batch.shared(_suspects)
    found[suspects] = batch.text.gather(suspects).str.count_matches(pattern).to_numpy()
    return found


def _kept(batch: Batch) -> NDArray[np.int64]:
    return batch.shared(_kept_lines)


def _kept_lines(batch: Batch) -> NDArray[np.int64]:
    """int64[n, 12], columns about lines; of suspects without lines on JavaScript and policies."""
    suspects = batch.shared(_suspects)
    without = batch.text.gather(suspects).str.replace_all(
        _LINE.format(f"{_JAVASCRIPT}|{_POLICY}"), ""
    )
    lines = batch.lines.copy()
    lines[suspects] = Batch(pl.DataFrame({"text": without})).lines
    return lines
