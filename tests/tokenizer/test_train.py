import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taojin.core.errors import UserError
from taojin.tokenizer.huggingface import read_pieces
from taojin.tokenizer.train import LINE_CHARACTERS, train, training_lines

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
        "documents": len(training_texts),
        "characters": sum(map(len, training_texts)),
    }


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
    assert len(max(pieces.texts, key=len)) <= 16
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
