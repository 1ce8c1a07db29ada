"""The stage: contract, edits, counts, idempotence."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taojin.core import schema, stage
from taojin.core.errors import UserError
from taojin.pipeline.pii import search
from taojin.pipeline.pii.detectors import DEFAULT_KINDS, KINDS
from taojin.pipeline.pii.stage import MaskPersonalData

SOURCE = dict.fromkeys(("uri", "url", "title", "fetched_at", "mime", "licence"))


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
    assert result["pii"].to_list() == [
        {
            "email_count": 1,
            "resident_id_count": 1,
            "bank_card_count": 1,
            "ip_count": 1,
            "phone_count": 2,
        },
        {
            "email_count": 1,
            "resident_id_count": 0,
            "bank_card_count": 0,
            "ip_count": 0,
            "phone_count": 1,
        },
    ]


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
    mask, count = MaskPersonalData(), MaskPersonalData(action="count")
    assert masked(table, count)["text"].equals(table["text"])
    assert stage.run(count, table)["pii"].equals(stage.run(mask, table)["pii"])


def test_only_the_kinds_asked_for() -> None:
    result = masked(documents("a@b.com 13812345678"), MaskPersonalData(kinds=("phone",)))
    assert result["text"].item() == "a@b.com <PHONE>"
    assert result["pii"].to_list() == [{"phone_count": 1}]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"action": "hide"}, "pii: no action 'hide'; known: count, mask"),
        ({"kinds": ("name",)}, "pii: no kind 'name'; known: bank_card, email"),
        ({"kinds": ()}, "at least one kind"),
        ({"kinds": ("ip", "ip")}, "each once"),
    ],
)
def test_a_wrong_setting_is_one_sentence(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        MaskPersonalData(**arguments)  # type: ignore[arg-type]


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
    "１", "－",
    "https://a.b/", "office", "2020", "😀",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = masked(documents(text), MaskPersonalData(kinds=KINDS))
    again = stage.run(MaskPersonalData(kinds=KINDS), once.select(*schema.DOCUMENT))
    assert again["edits"].to_list() == [[]]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_edits_cover_what_they_count_and_never_overlap(text: str) -> None:
    marked = stage.run(MaskPersonalData(), documents(text))
    edits = marked["edits"].to_list()[0]
    ends = [0, *(edit["end"] for edit in edits)]
    assert all(edit["start"] >= end for edit, end in zip(edits, ends, strict=False))
    assert all(edit["start"] < edit["end"] <= len(text) for edit in edits)
    assert sum(marked["pii"].to_list()[0].values()) == len(edits)
    assert {edit["kind"] for edit in edits} <= set(DEFAULT_KINDS)


HOSTILE = [
    "1", "1.", "1 ", "a@", "a@a.", "+1 2", "a:", "::", "13812345678-", "+44 20 7946 0958-",
    "+44 20 7946 0958 ", "4111 1111 1111 1111 ", "4111-1111-1111-1111-", "010-62345678-",
    "ip 11.12.13.14 ", "card 4222222222222 ", "fax 1234567 ", "http://a/13812345678/",
]  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
def test_no_line_is_a_chain_that_masking_frees_link_by_link(
    unit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One pass per link would make a line of numbers cost the square of its length."""
    passes: list[int] = []
    once = search._search
    monkeypatch.setattr(
        search, "_search", lambda lines, kinds: passes.append(0) or once(lines, kinds)
    )
    stage.run(MaskPersonalData(), documents(unit * (20_000 // len(unit))))
    assert len(passes) <= 3
