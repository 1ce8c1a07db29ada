"""One small tokenizer for all tests, trained on text that is written here."""

from pathlib import Path

import polars as pl
import pytest

from taojin.tokenizer.encode import Encoder
from taojin.tokenizer.settings import Settings
from taojin.tokenizer.train import VocabularyTooLargeError, train

TEXTS = [
    "The river carries sand, and in the sand is gold.\n\n  - wash the sand\n  - keep the gold\n",
    "河里有沙，沙里有金。\n淘金的人洗沙，留下金子。\n\n第一步：把沙倒进盘里。\n",
    "def wash(sand):\n    return [grain for grain in sand if grain.gold]\r\n\r\n----------\n",
    "\tThe pan, the sand and the river; 2024年3月，河水很高。\n" * 3,
]
VOCABULARY = 500


@pytest.fixture(scope="session")
def training_texts() -> list[str]:
    return TEXTS * 4


SYMBOLS = ("[sand]", "[sand]s", "沙里", "<url>", "#")
KINDS = {
    "bpe": (VOCABULARY, Settings()),
    "symbols": (VOCABULARY, Settings(symbols=SYMBOLS, special=("<|tool|>",))),
    "words": (VOCABULARY - 40, Settings(han="words")),
    "bounded": (VOCABULARY - 40, Settings(han="bounded", han_characters=2, symbols=SYMBOLS)),
    "character": (320, Settings(model="character", symbols=SYMBOLS)),
    "unigram": (450, Settings(model="unigram", symbols=SYMBOLS)),
}
"""The size and the settings of each tokenizer that the properties are tested on."""


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer"
    train(TEXTS * 4, VOCABULARY, path)
    return path


@pytest.fixture(scope="session", params=KINDS)
def any_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tokenizer") / request.param
    vocabulary, settings = KINDS[request.param]
    try:
        train(TEXTS * 4, vocabulary, path, settings)
    except VocabularyTooLargeError as error:
        train(TEXTS * 4, error.largest, path, settings)
    return path


@pytest.fixture(scope="session")
def any_encoder(any_folder: Path) -> Encoder:
    return Encoder(any_folder)


@pytest.fixture(scope="session")
def encoder(folder: Path) -> Encoder:
    return Encoder(folder)


@pytest.fixture(scope="session")
def real_texts(shared_data: Path) -> list[str]:
    """Every 60th document of each language, in English, Chinese and 38 others."""
    texts = []
    for name in ("docs_en", "docs_zh", "docs_multi"):
        documents = pl.read_ndjson(shared_data / name / f"{name}.jsonl.zst")
        texts += documents["text"].gather_every(60).to_list()
    return texts


@pytest.fixture(scope="session")
def real_encoder(real_texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    path = tmp_path_factory.mktemp("tokenizer") / "real"
    train(real_texts[::3], 12_000, path)
    return Encoder(path)
