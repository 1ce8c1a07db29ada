"""`taojin tokenizer extend` and `sweep`, on files and on a run's folder."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import sentencepiece
from click.testing import CliRunner

from taojin.pipeline.cli import main
from taojin.pipeline.tokenizer_sweep import sizes
from taojin.tokenizer import candidates
from taojin.tokenizer.encode import Encoder
from taojin.tokenizer.measure import RARE, measure
from taojin.tokenizer.train import train

ENGLISH = "The river carries sand, and in the sand is gold: {n} grains, {n} pans and a sieve."
CHINESE = "河里有沙，沙里有金。淘金的人洗沙{n}次，留下金子。第一步：把沙倒进盘里。"


def documents() -> pl.DataFrame:
    rows = [
        {"text": text.format(n=n), "lang": lang, "source": {"name": name, "kind": "web"}}
        for lang, name, text in (("en", "a", ENGLISH), ("zh-Hans", "b", CHINESE))
        for n in range(120)
    ]
    return pl.DataFrame(rows)


def called(*arguments: object) -> str:
    done = CliRunner().invoke(main, ["tokenizer", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.output


def refused(*arguments: object) -> str:
    done = CliRunner().invoke(main, ["tokenizer", *map(str, arguments)])
    assert done.exit_code == 1, done.output
    return done.output


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As a run leaves it: documents and a tokenizer."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "documents").mkdir()
    documents().write_parquet(folder / "documents" / "part.parquet")
    train([CHINESE.format(n=n) for n in range(9)], 330, folder / "tokenizer")
    return folder


@pytest.fixture(scope="module")
def english(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("english")
    train([ENGLISH.format(n=n) for n in range(9)], 320, folder)
    return folder


@pytest.fixture(scope="module")
def swept(run: Path, english: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("sweep") / "out"
    against = [("--against", english / name) for name in ("tokenizer.model", "tokenizer.json")]
    flags = [part for pair in against for part in pair]
    return out, called("sweep", run, "--sizes", "360,0.34k,50000", *flags, "--out", out)


def test_a_sweep_trains_each_size_and_measures_all(swept: tuple[Path, str]):
    out, said = swept
    told = json.loads((out / "sweep.json").read_text())["tokenizers"]
    assert [one["size"] for one in told][:2] == [340, 360]
    assert 360 < told[2]["size"] < 50_000 and "filled" in told[2]["name"]
    assert [one["size"] for one in told[3:]] == [320, 320]
    assert told[3]["figures"] == told[4]["figures"] and told[3]["train_s"] is None
    assert Encoder(out / "360").size == 360
    figures = [one["figures"]["bytes_per_token"] for one in told[:3]]
    assert figures == sorted(figures)
    assert "bytes/token by language" in said and str(out) in said


def test_figures_are_those_of_the_ids(run: Path, english: Path):
    table = documents().with_columns(pl.col("source").struct["name"].alias("source"))
    held_out, others = table[::10], table[1::10]
    found = measure(candidates.own("x", english), held_out, others)
    model = sentencepiece.SentencePieceProcessor(model_file=str(english / "tokenizer.model"))
    for lang, part in held_out.partition_by("lang", as_dict=True).items():
        tokens = sum(map(len, model.encode(part["text"].to_list())))
        size = sum(len(text.encode()) for text in part["text"])
        assert found.by_language[lang[0]]["bytes_per_token"] == pytest.approx(
            size / tokens, abs=1e-4
        )
    zh, en = (found.by_language[one]["bytes_per_token"] for one in ("zh-Hans", "en"))
    assert found.parity == pytest.approx(zh / en, abs=1e-3)
    units = sum(len(text.split()) for text in held_out.filter(lang="en")["text"])
    tokens = sum(map(len, model.encode(held_out.filter(lang="en")["text"].to_list())))
    assert found.by_source["a"]["fertility"] == pytest.approx(tokens / units, rel=0.02)
    ids = np.concatenate([model.encode(text) for text in [*held_out["text"], *others["text"]]])
    times = np.bincount(ids, minlength=320)
    ordinary = [
        i
        for i in range(320)
        if not (model.is_byte(i) or model.is_control(i) or model.is_unknown(i))
    ]
    assert found.unused == sum(times[i] == 0 for i in ordinary)
    assert found.undertrained == sum(times[i] < RARE for i in ordinary)


def test_files_are_read_as_a_run_is(run: Path, swept: tuple[Path, str], tmp_path: Path):
    table = documents().with_columns(pl.col("source").struct["name"].alias("source"))
    table[:100].write_ndjson(tmp_path / "a.jsonl")
    table[100:].write_parquet(tmp_path / "b.parquet")
    files = (tmp_path / "b.parquet", tmp_path / "a.jsonl")
    called("sweep", *files, "--sizes", "360", "--out", tmp_path / "out")
    kept = [json.loads((out / "sweep.json").read_text()) for out in (swept[0], tmp_path / "out")]
    assert kept[0]["tokenizers"][1]["figures"] == kept[1]["tokenizers"][0]["figures"]
    for name in ("tokenizer.model", "tokenizer.json"):
        same = (swept[0] / "360" / name).read_bytes()
        assert (tmp_path / "out" / "360" / name).read_bytes() == same


def test_held_out_documents_are_not_trained_on(swept: tuple[Path, str]):
    out, _ = swept
    report = json.loads((out / "360" / "report.json").read_text())
    told = json.loads((out / "sweep.json").read_text())["tokenizers"][1]["figures"]
    assert report["documents"] + told["documents"] == documents().height
    assert told["documents"] < report["documents"] / 5


@pytest.mark.parametrize("told", ["8k,x", "", "299", "-8k"])
def test_sizes_that_are_none_are_an_error_of_the_user(told: str, run: Path, tmp_path: Path):
    said = refused("sweep", run, "--sizes", told, "--out", tmp_path / "out")
    assert "--sizes" in said and not (tmp_path / "out").exists()


def test_sizes():
    assert sizes("32k,8K,500,1.5k,8k") == [500, 1500, 8000, 32_000]


def test_what_cannot_be_read_is_an_error_of_the_user(run: Path, english: Path, tmp_path: Path):
    out = ("--out", tmp_path / "out")
    assert "no run with documents" in refused("sweep", english, *out)
    assert "no file of documents" in refused("sweep", english / "tokenizer.model", *out)
    assert "no such file" in refused("sweep", run, "--against", tmp_path / "x.model", *out)
    assert "give a SentencePiece" in refused("sweep", run, "--against", english, *out)
    (tmp_path / "bad.json").write_text("{}")
    assert "no tokenizer.json" in refused("sweep", run, "--against", tmp_path / "bad.json", *out)
    pl.DataFrame({"body": ["x"]}).write_ndjson(tmp_path / "a.jsonl")
    assert "no column `text`" in refused("sweep", tmp_path / "a.jsonl", *out)
    pl.DataFrame({"text": ["x"]}).write_ndjson(tmp_path / "a.jsonl")
    assert "too few" in refused("sweep", tmp_path / "a.jsonl", *out)
    assert "no SentencePiece model" in refused("extend", english, tmp_path, *out)
    assert not (tmp_path / "out").exists()


def test_a_run_extends_a_base(run: Path, english: Path, tmp_path: Path):
    out = tmp_path / "out"
    said = called("extend", english / "tokenizer.model", run, "--out", out)
    assert "320 ids" in said and str(out) in said
    table = pl.read_parquet(out / "extension.parquet")
    assert table["id"][0] == 320 and table.height + 320 == Encoder(out).size
    assert "there already" in refused("extend", english, run, "--out", out)
