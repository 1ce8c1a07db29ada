"""Inline markup as Markdown: literals and formulas keep marks, all else gives its text.

Markup does not nest. Where an opening has no end, the search for one is not made again, so that no
text costs more than its length; substitutions may put in as much as the text has, no more.
"""

import re
from collections.abc import Iterator

from taojin.pipeline.ingest.documents.paragraphs import unwrapped
from taojin.pipeline.ingest.documents.rst.definitions import Definitions

_MARKED = re.compile(r"[\\`*|_]")
_OPENING = re.compile(
    r"\\(?P<escaped>.?)"
    r"|(?P<url>(?:https?|ftp)://[^\s<>`\"]+)"
    r"|(?P<literal>``)(?=[^\s`])"
    r"|(?<![\w`])(?P<role>:[A-Za-z][\w.+:-]{0,60}:|_)?`(?=[^\s`])"
    r"|(?<![\w*])(?P<star>\*\*?)(?=[^\s*])"
    r"|(?<![\w|])\|(?P<name>[^\s|](?:[^|\n]{0,98}[^\s|])?)\|_{0,2}(?!\w)"
    r"|\[(?P<note>\d{1,9}|#[\w.-]{0,60}|\*|[^\W\d_][\w.-]{0,60})\]_(?!\w)"
    r"|(?<!\w)(?P<reference>[^\W_]+(?:[-._+:][^\W_]+){0,8})__?(?!\w)",
    re.S,
)
_ESCAPE = re.compile(r"\\(.)", re.S)
_ROLE_BEHIND = re.compile(r":([A-Za-z][\w.+:-]{0,60}):")
_CODE_ROLES = ("code", "literal", "samp", "command", "file", "program", "kbd")
_MARKS = {**dict.fromkeys(_CODE_ROLES, "`"), "sup": "^"}
_NUMBERED_ROLES = {"pep": "PEP", "rfc": "RFC"}
_NUMBERED = re.compile(r"(\d+)(?:#.*)?", re.S)
_LONGEST_INSERT = 2_000
_MOST_NESTED = 4


class Inline:
    """Reads the text of one document; knows its definitions and what they may still put in."""

    def __init__(self, definitions: Definitions, budget: int) -> None:
        self._definitions = definitions
        self._left = budget
        self._numbers, self._references = definitions.numbers(), definitions.numbers()

    def lines(self, lines: list[str]) -> str:
        """The text of a paragraph that is broken into lines."""
        return self.text(unwrapped(lines))

    def text(self, text: str, nested: int = 0) -> str:
        """The text with its markup read."""
        if not _MARKED.search(text):
            return text
        return "".join(self._pieces(text, nested)).strip()

    def _pieces(self, text: str, nested: int) -> Iterator[str]:
        ends = _Ends(text)
        at = 0
        while found := _OPENING.search(text, at):
            yield text[at : found.start()]
            piece, at = self._piece(found, ends, nested)
            yield piece
        yield text[at:]

    def _piece(self, found: re.Match[str], ends: "_Ends", nested: int) -> tuple[str, int]:
        """What an opening stands for, and where the text goes on behind it."""
        kind = found.lastgroup
        if kind in ("literal", "star"):
            return _quoted(found, ends)
        if kind in ("role", None):
            return self._interpreted(found, ends)
        if kind == "name":
            return self._substitution(found, nested), found.end()
        if kind == "note":
            return f"[^{self._reference(found['note'])}]", found.end()
        return found[kind].strip(), found.end()

    def _interpreted(self, found: re.Match[str], ends: "_Ends") -> tuple[str, int]:
        """Text between backticks: a reference, or what a role before or behind it makes of it."""
        text, start = found.string, found.end()
        close = ends.after("`", start)
        if close < 0:
            return found[0], start
        content, end = text[start:close], close + 1
        role = (found["role"] or "").strip(":")
        if behind := _ROLE_BEHIND.match(text, end):
            return self._role(behind[1], content), behind.end()
        if text.startswith("_", end):
            return plain(without_target(content)), end + 1 + text.startswith("__", end)
        if role == "_":
            return plain(content), end
        return (self._role(role, content) if role else f"`{plain(content)}`"), end

    def _role(self, role: str, content: str) -> str:
        name = role.rpartition(":")[2].lower()
        if name == "math":
            return f"${content.strip()}$"
        if name in ("ref", "numref") and "<" not in content:
            return plain(self._definitions.labels.get(content.lower(), content))
        if name in _NUMBERED_ROLES and (numbered := _NUMBERED.fullmatch(content)):
            return f"{_NUMBERED_ROLES[name]} {numbered[1]}"
        text = plain(without_target(content)).removeprefix("!")
        if name in _MARKS:
            mark = _MARKS[name]
            return f"{mark}{text}{mark[: name != 'sup']}"
        if name in ("guilabel", "menuselection"):
            return text.replace("&", "")
        return text.rpartition(".")[2] if text.startswith("~") else text

    def _substitution(self, found: re.Match[str], nested: int) -> str:
        raw = self._definitions.substitutions.get(found["name"])
        if raw is None or len(raw) > min(_LONGEST_INSERT, self._left) or nested >= _MOST_NESTED:
            return found[0]
        self._left -= len(raw)
        return self.text(raw, nested + 1)

    def note(self, label: str) -> str:
        """The label of a note; the next free number for one without."""
        return str(next(self._numbers)) if label == "#" else label.lstrip("#")

    def _reference(self, label: str) -> str:
        return str(next(self._references)) if label == "#" else label.lstrip("#")


class _Ends:
    """Where markup ends in a text; each kind of end is looked for once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next: dict[str, int] = {}

    def after(self, mark: str, start: int) -> int:
        """Where the first end of that kind behind `start` is, -1 for none."""
        known = self._next.get(mark, 0)
        if known != -1 and known <= start:
            known = self._next[mark] = self._find(mark, start + 1)
        return known

    def _find(self, mark: str, at: int) -> int:
        text = self._text
        while (at := text.find(mark, at)) >= 0:
            end = at + len(mark)
            before, behind = text[at - 1], text[end : end + 1]
            is_escaped = before == "\\" and mark != "``"
            if not before.isspace() and not is_escaped and (behind == "_" or not behind.isalnum()):
                return at
            at += 1
        return -1


def _quoted(found: re.Match[str], ends: _Ends) -> tuple[str, int]:
    """A literal between backticks; what stars stand around gives its text."""
    mark = found[0]
    close = ends.after(mark, found.end())
    if close < 0:
        return mark, found.end()
    content, end = found.string[found.end() : close], close + len(mark)
    if mark != "``":
        return plain(content), end
    mark = "``" if "`" in content else "`"
    return f"{mark}{content}{mark}", end


def plain(text: str) -> str:
    """The text without the backslashes that escape."""
    return _ESCAPE.sub(lambda found: found[1].strip(), text) if "\\" in text else text


def without_target(content: str) -> str:
    """The words of a reference that names its target behind them."""
    words, mark, target = content.rpartition("<")
    if not mark or not target.endswith(">"):
        return content
    return words.strip() or target[:-1]
