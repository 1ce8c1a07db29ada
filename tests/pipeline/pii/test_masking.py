"""The stage: contract, edits, counts, idempotence."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taojin.core import schema, stage
from taojin.core.errors import UserError
from taojin.pipeline.pii import search
from taojin.pipeline.pii.detectors import DEFAULT_KINDS, KINDS
from taojin.pipeline.pii.settings import Settings
from taojin.pipeline.pii.stage import DENSITY, FORBIDDEN, MaskPersonalData

SOURCE = dict.fromkeys(("uri", "url", "title", "author", "fetched_at", "mime", "licence"))


def documents(*texts: str, **source: str) -> pl.DataFrame:
    rows = [
        {
            "doc_id": str(index),
            "content_hash": "",
            "text": text,
            "source": {**SOURCE, "name": "s", "kind": "web", "position": index, **source},
            "lang": "zh-Hans",
            "lang_score": 1.0,
        }
        for index, text in enumerate(texts)
    ]
    return pl.DataFrame(rows, schema=dict(schema.DOCUMENT))


def masked(table: pl.DataFrame, masking: MaskPersonalData | None = None) -> pl.DataFrame:
    marked = stage.run(masking or MaskPersonalData(), table)
    return stage.apply_edits(marked, "pii", 1)[0]


def counts(table: pl.DataFrame) -> list[dict[str, int]]:
    """The kinds that were found in each document, and how often."""
    return [
        {
            name.removesuffix("_count"): value
            for name, value in row.items()
            if name not in (FORBIDDEN, DENSITY) and value
        }
        for row in table["pii"].to_list()
    ]


def test_masks_text_title_and_url() -> None:
    table = documents(
        "李雷，电话13812345678，身份证11010519491231002X。\n卡6214830698377651，IP 203.0.113.5",
        "nothing here",
        title="联系abc@foo.com",
        url="https://x.example/?tel=13812345678",
    )
    result = masked(table)
    assert result["text"].to_list() == [
        "李雷，电话<PHONE>，身份证<RESIDENT_ID>。\n卡<BANK_CARD>，IP <IP>",
        "nothing here",
    ]
    assert result["source"].struct.field("title").to_list() == ["联系<EMAIL>"] * 2
    assert result["source"].struct.field("url").to_list() == ["https://x.example/?tel=<PHONE>"] * 2
    assert counts(result) == [
        {"email": 1, "resident_id": 1, "bank_card": 1, "ip": 1, "phone": 2},
        {"email": 1, "phone": 1},
    ]
    told = {f"{kind}_count" for kind in DEFAULT_KINDS} | {FORBIDDEN, DENSITY}
    assert set(result["pii"].struct.fields) == told


FIELDS = {
    "uri": ("web/张三_13912345678_简历.docx", "web/张三_<PHONE>_简历.docx"),
    "fetched_at": ("2024-05-01 a@b.com", "2024-05-01 <EMAIL>"),
    "mime": ("text/html; x=13912345678", "text/html; x=<PHONE>"),
    "licence": ("CC-BY, © 李雷 110105 19491231 002X", "CC-BY, © 李雷 <RESIDENT_ID>"),
    "title": ("简历_13912345678_2024", "简历_<PHONE>_2024"),
    "author": ("李雷 (lilei@mail.com)", "李雷 (<EMAIL>)"),
    "url": ("https://a.example/张三_13912345678.pdf", "https://a.example/张三_<PHONE>.pdf"),
}


@pytest.mark.parametrize("field", FIELDS)
def test_masks_every_field_of_the_source(field: str) -> None:
    raw, clean = FIELDS[field]
    table = documents("x", "13912345678", "y", **{field: raw})
    result = masked(table)
    assert result["source"].struct.field(field).to_list() == [clean] * 3
    assert result["text"].to_list() == ["x", "<PHONE>", "y"]
    assert [sum(row.values()) for row in counts(result)] == [1, 2, 1]


def test_dates_types_and_licences_stay() -> None:
    source = {
        "fetched_at": "2024-05-01T12:34:56Z",
        "mime": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "licence": "CC-BY-SA-4.0",
        "uri": "web/2024/CC-MAIN-20240229-00012.warc.gz",
    }
    assert stage.run(MaskPersonalData(), documents("x", **source))["edits"].to_list() == [[]]


PLANTED = {
    "张三_13912345678_简历.docx": "张三_<PHONE>_简历.docx",
    "planted.filename@secretmail.com_13912345678.html": "<EMAIL>_<PHONE>.html",
    "web/a/13912345678.warc.gz": "web/a/<PHONE>.warc.gz",
    "李雷-13912345678.pdf": "李雷-<PHONE>.pdf",
    "13912345678_13812345678.txt": "<PHONE>_<PHONE>.txt",
    "IMG_13912345678_2.jpg": "IMG_<PHONE>_2.jpg",
    "11010519491231002X_张三.pdf": "<RESIDENT_ID>_张三.pdf",
    "card_6222021721665001616.txt": "card_<BANK_CARD>.txt",
    "log_203.0.113.5.txt": "log_<IP>.txt",
    "li.lei@mail.com.json": "<EMAIL>.json",
    "简历_li_lei@mail.com": "简历<EMAIL>",
    "010-62345678_合同.pdf": "<PHONE>_合同.pdf",
    "张三１３９１２３４５６７８_简历.docx": "张三<PHONE>_简历.docx",
    "张三_139\u200b12345678_简历.docx": "张三_<PHONE>_简历.docx",
}


@pytest.mark.parametrize("name", PLANTED)
def test_file_names_hold_no_personal_data(name: str) -> None:
    once = MaskPersonalData().names(pl.Series([name, None, "a.txt"]))
    assert once.to_list() == [PLANTED[name], None, "a.txt"]
    assert MaskPersonalData().names(once).equals(once)


def test_no_names_are_no_error() -> None:
    assert MaskPersonalData().names(pl.Series("uri", [], pl.String)).to_list() == []
    assert MaskPersonalData().names(pl.Series("uri", [None], pl.String)).to_list() == [None]


HARMLESS = [
    "crawl/CC-MAIN-20240229-00012.warc.gz",
    "CC-MAIN-20240229141529-20240229171529-00012.warc.wet.gz",
    "20240102030405.html",
    "doc-0012345678.pdf",
    "IMG_20240102_030405.jpg",
    "IMG_0755_20240102.jpg",
    "VID_20230115_182233_1234567890.mp4",
    "part_150_2024_0102.html",
    "report_2024-01-02_v1.2.3.tar.gz",
    "1609459200000_1609459200.json",
    "tel_2024.csv",
    "550e8400-e29b-41d4-a716-446655440000.json",
    "a3bb189a-0411-4393-8295-abcdefabcdef_2.json",
    "d41d8cd98f00b204e9800998ecf8427e.html",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.parquet",
    "000/012/345/678/original.jpg",
    "9787111547426.pdf",
    "icon@2x.png",
    "part-00000-of-00042.jsonl.zst",
    "../shared/data/a::b (1).txt",
    "",
]


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_file_names_stay(name: str) -> None:
    assert MaskPersonalData().names(pl.Series([name])).to_list() == [name]


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.uuids().map(str), st.binary(min_size=16, max_size=32).map(bytes.hex)))
def test_names_of_uuids_and_hashes_stay(name: str) -> None:
    assert MaskPersonalData().names(pl.Series([f"a/{name}.html"])).to_list() == [f"a/{name}.html"]


def test_edits_hold_places_and_never_values() -> None:
    marked = stage.run(MaskPersonalData(), documents("😀 a@b.com", "x"))
    assert marked["edits"].to_list() == [
        [{"field": "text", "kind": "email", "start": 2, "end": 9, "replacement": "<EMAIL>"}],
        [],
    ]


@pytest.mark.parametrize("texts", [(), ("",), ("plain", "text")])
def test_the_contract_holds_without_personal_data(texts: tuple[str, ...]) -> None:
    marked = stage.run(MaskPersonalData(), documents(*texts))
    assert marked["edits"].to_list() == [[]] * len(texts)
    assert sum(sum(row.values()) for row in marked["pii"].to_list()) == 0


def test_count_changes_nothing_and_counts_the_same() -> None:
    table = documents("a@b.com 13812345678", "x")
    mask, count = MaskPersonalData(), MaskPersonalData(Settings(action="count"))
    assert masked(table, count)["text"].equals(table["text"])
    assert stage.run(count, table)["pii"].equals(stage.run(mask, table)["pii"])


def test_only_the_kinds_asked_for() -> None:
    result = masked(documents("a@b.com 13812345678"), MaskPersonalData(Settings(kinds=("phone",))))
    assert result["text"].item() == "a@b.com <PHONE>"
    assert result["pii"].to_list() == [{"phone_count": 1, FORBIDDEN: 0, DENSITY: 1000 / 19}]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"action": "hide"}, "pii: no action 'hide'; known: count, drop"),
        ({"kinds": ("name",)}, "pii: no kind 'name'; known: account, address, all, bank_card"),
        ({"kinds": ()}, "at least one kind"),
        ({"kinds": ("ip", "ip")}, "each once"),
        (
            {"actions": {"name": "mask"}},
            "pii.actions: no kind 'name'; known: account, address, bank_card",
        ),
        ({"actions": {"ip": "hide"}}, "pii: no action 'hide'"),
        ({"kinds": ("ip",), "actions": {"email": "drop"}}, "add it to pii.kinds"),
    ],
)
def test_a_wrong_setting_is_one_sentence(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        Settings(**arguments)  # type: ignore[arg-type]


def test_a_batch_does_not_change_what_a_document_gives() -> None:
    texts = ["电话13812345678", "x", "a@b.com\n电话：85123456", "", "卡号6214830698377651"]
    together = stage.run(MaskPersonalData(), documents(*texts))
    alone = [stage.run(MaskPersonalData(), documents(text)) for text in texts]
    for column in ("edits", "pii"):
        assert together[column].to_list() == [table[column].to_list()[0] for table in alone]


PIECES = [
    "13812345678", "010-62345678", "+86 10 6234 5678", "+41 (0)71 526 99 04", "(251)500-2136x7",
    "11010519491231002X", "6214830698377651", "6216 6178 4460 1878 400", "4222222222222",
    "203.0.113.5", "11.12.13.14", "192.168.0.1", "2001:db8::1", "a@b.com", "x%40y.org",
    "<PHONE>", "<IP>", "<BANK_CARD>", "卡", "card", "tel:", "电话：", "IP ", "版本", "转1",
    "ext. 2",
    "-", " ", ".", "/", "+", "(", ")", ":", "@", "86", "0", "1", "7", "x", "a", "\n", "，",
    "password=", "密码：", "a1b2c3d4", "DE89370400440532013000", "?token=", "postgres://a:", "://a:b1c2@",
    "jane [at] host.com", "SSN ", "536-22-8726", "943 476 5919", "Passport: ", "eyJhbGciOiJub25lIn0.e30.",
    "12 Main Street", ", Springfield, IL 62704", "Dear Jane Doe,", "<PASSWORD>", "'", ";Pwd=", "Server=",
    "１", "－",
    "https://a.b/", "office", "2020", "😀", "\u200b", "\ufeff", "\xad", "_", ".html",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = masked(documents(text, uri=text, title=text), MaskPersonalData(Settings(kinds=KINDS)))
    again = stage.run(MaskPersonalData(Settings(kinds=KINDS)), once.select(*schema.DOCUMENT))
    assert again["edits"].to_list() == [[]]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_edits_cover_what_they_count_and_never_overlap(text: str) -> None:
    marked = stage.run(MaskPersonalData(), documents(text, uri=text))
    counted = sum(counts(marked)[0].values())
    assert counted == len(marked["edits"].to_list()[0])
    for field in ("text", "uri"):
        edits = [edit for edit in marked["edits"].to_list()[0] if edit["field"] == field]
        assert_covers(edits, text)


def assert_covers(edits: list[dict[str, Any]], text: str) -> None:
    ends = [0, *(edit["end"] for edit in edits)]
    assert all(edit["start"] >= end for edit, end in zip(edits, ends, strict=False))
    assert all(edit["start"] < edit["end"] <= len(text) for edit in edits)
    assert {edit["kind"] for edit in edits} <= set(DEFAULT_KINDS)


HOSTILE = [
    "1", "1.", "1 ", "a@", "a@a.", "+1 2", "a:", "::", "13812345678-", "+44 20 7946 0958-",
    "+44 20 7946 0958 ", "4111 1111 1111 1111 ", "4111-1111-1111-1111-", "010-62345678-",
    "ip 11.12.13.14 ", "card 4222222222222 ", "fax 1234567 ", "http://a/13812345678/",
    "13812345678\u200b", "a\u200b@", "13812345678_", "_.a", "1\xad",
    "password=a1b2 ", "?token=a1b2c3d4", "DE89370400440532013000 ", "://a:b1c2@", "536-22-8726-",
    "943 476 5919 ", "postgres://a:b1c2@", "a at b dot com ", "Passport: 533401372",
]  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
def test_no_line_is_a_chain_that_masking_frees_link_by_link(
    unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One pass per link would make a line of numbers cost the square of its length."""
    passes: list[int] = []
    once = search._search
    monkeypatch.setattr(search, "_search", lambda *given: passes.append(0) or once(*given))
    text = unit * (20_000 // len(unit))
    stage.run(MaskPersonalData(), documents(text))
    assert len(passes) <= 3
    passes.clear()
    stage.run(MaskPersonalData(), documents("", uri=text))
    assert len(passes) <= 3
