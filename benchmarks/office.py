"""Office files, tables and damaged files: text out of the readable, a cause for the rest.

`text`: mean share of the true text (windows of five characters without white space) that is in
what is read, over the files whose true text is known. `quarantined`: share of the built files that
cannot be read (encrypted, scanned, cut, empty) that end in quarantine. `wrong`: files that end
otherwise than wanted, and why.
"""

from pathlib import Path

from benchmarks.harness import Bench, Result, Row, main
from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions, Record

WINDOW = 5
LEAST_TEXT = 0.9
"""A file with a smaller share of its true text is wrong."""
LEAST_CHARACTERS = 1 / 3
"""Of the characters, white space too, that another reader finds in a PDF."""
WITHOUT_TEXT_COLUMN = {"bad_row", "missing_text"}
"""The causes of a table's rows where no recipe has named the column that holds the text."""
UNREADABLE_NOTES = ("first 60%", "empty file", "footer cut off")


def measure(bench: Bench) -> Result:
    folder = bench.data / "office"
    rows = bench.rows("office/index.jsonl")
    found = {row["file"]: list(read(str(folder / row["file"]), ReadOptions())) for row in rows}
    known = [row for row in rows if row.get("truth") and not is_unreadable(row)]
    shares = {row["file"]: truth_share(row, found[row["file"]]) for row in known}
    lost = [row for row in rows if is_unreadable(row) and "source" not in row]
    verdicts = {row["file"]: verdict(row, found[row["file"]]) for row in rows}
    formats = sorted({Path(row["file"]).suffix for row in known})
    return {
        "text": sum(shares.values()) / len(shares),
        "text_by_format": {name: _mean(shares, name) for name in formats},
        "quarantined": sum(not verdicts[row["file"]] for row in lost) / len(lost),
        "files": len(rows),
        "wrong": [f"{file}: {why}" for file, why in verdicts.items() if why],
    }


def is_unreadable(row: Row) -> bool:
    """Whether no reader without a password or OCR can get text out of the file."""
    facts = row.get("facts", {})
    return bool(
        facts.get("needs_password")
        or facts.get("unreadable")
        or (facts.get("text_chars") == 0 and facts["pages"])
        or any(note in row.get("note", "") for note in UNREADABLE_NOTES)
    )


def verdict(row: Row, found: list[Entry]) -> str:
    """What is wrong with how the file ended; empty if nothing is."""
    records = [entry for entry in found if isinstance(entry, Record)]
    causes = {entry.cause for entry in found if isinstance(entry, Damaged)}
    if is_unreadable(row):
        # another library's verdict: one that opens the file all the same is not wrong
        return "" if causes or (records and "source" in row) else "not quarantined"
    if not records and causes and causes <= WITHOUT_TEXT_COLUMN:
        return "" if len(found) >= row.get("rows", 1) - 1 else f"{len(found)} rows told"
    if "rows" in row or "good_rows" in row:
        return _row_verdict(row, len(records))
    if "damaged in the middle" in row.get("note", ""):
        return "" if found else "no entry at all"
    if not records:
        return f"quarantined: {', '.join(sorted(causes))}" if causes else "no entry at all"
    return _text_verdict(row, found, records)


def _row_verdict(row: Row, records: int) -> str:
    """`good_rows` are the least: a reader may repair more."""
    if "good_rows" in row:
        return "" if records >= row["good_rows"] else f"{records} rows of {row['good_rows']}"
    return "" if records == row["rows"] else f"{records} rows of {row['rows']}"


def _text_verdict(row: Row, found: list[Entry], records: list[Record]) -> str:
    if row.get("truth"):
        share = truth_share(row, found)
        return "" if share >= LEAST_TEXT else f"{share:.2f} of the true text"
    wanted = row.get("facts", {}).get("text_chars") or 0
    length = sum(len(_dense(record.text)) for record in records)
    return "" if length >= wanted * LEAST_CHARACTERS else f"{length} characters of {wanted}"


def truth_share(row: Row, found: list[Entry]) -> float:
    """Share of the windows of the true paragraphs that stand in the text of the entries."""
    text = _dense("\n".join(entry.text for entry in found if isinstance(entry, Record)))
    given = {text[at : at + WINDOW] for at in range(len(text))}
    wanted = [
        dense[at : at + WINDOW]
        for dense in map(_dense, row["truth"])
        for at in range(max(1, len(dense) - WINDOW + 1))
    ]
    return sum(window in given for window in wanted) / len(wanted)


def _dense(text: str) -> str:
    return "".join(text.split())


def _mean(shares: dict[str, float], suffix: str) -> float:
    chosen = [share for file, share in shares.items() if file.endswith(suffix)]
    return sum(chosen) / len(chosen)


if __name__ == "__main__":
    main(measure, __doc__ or "")
