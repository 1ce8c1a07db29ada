"""Split: where a file that is larger than a partition is cut, so that many tasks read it.

The parts give what the whole file gives. With a limit, which counts the records of a file from its
beginning, none is cut.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from taojin.pipeline.ingest.parts import Part
from taojin.pipeline.ingest.readers import parts
from taojin.pipeline.ingest.records import ReadOptions
from taojin.pipeline.inputs import File, as_parameters
from taojin.pipeline.steps.ingest import storage_errors
from taojin.pipeline.task import Checkpoint, Counts, Task
from taojin.pipeline.walk import Walk

_NAME = "parts.json"


def parted(
    walk: Walk, node: str, files: Mapping[str, Sequence[File]], partition_bytes: int
) -> dict[str, list[File]]:
    """The files of each source, large ones as their parts; those of no database."""
    tasks = {
        (source, file.path): _task(node, source, file, partition_bytes)
        for source, many in files.items()
        for file in many
        if file.size_bytes > partition_bytes
    }
    done = walk.run(list(tasks.values()), node) if tasks else []
    found = dict(zip(tasks, done, strict=True))
    return {
        source: [part for file in many for part in _parts(file, found.get((source, file.path)))]
        for source, many in files.items()
    }


def _task(node: str, source: str, file: File, partition_bytes: int) -> Task:
    parameters = {
        "source": source,
        "files": as_parameters([file]),
        "partition_bytes": partition_bytes,
    }
    return Task(node, split, parameters, places={file.path: file.uri})


def _parts(file: File, done: Checkpoint | None) -> list[File]:
    if done is None or done.counts["parts"] == 1:
        return [file]
    found = json.loads((done.path / _NAME).read_text())
    return [replace(file, part=Part(**part)) for part in found]


def split(folder: Path, task: Task) -> Counts:
    """Write the parts of one file. UserError where it changes or its storage fails."""
    files: list[Mapping[str, object]] = task.parameters["files"]  # type: ignore[assignment]
    (file,) = files
    path, size_bytes = str(file["path"]), int(str(file["size_bytes"]))
    most_bytes = int(str(task.parameters["partition_bytes"]))
    with storage_errors(str(task.parameters["source"]), path):
        found = parts(task.places[path], ReadOptions(), size_bytes, most_bytes)
    (folder / _NAME).write_text(json.dumps([asdict(part) for part in found]))
    return {"parts": len(found)}
