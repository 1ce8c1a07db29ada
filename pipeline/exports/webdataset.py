"""WebDataset: kept documents as pairs of members of tar files, KEY.txt and KEY.json.

The text is one, where it came from the other; KEY is the document's id. The headers hold no time,
owner or host, so that the same documents give the same bytes.
"""

import io
import tarfile
from collections import Counter
from pathlib import Path

import polars as pl

from taojin.pipeline.exports.dialogues import line
from taojin.pipeline.exports.documents import write_splits
from taojin.pipeline.exports.settings import Settings


def write_webdataset(run: Path, folder: Path, settings: Settings) -> Counter[str]:
    """Write `train/` and `validation/`, a tar for each part of the run's documents; how many."""
    return write_splits(run, folder, settings, "tar", _write_tar)


def _write_tar(documents: pl.DataFrame, path: Path) -> None:
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for row in documents.iter_rows(named=True):
            text = row.pop("text")
            _add(tar, f"{row['doc_id']}.json", line(row))
            _add(tar, f"{row['doc_id']}.txt", text)


def _add(tar: tarfile.TarFile, name: str, content: str) -> None:
    data = content.encode()
    member = tarfile.TarInfo(name)  # time, owner and group are 0
    member.size = len(data)
    tar.addfile(member, io.BytesIO(data))
