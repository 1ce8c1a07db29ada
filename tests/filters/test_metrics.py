"""Every metric of every filter: its contract, and its value against the oracle."""

import re
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.core import stage
from taojin.filters.batch import Batch
from taojin.filters.registry import Registry
from taojin.filters.rules import Filter, Measure
from taojin.filters.stop_words import stop_words
from taojin.filters.url import UrlRules
from taojin.tests import oracles
from taojin.tests.core.texts import QUICK, columns, cuts, documents, texts

REGISTRY = Registry(("en", "zh-Hans"), UrlRules(domains=("bad.example",)))
FILTERS = tuple(REGISTRY.filters.values())
UNBOUNDED = {
    "mean_word_length",  # code points
    "symbol_word_ratio",  # per unit, and signs are no units
    "newline_word_ratio",  # line feeds per unit, and line feeds need no unit
    "median_word_length",  # code points
    "mean_line_length",  # code points
    "unigram_entropy",  # nats
    "bits_per_unit",
    "order_gain",  # bits per unit
}


@pytest.mark.parametrize("filter_", FILTERS, ids=lambda one: one.name)
@QUICK
@given(column=columns, cut=cuts)
def test_a_filter_is_a_stage_that_keeps_its_contract(filter_: Filter, column: list[str], cut: int):
    """Which refuses a null, NaN or infinite metric in any text."""
    found = documents(column, url="HTTP://Bad.Example/x").slice(cut)
    result = stage.run(Measure((filter_,)), found)
    for metric in filter_.metrics:
        values = result[filter_.name].struct.field(metric.name)
        assert values.dtype == (pl.Int64 if metric.name.endswith("_count") else pl.Float64)
        assert (values >= 0).all() or metric.name == "order_gain"
        if metric.dtype == pl.Float64 and metric.name not in UNBOUNDED:
            assert (values <= 1).all()


def test_every_filter_of_the_registry_measures_no_document_too():
    result = stage.run(Measure(FILTERS), documents([]))
    assert result.height == 0 and set(REGISTRY.filters) <= set(result.columns)


def test_names_are_unique_and_say_where_they_come_from():
    for filter_ in FILTERS:
        names = [metric.name for metric in filter_.metrics]
        assert len(set(names)) == len(names)
        assert filter_.source and all(metric.about for metric in filter_.metrics)


def of_ngrams(column: int) -> Callable[[str], float]:
    def value(text: str) -> float:
        found = oracles.ngram_counts(oracles.units(text), oracles.unit_spans(text))
        return oracles.share(found[column], oracles.sign_counts(text)[0])

    return value


def of_lines(part: int, whole: int = 0) -> Callable[[str], float]:
    def value(text: str) -> float:
        counts = oracles.line_counts(text)
        return oracles.share(counts[part], counts[whole])

    return value


def of_paragraphs(part: int, whole: int = 0) -> Callable[[str], float]:
    def value(text: str) -> float:
        counts = oracles.repeat_counts(oracles.paragraphs(text))
        return oracles.share(counts[part], counts[whole])

    return value


def of_units(part: int, whole: int | None = None) -> Callable[[str], float]:
    def value(text: str) -> float:
        counts = oracles.unit_counts(oracles.units(text), stop_words()["en"])
        return counts[part] if whole is None else oracles.share(counts[part], counts[whole])

    return value


def symbols(text: str) -> float:
    most = max(text.count("#"), oracles.ellipses(text))
    return most / max(len(oracles.units(text)), 1)


def newlines(text: str) -> float:
    return oracles.share(text.count("\n"), len(oracles.units(text)))


PHRASES = re.compile(
    "javascript|terms of use|privacy policy|cookie policy|uses cookies|use of cookies|use cookies"
    "|隐私政策|隱私政策|使用条款|使用條款|使用cookie",
    re.IGNORECASE,
)


def of_kept_lines(column: int) -> Callable[[str], float]:
    """Of the lines that C4 keeps, which name neither JavaScript nor a policy."""

    def value(text: str) -> float:
        lines = [line for line in text.split("\n") if not PHRASES.search(line)]
        return oracles.line_counts("\n".join(lines))[column]

    return value


