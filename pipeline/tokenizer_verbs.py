"""`taojin tokenizer ...`: vocabularies compared, and one merged into a model's."""

from pathlib import Path

import click

PATH = click.Path(path_type=Path)


@click.group()
def tokenizer() -> None:
    """Compare vocabularies, or merge one into that of an existing model."""


@tokenizer.command()
@click.argument("base", type=PATH)
@click.argument("addition", type=PATH, metavar="RUN|MODEL")
@click.option("--out", type=PATH, help="Folder for the tokenizer.  [default: tokenizers/extended]")
@click.option("--every", is_flag=True, help="Add pieces without a Chinese character too.")
def extend(base: Path, addition: Path, out: Path | None, *, every: bool) -> None:
    """Append the Chinese pieces of a RUN's tokenizer, or of a MODEL, to the model file BASE."""
    from taojin.pipeline.tokenizer_extend import extend as write

    click.echo(write(base, addition, out or Path("tokenizers/extended"), every=every))


@tokenizer.command()
@click.argument("inputs", nargs=-1, required=True, type=PATH, metavar="RUN|FILES...")
@click.option(
    "--sizes",
    default="8k,16k,32k,64k,128k",
    show_default=True,
    help="Vocabularies to train, with commas between.",
)
@click.option(
    "--against",
    multiple=True,
    type=PATH,
    help="A .model or tokenizer.json to measure too; may be given several times.",
)
@click.option("--out", type=PATH, help="Folder for all of it.  [default: tokenizers/sweep]")
@click.option(
    "--sample-mb",
    default=50,
    show_default=True,
    type=click.IntRange(1),
    help="Text to train on, at most.",
)
@click.option(
    "--model",
    default="bpe",
    show_default=True,
    type=click.Choice(["bpe", "unigram", "character"]),
    help="As `tokenizer.model` of a recipe.",
)
@click.option(
    "--han",
    default="free",
    show_default=True,
    type=click.Choice(["free", "words", "bounded"]),
    help="As `tokenizer.han` of a recipe.",
)
def sweep(
    inputs: tuple[Path, ...],
    sizes: str,
    against: tuple[Path, ...],
    out: Path | None,
    sample_mb: int,
    model: str,
    han: str,
) -> None:
    """Train vocabularies of several sizes on a RUN's documents or on FILES, and compare them."""
    from taojin.pipeline import tokenizer_sweep
    from taojin.tokenizer.settings import Settings

    settings = Settings(model=model, han=han)  # type: ignore[arg-type]
    asked = tokenizer_sweep.Sweep(tokenizer_sweep.sizes(sizes), against, sample_mb, settings)
    click.echo(tokenizer_sweep.sweep(inputs, out or Path("tokenizers/sweep"), asked))
