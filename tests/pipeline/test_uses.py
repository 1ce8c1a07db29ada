"""What each step names as used, against the folders that there are."""

from pathlib import Path

import taojin
from taojin.pipeline.uses import USES, source_digest

ROOT = Path(taojin.__path__[0])


def test_ingest_names_every_room_of_its_readers() -> None:
    folders = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in (ROOT / "pipeline" / "ingest").rglob("*.*")
        if "__pycache__" not in path.parts
    }
    assert folders <= set(USES["ingest"].packages)


def test_the_model_of_pages_is_part_of_what_ingest_depends_on(tmp_path: Path) -> None:
    name = "taojin.pipeline.ingest.web.content.model"
    before = source_digest(name)
    path = ROOT / "pipeline" / "ingest" / "web" / "content" / "model" / "other"
    path.write_bytes(b"x")
    try:
        assert source_digest.__wrapped__(name) != before
    finally:
        path.unlink()
