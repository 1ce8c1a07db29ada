import json
import re
from pathlib import Path

import jieba
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taojin.core.errors import UserError
from taojin.tokenizer.encode import Encoder
from taojin.tokenizer.huggingface import read_pieces
from taojin.tokenizer.lines import LINE_CHARACTERS, cut_at_words, training_lines
from taojin.tokenizer.settings import Settings
from taojin.tokenizer.train import HAN_RUN, VocabularyTooLargeError, train

UNTIMED = settings(deadline=None)
FILES = {
    "tokenizer.model",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "report.json",
}


def test_the_same_texts_give_the_same_bytes_in_another_folder(
    folder: Path, tmp_path: Path, training_texts: list[str]
):
    train(iter(training_texts), 500, tmp_path / "other" / "folder")
    assert {path.name for path in folder.iterdir()} == FILES
    for name in FILES:
        assert (tmp_path / "other" / "folder" / name).read_bytes() == (folder / name).read_bytes()


def test_no_path_is_written(folder: Path):
    for name in FILES:
        assert str(folder.parent).encode() not in (folder / name).read_bytes()


def test_report_counts_texts_and_characters(folder: Path, training_texts: list[str]):
    assert json.loads((folder / "report.json").read_text()) == {
        "vocabulary": 500,
        "model": "bpe",
        "han": "free",
        "documents": len(training_texts),
        "characters": sum(map(len, training_texts)),
        "lines": sum(len(list(training_lines(text))) for text in training_texts),
        "repeated_lines": 0,
    }


def test_long_lines_are_learnt_from_once(tmp_path: Path, training_texts: list[str]):
    report = train(training_texts, 400, tmp_path, Settings(deduplicate=True))
    lines = [line for text in training_texts for line in training_lines(text)]
    long = [line for line in lines if len(line) >= 20]
    assert report.repeated_lines == len(long) - len(set(long)) > 0
    assert report.lines + report.repeated_lines == len(lines)


@pytest.mark.parametrize(("asked", "word"), [(20_000, "largest"), (300, "smallest")])
def test_a_size_that_cannot_be_names_one_that_can(
    tmp_path: Path, training_texts: list[str], asked: int, word: str
):
    with pytest.raises(UserError, match=f"{word} that works is") as error:
        train(training_texts, asked, tmp_path)
    works = int(re.search(r"works is (\d+)", str(error.value))[1])
    train(training_texts, works, tmp_path)
    assert len(read_pieces((tmp_path / "tokenizer.model").read_bytes()).texts) == works


def test_no_text_is_an_error_of_the_user(tmp_path: Path):
    with pytest.raises(UserError, match="no text"):
        train([], 500, tmp_path)


def test_pieces_hold_newlines_only_at_their_end(folder: Path):
    texts = read_pieces((folder / "tokenizer.model").read_bytes()).texts
    assert any(len(text) > 1 and text.endswith("\n") for text in texts)
    assert not [text for text in texts if re.search(r"\n[^\n]", text)]


def test_pieces_are_bounded(real_encoder):
    pieces = real_encoder._pieces
    assert len(max(pieces.texts, key=len)) <= 32
    assert not [text for text in pieces.texts if re.search(r"[\u4e00-\u9fff][，。、；]", text)]
    texts = [text for text, kind in zip(pieces.texts, pieces.kinds, strict=True) if kind == "text"]
    assert not [text for text in texts if re.search(r"\d.", text)]


@UNTIMED
@given(st.text(st.sampled_from("ab \r\n\u2581\u2585\0金"), max_size=40), st.integers(0, 3))
def test_training_lines_lose_no_text(text: str, repeats: int):
    text += "x" * (repeats * LINE_CHARACTERS)
    lines = list(training_lines(text))
    assert all(len(line) <= LINE_CHARACTERS + 1 for line in lines)
    assert not any(line.endswith(("\n", "\r")) for line in lines)
    assert not any(re.search(r"\n[^\n ]", line) for line in lines)
    kept = re.sub("[ \u2581\u2585\0]", "", text)
    assert "".join(lines).replace(" ", "") == kept


HAN_TEXTS = ["河里有沙，沙里有金。淘金的人洗沙，留下金子，河水很高 river water。\n"] * 30


def test_a_piece_holds_no_two_chinese_words(tmp_path: Path):
    words = set(jieba.lcut(HAN_TEXTS[0], HMM=False))
    train(HAN_TEXTS, 315, tmp_path / "words", Settings(han="words"))
    train(HAN_TEXTS, 315, tmp_path / "free")
    found = {name: han_runs(tmp_path / name) for name in ("words", "free")}
    assert found["words"] and all(any(run in word for word in words) for run in found["words"])
    assert not all(any(run in word for word in words) for run in found["free"])


@pytest.mark.parametrize("most", [1, 2, 3])
def test_a_piece_holds_few_han_characters_in_a_row(tmp_path: Path, most: int):
    train(HAN_TEXTS, 305, tmp_path, Settings(han="bounded", han_characters=most))
    assert max(map(len, han_runs(tmp_path))) == most
    assert Encoder(tmp_path).size == 305


def test_a_bounded_unigram_model_is_of_the_size_asked_for(tmp_path: Path, training_texts):
    settings = Settings(model="unigram", han="bounded", han_characters=1)
    train(training_texts, 395, tmp_path, settings)
    assert max(map(len, han_runs(tmp_path))) == 1 and Encoder(tmp_path).size == 395


def test_a_bounded_vocabulary_holds_all_characters(tmp_path: Path):
    settings = Settings(han="bounded", han_characters=1)
    with pytest.raises(UserError, match="smallest that works is") as error:
        train(HAN_TEXTS, 270, tmp_path, settings)
    train(HAN_TEXTS, int(str(error.value).split()[-1]), tmp_path, settings)


def test_a_bounded_vocabulary_that_cannot_be_filled_names_the_largest(tmp_path: Path):
    settings = Settings(han="bounded", han_characters=2)
    with pytest.raises(VocabularyTooLargeError) as error:
        train(HAN_TEXTS, 2_000, tmp_path, settings)
    train(HAN_TEXTS, error.value.largest, tmp_path, settings)
    assert Encoder(tmp_path).size == error.value.largest


def han_runs(folder: Path) -> list[str]:
    pieces = read_pieces((folder / "tokenizer.model").read_bytes())
    return [run for text in pieces.of_kind("text") for run in HAN_RUN.findall(text)]


@UNTIMED
@given(st.lists(st.text(st.sampled_from("ab 金沙里有淘金人的，1\n"), max_size=30), max_size=5))
def test_marks_stand_where_jieba_cuts_between_han_characters(lines: list[str]):
    for line, marked in zip(lines, cut_at_words(lines), strict=True):
        wanted = "\0".join(jieba.cut(line, HMM=False))
        marks = r"(?<![\u4e00-\u9fff])\0|\0(?![\u4e00-\u9fff])"
        assert marked == re.sub(marks, "", wanted)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"symbols": ["a b"]}, "no token of its own"),
        ({"symbols": [""]}, "no token of its own"),
        ({"symbols": ["a", "a"]}, "given twice"),
        ({"special": ["<s>"]}, "given twice"),
        ({"symbols": ["x"], "special": ["x"]}, "given twice"),
        ({"symbols": ["<0x41>"]}, "names a byte"),
    ],
)
def test_a_token_that_cannot_be_is_an_error_of_the_user(settings: dict, message: str):
    with pytest.raises(UserError, match=message):
        Settings(**settings)
