"""A source whose tables lack the column of the text is told before its rows are read."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from taojin.core.errors import UserError
from taojin.pipeline.ingest.tables import heads

BODY = pl.DataFrame({"id": [1, 2], "body": ["一", "二"]})


def written(folder: Path, table: pl.DataFrame, kind: str) -> str:
    path = folder / f"table.{kind}"
    {
        "jsonl": table.write_ndjson,
        "csv": table.write_csv,
        "parquet": table.write_parquet,
        "arrow": table.write_ipc,
    }[kind](path)
    return str(path)


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet", "arrow"])
def test_a_table_without_the_text_is_told(tmp_path: Path, kind: str) -> None:
    paths = [written(tmp_path, BODY, kind)]
    with pytest.raises(UserError, match=r"source 'x': no column 'text'; known: body, id; say "):
        heads.check_text(paths, {}, "source 'x'")
    with pytest.raises(UserError, match="no column 'bodi'"):
        heads.check_text(paths, {"text": "bodi"}, "source 'x'")
    heads.check_text(paths, {"text": "body"}, "source 'x'")
    heads.check_text(paths, {"text": "body.inner"}, "source 'x'")


def test_one_file_that_may_hold_text_is_enough(tmp_path: Path) -> None:
    note = tmp_path / "note.txt"
    note.write_text("沙里有金")
    empty = tmp_path / "empty.jsonl"
    empty.write_text("not json\n")
    table = written(tmp_path, BODY, "csv")
    for other in (note, empty):
        heads.check_text([table, str(other)], {}, "source 'x'")
    heads.check_text([], {}, "source 'x'")


@pytest.mark.parametrize(
    "named", [{}, {"conversation": "messages"}, {"text": "body", "conversation": "messages"}]
)
def test_a_conversation_is_text(tmp_path: Path, named: Mapping[str, str]) -> None:
    talk = pl.DataFrame({"messages": [[{"role": "user", "content": "谁？"}]]})
    heads.check_text([written(tmp_path, talk, "jsonl")], named, "source 'x'")


def test_a_conversation_column_that_is_not_there_is_told(tmp_path: Path) -> None:
    paths = [written(tmp_path, BODY, "parquet")]
    with pytest.raises(UserError, match=r"no column 'talk'; .* columns = \{ conversation"):
        heads.check_text(paths, {"conversation": "talk"}, "source 'x'")
