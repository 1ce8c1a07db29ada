"""The host and the path of a URL in one spelling, for the URLs of documents and of lists alike.

Small letters, percent-encoding decoded, an internationalised name in Unicode (`xn--bcher-kva` is
bücher), no scheme, user, port or final dot, an address in four decimal numbers, a path without `.`
and `..`: what a browser would ask for (https://url.spec.whatwg.org). A URL may lack its scheme.
Nothing is refused: what is no URL becomes a host that no list holds.
"""

import ipaddress
import unicodedata
from collections.abc import Callable, Iterable
from urllib.parse import unquote_to_bytes

import polars as pl

_SCHEME = r"^(?:(?i:https?|ftp|wss?):[/\\]*|[A-Za-z][A-Za-z0-9+.\-]*:[/\\]+|[/\\]{2,})?"
"""Browsers take `http:bad.example` for `http://bad.example`."""
_HOST = _SCHEME + r"(?:[^/\\?#]*@)?(\[[^\]/\\?#]*\]?|[^/\\?#:]*)"
_NOT_PLAIN_HOST = r"[^\x00-\x7f]|%|^\[|xn--"
_NUMBER = r"(?:0[xX][0-9a-fA-F]*|[0-9]+)"
_ADDRESS = rf"^{_NUMBER}(?:\.{_NUMBER}){{0,3}}$"
_PLAIN_ADDRESS = r"^(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})$"
_DOTTED = r"/\.\.?(?:[/?#]|$)"
_EDGES = "".join(chr(code) for code in range(0x3001) if code <= 0x20 or chr(code).isspace())
_MOST_LABEL = 63
"""Characters of a label (RFC 1035); a longer one is not decoded."""

_DOTS = str.maketrans(dict.fromkeys("。．｡", "."))
_INVISIBLE = str.maketrans(dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff"))


def trimmed(urls: pl.Series) -> pl.Series:
    """Without the white space, control characters and line ends that browsers leave out; null is
    empty.
    """
    return urls.fill_null("").str.strip_chars(_EDGES).str.replace_all(r"[\t\r\n]", "")


def hosts(urls: pl.Series) -> pl.Series:
    """String: the host of each trimmed URL, the empty string where there is none."""
    whole = urls.str.contains(r"[/\\?#:@\[]")
    found = _where(urls, whole, lambda some: some.str.extract(_HOST))
    found = found.fill_null("").str.to_lowercase().str.strip_chars(".")
    found = _where(found, found.str.contains(_NOT_PLAIN_HOST), _each(_unicode_host))
    odd = found.str.contains(_ADDRESS) & ~found.str.contains(_PLAIN_ADDRESS)
    return _where(found, odd, _each(_ipv4))


def paths(urls: pl.Series) -> pl.Series:
    """String: all that follows the host of each trimmed URL, decoded, slashes single, the path
    without `.` and `..`.
    """
    found = urls.str.replace(_SCHEME + r"[^/\\?#]*", "")
    found = _where(found, found.str.contains("%", literal=True), _each(_decoded))
    found = found.str.to_lowercase().str.replace_all(r"[/\\]+", "/")
    return _where(found, found.str.contains(_DOTTED), _each(_without_dots))


def _where(
    texts: pl.Series, mask: pl.Series, change: Callable[[pl.Series], pl.Series]
) -> pl.Series:
    """The texts, those of the mask changed."""
    rows = mask.arg_true()
    return texts.clone().scatter(rows, change(texts.gather(rows))) if len(rows) else texts


def _each(change: Callable[[str], str]) -> Callable[[pl.Series], pl.Series]:
    """A change of one text as a change of all, each different text once."""

    def changed(texts: pl.Series) -> pl.Series:
        different: Iterable[str] = texts.unique()
        known = {text: change(text) for text in different}
        return pl.Series([known[text] for text in texts], dtype=pl.String)

    return changed


def _decoded(text: str) -> str:
    """Percent-encoding as UTF-8, else as GB18030, in which older Chinese sites write theirs."""
    data = unquote_to_bytes(text)
    for charset in ("utf-8", "gb18030"):
        try:
            return data.decode(charset)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")


def _unicode_host(host: str) -> str:
    """A host with its labels in Unicode, after UTS 46: NFKC, small letters, every kind of dot."""
    host = _decoded(host) if "%" in host else host
    if host.startswith("["):
        return _ipv6(host)
    host = unicodedata.normalize("NFKC", host.translate(_INVISIBLE)).lower().translate(_DOTS)
    return ".".join(map(_unicode_label, host.strip().split("."))).strip(".")


def _unicode_label(label: str) -> str:
    if not label.startswith("xn--") or len(label) > _MOST_LABEL:
        return label
    try:
        name = label[4:].encode("ascii").decode("punycode")
        name.encode("utf-8")  # punycode can spell surrogates
    except ValueError:
        return label
    return unicodedata.normalize("NFKC", name).lower() or label


def _ipv6(host: str) -> str:
    """An address in its short spelling, in brackets."""
    try:
        return f"[{ipaddress.IPv6Address(host.strip('[]').split('%')[0]).compressed}]"
    except ValueError:
        return host


def _ipv4(host: str) -> str:
    """An address of one to four decimal, octal or hexadecimal numbers, of which the last fills the
    bytes that are left, as four decimal ones.
    """
    try:
        *first, last = (_number(part) for part in host.split("."))
        value = sum(one << (24 - 8 * place) for place, one in enumerate(first)) + last
        if max(first, default=0) > 255 or last >= 1 << (32 - 8 * len(first)):
            return host
        return str(ipaddress.IPv4Address(value))
    except ValueError:
        return host


def _number(part: str) -> int:
    if part[:2] in ("0x", "0X"):
        return int(part[2:] or "0", 16)
    return int(part, 8 if part.startswith("0") else 10)


def _without_dots(path: str) -> str:
    """A path, up to its query or fragment, without `/.` and `/x/..` (RFC 3986, 5.2.4)."""
    end = min((at for at in map(path.find, "?#") if at >= 0), default=len(path))
    parts: list[str] = []
    for part in path[:end].split("/")[1:]:
        if part == "..":
            del parts[-1:]
        elif part != ".":
            parts.append(part)
    closed = path[:end].endswith(("/.", "/.."))
    return "".join(f"/{part}" for part in parts) + "/" * closed + path[end:]
