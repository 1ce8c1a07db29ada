"""`taojin filters ...`: the filters listed, and the verbs that fit, try, train and score them."""

from pathlib import Path

import click

RECIPE = click.option(
    "--recipe",
    type=click.Path(path_type=Path),
    help="Recipe whose filters and bounds are meant.  [default: the demo's]",
)


@click.group(invoke_without_command=True)
@RECIPE
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def filters(context: click.Context, recipe: Path | None, as_json: bool) -> None:
    """List every metric with its bounds per language and its source, or work on the filters."""
    if context.invoked_subcommand is not None:
        return
    from taojin.pipeline import recipe as recipes
    from taojin.pipeline.catalogue import catalogue

    click.echo(catalogue(recipes.load(recipe), as_json=as_json))
