import pickle
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taojin.tokenizer.encode import Encoder

SHARED = settings(
    max_examples=80,
    deadline=None,  # the first call compiles
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ALPHABET = st.sampled_from(
    "the sand \u00a0\r\n\t\0\u2581\u2585-沙金，。é\u0301👩‍🌾\ufeff\U0010ffff1"
)
PHRASES = st.sampled_from(
    [
        "the ",
        "the sand",
        "沙里有金",
        "----",
        "\n\n",
        "</s>",
        "<|end|>",
        "<0x41>",
        "[sand]",
        "[sand]s",
        "[",
        "<url>",
        "#",
        "<|tool|>",
        "\r\n",
        "\u00a0",
        "\u2581",
        "\u2585",
        "\0",
    ]
)
texts = st.lists(
    st.one_of(
        st.text(),
        st.text(ALPHABET),
        st.lists(PHRASES, max_size=80).map("".join),
    ),
    max_size=6,
)


def lists(encoder: Encoder, column: list[str]) -> list[list[int]]:
    offsets, ids = encoder.encode(pl.Series("text", column, pl.String))
    return [part.tolist() for part in np.split(ids, offsets[1:-1])] if column else []


def sentencepiece_ids(folder: Path, text: str) -> list[int]:
    """SentencePiece's ids, and the bytes of U+2581, which it would read as a space."""
    import sentencepiece

    model = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
    mark = [model.piece_to_id(f"<0x{byte:02X}>") for byte in "\u2581".encode()]
    ids = []
    for index, part in enumerate(text.split("\u2581")):
        ids += (mark if index else []) + model.encode(part)
    return ids


@SHARED
@given(column=texts, cut=st.integers(0, 3))
def test_every_text_survives(any_encoder: Encoder, column: list[str], cut: int):
    offsets, ids = any_encoder.encode(pl.Series("text", column, pl.String).slice(cut))
    assert offsets.dtype == np.int64 and ids.dtype == np.uint32
    decoded = [any_encoder.decode(ids[a:b]) for a, b in pairwise(offsets)]
    assert decoded == column[cut:]


@SHARED
@given(column=texts)
def test_ids_are_those_of_sentencepiece(any_folder: Path, any_encoder: Encoder, column: list[str]):
    assert lists(any_encoder, column) == [sentencepiece_ids(any_folder, text) for text in column]


@SHARED
@given(column=texts)
def test_ids_are_those_of_tokenizers(any_folder: Path, any_encoder: Encoder, column: list[str]):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(any_folder / "tokenizer.json"))
    tokenizer.encode_special_tokens = True
    ids = lists(any_encoder, column)
    assert ids == [tokenizer.encode(text).ids for text in column]
    assert [tokenizer.decode(row, skip_special_tokens=False) for row in ids] == column


@pytest.mark.parametrize(
    "text", ["-" * 70_000, "the sand " * 9_000, "thesand" * 9_000, "沙里有金" * 9_000]
)
def test_long_stretches_take_the_heap_to_the_same_ids(folder: Path, encoder: Encoder, text: str):
    assert lists(encoder, [text]) == [sentencepiece_ids(folder, text)]


def test_real_documents(real_encoder: Encoder, real_texts: list[str]):
    import sentencepiece
    from transformers import AutoTokenizer

    model = real_encoder.folder / "tokenizer.model"
    processor = sentencepiece.SentencePieceProcessor(model_file=str(model))
    tokenizer = AutoTokenizer.from_pretrained(real_encoder.folder, split_special_tokens=True)
    ids = lists(real_encoder, real_texts)
    assert [real_encoder.decode(row) for row in ids] == real_texts
    assert ids == tokenizer(real_texts)["input_ids"]
    plain = ["\u2581" not in text for text in real_texts]
    compared = [row for row, is_plain in zip(ids, plain, strict=True) if is_plain]
    assert compared == processor.encode(
        [t for t, is_plain in zip(real_texts, plain, strict=True) if is_plain]
    )


def test_special_tokens_are_never_read_from_text(encoder: Encoder):
    special = {encoder.pad_id, encoder.bos_id, encoder.eos_id, encoder.special_id("<|end|>")}
    assert [encoder.pad_id, encoder.bos_id, encoder.eos_id] == [0, 1, 2]
    assert not special & set(lists(encoder, ["<pad><s></s><|end|>"])[0])
    assert encoder.decode([encoder.bos_id, *lists(encoder, ["sand"])[0], encoder.eos_id]) == "sand"


def test_half_a_character_decodes_to_the_replacement_character(encoder: Encoder):
    assert encoder.decode(lists(encoder, ["👩"])[0][:2]) == "\ufffd"


def test_size_and_pickle(encoder: Encoder):
    assert encoder.size == 500
    assert lists(pickle.loads(pickle.dumps(encoder)), ["the sand"]) == lists(encoder, ["the sand"])


def test_nulls_and_empty_columns(encoder: Encoder):
    assert lists(encoder, [None, "", "a"])[:2] == [[], []]
    offsets, ids = encoder.encode(pl.Series("text", [], pl.String))
    assert offsets.tolist() == [0] and ids.size == 0


def test_symbols_are_one_token_wherever_they_stand(any_folder: Path, any_encoder: Encoder):
    if "#" not in any_encoder._pieces.of_kind("symbol"):
        pytest.skip("this tokenizer has no symbols")
    ids = lists(any_encoder, ["x[sand]sy沙里[sand]#<url>"])[0]
    assert [any_encoder.decode([one]) for one in ids] == [
        "x", "[sand]s", "y", "沙里", "[sand]", "#", "<url>",
    ]  # fmt: skip


def test_extra_special_tokens_stand_in_the_files(any_folder: Path):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(any_folder)
    encoder = Encoder(any_folder)
    if any_folder.name != "symbols":
        pytest.skip("this tokenizer has no further special tokens")
    wanted = encoder.special_id("<|tool|>")
    assert tokenizer.convert_tokens_to_ids("<|tool|>") == wanted
    assert wanted in tokenizer.all_special_ids and tokenizer("<|tool|>")["input_ids"] == [wanted]
    assert wanted not in lists(encoder, ["<|tool|>"])[0]


def test_stretches_that_share_a_slot_are_told_apart(folder: Path, encoder: Encoder):
    """More different stretches of the same length than the kernel has slots for what it knows."""
    import sentencepiece

    model = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
    chosen = np.random.default_rng(1).choice(list("thesandriv"), (30_000, 8))
    column = ["".join(letters) for letters in chosen]
    assert lists(encoder, column) == model.encode(column)
