"""Prompts: our own, in Chinese and in English, in `templates/`; the chunk's language chooses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template

from taojin.pipeline.qa.endpoint.answers import Messages

CHARACTERS_PER_PAIR = 240
"""Of Chinese text; English has WORDS_PER_PAIR."""
WORDS_PER_PAIR = 120
MOST_PAIRS = 8


@dataclass(frozen=True)
class Chunk:
    """What a model is shown of a document."""

    text: str
    title: str
    headings: Sequence[str]
    zh: bool

    @property
    def most_pairs(self) -> int:
        """How many pairs are asked for, and kept, at most."""
        size = len(self.text) / CHARACTERS_PER_PAIR
        size = size if self.zh else len(self.text.split()) / WORDS_PER_PAIR
        return min(MOST_PAIRS, max(1, round(size)))

    @property
    def introduction(self) -> str:
        """What it is introduced with."""
        return "\n".join((self.title, *self.headings))


def pairs(chunk: Chunk, kinds: Sequence[str], persona: str = "") -> Messages:
    """Ask for the pairs of a chunk."""
    told = dict(line.split(": ", 1) for line in _read("kinds", zh=chunk.zh).splitlines())
    listed = "\n".join(f"  - {kind}: {told[kind]}" for kind in kinds)
    asker = f"- {'提问者' if chunk.zh else 'Who asks'}: {persona}\n" if persona else ""
    system = _filled(
        "pairs", chunk, {"most": str(chunk.most_pairs), "kinds": listed, "persona": asker}
    )
    return [_said("system", system), _said("user", _shown(chunk))]


def judge(chunk: Chunk, question: str, answer: str) -> Messages:
    """Ask whether an answer is grounded."""
    told = f"{'回答：' if chunk.zh else 'Answer: '}{answer}"
    asked = f"{_shown(chunk)}\n{_labelled(chunk, question)}\n{told}"
    return [_said("system", _read("judge", zh=chunk.zh)), _said("user", asked)]


def answer(chunk: Chunk, question: str) -> Messages:
    """Ask a question again, without its answer."""
    asked = f"{_shown(chunk)}\n{_labelled(chunk, question)}"
    return [_said("system", _read("answer", zh=chunk.zh)), _said("user", asked)]


def again(messages: Messages, reply: str, wrong: str, *, zh: bool) -> Messages:
    """The same once more, with what was wrong about the reply."""
    told = (
        f"这个回复不能用：{wrong}。请只输出所要求的 JSON。"
        if zh
        else f"That reply cannot be used: {wrong}. Reply with what was asked for and nothing else."
    )
    return [*messages, _said("assistant", reply), _said("user", told)]


def _said(role: str, content: str) -> Mapping[str, str]:
    return {"role": role, "content": content}


def _labelled(chunk: Chunk, question: str) -> str:
    return f"{'问题：' if chunk.zh else 'Question: '}{question}"


def _shown(chunk: Chunk) -> str:
    values = {"title": chunk.title, "headings": " > ".join(chunk.headings), "text": chunk.text}
    return _filled("passage", chunk, values)


def _filled(name: str, chunk: Chunk, values: Mapping[str, str]) -> str:
    return Template(_read(name, zh=chunk.zh)).substitute(values)


@cache
def _read(name: str, *, zh: bool) -> str:
    file = files(__package__) / "templates" / f"{name}.{'zh' if zh else 'en'}.md"
    return file.read_text(encoding="utf-8")
