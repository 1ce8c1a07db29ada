"""What is personal data and what only looks like it, sentence by sentence."""

import re
import time

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.pipeline.pii.characters import TWINS, normalise
from taojin.pipeline.pii.detector import Detector
from taojin.pipeline.pii.detectors import ASKED_FOR, DEFAULT_KINDS, DETECTORS, KINDS
from taojin.pipeline.pii.search import find


def found(text: str, kinds: tuple[str, ...] = DEFAULT_KINDS) -> list[tuple[str, str]]:
    detectors = [detector for detector in DETECTORS if detector.kind in kinds]
    values = find(pl.Series([text]), detectors)
    return [(value.kind, text[value.start : value.end]) for value in values]


UNSEEN = ("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\xad", "\u200b\u200b\u200e")

# Numbers are made up; check digits are right: 11010519491231002X is the standard's own example.
HITS = {
    "email": [
        "邮箱[abc@foo.com]谢谢",
        "写信给[li.lei+a@mail.example.com.cn]。",
        "Mail [bob_9@example.org], please.",
        "<[a-b@c-d.example]>",
        "mailto:[abc@foo.com]?subject=x",
        "https://x.example/?to=[abc%40foo.com]",
        "https://x.example/?u=%3Fto%3D&to=[abc%252540foo.com]",
        *(f"写信给[x.y{mark}@{mark}mail{mark}.com]{mark}。" for mark in UNSEEN),
        "邮箱：[ａｂｃ＠foo．com]。",
        "[2250@qq.com]和[x@163.com]",
    ],
    "phone": [
        "电话[13812345678]谢谢",
        "手机号：[138-1234-5678]。",
        "[+86 138 1234 5678]",
        "[008613812345678]，",
        "tel[13812345678]",
        "请拨[１３８１２３４５６７８]找张三",
        "[13812345678],[13912345678]",
        "[13812345678]-[13912345678]-[13712345678]",
        "[13812345678]/[13912345678]",
        "办公室[010-62345678]，",
        "（传真）[（0411）33938295]",
        "致电[020-60462272转6232]",
        "[0755 2345 6789]",
        "电话：[85123456]",
        "电话[01062345678]",
        "Call [+44 20 7946 0958] today",
        "[+41 (0)71 526 99 04]",
        "[+1 212 555 2368] x",
        "[(251)500-2136x739]",
        "[212-555-2368]",
        "Phone: [0341 8387176]",
        "Please call me at [0699 868 88 55].",
        "手机[139\u200b1234\u200b5678]",
        "手机[1\ufeff39\xad1234\u200d5678]",
        "[13812345678]\u200b[13912345678]",
        "\u202d[138 1234 5678]\u202c",
        "655 437 108 office".replace("655 437 108", "[655 437 108]"),
    ],
    "resident_id": [
        "身份证[11010519491231002X]号",
        "[110105 19491231 002x]",
        "ID:[１１０１０５１９４９１２３１００２Ｘ]",
    ],
    "bank_card": [
        "卡号[6222021721665001616]，",
        "[6214 8306 9837 7651]",
        "卡号6222021721665001616".replace("6222", "[6222") + "]",
        "Visa [4111-1111-1111-1111].",
        "[3782 822463 10005]",
        "[6216 6178 4460 1878 400]",
        "my card [4222222222222] is lost",
    ],
    "ip": [
        "服务器[203.0.113.5]宕机",
        "http://[93.184.216.34]:8080/",
        "来自[2001:db8::4a2]的请求",
        "IP:[11.12.13.14]",
        "[2001:db8:1::]和[2001:db8::]，12:34:56 [2001:0:0:0:0:0:0:1]",
        "[6e40:4041:c617:e898:c11:40d2:c669:2eb4]",
        "[２０３.0．113.5]",
        "IPv6地址：[2001:db8::4a2]，IP:[2001:db8::1]",
        "IPv6:[2001:db8::4a2] server:[2001:db8::5] source:[2001:db8:0:1::1]",
    ],
}

LOOKALIKES = [
    "身份证110105194912310021",  # check digit
    "110105194913310022",  # month 13
    "卡号6222021721665001617",  # Luhn
    "订单号6222021721665001616",
    "订单DD20180716365675869415",
    "20190416243426731112",
    "时间戳1609459200，1609459200000",
    "电话12812345678",  # no such prefix
    "版本1.2.3.4，v10.20.30.40",
    "Chrome/106.0.249.119",
    "4.12.1.3 小节",
    "IP 325.102.428.184",
    "子网掩码255.255.255.0，广播0.0.0.0",
    "31.13.64.0/18",
    "DNS 8.8.8.8",
    "192.168.1.1 10.0.0.1 127.0.0.1 ::1 fe80::1",
    "ISBN 978-7-111-54742-6 9787111547426",
    "43bf1396ada0b66cc74c8e9eb7c8b6f9ffeaa69913812345678a",
    "客服400-820-8820，800-810-0000，95533，110，12345",
    "+86 400 820 8820",
    "00:48:10 e8:2a:ae:2e:64:ef",
    "std::vector a::b dead::beef",
    "react@9.1.1 icon@2x.png getty@tty1.service @user",
    "git@github.com:owner/name.git",
    "113812345678901",
    "3.13812345678",
    "17179869184 bytes",
    "https://news.example/a/13812345678",
    "2020-12345678",
    "foo_13812345678 bar",
    "👩\u200d👩\u200d👧 1381234\u200b567",
    "00000a0 633a 6572 7461 0065 3032 3931 302d",
]


