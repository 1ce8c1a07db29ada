"""WeChat ids: wxid_ and what follows it, and other ids after a word for WeChat."""

import re

from taojin.pipeline.pii.characters import DIGIT, LETTER, SPACE
from taojin.pipeline.pii.china.label import both_widths
from taojin.pipeline.pii.detector import Detector, Span

_LATIN = ("WeChat", "Wechat", "wechat", "WECHAT", "We Chat", "Weixin", "weixin")
_SHORT = ("VX", "Vx", "vx", "WX", "wx")
_HEART = "[❤♥♡💗💕心]"
_HAN = f"微信(?:搜索|搜)?|威信|薇信|加我?[vV]{_HEART}?|[vV](?:信|{_HEART})|[微薇威]{_HEART}"
_CUE = (
    rf"(?:(?:{_HAN})(?:同号|\((?:同手机|同电话|同号)\))?"
    rf"|(?<![0-9A-Za-z_])(?:{'|'.join((*_LATIN, *_SHORT))})(?![0-9A-Za-z_\-]))"
    "(?P<says_id> ?(?:号码?|號碼?|账号|帳號|帐号|ID|id))?"
)
_NOT_IDS = frozenset({"wechat", "weixin", "android", "windows", "iphone", "javascript"})


def _wechat(match: re.Match[str]) -> Span | None:
    """Letters alone are an id after 微信号 only; elsewhere they are a word of the sentence."""
    text = match["value"]
    if text.lower().startswith("wxid_"):
        return match.span("value")
    plain = text.isalpha() or text.lower() in _NOT_IDS
    separated = match["says_id"] or match["separator"].strip()
    # 微信2021, VX1000: without a separator a version or a model.
    named = re.match("[A-Za-z]{2,}(?:[A-Za-z_-]*[0-9]{2}|(?:[A-Za-z]*[0-9]){3})|[A-Za-z]+_", text)
    model = not separated and not named
    return None if model or (plain and not match["says_id"]) else match.span("value")


WECHAT = (
    Detector(
        kind="wechat",
        placeholder="<WECHAT>",
        prefilter=f"(?:{both_widths('wxid', 'WXID')})[_＿]"
        f"|(?:(?:{_HAN}|加我?[ｖＶ]|[ｖＶ]信)(?:同号|[(（]同(?:手机|电话|号)[)）])?"
        f"|{both_widths(*_LATIN, *_SHORT)}|Ｗｅ　?Ｃｈａｔ)"
        f"(?:{SPACE}?(?:号码?|號碼?|账号|帳號|帐号|{both_widths('ID', 'id')}))?"
        f"(?:{SPACE}?[是为為])?"
        f"(?:{SPACE}|[:：=＝(（\"＂'＇“「【\\t|｜]){{0,4}}{LETTER}(?:{LETTER}|{DIGIT}|[_＿\\-－]){{5}}",
        pattern=re.compile(
            rf"(?:(?<![0-9A-Za-z_])|{_CUE}(?P<separator>(?: ?[是为為])?[ :=(\"'“「【\t|]{{0,4}}))"
            r"(?P<value>(?(separator)[A-Za-z][0-9A-Za-z_\-]{5,19}|wxid_[0-9A-Za-z_\-]{4,24}))"
            r"(?<!-)(?![0-9A-Za-z_@]|[.\-][0-9A-Za-z])"
        ),
        validate=_wechat,
        confidence=0.95,
    ),
)
