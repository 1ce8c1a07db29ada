"""Budget and pace: how much may be asked, and how fast."""

import asyncio
import math
import time
from dataclasses import dataclass, field

Amount = tuple[float, float]
"""(tokens, cost)."""


@dataclass(frozen=True)
class Prices:
    """What a million tokens cost, in and out, in a currency of your own."""

    tokens_in: float = 0.0
    tokens_out: float = 0.0

    def amount(self, tokens_in: int, tokens_out: int) -> Amount:
        cost = (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / 1e6
        return tokens_in + tokens_out, cost


@dataclass
class Budget:
    """What is spent and what is promised to requests under way; both stay within `most`.

    A request that does not fit waits for those under way, and is refused when none is: then it
    would not fit in a later run either, whatever order answers come in.
    """

    most: Amount
    spent: Amount = (0.0, 0.0)
    _promised: dict[int, Amount] = field(default_factory=dict)
    _settled: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def is_limited(self) -> bool:
        return min(self.most) < math.inf

    async def take(self, request: int, amount: Amount) -> bool:
        """Whether there is room for the request, which is promised then."""
        async with self._settled:
            while not self._fits(amount):
                if not self._promised:
                    return False
                await self._settled.wait()
            self._promised[request] = amount
            return True

    async def settle(self, request: int, amount: Amount) -> None:
        """The request has taken that much."""
        async with self._settled:
            self._promised.pop(request)
            self.count(amount)
            self._settled.notify_all()

    def count(self, amount: Amount) -> None:
        """What was spent before counts too."""
        self.spent = self.spent[0] + amount[0], self.spent[1] + amount[1]

    def _fits(self, amount: Amount) -> bool:
        promised = [sum(one[at] for one in self._promised.values()) for at in (0, 1)]
        return all(self.spent[at] + promised[at] + amount[at] <= self.most[at] for at in (0, 1))


@dataclass
class Pace:
    """So many requests a minute, and none before a time that the server has set."""

    per_minute: float
    _next: float = 0.0

    async def turn(self) -> None:
        """Return when the next request may be sent."""
        now = time.monotonic()
        at = max(now, self._next)
        self._next = at + 60 / self.per_minute
        if at > now:
            await asyncio.sleep(at - now)

    def hold(self, seconds: float) -> None:
        """The server asked for a break."""
        self._next = max(self._next, time.monotonic() + seconds)