@pytest.mark.parametrize(
    ("kind", "sentence"), [(kind, text) for kind, texts in HITS.items() for text in texts]
)
def test_finds_exactly_the_bracketed_values(kind: str, sentence: str) -> None:
    values = [piece.split("]")[0] for piece in sentence.split("[")[1:]]
    text = sentence.replace("[", "").replace("]", "")
    assert found(text) == [(kind, value) for value in values]


@pytest.mark.parametrize("text", LOOKALIKES)
def test_keeps_lookalikes(text: str) -> None:
    assert found(text) == []


def test_private_addresses_are_a_kind_of_their_own() -> None:
    text = "192.168.1.1和203.0.113.5以及fe80::1"
    assert found(text) == [("ip", "203.0.113.5")]
    assert found(text, ("private_ip",)) == [
        ("private_ip", "192.168.1.1"),
        ("private_ip", "fe80::1"),
    ]


def test_the_stronger_check_wins_where_kinds_overlap() -> None:
    """An address holds a mobile number; a resident number of Gansu passes Luhn as well."""
    assert found("13812345678@qq.com") == [("email", "13812345678@qq.com")]
    both = "620102199003070069"
    assert found(both, ("resident_id",)) == [("resident_id", both)]
    assert found(both) == [("resident_id", both)]


def test_a_mistyped_resident_number_is_no_card() -> None:
    assert found("620102199003071000") == []


@pytest.mark.parametrize(
    "before", ["😀", "汉e\u0301汉", "👩‍👩‍👧", "\u00a0", "一\n二\n\n", "\r\n", "，"]
)
def test_offsets_are_code_points_of_the_original(before: str) -> None:
    text = f"{before} 13812345678{before}abc@foo.com"
    assert found(text) == [("phone", "13812345678"), ("email", "abc@foo.com")]


@given(st.text(st.sampled_from([*TWINS, "a", "1", "汉", "😀", "\u0301"])))
def test_normalising_keeps_lengths(text: str) -> None:
    normal = normalise(pl.Series([text]))[0]
    assert len(normal) == len(text)
    assert normal == "".join(TWINS.get(character, character) for character in text)


PIECES = [text for texts in HITS.values() for text in texts] + LOOKALIKES
PIECES += [
    "-",
    " ",
    "86",
    "+",
    "(",
    ")",
    "x1",
    "卡",
    "tel",
    ":",
    ".",
    "汉",
    "，",
    "0",
    "7",
    "a",
    "/",
]
LINES = st.lists(st.sampled_from([piece.strip("[]") for piece in PIECES]), max_size=8).map("".join)


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: f"{detector.kind}")
@given(line=LINES)
def test_a_prefilter_lets_through_what_its_pattern_finds(detector: Detector, line: str) -> None:
    line = line.replace("[", "").replace("]", "")
    normal = normalise(pl.Series([line]))[0]
    if list(detector.find(normal)):
        assert pl.Series([line]).str.contains(detector.prefilter).item()


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: f"{detector.kind}")
@given(lines=st.lists(LINES, min_size=2, max_size=4))
def test_a_line_gives_the_same_beside_others(detector: Detector, lines: list[str]) -> None:
    """Lines of many documents are searched as one text."""
    if detector.spans_lines:
        return
    lines = normalise(pl.Series(lines).str.replace_all(r"[\[\]\n]", "")).to_list()
    starts = [sum(len(line) + 1 for line in lines[:at]) for at in range(len(lines))]
    alone = [
        (first + start, first + end)
        for first, line in zip(starts, lines, strict=True)
        for start, end in detector.find(line)
    ]
    assert list(detector.find("\n".join(lines))) == alone


def test_a_word_in_the_line_before_is_no_cue() -> None:
    assert found("电话：85123456") == [("phone", "85123456")]
    assert found("电话：1234 电话：\n85123456 电话：1234") == []


def test_kinds_are_safe_names() -> None:
    assert set(DEFAULT_KINDS) == set(KINDS) - ASKED_FOR
    for detector in DETECTORS:
        assert detector.placeholder.strip("<>_").replace("_", "").isupper()
        assert found(f"汉{detector.placeholder}字 {detector.placeholder}-1", KINDS) == []


HOSTILE = [
    "1", "1.", "1-", "1 ", "- ", "a", "A", "aB3+/", "=", "a.", "a@a.", "eyJ", "-----BEGIN PRIVATE KEY-----",
    "password=", "Aa ", "1 Aa ", "://a:", "GB12 ", "xoxb-1-", "汉", "at b dot ",
]  # fmt: skip
SIZE, AT_MOST_S = 100_000, 10.0
"""A pattern of quadratic time takes minutes for a line of this size, a linear one a second."""


@pytest.mark.parametrize("pattern", dict.fromkeys(detector.pattern for detector in DETECTORS))
def test_a_pattern_is_linear_on_a_hostile_line(pattern: re.Pattern[str]) -> None:
    for unit in HOSTILE:
        line = (unit * (SIZE // len(unit) + 1))[:SIZE]
        started = time.process_time()
        for _ in pattern.finditer(line):
            assert time.process_time() - started < AT_MOST_S, unit
        assert time.process_time() - started < AT_MOST_S, unit