def line_share(pattern: str) -> Callable[[str], float]:
    def value(text: str) -> float:
        found = [line for line in text.split("\n") if re.search(pattern, line, re.IGNORECASE)]
        return oracles.share(len(found), len(oracles.lines(text)))

    return value


ORACLES: dict[str, dict[str, Callable[[str], float]]] = {
    "gopher_quality": {
        "word_count": of_units(0),
        "mean_word_length": of_units(1, 0),
        "symbol_word_ratio": symbols,
        "bullet_line_ratio": of_lines(6),
        "ellipsis_line_ratio": of_lines(7),
        "alpha_word_ratio": of_units(2, 5),
        "stop_word_count": of_units(3),
    },
    "gopher_repetition": {
        "duplicate_line_ratio": of_lines(2),
        "duplicate_paragraph_ratio": of_paragraphs(2),
        "duplicate_line_character_ratio": of_lines(3, 1),
        "duplicate_paragraph_character_ratio": of_paragraphs(3, 1),
        **{f"top_{size}_gram_ratio": of_ngrams(size - 2) for size in (2, 3, 4)},
        **{f"duplicate_{size}_gram_ratio": of_ngrams(size - 2) for size in range(5, 11)},
    },
    "c4": {
        "sentence_count": oracles.sentences,
        "kept_sentence_count": of_kept_lines(10),
        "unterminated_line_ratio": of_lines(9),
        "few_word_line_ratio": of_lines(8),
        "longest_word_character_count": of_units(4),
        "javascript_line_ratio": line_share("javascript"),
        "policy_line_ratio": line_share(PHRASES.pattern.removeprefix("javascript|")),
        "lorem_ipsum_count": lambda text: len(re.findall("(?i)lorem ipsum", text)),
        "brace_count": lambda text: text.count("{"),
        "kept_brace_count": of_kept_lines(11),
        "bad_word_count": lambda text: 0,
    },
    "fineweb": {
        "terminal_line_ratio": of_lines(4),
        "short_line_ratio": of_lines(5),
        "duplicate_line_character_ratio": of_lines(3, 1),
        "newline_word_ratio": newlines,
    },
}

_PHRASES = st.sampled_from(
    ["JavaScript ", "Terms of use ", "privacy POLICY ", "cookie policy ", "It uses cookies. ",
     "use of cookies ", "We use cookies. ", "隐私政策", "隱私政策", "使用条款", "使用條款", "使用cookie",
     "{", "Lorem ipsum ", "gold ", "sand.", "\n", "沙里有金。"]
)  # fmt: skip
phrased = st.lists(_PHRASES, max_size=20).map("".join)


@pytest.mark.parametrize("name", ORACLES)
@QUICK
@given(column=st.one_of(columns, st.lists(phrased, max_size=4)))
def test_metrics_are_those_of_the_oracle(name: str, column: list[str]):
    measured = REGISTRY.filters[name].measure(Batch(documents(column))).struct.unnest()
    assert set(measured.columns) == set(ORACLES[name])
    for metric, oracle in ORACLES[name].items():
        assert measured[metric].to_list() == pytest.approx([oracle(text) for text in column])


@QUICK
@given(text=texts)
def test_a_document_is_measured_alike_in_any_company(text: str):
    filters = tuple(one for one in FILTERS if one.name != "classifier")
    alone = Measure(filters)(documents([text]))
    crowd = Measure(filters)(documents(["the sand " * 30, text, "", "沙" * 50]))
    names = [one.name for one in filters]
    assert crowd.select(names).slice(1, 1).equals(alone.select(names))


