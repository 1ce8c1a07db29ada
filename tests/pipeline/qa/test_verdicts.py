import json
from pathlib import Path

import pytest

from taojin.core.errors import UserError
from taojin.core.hashing import content_hash
from taojin.pipeline.qa.offline.generate import generate_with_rejects
from taojin.pipeline.qa.offline.settings import Settings
from taojin.pipeline.qa.verdicts import read
from tests.pipeline.qa.offline.test_generate import documents

TEXT = (
    "浮标是一种漂浮在水面上的航标，用于标示航道的边界。\n"
    "潮汐是指海水在天体引潮力作用下所产生的周期性运动。\n" + "港口概况。" * 100
)
BUOY, TIDE = "浮标是什么？", "潮汐是指什么？"


def verdicts(folder: Path, *rows: dict[str, str]):
    path = folder / "verdicts.jsonl"
    lines = [json.dumps({"content_hash": content_hash(TEXT)} | row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read(path)


def asked(said=None, using=Settings()):  # noqa: B008  # frozen
    pairs, rejected = generate_with_rejects(documents([TEXT], "zh-Hans"), using, said)
    return dict(pairs.select("question", "answer").iter_rows()), rejected


def test_rejected_pairs_leave_with_their_reason(tmp_path):
    assert {BUOY, TIDE} <= asked()[0].keys()
    said = verdicts(tmp_path, {"asked": "浮标是什么", "verdict": "reject"})
    pairs, rejected = asked(said)
    assert BUOY not in pairs and TIDE in pairs
    assert (BUOY, "verdict") in rejected.select("question", "reason").rows()


def test_an_accepted_pair_passes_what_it_fell_at(tmp_path):
    tight = Settings(units_per_pair=10_000)
    pairs, rejected = asked(using=tight)
    (fallen,) = {BUOY, TIDE} - pairs.keys()
    assert (fallen, "cap") in rejected.select("question", "reason").rows()
    pairs, rejected = asked(verdicts(tmp_path, {"asked": fallen, "verdict": "accept"}), tight)
    assert {BUOY, TIDE} <= pairs.keys()
    assert fallen not in rejected["question"].to_list()


def test_an_edit_replaces_question_and_answer(tmp_path):
    edit = {
        "asked": BUOY,
        "verdict": "edit",
        "question": "浮标用来做什么？",
        "answer": "标示航道的边界",
    }
    pairs, _ = asked(verdicts(tmp_path, edit))
    assert pairs["浮标用来做什么？"] == "标示航道的边界"
    assert BUOY not in pairs


def test_an_edited_answer_that_is_not_in_the_text_is_told(tmp_path):
    said = verdicts(tmp_path, {"asked": BUOY, "verdict": "edit", "answer": "灯塔"})
    with pytest.raises(UserError, match="line 1: the edited answer does not stand in"):
        asked(said)


def test_verdicts_on_another_text_change_nothing(tmp_path):
    other = {"content_hash": "0" * 32, "asked": BUOY, "verdict": "reject"}
    assert asked(verdicts(tmp_path, other))[0] == asked()[0]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "no JSON object"),
        ("[]", "an object of strings"),
        ('{"content_hash": "h", "asked": "q"}', "'verdict' is needed"),
        (
            '{"content_hash": "h", "asked": "q", "verdict": "good"}',
            "no verdict 'good'; known: accept",
        ),
        ('{"content_hash": "h", "asked": "q", "verdict": "edit"}', "an edit needs"),
        ('{"content_hash": "h", "asked": "q", "verdict": "accept", "why": "x"}', "no key 'why'"),
    ],
)
def test_a_line_that_is_no_verdict_is_told_with_its_number(tmp_path, line, message):
    path = tmp_path / "verdicts.jsonl"
    path.write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(UserError, match=f"verdicts.jsonl, line 2: {message}"):
        read(path)


LINE = '{"content_hash": "h", "asked": "é?", "verdict": "accept"}'


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path):
    (tmp_path / "v").write_text(LINE, encoding="utf-8-sig")
    assert len(read(tmp_path / "v")) == 1


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (LINE.encode("latin-1"), "v is not UTF-8"),
        (LINE.encode("utf-16"), "v is not UTF-8"),
        (b"[" * 100_000, "line 1: no JSON object"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path, raw, why):
    (tmp_path / "v").write_bytes(raw)
    with pytest.raises(UserError, match=why):
        read(tmp_path / "v")
