"""One spelling for the URLs of one page, and the key by which copies of it are found.

After RFC 3986, section 6: scheme, `www.`, user, default port and fragment are left out; the host is
in small letters and punycode; dot segments, `index.html` and the last slash of a path are gone;
percent-encoding is as short as it can be and in capitals; what a query says is sorted, and
parameters that say where a reader came from are left out.
"""

import re
import unicodedata
from functools import lru_cache
from urllib.parse import quote

import polars as pl

from taojin.core.hashing import content_hash

_NAMES = (
    "utm utm_source _ga _gl gclid gclsrc dclid gbraid wbraid fbclid msclkid yclid ysclid twclid "
    "ttclid igshid igsh mc_cid mc_eid mkt_tok vero_id wickedid oly_anon_id oly_enc_id _hsenc "
    "_hsmi hsctatracking ref_src ref_url wt_mc s_cid icid cmpid campaign_id phpsessid jsessionid "
    "aspsessionid spm scm spm_id_from vd_source bd_vid hmsr hmpl hmcu hmkw hmci isappinstalled "
    "share_source share_medium share_token share_id share_from weibo_id timestamp_from "
)
TRACKING = frozenset(_NAMES.split())
"""Parameters that do not change what a page says, in small letters; so do all of `utm_*`, `pk_*`,
`mtm_*`, `hsa_*` and `share_*`."""

_TRACKING = re.compile(r"(?:utm|pk|mtm|hsa|share)_")
_PARTS = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*):)?(?://|\\\\)?(?P<host>[^/\\?#]*)"
    r"(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?",
    re.I | re.S,
)
_HAS_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?://|\\\\)", re.I)
_PORTS = {"http": ("80",), "https": ("443",), "": ("80", "443"), "ftp": ("21",)}
_INDEX = re.compile(r"/(?:index|default)\.(?:html?|shtml|php|aspx?|jsp)$", re.I)
_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;]*", re.I)
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_KEPT = "!$&'()*+,;=:@/?%[]|~-._"
_BLANK = re.compile(r"[\t\r\n]")
_LONE = re.compile("[\ud800-\udfff]")


def url_keys(urls: pl.Series) -> pl.Series:
    """String `url_key`: 32 hex digits of each URL's one spelling; null for one without a host."""
    found = (canonical(url or "") for url in urls)
    return pl.Series("url_key", [content_hash(url) if url else None for url in found], pl.String)


@lru_cache(maxsize=4096)
def canonical(url: str) -> str:
    """The one spelling of a URL, its scheme only if it is none of the web's; empty without a host.

    What is canonical already stays as it is.
    """
    url = _LONE.sub("\ufffd", _BLANK.sub("", url.strip()))
    if not _HAS_SCHEME.match(url) and not url.startswith(("//", "\\\\")):
        url = f"//{url}"
    parts = _PARTS.fullmatch(url)
    assert parts is not None  # every part of it may be empty
    scheme = (parts["scheme"] or "").lower()
    host = _host(parts["host"], scheme)
    if not host:
        return ""
    shown = "" if scheme in ("", "http", "https") else f"{scheme}://"
    query = _query(parts["query"] or "")
    fragment = parts["fragment"] or ""
    route = f"#{_encoded(fragment)}" if fragment.startswith("!") else ""  # a page of a script
    return f"{shown}{host}{_path(parts['path'])}{f'?{query}' if query else ''}{route}"


def _host(authority: str, scheme: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", authority).lower())
    host = re.sub(r"[.。\s]+", ".", folded.rpartition("@")[2])
    name, colon, port = host.rpartition(":")
    if not colon or not (port.strip(".").isdigit() or not port.strip(".")) or name.endswith(":"):
        name, port = host, ""
    name, port = _ascii(name.strip(".")), port.strip(".").lstrip("0")
    while name.startswith("www.") and name.count(".") > 1:
        name = name[4:]
    shown = "" if port in ("", *_PORTS.get(scheme, ())) else f":{port}"
    return name and name + shown


def _ascii(name: str) -> str:
    """A host in punycode; as it is where it cannot be written so."""
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return quote(name, safe="").lower()


def _path(path: str) -> str:
    parts: list[str] = []
    for part in _encoded(_SESSION.sub("", path.replace("\\", "/"))).split("/"):
        if part == "..":
            parts[1:] = parts[1:-1]
        elif part != ".":
            parts.append(part)
    found = "/".join(parts)
    while True:
        short = _INDEX.sub("", found.rstrip("/"))
        if short == found:
            return found
        found = short


def _query(query: str) -> str:
    pairs = (_encoded(pair.replace("+", "%20")) for pair in query.split("&"))
    return "&".join(sorted(pair.removesuffix("=") for pair in pairs if _says_something(pair)))


def _says_something(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    return bool(pair.strip("=")) and name not in TRACKING and not _TRACKING.match(name)


def _encoded(text: str) -> str:
    """Percent-encoded where it must be, in capitals, and nowhere else."""
    return _ESCAPED.sub(_shortest, quote(_lone(text), safe=_KEPT))


def _shortest(escaped: re.Match[str]) -> str:
    character = chr(int(escaped[1], 16))
    return character if character in _UNRESERVED else escaped[0].upper()


def _lone(text: str) -> str:
    """A percent sign that begins no escape stands for itself."""
    return re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text)


def unmasked(before: pl.Series, after: pl.Series) -> pl.Series:
    """The URLs that masking has left as they are, null for others.

    One that held personal data has no key: its hash would say to whoever guesses it what was
    masked.
    """
    return before.set(before.ne_missing(after), None)
