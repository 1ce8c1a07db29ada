"""Extension of a vocabulary: old ids stay, Chinese gets pieces, every reader sees the same ids."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import sentencepiece
from hypothesis import given, settings
from hypothesis import strategies as st

from taojin.core.errors import UserError
from taojin.tokenizer.encode import Encoder
from taojin.tokenizer.model_file import read_model, write_model
from taojin.tokenizer.settings import Settings
from taojin.tokenizer.train import train
from taojin.tokenizer.vocabulary import Extension, extend, extended

ENGLISH = ["The river carries sand, and in the sand is gold.\n\n  - wash the sand\n", "a pan"] * 8
CHINESE = [
    "河里有沙，沙里有金。\n淘金的人洗沙，留下金子 the gold。\n\n第一步：把沙倒进盘里。\n"
] * 8
texts = st.lists(
    st.sampled_from(
        ["the sand", " river", "河里", "有沙，", "淘金", "。\n\n", "\n", "é", "金", "  "]
    )
).map("".join)


def model(texts: list[str], size: int, folder: Path, asked: Settings | None = None) -> bytes:
    train(texts, size, folder, asked or Settings())
    return (folder / "tokenizer.model").read_bytes()


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> bytes:
    return model(ENGLISH, 330, tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def chinese(tmp_path_factory) -> bytes:
    return model(CHINESE, 345, tmp_path_factory.mktemp("chinese"))


@pytest.fixture(scope="module")
def with_prefix(tmp_path_factory) -> bytes:
    """A base as LLaMA's: a space before every text, no pieces with newlines."""
    path = tmp_path_factory.mktemp("llama") / "m"
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(ENGLISH), model_prefix=str(path), vocab_size=320, model_type="bpe",
        byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False,
        minloglevel=2,
    )  # fmt: skip
    return path.with_suffix(".model").read_bytes()


@pytest.fixture(scope="module")
def extension(base: bytes, chinese: bytes) -> Extension:
    return extend(base, chinese)


def processor(proto: bytes) -> sentencepiece.SentencePieceProcessor:
    return sentencepiece.SentencePieceProcessor(model_proto=proto)


def test_a_model_file_is_read_and_written_to_the_byte(base: bytes, with_prefix: bytes):
    for proto in (base, with_prefix):
        found, known = read_model(write_model(read_model(proto))), processor(proto)
        assert found == read_model(proto)
        assert [(one.text, one.score) for one in found.pieces] == [
            (known.id_to_piece(i), known.get_score(i)) for i in range(known.vocab_size())
        ]
        assert [one.kind == "byte" for one in found.pieces] == [
            known.is_byte(i) for i in range(known.vocab_size())
        ]
    assert read_model(with_prefix).prefix and not read_model(base).prefix
    assert not read_model(with_prefix).normalises


@pytest.mark.parametrize("data", [b"", b"no model at all", b"\x0a\xff"])
def test_what_is_no_model_is_an_error_of_the_user(data: bytes, base: bytes):
    with pytest.raises(UserError, match="the base is no SentencePiece model"):
        extend(data, base)
    with pytest.raises(UserError, match="the addition is no SentencePiece model"):
        extend(base, data)


def test_old_ids_stay_and_new_ones_follow(base: bytes, extension: Extension):
    old, new = read_model(base).pieces, read_model(extension.model).pieces
    assert list(new[: len(old)]) == list(old)
    assert [one.text for one in new[len(old) :]] == extension.table["piece"].to_list()
    assert extension.table["id"].to_list() == list(range(len(old), len(new)))
    assert extension.report.added == len(new) - len(old) > 20
    assert len({one.text for one in new}) == len(new)


def test_the_report_accounts_for_every_piece(chinese: bytes, extension: Extension):
    told = extension.report
    given = sum(one.kind == "text" for one in read_model(chinese).pieces)
    assert told.added + told.known + told.other + told.unreachable == given
    assert told.other > 0 and told.known > 0


def test_english_keeps_its_ids(base: bytes, extension: Extension):
    for text in ENGLISH:
        assert processor(extension.model).encode(text) == processor(base).encode(text)


def test_chinese_takes_fewer_tokens(base: bytes, extension: Extension):
    before, after = (len(processor(m).encode(CHINESE[0])) for m in (base, extension.model))
    assert after < before / 2.5


