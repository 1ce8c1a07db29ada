"""One dialogue in the words of each trainer, and what of it a format cannot say.

OpenAI: chat fine-tuning, where a `weight` of 0 keeps an assistant's message from being learnt.
ShareGPT and Alpaca: as LLaMA-Factory reads them (data/README.md), where every answer is learnt.
TRL: prompt and completion, of which the completion alone is learnt.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Message = Mapping[str, object]
"""role (system, user or assistant), content, and train: whether it is learnt."""
Row = dict[str, object]

SHAPE = "shape"
"""A dialogue in which user and assistant do not take turns up to a last answer."""
SEVERAL_TURNS = "several_turns"
"""A dialogue of more than one question and one answer, or with a system prompt."""
MASK = "mask"
"""A turn that is not learnt in the dataset and is in the format, or the other way round."""


@dataclass(frozen=True)
class Told:
    """The rows of one dialogue: none where the format cannot hold it, and `left_out` says why.

    `lost` is what the rows do not say, or empty.
    """

    rows: tuple[Row, ...] = ()
    left_out: str = ""
    lost: str = ""


Format = Callable[[Sequence[Message]], Told]


def openai(messages: Sequence[Message]) -> Told:
    """One row of `messages`; an answer that is not learnt has `weight` 0."""
    if not messages or messages[-1]["role"] != "assistant":
        return Told(left_out=SHAPE)
    lost = any(one["train"] for one in messages if one["role"] != "assistant")
    return Told(({"messages": [_weighted(one) for one in messages]},), lost=MASK if lost else "")


def _weighted(message: Message) -> Row:
    said = _said(message)
    unlearnt = message["role"] == "assistant" and not message["train"]
    return {**said, "weight": 0} if unlearnt else said


def sharegpt(messages: Sequence[Message]) -> Told:
    """One row of `conversations` (from human or gpt, value) and `system`, which may be empty."""
    system, turns = _system(messages)
    if not _alternates(turns):
        return Told(left_out=SHAPE)
    names = {"user": "human", "assistant": "gpt"}
    said = [{"from": names[str(one["role"])], "value": one["content"]} for one in turns]
    return Told(({"conversations": said, "system": system},), lost=_unsaid(messages))


def alpaca(messages: Sequence[Message]) -> Told:
    """One row of the last question (`instruction`, `input`) and its answer (`output`), `system`,

    and what was said before as `history`, pairs of question and answer. `input` is empty: what a
    user says is one text.
    """
    system, turns = _system(messages)
    if not _alternates(turns):
        return Told(left_out=SHAPE)
    said = [one["content"] for one in turns]
    history = [list(pair) for pair in zip(said[:-2:2], said[1:-2:2], strict=True)]
    row = {"instruction": said[-2], "input": "", "output": said[-1]}
    return Told(({**row, "system": system, "history": history},), lost=_unsaid(messages))


def trl(messages: Sequence[Message]) -> Told:
    """A row for every answer that is learnt: `prompt`, all that was said before, `completion`."""
    learnt = [at for at, one in enumerate(messages) if one["train"]]
    learnt = [at for at in learnt if at and messages[at]["role"] == "assistant"]
    if not learnt:
        return Told(left_out=SHAPE)
    said = [_said(one) for one in messages]
    rows: tuple[Row, ...] = tuple({"prompt": said[:at], "completion": [said[at]]} for at in learnt)
    lost = len(learnt) < sum(bool(one["train"]) for one in messages)
    return Told(rows, lost=MASK if lost else "")


def trl_plain(messages: Sequence[Message]) -> Told:
    """One row of two texts: the question with a blank line behind it, and its answer."""
    if [one["role"] for one in messages] != ["user", "assistant"] or not messages[1]["train"]:
        return Told(left_out=SEVERAL_TURNS)
    prompt = f"{messages[0]['content']}\n\n"
    lost = MASK if messages[0]["train"] else ""
    return Told(({"prompt": prompt, "completion": messages[1]["content"]},), lost=lost)


def _said(message: Message) -> Row:
    return {"role": message["role"], "content": message["content"]}


def _system(messages: Sequence[Message]) -> tuple[object, Sequence[Message]]:
    """The system prompt, empty without one, and the turns behind it."""
    if messages and messages[0]["role"] == "system":
        return messages[0]["content"], messages[1:]
    return "", messages


def _alternates(turns: Sequence[Message]) -> bool:
    roles = [one["role"] for one in turns]
    return bool(roles) and roles == ["user", "assistant"] * (len(roles) // 2)


def _unsaid(messages: Sequence[Message]) -> str:
    """MASK unless what is learnt is every answer and nothing else."""
    exact = all(bool(one["train"]) == (one["role"] == "assistant") for one in messages)
    return "" if exact else MASK
