"""`taojin pii try`: one text, with what takes the place of values, and where they stood."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from taojin.pipeline.cli import main

TEXT = "电话13812345678。\n写给 li@mail.example，\n来自203.0.113.5"


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.delenv("TAOJIN_PII_KEY", raising=False)
    return CliRunner()


def test_the_text_is_masked_and_each_find_told_by_kind_and_place(runner: CliRunner) -> None:
    told = runner.invoke(main, ["pii", "try"], input=TEXT)
    assert told.stdout == "电话<PHONE>。\n写给 <EMAIL>，\n来自<IP>\n"
    assert told.stderr.splitlines() == [
        "line 1, character 3  phone",
        "line 2, character 4  email",
        "line 3, character 3  ip",
    ]


def test_a_recipe_tells_what_becomes_of_each_kind(runner: CliRunner, tmp_path: Path) -> None:
    recipe, text = tmp_path / "r.toml", tmp_path / "text.txt"
    recipe.write_text(
        'name = "r"\n[[sources]]\nname = "a"\npath = "*.jsonl"\nkind = "web"\n'
        '[pii]\nkinds = ["email", "ip"]\nactions = { ip = "count" }\n'
    )
    text.write_text(TEXT)
    told = runner.invoke(main, ["pii", "try", str(text), "--recipe", str(recipe)])
    assert told.stdout == "电话13812345678。\n写给 <EMAIL>，\n来自203.0.113.5\n"
    assert told.stderr.splitlines() == ["line 2, character 4  email", "counted  1 x ip"]


def test_a_language_tells_which_numbers_are_at_home(runner: CliRunner) -> None:
    told = runner.invoke(main, ["pii", "try", "--lang", "de"], input="Anruf 0171 1234567 genügt\n")
    assert told.stdout == "Anruf <PHONE> genügt\n"


def test_a_text_may_have_another_charset(runner: CliRunner, tmp_path: Path) -> None:
    path = tmp_path / "old.txt"
    path.write_bytes("电话 13812345678".encode("gbk"))
    assert runner.invoke(main, ["pii", "try", str(path)]).stdout == "电话 <PHONE>\n"


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"PK\x03\x04", b"a\0b"])
def test_what_is_no_text_is_one_sentence(runner: CliRunner, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "page.bin"
    path.write_bytes(data)
    result = runner.invoke(main, ["pii", "try", str(path)])
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: this is no text;")
