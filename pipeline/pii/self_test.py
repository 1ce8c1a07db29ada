"""The self-test of masking: values of every kind, planted in sentences of ours, and look-alikes.

A search that finds nothing looks like a clean corpus. So each run first looks for what it has
planted itself, under its own settings, and for nothing where nothing was planted; the report shows
what came of it. The values are examples of standards and of nobody.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from taojin.pipeline.pii.search import find
from taojin.pipeline.pii.settings import Settings

OPEN, CLOSE = "⟦", "⟧"

_KEY = "PRIVATE " + "KEY"  # written apart, so that no scanner of this file takes it for a key
_BLOCK = f"-----BEGIN {_KEY}-----\n{'MIIEvQIBADANBgkqhkiG9w0B' * 3}\n-----END {_KEY}-----"
_TOKEN = ".".join(
    urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
    for part in ({"alg": "HS256", "typ": "JWT"}, {"sub": "1"}, {"signature": "none"})
)
PLANTED: Mapping[str, Sequence[str]] = {
    "private_key": (f"密钥：⟦{_BLOCK}⟧\n好",),
    "jwt": (f"令牌⟦{_TOKEN}⟧。", f"Bearer ⟦{_TOKEN}⟧,"),
    "cloud_key": ("令牌：⟦gh" + "p_q7Rz81LmPx04TtYb2KcVn5q7Rz81LmPx04Tt⟧",),
    "connection_string": ("postgres" + "://app:⟦s3cr3t-Pw⟧@db.host:5432/app",),
    "url_credentials": ("链接https://a.example/?api_key=⟦a1b2c3d4e5f6⟧。",
                        "https" + "://jane:⟦s3cr3tpw⟧@host.example/x"),
    "email": ("联系⟦li.lei@mail.example⟧。", "write to ⟦jane [at] host dot com⟧, please"),
    "crypto_wallet": ("转到⟦bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4⟧吧",
                      "send to ⟦0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed⟧."),
    "iban": ("账号⟦NO9386011117947⟧号", "⟦GB82 WEST 1234 5698 7654 32⟧ and more"),
    "resident_id": ("身份证⟦11010519491231002X⟧。", "ID ⟦110105 19491231 002X⟧"),
    "social_credit_code": ("统一社会信用代码：⟦91350100M000100Y43⟧",),
    "hong_kong_id": ("香港身份证⟦A123456(3)⟧", "HKID: ⟦A1234563⟧"),
    "taiwan_id": ("身分證字號：⟦A123456789⟧",),
    "macau_id": ("澳门居民身份证⟦1234567(8)⟧",),
    "passport": ("护照号码：⟦E12345678⟧", "my passport number is ⟦533401372⟧"),
    "travel_permit": ("回乡证 ⟦H1234567890⟧",),
    "driving_licence": ("驾驶证档案编号：⟦370100123456⟧", "Driving licence: ⟦MORGA657054SM9IJ⟧"),
    "vehicle_plate": ("车牌⟦京A12345⟧停在", "⟦粤BD12345⟧"),
    "bank_card": ("卡号⟦6214830698377651⟧", "my card ⟦4111 1111 1111 1111⟧"),
    "ssn": ("编号⟦536-22-8726⟧。", "His SSN is ⟦536-22-8726⟧."),
    "ein": ("EIN: ⟦12-3456789⟧",),
    "ip": ("来自⟦203.0.113.5⟧的请求", "from ⟦2001:db8:85a3:8d3:1319:8a2e:370:7348⟧ today"),
    "private_ip": ("主机⟦192.168.1.20⟧",),
    "mac_address": ("以太网⟦84:16:F9:03:FD:85⟧在",),
    "phone": ("电话⟦138-1234-5678⟧，", "座机⟦010-62345678⟧", "call ⟦+44 20 7946 0958⟧ or so"),
    "wechat": ("微信号：⟦zhang_san88⟧",),
    "qq": ("QQ群：⟦123456789⟧",),
    "account": ("社保号：⟦1234567890⟧",),
    "address": ("地址：⟦浙江省杭州市余杭区文一西路969号⟧",
                "Ship to ⟦1600 Pennsylvania Ave NW, Washington, DC 20500⟧"),
    "person": ("联系人：⟦李雷⟧，", "Dear ⟦Jane Doe⟧,"),
    "nhs_number": ("NHS number: ⟦943 476 5919⟧",),
    "password": ("密码：⟦abc12345⟧，请保密", "password" + "=⟦hunter2⟧"),
    "high_entropy": ("密钥：⟦q7Rz81LmPx04TtYb2KcVn5⟧。",),
    "coordinates": ("位于⟦39.904200, 116.407396⟧附近",),
}  # fmt: skip
LOOK_ALIKES = (
    "身份证110105194912310021，卡号6214830698377652，代码91350100M000100Y44",  # wrong check digits
    "订单202101205972979262，2023年3月6日12:35:30，版本v7.11.26，占90,485.81元的92.87%",
    "ISBN 978-7-302-51142-7, commit 64e1a7be21e5e9ba157f029b65e24e4eef54d88f, react@2.6.3",
    "客服400-820-8820、12315，字节17179869184，681.40.342.58",
    "password: required, token: f3b1c9d2-7a64-4e58-9b0c-2d8e6f1a5c37",
)


class SelfTestError(Exception):
    """The search misses what was planted, or finds what was not: a bug, never the user's."""


def self_test(settings: Settings) -> list[dict[str, object]]:
    """By kind how many values were `planted` and `found`, and how many found were `wrong`.

    SelfTestError if any is missed or wrong.
    """
    kinds = [kind for kind in settings.kinds if kind in PLANTED]
    sentences = [(kind, sentence) for kind in kinds for sentence in PLANTED[kind]]
    wanted = {(row, *_place(sentence), kind) for row, (kind, sentence) in enumerate(sentences)}
    texts = [*(_plain(sentence) for _, sentence in sentences), *LOOK_ALIKES]
    sure = {detector.kind for detector in settings.detectors}
    found = {
        (one.row, one.start, one.end, one.kind)
        for one in find(pl.Series(texts), settings.detectors)
    }
    rows = [_told(kind, wanted, found) for kind in kinds if kind in sure]
    _check(rows)
    return rows


def _told(
    kind: str,
    wanted: Iterable[tuple[int, int, int, str]],
    found: Iterable[tuple[int, int, int, str]],
) -> dict[str, object]:
    own, given = ({one for one in values if one[3] == kind} for values in (wanted, found))
    return {"kind": kind, "planted": len(own), "found": len(own & given), "wrong": len(given - own)}


def _check(rows: Iterable[Mapping[str, object]]) -> None:
    for row in rows:
        if row["found"] != row["planted"] or row["wrong"]:
            raise SelfTestError(
                f"personal data: of {row['planted']} planted values of kind '{row['kind']}' "
                f"{row['found']} are found, {row['wrong']} where there are none; no text can be "
                "called clean"
            )


def _place(sentence: str) -> tuple[int, int]:
    start = sentence.index(OPEN)
    return start, sentence.index(CLOSE) - 1


def _plain(sentence: str) -> str:
    return sentence.replace(OPEN, "").replace(CLOSE, "")
