"""Bytes to text: which encoding a page is in, and what is cleaned from every text.

Declarations lie often enough that each is a candidate, not an answer: the first one under which
the bytes decode nearly without error wins. Labels mean what browsers take them to mean (WHATWG
Encoding): gb2312 is read as GB18030, Big5 with the Hong Kong characters, latin1 as windows-1252.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Told = Literal["bom", "valid", "header", "meta", "detection", "fallback"]
"""How an encoding was told: a byte order mark, bytes that are UTF-8 but for 1 %, the declaration
beside the bytes (HTTP, MIME), the one in the markup, statistics or escapes; or by none of these:
the one of the usual encodings with the fewest errors."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_BROWSER_MEANING = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "cp936": "gb18030",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "utf-16": "utf-16-le",
    "utf-32": "utf-32-le",
}

_UNKNOWN_TO_PYTHON = {
    "x-gbk": "gbk",
    "x-sjis": "shift_jis",
    "x-euc-jp": "euc_jp",
    "ks_c_5601-1987": "cp949",
    "windows-949": "cp949",
    "windows-31j": "cp932",
    "x-cp1251": "cp1251",
    "x-cp1252": "cp1252",
    "unicode-1-1-utf-8": "utf-8",
    "x-x-big5": "big5",
    "iso-8859-8-i": "iso8859-8",
    "x-mac-cyrillic": "mac_cyrillic",
    "macintosh": "mac_roman",
}

_NO_PAGE_IS_IN = frozenset(
    ("idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined", "utf-7")
)

_META = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,400}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.I
)
_META_BYTES = 4096
_SAMPLE_BYTES = 128 << 10
_TOLERATED = 0.01
_FEWER_ERRORS = 4
"""Bytes of another charset are hardly ever valid UTF-8: with so few errors, it is UTF-8."""
_ESCAPE_2022 = re.compile(rb"\x1b[$(][@BJIA]")

_LINE_END = re.compile("\r+\n|\r")
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, its encoding, how that was told, and how many U+FFFD stand for unreadable bytes."""

    text: str
    encoding: str
    replaced: int
    told: Told


def clean(text: str) -> str:
    """The text with LF line ends, and U+FFFD for NUL and lone surrogates; nothing else changes.

    A carriage return alone is a line end too, as old Macs wrote them; several before a line feed
    are one with it: two programs have each put one there.
    """
    if "\r" in text:
        text = _LINE_END.sub("\n", text)
    if "\x00" in text or not _is_encodable(text):
        text = _NOT_TEXT.sub("\ufffd", text)
    return text


def _is_encodable(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def decode(data: bytes, declared: str = "", *, markup: bool = False) -> Decoded:
    """The text of a file or page, cleaned.

    The order: byte order mark, valid UTF-8, the declared charset, the one a page's markup names,
    detection. No candidate is believed when more than 1 % of its letters beyond ASCII are errors
    or private characters; if none is, the one with the fewest wins.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding, "bom")
    if wide := _wide(data):
        return _decoded(data, wide, "detection")
    if not _ESCAPE_2022.search(data, 0, _SAMPLE_BYTES):
        try:
            return Decoded(clean(data.decode("utf-8")), "utf-8", 0, "valid")
        except UnicodeDecodeError:
            pass
    return _best(data, declared, markup)


def _wide(data: bytes) -> str:
    """UTF-16 without a mark, told by the zero bytes of its ASCII characters; "" otherwise."""
    head = data[:_META_BYTES]
    high, low = head[0::2].count(0), head[1::2].count(0)
    if max(high, low) * 5 < len(head) or min(high, low) * 10 > max(high, low):
        return ""
    return "utf-16-le" if low > high else "utf-16-be"


def _best(data: bytes, declared: str, markup: bool) -> Decoded:
    utf8 = _decoded(data, "utf-8", "valid")
    if 0 < utf8.replaced * _FEWER_ERRORS <= _beyond_ascii(utf8.text) - utf8.replaced:
        return utf8
    best, fewest = None, 2.0
    tried: set[str] = set()
    for encoding, told in _candidates(data, declared, markup):
        if encoding in tried:
            continue
        tried.add(encoding)
        decoded = _decoded(data, encoding, told)
        errors = _implausible(decoded) / max(1, _beyond_ascii(decoded.text))
        if errors < fewest:
            best, fewest = decoded, errors
        if errors <= _TOLERATED:
            break
    assert best is not None
    return best


def _candidates(data: bytes, declared: str, markup: bool) -> Iterator[tuple[str, Told]]:
    """What the bytes may be in, the likeliest first, each with what tells so."""
    header = python_name(declared)
    meta = python_name(_meta_charset(data)) if markup else ""
    if _ESCAPE_2022.search(data, 0, _SAMPLE_BYTES):
        yield (header, "header") if header.startswith("iso2022") else ("iso2022_jp", "detection")
    yield "utf-8", "valid"
    declarations: list[tuple[str, Told]] = [(header, "header"), (meta, "meta")]
    if header == "cp1252" and meta:  # many servers declare latin1 for everything they send
        declarations.reverse()
    yield from ((name, told) for name, told in declarations if name)
    yield detect(data), "detection"
    yield from ((name, "fallback") for name in ("gb18030", "big5hkscs", "cp1252"))


def _decoded(data: bytes, encoding: str, told: Told) -> Decoded:
    text = clean(data.decode(encoding, "replace"))
    return Decoded(text, encoding, text.count("\ufffd"), told)


def _implausible(decoded: Decoded) -> int:
    """Errors, and private characters: read as GB18030, much of Big5 becomes these."""
    if decoded.encoding not in ("gb18030", "big5hkscs"):
        return decoded.replaced
    return decoded.replaced + len(_PRIVATE.findall(decoded.text))


def _beyond_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def _meta_charset(data: bytes) -> str:
    found = _META.search(data, 0, _META_BYTES)
    name = found[1].decode("ascii") if found else ""
    # markup that can be read as ASCII cannot be in UTF-16, whatever it says
    return "utf-8" if name.lower().startswith("utf-16") else name


def python_name(label: str) -> str:
    """Python's codec for a declared charset as browsers understand it, "" if there is none."""
    label = label.strip(" \t\r\n\"';").lower()
    try:
        name = codecs.lookup(_UNKNOWN_TO_PYTHON.get(label, label)).name
    except (LookupError, ValueError):
        return ""
    try:
        b"a".decode(name, "replace")
    except (LookupError, ValueError):  # base64, zip and other codecs that give no text
        return ""
    if name in _NO_PAGE_IS_IN:
        return ""
    return _BROWSER_MEANING.get(name, name)


def detect(data: bytes) -> str:
    """Python's codec for bytes that declare none, from their statistics; UTF-8 if undecided."""
    from resiliparse.parse.encoding import detect_encoding

    sample = _TAG.sub(b" ", data[:_SAMPLE_BYTES]) if b"<" in data[:_META_BYTES] else data
    return python_name(detect_encoding(sample[:_SAMPLE_BYTES]) or "") or "utf-8"


_TAG = re.compile(rb"<(?:script|style)\b.*?</(?:script|style)>|<[^<>]*>", re.I | re.S)
