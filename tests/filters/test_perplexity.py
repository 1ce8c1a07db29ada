import itertools
import sys
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from math import log2
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taojin.core import stage
from taojin.core.arrow import string_buffers
from taojin.core.errors import UserError
from taojin.filters import kenlm, perplexity
from taojin.filters import perplexity_kernels as kernels
from taojin.filters.ngrams import FULL, Ngrams, estimate, quantised
from taojin.filters.perplexity import (
    METRICS,
    NEUTRAL,
    READ_CHARACTERS,
    Settings,
    character_entries,
    perplexity_filter,
    scores,
    train,
)
from taojin.filters.rules import Measure
from taojin.tests import oracles
from taojin.tests.core.texts import CHARACTERS, QUICK, columns, cuts, documents, sliced

SAME = settings(QUICK, derandomize=True)
"""A 16-bit fingerprint is taken for another once in 40,000 searches: the same examples each run."""
SMALL = Settings(slots=1 << 12, letter_slots=1 << 10)
ENGLISH = [
    f"The river carries gold to the sea, and the people of village {name} wash the sand for it."
    f" In spring the water of the river is high, and nobody can see the ground below {name}."
    for name in ("Ash", "Birch", "Cedar", "Elm", "Fir", "Hazel", "Oak", "Pine", "Rowan", "Willow")
]
CHINESE = [
    f"第{name}条 为了保护河流，规范淘金活动，根据有关法律，结合本地实际，制定本办法。"
    f"各级人民政府应当依照本办法，加强对{name}级河流的保护，监督淘金活动。"
    for name in "一二三四五六七八九十"
]
ROWS = {name: row for row, name in enumerate(METRICS)}


def entries() -> tuple[np.ndarray, int]:
    return character_entries(), READ_CHARACTERS


def symbols(units: Sequence[str]) -> list[int]:
    """The symbol of each unit on its own."""
    column = pl.Series(units, dtype=pl.String)
    found, starts = kernels.symbols_of(*string_buffers(column), *entries(), 1 << 20)
    assert starts.tolist() == list(range(len(units) + 1)), "one symbol each"
    return found.tolist()


def shuffled(text: str, size: int, seed: int = 1) -> str:
    """The words of a text in another order, or its pieces of `size` characters."""
    pieces = text.split() if size == 0 else [text[i : i + size] for i in range(0, len(text), size)]
    np.random.default_rng(seed).shuffle(pieces)
    return (" " if size == 0 else "").join(pieces)


def auc(good: np.ndarray, bad: np.ndarray) -> float:
    """Share of the pairs in which the good one scores higher."""
    return float((good[:, None] > bad[None, :]).mean())


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("perplexity") / "model.npz"
    train(pl.Series(ENGLISH[:8] + CHINESE[:8]), path, SMALL)
    return path


# Units and symbols


@QUICK
@given(column=columns, cut=cuts, limit=st.integers(0, 60))
def test_symbols_are_those_of_the_obvious_units(column: list[str], cut: int, limit: int):
    part = sliced(column, cut)
    found, starts = kernels.symbols_of(*string_buffers(part), character_entries(), limit, 1 << 20)
    expected = [oracles.model_units(text, limit, kernels.LONGEST_UNIT) for text in part.to_pylist()]
    assert np.diff(starts).tolist() == [len(units) for units in expected]
    assert found.tolist() == symbols([unit for units in expected for unit in units])


def test_every_character_is_read_as_the_oracle_reads_it():
    text = "".join(one for one in CHARACTERS if unicodedata.category(one) != "Cn")
    expected = oracles.model_units(text, len(text), kernels.LONGEST_UNIT)
    column = string_buffers(pl.Series([text]))
    found, _ = kernels.symbols_of(*column, character_entries(), len(text), 1 << 20)
    assert found.tolist() == symbols(expected)


def test_what_does_not_tell_texts_apart():
    """Case, the digit, the amount of white space, the way of writing Han, how often a mark is put."""
    one, other = "Im Jahr 1849: GOLD!!! 淘金歲月", "im  jahr\n２０２４: gold!淘 金岁月"
    column = string_buffers(pl.Series([one, other]))
    found, starts = kernels.symbols_of(*column, *entries(), 1 << 20)
    assert starts.tolist() == [0, 10, 20]
    assert found[:10].tolist() == found[10:].tolist()


