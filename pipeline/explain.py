"""`taojin explain`: one document's life, out of the tables of a finished run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from taojin.core.errors import UserError
from taojin.pipeline.report.bounds import parse, read_bounds
from taojin.pipeline.report.tables import read_json
from taojin.pipeline.steps.quantile import REASON


def finished(run: Path) -> Path:
    """The folder of a run that has a ledger; UserError for any other."""
    if not (run / "ledger.parquet").is_file():
        raise UserError(f"{run}: no finished run here; name the folder of one")
    return run


def explain(run: Path, key: str) -> str:
    """Where the document came from, its edits, every broken bound, its cluster and its questions.

    `key` is its doc_id or the beginning of it, or a part of its file name or URL that no other has.
    """
    doc_id = _one(finished(run), key)
    (row,) = pl.scan_parquet(run / "ledger.parquet").filter(doc_id=doc_id).collect().to_dicts()
    told = [_line("document", doc_id), _line("fate", _fate(row))]
    if row["fate"] == "quarantined":
        return "\n".join([*told, *_quarantine(run, doc_id)])
    return "\n".join([*told, *_document(run, row)])


def _one(run: Path, key: str) -> str:
    """The doc_id that a key stands for; UserError if none or more than one fits."""
    ledger = pl.scan_parquet(run / "ledger.parquet")
    by_id = ledger.filter(pl.col("doc_id").str.starts_with(key)).select("doc_id", where="source")
    found = by_id.collect() if set(key) <= set("0123456789abcdef") else _places(run, key)
    if found.height == 1:
        return str(found["doc_id"][0])
    if found.is_empty():
        raise UserError(f"{key}: no such document; give its id, or a part of its file name or URL")
    some = ", ".join(f"{doc_id[:12]} ({where})" for doc_id, where in found.head(5).iter_rows())
    raise UserError(f"{key}: {found.height} documents fit; among them {some}")


def _places(run: Path, key: str) -> pl.DataFrame:
    """(doc_id, where) of the documents whose file or URL holds the key."""
    source = pl.col("source").struct
    place = pl.concat_str(
        source.field("uri"), source.field("position"), source.field("url"), separator=" "
    )
    tables = [
        pl.scan_parquet(run / folder / "*.parquet").select("doc_id", where=place)
        for folder in ("documents", "dropped")
    ]
    damaged = pl.scan_parquet(run / "quarantine" / "*.parquet").select("doc_id", where="uri")
    every = pl.concat([*tables, damaged])
    return every.filter(pl.col("where").str.contains(key, literal=True)).sort("doc_id").collect()


def _line(name: str, value: object) -> str:
    return f"{name:<12}{value}"


def _fate(row: Mapping[str, object]) -> str:
    where = "" if row["fate"] == "kept" else f" at {row['stage']}"
    return f"{row['fate']}{where}, {row['units']:,} units, {row['size_bytes']:,} bytes"


def _quarantine(run: Path, doc_id: str) -> list[str]:
    row = _find(run / "quarantine", doc_id)
    if row is None:
        return []
    return [
        _line("from", f"{row['uri']} at {row['position']}"),
        _line("cause", f"{row['cause']}: {row['detail']}" if row["detail"] else row["cause"]),
    ]


def _document(run: Path, row: Mapping[str, object]) -> list[str]:
    """The lines for a document that was read; for a record that is none, its reason."""
    found = _find(run / ("documents" if row["fate"] == "kept" else "dropped"), str(row["doc_id"]))
    reasons: list[str] = row["reasons"]  # type: ignore[assignment]
    if found is None:
        return [_line("reason", reason) for reason in reasons]
    source = found["source"]
    origin = [
        _line("from", f"{source['uri']} at {source['position']} ({source['kind']})"),
        *([_line("url", source["url"])] if source["url"] else []),
        *([_line("title", source["title"])] if source["title"] else []),
        _line("language", f"{found['lang']} ({found['lang_score']:.2f})"),
    ]
    return [
        *origin,
        *_edits(run, str(row["doc_id"])),
        *(_line("reason", _reason(reason, found, run)) for reason in reasons),
        *_contamination(run, str(row["doc_id"])),
        *_cluster(run, str(row["doc_id"])),
        *_questions(run, str(row["doc_id"])),
    ]


def _find(folder: Path, doc_id: str) -> dict[str, Any] | None:
    rows = pl.scan_parquet(folder / "*.parquet").filter(doc_id=doc_id).collect()
    return rows.row(0, named=True) if rows.height else None


def _noted(run: Path) -> Any:
    """The bounds that the run has noted; None for an older one."""
    return read_json(run / "report" / "bounds.json")


def _reason(reason: str, document: Mapping[str, Any], run: Path) -> str:
    """The broken bound with the document's value, such as `c4.sentence_count.min  2 < 3`."""
    rule = parse(reason)
    assert rule is not None
    value = document[rule.filter][rule.metric]
    limit = read_bounds(_noted(run)).side(rule, document["lang"], document["source"]["kind"])
    sign = "<" if rule.side == "min" else ">"
    if reason == REASON and (limit is None or value >= limit):  # then it is that of a quantile
        limit, sign = _last_kept(run, document), "<="
    return f"{reason:<60}{value:.4g} {sign} {'?' if limit is None else f'{limit:.4g}'}"


