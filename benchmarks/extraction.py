"""Main content of web pages: how much of it, how much else, how many pages per CPU second.

`f1`, `precision`, `recall`: article-extraction-benchmark's own scorer, shingles of four words, the
mean over pages. `segments_f1`: trafilatura's own evaluation, strings that must and must not be in
the text. Every engine gets the page as our ingest decodes it. `taojin` is the default engine as
the pipeline calls it, the next two are what a recipe may name instead, the rest is called directly.
Our model has learnt from these very pages: `train_content` tells how well it does on others.
"""

import gzip
import json
import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.harness import Bench, Result, f1, main
from taojin.pipeline.ingest import charset
from taojin.pipeline.ingest.records import Unreadable
from taojin.pipeline.ingest.web.extraction import extract

SHINGLE_WORDS = 4
WARM_UP_PAGES = 5
Engine = Callable[[str], str]


def measure(bench: Bench) -> Result:
    pages = articles(bench.data / "extraction" / "article-extraction-benchmark")
    strings = segments(bench.data / "extraction" / "trafilatura")
    return {"engines": {name: _judge(run, pages, strings) for name, run in _engines().items()}}


def _engines() -> dict[str, Engine]:
    import trafilatura
    from resiliparse.extract.html2text import extract_plain_text

    def run(html: str, **options: bool) -> str:
        return trafilatura.extract(html, include_comments=False, **options) or ""

    return {
        "taojin": lambda html: _ours(html, "taojin"),
        "taojin_with_trafilatura": lambda html: _ours(html, "trafilatura"),
        "taojin_with_resiliparse": lambda html: _ours(html, "resiliparse"),
        "trafilatura": run,
        "trafilatura_fast": lambda html: run(html, fast=True),
        "trafilatura_precision": lambda html: run(html, favor_precision=True),
        "resiliparse": lambda html: str(extract_plain_text(html, main_content=True)),
    }


def _ours(html: str, engine: Any) -> str:
    try:
        return extract(html, engine).text
    except Unreadable:
        return ""


def articles(folder: Path) -> list[tuple[str, str]]:
    """(page, its article's text) of every page."""
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    return [
        (_page(folder / "html" / f"{name}.html.gz"), truth[name]["articleBody"])
        for name in sorted(truth)
    ]


def segments(folder: Path) -> list[tuple[str, Mapping[str, Sequence[str]]]]:
    """(page, the strings `with` which and `without` which its text should be)."""
    wanted = json.loads((folder / "evaldata.json").read_text(encoding="utf-8"))
    return [(_page(folder / "html" / f"{row['file']}.gz"), row) for row in wanted.values()]


def _page(path: Path) -> str:
    return charset.decode(gzip.decompress(path.read_bytes()), markup=True).text


def _judge(
    engine: Engine,
    articles: Sequence[tuple[str, str]],
    segments: Sequence[tuple[str, Mapping[str, Sequence[str]]]],
) -> Result:
    pages = [page for page, _ in (*articles, *segments)]
    for page in pages[:WARM_UP_PAGES]:
        engine(page)
    start = time.process_time()
    texts = [engine(page) for page in pages]
    took_s = time.process_time() - start
    scores = [
        shingle_scores(truth, text) for (_, truth), text in zip(articles, texts, strict=False)
    ]
    precision, recall = mean_of(scores, 0), mean_of(scores, 1)
    return {
        "f1": f1(precision, recall),
        "precision": precision,
        "recall": recall,
        "segments_f1": segments_f1(
            (row["with"], row["without"], text)
            for (_, row), text in zip(segments, texts[len(articles) :], strict=True)
        ),
        "pages_s": len(pages) / took_s,
    }


def mean_of(scores: Sequence[tuple[float | None, float | None]], side: int) -> float:
    judged = (score[side] for score in scores)
    return statistics.mean(value for value in judged if value is not None)


def shingle_scores(truth: str, text: str) -> tuple[float | None, float | None]:
    """(precision, recall) over shingles with their counts; None where there are none to judge."""
    wanted, found = _shingles(truth), _shingles(text)
    both = (wanted & found).total()
    return (
        both / found.total() if found else None,
        both / wanted.total() if wanted else None,
    )


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    count = max(1, len(words) - SHINGLE_WORDS + 1)
    grams = (tuple(words[at : at + SHINGLE_WORDS]) for at in range(count))
    return Counter(gram for gram in grams if gram)


def segments_f1(rows: Iterable[tuple[Sequence[str], Sequence[str], str]]) -> float:
    """F1 over (strings wanted, strings unwanted, text) of all pages."""
    counts: Counter[str] = Counter()
    for wanted, unwanted, text in rows:
        found = sum(segment in text for segment in wanted if segment)
        counts.update(hits=found, wanted=sum(map(bool, wanted)))
        counts["given"] += found + sum(segment in text for segment in unwanted if segment)
    if not counts["hits"]:
        return 0.0
    return f1(counts["hits"] / counts["given"], counts["hits"] / counts["wanted"])


if __name__ == "__main__":
    main(measure, __doc__ or "")
