"""The client: one request to the server, until it is answered or given up.

What the server does wrong (time-outs, 429, 5xx, broken bodies) is tried again after a break, what
the model does wrong is told to it. Every fault is counted by its cause.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from taojin.core.errors import UserError
from taojin.pipeline.ingest.charset import clean
from taojin.pipeline.qa.endpoint import prompts
from taojin.pipeline.qa.endpoint.answers import Answer, Answers, Messages, Request
from taojin.pipeline.qa.endpoint.budget import Budget, Pace, Prices
from taojin.pipeline.qa.endpoint.parsing import FormatError
from taojin.pipeline.qa.endpoint.place import Place

if TYPE_CHECKING:
    import httpx2

T = TypeVar("T")
BACKOFF_S = 1.0
"""The first break where the server asks for none; each is twice the one before."""
LONGEST_BREAK_S = 120.0
LONGEST_REPLY_BYTES = 1 << 20
"""What a reply may have beside TOKEN_BYTES for each of its tokens."""
TOKEN_BYTES = 64
MOST_TOKENS = 1 << 32
"""Of one reply; a server that tells more has not counted."""
_MISTAKES = {
    401: "the key is refused; set TAOJIN_ENDPOINT_KEY",
    **dict.fromkeys(
        (301, 302, 303, 307, 308),
        "it sends elsewhere, where the key is not sent; set TAOJIN_ENDPOINT_URL to the last place",
    ),
    403: "the key may not use this model; set TAOJIN_ENDPOINT_KEY or another TAOJIN_ENDPOINT_MODEL",
    404: "no such model or path; see TAOJIN_ENDPOINT_MODEL, and whether TAOJIN_ENDPOINT_URL "
    "ends in /v1",
}


class FailedError(Exception):
    """A request was given up; the message is its cause, `answer` what it took all the same."""

    answer = Answer("", 0, 0)


@dataclass
class _Fault(Exception):  # noqa: N818  # it is tried again
    cause: str
    break_s: float | None = None


@dataclass(frozen=True)
class Ask(Generic[T]):
    """A request, how its reply is read, and the form that it is asked for in."""

    request: Request
    read: Callable[[str], T]
    form: Mapping[str, Any] | None
    zh: bool


@dataclass
class Client:
    """Asks one server. `retries` are allowed to the server and to the model, each."""

    place: Place
    answers: Answers
    budget: Budget
    pace: Pace
    prices: Prices
    http: "httpx2.AsyncClient"
    retries: int = 2
    timeout_s: float = 120.0
    under_way: dict[str, asyncio.Lock] = field(default_factory=dict)
    """By the key of a request: another chunk that asks the same waits for its answer."""
    speaks_forms: bool = True
    """Whether the server takes `response_format`; it is asked once."""
    asks: bool = True
    """False for one that reads the answers that are there and counts what they have taken."""
    _number: int = 0

    async def ask(self, ask: Ask[T]) -> tuple[T, Answer]:
        """What the model said, read, from the answers that are there or from the server.

        FailedError with a cause: what the server did, `format`, `refusal`, or `budget`.
        """
        async with self.under_way.setdefault(ask.request.key, asyncio.Lock()):
            known = self._known(ask)
            if known is not None:
                return known
            if not self.asks:
                raise FailedError("budget")
            return await self._asked(ask)

    async def _asked(self, ask: Ask[T]) -> tuple[T, Answer]:
        """The same from the server, within the budget."""
        self._number += 1
        number = self._number
        if not await self.budget.take(number, self._most(ask.request)):
            raise FailedError("budget")
        spent, faults = [0, 0], Counter[str]()
        try:
            read, content = await self._tried(ask, spent, faults)
        except FailedError as error:
            error.answer = Answer("", spent[0], spent[1], dict(faults))
            raise
        finally:
            await self.budget.settle(number, self.prices.amount(spent[0], spent[1]))
        answer = Answer(content, spent[0], spent[1], dict(faults))
        self.answers.put(ask.request, answer)
        return read, answer

    def _known(self, ask: Ask[T]) -> tuple[T, Answer] | None:
        """What was answered before, if it can still be read."""
        answer = self.answers.get(ask.request)
        if answer is None:
            return None
        try:
            read = ask.read(answer.content)
        except FormatError:
            return None
        if not self.asks:
            self.budget.count(self.prices.amount(answer.tokens_in, answer.tokens_out))
        return read, answer

    def _most(self, request: Request) -> tuple[float, float]:
        characters = sum(len(message["content"]) for message in request.messages)
        return self.prices.amount(characters, int(request.parameters["max_tokens"]))

    async def _tried(self, ask: Ask[T], spent: list[int], faults: Counter[str]) -> tuple[T, str]:
        messages, left = ask.request.messages, {"server": self.retries, "model": self.retries}
        while True:
            try:
                content = await self._sent(ask, messages, spent)
                return ask.read(content), content
            except FormatError as error:
                cause, guilty = "format", "model"
                messages = prompts.again(ask.request.messages, content, str(error), zh=ask.zh)
            except _Fault as fault:
                cause, guilty = fault.cause, "server"
                self._wait(fault, self.retries - left["server"])
            faults[cause] += 1
            if left[guilty] == 0:
                raise FailedError(cause)
            left[guilty] -= 1

    def _wait(self, fault: _Fault, tried: int) -> None:
        asked = BACKOFF_S * 2**tried if fault.break_s is None else fault.break_s
        self.pace.hold(min(asked, LONGEST_BREAK_S))

    async def _sent(self, ask: Ask[T], messages: Messages, spent: list[int]) -> str:
        """The content of one reply; _Fault for what the server did wrong."""
        form = ask.form if self.speaks_forms else None
        await self.pace.turn()
        status, headers, body = await self._posted(_body(ask.request, messages, form))
        if status in (400, 422) and form is not None:
            self.speaks_forms = False
            return await self._sent(ask, messages, spent)
        if status in _MISTAKES:
            raise UserError(f"the server answers {status}: {_MISTAKES[status]}")
        if status != 200:
            if status in (408, 409, 429) or status >= 500:
                raise _Fault(f"http_{status}", _retry_after(headers))
            raise FailedError(f"http_{status}")
        return _content(body, messages, spent)

    async def _posted(self, body: Mapping[str, Any]) -> tuple[int, Mapping[str, str], Any]:
        import httpx2

        try:
            async with asyncio.timeout(self.timeout_s):  # of the whole, not of each read
                status, headers, raw = await self._received(body)
        except (TimeoutError, httpx2.TimeoutException):
            raise _Fault("timeout") from None
        except httpx2.TransportError:
            raise _Fault("connection") from None
        try:
            return status, headers, json.loads(raw) if status == 200 else None
        except (ValueError, RecursionError):
            raise _Fault("body") from None

    async def _received(self, body: Mapping[str, Any]) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body of one reply; _Fault for more than its tokens can be.

        It is asked for as it is: of what is packed nobody knows the size before it is there.
        """
        most = LONGEST_REPLY_BYTES + TOKEN_BYTES * int(body["max_tokens"])
        headers = {**self.place.headers, "Accept-Encoding": "identity"}
        raw = bytearray()
        async with self.http.stream(
            "POST", self.place.completions, json=body, headers=headers
        ) as reply:
            if reply.status_code != 200:
                return reply.status_code, reply.headers, b""
            packed = reply.headers.get("content-encoding", "identity").strip().lower()
            async for part in reply.aiter_raw():
                raw += part
                if len(raw) > most or packed not in ("", "identity"):
                    raise _Fault("body")
        return reply.status_code, reply.headers, bytes(raw)


