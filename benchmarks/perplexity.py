"""Whether the n-gram model tells prose from what was made of it, and how fast it is.

Every document is scored by a model that has read nothing of its source: five folds, one for each
source of the curated prose, trained on all other sources of the documentation. `auc` is the share
of the pairs of curated prose and a made kind that the metric puts right (a gain above, bits below),
per language and, `pooled`, in one ranking of both; `auc_few` the same with 30 documents to train
on. `registers` shows other kinds of text under a model of none of these sources and of no poetry.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from scipy.stats import rankdata

from benchmarks.harness import Bench, Result, Row, cpu_s, main, mb_s, text_mb
from taojin.filters import perplexity
from taojin.filters.perplexity import METRICS, Settings

FOLDS = (
    "LCTT/TranslateProject",
    "LawRefBook/Laws",
    "Snailclimb/JavaGuide",
    "kubernetes/enhancements",
    "python/peps",
)
LOW_IS_GOOD = ("bits_per_unit",)
SHORT = "poetry|tldr"
"""Sources whose documents are a few lines: none of the 30."""
FEW = 30


def measure(bench: Bench) -> Result:
    documents = pl.concat(
        pl.DataFrame(bench.rows(f"docs_{lang}/docs_{lang}.jsonl.zst")).select(
            "text", "source", "lang", pl.lit("documents").alias("kind")
        )
        for lang in ("en", "zh")
    )
    quality = pl.DataFrame(bench.rows("quality/quality.jsonl.zst"))
    with tempfile.TemporaryDirectory() as folder:
        models = {source: Path(folder) / source.replace("/", "_") for source in FOLDS}
        for source, path in models.items():
            others = documents.filter(pl.col("source") != source)
            perplexity.train(others["text"], path, Settings())
        full, few = _scored(quality, models), _scored(quality, _few(documents, folder))
        other = Path(folder) / "other"
        train_s = cpu_s(lambda: perplexity.train(_other(documents)["text"], other, Settings()))
        return {
            "auc": _aucs(full),
            "auc_few": _aucs(few),
            "by_source": _quantiles(full.filter(pl.col("kind").is_in(SHOWN)), "source"),
            "registers": _quantiles(_registers(bench, quality, documents, other), "kind"),
            "model_mb": other.stat().st_size / 1e6,
            **_speeds(documents, other),
            "train_mb_s": text_mb(_other(documents)) / train_s,
        }


SHOWN = ("curated_prose", "made_shuffled_words")


def _other(documents: pl.DataFrame) -> pl.DataFrame:
    """Documents of sources that no curated prose is taken from, poetry left out too."""
    return documents.filter(
        ~pl.col("source").is_in(FOLDS), ~pl.col("source").str.contains("poetry")
    )


def _few(documents: pl.DataFrame, folder: str) -> dict[str, Path]:
    """A model of 30 documents of other sources for every fold, one in so many of them."""
    models = {}
    for source in FOLDS:
        others = documents.filter(
            pl.col("source") != source, ~pl.col("source").str.contains(SHORT)
        )["text"]
        models[source] = Path(folder) / f"few-{source.replace('/', '_')}"
        few = others.gather_every(len(others) // FEW)
        perplexity.train(few, models[source], Settings())
    return models


def _with_scores(texts: pl.DataFrame, model: Path) -> pl.DataFrame:
    found = perplexity.scores(model, texts["text"])
    return texts.with_columns(
        pl.Series(name, found[:, number]) for number, name in enumerate(METRICS)
    )


def _scored(quality: pl.DataFrame, models: dict[str, Path]) -> pl.DataFrame:
    return pl.concat(
        _with_scores(quality.filter(pl.col("source") == source), model)
        for source, model in models.items()
    )


def _aucs(scored: pl.DataFrame) -> Result:
    kinds = sorted(kind for kind in scored["kind"].unique() if kind.startswith("made_"))
    languages = {"en": ["en"], "zh": ["zh"], "pooled": ["en", "zh"]}
    return {
        metric: {
            kind: {
                name: _auc(scored.filter(pl.col("lang").is_in(chosen)), kind, metric)
                for name, chosen in languages.items()
            }
            for kind in kinds
        }
        for metric in METRICS
    }


def _auc(scored: pl.DataFrame, kind: str, metric: str) -> float:
    """Share of the pairs of curated prose and that kind which the metric puts right."""
    good = scored.filter(pl.col("kind") == "curated_prose")[metric]
    bad = scored.filter(pl.col("kind") == kind)[metric]
    sign = -1 if metric in LOW_IS_GOOD else 1
    ranks = rankdata(sign * pl.concat([good, bad]).to_numpy())[: len(good)]
    return float((ranks.sum() - len(good) * (len(good) + 1) / 2) / (len(good) * len(bad)))


def _registers(
    bench: Bench, quality: pl.DataFrame, documents: pl.DataFrame, model: Path
) -> pl.DataFrame:
    """Text of other kinds and languages, scored by one model."""
    texts = [
        quality.filter(~pl.col("kind").str.starts_with("made_"), pl.col("kind") != SHOWN[0]),
        *(
            documents.filter(pl.col("source").str.contains(source))
            .gather_every(12)
            .with_columns(kind=pl.col("source"))
            for source in ("chinese-poetry", "Laws")
        ),
        *(_rows(bench.rows(f"conversations/qa_{name}.jsonl.zst"), name) for name in CONTEXTS),
    ]
    columns = [part.select("text", "kind", "source", "lang") for part in texts]
    return _with_scores(pl.concat(columns), model)


CONTEXTS = ("xquad-en", "xquad-zh", "drcdtest", "xquad-de", "xquad-ru")


def _rows(rows: Sequence[Row], kind: str) -> pl.DataFrame:
    contexts = dict.fromkeys(row["context"] for row in rows)
    return pl.DataFrame(
        {"text": list(contexts), "kind": kind, "source": "Wikipedia", "lang": "und"}
    )


def _quantiles(scored: pl.DataFrame, by: str) -> Result:
    """5th, 50th and 95th percentile of every metric, as text."""
    keys = [by, "kind", "lang"] if by != "kind" else [by]
    return {
        " ".join(group): {
            metric: " / ".join(f"{part[metric].quantile(at):.2f}" for at in (0.05, 0.5, 0.95))
            for metric in METRICS
        }
        for group, part in sorted(scored.partition_by(keys, as_dict=True).items())
    }


def _speeds(documents: pl.DataFrame, model: Path) -> Result:
    """`mb_s` counts whole documents, `read_mb_s` the characters that are read of them."""
    found: Result = {"mb_s": {}, "read_mb_s": {}}
    for lang in ("en", "zh"):
        table = documents.filter(
            pl.col("lang") == lang, ~pl.col("source").str.contains(SHORT)
        ).gather_every(2)
        read = table.with_columns(pl.col("text").str.slice(0, perplexity.READ_CHARACTERS))
        speed = mb_s(lambda part: perplexity.scores(model, part["text"]), table)
        found["mb_s"][lang] = speed
        found["read_mb_s"][lang] = speed * text_mb(read) / text_mb(table)
    return found


if __name__ == "__main__":
    main(measure, __doc__ or "")
