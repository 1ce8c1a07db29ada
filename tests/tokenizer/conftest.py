"""One small tokenizer for all tests, trained on text that is written here."""

from pathlib import Path

import polars as pl
import pytest

from taojin.tokenizer.encode import Encoder
from taojin.tokenizer.train import train

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


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer"
    train(TEXTS * 4, VOCABULARY, path)
    return path


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
