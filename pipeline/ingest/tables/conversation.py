"""A row that holds a conversation as one document: its text, and where each message lies in it.

Told by the shape of the row: lists of messages (OpenAI's role and content, ShareGPT's from and
value, chat logs with a user and a text), OpenAssistant's trees, and a post with nested comments.
A tree is written depth first; `parent` says which message one answers. Speakers are numbered in
the order in which they first speak. A score is higher for what readers like better: Reddit's as it
is, the rank of OpenAssistant, which begins with 0 for the best, below zero.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from taojin.pipeline.ingest.charset import clean
from taojin.pipeline.ingest.records import Message, Unreadable
from taojin.pipeline.ingest.tables.values import Number

LISTS = ("messages", "conversations", "conversation")
"""Columns that hold a list of messages, unless the recipe names another."""
COLUMNS = (*LISTS, "prompt", "comments", "selftext", "title", "author")
"""Every column by which a conversation is told."""

_TEXTS = ("content", "value", "text", "body", "selftext")
_ROLES = ("role", "from")
_NAMES = ("user", "author", "speaker")
_KNOWN: Mapping[str, str] = {
    **dict.fromkeys(("user", "human", "prompter"), "user"),
    **dict.fromkeys(("assistant", "gpt", "bot", "chatgpt", "model", "ai"), "assistant"),
    **dict.fromkeys(("system", "developer"), "system"),
    **dict.fromkeys(("tool", "function", "observation", "function_call"), "tool"),
}
_WITHDRAWN = ("[deleted]", "[removed]")
_GAP = "\n\n"


Found = tuple[str, tuple[Message, ...]]
"""The text of a conversation, and its messages."""


class _Turn(NamedTuple):
    role: str
    text: str
    parent: int | None
    name: str | None
    score: float | None


def find(row: Mapping[str, Any]) -> Found | None:
    """The text and the messages of a row that has the shape of a conversation, None for any other.

    Raises Unreadable for a message whose text is none.
    """
    for shape in (_oasst, _listed, _post):
        turns = shape(row)
        if turns:
            return _rendered(turns)
    return None


def of_value(value: Any) -> Found:
    """The text and the messages of a column that the recipe names: a list, or a tree's root.

    Raises Unreadable where it is neither, or has a message whose text is none.
    """
    if isinstance(value, dict):
        return _rendered(_tree(value))
    if not isinstance(value, list) or not value:
        raise Unreadable("missing_text", "no list of messages")
    return _rendered(_messages(value))


def _rendered(turns: Sequence[_Turn]) -> Found:
    """Messages with blank lines between them; one without text lies at the end of those before."""
    pieces: list[str] = []
    messages = []
    numbers: dict[str, int] = {}
    at = 0
    for turn in turns:
        if turn.text:
            gap = _GAP if pieces else ""
            pieces += (gap, turn.text)
            at += len(gap) + len(turn.text)
        speaker = numbers.setdefault(turn.name, len(numbers)) if turn.name else None
        start = at - len(turn.text)
        messages.append(Message(turn.role, start, at, turn.parent, speaker, turn.score))
    return "".join(pieces), tuple(messages)


def _listed(row: Mapping[str, Any]) -> list[_Turn] | None:
    for column in LISTS:
        value = row.get(column)
        if isinstance(value, list) and value and _is_message(value[0]):
            return _messages(value)
    return None


def _is_message(value: Any) -> bool:
    if not isinstance(value, dict) or not any(name in value for name in _TEXTS):
        return False
    return any(isinstance(value.get(name), str) for name in (*_ROLES, *_NAMES)) or _is_system(value)


def _messages(value: Sequence[Any]) -> list[_Turn]:
    """Each answers the one before it, or the one that `reply_to` names by its `i`."""
    numbers: dict[Any, int] = {}
    turns: list[_Turn] = []
    for number, message in enumerate(value):
        text = _text(message, number)
        parent = number - 1 if number else None
        if "reply_to" in message:
            known = [numbers[to] for to in _hashable(message["reply_to"]) if to in numbers]
            parent = max(known, default=None)
        turns.append(_Turn(_role(message), text, parent, _name(message), _score(message)))
        numbers.update((one, number) for one in _hashable(message.get("i", number)))
    return turns


def _hashable(value: Any) -> list[Any]:
    """The numbers of a list or a single one, as strings: a table has them as written."""
    several = value if isinstance(value, list) else [value]
    return [str(one) for one in several if isinstance(one, (int, str))]


def _oasst(row: Mapping[str, Any]) -> list[_Turn] | None:
    prompt = row.get("prompt")
    return _tree(prompt) if isinstance(prompt, dict) and "replies" in prompt else None


def _post(row: Mapping[str, Any]) -> list[_Turn] | None:
    """A title and its text are one message; nested comments follow."""
    comments = row.get("comments")
    told = [row.get("title"), row.get("selftext")]
    if not isinstance(comments, list) or not any(isinstance(one, str) for one in told):
        return None
    if not all(isinstance(one, dict) and "body" in one for one in comments):
        return None
    texts = [_plain(one, 0) for one in told if one is not None]
    post = {"role": "post", "text": _GAP.join(filter(None, texts)), "replies": comments}
    return _tree({**post, "author": row.get("author")})


def _tree(root: Mapping[str, Any]) -> list[_Turn]:
    """Depth first and without recursion: a reply chain may be as long as it likes."""
    turns: list[_Turn] = []
    waiting: list[tuple[Any, int | None]] = [(root, None)]
    while waiting:
        node, parent = waiting.pop()
        text = "" if isinstance(node, dict) and _is_withdrawn(node) else _text(node, len(turns))
        waiting += [(reply, len(turns)) for reply in reversed(list(_replies(node)))]
        turns.append(_Turn(_role(node), text, parent, _name(node), _score(node)))
    return turns


def _is_withdrawn(node: Mapping[str, Any]) -> bool:
    return node.get("deleted") is True or not any(name in node for name in _TEXTS)


def _replies(node: Mapping[str, Any]) -> Iterator[Any]:
    """The answers to a message: a list, or the listing in which Reddit wraps one."""
    for name in ("replies", "comments", "children"):
        value = node.get(name)
        if isinstance(value, list):
            yield from value
        elif isinstance(value, dict) and isinstance(value.get("data"), dict):
            listed = value["data"].get("children")
            for one in listed if isinstance(listed, list) else ():
                yield one["data"] if isinstance(one, dict) and "data" in one else one


def _role(message: Mapping[str, Any]) -> str:
    """user, assistant, system, tool, post, comment or other: never a person's name."""
    if _is_system(message):
        return "system"
    for name in _ROLES:
        if isinstance(said := message.get(name), str):
            return "post" if said == "post" else _KNOWN.get(said.strip().lower(), "other")
    if "body" in message:
        return "comment"
    return "user" if any(name in message for name in _NAMES) else "other"


