from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl
import pytest

from taojin.core import schema
from taojin.core.stage import ContractError, apply_edits, run
from taojin.tests.core.texts import documents

Frame = pl.DataFrame
SCORE: schema.Schema = {"score": pl.Float64}
PAIR = pl.Struct({"share": pl.Float64, "count": pl.Int64})


@dataclass(frozen=True)
class Given:
    """A stage that does what it is told."""

    does: Callable[[Frame], Frame]
    adds: Mapping[str, pl.DataType] = field(default_factory=lambda: dict(SCORE))
    name: str = "given"
    version: int = 1

    def __call__(self, found: Frame) -> Frame:
        return self.does(found)


def score(value: object, dtype: type[pl.DataType] = pl.Float64) -> pl.Expr:
    return pl.Series("score", [value] * 2 + [0.5], dtype=dtype)


def good(found: Frame) -> Frame:
    return found.with_columns(pl.lit(0.5).alias("score"))


BAD = {
    "loses": lambda found: good(found).head(2),
    "repeats": lambda found: pl.concat([good(found), good(found).head(1)]),
    "reorders": lambda found: good(found).reverse(),
    "alters": lambda found: good(found).with_columns(pl.col("text").str.to_uppercase()),
    "alters a source": lambda found: good(found).with_columns(
        pl.col("source").struct.with_fields(url=pl.lit("http://a"))
    ),
    "wrong dtype": lambda found: found.with_columns(pl.lit(1).alias("score")),
    "null": lambda found: found.with_columns(score(None)),
    "NaN": lambda found: found.with_columns(score(float("nan"))),
    "infinite": lambda found: found.with_columns(score(float("inf"))),
    "undeclared": lambda found: good(found).with_columns(pl.lit(1).alias("extra")),
    "forgets": lambda found: found,
    "drops a column": lambda found: good(found).drop("lang"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_stage_is_caught(fault: str):
    with pytest.raises(ContractError, match=r"^given: "):
        run(Given(BAD[fault]), documents(["a", "b", "c"]))


@pytest.mark.parametrize("part", [{"share": None, "count": 1}, {"share": float("nan"), "count": 1}])
def test_an_undefined_field_of_a_struct_is_caught(part: dict[str, float | None]):
    stage = Given(lambda found: found.with_columns(pl.Series("pair", [part], PAIR)), {"pair": PAIR})
    with pytest.raises(ContractError, match="share undefined in 1 documents"):
        run(stage, documents(["a"]))


def test_a_null_struct_is_caught():
    stage = Given(
        lambda found: found.with_columns(pl.lit(None, PAIR).alias("pair")), {"pair": PAIR}
    )
    with pytest.raises(ContractError, match="undefined"):
        run(stage, documents(["a"]))


def test_a_lost_document_is_told_with_numbers():
    with pytest.raises(ContractError, match="3 documents in, 2 out"):
        run(Given(BAD["loses"]), documents(["a", "b", "c"]))


def test_a_good_stage_passes_with_its_result():
    for found in (documents(["a", "b"]), documents([])):
        assert run(Given(good), found).equals(good(found))


def test_a_stage_may_set_a_column_that_it_declares():
    def again(found: Frame) -> Frame:
        return found.with_columns(pl.lit("und").alias("lang"))

    assert run(Given(again, {"lang": pl.String}), documents(["a"]))["lang"].to_list() == ["und"]


def test_nulls_of_other_columns_pass():
    """A source without a URL is no fault of the stage."""
    assert run(Given(good), documents(["a"]))["source"].struct.field("url").null_count() == 1


def edits(*rows: list[dict[str, object]]) -> pl.Series:
    return pl.Series("edits", list(rows), schema.EDITS)


def cut(start: int, end: int, to: str = "", field_: str = "text") -> dict[str, object]:
    return {"field": field_, "kind": "k", "start": start, "end": end, "replacement": to}


def test_edits_are_applied_and_recorded():
    found = documents(["金😀沙", "untouched", "河里有沙"], url="http://a/secret")
    marked = found.with_columns(
        edits([cut(1, 2, "<E>")], [], [cut(1, 3), cut(0, 2, "<X>"), cut(9, 15, "-", "url")])
    )
    changed, rows = apply_edits(marked, "mask", 2)
    assert changed["text"].to_list() == ["金<E>沙", "untouched", "<X>沙"]
    assert changed["source"].struct.field("url").to_list() == ["http://a/secret"] * 2 + [
        "http://a/-"
    ]
    assert changed.columns == found.columns and changed.schema == found.schema
    assert dict(rows.schema) == dict(schema.EDIT)
    ids = found["doc_id"].to_list()
    assert rows.rows() == [
        (ids[0], "text", 2, "mask", "k", 1, 2, 3),
        (ids[2], "text", 2, "mask", "k", 0, 3, 3),
        (ids[2], "url", 2, "mask", "k", 9, 15, 1),
    ]


def test_without_edits_the_documents_stay_and_no_row_is_written():
    for found in (documents(["a", "b"]), documents([])):
        changed, rows = apply_edits(found.with_columns(edits(*([] for _ in found["text"]))), "s", 0)
        assert changed.equals(found)
        assert rows.is_empty() and dict(rows.schema) == dict(schema.EDIT)


def test_an_edit_row_never_holds_what_was_removed():
    marked = documents(["call 13800138000 now"]).with_columns(edits([cut(5, 16, "<PHONE>")]))
    changed, rows = apply_edits(marked, "mask", 1)
    assert changed["text"].to_list() == ["call <PHONE> now"]
    assert "13800138000" not in str(rows.to_dicts()) + str(changed.to_dicts())


def test_every_table_has_an_empty_form():
    for table in (schema.DOCUMENT, schema.EDIT, schema.LEDGER, schema.QUARANTINE, schema.QA):
        assert schema.empty(table).is_empty() and dict(schema.empty(table).schema) == dict(table)
