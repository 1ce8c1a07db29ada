"""When a document was fetched, in seconds, from the date as its source wrote it.

Read are ISO 8601 (WARC's own form), dates of year, month and day with other signs between them
(2024/1/2, 2024年1月2日), the 14 digits of CDX files, and the three forms of HTTP (RFC 9110, section
5.6.7) and e-mail. A time without a zone is UTC.
"""

import polars as pl

OLDEST = -(2**62)
"""What stands for a date that is missing or cannot be read: older than any."""

_ZONE = r"\s*(?P<zone>[+-]\d{2}:?\d{2})?"
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FORMS = (
    r"^(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
    r"(?:[Tt\s]\s*" + _TIME + ")?" + _ZONE,
    r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:[Tt]?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2}))?" + _ZONE + "[Zz]?$",
    r"(?i)^(?:[a-z]+,\s*)?(?P<day>\d{1,2})[ -](?P<month>[a-z]{3})[a-z]*[ -](?P<year>\d{2,4})(?:\s+"
    + _TIME + ")?" + _ZONE,
    r"(?i)^[a-z]{3}\s+(?P<month>[a-z]{3})\s+(?P<day>\d{1,2})\s+" + _TIME
    + r"\s+(?P<year>\d{4})(?P<zone>$)?",
)  # fmt: skip
_PARTS = ("year", "month", "day", "hour", "minute", "second", "zone")


def seconds(dates: pl.Series) -> pl.Series:
    """Int64 `date` since 1970, UTC; OLDEST for a date that is empty or cannot be read."""
    text = dates.fill_null("").str.strip_chars()
    found = pl.DataFrame([_seconds(text, form).alias(str(at)) for at, form in enumerate(_FORMS)])
    return found.select(pl.coalesce(pl.all()).fill_null(OLDEST).alias("date")).to_series()


def _seconds(text: pl.Series, form: str) -> pl.Series:
    """Those of the dates that are written in this form; null for others."""
    parts = text.str.extract_groups(form).struct.unnest()
    months = {name: str(at + 1) for at, name in enumerate(_MONTHS)}
    named = parts.select(
        _full(pl.col("year")).alias("year"),
        pl.col("month").str.to_lowercase().replace(months),
        *(pl.col(name).fill_null("0") for name in ("day", "hour", "minute", "second")),
    )
    date = pl.concat_str(pl.col("year"), pl.exclude("year").str.zfill(2), separator=" ")
    moment = date.str.to_datetime("%Y %m %d %H %M %S", strict=False, time_unit="us")
    epoch = named.select(moment.dt.epoch("s").alias("date")).to_series()
    return epoch - parts.select(_offset(pl.col("zone")).fill_null(0)).to_series()


def _full(year: pl.Expr) -> pl.Expr:
    """RFC 850 writes two digits: 70 to 99 are of the last century."""
    last = (
        pl.when(year.cast(pl.Int32, strict=False) >= 70).then(pl.lit("19")).otherwise(pl.lit("20"))
    )
    return pl.when(year.str.len_chars() == 2).then(last + year).otherwise(year)


def _offset(zone: pl.Expr) -> pl.Expr:
    """Seconds that a zone such as +08:00 is ahead of UTC."""
    digits = zone.str.replace(":", "", literal=True)
    hours, minutes = (digits.str.slice(at, 2).cast(pl.Int64, strict=False) for at in (1, 3))
    sign = pl.when(digits.str.starts_with("-")).then(-1).otherwise(1)
    return sign * (hours * 3600 + minutes * 60)
