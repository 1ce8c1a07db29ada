"""What each step names as used, against the folders that there are."""

from pathlib import Path

import pytest

import taojin
from taojin.pipeline.uses import USES, source_digest

ROOT = Path(taojin.__path__[0])


@pytest.mark.parametrize("step", ["against_read", "evaluation", "ingest"])
def test_steps_that_read_name_every_room_of_the_readers(step: str) -> None:
    folders = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in (ROOT / "pipeline" / "ingest").rglob("*.*")
        if "__pycache__" not in path.parts
    }
    assert folders <= set(USES[step].packages)


def test_a_folder_of_data_is_known_by_what_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "room" / "model").mkdir(parents=True)
    (tmp_path / "room" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    found = set()
    for content in (b"a", b"b"):
        (tmp_path / "room" / "model" / "trees.npz").write_bytes(content)
        found.add(source_digest.__wrapped__("room.model"))
    assert len(found) == 2
