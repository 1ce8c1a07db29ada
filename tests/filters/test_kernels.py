from unicodedata import category

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.core.arrow import string_buffers
from taojin.filters import counts as module
from taojin.filters import kernels
from taojin.filters.counts import Counts, count
from taojin.filters.counts import given as given_words
from taojin.filters.stop_words import stop_words
from taojin.tests import oracles
from taojin.tests.core.texts import CHARACTERS, QUICK, columns, cuts, sliced, texts


def counted(texts_: list[str], cut: int = 0, lang: str = "en") -> Counts:
    column = sliced(texts_, cut)
    return count(string_buffers(column), pl.Series([lang] * len(column), dtype=pl.String))


def ngrams(text: str) -> list[int]:
    return oracles.ngram_counts(oracles.units(text), oracles.unit_spans(text))


def expected(texts_: list[str], lang: str = "en") -> list[list[list[int]]]:
    """The rows of each matrix of `Counts`."""
    stops = stop_words()[lang]
    return [
        [oracles.unit_counts(oracles.units(text), stops) for text in texts_],
        [oracles.line_counts(text) for text in texts_],
        [oracles.repeat_counts(oracles.paragraphs(text)) for text in texts_],
        [oracles.sign_counts(text) for text in texts_],
        [ngrams(text) for text in texts_],
    ]


def rows(counts: Counts) -> list[list[list[int]]]:
    matrices = (counts.units, counts.lines, counts.paragraphs, counts.signs, counts.ngrams)
    return [matrix.tolist() for matrix in matrices]


@QUICK
@given(column=columns, cut=cuts, lang=st.sampled_from(["en", "zh-Hans"]))
def test_all_counts(column: list[str], cut: int, lang: str):
    found = rows(counted(column, cut, lang))
    for matrix, oracle in zip(found, expected(column[cut:], lang), strict=True):
        assert matrix == oracle


_WORDS = st.sampled_from(["a", "bb", "ccc", "A", "金", "沙", "é", "ไ"])
_GAPS = st.sampled_from([" ", "  ", ", ", "\n", "。"])


@QUICK
@given(words=st.lists(_WORDS, max_size=120), gap=_GAPS)
def test_ngrams_of_a_few_words(words: list[str], gap: str):
    """Few different words: ties between n-grams, overlaps with themselves, long tables."""
    text = gap.join(words)
    assert counted([text]).ngrams.tolist() == [ngrams(text)]


_STRETCHES = st.tuples(st.integers(0, 11), st.integers(1, 12), st.sampled_from(["x", "y", "z", ""]))


@QUICK
@given(stretches=st.lists(_STRETCHES, max_size=14))
def test_ngrams_of_stretches_that_come_back_in_part(stretches: list[tuple[int, int, str]]):
    """Repeats of every length, begun and broken off anywhere."""
    words = [f"word{number}" for number in range(12)]
    text = " ".join(
        " ".join([*words[start : start + size], other]) for start, size, other in stretches
    )
    assert counted([text]).ngrams.tolist() == [ngrams(text)]


_LINES = st.sampled_from(
    ["", " ", "a", "a ", " a", "a\u3000", "One. Two", "It is so.", "(It is so.)", "f('a.')", "… ",
     "He has {it}.", "He said 'so'", "Wait, there is more...", "Wait, there is..",
     "Wait, so it is….", "好，很好。", "好，很好。」）", "{。。。", "“Why?” she asked!?”",
     "x" * 999 + " a b.", "x" * 1000 + " a b.", "x" * 1001 + " a b.", "a b" + " " * 28,
     "\u3000\u3000" + "沙" * 13, "沙" * 15, "沙" * 16, "l" * 30, "l" * 31,
     "l" * 30 + "\u3000\u3000"]
)  # fmt: skip


