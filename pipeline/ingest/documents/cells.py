"""Cells of worksheets: those that hold something, and numbers as they are shown."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import isfinite

from taojin.pipeline.ingest.records import Unreadable

_BUILT_IN: Mapping[int, str] = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%",
    **dict.fromkeys((*range(14, 18), *range(27, 32), 36, *range(50, 59)), "yyyy-mm-dd"),
    **dict.fromkeys((*range(18, 22), *range(32, 36), 45, 46, 47), "hh:mm:ss"),
    22: "yyyy-mm-dd hh:mm",
}  # fmt: skip
_NOT_SHOWN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.I)
_EPOCH = datetime(1899, 12, 30)  # a worksheet knows no time zone
_EPOCH_1904 = datetime(1904, 1, 1)
_MOST_DECIMALS = 15
_LONGEST = 300
_FIFTEEN_DIGITS = 10**15
_NO_LEAP_DAY = 60


def format_code(number: int, own: Mapping[int, str]) -> str:
    """The part of a format that says how a number is shown, without what is only written beside."""
    code = own.get(number, _BUILT_IN.get(number, ""))
    return _NOT_SHOWN.sub("", code.partition(";")[0])


def shown(value: str, code: str, *, from_1904: bool = False) -> str:
    """The number under that format, dates in ISO form; as it is where it is no number."""
    try:
        number = float(value)
    except ValueError:
        return value
    if not isfinite(number) or len(value) > _LONGEST:
        return ""
    if re.search("[ymdhs]", code.lower()):
        return _moment(number, code.lower(), from_1904) or _plain(number)
    if "E" in code or "/" in code or not re.search("[0#?]", code):
        return _plain(number)
    return _decimal(number, code)


def _plain(number: float) -> str:
    """The fifteen digits that a worksheet shows: 0.1 + 0.2 is 0.3."""
    whole = number.is_integer() and abs(number) < _FIFTEEN_DIGITS
    return str(int(number)) if whole else f"{number:.15g}"


def _decimal(number: float, code: str) -> str:
    whole, _, rest = code.partition(".")
    decimals = min(len(rest) - len(rest.lstrip("0#?")), _MOST_DECIMALS)
    comma = "," if "#,#" in whole else ""
    if "%" in code:
        return f"{number * 100:{comma}.{decimals}f}%"
    text = f"{number:{comma}.{decimals}f}"
    width = whole.count("0") + (decimals and decimals + 1)
    return text if comma else text.zfill(min(width, _LONGEST))


def _moment(number: float, code: str, from_1904: bool) -> str:
    """A date, a time or both; "" for a number that no calendar has."""
    # the calendar that Excel took over has a 29th of February 1900
    leap = not from_1904 and 0 < number < _NO_LEAP_DAY
    epoch = _EPOCH_1904 if from_1904 else _EPOCH
    try:
        moment = epoch + timedelta(days=number + leap, milliseconds=500)
    except (OverflowError, ValueError):
        return ""
    minutes = moment.strftime(":%M:%S" if "s" in code else ":%M")
    if "[" in code:  # a duration, whose hours may run over a day
        return f"{int(number * 24 + 1e-6):02d}{minutes}"
    time = f"{moment.hour:02d}{minutes}"
    if not re.search("[yd]", code) and re.search("[hs]", code):
        return time
    day = moment.date().isoformat()
    return f"{day} {time}" if "h" in code else day


def compact(rows: Iterable[Mapping[int, str]], most: int) -> list[list[str]]:
    """The rows, each a text by its column, without empty rows and columns.

    Raises Unreadable: too_large where they take more than `most` characters.
    """
    held: list[Mapping[int, str]] = []
    size = 0
    for cells in rows:
        size += sum(map(len, cells.values())) + 3 * len(cells)
        if size > most:
            raise Unreadable("too_large", f"sheets of more than {most} characters")
        if cells:
            held.append(cells)
    columns = sorted(set().union(*held))
    if len(held) * len(columns) * 3 + size > most:
        raise Unreadable("too_large", f"a sheet of {len(held)} rows and {len(columns)} columns")
    return [[row.get(column, "") for column in columns] for row in held]
