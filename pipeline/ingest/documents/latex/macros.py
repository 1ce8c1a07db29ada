"""Commands that an author defines: what they stand for is put in their place.

What they put in is bounded by the size of the file, and they are nested eight deep at most, so
that definitions of definitions cost no more than a text. What is not put in stays as it is written.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from taojin.pipeline.ingest.documents.latex.reader import Reader

_DEFINING = "newcommand renewcommand providecommand DeclareRobustCommand DeclareMathOperator"
_COMMAND = re.compile(
    rf"\\(?:(?P<defining>{_DEFINING.replace(' ', '|')}|[egx]?def|let|newtheorem"
    r"|(?:re)?newenvironment|(?:New|Renew|Provide|Declare)DocumentCommand)(?![A-Za-z@])\*?"
    r"|(?P<name>[A-Za-z@]+)|.)",
    re.S,
)
_NAME = re.compile(r"\s*(?:\{\s*\\([A-Za-z@]+)\s*\}|\\([A-Za-z@]+))")
_LET = re.compile(r"\s*\\(?:[A-Za-z@]+|.)\s*=?\s*(?:\\(?:[A-Za-z@]+|.)|.)?", re.S)
_PARAMETERS = re.compile(r"((?:#\d)*)(?=\{)")
_PARAMETER = re.compile(r"#([1-9])")
_SPACE = re.compile(r"[ \t]*\n?[ \t]*(?!\n)")
_OPEN_END = re.compile(r"\\[A-Za-z@]+\Z")
_DEEPEST = 8
_LONGEST_BODY = 20_000
_LEAST_BUDGET = 20_000


@dataclass(frozen=True, slots=True)
class Macro:
    """What a command stands for: a text with places for its arguments."""

    body: str
    arguments: int = 0
    default: str | None = None
    """Of the first argument, which may be left out then."""


class Macros:
    """The commands and theorems that a text defines, and what may still be put in."""

    def __init__(self, fixed: Mapping[str, object], size: int) -> None:
        self.theorems: dict[str, str] = {}
        self._known: dict[str, Macro] = {}
        self._fixed = fixed
        self._left = size + _LEAST_BUDGET

    def expanded(self, text: str, nested: int = 0) -> str:
        """The text without definitions and with what they stand for; more than eight deep as is."""
        if "\\" not in text or nested > _DEEPEST:
            return text
        return "".join(self._pieces(Reader(text), nested))

    def _pieces(self, reader: Reader, nested: int) -> Iterator[str]:
        while found := _COMMAND.search(reader.text, reader.at):
            yield reader.text[reader.at : found.start()]
            reader.at = found.end()
            if found["defining"]:
                self._define(found["defining"], reader)
            elif macro := self._known.get(found["name"] or ""):
                yield self._used(macro, found[0], reader, nested)
            else:
                yield found[0]
        yield reader.text[reader.at :]

    def _used(self, macro: Macro, name: str, reader: Reader, nested: int) -> str:
        if nested >= _DEEPEST or len(macro.body) > self._left:
            return name
        arguments: list[str] = []
        if macro.default is not None:
            given = reader.option()
            arguments.append(macro.default if given is None else given)
        arguments += [reader.argument() for _ in range(macro.arguments - len(arguments))]
        body = _filled(macro.body, arguments, self._left)
        self._left -= len(body)
        if not arguments and (space := _SPACE.match(reader.text, reader.at)):
            reader.at = space.end()
        put = self.expanded(body, nested + 1)
        return put + _gap(put, reader.text[reader.at : reader.at + 1])

    def _define(self, word: str, reader: Reader) -> None:
        if word == "let":
            if found := _LET.match(reader.text, reader.at):
                reader.at = found.end()
        elif word == "newtheorem":
            name, _ = reader.argument(), reader.option()
            self.theorems[name] = reader.argument()
            reader.option()
        elif word.endswith("environment"):
            reader.argument(), reader.option(), reader.option()
            reader.argument(), reader.argument()
        elif found := _NAME.match(reader.text, reader.at):
            reader.at = found.end()
            macro = self._macro(word, reader)
            name = found[1] or found[2]
            if name not in self._fixed and len(macro.body) <= _LONGEST_BODY:
                self._known[name] = macro

    def _macro(self, word: str, reader: Reader) -> Macro:
        if word.endswith("def"):
            found = _PARAMETERS.match(reader.text, reader.at)
            reader.at = found.end() if found else reader.at
            return Macro(reader.argument(), len(found[1]) // 2 if found else 0)
        if word.endswith("DocumentCommand"):
            kinds = reader.argument()
            return Macro(reader.argument(), len(kinds.split()), "" if kinds[:1] in "oO" else None)
        if word == "DeclareMathOperator":
            return Macro(f"\\operatorname{{{reader.argument()}}}")
        count = reader.option() or ""
        default = reader.option()
        arguments = int(count) if count in set("123456789") else 0
        return Macro(reader.argument(), arguments, default)


def _filled(body: str, arguments: list[str], most: int) -> str:
    """The body with its arguments, or without where they would make it too long."""
    if not arguments:
        return body
    size = len(body) + sum(
        len(arguments[int(one) - 1])
        for one in _PARAMETER.findall(body)
        if int(one) <= len(arguments)
    )
    if size > most:
        return " ".join(arguments)
    pieces: list[str] = [""]
    at = 0
    for found in _PARAMETER.finditer(body):
        number = int(found[1])
        given = arguments[number - 1] if number <= len(arguments) else ""
        for piece in filter(None, (body[at : found.start()], given)):
            pieces += (_gap(pieces[-1], piece), piece)
        at = found.end()
    return "".join([*pieces, _gap(pieces[-1], body[at:]), body[at:]])


def _gap(before: str, behind: str) -> str:
    """A space where a command would take the letters behind it for more of its name."""
    return " " if behind[:1].isalpha() and _OPEN_END.search(before[-40:]) else ""