def metric(name: str, text: str) -> float:
    filter_name, metric_name = name.split(".")
    measured = REGISTRY.filters[filter_name].measure(Batch(documents([text])))
    return measured.struct.field(metric_name)[0]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("c4.sentence_count", "One. Two! “Three?” 3.5 is no end", 3),
        ("c4.sentence_count", "一。二！三？！四；五……六", 5),
        ("c4.sentence_count", "The end.", 1),
        ("c4.javascript_line_ratio", "Enable JavaScript\n\nplain\r\nJAVASCRIPT javascript", 2 / 3),
        ("c4.policy_line_ratio", "We use cookies.\n隐私政策\n使用cookie\nplain", 3 / 4),
        ("c4.lorem_ipsum_count", "Lorem Ipsum dolor lorem ipsum", 2),
        ("c4.brace_count", "{{a}", 2),
        ("chinese.han_ratio", "用 pip 安装", 3 / 4),
        ("chinese.boilerplate_line_ratio", "上一篇：甲\n正文\n版权所有 上一篇\n版權所有", 3 / 4),
        ("encoding.mojibake_count", "锟斤拷锟斤拷烫烫烫\ufffd", 4),
        ("encoding.mojibake_count", "清楚的中文，“引号”，é — …", 0),
        ("chinese.stop_character_ratio", "我的書在這，the", 3 / 5),
        ("gopher_quality.stop_word_count", "The THE the and 的是", 2),
        ("gopher_quality.symbol_word_ratio", "####", 4),
        ("gopher_quality.symbol_word_ratio", "a ... b …… c # d", 2 / 4),
        ("gopher_quality.mean_word_length", "沙里 gold e\u0301", (1 + 1 + 4 + 2) / 4),
        ("fineweb.short_line_ratio", "沙" * 15 + "\n" + "沙" * 16 + "\n" + "a" * 31, 1 / 3),
    ],
)
def test_values_by_hand(name: str, text: str, expected: float):
    assert metric(name, text) == pytest.approx(expected)


def test_han_ratio_is_a_share():
    assert metric("chinese.han_ratio", "a⼀⼀⼀") <= 1


# What the peers get wrong, each seen in one of them.


@pytest.mark.parametrize("spam", ["buy gold now " * 200, "买黄金" * 200, "金" * 300, "a " * 300])
def test_pure_repetition_is_never_measured_as_none(spam: str):
    for size in (2, 3, 4):
        assert metric(f"gopher_repetition.top_{size}_gram_ratio", spam) > 0.3
    for size in range(5, 11):
        letters = sum(map(len, spam.split())) / len(spam)
        value = metric(f"gopher_repetition.duplicate_{size}_gram_ratio", spam)
        assert 0.9 * letters < value <= letters


def test_an_ngram_over_itself_covers_a_unit_once():
    """'a a a a' holds the 2-gram three times; counted by occurrence it would cover 6 of 4."""
    assert metric("gopher_repetition.top_2_gram_ratio", "a a a a") == 1
    assert metric("gopher_repetition.duplicate_5_gram_ratio", "沙" * 7) == 5 / 7


def test_an_ngram_that_occurs_once_is_no_repetition():
    text = "every word here stands alone and differs"
    for size in (2, 3, 4):
        assert metric(f"gopher_repetition.top_{size}_gram_ratio", text) == 0


@pytest.mark.parametrize("text", ["", "\n", " \r\n\u3000", "😀", "one line", "no newline\n", "。"])
def test_texts_without_words_or_line_ends_are_measured(text: str):
    result = stage.run(Measure(FILTERS), documents([text]))
    assert result["gopher_quality"].struct.field("word_count")[0] == len(oracles.units(text))


@pytest.mark.parametrize("last", ["", "\n", "\n\n", "\r\n"])
def test_the_last_line_counts_without_a_line_end_too(last: str):
    assert metric("gopher_repetition.duplicate_line_ratio", f"gold\nsand\ngold{last}") == 1 / 3


def test_line_ends_of_windows_change_nothing():
    unix = "The sand.\nThe sand.\n\n沙里有金\n\n沙里有金…"
    names = [one.name for one in FILTERS]
    found = [Measure(FILTERS)(documents([one])) for one in (unix, unix.replace("\n", "\r\n"))]
    assert found[0].select(names).equals(found[1].select(names))


def test_sparse_and_full_batches_share_counts():
    batch = Batch(documents(["a b", "沙"]))
    assert batch.units is batch.units and batch.units.dtype == np.int64
