from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from taojin.core import schema
from taojin.pipeline.qa.endpoint import client
from taojin.pipeline.settings.qa import Endpoint, Grounding, Qa
from taojin.pipeline.steps.endpoint import tasks
from taojin.pipeline.task import Checkpoint, execute
from tests.pipeline.qa.endpoint.server import Server, serving

STRICT = Grounding()
LETTERS = "甲乙丙丁戊己庚辛壬癸"


def river(letter: str, facts: int = 3) -> str:
    """A text of one section with facts of its own."""
    lines = [f"河流{letter}{n}的长度是{ord(letter) % 1000 + 17 * n}公里。" for n in range(facts)]
    return f"# 河流{letter}\n\n" + "\n\n".join(
        f"{line}沿岸的居民以捕鱼和淘金为生，每到春天便有许多船只来往于两岸之间，十分热闹。"
        for line in lines
    )


def documents(*texts: str, lang: str = "zh-Hans") -> pl.DataFrame:
    source = dict.fromkeys(schema.SOURCE.to_schema()) | {"name": "s", "title": "河流志"}
    rows = [(f"d{n}", f"h{n}", text, source, lang, 1.0, None) for n, text in enumerate(texts)]
    return pl.DataFrame(rows, schema=dict(schema.DOCUMENT), orient="row")


def settled(folder: Path, table: pl.DataFrame) -> Checkpoint:
    folder.mkdir(parents=True, exist_ok=True)
    table.write_parquet(folder / "documents.parquet")
    return Checkpoint(folder, folder.name, {"kept": table.height})


class Ask:
    """Asks a server about documents, as the step of a run does."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.environment = folder, monkeypatch

    def __call__(
        self,
        server: Server,
        table: pl.DataFrame,
        again: str = "",
        grounding: Grounding = STRICT,
        **settings: object,
    ) -> Checkpoint:
        for name, value in (("URL", server.url), ("MODEL", "m"), ("KEY", "the-key")):
            self.environment.setenv(f"TAOJIN_ENDPOINT_{name}", value)
        qa = Qa(generator="endpoint", endpoint=Endpoint(**settings), grounding=grounding)
        (task,) = tasks(qa, [settled(self.folder / "settled", table)], self.folder / "answers")
        return execute(task, self.folder / f"work{again}")


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.setattr(client, "BACKOFF_S", 0.01)
    return Ask(tmp_path, monkeypatch)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as one:
        yield one
