"""What becomes of the records of damaged, mislabelled and oddly encoded archives.

`met`: share of the expected outcomes that come true. A page is judged by its decoded text, not by
its main content: the snippets that are looked for are often front matter. `quarantined`: cases not
met whose file has a quarantine row that says so; `unexplained`: those without one. `met_by_file`
counts both per file.
"""

import gzip
import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.harness import Bench, Result, Row, main
from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import Damaged, Entry, ReadOptions, Record
from taojin.pipeline.ingest.web import extraction

_CHARSET = re.compile(rb"""<meta[^>]*charset=["']?([\w-]+)""", re.I)
_SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "windows-1252"}


def measure(bench: Bench) -> Result:
    rows = bench.rows("warc/built/expected.jsonl")
    folder = bench.data / "warc"
    with _whole_pages():
        names = sorted({row["file"] for row in rows})
        files = {name: list(read(str(folder / name), ReadOptions())) for name in names}
    pages = bench.data / "extraction" / "trafilatura" / "html"
    missed = [row for row in rows if not _is_met(row, files[row["file"]], pages)]
    told = [row for row in missed if _has_damage(files[row["file"]])]
    return {
        "met": 1 - len(missed) / len(rows),
        "unexplained": [_name(row) for row in missed if row not in told],
        "quarantined": [_name(row) for row in told],
        "records": len(rows),
        "met_by_file": {
            Path(name).name: f"{_count(rows, name) - _count(missed, name)} of {_count(rows, name)}"
            for name in names
        },
    }


@contextmanager
def _whole_pages() -> Iterator[None]:
    """Within the block the text of a page is all of it, markup too."""

    def whole(markup: str, *_: object, **__: object) -> extraction.Page:
        return extraction.Page(html.unescape(markup), extraction.About())

    original: Any = extraction.extract
    extraction.extract = whole  # type: ignore[assignment]
    try:
        yield
    finally:
        extraction.extract = original


def _is_met(row: Row, found: list[Entry], pages: Path) -> bool:
    url = row["url"].strip()
    texts = [_key(one.text) for one in found if isinstance(one, Record) and one.url == url]
    if row["outcome"].startswith("drop"):
        return not texts
    if row["outcome"].startswith(("partial", "sniff: keep or")) and not texts:
        return True
    snippet = _key(row["expected_snippet"] if "expected_snippet" in row else _page(row, pages))
    return any(snippet in text for text in texts)


def _page(row: Row, pages: Path) -> str:
    """A real page in the encoding that it declares, or as UTF-8: the one with fewest bad bytes."""
    data = gzip.decompress((pages / f"{row['extraction_file']}.gz").read_bytes())
    declared = [found.decode() for found in _CHARSET.findall(data)]
    texts = [_decoded(data, name) for name in ("utf-8-sig", *declared)]
    return html.unescape(min(texts, key=lambda text: text.count("\ufffd")))


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(_SUPERSETS.get(encoding.lower(), encoding), "replace")
    except LookupError:
        return data.decode("utf-8", "replace")


def _key(text: str) -> str:
    """Letters and digits alone: white space and replaced bytes aside."""
    return "".join(filter(str.isalnum, text))


def _has_damage(found: list[Entry]) -> bool:
    return any(isinstance(entry, Damaged) for entry in found)


def _name(row: Row) -> str:
    return f"{Path(row['file']).name}: {row['case']}, {row['outcome']}"


def _count(rows: list[Row], file: str) -> int:
    return sum(row["file"] == file for row in rows)


if __name__ == "__main__":
    main(measure, __doc__ or "")