def _name(message: Mapping[str, Any]) -> str | None:
    """Who speaks, to be told from others and never written; None for one who has left."""
    said = (message.get(name) for name in _NAMES)
    name = next((one for one in said if isinstance(one, str) and one), None)
    return None if name in _WITHDRAWN else name


def _score(message: Mapping[str, Any]) -> float | None:
    for name, sign in (("rank", -1.0), ("score", 1.0)):
        value = message.get(name)
        if isinstance(value, (Number, int, float)) and not isinstance(value, bool):
            score = sign * float(value) + 0.0  # -0.0 reads badly
            return score if math.isfinite(score) else None
    return None


def _is_system(message: Mapping[str, Any]) -> bool:
    return message.get("system") is True


def _text(message: Any, number: int) -> str:
    if not isinstance(message, dict):
        raise Unreadable("missing_text", f"message {number} is no object")
    for name in _TEXTS:
        if name in message:
            return _plain(message[name], number)
    raise Unreadable("missing_text", f"message {number} has no text")


def _plain(value: Any, number: int) -> str:
    """A message's text; of one in parts its texts, of a call without one nothing."""
    if value is None:
        return ""
    if isinstance(value, list):
        parts = [one.get("text") if isinstance(one, dict) else one for one in value]
        value = "\n".join(str(one) for one in parts if _is_text(one))
    if not _is_text(value):
        raise Unreadable("missing_text", f"message {number} has a {type(value).__name__} as text")
    text = clean(value).strip()
    return "" if text in _WITHDRAWN else text


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, Number)
