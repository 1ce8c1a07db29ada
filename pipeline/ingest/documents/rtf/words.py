"""The control words of Rich Text Format that matter to its text."""

from collections.abc import Mapping

SIGNS: Mapping[bytes, str] = {
    b"~": "\xa0", b"-": "", b"_": "\u2011", b"\\": "\\", b"{": "{", b"}": "}",
}  # fmt: skip
"""What a backslash and a sign stand for."""

WORDS: Mapping[str, str] = {
    "tab": "\t", "line": "\n", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    "endash": "–", "emdash": "—", "bullet": "•", "enspace": " ", "emspace": " ", "qmspace": " ",
    "zwj": "\u200d", "zwnj": "\u200c",
}  # fmt: skip
"""Words that stand for characters."""

_DESTINATIONS = (
    "colortbl stylesheet info pict object objdata themedata datastore colorschememapping "
    "latentstyles fldinst header headerl headerr headerf footer footerl footerr footerf ftnsep "
    "ftnsepc ftncn aftnsep aftnsepc aftncn annotation atnid atnauthor atndate listtable "
    "listoverridetable revtbl rsidtbl xmlnstbl generator nonshppict bkmkstart bkmkend filetbl "
    "private datafield formfield template operator author tc xe"
)
TARGETS: Mapping[str, str] = {
    "fonttbl": "fonts",
    "title": "title",
    "footnote": "note",
    "listtext": "mark",
    "pntext": "mark",
    **dict.fromkeys(
        _DESTINATIONS.split(),
        "nothing",
    ),
}
"""Where the text of a group goes that such a word opens."""

CHARSETS: Mapping[int, str] = {
    128: "cp932", 129: "cp949", 134: "gb18030", 136: "big5hkscs", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250",
}  # fmt: skip
"""Windows' numbers for the charsets of fonts, those of the West aside."""

_PLAIN = (437, 850, 852, 855, 857, 860, 861, 862, 863, 864, 865, 866, 869, 874, 932, 949)
CODE_PAGES: Mapping[int, str] = {
    **{page: f"cp{page}" for page in (*_PLAIN, *range(1250, 1259))},
    936: "gb18030",
    950: "big5hkscs",
    10000: "mac_roman",
    54936: "gb18030",
    65001: "utf-8",
}
"""Python's codecs for Windows' code pages."""
