"""Lines that are cut out of a page: C4's, RefinedWeb's and DCLM's line rules, and Chinese ones.

Raffel et al. 2020, section 2.2 (javascript, policies, unterminated and short lines); Penedo et al.
2023, appendix G.2, and DCLM after it (capitals, numbers, counters, single words, navigation); lines
such as 版权所有 or 上一篇 say the same in Chinese. A document that would lose more than a share of
its characters is left whole: the rules then say that it is no article.

Rust's regular expressions find the documents that a rule touches, 100 MB/s for the default rules
together; Python's find the lines in those.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import string_buffers
from taojin.core.errors import unknown
from taojin.core.schema import EDITS, Schema
from taojin.filters import line_kernels
from taojin.filters.batch import Batch, Ratios
from taojin.filters.rules import Filter, Metric

PHRASES = {
    "javascript": r"(?:enable|requires?|turn on|启用|開啟|开启|支持)[^\n]{0,40}javascript",
    "policy": r"(?:terms of use|privacy policy|cookie policy|use[sd]? (?:of )?cookies)[^\n]{0,40}$",
    "counter": r"^[^\S\n]*[\d,.]+[^\S\n]*(?:likes?|shares?|comments?|views?|阅读|评论|点赞|次浏览)"
    r"[^\S\n]*$",
    "navigation": r"^[^\S\n]*(?:read more|sign in|log in|share this|items in cart|返回顶部|返回首页"
    r"|加入收藏|设为首页|点击查看更多)[^\w\n]*$|^[^\S\n]*(?:上一篇|下一篇)(?:[^\S\n]*[：:]|[^\S\n])"
    r"[^\n]{0,60}$",
    "imprint": r"^[^\n]{0,30}(?:版权所有|版權所有|ICP备\d+|ICP證\d+|公网安备"
    r"|责任编辑[：:]|責任編輯[：:]"
    r"|扫码关注|all rights reserved)[^\n]{0,60}$",
}
"""Line rules by what a line says."""

SHAPES = {
    "uppercase": line_kernels.UPPERCASE,
    "numeric": line_kernels.NUMERIC,
    "one_word": line_kernels.ONE_WORD,
    "few_words": line_kernels.FEW_WORDS,
    "unterminated": line_kernels.UNTERMINATED,
}
"""Line rules by what a line is made of: off unless asked for, since headings, lists and code lines
are made so too."""

DEFAULT_RULES = tuple(PHRASES)
FEWEST_WORDS = 3
"""As C4's published code has it; its paper says five."""

_CUT = {"document": pl.Int64, "kind": pl.String, "start": pl.Int64, "end": pl.Int64}
CLEAN = pl.Struct({"removed_line_count": pl.Int64, "removed_character_ratio": pl.Float64})


@dataclass(frozen=True)
class CleanLines:
    """Edits that cut whole lines; `clean`: how many there are, what share they would take.

    UserError for an unknown rule.
    """

    most_removed: float
    rules: tuple[str, ...] = DEFAULT_RULES
    name: str = "clean"
    version: int = 2

    def __post_init__(self) -> None:
        for rule in self.rules:
            if rule not in (*PHRASES, *SHAPES):
                raise unknown("clean.rules", "line rule", rule, (*PHRASES, *SHAPES))

    @property
    def adds(self) -> Schema:
        return {"edits": EDITS, "clean": CLEAN}

    def __call__(self, documents: pl.DataFrame) -> pl.DataFrame:
        texts = documents["text"]
        cuts = self._cuts(texts).unique(["document", "start"], keep="first", maintain_order=True)
        removed = _removed(cuts, texts)
        share = removed["removed_character_ratio"]
        kept = cuts.filter(pl.col("document").is_in(share.le(self.most_removed).arg_true()))
        return documents.with_columns(
            _edits(kept, len(texts)).alias("edits"), removed.to_struct("clean")
        )

    def _cuts(self, texts: pl.Series) -> pl.DataFrame:
        """One row per line and rule that names it, its line end included, in code points."""
        rows = [row for rule in self.rules if rule in PHRASES for row in _said(rule, texts)]
        said = pl.DataFrame(rows, schema=_CUT, orient="row")
        return pl.concat([said, self._shaped(texts)])

    def _shaped(self, texts: pl.Series) -> pl.DataFrame:
        shapes = [rule for rule in self.rules if rule in SHAPES]
        if not shapes:
            return pl.DataFrame(schema=_CUT)
        wanted = sum(SHAPES[rule] for rule in shapes)
        spans, flags = line_kernels.flag_lines(
            *string_buffers(texts), line_kernels.line_classes(), wanted, FEWEST_WORDS
        )
        bits = np.array([SHAPES[rule] for rule in shapes])
        first = (flags[:, None] & bits != 0).argmax(axis=1)
        kinds = pl.Series(shapes, dtype=pl.String).gather(first)
        document, start, end = spans.T
        return pl.DataFrame({"document": document, "kind": kinds, "start": start, "end": end})


