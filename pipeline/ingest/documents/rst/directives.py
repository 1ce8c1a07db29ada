"""Directives: what each shows of its arguments, options and content."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from taojin.pipeline.ingest.documents.rst import tables
from taojin.pipeline.ingest.documents.rst.lines import dedented, indent, trimmed
from taojin.pipeline.ingest.documents.rst.state import State
from taojin.pipeline.ingest.markup import blocks
from taojin.pipeline.ingest.markup.blocks import TEXT, Block, labelled

Inner = Callable[[Sequence[str]], list[Block]]
"""Reads the lines that are nested in a directive."""

_OPTION = re.compile(r":([\w-]{1,60}):(?: +|$)")
_NO_TEXT_NAMES = (
    "autosummary bibliography contents currentmodule default-domain default-role footer header "
    "include index meta module mixin nbgallery py:currentmodule py:module raw role sectionauthor "
    "sectnum sphinx tabularcolumns tags target-notes testcleanup testsetup title toctree "
    "autoattribute autoclass autodata autoexception autofunction automethod automodule "
    "autoproperty date replace unicode"
)
_NO_TEXT = frozenset(_NO_TEXT_NAMES.split())
_MARKED_CODE = ("parsed-literal", "productionlist")
_CODE_NAMES = (
    "code code-block code-cell doctest graphviz ipython jupyter-execute mermaid parsed-literal "
    "plantuml productionlist prompt sourcecode testcode testoutput uml"
)
_CODE = frozenset(_CODE_NAMES.split())
_LANGUAGES = {
    "doctest": "pycon", "graphviz": "dot", "ipython": "python", "mermaid": "mermaid",
    "plantuml": "plantuml", "testcode": "python", "uml": "plantuml",
}  # fmt: skip
_ADMONITIONS_NAMES = "attention caution danger error hint important note seealso tip todo warning"
_ADMONITIONS = frozenset(_ADMONITIONS_NAMES.split())
_LABELS = {"seealso": "See also"}
_VERSIONS = {
    "versionadded": "Added in version",
    "versionchanged": "Changed in version",
    "deprecated": "Deprecated since version",
    "versionremoved": "Removed in version",
}
_CONTENT_ALONE_NAMES = (
    "class compound container cssclass epigraph flat-table grid hlist highlights "
    "ifconfig only pull-quote rst-class tab-set tabs"
)
_CONTENT_ALONE = frozenset(_CONTENT_ALONE_NAMES.split())
_TABLES = frozenset(("csv-table", "list-table", "flat-table"))
_DELIMITERS = {"tab": "\t", "space": " "}


@dataclass(frozen=True)
class _Directive:
    name: str
    own: str
    """What stands on its line."""
    more: list[str]
    """The lines behind it up to its options or a blank one."""
    options: dict[str, str]
    content: list[str]

    @property
    def title(self) -> str:
        return " ".join([self.own, *self.more]).strip()

    @property
    def all_content(self) -> list[str]:
        """The content where arguments are part of it."""
        return [self.own, *self.more, "", *self.content] if not self.options else self.content


def read(name: str, own: str, rest: Sequence[str], inner: Inner, state: State) -> Iterator[Block]:
    """The blocks that a directive shows. One that is not known shows all it has, options aside."""
    directive = _parsed(name.lower(), own, rest)
    last = directive.name.rpartition(":")[2]
    if directive.name in _NO_TEXT:
        return
    if last == "highlight":
        state.language = own
    elif last in _CODE:
        yield from _code(directive, state)
    elif last == "math":
        formula = "\n".join(trimmed(directive.all_content))
        yield Block(f"$$\n{formula}\n$$" if formula else "")
    elif last == "literalinclude":
        yield Block(f"`{own}`" if own else "", TEXT)
    elif last in ("image", "figure"):
        yield from _image(directive, inner, state)
    elif last in _TABLES:
        yield from _table(directive, inner, state)
    else:
        yield from _content(directive, inner, state)


def _parsed(name: str, own: str, rest: Sequence[str]) -> _Directive:
    """The parts of a directive: arguments up to the options, options up to a blank line."""
    at = 0
    while at < len(rest) and rest[at] and not _OPTION.match(rest[at]):
        at += 1
    more, options = list(rest[:at]), {}
    key = ""
    while at < len(rest) and rest[at]:
        if found := _OPTION.match(rest[at]):
            key = found[1]
            options[key] = rest[at][found.end() :]
        elif key:
            options[key] += " " + rest[at].strip()
        at += 1
    return _Directive(name, own, more, options, trimmed(rest[at:]))


def _code(directive: _Directive, state: State) -> Iterator[Block]:
    if caption := directive.options.get("caption", ""):
        yield Block(state.inline.text(caption), TEXT)
    content = [*directive.more, *directive.content]
    language = directive.own.partition(" ")[0] or _LANGUAGES.get(directive.name, state.language)
    if directive.name in _MARKED_CODE:
        content = [_read_line(line, state) for line in (directive.own, *content)]
        language = ""
    yield Block(blocks.fence("\n".join(dedented(content)), language))


def _read_line(line: str, state: State) -> str:
    """A line with its markup read and its indentation kept."""
    return " " * indent(line) + state.inline.text(line.strip())


def _image(directive: _Directive, inner: Inner, state: State) -> Iterator[Block]:
    yield Block(state.inline.text(directive.options.get("alt", "")), TEXT)
    yield from inner(directive.content)


def _table(directive: _Directive, inner: Inner, state: State) -> Iterator[Block]:
    yield Block(state.inline.text(directive.title), TEXT)
    if directive.name == "csv-table":
        delimiter = directive.options.get("delim", ",")
        delimiter = _DELIMITERS.get(delimiter, delimiter[:1] or ",")
        head = tables.csv_rows([directive.options.get("header", "")], delimiter)
        rows = [*head, *tables.csv_rows(directive.content, delimiter)]
        text = [[state.inline.text(blocks.one_line(cell)) for cell in row] for row in rows]
        yield Block("\n".join(blocks.table(text)))
    else:
        rows = [
            [blocks.one_line(blocks.joined(block.text for block in inner(cell))) for cell in row]
            for row in map(tables.items, tables.items(directive.content))
        ]
        yield Block("\n".join(blocks.table(rows)))


def _content(directive: _Directive, inner: Inner, state: State) -> Iterator[Block]:
    """What is nested, behind a label or a title where the directive has one."""
    if directive.name in _ADMONITIONS:
        said = inner(directive.all_content)
        label = _LABELS.get(directive.name, directive.name.capitalize())
        yield from labelled(label, said) if said else ()
    elif directive.name in _VERSIONS:
        version, _, change = directive.title.partition(" ")
        label = f"{_VERSIONS[directive.name]} {version}"
        yield from labelled(label, inner([change, "", *directive.content]))
    elif directive.name == "glossary":
        yield from inner(_shared(directive.content))
    elif directive.name in _CONTENT_ALONE:
        yield from inner(directive.content)
    else:
        yield Block(_signatures(directive, state), TEXT)
        yield from inner(directive.content)


def _shared(lines: Sequence[str]) -> list[str]:
    """The lines of a glossary, terms that share a meaning on one."""
    found = [""]
    for line in lines:
        if line and found[-1] and not indent(line) and not indent(found[-1]):
            found[-1] += f", {line}"
        else:
            found.append(line)
    return found


def _signatures(directive: _Directive, state: State) -> str:
    """The arguments: the name of an object line by line, or a title."""
    lines = [line.strip() for line in (directive.own, *directive.more)]
    if ":" in directive.name or "(" in directive.own:
        return "\n".join(f"`{line}`" for line in lines if line)
    return state.inline.lines(lines)