def test_a_run_without_spaces_is_no_single_unit():
    column = string_buffers(pl.Series(["a" * (3 * kernels.LONGEST_UNIT + 1)]))
    found, _ = kernels.symbols_of(*column, *entries(), 1 << 20)
    assert found.size == 4


def test_texts_beyond_the_room_are_left_out():
    column = string_buffers(pl.Series(["a b c", "d e", "f g h", "i"]))
    found, starts = kernels.symbols_of(*column, *entries(), 6)
    assert found.tolist() == symbols(["a", "b", "c", "d", "e"])
    assert starts.tolist() == [0, 3, 5]


@QUICK
@given(column=columns, cut=cuts)
def test_each_different_unit_is_spelled_once(column: list[str], cut: int):
    part = sliced(column, cut)
    found, starts = kernels.spellings_of(*string_buffers(part), *entries())
    spelled = [found[start:end].tolist() for start, end in itertools.pairwise(starts)]
    assert all(word[-1] == kernels.END for word in spelled)
    units = [
        unit
        for text in part.to_pylist()
        for unit in oracles.model_units(text, READ_CHARACTERS, kernels.LONGEST_UNIT)
    ]
    assert ["".join(map(chr, word[:-1])) for word in spelled] == list(dict.fromkeys(units))


# Probabilities

letters = st.sampled_from("abcdef")
sequences = st.lists(st.lists(letters, max_size=30), max_size=6)


def estimated(found: Sequence[Sequence[str]], discount: float, most: int) -> Ngrams:
    flat = np.array([ord(symbol) for text in found for symbol in text], np.uint32)
    starts = np.cumsum([0, *map(len, found)])
    return estimate(flat, starts, discount, most)


def key(gram: Sequence[str]) -> int:
    symbols_ = np.array([ord(symbol) for symbol in gram], np.uint32)
    (found,) = kernels.ngram_keys(symbols_, np.array([0, len(gram)]), len(gram))
    return int(found)


@QUICK
@given(found=sequences, discount=st.sampled_from([0.3, 0.75]), most=st.integers(0, 60))
def test_chances_equal_the_oracle(found: list[list[str]], discount: float, most: int):
    ngrams = estimated(found, discount, most)
    own, rest = oracles.ngram_model(found, kernels.ORDER, discount, most)
    keys = ngrams.keys.tolist()
    assert dict(zip(keys, ngrams.own.tolist(), strict=True)) == pytest.approx(
        {key(gram): chance for gram, chance in own.items()}
    )
    left = {key(gram): rest.get(gram, 1.0) if len(gram) < kernels.ORDER else 1.0 for gram in own}
    assert dict(zip(keys, ngrams.rest.tolist(), strict=True)) == pytest.approx(left)
    assert ngrams.unseen == pytest.approx(rest.get((), 1.0))
    assert ngrams.keys.size <= most


@QUICK
@given(found=sequences, most=st.integers(0, 60))
def test_the_chances_after_a_context_sum_to_one(found: list[list[str]], most: int):
    """Own chances and what is left, of every context that is kept; nothing is left twice."""
    ngrams = estimated(found, 0.75, most)
    own = dict(zip(ngrams.keys.tolist(), ngrams.own.tolist(), strict=True))
    rest = dict(zip(ngrams.keys.tolist(), ngrams.rest.tolist(), strict=True))
    alphabet = "abcdef"
    total = sum(own.get(key(symbol), 0.0) for symbol in alphabet)
    assert total + ngrams.unseen == pytest.approx(1)
    contexts = [*alphabet, *(one + two for one in alphabet for two in alphabet)]
    for context in contexts:
        if key(context) in own:
            after = sum(own.get(key(context + symbol), 0.0) for symbol in alphabet)
            assert after + rest[key(context)] == pytest.approx(1)


@pytest.mark.parametrize("chance", [1.0, 0.75, 0.5, 1e-3, 2**-31.75, 1e-30])
def test_a_byte_holds_a_chance_to_a_sixteenth_of_a_bit(chance: float):
    (byte,) = quantised(np.array([chance])).tolist()
    assert byte != kernels.MISSING
    assert -byte / 8 == pytest.approx(max(log2(chance), -31.75), abs=1 / 16 + 1e-9)
    assert 2.0 ** (-byte / 8) == pytest.approx(oracles.in_eighths(chance))


# Scores


