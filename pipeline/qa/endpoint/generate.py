"""The endpoint generator: chunks out, claims back, checked against the chunks before they count.

Chunks are counted in units and not in the run's tokens: a tokenizer that is trained anew would move
every cut, and everything would be asked, and paid for, again.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.errors import UserError
from taojin.core.hashing import content_hash
from taojin.core.text import unit_count
from taojin.pipeline.qa.blocks import document
from taojin.pipeline.qa.chunks import chunks
from taojin.pipeline.qa.endpoint import parsing, prompts
from taojin.pipeline.qa.endpoint.answers import Messages, Request
from taojin.pipeline.qa.endpoint.client import Ask, Client, FailedError
from taojin.pipeline.qa.endpoint.made import SPOKEN, Asked, Made, tables
from taojin.pipeline.qa.endpoint.parsing import PAIRS_SCHEMA, VERDICT_SCHEMA
from taojin.pipeline.qa.endpoint.prompts import Chunk
from taojin.pipeline.qa.grounding.checks import Bounds, Claim, Passage, Verdict, check
from taojin.pipeline.qa.grounding.support import f1

T = TypeVar("T")
_SUPPORTED = {"supported": 1.0, "partial": 0.5, "unsupported": 0.0}


@dataclass(frozen=True)
class Wishes:
    """What is asked for: see `[qa.endpoint]` in the recipe, where each has the same name."""

    kinds: Mapping[str, float]
    chunk_units: int = 700
    least_units: int = 40
    max_tokens: int = 2048
    temperature: float = 0.3
    personas: Sequence[str] = ()
    judge: bool = False
    round_trip: bool = False
    bounds: Bounds = field(default_factory=Bounds)


def units(texts: pl.Series) -> NDArray[np.int64]:
    """int64[n]: the units of each text, or a quarter of its characters where that is more."""
    counted = pl.max_horizontal(unit_count(pl.col("text")), pl.col("text").str.len_chars() // 4)
    return texts.to_frame("text").select(counted.cast(pl.Int64)).to_series().to_numpy()


async def generate(
    documents: pl.DataFrame, wishes: Wishes, client: Client, concurrency: int
) -> Made:
    """The pairs of all documents, in their order; `concurrency` chunks are asked about at once.

    UserError if the server was never reached, or refuses the key or the model.
    """
    spoken = documents.filter(SPOKEN)
    rows = list(_worth_asking(spoken, wishes).iter_rows(named=True))
    for row in rows if client.budget.is_limited else ():  # spent by an earlier run
        await _ask(_asked(row), wishes, replace(client, asks=False))
    asked = [_asked(row) for row in rows]
    waiting = iter(asked)

    async def work() -> None:
        for one in waiting:
            await _ask(one, wishes, client)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(concurrency):
                group.create_task(work())
    except BaseExceptionGroup as errors:  # the first has ended the others
        raise errors.exceptions[0] from None
    outcomes = [outcome for one in asked for _, outcome, _ in one.usage]
    if outcomes and all(outcome == "connection" for outcome in outcomes):
        raise UserError(
            f"the server at {client.place.host} can't be reached; see TAOJIN_ENDPOINT_URL, and "
            "whether it is running"
        )
    return tables(documents, asked, wishes.kinds, client.place.model)


def _worth_asking(documents: pl.DataFrame, wishes: Wishes) -> pl.DataFrame:
    table = chunks(documents, wishes.chunk_units, units)
    return table.filter(pl.col("token_count") >= wishes.least_units)


def _asked(row: Mapping[str, Any]) -> Asked:
    zh = str(row["lang"]).startswith("zh")
    return Asked(row, Chunk(row["text"], row["title"], row["headings"], zh))


async def _ask(one: Asked, wishes: Wishes, client: Client) -> None:
    """Ask about a chunk, check what is said, and have what passes judged."""
    kinds = [kind for kind, share in wishes.kinds.items() if share > 0]
    messages = prompts.pairs(one.chunk, kinds, _persona(one, wishes))
    request = _request(client.place.model, messages, wishes.max_tokens, wishes.temperature)
    ask = Ask(request, parsing.claims, PAIRS_SCHEMA, one.chunk.zh)
    try:
        read = await _answered(one, "pairs", ask, client)
    except FailedError as error:
        one.rejected.append((None, str(error)))
        return
    shown = document(one.row["doc_id"], one.chunk.text, one.chunk.title, one.row["lang"])
    passage = Passage(shown, one.chunk.introduction)
    for at, claim in enumerate(read):
        if claim is None:
            one.rejected.append((None, "schema"))
            continue
        verdict = check(claim, passage, wishes.bounds)
        why = "too_many" if at >= one.chunk.most_pairs else verdict.reason
        why = why or ("" if claim.kind in kinds else "kind")
        why = why or await _passes(one, claim, verdict, wishes, client)
        if why:
            one.rejected.append((claim, why))
        else:
            one.found.append((claim, verdict))


async def _answered(one: Asked, name: str, ask: Ask[T], client: Client) -> T:
    """What was said, noted with what it took; FailedError likewise."""
    try:
        read, answer = await client.ask(ask)
    except FailedError as error:
        one.usage.append((name, str(error), error.answer))
        raise
    one.usage.append((name, "answered", answer))
    return read


def _persona(one: Asked, wishes: Wishes) -> str:
    """Who asks: one of the recipe's, by the hash of the chunk's text."""
    if not wishes.personas:
        return ""
    return wishes.personas[int(content_hash(one.chunk.text), 16) % len(wishes.personas)]


def _request(model: str, messages: Messages, max_tokens: int, temperature: float) -> Request:
    return Request(model, messages, {"max_tokens": max_tokens, "temperature": temperature})


async def _passes(
    one: Asked, claim: Claim, verdict: Verdict, wishes: Wishes, client: Client
) -> str:
    """Have the model say whether it agrees, as the recipe wants; why the pair falls, or nothing."""
    zh = one.chunk.zh
    try:
        if wishes.round_trip:
            messages = prompts.answer(one.chunk, claim.question)
            request = _request(client.place.model, messages, wishes.max_tokens, 0.0)
            ask = Ask(request, parsing.spoken, None, zh)
            said = await _answered(one, "round_trip", ask, client)
            verdict.scores["round_trip"] = f1(claim.answer, said, zh=zh)
            if verdict.scores["round_trip"] < wishes.bounds.round_trip:
                return "round_trip"
        if wishes.judge:
            messages = prompts.judge(one.chunk, claim.question, claim.answer)
            request = _request(client.place.judge, messages, wishes.max_tokens, 0.0)
            ask_judge = Ask(request, parsing.verdict, VERDICT_SCHEMA, zh)
            told = await _answered(one, "judge", ask_judge, client)
            verdict.scores["judge"] = _SUPPORTED[told]
            return "" if told == "supported" else "judge"
    except FailedError as error:
        return "budget" if str(error) == "budget" else "unjudged"
    return ""
