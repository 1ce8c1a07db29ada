"""Builds every sample file from the manuscripts: `python -m taojin.data_samples.build`.

The built files are committed. Building again gives the same bytes with the same libraries; another
zlib or pyarrow may pack the same content differently. Needs the test extra.
"""

import argparse
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from taojin.data_samples.archives import archive
from taojin.data_samples.feed_files import feed
from taojin.data_samples.manuscripts import Manuscript, read_manuscripts
from taojin.data_samples.papers import paper
from taojin.data_samples.sites import html_page

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Placed:
    """A manuscript and where its record stands in its file."""

    manuscript: Manuscript
    position: int


def build(out: Path) -> None:
    """Writes the sample files, the evaluation questions and expected.toml below `out`."""
    manuscripts = read_manuscripts(HERE / "manuscript")
    records = [one for one in manuscripts.values() if one.file]
    placed: list[Placed] = []
    for file, group in groupby(sorted(records, key=_order), key=lambda one: one.file):
        members = list(group)
        data, positions = _file(file, members)
        _write(out / file, data)
        placed += map(Placed, members, positions)
    questions = [one for one in manuscripts.values() if one.question]
    _write(out / "evaluation/questions.jsonl", _questions(questions))
    _write(out / "expected.toml", expected(placed).encode())


def _order(manuscript: Manuscript) -> tuple[str, int, str]:
    """By file; within one, good and bad records are mixed by the hash of their names."""
    mixed = hashlib.sha256(manuscript.name.encode()).hexdigest()
    return manuscript.file, int(manuscript.order), mixed


def _file(file: str, members: list[Manuscript]) -> tuple[bytes, list[int]]:
    if file.startswith("crawl/"):
        return archive(file, members)
    if file.startswith("feeds/"):
        return feed(file, members)
    (manuscript,) = members
    return (html_page if file.startswith("pages/") else paper)(manuscript), [0]


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _questions(questions: Iterable[Manuscript]) -> bytes:
    rows = ({"question": one.question, "answer": one.answer} for one in questions)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def expected(placed: Iterable[Placed]) -> str:
    """expected.toml: one table per input record, in the order of the files.

    `position` is the byte offset of a record's gzip member, the line from 1 (of a CSV file: its
    header is line 1), the row of a Parquet file from 0, and 0 for a whole file. `reason` is one of
    a dropped document's reasons, or the cause of a quarantine; `kept_path` and `kept_position` name
    the survivor of a duplicate, `pii` the kinds that are masked, `survives` what must not be.
    """
    by_name = {one.manuscript.name: one for one in placed}
    head = "# Written by data_samples/build.py from the manuscripts."
    return "\n\n".join([head, *(_table(one, by_name) for one in by_name.values())]) + "\n"


def _table(one: Placed, by_name: Mapping[str, Placed]) -> str:
    values: dict[str, object] = {
        "source": one.manuscript.source,
        "path": one.manuscript.file,
        "position": one.position,
        "name": one.manuscript.name,
        "lang": one.manuscript.lang,
        "fate": one.manuscript.fate,
        "reason": one.manuscript.reason,
        "why": one.manuscript.why,
        "pii": list(one.manuscript.pii),
        "survives": list(one.manuscript.survives),
    }
    if one.manuscript.fate == "dropped" and one.manuscript.copy_of:
        survivor = by_name[one.manuscript.copy_of]
        values |= {"kept_path": survivor.manuscript.file, "kept_position": survivor.position}
    # a JSON string or list is a TOML string or list too
    lines = [
        f"{key} = {json.dumps(value, ensure_ascii=False)}"
        for key, value in values.items()
        if value not in ("", [])
    ]
    return "\n".join(["[[document]]", *lines])


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE, help="where the files go")
    build(parser.parse_args().out)


if __name__ == "__main__":
    main()
