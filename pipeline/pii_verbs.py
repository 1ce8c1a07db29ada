"""`taojin pii ...`: personal data in one text, before a run."""

from pathlib import Path
from typing import TextIO

import click


@click.group()
def pii() -> None:
    """See what is found of personal data, and what becomes of it."""


@pii.command("try")
@click.argument("file", type=click.File(encoding="utf-8"), default="-")
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
def try_(file: TextIO, recipe: Path | None, lang: str) -> None:
    """Mask the text of FILE, or of standard input; finds go to standard error, without values."""
    from taojin.pipeline import recipe as recipes
    from taojin.pipeline.pii.trial import trial

    chosen = recipes.load(recipe) if recipe else recipes.defaults()
    told = trial(file.read(), chosen.pii.settings(), lang)
    click.echo(told.text, nl=not told.text.endswith("\n"))
    for find in told.finds:
        click.echo(find, err=True)
