"""Conversations that Hypothesis makes, and dialogues of them by the obvious recursive code."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import polars as pl
from hypothesis import strategies as st

from taojin.core import schema


class Said(NamedTuple):
    """A message before it is rendered; `parent` is a smaller place, or None."""

    role: str
    text: str
    parent: int | None
    speaker: int | None = None
    score: float | None = None


Talk = list[Said]
Turns = list[tuple[str, str, bool]]
"""Role, content and whether it is learnt, of each turn of a dialogue."""

PIECES = ("淘金 ", "the sand\n\nthe gold", "- a\n- b", "好。", "river 😀", "", "  ")


def documents(*talks: Sequence[Said]) -> pl.DataFrame:
    """One document for each conversation, as ingest makes them."""
    rows = []
    for number, talk in enumerate(talks):
        text, spans = "", []
        for one in talk:
            gap = "\n\n" if text and one.text else ""
            start = len(text) + len(gap)
            text += gap + one.text
            place = (start, len(text)) if one.text else (len(text), len(text))
            spans.append((one.role, *place, one.parent, one.speaker, one.score))
        names = [field.name for field in schema.CONVERSATION.inner.fields]
        rows.append(
            {
                "doc_id": f"{number:032x}",
                "content_hash": f"{number + 7:032x}",
                "text": text,
                "source": {"name": "talk"},
                "lang": "en",
                "conversation": [dict(zip(names, span, strict=True)) for span in spans] or None,
            }
        )
    return pl.DataFrame(rows, schema=dict(schema.DOCUMENT))


@st.composite
def talks(draw: Callable[..., Any], roles: Sequence[str], speakers: int = 0) -> Talk:
    """Up to 14 messages, each below an earlier one or opening; most of them say something."""
    found: Talk = []
    for place in range(draw(st.integers(0, 14))):
        before = draw(st.sampled_from([1, 1, 1, 2, 2, 3, 5, 0]))
        parent = max(place - before, 0) if place and before else None
        role = draw(st.sampled_from(roles))
        blank = draw(st.integers(0, 9)) == 7
        text = "" if blank else f"{place} {draw(st.sampled_from(PIECES))}".strip()
        who = draw(st.one_of(st.none(), st.integers(0, speakers - 1))) if speakers else None
        score = draw(st.one_of(st.none(), st.integers(0, 2).map(float)))
        found.append(Said(role, text, parent, who, score))
    return found


class Oracle:
    """What `make` should give of one conversation, message by message and path by path."""

    def __init__(self, talk: Talk, limit: int, carried: int, count: Callable[[Any], int]) -> None:
        self.talk, self.limit, self.carried, self.count = talk, limit, carried, count
        self.is_thread = any(one.role in ("post", "comment") for one in talk) or (
            any(one.speaker is not None for one in talk)
            and not any(one.role == "assistant" for one in talk)
        )
        self.reasons: dict[int, str] = {}
        self.roles = [one.role for one in talk]
        self.up: list[int | None] = [None] * len(talk)
        self.learnt: set[int] = set()
        self.found: list[Turns] = []
        for place, one in enumerate(talk):
            if one.parent is None:
                self._judge(place, [], None)

    def _children(self, place: int) -> list[int]:
        return [v for v, one in enumerate(self.talk) if one.parent == place]

    def _judge(self, place: int, path: list[int], ended: str | None) -> None:
        """Give the message its role or reason, then those that answer it; `path` leads to it."""
        self.up[place] = path[-1] if path else None
        reason = ended or self._reason(place, path)
        if reason:
            self.reasons[place] = reason
        passes = reason in ("notice", "leading") or (
            reason == "empty" and not ended and self.roles[place] == "system"
        )
        below = path if reason else [*path, place]
        for child in self._children(place):
            self._judge(child, below, None if passes or not reason else reason)

    def _reason(self, place: int, path: list[int]) -> str | None:
        one, ended = self.talk[place], None
        if self.is_thread and one.role in ("user", "assistant", "post", "comment"):
            if one.role != "assistant":
                self.roles[place], ended = self._thread(place, path)
        elif one.role in ("post", "comment"):
            self.roles[place] = "user"
        if one.role == "system":
            return "notice" if self.is_thread else None if one.text else "empty"
        if not one.text:
            return "empty"
        if one.role in ("tool", "other"):
            return {"tool": "tool", "other": "role"}[one.role]
        asked = any(self.roles[v] == "user" for v in path)
        return "leading" if self.roles[place] == "assistant" and not asked else ended

    def _thread(self, place: int, path: list[int]) -> tuple[str, str | None]:
        who = self.talk[place].speaker
        if not path:
            return "user", None
        opener, before = self.talk[path[0]].speaker, path[-1]
        if who is not None and who == opener:
            return "user", None
        if self.roles[before] == "user" or (who is not None and who == self.talk[before].speaker):
            return "assistant", None
        return "assistant", "third_party"

    # Dialogues

    def paths(self) -> "Oracle":
        """Every path to a leaf, each turn learnt on the first that has all of it anew."""
        for path in sorted(self._paths(turns=False), key=lambda path: path[-1]):
            self._add(path, self._exchanges(path))
        return self

    def every_turn(self) -> "Oracle":
        """Every path to the end of an assistant's turn, of which the last turn is learnt."""
        for path in sorted(self._paths(turns=True), key=lambda path: path[-1]):
            self._add(path, self._exchanges(path)[-1:])
        return self

    def _live(self, place: int) -> list[int]:
        """Those below a message that an assistant's message ends, themselves or further below."""
        found = [v for v in range(len(self.talk)) if self.up[v] == place and v not in self.reasons]
        return [v for v in found if self.roles[v] == "assistant" or self._live(v)]

    def _paths(self, *, turns: bool) -> list[list[int]]:
        def below(path: list[int]) -> list[list[int]]:
            live = self._live(path[-1])
            goes_on = [v for v in live if self.roles[v] == "assistant"]
            ends = self.roles[path[-1]] == "assistant" and not (goes_on if turns else live)
            return [path] * ends + [one for v in live for one in below([*path, v])]

        roots = [v for v in range(len(self.talk)) if self.up[v] is None and v not in self.reasons]
        return [path for root in roots for path in below([root])]

    def _exchanges(self, path: list[int]) -> list[list[int]]:
        """What stands between the ends of assistant turns, the system messages at first aside."""
        rest = path[len(self._lead(path)) :]
        found: list[list[int]] = []
        for place, before in zip(rest, [None, *rest[:-1]], strict=True):
            ended = before is not None and self.roles[before] == "assistant"
            if not found or (ended and self.roles[place] != "assistant"):
                found.append([])
            found[-1].append(place)
        return found

    def _lead(self, path: list[int]) -> list[int]:
        found = []
        for place in path:
            if self.roles[place] != "system":
                break
            found.append(place)
        return found

    def _answer(self, exchange: list[int]) -> list[int]:
        return [v for v in exchange if self.roles[v] == "assistant"]

    def _add(self, path: list[int], exchanges: list[list[int]]) -> None:
        new = []
        for exchange in exchanges:
            answer = self._answer(exchange)
            known = [v for v in answer if v in self.learnt or v in self.reasons]
            if not known:
                new.append(exchange)
            self.reasons.update({v: "half_learnt" for v in answer if known and v not in known})
        if new and self._fits(path):
            self._write(path, new)
        elif new:
            self._cut(path, new)

    def _cut(self, path: list[int], new: list[list[int]]) -> None:
        every, lead = self._exchanges(path), self._lead(path)
        at = every.index(new[0])
        end = every.index(new[-1])
        while at <= end:
            start, last = self._asked(every, at), at + 1
            if not self._fits([*lead, *sum(every[start:last], [])]):
                self.reasons.update(dict.fromkeys(self._answer(every[at]), "too_long"))
                at += 1
                continue
            for _ in range(self.carried):
                before = self._asked(every, start - 1) if start else 0
                if start and self._fits([*lead, *sum(every[before:last], [])]):
                    start = before
            while last <= end and self._fits([*lead, *sum(every[start : last + 1], [])]):
                last += 1
            self._write([*lead, *sum(every[start:last], [])], every[at:last])
            at = last

    def _asked(self, every: list[list[int]], at: int) -> int:
        """The exchange itself, or the nearest before it in which a user speaks."""
        while all(self.roles[v] != "user" for v in every[at]):
            at -= 1
        return at

    def _fits(self, path: list[int]) -> bool:
        turns = self._turns(path, set())
        return (
            self.count([{"role": r, "content": c, "train": t} for r, c, t in turns]) <= self.limit
        )

    def _write(self, path: list[int], new: list[list[int]]) -> None:
        answers = {v for exchange in new for v in self._answer(exchange)}
        self.learnt |= answers
        self.found.append(self._turns(path, answers))

    def _turns(self, path: list[int], learnt: set[int]) -> Turns:
        turns: Turns = []
        for place in path:
            role, text = self.roles[place], self.talk[place].text
            if turns and turns[-1][0] == role:
                turns[-1] = (role, f"{turns[-1][1]}\n\n{text}", turns[-1][2])
            else:
                turns.append((role, text, place in learnt))
        return turns
