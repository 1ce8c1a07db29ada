"""`taojin tokenizer sweep`: which vocabulary suits these texts, measured on documents held out."""

import io
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl
import xxhash
from rich.console import Console
from rich.table import Table

from taojin.core.errors import UserError
from taojin.core.storage import publish
from taojin.pipeline import places
from taojin.tokenizer.candidates import Candidate, load, own
from taojin.tokenizer.measure import Figures, Measured, measure
from taojin.tokenizer.settings import Settings
from taojin.tokenizer.train import DEFAULT, VocabularyTooLargeError, train

HELD_OUT = 10
"""One document of ten is measured and not trained on."""
SUFFIXES = (".parquet", ".jsonl", ".jsonl.zst", ".jsonl.gz", ".ndjson")
SCHEMA = {"text": pl.String, "lang": pl.String, "source": pl.String}


@dataclass(frozen=True)
class Sweep:
    """What is trained and compared."""

    sizes: Sequence[int]
    against: Sequence[Path] = ()
    sample_mb: int = 50
    settings: Settings = DEFAULT


def sizes(told: str) -> list[int]:
    """`8k,32k,50000` as numbers; UserError for what is none."""
    try:
        found = [int(float(one[:-1]) * 1000) if one.endswith("k") else int(one)
                 for one in told.lower().split(",")]  # fmt: skip
    except ValueError:
        found = []
    if not found or min(found) < 300:
        raise UserError(f"--sizes {told}: give numbers of 300 or more, such as 8k,32k")
    return sorted(set(found))


def sweep(inputs: Sequence[Path], out: Path, asked: Sweep) -> str:
    """Train each size into `out`/SIZE, write `out`/sweep.json and tell the table.

    UserError if `out` is there already, or if there are too few documents to hold some out.
    """
    places.free(out, "folder")
    others = [load(path) for path in asked.against]
    training, held_out = _split(_documents(inputs), asked.sample_mb * 1_000_000)
    found = []
    with publish(out) as folder:
        for candidate, seconds in _candidates(training, folder, asked, others):
            found.append((measure(candidate, held_out, training), seconds))
        rows = [{**asdict(one), "train_s": seconds} for one, seconds in found]
        said = {"training_bytes": _bytes(training), "held_out_bytes": _bytes(held_out)}
        text = json.dumps({**said, "tokenizers": rows}, indent=1, ensure_ascii=False)
        (folder / "sweep.json").write_text(text + "\n", encoding="utf-8")
    return f"{_tables(found)}\ntokenizers {out}"


def _candidates(
    training: pl.DataFrame, folder: Path, asked: Sweep, others: Sequence[Candidate]
) -> Iterator[tuple[Candidate, float | None]]:
    """(tokenizer, seconds of training or None), one after the other."""
    for size in asked.sizes:
        start = time.process_time()
        path = folder / str(size)
        name = f"{size:,}"
        try:
            train(training["text"], size, path, asked.settings)
        except VocabularyTooLargeError as error:
            train(training["text"], error.largest, path, asked.settings)
            name = f"{name} (filled {error.largest:,})"
        yield own(name, path), round(time.process_time() - start, 2)
    yield from ((candidate, None) for candidate in others)


def _documents(inputs: Sequence[Path]) -> pl.DataFrame:
    """text, lang and source of a run's kept documents, or of files of documents."""
    files = [file for path in inputs for file in _files(path)]
    tables = [_read(file) for file in files]
    return pl.concat([pl.DataFrame(schema=SCHEMA), *tables])


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        found = sorted((path / "documents").glob("*.parquet"))
        if not found:
            raise UserError(f"{path}: no run with documents; give the folder of one, or files")
        return found
    if not path.is_file() or not path.name.endswith(SUFFIXES):
        raise UserError(f"{path}: no file of documents; known are {', '.join(SUFFIXES)}")
    return [path]


def _read(path: Path) -> pl.DataFrame:
    is_parquet = path.suffix == ".parquet"
    table = pl.scan_parquet(path) if is_parquet else pl.read_ndjson(path).lazy()
    known = table.collect_schema()
    if known.get("text") != pl.String:
        raise UserError(f"{path}: no column `text`")
    source = pl.col("source")
    if isinstance(known.get("source"), pl.Struct):
        source = source.struct.field("name")
    given = {"lang": pl.col("lang"), "source": source}
    columns = {name: one if name in known else pl.lit("und") for name, one in given.items()}
    chosen = table.select("text", **{name: one.cast(pl.String) for name, one in columns.items()})
    return chosen.filter(pl.col("text").is_not_null()).fill_null("und").collect()


def _split(documents: pl.DataFrame, budget_bytes: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """(training, held out): by the hash of the text, up to the budget and a quarter of it."""
    hashes = [xxhash.xxh3_64_intdigest(text.encode()) for text in documents["text"]]
    ordered = documents.with_columns(hash=pl.Series(hashes, dtype=pl.UInt64)).sort("hash")
    ordered = ordered.unique("hash", keep="first", maintain_order=True)
    is_held_out = pl.col("hash") % HELD_OUT == 0
    parts = ordered.filter(~is_held_out), ordered.filter(is_held_out)
    if not all(part.height for part in parts):
        raise UserError("too few documents to hold some out; give at least a hundred")
    training, held_out = (
        part.drop("hash").filter(
            pl.col("text").str.len_bytes().cast(pl.Int64).cum_sum().shift(1, fill_value=0) < most
        )
        for part, most in zip(parts, (budget_bytes, budget_bytes // 4), strict=True)
    )
    return training, held_out


def _bytes(documents: pl.DataFrame) -> int:
    return int(documents["text"].str.len_bytes().sum())


def _tables(found: Sequence[tuple[Measured, float | None]]) -> str:
    lines = io.StringIO()
    console = Console(file=lines, width=160, no_color=True)
    head = Table("tokenizer", box=None, pad_edge=False)
    for name in ("ids", "bytes/token", "characters/token", "tokens/unit", "zh:en", "unused",
                 "undertrained", "train s", "encode MB/s"):  # fmt: skip
        head.add_column(name, justify="right")
    for one, seconds in found:
        figures = one.figures
        head.add_row(
            one.name, f"{one.size:,}", _shown(figures["bytes_per_token"]),
            _shown(figures["characters_per_token"]), _shown(figures["fertility"]),
            _shown(one.parity), f"{one.unused:,}", f"{one.undertrained:,}", _shown(seconds),
            f"{one.encode_mb_s:.1f}",
        )  # fmt: skip
    console.print(head)
    for title in ("language", "source"):
        console.print()
        console.print(_by(title, [one for one, _ in found]))
    return "\n".join(line.rstrip() for line in lines.getvalue().splitlines())


def _by(title: str, found: Sequence[Measured]) -> Table:
    table = Table(f"bytes/token by {title}", "bytes", box=None, pad_edge=False)
    for one in found:
        table.add_column(one.name, justify="right")
    groups: Sequence[Mapping[str, Figures]] = [getattr(one, f"by_{title}") for one in found]
    for name, figures in groups[0].items():
        cells = [_shown(group[name]["bytes_per_token"]) for group in groups]
        table.add_row(name, f"{figures['bytes']:,}", *cells)
    return table


def _shown(figure: float | None) -> str:
    return "" if figure is None else f"{figure:.2f}"