def test_each_new_piece_appears_in_some_text(extension: Extension):
    known = processor(extension.model)
    for index, piece in extension.table.select("id", "piece").iter_rows():
        assert known.encode(piece) == [index]


@settings(max_examples=80, deadline=None)
@given(text=texts)
@pytest.mark.parametrize("which", ["base", "with_prefix"])
def test_every_reader_gives_the_same_ids(request, tmp_path_factory, which: str, text: str):
    from tokenizers import Tokenizer

    found = extend(request.getfixturevalue(which), request.getfixturevalue("chinese"))
    folder = tmp_path_factory.getbasetemp() / f"extended-{which}"
    if not folder.exists():
        found.write(folder)
    ids = processor(found.model).encode(text)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    assert tokenizer.encode(text).ids == ids and tokenizer.decode(ids) == text
    offsets, own = Encoder(folder).encode(pl.Series([text]))
    assert own.tolist() == ids and offsets.tolist() == [0, len(ids)]


def test_new_pieces_are_joined_after_all_old_ones(chinese: bytes, extension: Extension):
    old, pieces = extension.report.old, read_model(extension.model).pieces
    new = [one for one in pieces[old:] if len(one.text) > 1]
    assert max(one.score for one in new) < min(
        one.score for one in pieces[:old] if one.kind == "text"
    )
    texts = {one.text for one in new}
    ranked = sorted(read_model(chinese).pieces, key=lambda one: -one.score)
    assert [one.text for one in sorted(new, key=lambda one: -one.score)] == [
        one.text for one in ranked if one.text in texts
    ]


def test_old_ids_of_a_piece_have_no_space_that_it_has_not(with_prefix: bytes, chinese: bytes):
    known = processor(with_prefix)
    for piece, ids in extend(with_prefix, chinese).table.select("piece", "old_ids").iter_rows():
        assert known.id_to_piece(ids[0]).startswith("\u2581") == piece.startswith(" ")


def test_the_table_has_the_ids_that_the_base_gives(base: bytes, extension: Extension):
    known = processor(base)
    for piece, ids in extension.table.select("piece", "old_ids").iter_rows():
        assert ids == known.encode(piece) and known.decode(ids) == piece


def test_new_embeddings_are_means_of_old_ones(extension: Extension):
    old = extension.report.old
    matrix = np.random.default_rng(1).normal(size=(old, 5)).astype(np.float32)
    found = extended(matrix, extension.table)
    assert found.dtype == np.float32 and found.shape == (old + extension.report.added, 5)
    assert (found[:old] == matrix).all()
    for index, ids in extension.table.select("id", "old_ids").iter_rows():
        assert found[index] == pytest.approx(matrix[ids].mean(axis=0), rel=1e-5, abs=1e-6)
    assert (extended(matrix, extension.table.clear()) == matrix).all()


def test_every_piece_is_added_if_asked(base: bytes, chinese: bytes):
    told = extend(base, chinese, every=True).report
    assert told.other == 0 and told.added > extend(base, chinese).report.added


def test_a_piece_that_nothing_joins_to_is_left_out(base: bytes, chinese: bytes):
    """Without its parts a piece would stand in the vocabulary and in no text."""
    found = read_model(chinese)
    longest = max(
        (one for one in found.pieces if one.kind == "text"), key=lambda one: len(one.text)
    )
    orphaned = [one for one in found.pieces if one.text == longest.text or len(one.text) != 1]
    cut = write_model(found.with_pieces(orphaned))
    told = extend(base, cut)
    assert told.report.unreachable > 0
    test_each_new_piece_appears_in_some_text(told)


@pytest.mark.parametrize("kind", ["unigram", "character"])
def test_other_models_are_an_error_of_the_user(tmp_path: Path, base: bytes, kind: str):
    size = 360 if kind == "unigram" else 290
    other = model(ENGLISH, size, tmp_path, Settings(model=kind))
    with pytest.raises(UserError, match=f"the base is a {kind} model"):
        extend(other, base)


def test_a_base_that_changes_texts_is_an_error_of_the_user(tmp_path: Path, chinese: bytes):
    path = tmp_path / "m"
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(ENGLISH), model_prefix=str(path), vocab_size=320,
        model_type="bpe", byte_fallback=True, minloglevel=2,
    )  # fmt: skip
    with pytest.raises(UserError, match="normalizer"):
        extend(path.with_suffix(".model").read_bytes(), chinese)
