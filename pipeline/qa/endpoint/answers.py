"""Answers: what the server has said, one file for each request, so that nothing is asked twice.

They have been paid for: they lie beside the run's checkpoints, not in them, and are inputs. Only
what could be used is kept; a request that failed is asked again by the next run.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from taojin.core.storage import publish

FOLDER = "answers"

Messages = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Request:
    """What is asked of a model; `parameters` are those that change what it says."""

    model: str
    messages: Messages
    parameters: Mapping[str, float | int]

    @property
    def key(self) -> str:
        """64 hex digits that name it."""
        asked = {"model": self.model, "messages": self.messages, "parameters": self.parameters}
        told = json.dumps(asked, sort_keys=True, ensure_ascii=False, default=dict)
        return hashlib.sha256(told.encode()).hexdigest()


@dataclass(frozen=True)
class Answer:
    """What was said, what it took, and what went wrong before, counted by its cause."""

    content: str
    tokens_in: int
    tokens_out: int
    faults: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Answers:
    """A folder of answers, safe to be written by several processes and to be killed at any time."""

    folder: Path

    def get(self, request: Request) -> Answer | None:
        """The answer to a request, or None."""
        path = self._path(request)
        if not path.is_file():
            return None
        return Answer(**json.loads(path.read_text(encoding="utf-8")))

    def put(self, request: Request, answer: Answer) -> None:
        with publish(self._path(request)) as partial:
            partial.write_text(json.dumps(asdict(answer), ensure_ascii=False), encoding="utf-8")

    def _path(self, request: Request) -> Path:
        return self.folder / request.key[:2] / f"{request.key}.json"
