"""Codes of administrative divisions (GB/T 2260), from the table that python-stdnum ships.

The table has every county since 1980, so that the numbers of those born in abolished ones pass.
"""

from functools import lru_cache

PROVINCES = frozenset(
    code
    for first, last in (
        (11, 15),
        (21, 23),
        (31, 37),
        (41, 46),
        (50, 54),
        (61, 65),
        (71, 71),
        (81, 83),
    )
    for code in range(first, last + 1)
)
"""Of two digits; 81 to 83 are on residence permits of Hong Kong, Macao and Taiwan residents."""


@lru_cache(maxsize=4096)
def is_county(code: str) -> bool:
    """Whether six digits name a county, a prefecture or a province, now or since 1980."""
    from stdnum import numdb

    if code in {"810000", "820000", "830000"}:
        return True
    return any("county" in names for _, names in numdb.get("cn/loc").info(code))


def is_prefecture(code: str) -> bool:
    """Whether four digits name a prefecture or the counties of a municipality."""
    return is_county(f"{code}00")
