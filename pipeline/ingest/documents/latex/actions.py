"""What commands and environments do that show more than their arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from taojin.pipeline.ingest.documents.latex import commands
from taojin.pipeline.ingest.documents.latex.environments import LINE
from taojin.pipeline.ingest.documents.latex.reader import OVERLAY
from taojin.pipeline.ingest.markup import blocks
from taojin.pipeline.ingest.markup.blocks import TEXT, Block

if TYPE_CHECKING:
    from taojin.pipeline.ingest.documents.latex.walk import Walk

_SPANS = frozenset(map(str, range(1, 30)))


def begin(walk: Walk, name: str, title: str | None) -> None:
    """An environment: what it is called is a heading or a label."""
    frame = walk.open.begin(name)
    if name == "abstract":
        _add_heading(walk, "section", "摘要" if walk.state.is_chinese else "Abstract")
    elif name == "frame" and (found := walk.reader.braced()):
        _add_heading(walk, "frametitle", walk.inline(found))
    elif name in commands.TITLED:
        frame.label = walk.inline(walk.reader.braced() or "")
    elif theorem := walk.state.theorems.get(name, commands.THEOREMS.get(name.rstrip("*"), "")):
        own = walk.inline(title or "")
        label = walk.inline(theorem)
        # a proof's title is written in the place of its name
        frame.label = f"{label} ({own})" if own and name != "proof" else own or label


def step(walk: Walk, name: str) -> None:
    """A step of an algorithm on a line of its own, its keywords in words."""
    words = commands.STEPS[name]
    arguments = (walk.inline(walk.reader.braced() or "") for _ in range(words.count("{}")))
    walk.open.put(f"{'' if name in commands.WITHIN_STEPS else LINE}{words.format(*arguments)} ")


def _heading(walk: Walk, starred: str) -> None:
    walk.open.end_paragraph()
    walk.reader.option()
    _add_heading(walk, starred.rstrip("*"), walk.inline(walk.reader.argument()))


def _add_heading(walk: Walk, name: str, title: str) -> None:
    """A heading below the title, if the text shows one."""
    state = walk.state
    level = commands.HEADINGS[name] - (not state.has_chapters and name != "part")
    walk.open.add(Block(blocks.heading(level + state.shows_title, title)))


def _about(walk: Walk, name: str) -> None:
    walk.reader.option()
    given = walk.inline(walk.reader.argument())
    walk.state.about.setdefault(name, given)


def _title(walk: Walk, _: str) -> None:
    title = walk.state.about.get("title", "")
    if title and not walk.state.shows_title:
        walk.state.shows_title = True
        walk.open.add(Block(blocks.heading(1, title)))


def _caption(walk: Walk, _: str) -> None:
    walk.open.end_paragraph()
    walk.reader.option()
    walk.open.add(Block(walk.inline(walk.reader.argument()), TEXT))


def _footnote(walk: Walk, _: str) -> None:
    walk.reader.option()
    state = walk.state
    state.note_count += 1
    mark, place = f"[^{state.note_count}]", len(state.notes)
    state.notes.append(Block(""))
    state.notes[place] = Block(f"{mark}: {walk.inline(walk.reader.argument())}")
    walk.open.put(mark)


def _url(walk: Walk, _: str) -> None:
    walk.open.put(walk.reader.argument().replace("\\", ""))


def _reference(walk: Walk, _: str) -> None:
    walk.open.put(f"[{blocks.one_line(walk.reader.argument())}]")


def _code(walk: Walk, _: str) -> None:
    """Code in braces, or the name of a file that holds it."""
    walk.reader.option()
    walk.open.put(f"`{walk.inline(walk.reader.argument())}`")


def _formula(walk: Walk, _: str) -> None:
    walk.open.put(f"${blocks.one_line(walk.reader.argument())}$")


def _span(walk: Walk, _: str) -> None:
    count = walk.reader.argument().strip()
    walk.reader.argument()
    walk.open.last.span = int(count) if count in _SPANS else 1


def _item(walk: Walk, _: str) -> None:
    walk.reader.skip(OVERLAY)
    label = walk.reader.option()
    walk.open.item(walk.inline(label).rstrip(":") if label is not None else "")


ACTIONS: Mapping[str, Callable[[Walk, str], None]] = {
    **dict.fromkeys(commands.HEADINGS, _heading),
    **dict.fromkeys(("title", "date"), _about),
    "maketitle": _title,
    **dict.fromkeys(("caption", "subcaption"), _caption),
    **dict.fromkeys(("footnote", "footnotetext"), _footnote),
    **dict.fromkeys(("url", "path", "nolinkurl"), _url),
    **dict.fromkeys(commands.REFERENCES, _reference),
    **dict.fromkeys(("lstinline", "lstinputlisting", "verbatiminput"), _code),
    "ensuremath": _formula,
    "multicolumn": _span,
    **dict.fromkeys(commands.ITEMS, _item),
}
"""By names without a star."""