def _last_kept(run: Path, document: Mapping[str, Any]) -> float | None:
    """The score of the last document that a quantile keeps of this one's source and language."""
    found = read_json(run / "report" / "keep.json") or []
    cell = (document["source"]["name"], document["lang"])
    return next((row["score"] for row in found if (row["name"], row["lang"]) == cell), None)


def _edits(run: Path, doc_id: str) -> list[str]:
    edits = pl.scan_parquet(run / "edits.parquet").filter(doc_id=doc_id).collect()
    counted = edits.group_by("step", "stage", "kind").len().sort("step", "kind")
    return [
        _line("edited", f"{stage}: {count} x {kind}")
        for _, stage, kind, count in counted.iter_rows()
    ]


def _contamination(run: Path, doc_id: str) -> list[str]:
    """The evaluation items that stand in the document, or were cut out of it, and where."""
    path = run / "contamination.parquet"
    if not path.is_file():  # an older run
        return []
    rows = pl.scan_parquet(path).filter(doc_id=doc_id).collect()
    return [
        _line(
            "cut" if row["cut"] else "holds",
            f"{row['benchmark']} {row['item']} ({row['field']}, {row['overlap']:.0%}) at "
            f"{row['start']}-{row['end']}",
        )
        for row in rows.iter_rows(named=True)
    ]


def _cluster(run: Path, doc_id: str) -> list[str]:
    clusters = pl.scan_parquet(run / "clusters.parquet").filter(doc_id=doc_id).collect()
    return [
        _line("copy of", f"{row['kept_id']} ({_likeness(row)})")
        if row["kept_id"] != doc_id or row["kept_in"]
        else _line("kept for", f"its {row['kind']} copies")
        for row in clusters.iter_rows(named=True)
    ]


def _likeness(row: Mapping[str, Any]) -> str:
    """How a member of a cluster is like the kept one, why that one stays, and where it lies."""
    alike = "" if row["jaccard"] is None else f", Jaccard {row['jaccard']:.3f}"
    reason = f"in {row['kept_in']}" if row["kept_in"] else f"kept for its {row['why']}"
    return f"{row['kind']}{alike}, {reason}"


def _questions(run: Path, doc_id: str) -> list[str]:
    """How many questions a document gave; nothing where the run stopped before it asked."""
    if not any((run / "qa").glob("*.parquet")):
        return []
    pairs = pl.scan_parquet(run / "qa" / "*.parquet").filter(doc_id=doc_id).collect()
    return [_line("questions", pairs.height)] if pairs.height else []