def oracle_scores(trained: Sequence[str], texts_: Sequence[str]) -> list[list[float]]:
    read = [
        oracles.model_units(text, SMALL.document_characters, kernels.LONGEST_UNIT)
        for text in dict.fromkeys(trained)
    ]
    spelled = [[*unit, ""] for unit in dict.fromkeys(unit for text in read for unit in text)]
    words = oracles.ngram_model(read, 3, SMALL.discount, int(FULL * SMALL.slots))
    spelling = oracles.ngram_model(spelled, 3, SMALL.discount, int(FULL * SMALL.letter_slots))
    units = [oracles.model_units(text, READ_CHARACTERS, kernels.LONGEST_UNIT) for text in texts_]
    return [oracles.ngram_scores(found, words, spelling) for found in units]


@SAME
@given(trained=columns, column=columns, cut=cuts)
def test_scores_equal_the_oracle(
    tmp_path_factory: pytest.TempPathFactory, trained: list[str], column: list[str], cut: int
):
    path = tmp_path_factory.mktemp("oracle") / "model.npz"
    train(pl.Series(trained, dtype=pl.String), path, SMALL)
    part = sliced([*column, *trained], cut)
    found = scores(path, pl.Series(part))
    expected = oracle_scores(trained, part.to_pylist())
    assert found.tolist() == [pytest.approx(row, rel=1e-6, abs=1e-9) for row in expected]


def test_scores_of_prose_equal_the_oracle(model: Path):
    """Long contexts, which made texts seldom have, words that are spelled, and shuffled ones."""
    column = [*ENGLISH[7:], *CHINESE[7:], shuffled(ENGLISH[9], 0), "Golddigger淘沙者 riverside ✂"]
    found = scores(model, pl.Series(column))
    expected = oracle_scores(ENGLISH[:8] + CHINESE[:8], column)
    assert found.tolist() == [pytest.approx(row, rel=1e-9) for row in expected]


@QUICK
@given(column=columns)
def test_every_text_has_finite_scores(model: Path, column: list[str]):
    result = stage.run(Measure((perplexity_filter(model),)), documents(column))["perplexity"]
    assert result.struct.fields == list(METRICS)
    assert (result.struct.field("bits_per_unit") >= 0).all()
    assert result.struct.field("known_unit_ratio").is_between(0, 1).all()


@pytest.mark.parametrize("text", ["", " \n\u3000", "\0"])
def test_a_text_without_units_scores_nothing(model: Path, text: str):
    assert scores(model, pl.Series([text, ENGLISH[0]]))[0].tolist() == [0, 0, 0]


@pytest.mark.parametrize("text", ["\U0010ffff" * 9, "ſİǅ" * 999, "𒀀" * 99, "x" * 9000])
def test_what_no_model_has_seen_is_finite(model: Path, text: str):
    found = scores(model, pl.Series([text]))[0]
    assert np.isfinite(found).all() and found[ROWS["bits_per_unit"]] > 15
    assert found[ROWS["known_unit_ratio"]] == 0


def test_a_missing_text_reads_as_empty(model: Path):
    assert scores(model, pl.Series([None, "gold"]))[0].tolist() == [0, 0, 0]
    assert scores(model, pl.Series([], dtype=pl.String)).shape == (0, 3)


def test_order_is_gained_by_prose_alone(model: Path):
    """Unseen sentences against the same words, or pieces of two characters, in another order."""
    gain = ROWS["order_gain"]
    prose = [*ENGLISH[8:], *CHINESE[8:]]
    mixed = [shuffled(text, 0) for text in ENGLISH[8:]] + [shuffled(t, 2) for t in CHINESE[8:]]
    high, low = (scores(model, pl.Series(column))[:, gain] for column in (prose, mixed))
    assert high.min() > 1 and high.min() > low.max() + 1


def test_shuffling_keeps_what_does_not_depend_on_order(model: Path):
    column = pl.Series([ENGLISH[9], shuffled(ENGLISH[9], 0)])
    found = scores(model, column)
    alone = found[:, ROWS["bits_per_unit"]] + found[:, ROWS["order_gain"]]
    assert alone[0] == pytest.approx(alone[1])
    assert found[0, ROWS["known_unit_ratio"]] == found[1, ROWS["known_unit_ratio"]]


def test_a_likely_new_word_costs_less_than_noise(model: Path):
    bits = scores(model, pl.Series(["riverland", "xqzvkjwpf"]))[:, ROWS["bits_per_unit"]]
    assert bits[0] < bits[1] - 5


