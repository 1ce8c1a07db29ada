import pytest

from taojin.pipeline.qa.blocks import document
from taojin.pipeline.qa.grounding.checks import Bounds, Claim, Passage, check
from taojin.pipeline.qa.grounding.names import share_found
from taojin.pipeline.qa.grounding.support import f1, support

ZH = (
    "TiDB 是一个分布式数据库，于2015年4月创立，支持 MySQL 协议。"
    "由于采用了列式存储，它的查询吞吐量提高了百分之三，达到每秒两万五千次。"
)
EN = (
    "Redis keeps its data in memory, so that reads take less than a millisecond. "
    "The option `maxmemory` was added in March 2010 and limits it to 4 GB by default."
)


def reason(kind: str, question: str, answer: str, *evidence: str, text: str = ZH) -> str:
    lang = "zh-Hans" if text is ZH else "en"
    passage = Passage(document("d", text, "", lang), introduction="指南")
    return check(Claim(kind, question, answer, evidence), passage, Bounds()).reason


WHAT, SPEED = "TiDB 是什么数据库？", "TiDB 的查询吞吐量提高了多少？"
FIRST, SECOND = "TiDB 是一个分布式数据库", "由于采用了列式存储，它的查询吞吐量提高了百分之三"


@pytest.mark.parametrize(
    ("kind", "question", "answer", "evidence", "why"),
    [
        ("fact", WHAT, "TiDB 是分布式数据库。", FIRST, ""),
        ("fact", WHAT, "TiDB 是分布式数据库。", "TiDB 是一个单机数据库产品系列", "quotes"),
        ("fact", WHAT, "TiDB 是分布式数据库。", "TiDB", ""),
        ("fact", WHAT, "TiDB 是分布式数据库。", "是的", "quotes"),
        ("fact", SPEED, "查询吞吐量提高了 3%。", SECOND, ""),
        ("fact", SPEED, "查询吞吐量提高了 4%。", SECOND, "numbers"),
        ("fact", SPEED, "提高到每秒 2.5 万次。", "达到每秒两万五千次", ""),
        ("fact", "TiDB 创立于什么时候？", "于2015年4月创立。", "于2015年4月创立", ""),
        ("fact", "TiDB 创立于什么时候？", "于2015年5月创立。", "于2015年4月创立", "dates"),
        ("fact", WHAT, "PostgreSQL 分布式数据库。", FIRST, "names"),
        ("fact", WHAT, "这种产品由许多工程师共同维护至今。", FIRST, "support"),
        ("why", "TiDB 的查询吞吐量为什么提高了？", "因为数据改用列式存储，查询更快。", SECOND, ""),
        ("fact", "TiDB 的查询吞吐量怎么会提高？", "因为数据改用列式存储，查询更快。", SECOND, "support"),
        ("yes_no", "TiDB 是否支持 MySQL 协议？", "是，TiDB 支持 MySQL 协议。", "支持 MySQL 协议", ""),
        ("fact", "TiDB 是否支持 MySQL 协议？", "是，TiDB 支持 MySQL 协议。", "支持 MySQL 协议", "yes_no"),
        ("yes_no", WHAT, "TiDB 是分布式数据库。", FIRST, "yes_no"),
        ("fact", "本文介绍的 TiDB 是什么数据库？", "TiDB 是分布式数据库。", FIRST, "anaphor"),
        ("fact", "如图所示，TiDB 是什么数据库？", "TiDB 是分布式数据库，如图所示。", FIRST, "meta_reference"),
        ("fact", "它是什么数据库？", "TiDB 是分布式数据库。", FIRST, "anaphor"),
        ("fact", WHAT, "  ", FIRST, "support"),
    ],
)  # fmt: skip
def test_chinese(kind, question, answer, evidence, why):
    assert reason(kind, question, answer, evidence) == why


MEMORY, ADDED = "Redis keeps its data in memory", "maxmemory was added in March 2010"


@pytest.mark.parametrize(
    ("kind", "question", "answer", "evidence", "why"),
    [
        ("fact", "Where does Redis keep data?", "Redis keeps data in memory.", MEMORY, ""),
        ("fact", "Where does Redis keep data?", "Redis keeps data in Kafka memory.", MEMORY, "names"),
        ("fact", "When was `maxmemory` added?", "It was added in 2010-03.", ADDED, ""),
        ("fact", "When was the option maxmemory added?", "It was added in March 2010.", ADDED, ""),
        ("fact", "When was the option maxmemory added?", "It was added in April 2010.", ADDED, "dates"),
        ("fact", "What is the limit of memory in Redis?", "Limits memory to 8 GB.", ADDED, "numbers"),
        ("yes_no", "Does Redis keep data in memory?", "Yes, Redis keeps data in memory.", MEMORY, ""),
        ("fact", "Does Redis keep data in memory?", "Yes, Redis keeps data in memory.", MEMORY, "yes_no"),
        ("fact", "What does this section say about Redis?", "Redis keeps data in memory.", MEMORY, "anaphor"),
        ("fact", "Where does Redis keep data?", "Everything lives on spinning disks.", MEMORY, "support"),
    ],
)  # fmt: skip
def test_english(kind, question, answer, evidence, why):
    assert reason(kind, question, answer, evidence, text=EN) == why


def test_all_scores_are_told_whatever_the_reason():
    passage = Passage(document("d", ZH, "", "zh-Hans"))
    verdict = check(
        Claim("fact", WHAT, "PostgreSQL 有 9 个。", ["不在文中的话"]), passage, Bounds()
    )
    assert set(verdict.scores) == {"quotes", "dates", "numbers", "names", "support"}
    assert verdict.scores["numbers"] == verdict.scores["names"] == 0
    loose = Bounds(quotes=0, numbers=0, names=0, support=0)
    assert (
        check(Claim("fact", WHAT, "PostgreSQL 有 9 个。", ["不在文中的话"]), passage, loose).reason
        == ""
    )


def test_a_short_name_is_no_part_of_another_word():
    assert share_found("用 Go 写成", "MongoDB 的驱动", zh=True) == 0
    assert share_found("用 Go 写成", "以 Go 语言", zh=True) == 1


def test_code_may_stand_anywhere():
    assert share_found("时间`ΔT`内", "数据库在 ΔT 时间内", zh=True) == 1
    assert share_found("时间`ΔV`内", "数据库在 ΔT 时间内", zh=True) == 0


def test_a_number_and_a_character_alone_are_supported():
    assert support("2005 年", "成立于 2005 年", zh=True) == 1
    assert support("2005 年初", "成立于 2005 年", zh=True) == 0


def test_short_answers_are_alike_if_they_are_the_same():
    assert f1("是", "是。", zh=True) == 1 and f1("是", "否", zh=True) == 0


def test_support_and_f1_of_texts_without_terms():
    assert (
        support("", "证据", zh=True) == 0
        and f1("", "", zh=True) == 1
        and f1("答", "", zh=True) == 0
    )
    assert f1("长江发源于青藏高原", "长江发源于青藏高原", zh=True) == 1
