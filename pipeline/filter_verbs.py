"""`taojin filters ...`: the filters listed, and the verbs that fit, try, train and score them."""

from pathlib import Path

import click

RECIPE = click.option(
    "--recipe",
    type=click.Path(path_type=Path),
    help="Recipe whose filters and bounds are meant.  [default: none, all default bounds]",
)
RUN = click.argument("run", type=click.Path(path_type=Path))


@click.group(invoke_without_command=True)
@RECIPE
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--markdown", "as_markdown", is_flag=True, help="As the tables of docs/filters.md.")
@click.option("--cost", is_flag=True, help="Measure what each filter costs here, in MB/s.")
@click.pass_context
def filters(
    context: click.Context, recipe: Path | None, as_json: bool, as_markdown: bool, cost: bool
) -> None:
    """List every metric with its bounds per language and its source, or work on the filters."""
    if context.invoked_subcommand is not None:
        return
    from taojin.pipeline import catalogue, filter_costs
    from taojin.pipeline import recipe as recipes

    chosen = recipes.load(recipe) if recipe else recipes.defaults()
    if as_markdown:
        click.echo(catalogue.as_markdown(chosen))
        return
    listed = catalogue.as_json if as_json else catalogue.as_text
    click.echo(listed(chosen, filter_costs.costs(chosen) if cost else None))


@filters.command("try")
@RUN
@click.option(
    "--recipe",
    type=click.Path(path_type=Path),
    help="Recipe with the bounds to try.  [default: the run's own, with today's default bounds]",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option(
    "--examples",
    default=5,
    show_default=True,
    type=click.IntRange(0),
    help="Documents named of those that leave and that return.",
)
def try_(run: Path, recipe: Path | None, as_json: bool, examples: int) -> None:
    """Tell what other bounds would decide on the documents of RUN, without reading any text."""
    from taojin.pipeline import what_if

    found = what_if.what_if(run, recipe)
    click.echo((what_if.as_json if as_json else what_if.as_text)(found, examples))


@filters.command()
@RUN
@click.option(
    "--source",
    "sources",
    multiple=True,
    help="Source of the reference documents; may be repeated.  [default: the trusted ones]",
)
@click.option(
    "--language",
    "languages",
    multiple=True,
    help="Language to fit; may be repeated.  [default: all]",
)
@click.option(
    "--drop",
    default=0.005,
    show_default=True,
    type=click.FloatRange(0, 0.5),
    help="Share of a language's documents that a bound may drop.",
)
@click.option(
    "--fewest",
    default=200,
    show_default=True,
    type=click.IntRange(1),
    help="Documents that a language needs.",
)
@click.option(
    "--all",
    "every_side",
    is_flag=True,
    help="Both sides of every metric, not only those that have a bound.",
)
@click.option(
    "--out",
    default="bounds.toml",
    show_default=True,
    type=click.Path(path_type=Path),
    help="File for the bounds.",
)
def fit(
    run: Path,
    sources: tuple[str, ...],
    languages: tuple[str, ...],
    drop: float,
    fewest: int,
    every_side: bool,
    out: Path,
) -> None:
    """Fit bounds to the trusted documents of RUN, and tell what they would drop."""
    from taojin.pipeline.fit import Settings
    from taojin.pipeline.fit import fit as fit_bounds

    settings = Settings(sources, languages, drop, fewest, every_side)
    click.echo(fit_bounds(run, out, settings))


@filters.command()
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder for the classifier.  [default: models/NAME]",
)
def train(recipe: Path, out: Path | None) -> None:
    """Train a classifier, of quality or of toxicity, on the labelled files that RECIPE names."""
    from taojin.pipeline import training_recipe
    from taojin.pipeline.train_classifier import train as train_classifier

    chosen = training_recipe.load(recipe)
    click.echo(train_classifier(chosen, out or Path("models") / chosen.name))


@filters.command()
@click.argument("file", type=click.Path(path_type=Path))
@RECIPE
@click.option(
    "--model",
    type=click.Path(path_type=Path),
    help="Folder of a classifier.  [default: those that the recipe names]",
)
@click.option("--column", default="text", show_default=True, help="Column of the text.")
@click.option(
    "--kind", default="web", show_default=True, help="Kind of source whose bounds are meant."
)
@click.option(
    "--filter",
    "names",
    multiple=True,
    help="Filter whose rules apply; may be repeated.  [default: those of the recipe]",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON Lines.")
@click.option("--fail", is_flag=True, help="Exit with status 1 if any text is caught.")
def score(
    file: Path,
    recipe: Path | None,
    model: Path | None,
    column: str,
    kind: str,
    names: tuple[str, ...],
    as_json: bool,
    fail: bool,
) -> None:
    """Score every text of FILE, and name every rule of the recipe that catches it."""
    from taojin.pipeline import kinds
    from taojin.pipeline import recipe as recipes
    from taojin.pipeline.score import entries, scorer

    chosen = recipes.load(recipe) if recipe else recipes.defaults()
    judge = scorer(chosen, model, names, kind)
    for warning in kinds.warnings(judge.recipe, [kind]):
        click.echo(f"warning   {warning['en']}", err=True)
    caught = False
    for one in judge.judge(entries(file, column)):
        click.echo(one.as_json() if as_json else one.as_text())
        caught = caught or one.is_caught
    if fail and caught:
        raise SystemExit(1)
