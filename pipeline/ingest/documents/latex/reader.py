"""A place in a LaTeX text that goes forward: tokens, and the arguments of commands."""

import re

from taojin.pipeline.ingest.documents.latex.source import Ends

_BRACES = re.compile(r"\\.|[{}]", re.S)
_SPACE = re.compile(r"[ \t]*(?:\n(?![ \t]*\n)[ \t]*)?")
_OPTION = re.compile(r"\[((?:[^\[\]{}]|\{[^{}]{0,200}\}|\[[^\[\]]{0,200}\]){0,1000})\]")
_TOKEN = re.compile(r"\\(?:[A-Za-z@]+|.)|[^\\{}]", re.S)
_REGISTER = re.compile(r"[ ]*\\[A-Za-z@]+")
OVERLAY = re.compile(r"<[\d,.+:|@a-z-]{1,40}>")
"""On which pictures of a slide something is shown."""
_LONGEST_OPEN = 1_000
"""Of an argument whose brace is never closed."""


class Reader:
    """A text, the place in it, and where each of its braces is closed."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.ends = Ends(text)
        self._closing: dict[int, int] = {}
        opened: list[int] = []
        for found in _BRACES.finditer(text):
            if found[0] == "{":
                opened.append(found.start())
            elif found[0] == "}" and opened:
                self._closing[opened.pop()] = found.start()

    def argument(self) -> str:
        """The next argument, without its braces; one token where it has none."""
        start = self._behind_space()
        if self.text[start : start + 1] == "{":
            close = self._closing.get(start, -1)
            if close < 0:
                return self._unclosed(start + 1)
            self.at = close + 1
            return self.text[start + 1 : close]
        token = _TOKEN.match(self.text, start)
        if token is None:
            return ""
        self.at = token.end()
        return token[0]

    def braced(self) -> str | None:
        """The next argument if it stands in braces, else None and nothing is taken."""
        start = self._behind_space()
        return self.argument() if self.text[start : start + 1] == "{" else None

    def register(self) -> None:
        """Pass over an argument in braces, or a command that is one."""
        if self.braced() is None:
            self.skip(_REGISTER)

    def skip(self, pattern: re.Pattern[str]) -> None:
        """Pass over what matches here."""
        if found := pattern.match(self.text, self.at):
            self.at = found.end()

    def closing(self, at: int) -> int:
        """Where the brace that is opened there is closed, -1 for nowhere."""
        return self._closing.get(at, -1)

    def option(self) -> str | None:
        """The next argument in brackets, None if there is none."""
        found = _OPTION.match(self.text, self._behind_space())
        if found is None:
            return None
        self.at = found.end()
        return found[1]

    def until(self, mark: str) -> str | None:
        """What comes before a mark, which is taken too; None where it does not come."""
        close = self.ends.after(mark, self.at)
        if close < 0:
            return None
        taken = self.text[self.at : close]
        self.at = close + len(mark)
        return taken

    def _behind_space(self) -> int:
        found = _SPACE.match(self.text, self.at)
        return found.end() if found else self.at

    def _unclosed(self, start: int) -> str:
        stop = self.text.find("\n", start, start + _LONGEST_OPEN)
        self.at = stop if stop >= 0 else min(len(self.text), start + _LONGEST_OPEN)
        return self.text[start : self.at]
