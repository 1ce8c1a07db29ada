"""The feeds: JSON lines (plain, gzip, Zstandard), CSV and Parquet, with columns of their own."""

import csv
import gzip
import io
import json
from collections.abc import Sequence

from taojin.data_samples.manuscripts import Manuscript, plain
from taojin.data_samples.sites import url


def feed(file: str, manuscripts: Sequence[Manuscript]) -> tuple[bytes, list[int]]:
    """The file and the position of each record: its line from 1, or its row from 0 in Parquet."""
    count = len(manuscripts)
    if file.endswith(".parquet"):
        return _parquet(manuscripts), list(range(count))
    if file.endswith(".csv"):
        return _csv(manuscripts), list(range(2, count + 2))
    data = b"".join(_json_line(manuscript) + b"\n" for manuscript in manuscripts)
    if file.endswith(".gz"):
        data = gzip.compress(data, mtime=0)
    elif file.endswith(".zst"):
        import zstandard

        data = zstandard.ZstdCompressor(level=19).compress(data)
    return data, list(range(1, count + 1))


def text(manuscript: Manuscript) -> str:
    """The text column: copies of whole files hold the title as those do."""
    whole = plain(manuscript, title=bool(manuscript.copy_of))
    match manuscript.dress:
        case "shout":
            return whole.upper().replace(" ", "  ").replace("\n\n", " \n \n\t")
        case "wide":
            return whole.translate(_WIDE).replace("\n\n", "\n\u3000\u3000")
    return whole


_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F) if chr(code).isalnum()}


def _json_line(manuscript: Manuscript) -> bytes:
    record = {
        "headline": manuscript.title,
        "link": url(manuscript),
        "body": text(manuscript),
    }
    line = json.dumps(record, ensure_ascii=False).encode()
    match manuscript.kind:
        case "bad_json":
            return line[:-20].decode(errors="ignore").encode()
        case "bad_byte":
            return line.replace(b"wind", b"w\xffnd")
    return line


def _csv(manuscripts: Sequence[Manuscript]) -> bytes:
    out = io.StringIO(newline="")
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(("subject", "address", "content"))
    rows.writerows((one.title, url(one), text(one)) for one in manuscripts)
    return out.getvalue().encode()


def _parquet(manuscripts: Sequence[Manuscript]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = pa.table(
        {
            "title": [one.title for one in manuscripts],
            "url": [url(one) for one in manuscripts],
            "text": [text(one) for one in manuscripts],
        }
    )
    out = io.BytesIO()
    pq.write_table(rows, out, compression="zstd")
    return out.getvalue()
