"""A Markdown file, whose front matter is about the text and not part of it."""

import re

from taojin.pipeline.ingest import charset
from taojin.pipeline.ingest.records import ReadOptions, Record

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.S | re.M)
_FIELD = re.compile(r"^(title|author|date|url|license|licence)[ \t]*:[ \t]*(.+?)[ \t]*$", re.M)
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t#]*$|^(\S.*)\n=+[ \t]*$", re.M)
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.S | re.M)


def read(data: bytes, _: ReadOptions) -> Record:
    """The text without its front matter; the title is the front matter's or the first heading."""
    decoded = charset.decode(data)
    text = decoded.text
    fields: dict[str, str] = {}
    if front := _FRONT_MATTER.match(text):
        fields = {name: value.strip("\"'") for name, value in _FIELD.findall(front[1])}
        text = text[front.end() :].lstrip("\n")
    return Record(
        0,
        len(data),
        text,
        fields.get("url", ""),
        fields.get("title", "") or _first_heading(text),
        fields.get("date", ""),
        "text/markdown",
        fields.get("licence", "") or fields.get("license", ""),
        charset=decoded.encoding,
        charset_from=decoded.told,
        author=fields.get("author", ""),
    )


def _first_heading(text: str) -> str:
    found = _HEADING.search(_FENCE.sub("", text))
    return (found[1] or found[2]).strip() if found else ""