def _body(
    request: Request, messages: Messages, form: Mapping[str, Any] | None
) -> Mapping[str, Any]:
    body = {"model": request.model, "messages": messages, **request.parameters}
    if form is None:
        return body
    named = {"name": "reply", "strict": True, "schema": form}
    return {**body, "response_format": {"type": "json_schema", "json_schema": named}}


def _content(body: Any, messages: Messages, spent: list[int]) -> str:
    """What was said; its tokens are added to `spent`, estimated where the server tells none."""
    try:
        choice = body["choices"][0]
        message, why = choice["message"], choice.get("finish_reason")
        content, refusal = message.get("content") or "", message.get("refusal")
        usage = body.get("usage") or {}
        counted = usage.get("prompt_tokens"), usage.get("completion_tokens")
    except (AttributeError, IndexError, KeyError, TypeError):
        raise _Fault("body") from None
    estimated = sum(len(one["content"]) for one in messages) // 2, len(str(content)) // 2
    for at in (0, 1):
        told = counted[at]
        if not isinstance(told, int) or told is True or not 0 <= told <= MOST_TOKENS:
            told = estimated[at]
        spent[at] += told
    if refusal or why == "content_filter":
        raise FailedError("refusal")
    if not isinstance(content, str):
        raise _Fault("body")
    return clean(content)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait, told as such or as a date."""
    told = headers.get("retry-after", "")
    try:
        return max(0.0, float(told))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
