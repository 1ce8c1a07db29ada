"""The recipes of the documentation do what they say, on small corpora of their form."""

import json
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from taojin.pipeline import recipe as recipes
from taojin.pipeline.curate import Where, curate
from taojin.pipeline.pii import key

RECIPES = Path(__file__).resolve().parents[1] / "docs" / "recipes"
MORE_ZH = "".join(
    f"第{number}条说明了机器的第{number * 7}号零件怎样安装和保养，操作的人要先断开电源，再用干布把表面擦干净，最后检查螺丝是不是拧紧了。\n"
    for number in range(1, 25)
)
MORE_EN = "".join(
    f"The {number}th part of the machine is described in this section, and the people who work with "
    f"it have to read that page before they turn the power on for the {number}th time.\n"
    for number in range(1, 25)
)


def run(name: str, folder: Path, files: dict[str, str]) -> Path:
    """The run of a recipe over these files, without asking for a large vocabulary."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    table = recipes.tomllib.loads((RECIPES / name).read_text(encoding="utf-8"))
    table["sources"] = [source for source in table["sources"] if any(folder.glob(source["path"]))]
    small = {"tokenizer": {"vocabulary": 600}, "filters": {"use": []}}
    curate(recipes.parse({**table, **small}, folder), Where(folder / "run"))
    return folder / "run"


def lines(*rows: dict[str, str]) -> str:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)


def rows(*texts: str, column: str) -> str:
    return "\n".join(json.dumps({column: text}, ensure_ascii=False) for text in texts)


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.name)
def test_a_recipe_of_the_documentation_is_read(path: Path) -> None:
    recipes.load(path)


def test_a_companys_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(key.VARIABLE, "a key for the test of recipes")
    people = "联系人：李雷，电话：13912345678，邮箱 li.lei@mail.example，地址：浙江省杭州市余杭区文一西路969号。\n"
    again = "客户李雷先生，手机139-1234-5678。\n公司邮箱 info@company.example，热线400-820-8820。\n"
    folder = run(
        "company_documents_zh.toml",
        tmp_path,
        {
            "documents/合同.txt": people + MORE_ZH,
            "documents/说明.md": again + MORE_ZH.replace("机器", "水泵"),
            "tickets/a.jsonl": rows(
                f"身份证11010519491231002X\n{MORE_ZH.replace('机器', '风机')}", column="content"
            ),
        },
    )
    kept = pl.read_parquet(folder / "documents" / "*.parquet")["text"].to_list()
    assert len(kept) == 2
    contract, manual = sorted(kept, key=lambda text: "热线" in text)
    assert contract.startswith("联系人：某")
    name, phone = contract[4:6], contract.split("电话：")[1][:11]
    assert phone.startswith("000")
    assert "地址：<ADDRESS>" in contract
    assert f"客户{name}先生" in manual
    assert f"手机{phone[:3]}-{phone[3:7]}-{phone[7:]}" in manual
    assert "info@company.example，热线400-820-8820" in manual
    (dropped,) = pl.read_parquet(folder / "dropped" / "*.parquet")["drop_reasons"].to_list()
    assert dropped == ["pii.forbidden_count.max"]


def test_english_pages(tmp_path: Path) -> None:
    secret = "gh" + "p_q7Rz81LmPx04TtYb2KcVn5q7Rz81LmPx04Tt"
    folder = run(
        "web_en.toml",
        tmp_path,
        {
            "pages/a.jsonl": rows(
                f"Dear Jane Roe,\nmail us at jane@mail.example or call +44 20 7946 0958.\n{MORE_EN}",
                f"export TOKEN={secret}\n{MORE_EN.replace('machine', 'pump')}",
                "".join(f"user{number}@mail.example 203.0.113.{number}\n" for number in range(90)),
                column="text",
            )
        },
    )
    kept = pl.read_parquet(folder / "documents" / "*.parquet")["text"].to_list()
    assert [text.split("\n")[:2] for text in kept] == [
        ["Dear Jane Roe,", "mail us at <EMAIL> or call <PHONE>."]
    ]
    dropped = pl.read_parquet(folder / "dropped" / "*.parquet")["drop_reasons"].to_list()
    assert sorted(dropped) == [["pii.density.max"], ["pii.forbidden_count.max"]]


def test_an_instruction_set_is_cleaned(tmp_path: Path) -> None:
    tell = "请写出这台水泵每个月要做的三项检查，并说明为什么"
    does = "第一，检查轴承的温度，过热说明缺油；第二，检查密封圈，漏水会腐蚀电机；第三，听声音，异响说明叶轮松动。"
    english = "Explain to a new colleague how the mail of a customer is answered in this office."
    answer = (
        "First read it twice, then look the order up, and write to {} before you promise a date."
    )
    item = "哪一年人们在这个海湾的北岸第一次看见了从南方飞来的白色大鸟群？"
    steps = (
        "Open the valve slowly, wait for ten minutes, and close it when the gauge shows four bar."
    )
    follow = [
        {"instruction": tell, "input": "", "output": does},
        {"instruction": tell, "input": "", "output": does},
        {
            "instruction": f"{tell}呢？",
            "input": "",
            "output": "要看说明书第十二页到第十八页，里面写得很详细，也有图。",
        },
        {"instruction": english, "input": "", "output": answer.format("jane@mail.example")},
        {
            "instruction": english,
            "input": "",
            "output": answer.format("jane@mail.example") + " Then file it.",
        },
        {
            "instruction": item,
            "input": "",
            "output": "据当地的县志记载，那是在明朝末年的一个很冷的冬天，渔民都看见了。",
        },
        {
            "instruction": "Is the pump of the second hall on the north side running today?",
            "output": "Yes",
        },
        {
            "instruction": "How is the boiler in the cellar filled after the winter?",
            "output": steps,
        },
        {"instruction": "Nothing was ever answered to this one."},
    ]
    folder = run(
        "instruction_set_zh_en.toml",
        tmp_path,
        {
            "instructions/a.jsonl": lines(*follow),
            "evaluation/a.jsonl": lines({"question": item, "answer": "明朝末年"}),
        },
    )
    ledger = pl.read_parquet(folder / "ledger.parquet")
    fates = ledger.group_by("fate").len().sort("fate").rows()
    assert fates == [("dropped", 3), ("kept", 5), ("quarantined", 1)]
    reasons = sorted(ledger["reasons"].explode().drop_nulls())
    assert reasons == [
        "decontamination.overlap.max", "dedup.exact.max", "dedup.near.max", "ingest.missing_text",
    ]  # fmt: skip
    left_out = pl.read_parquet(folder / "left_out" / "*.parquet")
    assert sorted(left_out["reason"]) == ["length", "repeated"]
    dialogues = pl.read_parquet(folder / "dialogues" / "*.parquet")
    said = {m[0]["content"]: m[1]["content"] for m in dialogues["messages"].to_list()}
    assert len(said) == 3
    assert said["How is the boiler in the cellar filled after the winter?"] == steps
    masked = [one for one in (*said, *said.values()) if "First read it twice" in one]
    assert masked
    assert all("<EMAIL>" in one for one in masked)
    assert "jane@mail.example" not in str(said)
    assert item not in str(said)
    for split in ("train", "validation"):
        (tokens,) = (folder / "dataset" / "pretrain" / split).glob("*.arrow")
        with pa.memory_map(str(tokens)) as file:
            assert pa.ipc.open_stream(file).read_all().num_rows == 0
