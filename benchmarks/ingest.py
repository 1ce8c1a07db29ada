"""How fast files become documents, on one core.

`jsonl_zst`: megabytes of text a second from compressed JSON Lines to records, by language. `warc`:
megabytes of decompressed records a second, framing and decompression alone, and `ratio` to
FastWARC over the same gzip file. `pdf`: pages a second, and `ratio` to pypdfium2's bare text.
"""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

import zstandard

from benchmarks.harness import Bench, Result, cpu_s, main, ratio, spread, text_mb
from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import ReadOptions, Record
from taojin.pipeline.ingest.stored import Stored
from taojin.pipeline.ingest.web import frames

JSONL_MB = 30
WARC_COPIES = 8
MAX_BYTES = ReadOptions().max_bytes
DOCUMENTS = {"en": "docs_en", "zh": "docs_zh"}


def measure(bench: Bench) -> Result:
    with tempfile.TemporaryDirectory() as folder:
        return {
            "jsonl_zst": {lang: _jsonl(bench, lang, Path(folder)) for lang in DOCUMENTS},
            "warc": _warc(bench, Path(folder)),
            "pdf": _pdf(bench),
        }


def _jsonl(bench: Bench, lang: str, folder: Path) -> float:
    paths = sorted((bench.data / DOCUMENTS[lang]).glob("*.jsonl.zst"))
    rows = [row for path in paths for row in bench.rows(str(path.relative_to(bench.data)))]
    rows = spread(rows, JSONL_MB)
    lines = [json.dumps({"text": row["text"]}, ensure_ascii=False) for row in rows]
    path = folder / f"{lang}.jsonl.zst"
    path.write_bytes(zstandard.compress("\n".join(lines).encode()))
    return text_mb(rows) / cpu_s(lambda: _texts(path))


def _texts(path: Path) -> int:
    return sum(len(one.text) for one in read(str(path), ReadOptions()) if isinstance(one, Record))


def _warc(bench: Bench, folder: Path) -> Result:
    from fastwarc.warc import ArchiveIterator

    whole = (bench.data / "warc" / "built" / "real_pages.warc.gz").read_bytes()
    path = folder / "pages.warc.gz"
    path.write_bytes(whole * WARC_COPIES)

    def theirs() -> int:
        with path.open("rb") as file:
            return sum(len(one.reader.read()) for one in ArchiveIterator(file, parse_http=False))

    def ours() -> int:
        with path.open("rb") as file:
            return sum(len(one.body) for one in frames.frames(Stored(file), MAX_BYTES))

    size_mb = theirs() / 1e6
    speeds = {name: size_mb / cpu_s(work) for name, work in (("ours", ours), ("fastwarc", theirs))}
    return {**speeds, "ratio": ratio(speeds["ours"], speeds["fastwarc"])}


def _pdf(bench: Bench) -> Result:
    import pypdfium2

    paths = sorted((bench.data / "office").glob("*/pdf/*.pdf"))
    read_paths = [path for path in paths if _pages(path)]
    pages = sum(map(_pages, read_paths))

    def theirs() -> int:
        count = 0
        for path in read_paths:
            document = pypdfium2.PdfDocument(path.read_bytes())
            count += sum(len(page.get_textpage().get_text_range()) for page in document)
            document.close()
        return count

    speeds = {
        "ours": pages / cpu_s(lambda: _all(read_paths), 5.0),
        "pypdfium2": pages / cpu_s(theirs, 5.0),
    }
    return {**speeds, "ratio": ratio(speeds["ours"], speeds["pypdfium2"]), "pages": pages}


def _all(paths: Sequence[Path]) -> int:
    return sum(len(list(read(str(path), ReadOptions()))) for path in paths)


def _pages(path: Path) -> int:
    """The pages of a file that both can read, 0 for another."""
    import pypdfium2

    entries = list(read(str(path), ReadOptions()))
    if not all(isinstance(one, Record) for one in entries):
        return 0
    document = pypdfium2.PdfDocument(path.read_bytes())
    try:
        return len(document)
    finally:
        document.close()


if __name__ == "__main__":
    main(measure, __doc__ or "")
