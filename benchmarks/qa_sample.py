"""Pairs drawn at random to be judged by hand: a hundred Chinese and a hundred English ones.

`python -m benchmarks.qa_sample --seed 1` prints one JSON object a line, drawn from what is left of
all documents and all contexts after questions asked twice are gone; with `--figures` it prints the
share of good ones in `qa_verdicts.jsonl`, the verdicts on the sample that stands.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from benchmarks.harness import LANGUAGES, Bench, documents, read_jsonl
from benchmarks.qa import GOLD, contexts
from taojin.pipeline.qa.offline.generate import generate
from taojin.pipeline.qa.questions import distinct

EACH = 100
VERDICTS = Path(__file__).parent / "qa_verdicts.jsonl"


def drawn(bench: Bench, seed: int) -> Iterator[dict[str, str]]:
    """EACH pairs of either language, without their evidence but for the answer."""
    for language in LANGUAGES:
        rows = documents(bench.rows(f"docs_{language}/docs_{language}.jsonl.zst"))
        sets = [name for name in GOLD if name.startswith(language)]
        tables = [rows, *(contexts(bench, GOLD[name])[0] for name in sets)]
        pairs = distinct(generate(pl.concat(tables))).sort("qa_id")
        chosen = random.Random(seed).sample(range(pairs.height), EACH)
        for row in pairs[sorted(chosen)].iter_rows(named=True):
            names = ("qa_id", "doc_id", "lang", "layer", "kind", "question", "answer")
            yield {name: row[name] for name in names}


def figures(path: Path) -> dict[str, float]:
    """The share of good pairs of a file of verdicts, by language and of all."""
    rows = list(read_jsonl(path))
    seen = Counter(row["lang"][:2] for row in rows)
    good = Counter(row["lang"][:2] for row in rows if row["verdict"] == "good")
    shares = {language: good[language] / seen[language] for language in sorted(seen)}
    return {**shares, "all": good.total() / seen.total()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="test data")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--figures", action="store_true", help="what the verdicts say")
    arguments = parser.parse_args()
    if arguments.figures:
        print(json.dumps(figures(VERDICTS)))
        return
    for row in drawn(Bench(arguments.data, Path(".peers")), arguments.seed):
        print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main()
