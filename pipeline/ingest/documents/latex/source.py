"""What stands in a LaTeX file literally, put aside, and comments taken out.

The text that is left has a mark in its place: a number between two NULs, which no text has.
"""

import re
from dataclasses import dataclass, field

from taojin.pipeline.ingest.markup import blocks

KEPT = re.compile("\0(\\d+)\0")
_CODE = ("alltt", "code", "lstlisting", "minted", "pyglist", "Verbatim", "verbatim", "verbatim*")
_GONE = (
    "asy", "CCSXML", "comment", "filecontents", "filecontents*", "pgfpicture", "picture",
    "thebibliography", "tikzpicture",
)  # fmt: skip
_NAMES = "|".join(map(re.escape, (*_CODE, *_GONE)))
_LITERAL = re.compile(
    rf"\\begin[ ]*\{{(?P<name>{_NAMES})\}}"
    r"|\\(?P<inline>verb\*?|lstinline(?:\[[^\]\n]{0,200}\])?)(?P<sign>[^A-Za-z\s*{\\\[])"
    r"|\\mint(?:inline)?(?:\[[^\]\n]{0,200}\])?\{[^{}\n]{1,40}\}(?P<braced>[{|])"
    r"|\\(?:url|href|path|nolinkurl)[ ]*\{[^{}\n]{0,2000}\}"
    r"|\\(?P<stop>endinput\b|end[ ]*\{document\})"
    r"|\\."
    r"|(?P<comment>%[^\n]*(?:\n(?![ \t]*\n)[ \t]*)?)",
    re.S,
)
_BARE = re.compile(r"(?<!\\)%")
_LANGUAGE = re.compile(r"language\s*=\s*(?:\{\[[^\]\n]{0,40}\])?\{?([\w+#.-]{1,40})")
_CAPTION = re.compile(
    r"caption\s*=\s*(?:\{(?P<braced>(?:[^{}]|\{[^{}]{0,200}\}){0,400})\}|(?P<bare>[^,\]{}]{1,200}))"
)
_OPTIONS = re.compile(r"\s*\[(?P<options>[^\]]{0,1000})\]|(?P<argument>\{[^{}\n]{0,100}\})")


@dataclass
class Source:
    """A text without comments, and what its marks stand for: a block of code, or a piece."""

    text: str
    kept: list[str] = field(default_factory=list)


class Ends:
    """Where a text has a mark next; what is not there is looked for once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next: dict[str, int] = {}

    def after(self, mark: str, at: int) -> int:
        """Where it is at `at` or behind, -1 for nowhere; `at` never goes back."""
        known = self._next.get(mark, 0)
        if known != -1 and (known < at or mark not in self._next):
            known = self._next[mark] = self._text.find(mark, at)
        return known


def source_of(text: str) -> Source:
    """The source with its literal parts put aside, up to its end."""
    source, ends, pieces = Source(""), Ends(text), []
    at = 0
    while found := _LITERAL.search(text, at):
        pieces.append(text[at : found.start()])
        if found["stop"]:
            at = len(text)
            break
        piece, at = _piece(found, ends, source)
        pieces.append(piece)
    source.text = "".join([*pieces, text[at:]])
    return source


def _piece(found: re.Match[str], ends: Ends, source: Source) -> tuple[str, int]:
    """What takes the place of something literal, and where the text goes on."""
    text, end = found.string, found.end()
    if found["comment"]:
        return "", end
    if found["name"]:
        return _environment(found, ends, source)
    if mark := found["sign"] or found["braced"]:
        close = text.find("}" if mark == "{" else mark, end, end + 2000)
        if close < 0 or "\n" in text[end:close]:
            return found[0], end
        return _put(source, f"`{text[end:close]}`"), close + 1
    return (_BARE.sub(r"\\%", found[0]) if len(found[0]) > 2 else found[0]), end


def _environment(found: re.Match[str], ends: Ends, source: Source) -> tuple[str, int]:
    name = found["name"]
    close = ends.after(f"\\end{{{name}}}", found.end())
    if close < 0:
        return "", found.end()
    behind = close + len(f"\\end{{{name}}}")
    if name in _GONE:
        return "\n\n", behind
    language, start = _language(found.string, found.end(), name)
    captioned = _CAPTION.search(found.string, found.end(), start)
    caption = captioned["braced"] or captioned["bare"] or "" if captioned else ""
    code = blocks.fence(found.string[start:close], language)
    return f"\n\n{caption}\n\n{_put(source, code)}\n\n", behind


def _language(text: str, at: int, name: str) -> tuple[str, int]:
    """The language of a listing, and where its code begins behind what says so."""
    language = ""
    while name != "verbatim" and (found := _OPTIONS.match(text, at)):
        if found["argument"]:
            language = found["argument"][1:-1] if name == "minted" else language
        elif named := _LANGUAGE.search(found["options"]):
            language = named[1]
        at = found.end()
        if name == "minted" and language:
            break
    return language.lower(), at


def _put(source: Source, kept: str) -> str:
    source.kept.append(kept)
    return f"\0{len(source.kept) - 1}\0"
