"""UTF-8 that was read as Windows-1252 is taken back, and nothing else is touched."""

import json
from pathlib import Path

import ftfy
import polars as pl
import pytest
from ftfy import bad_codecs  # noqa: F401  it registers sloppy-windows-1252
from hypothesis import given
from hypothesis import strategies as st

from taojin.pipeline.ingest.mojibake import repaired
from tests.pipeline.ingest.test_reading import ingested


def garbled(text: str) -> str:
    return text.encode("utf-8").decode("sloppy-windows-1252")


def repair(text: str) -> tuple[str, int]:
    texts, counts = repaired(pl.Series([text]))
    return texts.item(), counts.item()


TEXTS = [
    "沙里淘金要有耐心",
    "It’s “gold” — no doubt",
    "l’élève a été reçu à l’école",
    "Straße und Größe",
    "золото моют в реке",
    "砂金を洗う",
    "gold 🙂 pan",
]


@pytest.mark.parametrize("text", TEXTS)
def test_what_was_read_wrongly_is_taken_back(text: str) -> None:
    assert repair(garbled(text)) == (text, 1)
    assert repair(text) == (text, 0)
    assert ftfy.fix_encoding(garbled(text)) == text


@pytest.mark.parametrize("text", TEXTS)
def test_what_was_read_as_latin_1_is_taken_back(text: str) -> None:
    assert repair(text.encode().decode("latin-1")) == (text, 1)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("times", [2, 3])
def test_what_was_read_wrongly_more_than_once_is_taken_back(text: str, times: int) -> None:
    read = text
    for _ in range(times):
        read = garbled(read)
    assert repair(read) == (text, 1)


@pytest.mark.parametrize(
    "text",
    [
        "you will see â€™ instead of an apostrophe",
        'replace("â€œ", "\'") and `â€™`',
        "café, naïve, Ångström, señor",  # Latin-1 as it should be
        "garçon Ã© façade",  # one run is none, so the line stays
        "x Ã© y",  # two bytes alone are no proof
        "€ 5 – 10 ‰ “quoted” …",
        "ÄÖÜ äöü ß § °C ±5 µm ½",
        "plain gold",
        "沙里淘金",
        "",
    ],
)
def test_what_may_be_meant_stays(text: str) -> None:
    assert repair(text) == (text, 0)


def test_each_line_is_judged_alone() -> None:
    text = f"{TEXTS[0]}\n{garbled(TEXTS[1])}\ncafé\n{garbled(TEXTS[0])} 淘金\n"
    assert repair(text) == (f"{TEXTS[0]}\n{TEXTS[1]}\ncafé\n{TEXTS[0]} 淘金\n", 2)


def test_nulls_stay() -> None:
    texts, counts = repaired(pl.Series([None, garbled("淘金"), "x"], dtype=pl.String))
    assert texts.to_list() == [None, "淘金", "x"]
    assert counts.to_list() == [0, 1, 0]


@given(st.text(st.characters(codec="latin-1"), max_size=40))
def test_what_is_changed_is_the_same_bytes(text: str) -> None:
    fixed, count = repair(text)
    if count:
        assert garbled(fixed) == "".join(
            one.encode("latin-1").decode("sloppy-windows-1252") for one in text
        )
    else:
        assert fixed == text


def test_a_run_tells_how_many_lines_it_repaired(tmp_path: Path) -> None:
    message = [{"role": "user", "content": garbled("沙里淘金")}]
    rows = [{"text": f"{garbled('沙里淘金')}\ngold"}, {"text": "gold"}, {"messages": message}]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    one = ingested(tmp_path)
    paths = sorted(one.path.glob("documents-*.parquet"))
    assert pl.concat(map(pl.read_parquet, paths))["text"].to_list()[0] == "沙里淘金\ngold"
    assert one.read("reading")["repaired_line_count"].to_list()[:2] == [1, 0]
