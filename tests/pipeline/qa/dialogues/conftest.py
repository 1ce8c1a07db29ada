"""One small tokenizer for all tests of dialogues."""

import pytest

from taojin.tokenizer.encode import Encoder
from taojin.tokenizer.train import train

TEXTS = [
    "The river carries sand, and in the sand is gold.\n\n  - wash the sand\n  - keep the gold\n",
    "河里有沙，沙里有金。\n\n淘金的人洗沙，留下金子。好。\n\n\n第一步：把沙倒进盘里。\n",
]


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer"
    train(TEXTS * 8, 420, path)
    return Encoder(path)
