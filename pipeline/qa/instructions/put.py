"""Rows put into words: which task, which phrasing, the prompt and what is said to it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from taojin.pipeline.qa.instructions import options
from taojin.pipeline.qa.instructions.forms import FORMS, INVERTED, REASONED, Form
from taojin.pipeline.qa.instructions.templates import Phrasing, filled, joined, phrasings
from taojin.pipeline.shards.keys import uniform

MOST_LABELS = 20
"""Labels that a prompt names, unless the recipe says what they are called."""
COLUMNS = (
    "doc_id", "content_hash", "source", "lang", "task", "phrasing", "system", "prompt", "said",
    "question", "answer_part", "free", "reason",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What a recipe asks of the rows of a source; docs/recipe.md says more."""

    form: str
    description: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    first_option: int = 0
    inverted: float = 0.0
    reasoned: float = 1.0
    demonstrations: int = 0
    least_answer: int = 1
    most_answer: int | None = None


def put(rows: pl.DataFrame, asked: Asked, seed: int) -> pl.DataFrame:
    """COLUMNS of the rows (ROW) of one source, in their order.

    Where `reason` is not null a row is left out: `cut`, `empty` (a part that it needs), `label`,
    `answer` (it names no option), `length`, `language` (no phrasing). `question` is what makes two
    rows ask the same, `answer_part` the answer without a phrasing.
    """
    form = FORMS[asked.form]
    named = _named(_whole(rows.with_columns(reason=_missing(form)), form), asked)
    tasked = named.with_columns(_variant(named, asked, seed), free=pl.lit(form.free))
    worded = [_worded(*group, asked.form, seed) for group in _groups(tasked, _labels(named, asked))]
    found = pl.concat([_unworded(tasked.clear()), *worded]).sort("row")
    system = pl.coalesce("system", pl.lit(asked.description or None, pl.String)).alias("system")
    task = pl.concat_str("source", pl.lit("/"), "task").alias("task")
    answer = pl.col(form.answer).alias("answer_part")
    return found.with_columns(
        system, task, answer, _because(_is_outside(form, asked), "length")
    ).select(COLUMNS)


def _missing(form: Form) -> pl.Expr:
    needed = [
        pl.col(part).list.len() == 0 if part == "options" else pl.col(part).is_null()
        for part in form.parts
    ]
    empty = pl.any_horizontal(needed)
    return pl.when("is_cut").then(pl.lit("cut")).when(empty).then(pl.lit("empty"))


def _because(holds: pl.Expr | pl.Series, reason: str) -> pl.Expr:
    """`reason` where there is none yet."""
    other = pl.when(holds).then(pl.lit(reason))
    return pl.coalesce("reason", other).alias("reason")


def _whole(rows: pl.DataFrame, form: Form) -> pl.DataFrame:
    """With the instruction as one text, and what is asked as `question_key`.

    Of a choice that is its options too: many begin with "Which of these is true?".
    """
    asked = [pl.col(part) for part in form.asked]
    if "options" in form.parts:
        asked.append(pl.col("options").list.join("\n"))
    instruction = pl.concat_str("instruction", "input", separator="\n\n", ignore_nulls=True)
    has = pl.col("instruction").is_not_null()
    key = pl.concat_str(*asked, separator="\n", ignore_nulls=True).alias("question_key")
    return rows.with_row_index("row").with_columns(
        key, pl.when(has).then(instruction).alias("instruction")
    )


