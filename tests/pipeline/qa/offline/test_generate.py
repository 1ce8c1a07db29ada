from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest

from taojin.core import schema
from taojin.core.hashing import content_hash, doc_id
from taojin.core.text import unit_count
from taojin.pipeline.qa.offline.generate import generate, generate_with_rejects

GUIDE_ZH = """# 珠江水运手册

## 什么是水位？

水位是河流、湖泊等水体的自由水面相对于某一基面的高程，通常以米为单位，由水文站逐时记录。

## 如何申请停泊证书

申请人应当向港务局提交船舶登记证和保险单，港务局核对无误后当场发放停泊证书，有效期为一年。

## 名词

潮汐是指海水在天体引潮力作用下所产生的周期性运动。
浮标是一种漂浮在水面上的航标，用于标示航道的边界。

港务局应当自收到停泊申请之日起十五日内作出决定。
珠江海关大楼位于沿江西路29号。
珠江水运公司于1954年3月1日成立，总部设在广州。

船舶进入内港应当具备下列条件：

（一）持有有效的停泊证书；

（二）船体无泄漏；

（三）配备合格的船员。

| 船型 | 用途 | 最大长度 |
| --- | --- | --- |
| 驳船 | 运输散货与建筑材料 | 85米 |
| 拖轮船 | 牵引没有动力的驳船 | 30米 |

```
什么是代码？
代码是一种不应出现在问题里的文本。
```
"""

GUIDE_EN = """# Harbour handbook

## What is a tide table?

A tide table lists the predicted times and heights of high and low water for one port.

## How to report an oil spill

Call the harbour master on channel 12 and give the position, the size and the colour of the slick.

## Terms

A buoy is a floating mark that shows the edge of a navigable channel.
Keelage refers to a toll paid by a ship entering or anchoring in a harbour.

The Breakwater Museum was founded in 1954 by the city council. Mooring bollards are used to moor ships.

| Vessel | Purpose |
| --- | --- |
| Barge-A | Carries bulk cargo and stone |
| Tug-B | Tows vessels without engines |

```
What is code?
Code is a text that must not appear in any question.
```
"""

DIALOGUE = """问：退票需要多长时间？
答：原路退回，一般在三个工作日内到账。

Q2：港口几点开放？
A2：每天早上六点到晚上十点开放，节假日照常。
"""


def documents(texts: Sequence[str], lang: str, title: str | None = None) -> pl.DataFrame:
    rows = [
        (
            doc_id("test", lang, position),
            content_hash(text),
            text,
            {"name": "test", "kind": "web", "title": title},
            lang,
            1.0,
            None,
        )
        for position, text in enumerate(texts)
    ]
    return pl.DataFrame(rows, schema=dict(schema.DOCUMENT), orient="row")


def read(path: Path, lang: str, limit: int) -> pl.DataFrame:
    """A sample of one of the files of real documents, whichever column holds the text."""
    rows = pl.read_ndjson(path)
    texts = rows["context" if "context" in rows.columns else "text"].unique(maintain_order=True)
    return documents(texts.sample(min(limit, len(texts)), seed=7).to_list(), lang)


def asked(texts: list[str], lang: str) -> dict[str, str]:
    pairs = generate(documents(texts, lang))
    return dict(pairs.select("question", "answer").iter_rows())


def test_chinese_document_gives_the_expected_pairs():
    pairs = asked([GUIDE_ZH + "\n" + "港口概况。" * 600], "zh-Hans")
    expected = {
        "什么是水位？": "水位是河流、湖泊等水体的自由水面相对于某一基面的高程，"
        "通常以米为单位，由水文站逐时记录。",
        "如何申请停泊证书？": "申请人应当向港务局提交船舶登记证和保险单，"
        "港务局核对无误后当场发放停泊证书，有效期为一年。",
        "潮汐是指什么？": "潮汐是指海水在天体引潮力作用下所产生的周期性运动。",
        "浮标是什么？": "浮标是一种漂浮在水面上的航标，用于标示航道的边界。",
        "港务局应当自收到停泊申请之日起多少日内作出决定？": "十五日",
        "珠江海关大楼位于哪里？": "沿江西路29号",
        "珠江水运公司于哪一天成立？": "1954年3月1日",
        "船舶进入内港应当具备哪些条件？": "（一）持有有效的停泊证书；\n\n"
        "（二）船体无泄漏；\n\n（三）配备合格的船员。",
        "拖轮船的用途是什么？": "牵引没有动力的驳船",
    }
    assert expected.items() <= pairs.items()
    assert not any("代码" in question for question in pairs)


