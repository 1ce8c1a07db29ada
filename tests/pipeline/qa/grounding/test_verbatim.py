import polars as pl

from taojin.core import schema
from taojin.pipeline.qa.grounding.checks import Bounds, Claim, Passage, check
from taojin.pipeline.qa.grounding.verbatim import PASSES, verbatim
from taojin.pipeline.qa.offline.generate import generate
from tests.pipeline.qa.endpoint.conftest import documents

TEXT = "# 航标\n\n航标是指设在水上或岸边、为船舶指示航道的标志。\n\n浮标是一种漂浮在水面上的航标。"


def test_pairs_to_the_letter_pass_the_checks_whose_scores_they_have():
    pairs = generate(documents(TEXT))
    assert pairs.height and dict(pairs.schema) == dict(schema.QA)
    from taojin.pipeline.qa.blocks import document

    passage = Passage(document("d0", TEXT, "", "zh-Hans"))
    for row in pairs.rows(named=True):
        assert row["quotes"] == [{"start": row["evidence_start"], "end": row["evidence_end"]}]
        scores = check(
            Claim("fact", row["question"], row["answer"], [row["answer"]]), passage, Bounds()
        ).scores
        assert row["scores"] == scores | dict.fromkeys(PASSES)


def test_no_pairs_are_none():
    assert verbatim(pl.DataFrame(schema=dict(schema.QA)).drop("quotes", "scores")).is_empty()