def _named(rows: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    """With labels and answers by their names; rows of which one has none get a reason."""
    if asked.form == "choice":
        found = options.resolved(rows, asked.first_option)
        return found.with_columns(_because(pl.col("letter").is_null(), "answer"))
    rows = rows.with_columns(options=pl.lit(None, pl.String), letter=pl.lit(None, pl.String))
    if not asked.labels or "label" not in FORMS[asked.form].parts:
        return rows
    names = pl.col("label").replace_strict(asked.labels, default=None, return_dtype=pl.String)
    return rows.with_columns(names).with_columns(_because(pl.col("label").is_null(), "label"))


def _labels(rows: pl.DataFrame, asked: Asked) -> Sequence[str]:
    """The names that a prompt lists: the recipe's, else those of the table if they are few."""
    if asked.labels:
        return list(dict.fromkeys(asked.labels.values()))
    found = rows.filter(pl.col("reason").is_null())["label"].drop_nulls().unique().sort()
    return found.to_list() if len(found) <= MOST_LABELS else []


def _variant(rows: pl.DataFrame, asked: Asked, seed: int) -> pl.Expr:
    """The task of each row: the form, or one of its variants, drawn by content hash."""
    hashes = rows["content_hash"]
    inverted = uniform(hashes, INVERTED, seed) < asked.inverted
    reasoned = uniform(hashes, REASONED, seed) < asked.reasoned
    with_reasons = pl.lit(reasoned) & pl.col("reasoning").is_not_null()
    return (
        pl.when(pl.lit(inverted))
        .then(pl.lit(f"{asked.form}_{INVERTED}"))
        .when(with_reasons)
        .then(pl.lit(f"{asked.form}_{REASONED}"))
        .otherwise(pl.lit(asked.form))
        .alias("task")
    )


def _groups(
    rows: pl.DataFrame, labels: Sequence[str]
) -> Iterator[tuple[pl.DataFrame, Sequence[Phrasing]]]:
    """The rows of each task and language, with the phrasings that they can take."""
    for (lang, task), group in rows.group_by("lang", "task", maintain_order=True):
        known = phrasings(str(lang))
        found = known.get(str(task), ())
        if not labels:
            found = [one for one in found if "labels" not in one.holes]
        named = joined(str(lang), labels) if found and labels else None
        yield group.with_columns(labels=pl.lit(named, pl.String)), found


def _worded(rows: pl.DataFrame, found: Sequence[Phrasing], form: str, seed: int) -> pl.DataFrame:
    """With `phrasing`, `prompt` and `said`; a variant that a language does not have is the form."""
    if not found and rows["task"][0] != form:
        known = phrasings(rows["lang"][0]).get(form, ())
        found = [one for one in known if "labels" not in one.holes or rows["labels"][0]]
        rows = rows.with_columns(task=pl.lit(form))
    if not found:
        return _unworded(rows)
    drawn = uniform(rows["content_hash"], "phrasing", seed) * len(found)
    rows = rows.with_columns(drawn.cast(pl.Int64).alias("phrasing"))
    parts = [
        _told(rows.filter(phrasing=number), filled(one.prompt), filled(one.answer))
        for number, one in enumerate(found)
    ]
    return pl.concat(parts)


def _unworded(rows: pl.DataFrame) -> pl.DataFrame:
    nothing = pl.lit(None, pl.String)
    rows = rows.with_columns(_because(pl.lit(value=True), "language"))
    return _told(rows.with_columns(phrasing=pl.lit(-1, pl.Int64)), nothing, nothing)


def _told(rows: pl.DataFrame, prompt: pl.Expr, said: pl.Expr) -> pl.DataFrame:
    """With the columns that are told; what a row is about stands before its prompt."""
    whole = pl.concat_str("context", prompt, separator="\n\n", ignore_nulls=True)
    return rows.select(
        "row", "doc_id", "content_hash", "source", "lang", "task", "phrasing", "system",
        whole.alias("prompt"), said.alias("said"), pl.col("question_key").alias("question"),
        *(pl.col(name) for name in ("answer", "label", "output", "summary")), "free", "reason",
    )  # fmt: skip


def _is_outside(form: Form, asked: Asked) -> pl.Expr:
    """Whether the answer itself is outside its bounds, whichever way round it is asked."""
    length = pl.col(form.answer).str.len_chars()
    most = asked.most_answer
    outside = length < asked.least_answer
    return outside if most is None else outside | (length > most)
