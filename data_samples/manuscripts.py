"""The manuscripts: readable text files from which every sample file is built.

A manuscript begins with `=== name`, goes on with `key: value` lines up to a blank line, and ends
with its body in a little Markdown (headings, bullet lists, tables). `=== *` sets defaults for the
rest of its file. A copy names the manuscript it is made from and the passages that it replaces.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from taojin.core.errors import UserError

Block = list[str]


@dataclass(frozen=True)
class Manuscript:
    """One input record: what it says, where it goes and what is to become of it."""

    name: str
    source: str = ""
    file: str = ""
    kind: str = "page"
    lang: str = ""
    fate: str = "kept"
    reason: str = ""
    why: str = ""
    title: str = ""
    body: str = ""
    url: str = ""
    site: str = ""
    charset: str = "utf-8"
    order: str = "0"
    empty: str = ""
    repeat: str = "1"
    copy_of: str = ""
    dress: str = ""
    refers_to: str = ""
    question: str = ""
    answer: str = ""
    pii: tuple[str, ...] = ()
    survives: tuple[str, ...] = ()
    replacements: tuple[tuple[str, str], ...] = ()


def read_manuscripts(folder: Path) -> dict[str, Manuscript]:
    """Every manuscript by name, copies and quoted questions filled in."""
    written = [
        manuscript
        for path in sorted(folder.glob("*.txt"))
        for manuscript in parse(path.read_text(encoding="utf-8"))
    ]
    by_name = {manuscript.name: manuscript for manuscript in written}
    if len(by_name) < len(written):
        raise UserError(f"{folder}: two manuscripts share a name; names must differ")
    return {name: _complete(one, by_name) for name, one in by_name.items()}


def parse(text: str) -> Iterator[Manuscript]:
    """The manuscripts of one file, in its order."""
    defaults: dict[str, str] = {}
    for part in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]:
        front, _, body = part.partition("\n\n")
        name, *lines = front.strip().split("\n")
        pairs = [(key, value) for key, _, value in (line.partition(": ") for line in lines)]
        if name == "*":
            defaults = dict(pairs)
        else:
            yield _manuscript(name, {**defaults, **dict(pairs)}, pairs, body.strip("\n"))


def _manuscript(
    name: str, values: Mapping[str, str], pairs: list[tuple[str, str]], body: str
) -> Manuscript:
    single = {key: value for key, value in values.items() if key not in _LISTS}
    title, body = _title(body)
    repeated = "\n".join([body] * int(values.get("repeat", "1")))
    edits = [value.split(" => ") for key, value in pairs if key == "replace"]
    return Manuscript(
        name=name,
        title=title,
        body="" if "empty" in values else repeated,
        pii=tuple(values["pii"].split(", ")) if "pii" in values else (),
        survives=tuple(value for key, value in pairs if key == "survives"),
        replacements=tuple((old, new) for old, new in edits),
        **single,
    )


_LISTS = ("pii", "survives", "replace")


def _title(body: str) -> tuple[str, str]:
    first, _, rest = body.partition("\n")
    return (first[2:], rest.strip("\n")) if first.startswith("# ") else ("", body)


def _complete(manuscript: Manuscript, by_name: Mapping[str, Manuscript]) -> Manuscript:
    if manuscript.copy_of:
        return _copy(manuscript, by_name[manuscript.copy_of])
    body = re.sub(r"@(eval-[\w-]+)@", lambda match: by_name[match[1]].question, manuscript.body)
    return replace(manuscript, body=body)


def _copy(manuscript: Manuscript, original: Manuscript) -> Manuscript:
    body = original.body
    for old, new in manuscript.replacements:
        if body.count(old) != 1:
            raise UserError(f"{manuscript.name}: {old!r} must occur once in {original.name}")
        body = body.replace(old, new)
    similarity = jaccard(original.title + "\n" + original.body, original.title + "\n" + body)
    why = manuscript.why or f"A copy with {len(manuscript.replacements)} passages changed."
    if manuscript.replacements:
        why += f" Jaccard similarity of the unit 5-grams: {similarity:.3f}."
    return replace(manuscript, title=original.title, body=body, why=why)


def jaccard(one: str, other: str, length: int = 5) -> float:
    """Similarity of the sets of unit n-grams: a Han character or a word is a unit."""
    first, second = _shingles(one, length), _shingles(other, length)
    return len(first & second) / len(first | second)


def _shingles(text: str, length: int) -> set[tuple[str, ...]]:
    units = re.findall(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+", text.lower())
    return {tuple(units[i : i + length]) for i in range(len(units) - length + 1)}


def blocks(body: str) -> Iterator[Block]:
    """Runs of lines of one sort: a heading, a line of prose, a whole list or a whole table."""
    sort = ""
    run: Block = []
    for line in body.split("\n"):
        now = line[:2] if line[:2] in ("- ", "| ") else ""
        if run and (now != sort or not now):
            yield run
            run = []
        if line:
            run.append(line)
        sort = now
    if run:
        yield run


def cells(row: str) -> list[str]:
    """The cells of a table row."""
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def table(block: Block) -> list[list[str]]:
    """The rows of a table without the rule below its head."""
    return [cells(row) for row in block if not set(row) <= set("|- ")]


def plain(manuscript: Manuscript, *, title: bool) -> str:
    """The text without heading marks; with its title as the first line if asked for."""
    body = re.sub(r"^#+ ", "", manuscript.body, flags=re.MULTILINE)
    return f"{manuscript.title}\n\n{body}" if title and manuscript.title else body
