"""What the benchmarks have in common: the data, sizes, and every script's command line."""

import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHARED_CODE = (
    "harness",
    "duplicates",
    "filter_agreement",
    "fit_bounds",
    "registers",
    "qa_sample",
    "train_content",
)
SCRIPTS = sorted(
    path.stem for path in (ROOT / "benchmarks").glob("*.py") if path.stem not in SHARED_CODE
)


def test_spread_takes_every_kth_row_and_about_the_size() -> None:
    harness = import_module("benchmarks.harness")
    rows = [{"id": str(n), "text": "x" * 10_000} for n in range(100)]
    chosen = harness.spread(rows, 0.25)
    assert [row["id"] for row in chosen] == [str(n) for n in range(2, 100, 4)]
    assert harness.text_mb(chosen) == pytest.approx(0.25)
    assert harness.spread(rows, 5.0) == rows


def test_megabytes_are_of_utf8() -> None:
    harness = import_module("benchmarks.harness")
    rows = [{"id": "a", "text": "淘金", "lang": "zh"}, {"id": "b", "text": "gold", "lang": "en"}]
    assert harness.text_mb(rows) == pytest.approx(10e-6)
    table = harness.documents(rows)
    assert harness.text_mb(table) == pytest.approx(10e-6)
    assert table["lang"].to_list() == ["zh-Hans", "en"]


def test_cpu_time_leaves_waiting_out() -> None:
    harness = import_module("benchmarks.harness")
    from time import process_time, sleep

    def work() -> None:
        sleep(0.2)
        start = process_time()
        while process_time() < start + 0.05:
            pass

    assert 0.05 <= harness.cpu_s(work, 0.0) < 0.15


def test_a_ratio_without_a_peer_is_null() -> None:
    harness = import_module("benchmarks.harness")
    assert harness.ratio(6.0, 2.0) == 3.0
    assert harness.ratio(6.0, None) is None


def test_a_peer_gets_the_payload_and_one_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness = import_module("benchmarks.harness")
    (tmp_path / "some" / "bin").mkdir(parents=True)
    (tmp_path / "some" / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "double.py").write_text(
        "import json, os, pathlib, sys\n"
        "given = json.loads(pathlib.Path(sys.argv[1]).read_text())\n"
        "result = [given * 2, os.environ['OMP_NUM_THREADS']]\n"
        "pathlib.Path(sys.argv[2]).write_text(json.dumps(result))\n"
    )
    monkeypatch.setattr(harness, "SCRIPTS", tmp_path)
    bench = harness.Bench(tmp_path, tmp_path)
    assert bench.peer("some", "double", 21) == [42, "1"]
    assert bench.peer("other", "double", 21) is None


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_has_the_three_options(script: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{script}", "--help"],
        cwd=ROOT,
        env=os.environ | {"POLARS_MAX_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(option in done.stdout for option in ("--data", "--json", "--peers"))


def test_a_run_writes_its_keys_and_the_machine(tmp_path: Path) -> None:
    """Over data made here: one contaminated document, one clean one, and a question."""
    import zstandard

    question = "How many grains of gold lie in the pan after the sand has been washed away twice"
    documents = [
        {"id": "a", "text": f"Before. {question}? After.", "kind": "exact", "contaminated": True},
        {"id": "b", "text": "Nothing of that sort.", "kind": "clean", "contaminated": False},
    ]
    (tmp_path / "decontam").mkdir()
    for name, rows in {
        "eval_questions": [{"question": question}],
        "documents": [{**row, "lang": "en"} for row in documents],
    }.items():
        data = "".join(json.dumps(row) + "\n" for row in rows).encode()
        path = tmp_path / "decontam" / f"{name}.jsonl.zst"
        path.write_bytes(zstandard.ZstdCompressor().compress(data))
    figures = tmp_path / "figures.json"
    command = [sys.executable, "-m", "benchmarks.decontamination"]
    subprocess.run(
        [*command, "--data", str(tmp_path), "--json", str(figures)], cwd=ROOT, check=True
    )
    result = json.loads(figures.read_text())
    assert (result["recall"], result["precision"]) == (1.0, 1.0)
    assert result["mb_s"] > 0
    assert result["machine"]["cores"] == os.cpu_count()
