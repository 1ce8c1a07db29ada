"""Questions and answers: how many of which kind, and some with their evidence in context."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from taojin.pipeline.report.crossed import crossed
from taojin.pipeline.report.lengths import lengths
from taojin.pipeline.report.ranked import documents, mean, ranked, summed
from taojin.pipeline.report.rejected import rejected
from taojin.pipeline.report.tables import Rows, Tables
from taojin.pipeline.report.usage import usage

EXAMPLES = 16
KINDS = 30
SHOWN = 600
"""Code points of a question and of an answer."""
CONTEXT = 120
"""Code points before, between and after the quotes."""
QUOTES, QUOTE = 4, 240
"""Quotes of a pair that are marked, and code points of each that are shown."""
GROUPS = ["layer", "lang", "kind"]

Span = tuple[int, int]


def question_pairs(tables: Tables) -> dict[str, Any]:
    """Pairs by layer, kind, source, language and generator; their lengths; examples spread over
    layers; what was rejected; what a model was asked for.
    """
    measures = documents(), mean("score")
    by = {
        name: ranked(tables.qa, [name], "pairs", *measures)
        for name in ("layer", "source", "lang", "generator")
    }
    return {
        "total": summed(tables.qa, "pairs", *measures),
        **{f"by_{name}": rows for name, rows in by.items()},
        "by_kind": ranked(tables.qa, ["layer", "kind"], "pairs", *measures, most=KINDS),
        "layers_by_language": _layers(tables.qa, [row["layer"] for row in by["layer"]["rows"]]),
        "lengths": lengths(tables.qa),
        "examples": _examples(tables),
        "rejected": rejected(tables),
        "usage": usage(tables),
    }


def _layers(qa: pl.LazyFrame, order: list[str]) -> dict[str, Any]:
    keys = pl.col("layer", "lang").fill_null("")
    cells = qa.group_by(keys).agg(found=pl.len().cast(pl.Int64)).collect()
    return crossed(cells, "layer", "lang", order)


def _examples(tables: Tables) -> Rows:
    """Layers take turns, in them languages, in those kinds; then by qa_id, which is a hash."""
    lowest = pl.col("qa_id").sort().head(EXAMPLES)
    keys = [pl.col(name).fill_null("") for name in GROUPS]
    ordered = tables.qa.group_by(keys).agg(lowest).collect().explode("qa_id").sort("qa_id")
    for depth in (3, 2, 1):
        place = pl.col("qa_id").cum_count().over(GROUPS[:depth])
        ordered = ordered.with_columns(place=place).sort("place", *GROUPS[:depth], "qa_id")
    wanted = ordered["qa_id"].head(EXAMPLES)
    rows = {
        row["qa_id"]: row
        for row in tables.qa.filter(pl.col("qa_id").is_in(wanted.implode())).collect().to_dicts()
    }
    texts = _texts(tables, pl.Series([row["doc_id"] for row in rows.values()], dtype=pl.String))
    return [_example(rows[qa_id], texts.get(rows[qa_id]["doc_id"])) for qa_id in wanted]


def _texts(tables: Tables, doc_ids: pl.Series) -> dict[str, str]:
    wanted = pl.col("doc_id").is_in(doc_ids.implode())
    found = tables.documents.filter(wanted, pl.col("text").is_not_null())
    return dict(found.select("doc_id", "text").collect().iter_rows())


def _example(row: Mapping[str, Any], text: str | None) -> dict[str, Any]:
    """The pair with the `pieces` of its document around its quotes; none without a text."""
    spans = quotes_of(row, len(text)) if text is not None else []
    shown = ("qa_id", "doc_id", "source", "lang", "layer", "kind", "score", "generator")
    return {
        **{name: row[name] for name in shown},
        "question": cut(row["question"], SHOWN),
        "answer": cut(row["answer"], SHOWN),
        "pieces": list(pieces(text, spans)) if text is not None and spans else [],
    }


def quotes_of(row: Mapping[str, Any], length: int) -> list[Span]:
    """The first QUOTES stretches of the text that support the pair, in order and apart.

    The evidence where no quotes were recorded; a stretch that is not in a text of that length is
    left out.
    """
    told = [(one["start"], one["end"]) for one in row.get("quotes") or []]
    evidence = (row["evidence_start"], row["evidence_end"])
    apart: list[Span] = []
    for start, end in sorted(span for span in told or [evidence] if _stands(span, length)):
        if apart and start <= apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart[:QUOTES]


def _stands(span: tuple[int | None, int | None], length: int) -> bool:
    start, end = span
    return start is not None and end is not None and 0 <= start < end <= length


def pieces(text: str, spans: list[Span]) -> Iterator[dict[str, Any]]:
    """The text in pieces, the spans as `is_quote`; an ellipsis stands for what is left out."""
    last = 0
    for start, end in spans:
        yield _piece(_between(text[last:start], is_first=last == 0), is_quote=False)
        yield _piece(cut(text[start:end], QUOTE), is_quote=True)
        last = end
    yield _piece(cut(text[last:], CONTEXT), is_quote=False)


def _between(gap: str, *, is_first: bool) -> str:
    """What stands before a quote, and behind the one before it unless it is the first."""
    head = "" if is_first else gap[:CONTEXT]
    tail = gap[len(head) :][-CONTEXT:]
    return head + ("…" if len(head) + len(tail) < len(gap) else "") + tail


def _piece(text: str, *, is_quote: bool) -> dict[str, Any]:
    return {"text": text, "is_quote": is_quote}


def cut(text: str, most: int) -> str:
    """The text, or its first `most` code points and an ellipsis."""
    return text if len(text) <= most else f"{text[:most]}…"
