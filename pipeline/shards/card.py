"""What a dataset says of itself: README.md for people, croissant.json for machines.

The card has the front matter of Hugging Face's dataset cards; the other is JSON-LD in the Croissant
format 1.0 (https://docs.mlcommons.org/croissant/docs/croissant-spec.html), which names every shard
with its size and SHA-256. Neither holds a time, a host or a path outside the dataset.
"""

import json
from pathlib import Path

import polars as pl

from taojin.core.storage import sha256

UNKNOWN = "not told"
CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "citeAs": "cr:citeAs",
    "isLiveDataset": "cr:isLiveDataset",
}
ARROW = "application/vnd.apache.arrow.stream"


def origins(documents: pl.LazyFrame) -> pl.DataFrame:
    """(source, licence, lang, documents) of kept documents, sorted."""
    named = documents.select(
        pl.col("source").struct.field("name").alias("source"),
        pl.col("source").struct.field("licence").replace("", None).fill_null(UNKNOWN),
        "lang",
    )
    counted = named.group_by("source", "licence", "lang").agg(pl.len().alias("documents"))
    return counted.collect().sort("source", "licence", "lang")


def write_card(folder: Path, name: str, found: pl.DataFrame, mix: pl.DataFrame) -> None:
    """Write README.md into a folder of datasets, from `origins` and the table of the mix."""
    langs = sorted({lang.partition("-")[0] for lang in found["lang"]} - {"und"})
    front = ["---", *_yaml("language", langs), *_yaml("license", ["other"]), "---"]
    licences = _summed(found, "source", "licence")
    shares = mix.select(
        "source",
        "documents",
        "tokens",
        "weight",
        pl.col("asked_share").round(4),
        pl.col("achieved_share").round(4),
        pl.col("epochs").round(4),
        pl.col("expected_tokens").round().cast(pl.Int64),
    )
    parts = [
        "\n".join(front),
        f"# {name}",
        "Made by Taojin. `pretrain` holds packed token ids, `sft` conversations; each opens with\n"
        "`datasets.load_from_disk`.",
        "## Sources and licences",
        _table(licences),
        "## Languages",
        _table(_summed(found, "lang")),
        "## Mix",
        "`tokens` are unique ones, `expected_tokens` those with repetition.",
        _table(shares),
    ]
    text = "\n\n".join(parts) + "\n"
    (folder / "README.md").write_text(text, encoding="utf-8", newline="\n")


def write_croissant(folder: Path, name: str, found: pl.DataFrame) -> None:
    """Write croissant.json, which names every shard in the folder."""
    licences = sorted(set(found["licence"]) - {UNKNOWN}) or [UNKNOWN]
    told = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": name,
        "description": f"{name}: packed token ids and conversations, made by Taojin.",
        "license": licences,
        "inLanguage": sorted(set(found["lang"])),
        "isLiveDataset": False,
        "distribution": [_file(path, folder) for path in sorted(folder.rglob("*.arrow"))],
    }
    text = json.dumps(told, indent=2, ensure_ascii=False) + "\n"
    (folder / "croissant.json").write_text(text, encoding="utf-8", newline="\n")


def _file(path: Path, folder: Path) -> dict[str, str]:
    place = path.relative_to(folder).as_posix()
    return {
        "@type": "cr:FileObject",
        "@id": place,
        "name": place,
        "contentUrl": place,
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": ARROW,
        "sha256": sha256(path),
    }


def _summed(found: pl.DataFrame, *columns: str) -> pl.DataFrame:
    return found.group_by(columns).agg(pl.col("documents").sum()).sort(columns)


def _yaml(name: str, values: list[str]) -> list[str]:
    """A list of short words; none without values."""
    return [f"{name}:", *(f"- {json.dumps(one)}" for one in values)] if values else []


def _table(table: pl.DataFrame) -> str:
    """Markdown; a name that would end a cell is told otherwise."""
    rows = [table.columns, ["---"] * table.width, *table.rows()]
    cells = [[" ".join(str(cell).split()).replace("|", "\\|") for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)
