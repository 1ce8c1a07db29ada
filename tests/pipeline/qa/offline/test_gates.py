import pytest

from taojin.pipeline.qa.blocks import document
from taojin.pipeline.qa.offline.candidates import Candidate
from taojin.pipeline.qa.offline.gates import GATES, reason

ANSWER_ZH = "用于标示航道边界的浮动标志"
ANSWER_EN = "a floating mark that shows the edge of a channel"

CASES = [
    ("answer_length", "zh", "珠江浮标的用途是什么？", "浮" * 601),
    ("question_length", "zh", "浮标？", ANSWER_ZH),
    ("question_length", "zh", "浮标" * 30 + "是什么？", ANSWER_ZH),
    ("question_length", "en", "What is it?", ANSWER_EN),
    ("trivial_answer", "zh", "珠江浮标的用途是什么？", "无。"),
    ("trivial_answer", "en", "What is the purpose of buoys?", "N/A"),
    ("placeholder", "zh", "港务局的电话是多少？", "<PHONE>"),
    ("placeholder", "zh", "<PERSON>的职务是什么？", ANSWER_ZH),
    ("contains_answer", "zh", "珠江浮标是什么样的浮标？", "浮标"),
    ("contains_answer", "en", "What is a red buoy called?", "red buoy"),
    ("anaphor", "zh", "它的主要用途是什么？", ANSWER_ZH),
    ("anaphor", "zh", "该航标的主要用途是什么？", ANSWER_ZH),
    ("anaphor", "zh", "这些航标的用途是什么？", ANSWER_ZH),
    ("anaphor", "zh", "上述航标的用途是什么？", ANSWER_ZH),
    ("anaphor", "en", "What is this buoy used for?", ANSWER_EN),
    ("anaphor", "en", "What are they used for?", ANSWER_EN),
    ("unnamed", "zh", "我们的浮标用于什么？", ANSWER_ZH),
    ("meta_reference", "zh", "本文介绍的浮标是什么？", ANSWER_ZH),
    ("meta_reference", "zh", "如图的浮标是什么？", ANSWER_ZH),
    ("meta_reference", "en", "What is shown in Figure 3?", ANSWER_EN),
    ("meta_reference", "en", "What is this section about?", ANSWER_EN),
    ("vague", "zh", "为什么要使用？有什么优点？", ANSWER_ZH),
    ("vague", "en", "What do you need to know?", ANSWER_EN),
    ("no_question", "zh", "珠江浮标的用途与位置？", ANSWER_ZH),
    ("unbalanced", "zh", "珠江浮标（红色的用途是什么？", ANSWER_ZH),
    ("markup", "en", "What is the $x_i$ of buoys?", ANSWER_EN),
    ("unfinished", "zh", "珠江浮标的用途是什么？", "用途包括："),
]

ACCEPTED = [
    ("zh", "珠江浮标的用途是什么？", ANSWER_ZH),
    ("zh", "其他浮标的用途是什么？", ANSWER_ZH),
    ("zh", "日本的浮标由谁管理？", "海上保安厅"),
    ("zh", "Python 基本数据类型有哪些？", "整数、浮点数、字符串"),
    ("zh", "港务局的电话是多少？", "<PHONE>，工作日可以拨打"),
    ("en", "What is a red buoy used for?", ANSWER_EN),
    ("en", "How many buoys are there in the harbour?", "12"),
]


def verdict(lang: str, question: str, answer: str) -> str:
    one = document("d", f"序。{answer}", "", lang)
    candidate = Candidate("facts", "test", question, 2, 2 + len(answer), 1.0)
    return reason(one, candidate)


@pytest.mark.parametrize(("why", "lang", "question", "answer"), CASES)
def test_a_gate_names_its_reason(why, lang, question, answer):
    # `这` and the like also stand in meta references: any of the two reasons is right there
    found = verdict(lang, question, answer)
    assert found == why or {found, why} == {"anaphor", "meta_reference"}


@pytest.mark.parametrize(("lang", "question", "answer"), ACCEPTED)
def test_a_good_pair_passes_all_gates(lang, question, answer):
    assert verdict(lang, question, answer) == ""


def test_an_answer_that_stands_twice_in_its_sentence_is_no_answer():
    one = document("d", "珠江有十二座浮标，长江有十二座灯塔。湘江有十二座桥。", "", "zh")
    assert reason(one, Candidate("facts", "t", "珠江有多少座浮标？", 3, 6, 1.0)) == "span_repeated"
    assert reason(one, Candidate("facts", "t", "湘江有多少座大桥？", 21, 24, 1.0)) == ""


def test_every_gate_has_a_rejected_example():
    shown = {why for why, *_ in CASES} | {"span_repeated"}
    assert {gate.reason for gate in GATES} == shown
