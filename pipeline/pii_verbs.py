"""`taojin pii ...`: personal data in one text, before a run."""

from pathlib import Path
from typing import BinaryIO

import click

_FORMATS = (b"%PDF", b"PK\x03\x04", b"\x1f\x8b")
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")


@click.group()
def pii() -> None:
    """See what is found of personal data, and what becomes of it."""


@pii.command("try")
@click.argument("file", type=click.File("rb"), default="-")
@click.option(
    "--recipe",
    type=click.Path(path_type=Path),
    help="Recipe whose [pii] table is meant.  [default: none, the kinds that are on by default]",
)
@click.option(
    "--lang",
    default="und",
    show_default=True,
    help="Language of the text, which tells whose telephone numbers are at home in it.",
)
def try_(file: BinaryIO, recipe: Path | None, lang: str) -> None:
    """Mask the text of FILE, or of standard input; finds go to standard error, without values."""
    from taojin.pipeline import recipe as recipes
    from taojin.pipeline.pii.trial import trial

    chosen = recipes.load(recipe) if recipe else recipes.defaults()
    told = trial(_text(file.read()), chosen.pii.settings(), lang)
    click.echo(told.text, nl=not told.text.endswith("\n"))
    for find in told.finds:
        click.echo(find, err=True)


def _text(data: bytes) -> str:
    """What is told of its charset as a run does; UserError for what is no text."""
    from taojin.core.errors import UserError
    from taojin.pipeline.ingest import charset

    if data.startswith(_FORMATS) or (b"\0" in data and not data.startswith(_BYTE_ORDER_MARKS)):
        raise UserError("this is no text; `pii try` reads text alone, `run` other formats too")
    return charset.decode(data).text
