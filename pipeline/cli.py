"""The command line: verbs, flags that say where and how much, and errors in one sentence.

Everything heavy is imported inside the verb that needs it, so that `--help` answers at once.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from taojin import __version__
from taojin.core.errors import UserError
from taojin.pipeline.filter_verbs import filters
from taojin.pipeline.pii_verbs import pii
from taojin.pipeline.tokenizer_verbs import tokenizer

RUN = click.argument("run", type=click.Path(path_type=Path))
RECIPE = click.argument("recipe", required=False, type=click.Path(path_type=Path))
OUT = click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder of the run.  [default: runs/NAME]",
)


PARTITION = click.option(
    "--partition-mb",
    default=32,
    show_default=True,
    type=click.IntRange(1),
    help="Text of a partition.",
)
STEPS_HELP = "Optimiser steps."


class Verbs(click.Group):
    """Tells the user's mistakes in one sentence; a bug stays a traceback."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        with _in_one_sentence():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        try:
            with _in_one_sentence():
                return super().invoke(ctx)
        except UserError as error:
            raise click.ClickException(str(error)) from None


@contextmanager
def _in_one_sentence() -> Iterator[None]:
    """A wrong option or argument is told without the usage of its verb, by where that stands."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        if error.ctx is not None:
            said = error.format_message().rstrip(".").replace("\n", " ")
            told = f"{said}; `{error.ctx.command_path} --help` tells what there is"
            raise click.UsageError(told) from None
        raise


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="taojin")
def main() -> None:
    """Taojin 淘金: raw web crawl and documents, made into a training corpus."""


@main.command()
@RECIPE
@OUT
@click.option(
    "--workers",
    default=2,
    show_default=True,
    type=click.IntRange(0),
    help="Dask workers; 0: no Dask.",
)
@click.option("--scheduler", help="Address of a Dask scheduler to use, tcp://HOST:PORT.")
@click.option("--limit", type=click.IntRange(1), help="Records read of each file, at most.")
@click.option("--memory", default="4GiB", show_default=True, help="Memory of each worker.")
@PARTITION
@click.option("--retry-quarantine", is_flag=True, help="Read again what could not be read.")
def run(
    recipe: Path | None,
    out: Path | None,
    workers: int,
    scheduler: str | None,
    limit: int | None,
    memory: str,
    partition_mb: int,
    *,
    retry_quarantine: bool,
) -> None:
    """Run RECIPE (by default the bundled demo) and leave a dataset, a ledger and a report."""
    from taojin.pipeline import recipe as recipes
    from taojin.pipeline.curate import Where, curate
    from taojin.pipeline.progress import show
    from taojin.pipeline.summary import summary

    chosen = recipes.load(recipe)
    where = Where(
        out or Path("runs") / chosen.name,
        workers,
        scheduler,
        limit,
        memory,
        partition_mb << 20,
        retry_quarantine,
        recipe,
    )
    try:
        with show(sys.stderr) as progress:
            outcome = curate(chosen, where, progress)
    except KeyboardInterrupt:
        click.echo("Stopped: the same command goes on from what is done.", err=True)
        raise click.exceptions.Exit(130) from None
    click.echo(summary(outcome))


@main.command()
@RECIPE
@OUT
@click.option("--limit", type=click.IntRange(1), help="As it would be given to `run`.")
@PARTITION
def plan(recipe: Path | None, out: Path | None, limit: int | None, partition_mb: int) -> None:
    """Show the steps of RECIPE, which are done already, and the size of its input."""
    from taojin.pipeline import recipe as recipes
    from taojin.pipeline.plan import plan as make_plan

    chosen = recipes.load(recipe)
    folder = out or Path("runs") / chosen.name
    click.echo(make_plan(chosen, folder, limit, partition_mb << 20))


@main.command()
@RUN
def report(run: Path) -> None:
    """Draw the report of RUN again."""
    from taojin.pipeline.explain import finished
    from taojin.pipeline.report.write import write

    click.echo(f"report   {write(finished(run))}")


@main.command()
@RUN
@click.argument("document")
def explain(run: Path, document: str) -> None:
    """Tell the life of one DOCUMENT of RUN: where it came from, what it lost, why it left.

    DOCUMENT is an id, the beginning of one, or a part of a file name or URL.
    """
    from taojin.pipeline.explain import explain as tell

    click.echo(tell(run, document))


@main.command()
@RUN
@click.option("--to", required=True, metavar="FORMAT", help="Format; docs/export.md has them all.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="Folder.  [default: exports/RUN-FORMAT]"
)
@click.option("--replace", is_flag=True, help="Replace an earlier export.")
@click.option(
    "--chunk-tokens",
    default=512,
    show_default=True,
    type=click.IntRange(16),
    help="Tokens of the longest chunk.",
)
def export(run: Path, to: str, out: Path | None, *, replace: bool, chunk_tokens: int) -> None:
    """Write what RUN has made in the FORMAT of another tool, and tell what that cannot hold."""
    from taojin.pipeline.exports.export import export as write

    click.echo(write(run, to, out, replace=replace, chunk_tokens=chunk_tokens))


main.add_command(filters)
main.add_command(pii)
main.add_command(tokenizer)


@main.group()
def train() -> None:
    """Train on the dataset of a run (needs the extra `train`)."""


@train.command()
@RUN
@click.option("--steps", default=20, show_default=True, type=click.IntRange(1), help=STEPS_HELP)
@click.option("--size", default="nano", show_default=True, help="Named size of the model.")
def pretrain(run: Path, steps: int, size: str) -> None:
    """Train a small decoder on RUN's packed tokens."""
    from taojin.training.pretrain import pretrain as start
    from taojin.training.settings import PretrainSettings

    result = start(run, PretrainSettings(steps=steps, size=size), on_step=_say)
    click.echo(result)


@train.command()
@RUN
@click.option("--steps", default=5, show_default=True, type=click.IntRange(1), help=STEPS_HELP)
@click.option("--base", type=click.Path(path_type=Path), help="Checkpoint to tune.")
def sft(run: Path, steps: int, base: Path | None) -> None:
    """Tune a checkpoint on RUN's question-answer pairs by LoRA."""
    from taojin.training.settings import SftSettings
    from taojin.training.sft import sft as start

    result = start(run, SftSettings(steps=steps, base=base), on_step=_say)
    click.echo(result)


def _say(step: object) -> None:
    click.echo(str(step))


if __name__ == "__main__":
    main()
