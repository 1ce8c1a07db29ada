"""Texts that Hypothesis makes, and documents around them."""

from collections.abc import Sequence

import polars as pl
import pyarrow as pa
from hypothesis import settings
from hypothesis import strategies as st

from taojin.core import schema

QUICK = settings(max_examples=60, deadline=None)  # the first call compiles
STOP_WORDS = ["the", "be", "to", "of", "and", "that", "have", "with"]

# Unassigned code points are left out: libraries differ in how new their Unicode tables are.
_ANY = st.characters(exclude_categories=("Cs", "Cn"))
_ALPHABET = st.sampled_from(
    'aAbzZ the\u00a0\u3000\u2028\u0085\x1c\x00\r\n\n\t 沙金的是，。！…．."”)#-•'
    "かカ\u3099ー한글ไทยກမ\u0301éÉßİ😀👩\u200d🌾\U000200001２_{}\u2f00々〇"
)
_PHRASES = st.sampled_from(
    ["the ", "The sand ", "the sand\n", "THE SAND\n", "沙里有金。", "沙里有金。\n\n", "淘金", "...",
     ". . .\n", "…\n", "• x\n", "- ", "a b ", "a b a ", "\r\n", "\r\n\r\n", "\n \n", "\n", "  ",
     "abc ", "DEF ", "# ", "end.”\n", "好。）\n", "\u3000\n", "👩\u200d🌾", "e\u0301", "ไทย "]
)  # fmt: skip
_REPEATED = st.builds(str.__mul__, st.text(_ALPHABET, max_size=7), st.integers(0, 40))
texts = st.one_of(
    st.text(_ANY, max_size=40),
    st.text(_ALPHABET, max_size=60),
    st.lists(_PHRASES, max_size=40).map("".join),
    _REPEATED,
)
CHARACTERS = "".join(chr(code) for code in range(0, 0x110000, 7) if not 0xD800 <= code < 0xE000)
"""Every seventh code point: UTF-8 of each length, each bit of it set and not."""
columns = st.lists(texts, max_size=6)
cuts = st.integers(0, 4)


def sliced(column: Sequence[str | None], cut: int) -> pa.Array:
    """The column without its first `cut` texts, as a view into the whole one."""
    return pa.array(column, pa.large_string()).slice(min(cut, len(column)))


def documents(
    found: Sequence[str],
    lang: str | Sequence[str] = "en",
    url: str | Sequence[str | None] | None = None,
) -> pl.DataFrame:
    """Documents with these texts, every other column filled."""
    several = [lang] * len(found) if isinstance(lang, str) else lang
    urls = [url] * len(found) if url is None or isinstance(url, str) else url
    sources = [{**dict.fromkeys(schema.SOURCE.to_schema()), "name": "s", "url": u} for u in urls]
    return pl.DataFrame(
        {
            "doc_id": [f"{number:032x}" for number in range(len(found))],
            "content_hash": [f"{number:032x}" for number in range(len(found))],
            "text": list(found),
            "source": sources,
            "lang": list(several),
            "lang_score": [0.9] * len(found),
            "conversation": [None] * len(found),
        },
        schema=dict(schema.DOCUMENT),
    )


_CHINESE_PIECES = st.one_of(
    st.sampled_from(
        ["淘金", "结合成分子时", "和尚未结婚的", "研究生命起源", "乒乓球拍卖完了", "中华人民共和国", "皇后", "以后",
         "傳統漢字", "國語", "後來", "们", "系", "数", "的", "了", "免费下载", "最新价格", "版权所有", "上一篇",
         "来源：", "C++", "c#", "AT&T", "T恤衫", "江南style", "阿Q", "4S店", "B超", "100%", "a_b-c.d", "Java", "18",
         "γ射线", "，", "。", "、", " ", " | ", "_", "/", "\u3000", "\n", "\r\n", "\r", "（", "）", "“", "”", "《", "》",
         "==", "<b>", "{}", "１２", "Ａ", "\ufffd", "〇", "々", "ⅷ", "\U00020000", "é", "かな", "한글", "⼀"]
    ),
    st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=4),
)  # fmt: skip
_REPEATED_PIECES = st.builds(
    lambda piece, times: piece * times, _CHINESE_PIECES, st.integers(1, 12)
)
chinese_texts = st.lists(st.one_of(_CHINESE_PIECES, _REPEATED_PIECES), max_size=40).map("".join)
chinese_columns = st.lists(chinese_texts, max_size=5)
"""Chinese of both scripts, words and any characters, mixed with Latin words, signs and brackets."""
