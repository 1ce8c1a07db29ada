"""C4's page rules: Raffel et al. 2020, "Exploring the Limits of Transfer Learning", section 2.2.

C4 deletes lines and drops pages; here the share of lines that it would delete is a metric.
"""

import numpy as np
from numpy.typing import NDArray

from taojin.filters import kernels
from taojin.filters.batch import Batch, Ratios, ratio
from taojin.filters.rules import Filter, Metric

_POLICY = (
    "terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use cookies"
    "|隐私政策|隱私政策|使用条款|使用條款|使用cookie"
)


def sentence_count(batch: Batch) -> NDArray[np.int64]:
    return batch.count(r"""[.!?][\s"'”’)\]]|[.!?]$|[。！？；…]+""")


def javascript_line_ratio(batch: Batch) -> Ratios:
    return ratio(batch.count(r"(?im)^.*javascript.*$"), batch.lines[:, kernels.LINES])


def policy_line_ratio(batch: Batch) -> Ratios:
    return ratio(batch.count(rf"(?im)^.*(?:{_POLICY}).*$"), batch.lines[:, kernels.LINES])


def lorem_ipsum_count(batch: Batch) -> NDArray[np.int64]:
    return batch.count(r"(?i)lorem ipsum")


def brace_count(batch: Batch) -> NDArray[np.int64]:
    return batch.count("{", literal=True)


C4 = Filter(
    name="c4",
    source="Raffel et al. 2020, section 2.2",
    metrics=(
        Metric("sentence_count", sentence_count, "sentence ends, Latin and Chinese"),
        Metric("javascript_line_ratio", javascript_line_ratio, "share of lines with 'javascript'"),
        Metric("policy_line_ratio", policy_line_ratio, "share of lines of terms, privacy, cookies"),
        Metric("lorem_ipsum_count", lorem_ipsum_count, "occurrences of 'lorem ipsum'"),
        Metric("brace_count", brace_count, "opening braces; unbound unless asked: technical prose"),
    ),
)
