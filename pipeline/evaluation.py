"""Evaluation sets as they are published: rows of JSON Lines, CSV or Parquet to items.

The layouts: GSM8K (openai/grade-school-math), MMLU (the headerless CSV of hendrycks/test, and the
Parquet of cais/mmlu), HumanEval (openai/human-eval), C-Eval (hkust-nlp/ceval) and CMMLU
(haonan-li/CMMLU).
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

from taojin.core.errors import UserError
from taojin.dedup.evaluation.decontaminate import Item
from taojin.pipeline.ingest import charset
from taojin.pipeline.ingest.formats import format_of
from taojin.pipeline.ingest.opened import opened
from taojin.pipeline.ingest.stored import DamagedFile, Stored, pieces
from taojin.pipeline.inputs import File
from taojin.pipeline.settings.evaluation import Evaluation

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Layout:
    """The columns of a published evaluation set; `header` names those of a CSV that has none."""

    question: str
    options: tuple[str, ...] = ()
    answer: str | None = None
    id: str | None = None
    header: tuple[str, ...] = ()


_LETTERS = ("A", "B", "C", "D")
LAYOUTS: Mapping[str, Layout] = {
    "gsm8k": Layout("question", answer="answer"),
    "mmlu": Layout("question", ("choices", *_LETTERS), header=("question", *_LETTERS, "answer")),
    "humaneval": Layout("prompt", answer="canonical_solution", id="task_id"),
    "ceval": Layout("question", _LETTERS, id="id"),
    "cmmlu": Layout("Question", _LETTERS, id=""),
}


def layout_of(evaluation: Evaluation) -> Layout:
    """The layout that the recipe names, with the columns that it names instead."""
    named = LAYOUTS[evaluation.layout] if evaluation.layout else Layout("question")
    return Layout(
        evaluation.question or named.question,
        evaluation.options or named.options,
        evaluation.answer or named.answer,
        evaluation.id or named.id,
        named.header,
    )


def read_items(file: File, evaluation: Evaluation) -> Iterator[Item | None]:
    """The items of one file; None for each row whose question cannot be read.

    An item without an id is told by the file's name and the number of its row, from 1. UserError
    where no row has a question, or a column that the recipe names.
    """
    layout = layout_of(evaluation)
    found = False
    missing = _named(evaluation)
    for number, row in enumerate(_rows(file, layout), 1):
        missing -= row.keys()
        question = _text(row, layout.question)
        if question is None:
            yield None
            continue
        found = True
        told = _text(row, layout.id) if layout.id is not None else None
        yield from _items(
            row, layout, Item(question, evaluation.benchmark, told or f"{file.path}:{number}")
        )
    if not found:
        raise UserError(
            f"decontaminate.against: {file.path} has no column '{layout.question}' that can be "
            "read; name the one that holds the questions as `question`, or the `layout` of the set"
        )
    if missing:
        raise UserError(
            f"decontaminate.against: {file.path} has no column '{min(missing)}'; check the columns "
            "that the recipe names"
        )


def _named(evaluation: Evaluation) -> set[str]:
    """The columns beside the question that the recipe itself names."""
    return set(filter(None, (*evaluation.options, evaluation.answer, evaluation.id)))


def _items(row: Row, layout: Layout, question: Item) -> Iterator[Item]:
    yield question
    for column in layout.options:
        value = row.get(column)
        for option in value if isinstance(value, list) else [value]:
            if isinstance(option, str):
                yield Item(option, question.benchmark, question.id, "option")
    answer = _text(row, layout.answer) if layout.answer else None
    if answer is not None:
        yield Item(answer, question.benchmark, question.id, "answer")


def _text(row: Row, column: str) -> str | None:
    """The value of a column, a number as it is written; None for anything else."""
    value = row.get(column)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return charset.clean(value) if isinstance(value, str) and value.strip() else None


def _rows(file: File, layout: Layout) -> Iterator[Row]:
    """The rows of a file; an empty one for a row that cannot be read."""
    with opened(file.uri) as stored:
        head = stored.read(4)
        stored.seek(0)
        kind = format_of(file.uri, head)
        if kind == "parquet":
            yield from _parquet(stored, file)
            return
        data = _all(stored, file)
    if kind == "jsonl":
        yield from map(_json, filter(bytes.strip, data.split(b"\n")))
    elif kind == "csv":
        yield from _csv(charset.decode(data).text, layout)
    else:
        raise UserError(
            f"decontaminate.against: {file.path} is no table; JSON Lines, CSV and Parquet are read"
        )


def _all(stored: IO[bytes], file: File) -> bytes:
    try:
        return b"".join(pieces(Stored(stored)))
    except DamagedFile as damage:
        raise UserError(
            f"decontaminate.against: {file.path} is damaged ({damage.fault}); a part of an "
            "evaluation set would be searched for"
        ) from None


def _json(line: bytes) -> Row:
    try:
        value = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _csv(text: str, layout: Layout) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""))
    header = list(layout.header)
    for number, fields in enumerate(filter(None, reader)):
        if number == 0 and (not header or layout.question in fields):
            header = fields
        else:
            yield dict(zip(header, fields, strict=True)) if len(fields) == len(header) else {}


def _parquet(stored: IO[bytes], file: File) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        yield from pq.read_table(stored).to_pylist()
    except (pa.ArrowException, OSError):
        raise UserError(
            f"decontaminate.against: {file.path} is no Parquet file that can be read"
        ) from None