def test_english_document_gives_the_expected_pairs():
    pairs = asked([GUIDE_EN + "\n" + "The harbour is quiet today. " * 120], "en")
    expected = {
        "What is a tide table?": "A tide table lists the predicted times and heights of high and "
        "low water for one port.",
        "How do you report an oil spill?": "Call the harbour master on channel 12 and give the "
        "position, the size and the colour of the slick.",
        "What is a buoy?": "A buoy is a floating mark that shows the edge of a navigable channel.",
        "What does Keelage refer to?": "Keelage refers to a toll paid by a ship entering or "
        "anchoring in a harbour.",
        "When was the Breakwater Museum founded?": "in 1954",
        "What are Mooring bollards used for?": "to moor ships",
        "What is the purpose of Tug-B?": "Tows vessels without engines",
    }
    assert expected.items() <= pairs.items()
    assert not any("code" in question for question in pairs)


def test_question_and_answer_lines_are_mined():
    pairs = asked([DIALOGUE + "\n" + "港口概况。" * 200], "zh-Hans")
    assert pairs == {
        "退票需要多长时间？": "原路退回，一般在三个工作日内到账。",
        "港口几点开放？": "每天早上六点到晚上十点开放，节假日照常。",
    }


def test_traditional_characters_get_traditional_questions():
    text = (
        "燕鷗是一種生活在海岸邊的水鳥，以小魚為食。\n鶴慶縣位於雲南省西北部。" + "海岸概況。" * 200
    )
    assert {"燕鷗是什麼？", "鶴慶縣位於哪裡？"} <= asked([text], "zh-Hant").keys()


def test_this_law_is_named_by_its_title():
    text = "# 珠江渔港条例\n\n第二条 本条例所称渔港，是指供渔船停泊、避风和装卸渔货的港口。"
    text += "\n\n第九条 本条例自2015年1月1日起施行。\n"
    pairs = asked([text + "渔港概况。" * 200], "zh-Hans")
    assert pairs["《珠江渔港条例》自哪一天起施行？"] == "2015年1月1日"
    assert pairs["《珠江渔港条例》所称渔港是指什么？"].startswith("本条例所称渔港，是指")


def test_ambiguous_table_questions_fall_with_all_their_answers():
    table = "| 船型 | 用途 |\n| --- | --- |\n| 平底驳船 | {} |\n| 远洋拖轮 | {} |\n\n"
    text = table.format("运输散货与石料", "牵引大型船舶") + table.format(
        "运输旅客与邮件", "牵引大型船舶"
    )
    pairs, rejects = generate_with_rejects(documents([text + "概况。" * 600], "zh-Hans"))
    assert "平底驳船的用途是什么？" not in pairs["question"]
    assert "ambiguous" in rejects["reason"]


