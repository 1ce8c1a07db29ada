"""A run that is killed in the middle finishes when it is started again, with the same bytes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.pipeline.test_run import assert_same_bytes

STEPS = (
    *("measure", "near", "shard"),
    *(pytest.param(step, marks=pytest.mark.drills) for step in ("ingest", "cut", "tokenizer")),
)
"""One in each part of a run; the others are drilled."""


def start(run: Path) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "taojin.pipeline.cli",
        "run",
        "--workers",
        "0",
        "--out",
        str(run),
    ]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.mark.parametrize("step", STEPS)
def test_a_killed_run_resumes(step: str, demo_run: Path, tmp_path: Path) -> None:
    process = start(tmp_path / "run")
    while process.poll() is None and not list((tmp_path / "run" / "work").glob(f"{step}/*")):
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.returncode == -signal.SIGKILL
    assert not (tmp_path / "run" / "manifest.json").exists()
    assert start(tmp_path / "run").wait() == os.EX_OK
    assert_same_bytes(demo_run, tmp_path / "run")
    assert not list((tmp_path / "run").rglob("*.partial-*"))
