"""What prefilters need is in every match of theirs, and lines that have it are found."""

from dataclasses import replace
from random import Random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taojin.core.arrow import string_buffers
from taojin.pipeline.pii.candidates import candidates, needed
from taojin.pipeline.pii.detectors import DEFAULT_KINDS, DETECTORS
from taojin.pipeline.pii.scan.automaton import automaton
from taojin.pipeline.pii.scan.expression import Chars, Either, Node, Repeat, parse
from taojin.pipeline.pii.scan.needs import may_match, needs, texts_of

PREFILTERS = tuple(dict.fromkeys(detector.prefilter for detector in DETECTORS))
OVER_LINES = frozenset(one.prefilter for one in DETECTORS if one.spans_lines)
ANY = "aZ5 .-_@汉，１é\u200b\n"


def match_of(node: Node, random: Random) -> str:
    """A text that matches."""
    if isinstance(node, Chars):
        if node.ranges is None:
            return random.choice(ANY)
        first, last = random.choice(node.ranges)
        code = random.randint(first, last)
        return chr(first if 0xD800 <= code <= 0xDFFF else code)
    if isinstance(node, Either):
        return match_of(random.choice(node.parts), random)
    if isinstance(node, Repeat):
        most = node.least + 2 if node.most is None else min(node.most, node.least + 2)
        times = random.randint(node.least, most)
        return "".join(match_of(node.part, random) for _ in range(times))
    return "".join(match_of(part, random) for part in node.parts)


@pytest.mark.parametrize("number", range(len(PREFILTERS)))
def test_a_line_that_a_prefilter_matches_is_marked(number: int) -> None:
    """Of prefilters that match over lines the whole text."""
    prefilter = PREFILTERS[number]
    random, tree = Random(number), parse(prefilter)
    for _ in range(40):
        around = ["".join(random.choices(ANY, k=random.randint(0, 4))) for _ in range(2)]
        check(number, match_of(tree, random).join(around))


def check(number: int, text: str) -> None:
    prefilter = PREFILTERS[number]
    lines = pl.Series([text] if prefilter in OVER_LINES else text.split("\n"))
    offsets, bytes_ = string_buffers(pl.Series([text]))
    found = needs(PREFILTERS, OVER_LINES)
    places, marks = found.lines(offsets[:-1], offsets[1:], bytes_, by_line=True)
    marked = places[may_match(marks, number)]
    starts = np.cumsum([0, *(lines.str.len_bytes() + 1)])[:-1]
    matched = np.flatnonzero(lines.str.contains(prefilter))
    if prefilter in OVER_LINES:
        assert not matched.size or len(marked)
    else:
        assert set(starts[matched].tolist()) <= set(marked[:, 1].tolist())
    whole, marks = found.lines(offsets[:-1], offsets[1:], bytes_, by_line=False)
    if pl.Series([text]).str.contains(prefilter).item():
        assert may_match(marks, number).all() and len(whole) == 1


LETTERS = st.text(st.sampled_from("abcAB汉é "), max_size=12)
SETS = st.lists(
    st.frozensets(st.text(st.sampled_from("abc汉é "), min_size=1, max_size=3), max_size=4),
    min_size=1,
    max_size=70,
)


@settings(max_examples=40, deadline=None)
@given(
    texts=st.lists(st.lists(LETTERS).map("\n".join), max_size=4), sets=SETS, cut=st.integers(0, 2)
)
def test_marks_are_the_sets_of_which_a_literal_is_in_the_line(
    texts: list[str], sets: list[frozenset[str]], cut: int
) -> None:
    literals = [frozenset(one.encode() for one in literals) for literals in sets]
    padded = [*literals, *[frozenset[bytes]()] * (-len(literals) % 64)]
    if len(padded) == len(literals):
        padded += [frozenset[bytes]()] * 64
    template = needs(PREFILTERS[: len(sets)], frozenset(PREFILTERS))
    found = replace(
        template,
        automaton=automaton(padded),
        enough=np.full((2, 64, len(padded) // 64), np.iinfo(np.uint64).max),
        without=np.zeros(len(padded) // 64, np.uint64),
    )
    column = pl.Series(texts, dtype=pl.String)[cut:]
    offsets, data = string_buffers(column)
    places, marks = found.lines(offsets[:-1], offsets[1:], data, by_line=True)
    wanted = [
        (
            row,
            line,
            [number for number, one in enumerate(sets) if any(map(_small(line).count, one))],
        )
        for row, text in enumerate(column)
        for line in text.split("\n")
    ]
    flags = [may_match(marks, number) for number in range(len(sets))]
    seen = [
        (row, line, [number for number, flag in enumerate(flags) if flag[at]])
        for at, (row, line) in enumerate(zip(places[:, 0], texts_of(places, data), strict=True))
    ]
    assert seen == [one for one in wanted if one[2]]


def _small(line: str) -> str:
    return "".join(one.lower() if one.isascii() else one for one in line)


@settings(max_examples=40, deadline=None)
@given(
    texts=st.lists(
        st.lists(
            st.sampled_from(["汉é", "13812345678", "a@b.com", "１９２．0.2.1", "\u200b", "", "x"])
        ).map("\n".join)
    )
)
def test_a_line_is_told_by_its_text_and_the_code_points_before_it(texts: list[str]) -> None:
    detectors = [one for one in DETECTORS if one.kind in DEFAULT_KINDS]
    found = candidates(pl.Series([*texts, None], dtype=pl.String), detectors)
    for row, offset, line in zip(found.rows, found.offsets, found.texts, strict=True):
        whole = texts[row][offset:]
        assert offset == 0 or texts[row][offset - 1] == "\n"
        assert len(line) == len(whole.split("\n")[0])


def test_a_masked_text_needs_no_second_search() -> None:
    detectors = [one for one in DETECTORS if one.kind == "phone" and not one.spans_lines]
    texts = pl.Series(["电话 <PHONE>。", "电话 13812345678。"])
    assert set(np.concatenate(needed(texts, detectors)).tolist()) == {1}