def test_a_document_keeps_one_pair_per_80_units():
    names = ("赤浮标", "绿浮标", "白浮标", "黑浮标", "黄浮标", "蓝浮标", "灰浮标", "紫浮标")
    text = "\n".join(f"{name}是一种漂浮在水面上的航标，用于标示航道的边界。" for name in names)
    units = pl.select(unit_count(pl.lit(text))).item()
    pairs, rejects = generate_with_rejects(documents([text], "zh-Hans"))
    assert pairs.height == -(-units // 80) == 3
    assert rejects.filter(pl.col("reason") == "cap").height == len(names) - pairs.height


def test_layers_take_turns():
    definitions = "\n".join(
        f"{c}浮标是一种漂浮在水面上的航标，用于标示航道的边界。" for c in "赤绿白黑黄"
    )
    text = f"{definitions}\n港务局应当自收到停泊申请之日起十五日内作出决定。\n" + "概况。" * 150
    pairs = generate(documents([text], "zh-Hans"))
    assert set(pairs["layer"]) == {"definitions", "facts"}


def test_a_question_that_does_not_find_its_chunk_is_rejected():
    noise = "浮标是什么？浮标与航标是什么关系？" * 30
    text = (
        "\n\n".join([noise] * 4)
        + "\n\n浮标是一种漂浮在水面上的航标，用于标示航道的边界。"
        + "概况。" * 200
    )
    pairs, rejects = generate_with_rejects(documents([text], "zh-Hans"))
    assert pairs.is_empty()
    assert ("definitions", "retrieval") in rejects.select("layer", "reason").rows()


@pytest.mark.parametrize("lang", ["zh-Hans", "zh-Hant", "en", "en-US"])
def test_empty_text_gives_no_pair(lang):
    assert generate(documents(["", " \n"], lang)).is_empty()


@pytest.mark.parametrize("lang", ["fr", "und", "zho"])
def test_another_language_is_one_reject(lang):
    pairs, rejects = generate_with_rejects(documents([GUIDE_EN], lang))
    assert pairs.is_empty()
    assert rejects.select("layer", "reason").rows() == [("document", "language")]


def test_columns_follow_the_schema_with_and_without_rows():
    for texts in ([], [GUIDE_ZH]):
        pairs, rejects = generate_with_rejects(documents(texts, "zh-Hans"))
        assert dict(pairs.schema) == dict(schema.QA)
        assert dict(rejects.schema) == dict(schema.QA_REJECTED)


def test_order_of_documents_changes_nothing():
    both = pl.concat([documents([GUIDE_ZH, DIALOGUE], "zh-Hans"), documents([GUIDE_EN], "en")])
    pairs, rejects = generate_with_rejects(both)
    turned = generate_with_rejects(both.reverse())
    assert pairs.equals(turned[0]) and rejects.equals(turned[1])
    assert pairs.equals(pairs.sort("doc_id", "evidence_start", "question"))
    assert pairs["qa_id"].is_unique().all()
    split = pl.concat([generate(one) for one in both.iter_slices(1)])
    assert pairs.equals(split.sort("doc_id", "evidence_start", "question"))


@pytest.mark.parametrize(
    ("file", "lang", "at_least"),
    [
        ("docs_zh/docs_zh.jsonl.zst", "zh-Hans", 20),
        ("docs_en/docs_en.jsonl.zst", "en", 20),
        ("conversations/qa_cmrc2018dev.jsonl.zst", "zh-Hans", 100),
        ("conversations/qa_drcddev.jsonl.zst", "zh-Hant", 100),
        ("conversations/qa_xquad-en.jsonl.zst", "en", 5),
    ],
)
def test_every_answer_is_verbatim_at_its_offsets(shared_data, file, lang, at_least):
    batch = read(shared_data / file, lang, 300)
    pairs = generate(batch)
    assert pairs.height >= at_least
    texts = dict(batch.select("doc_id", "text").iter_rows())
    spans = pairs.select("doc_id", "evidence_start", "evidence_end", "answer")
    assert all(texts[name][start:end] == answer for name, start, end, answer in spans.iter_rows())


def test_code_points_outside_the_basic_plane_count_once():
    text = "😀𠮷 序。\n\n潮汐是指海水在天体引潮力作用下所产生的周期性运动。"
    pairs = generate(documents([text], "zh-Hans"))
    start, end = pairs.select("evidence_start", "evidence_end").row(0)
    assert text[start:end] == pairs["answer"][0] == text.split("\n\n")[1]
