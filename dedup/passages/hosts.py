"""The host of a URL, by which the pages of one site are told."""

import polars as pl

_AUTHORITY = r"^(?i)(?:[a-z][a-z0-9+.-]*:)?//(?:[^/?#@]*@)?(\[[0-9a-f:.]+\]|[^/?#:@\[\]]+)"
_NAME = r"^[\p{L}\p{M}\p{N}._:\[\]-]+$"


def host(url: pl.Expr) -> pl.Expr:
    """The host in small letters, without `www.` and a last dot, a name of other scripts as IDNA
    writes it; null for what has none, and where a mask stands in its place.
    """
    name = url.str.extract(_AUTHORITY).str.to_lowercase().str.strip_suffix(".")
    name = name.str.strip_prefix("www.")
    good = pl.when(name.str.contains(_NAME)).then(name)
    ascii_only = good.str.contains(r"^[\x00-\x7f]*$")
    foreign = good.map_elements(_punycode, pl.String, skip_nulls=True)
    return pl.when(ascii_only).then(good).when(good.is_not_null()).then(foreign)


def _punycode(name: str) -> str:
    """The name as DNS has it; the name itself where IDNA does not allow it."""
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name