def test_only_the_beginning_is_read(model: Path):
    beginning = " ".join(ENGLISH * 3)[:READ_CHARACTERS]
    found = scores(model, pl.Series([beginning, beginning + "淘" * 500]))
    assert found[0].tolist() == found[1].tolist()


# Training


def test_the_same_texts_in_any_order_give_the_same_bytes(tmp_path: Path, model: Path):
    texts_ = [*reversed(CHINESE[:8]), *ENGLISH[:8], ENGLISH[0], None]
    train(pl.Series(texts_), tmp_path / "again", SMALL)
    assert (tmp_path / "again").read_bytes() == model.read_bytes()


def test_the_same_texts_in_any_order_are_chosen(tmp_path: Path):
    """With room for a part of them only."""
    few = replace(SMALL, units=120)
    train(pl.Series(ENGLISH + CHINESE), tmp_path / "one", few)
    train(pl.Series(CHINESE + ENGLISH), tmp_path / "other", few)
    train(pl.Series(ENGLISH + CHINESE), tmp_path / "all", SMALL)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    known = [scores(tmp_path / name, pl.Series(ENGLISH + CHINESE))[:, 2] for name in ("one", "all")]
    assert (known[1] == 1).all() and 0 < (known[0] == 1).sum() < 8


def test_other_texts_give_other_bytes(tmp_path: Path, model: Path):
    train(pl.Series(ENGLISH[:8] + CHINESE[:7]), tmp_path / "other", SMALL)
    assert (tmp_path / "other").read_bytes() != model.read_bytes()


def test_a_model_is_no_larger_than_its_tables(tmp_path: Path):
    tiny = Settings(slots=1 << 10, letter_slots=1 << 10)
    path = tmp_path / "tiny"
    words = ["".join(letters) for letters in itertools.permutations("abcdefg", 5)]
    train(pl.Series([*ENGLISH, *CHINESE, " ".join(words), " ".join(words[:1500])]), path, tiny)
    assert path.stat().st_size < 2 * 4 * (1 << 10) + 2000
    assert np.isfinite(scores(path, pl.Series(ENGLISH))).all()


def test_a_model_of_no_text_knows_nothing(tmp_path: Path):
    train(pl.Series([], dtype=pl.String), tmp_path / "empty", SMALL)
    found = scores(tmp_path / "empty", pl.Series(["", ENGLISH[0]]))
    assert np.isfinite(found).all()
    assert found[1, ROWS["order_gain"]] == found[1, ROWS["known_unit_ratio"]] == 0


def test_a_new_file_under_the_same_name_is_read(tmp_path: Path):
    path = tmp_path / "model"
    train(pl.Series(ENGLISH), path, SMALL)
    before = scores(path, pl.Series(CHINESE))
    train(pl.Series(CHINESE), path, SMALL)
    assert (scores(path, pl.Series(CHINESE))[:, 2] > before[:, 2]).all()


# The filter and its errors


def test_without_a_model_no_bound_drops_anything():
    result = stage.run(Measure((perplexity_filter(None),)), documents(["", *ENGLISH]))
    assert result["perplexity"].struct.unnest().unique().rows() == [NEUTRAL]


def test_two_models_in_one_stage_are_told_apart(tmp_path: Path, model: Path):
    train(pl.Series(CHINESE), tmp_path / "chinese", SMALL)
    batch = documents(ENGLISH)
    found = [
        stage.run(Measure((perplexity_filter(path),)), batch)["perplexity"].struct.unnest()
        for path in (model, tmp_path / "chinese")
    ]
    assert found[0]["known_unit_ratio"].min() > 0.5 > found[1]["known_unit_ratio"].max()


def test_a_missing_file_is_named(tmp_path: Path):
    with pytest.raises(UserError, match=r"no file '.*none.npz'; name a model"):
        scores(tmp_path / "none.npz", pl.Series([""]))


def test_a_model_of_another_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patch:
        patch.setattr(perplexity, "VERSION", 99)
        train(pl.Series(ENGLISH), tmp_path / "newer", SMALL)
    with pytest.raises(UserError, match="train it again"):
        scores(tmp_path / "newer", pl.Series([""]))


@pytest.mark.parametrize("rest", [b"", b"\0" * 99])
def test_a_damaged_model_is_refused(tmp_path: Path, rest: bytes):
    (tmp_path / "bad").write_bytes(b"PK\x03\x04" + rest)
    with pytest.raises(UserError, match="train it again"):
        scores(tmp_path / "bad", pl.Series([""]))