@QUICK
@given(lines=st.lists(_LINES, max_size=12), end=st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_lines_of_a_few_kinds(lines: list[str], end: str):
    """Each side of each rule of a line, and repeats of lines and paragraphs."""
    text = end.join(lines)
    found = counted([text])
    assert found.lines.tolist() == [oracles.line_counts(text)]
    assert found.paragraphs.tolist() == [oracles.repeat_counts(oracles.paragraphs(text))]
    assert found.signs.tolist() == [oracles.sign_counts(text)]


@pytest.mark.parametrize("block", [1, 20, 10_000])
@QUICK
@given(column=columns)
def test_blocks_change_nothing(block: int, column: list[str]):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK_BYTES", block)
        assert rows(counted([*column, "a b a b", "沙", "x"] * 3)) == expected(
            [*column, "a b a b", "沙", "x"] * 3
        )


def test_a_document_longer_than_a_block_is_a_block():
    long = "".join(f"Line {number % 700} of the river.\n\n" for number in range(9000))
    column = ["short", long, "", long[:5000]]
    assert len(long) > module.BLOCK_BYTES
    found = counted(column)
    assert found.lines[:, :4].tolist() == [
        [1, 5, 0, 0],
        [9000, *repeats(long)],
        [0] * 4,
        oracles.line_counts(column[3])[:4],
    ]
    assert found.ngrams[3].tolist() == ngrams(column[3])


def repeats(text: str) -> list[int]:
    """As `oracles.repeat_counts`, for more than a few lines."""
    lines = oracles.whole_lines(text)
    size = sum(map(len, lines))
    different = set(lines)
    return [size, len(lines) - len(different), size - sum(map(len, different))]


def test_no_documents_are_counted_too():
    assert [len(matrix) for matrix in rows(counted([]))] == [0] * 5


@pytest.mark.parametrize("block", [1, module.BLOCK_BYTES])
@QUICK
@given(column=st.lists(st.lists(texts, max_size=8), max_size=5), cut=cuts)
def test_words_of_another_tool(block: int, column: list[list[str]], cut: int):
    """They take the place of units, also such as hold no word character; lines keep their own."""
    texts_ = ["\n".join(words) for words in column][cut:]
    words = pl.Series(column, dtype=pl.List(pl.String))[cut:]
    langs = pl.Series(["en"] * len(texts_), dtype=pl.String)
    buffers = string_buffers(pl.Series(texts_, dtype=pl.String))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK_BYTES", block)
        found = rows(count(buffers, langs, given_words(words)))
    own = expected(texts_)
    assert found[1:4] == own[1:4]
    stops = stop_words()["en"]
    assert found[0] == [oracles.unit_counts(words, stops) for words in column[cut:]]
    spans = [oracles.spaced_spans(words) for words in column[cut:]]
    assert found[4] == list(map(oracles.ngram_counts, column[cut:], spans))


@QUICK
@given(column=columns, cut=cuts, number=st.integers(1, 9))
def test_classes(column: list[str], cut: int, number: int):
    classes = (np.arange(0x110000) % number).astype(np.uint8)
    counts = kernels.count_classes(*string_buffers(sliced(column, cut)), classes, number)
    expected = [
        oracles.class_counts(text, lambda c: ord(c) % number, number) for text in column[cut:]
    ]
    assert counts.tolist() == expected


def test_every_length_of_utf8_is_decoded():
    classes = (np.arange(0x110000) % 251).astype(np.uint8)
    counts = kernels.count_classes(*string_buffers(pa.array([CHARACTERS])), classes, 251)
    assert counts[0].tolist() == oracles.class_counts(CHARACTERS, lambda c: ord(c) % 251, 251)
    known = "".join(c for c in CHARACTERS if category(c) != "Cn")  # libraries' tables differ in age
    texts_ = [known, " ".join(known)]
    found = rows(counted(texts_))
    for matrix, oracle in zip(found[:4], expected(texts_)[:4], strict=True):
        assert matrix == oracle


def test_chunked_columns_count_as_whole_ones():
    column = ["a b a b", "沙里有金，沙里有金", "", "the the\nthe the"]
    chunked = pa.chunked_array([column[:1], column[1:]])
    langs = pl.Series(["en"] * 4)
    assert rows(count(string_buffers(chunked), langs)) == rows(counted(column)) == expected(column)


@pytest.mark.parametrize(
    ("line", "ends"),
    [
        ("It ends.", True),
        ("好。」", True),
        ("好。”）", True),
        ("(It ends.)", True),
        ("Really?! ”", True),
        ("It does not", False),
        ("3.5", False),
        ("”", False),
        ("「好」", False),
        ("تمام؟", True),
        ("plot('a.m.')", False),
        ("[see [1.]", False),
        ('"""What it returns."""', False),
        ("**完了。**", True),
        ("「完了。」（笑）", True),
        ("完了。[1] [12]", True),
        ("完了[1]", False),
        ("完了。（这是一个很长很长很长很长的说明）", False),
        ("from gold import sand.*", False),
    ],
)
def test_what_ends_a_sentence(line: str, ends: bool):
    assert counted([line]).lines[0, kernels.END_LINES] == ends


@pytest.mark.parametrize(
    ("line", "terminated"),
    [
        ("It ends.", True),
        ("He said 'yes'", True),
        ("She went on...", False),
        ("She went on…", True),
        ("It does not", False),
        ("好。”", True),
        ("(so)", False),
    ],
)
def test_what_c4_takes_for_a_whole_line(line: str, terminated: bool):
    assert counted([line]).lines[0, kernels.UNTERMINATED_LINES] == (not terminated)


@pytest.mark.parametrize(
    ("text", "lines", "repeats_", "repeated_characters"),
    [
        ("one\r\none\r\n", 2, 1, 3),
        ("one\none\u00a0\none\u3000 ", 3, 2, 6),
        ("a  b\na b", 2, 0, 0),
        ("a\n a", 2, 0, 0),
        ("沙\n沙\n沙", 3, 2, 2),
        ("a\rb", 1, 0, 0),
        (" \n\t\n\n", 0, 0, 0),
        ("One\none", 2, 0, 0),
        ("  sixteen letters\n  sixteen letters", 2, 1, 17),
    ],
)
def test_what_a_repeated_line_is(text: str, lines: int, repeats_: int, repeated_characters: int):
    columns_ = [kernels.LINES, kernels.DUPLICATES, kernels.DUPLICATE_CHARACTERS]
    assert counted([text]).lines[0, columns_].tolist() == [lines, repeats_, repeated_characters]


def test_a_blank_line_ends_a_paragraph_whatever_white_space_it_holds():
    text = "a\nb\n \u3000\na \nb\n\n\n\nc\r\n\r\nd"
    assert counted([text]).paragraphs.tolist() == [[4, 3 + 3 + 1 + 1, 1, 3]]


@pytest.mark.parametrize(
    ("line", "columns_"),
    [("abc", 3), ("沙金", 4), ("沙\u3000金", 6), ("a  b\t", 4), ("Ａ！カ글", 8), ("  a", 3)],
)
def test_columns_of_a_line(line: str, columns_: int):
    assert oracles.columns(oracles.whole_lines(line)[0]) == columns_
    for more, short in ((30 - columns_, True), (31 - columns_, False)):
        counts = counted(["x" * more + line])
        assert counts.lines[0, kernels.SHORT_LINES] == short


@pytest.mark.parametrize(
    ("line", "ellipsis"),
    [("and…", True), ("and...", True), ("and . . .", True), ("..", False), ("cd ../..", False),
     ("and.", False), ("… no", False), ("and..", True), ("金。。。", True), ("金。。", True),
     ("金。", False), ("金⋯⋯", True), ("金...[更多]", True), ("金…（更 多） ", True),
     ("金...[更多更多更多更多更多更多更多更多]", False), ("金[更多]", False), ("…]", False)],
)  # fmt: skip
def test_what_an_ellipsis_is(line: str, ellipsis: bool):
    assert counted([line]).lines[0, kernels.ELLIPSIS_LINES] == ellipsis


@QUICK
@given(column=st.lists(st.text(st.sampled_from("金a.。．…⋯‥[]（）【】*_ \u3000」)"), max_size=24)))
def test_notes_at_the_end_of_a_line_hide_no_end(column: list[str]):
    assert counted(column).lines.tolist() == list(map(oracles.line_counts, column))


def test_sentences_end_alike_in_every_script():
    texts_ = ["完了｡好｡", "完了．好．", "تمام؟ تمام؟", "जय। जय।", "好۔ 好۔"]
    assert counted(texts_).signs[:, kernels.SENTENCES].tolist() == [2] * 5


def test_a_top_ngram_is_the_first_of_the_most_frequent():
    """'a b' and 'cccc dddd' occur twice; 'a b' comes first, and has 3 characters with its space."""
    assert counted(["a b x cccc dddd y a b z cccc dddd"]).ngrams[0, 0] == 2 * 3


def test_the_gap_between_units_that_touch_is_nothing():
    assert counted(["金沙 x 金沙"]).ngrams[0, 0] == 2 * 2
    assert counted(["金, 沙 x 金, 沙"]).ngrams[0, 0] == 2 * 3


def test_duplicates_do_not_overlap():
    """Of seven 沙 the 5-gram from the second on is a repeat; the one that begins behind has 1."""
    assert counted(["沙" * 7]).ngrams[0, 3] == 5
    assert counted(["沙" * 11]).ngrams[0, 3] == 10
