import polars as pl

from taojin.core import schema
from taojin.pipeline.qa.pairs import to_dialogues

PAIR = (
    "q",
    "d",
    "h",
    "s",
    "zh-Hans",
    "facts",
    "k",
    "浮标是什么？",
    "航标",
    0,
    2,
    0.5,
    "offline/1",
    [],
    None,
)


def test_a_pair_is_a_dialogue_of_which_the_answer_is_learnt():
    dialogues = to_dialogues(pl.DataFrame([PAIR], schema=dict(schema.QA), orient="row"))
    assert dialogues.schema == pl.Schema(schema.DIALOGUE)
    assert dialogues.drop("messages").row(0) == ("q", "d", "h", "s", "zh-Hans", "facts")
    assert dialogues["messages"][0].to_list() == [
        {"role": "user", "content": "浮标是什么？", "train": False},
        {"role": "assistant", "content": "航标", "train": True},
    ]


def test_dialogues_of_nothing():
    assert to_dialogues(schema.empty(schema.QA)).is_empty()
