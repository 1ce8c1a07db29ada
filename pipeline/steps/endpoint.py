"""The endpoint: pairs of the kept documents from a language model, checked against their texts."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from taojin.core import schema
from taojin.core.errors import UserError
from taojin.pipeline.qa.endpoint.answers import Answers
from taojin.pipeline.qa.endpoint.budget import Budget, Pace, Prices
from taojin.pipeline.qa.endpoint.client import Client
from taojin.pipeline.qa.endpoint.generate import Wishes, generate
from taojin.pipeline.qa.endpoint.made import Made
from taojin.pipeline.qa.endpoint.place import MODEL, URL, Place, place
from taojin.pipeline.qa.grounding.checks import Bounds
from taojin.pipeline.task import Checkpoint, Counts, Task, save

if TYPE_CHECKING:
    from taojin.pipeline.settings.qa import Qa

_HOW = ("concurrency", "requests_per_minute", "timeout_s")
"""Settings that change no pair."""


def marks(qa: "Qa") -> list[str]:
    """The model, the judge and the server's host, which are inputs of a run that asks them.

    UserError if the environment does not name them.
    """
    if qa.generator not in ("endpoint", "both"):
        return []
    found = place()
    return [found.model, found.judge, found.host]


def tasks(qa: "Qa", settled: Sequence[Checkpoint], answers: Path) -> list[Task]:
    """A task for each chunk of kept documents, with its share of the budget by their number."""
    model, judge, host = marks(qa)
    settings = qa.endpoint.model_dump(exclude=set(_HOW))
    shared = {"model": model, "judged_by": judge, "host": host, "bounds": qa.grounding.model_dump()}
    how = {name: str(value) for name, value in qa.endpoint.model_dump(include=set(_HOW)).items()}
    places = {**how, "answers": str(answers)}
    limited = qa.endpoint.most_tokens is not None or qa.endpoint.most_cost is not None
    kept = [one.counts["kept"] for one in settled] if limited else [1 for _ in settled]
    return [
        Task(
            "ask_endpoint",
            ask,
            {**settings, **shared, "share": count / max(1, sum(kept)) if limited else 1.0},
            {"documents": (one,)},
            places,
        )
        for one, count in zip(settled, kept, strict=True)
    ]


def ask(folder: Path, task: Task) -> Counts:
    """Write `pairs`, `rejected` and `usage` of one chunk's kept documents."""
    documents = task.input("documents").read("documents").select(*schema.DOCUMENT)
    settings, found = dict(task.parameters), place()
    named = {"model": found.model, "judged_by": found.judge, "host": found.host}
    if any(settings[name] != value for name, value in named.items()):
        raise UserError(f"this worker has another {URL} or {MODEL} than the run; set them alike")
    made = asyncio.run(_made(documents, settings, task.places, found))
    save(folder, pairs=made.pairs, rejected=made.rejected, usage=made.usage)
    return {
        "documents": documents.height,
        "pairs": made.pairs.height,
        "rejected": made.rejected.height,
    }


async def _made(
    documents: pl.DataFrame, settings: Mapping[str, Any], how: Mapping[str, str], server: Place
) -> Made:
    import httpx2

    prices = Prices(settings["price_in"], settings["price_out"])
    most = [
        math.inf if settings[name] is None else settings[name] * settings["share"]
        for name in ("most_tokens", "most_cost")
    ]
    limit = how["requests_per_minute"]
    pace = Pace(math.inf if limit == "None" else float(limit))
    limits = httpx2.Limits(max_connections=int(how["concurrency"]))
    timeout_s = float(how["timeout_s"])
    async with httpx2.AsyncClient(timeout=timeout_s, limits=limits) as http:
        answers = Answers(Path(how["answers"]))
        budget = Budget((most[0], most[1]))
        client = Client(server, answers, budget, pace, prices, http, settings["retries"], timeout_s)
        return await generate(documents, _wishes(settings), client, int(how["concurrency"]))


def _wishes(settings: Mapping[str, Any]) -> Wishes:
    names = [name for name in Wishes.__dataclass_fields__ if name != "bounds"]
    bounds = Bounds(**settings["bounds"])
    return Wishes(**{name: settings[name] for name in names}, bounds=bounds)
