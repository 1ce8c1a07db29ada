"""What a parser takes ends with its piece: the process that reads lives on, and so does the rest."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import pytest

from taojin.core.errors import UserError
from taojin.pipeline import recipe as recipes
from taojin.pipeline.graph import open_runner
from taojin.pipeline.ingest.fence import CRASHES, Fence, Limits, Work, run
from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import Damaged, ReadOptions, Record, Unreadable
from taojin.pipeline.ingest.web import engines
from taojin.pipeline.inputs import find
from taojin.pipeline.settings.sources import Source
from taojin.pipeline.steps import ingest
from taojin.pipeline.task import Checkpoint, Task, execute
from taojin.tests.pipeline.ingest import hostile_parsers as parsers
from taojin.tests.pipeline.ingest.papers import PICTURE, pdf

QUICK = Limits(seconds=1, seconds_per_mb=0, memory_bytes=400 << 20)
GIVE = Work(parsers.give, ("",))
DEEP = "<div>" * 250 + "<p>gold</p>" + "</div>" * 250
SLOW_PAGE = f"<html><body>{DEEP * 300}</body></html>"
"""Takes trafilatura the square of its depth for each of its paragraphs, seconds in all."""
PAGE = (
    "<html><body><article><p>Gold is heavier than sand, so it stays. </p></article></body></html>"
)


@pytest.fixture
def fence() -> Iterator[Fence]:
    with Fence(QUICK) as one:
        yield one


def assert_given_up(fence: Fence, work: Work, piece: object, cause: str) -> None:
    """With that cause; and the next piece is read."""
    with pytest.raises(Unreadable) as given:
        fence.run(work, piece)
    assert given.value.cause == cause
    assert fence.run(GIVE, "next") == "next"


def test_pieces_go_to_one_child_that_ends_with_the_block() -> None:
    with Fence() as fence:
        child = fence.run(Work(parsers.pid, (0,)), 1)
        assert child != os.getpid()
        assert fence.run(Work(parsers.pid, (0,)), 2) == child
        assert fence.run(GIVE, {"a": (b"\0", "淘金")}) == {"a": (b"\0", "淘金")}
    assert not psutil.pid_exists(child)


def test_without_a_fence_the_function_is_called_here() -> None:
    assert run(None, Work(parsers.pid, (0,)), 1) == os.getpid()


def test_no_child_is_started_for_nothing() -> None:
    before = psutil.Process().children()
    with Fence():
        assert psutil.Process().children() == before


@pytest.mark.parametrize(
    ("parser", "cause"),
    [
        (parsers.spin, "too_slow"),
        (parsers.eat, "too_large"),
        (parsers.eat_and_go_on, "too_large"),
        (parsers.recurse, "too_large"),
        (parsers.refuse, "encrypted"),
    ],
)
def test_a_piece_that_takes_too_much_is_given_up_and_the_next_is_read(
    fence: Fence, parser: object, cause: str
) -> None:
    assert_given_up(fence, Work(parser, (0,)), 1, cause)  # type: ignore[arg-type]


def test_a_piece_that_sleeps_is_given_up(monkeypatch: pytest.MonkeyPatch, fence: Fence) -> None:
    monkeypatch.setattr("taojin.pipeline.ingest.fence_child._PATIENCE", 1)
    assert_given_up(fence, Work(parsers.sleep, (0,)), 1, "too_slow")


def test_a_piece_is_given_up_once_it_has_crashed_three_fresh_children(
    fence: Fence, tmp_path: Path
) -> None:
    assert fence.run(GIVE, 1) == 1  # so that the first crash is not that of a fresh child
    assert_given_up(fence, Work(parsers.crash, (None,)), tmp_path, "crashed")
    assert len(list(tmp_path.iterdir())) == 1 + CRASHES


def test_a_piece_does_not_pay_for_those_before_it(fence: Fence) -> None:
    crashes = Work(parsers.crash_if_warm, ("",))
    leaks = Work(parsers.leak, (0,))
    for _ in range(6):
        assert fence.run(leaks, 150) == "a page"  # 900 MiB in all
    for _ in range(3):
        assert fence.run(crashes, "page") == "page"


def test_what_is_done_once_is_not_counted(fence: Fence) -> None:
    assert fence.run(Work(parsers.warm_up, ("",)), "page") == "page"


def test_time_grows_with_the_piece() -> None:
    limits = Limits(seconds=7, seconds_per_mb=3)
    assert [limits.seconds_for(size) for size in (0, 999_999, 64_000_000)] == [7, 9, 199]


def test_a_mistake_of_ours_is_no_piece_that_is_given_up(fence: Fence) -> None:
    with pytest.raises(RuntimeError, match="ended with 1"):
        fence.run(Work(parsers.mistake, ("",)), "page")


def test_what_was_given_up_is_remembered(tmp_path: Path) -> None:
    hangs = Work(parsers.crash, (None,))
    notes = tmp_path / "notes"
    notes.mkdir()
    for _ in range(2):
        with Fence(QUICK, tmp_path / "memory") as fence:
            assert_given_up(fence, hangs, notes, "crashed")
    assert len(list(notes.iterdir())) == CRASHES  # none for the second
    with Fence(QUICK, tmp_path / "memory") as fence:
        assert fence.run(hangs, None) is None  # another piece
    with Fence(QUICK, tmp_path / "another") as fence:
        assert_given_up(fence, hangs, notes, "crashed")
    assert len(list(notes.iterdir())) == 2 * CRASHES


def test_what_a_piece_is_by_itself_is_not_noted(tmp_path: Path) -> None:
    with Fence(QUICK, tmp_path / "memory") as fence:
        assert_given_up(fence, Work(parsers.refuse, (0,)), 1, "encrypted")
    assert not (tmp_path / "memory").exists()


def test_the_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    program = (
        "import os, signal\n"
        "from taojin.pipeline.ingest.fence import Fence, Work\n"
        "from taojin.tests.pipeline.ingest import hostile_parsers as parsers\n"
        "print(Fence().run(Work(parsers.pid, (0,)), 1), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    said = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **paths},
        stdout=subprocess.PIPE,
        check=False,
    )
    child, end = int(said.stdout), time.monotonic() + 60
    while psutil.pid_exists(child) and time.monotonic() < end:
        time.sleep(0.05)
    assert not psutil.pid_exists(child)


@pytest.mark.parametrize("extractor", ["trafilatura", "resiliparse"])
def test_other_engines_find_the_same_behind_the_fence(tmp_path: Path, extractor: str) -> None:
    (tmp_path / "a.html").write_text(PAGE)
    with Fence() as fence:
        found = [
            list(read(str(tmp_path / "a.html"), ReadOptions(extractor=extractor, fence=one)))  # type: ignore[arg-type]
            for one in (None, fence)
        ]
    assert found[0] == found[1]
    assert "heavier" in found[0][0].text  # type: ignore[union-attr]


def test_a_page_that_takes_an_engine_too_long_is_quarantined(tmp_path: Path, fence: Fence) -> None:
    options = ReadOptions(extractor="trafilatura", fence=fence)
    (tmp_path / "a.html").write_text(SLOW_PAGE)
    (tmp_path / "b.html").write_text(PAGE)
    (damage,) = read(str(tmp_path / "a.html"), options)
    (page,) = read(str(tmp_path / "b.html"), options)
    assert isinstance(damage, Damaged)
    assert damage.cause == "too_slow"
    assert isinstance(page, Record)
    assert "heavier" in page.text


def test_pdf_files_are_read_behind_the_fence(
    tmp_path: Path, fence: Fence, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf([(72, 72, "Gold stays in the pan.")], PICTURE))
    ocr = (sys.executable, "-c", "print('a page that was seen')")
    (alone, *_) = read(str(tmp_path / "a.pdf"), ReadOptions(ocr=ocr))
    monkeypatch.setattr("pypdfium2.PdfDocument", None)  # of this process, not of the child
    (found, *_) = read(str(tmp_path / "a.pdf"), ReadOptions(ocr=ocr, fence=fence))
    assert found == alone
    assert isinstance(found, Record)
    assert found.text == "Gold stays in the pan.\n\na page that was seen"


def reading(folder: Path) -> Task:
    source = Source(name="s", path="in/*", extractor="trafilatura")
    recipe = recipes.parse({"name": "r", "sources": [source.model_dump(mode="json")]}, folder)
    return ingest.task(recipe, source, find(source, folder, {}), None, 1 << 20)


def causes(done: Checkpoint) -> dict[str, str]:
    return dict(done.read("quarantine").select("uri", "cause").iter_rows())


def test_a_resumed_run_gives_up_what_it_has_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    monkeypatch.setattr(engines, "_content", parsers.page)
    (tmp_path / "in" / "a.html").write_text("<p>slow</p>")
    (tmp_path / "in" / "b.html").write_text(PAGE)
    task = reading(tmp_path)
    (tmp_path / "in" / "b.html").write_text("changed")  # which ends the run with an error
    with monkeypatch.context() as patch:
        patch.setattr(ingest, "Fence", partial(Fence, QUICK))
        with pytest.raises(UserError, match="not what was listed"):
            execute(task, tmp_path / "work")
    (tmp_path / "in" / "b.html").write_text(PAGE)
    resumed = execute(task, tmp_path / "work")
    assert causes(resumed) == {"s/a.html": "too_slow"}
    assert resumed.counts["documents"] == 1
    assert causes(execute(reading(tmp_path), tmp_path / "another")) == {}  # there was time enough
    again = replace(task, parameters={**task.parameters, "attempt": 1})
    assert causes(execute(again, tmp_path / "work")) == {}  # a user has asked for it


@pytest.mark.parametrize("workers", [0, 1])
def test_tasks_live_on_wherever_they_run(tmp_path: Path, workers: int) -> None:
    task = Task("ingest", parsers.fenced_task, {})
    with open_runner(workers, None, "2GiB") as runner:
        (done,) = runner.run([task], tmp_path, lambda _: None)
    assert done.counts["documents"] == 7
    assert (done.path / "cause").read_text() == "too_slow"