def _said(rule: str, texts: pl.Series) -> Iterator[tuple[int, str, int, int]]:
    """The lines that a rule's phrases name."""
    for index in texts.str.contains(f"(?im){PHRASES[rule]}").arg_true():
        text = texts[index]
        for match in _pattern(rule).finditer(text):
            start = text.rfind("\n", 0, match.start()) + 1
            yield index, rule, start, text.find("\n", match.end()) + 1 or len(text)


@cache
def _pattern(rule: str) -> re.Pattern[str]:
    return re.compile(PHRASES[rule], re.IGNORECASE | re.MULTILINE)


def _removed(cuts: pl.DataFrame, texts: pl.Series) -> pl.DataFrame:
    """Lines and share of the characters that the cuts would take from each text."""
    lengths = pl.DataFrame({"characters": texts.str.len_chars().cast(pl.Int64)})
    sums = cuts.group_by("document").agg(
        lines=pl.len(), taken=(pl.col("end") - pl.col("start")).sum()
    )
    joined = lengths.with_row_index("document").with_columns(pl.col("document").cast(pl.Int64))
    counted = joined.join(sums, on="document", how="left", maintain_order="left").fill_null(0)
    return counted.select(
        removed_line_count=pl.col("lines").cast(pl.Int64),
        removed_character_ratio=pl.col("taken") / pl.max_horizontal("characters", 1),
    )


def _edits(cuts: pl.DataFrame, documents: int) -> pl.Series:
    """List of edits per document, in the order of the text."""
    edit = pl.struct(
        field=pl.lit("text"), kind="kind", start="start", end="end", replacement=pl.lit("")
    )
    lists = cuts.sort("document", "start").group_by("document", maintain_order=True).agg(edits=edit)
    every = pl.DataFrame({"document": np.arange(documents)})
    joined = every.join(lists, on="document", how="left", maintain_order="left")
    return joined["edits"].fill_null([]).cast(EDITS)


def _line_count(batch: Batch) -> NDArray[np.int64]:
    return _found(batch, "removed_line_count").astype(np.int64)


def _character_ratio(batch: Batch) -> Ratios:
    return _found(batch, "removed_character_ratio").astype(np.float64)


def _found(batch: Batch, field: str) -> NDArray[np.generic]:
    """A field of `clean`; 0 for documents whose lines nobody looked at."""
    if "clean" not in batch.documents.columns:
        return np.zeros(batch.documents.height)
    return batch.documents["clean"].struct.field(field).to_numpy()


LINES = Filter(
    name="lines",
    source="Penedo et al. 2023, appendix G.2",
    metrics=(
        Metric("removed_line_count", _line_count, "lines that the rules of `clean` name"),
        Metric("removed_character_ratio", _character_ratio, "share of characters in such lines"),
    ),
)
"""What *clean* found before it cut: RefinedWeb drops a page of which more than 5 % goes."""
