"""Attempts: files of which something could not be read are read again when a user asks for it.

What a task leaves depends on its fingerprint alone, and a retry is worth something only where what
lies outside of it has changed: a disk that failed, a program that was missing. So the number of the
attempt becomes one of the parameters of the task that reads, and all that depends on it is redone.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from taojin.core.storage import publish
from taojin.pipeline.task import Task, cached

_NAME = "attempts.json"


def known(work: Path) -> Mapping[str, int]:
    """How often the files of a task were read again, by the fingerprint of its first attempt."""
    path = work / _NAME
    return json.loads(path.read_text()) if path.is_file() else {}


def numbered(tasks: Sequence[Task], work: Path) -> list[Task]:
    """The tasks, those that were asked for again with the number of their attempt."""
    counts = known(work)
    return [_numbered(task, counts.get(task.fingerprint, 0)) for task in tasks]


def _numbered(task: Task, attempt: int) -> Task:
    if not attempt:
        return task
    return replace(task, parameters={**task.parameters, "attempt": attempt})


def again(tasks: Sequence[Task], work: Path) -> int:
    """Note one more attempt of the tasks that have left records in quarantine; how many records."""
    counts, records = dict(known(work)), 0
    for task in tasks:
        done = cached(_numbered(task, counts.get(task.fingerprint, 0)), work)
        if done and done.counts["quarantined"]:
            records += done.counts["quarantined"]
            counts[task.fingerprint] = counts.get(task.fingerprint, 0) + 1
    if records:
        with publish(work / _NAME) as partial:
            partial.write_text(json.dumps(counts, sort_keys=True, indent=1))
    return records