def test_a_kenlm_file_without_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "kenlm", None)
    (tmp_path / "zh.arpa").write_text(ARPA)
    with pytest.raises(UserError, match=r"pip install 'taojin\[kenlm\]'"):
        scores(tmp_path / "zh.arpa", pl.Series([""]))


# KenLM

ARPA = """\\data\\
ngram 1=6
ngram 2=3

\\1-grams:
-1.0\t<unk>
0\t<s>\t-0.5
-1.2\t</s>
-0.7\t淘\t-0.25
-0.8\t金\t-0.125
-0.9\tgold\t0

\\2-grams:
-0.2\t<s> 淘
-0.1\t淘 金
-0.3\t金 </s>

\\end\\
"""


@pytest.fixture
def arpa(tmp_path: Path) -> Path:
    pytest.importorskip("kenlm", reason="the optional package kenlm is not installed")
    path = tmp_path / "zh.arpa"
    path.write_text(ARPA, encoding="utf-8")
    return path


def test_kenlm_scores_are_those_of_its_file(arpa: Path):
    """淘金: -0.2 -0.1 -0.3, alone -0.7 -0.8 -1.2. gold 金: <s> backs off, gold does not."""
    found = scores(arpa, pl.Series(["淘金", "Gold 金", "淘金\n\n淘金", "x", "", " \n"]))
    ten = log2(10)
    expected = [
        [0.6 / 3 * ten, 2.1 / 3 * ten, 1],
        [(1.4 + 0.8 + 0.3) / 3 * ten, (-0.5 + 0 + 0.9) / 3 * ten, 1],
        [0.6 / 3 * ten, 2.1 / 3 * ten, 1],
        [(1.5 + 1.2) / 2 * ten, -0.5 / 2 * ten, 0.5],
        [0, 0, 0],
        [0, 0, 0],
    ]
    assert found.tolist() == [pytest.approx(row, abs=1e-5) for row in expected]


def test_kenlm_reads_the_pieces_of_the_model_beside_it(arpa: Path):
    import sentencepiece

    prefix = arpa.with_name("zh.sp")
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CHINESE),
        model_prefix=str(prefix),
        model_type="bpe",
        vocab_size=80,
        minloglevel=2,
    )
    found = scores(arpa, pl.Series(["根据有关法律"]))
    processor = sentencepiece.SentencePieceProcessor(model_file=f"{prefix}.model")
    pieces = len(processor.encode_as_pieces("根据有关法律"))
    assert pieces != 6, "not cut into characters"
    assert found[0, ROWS["known_unit_ratio"]] == pytest.approx(1 / (pieces + 1))


def test_a_file_that_is_no_kenlm_model(arpa: Path):
    (arpa.parent / "text").write_text("no model")
    with pytest.raises(UserError, match="neither a model that Taojin trained nor a KenLM file"):
        scores(arpa.parent / "text", pl.Series([""]))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (" Élan 2024，２ ", "elan 0000,0"),
        ("《淘金》：好！…", '"淘金":好!...'),
        ("a\x07b—c", "ab - c"),
        ("", ""),
    ],
)
def test_lines_are_normalised_as_in_ccnet(line: str, expected: str):
    assert kenlm.normalised(line) == expected


def test_units_without_pieces():
    assert kenlm._units("Gold淘金, 3x!") == ["Gold", "淘", "金", ",", "3x", "!"]


# Real text


def test_prose_ranks_above_its_shuffled_words(shared_data: Path, tmp_path: Path):
    """Chinese and English in one ranking, by a model of other sources: d2l and the Rust book."""
    trusted = [
        pl.read_ndjson(shared_data / name / f"{name}.jsonl.zst").filter(
            pl.col("source").str.contains("d2l|rust-lang|docs-cn")
        )["text"][:200]
        for name in ("docs_en", "docs_zh")
    ]
    train(pl.concat(trusted), tmp_path / "model", Settings())
    quality = pl.read_ndjson(shared_data / "quality" / "quality.jsonl.zst")
    by_kind = quality.partition_by("kind", as_dict=True)
    prose, mixed, noise = (
        scores(tmp_path / "model", by_kind[(kind,)]["text"])
        for kind in ("curated_prose", "made_shuffled_words", "made_shuffled_chars")
    )
    gain, bits = ROWS["order_gain"], ROWS["bits_per_unit"]
    assert auc(prose[:, gain], mixed[:, gain]) > 0.97
    assert auc(-prose[:, bits], -noise[:, bits]) > 0.9
