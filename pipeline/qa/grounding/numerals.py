"""Chinese numerals: what they are worth."""

from decimal import Decimal

_DIGITS = {character: at for at, character in enumerate("零一二三四五六七八九")}
_DIGITS |= {"〇": 0, "○": 0, "两": 2, "兩": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}


def value(written: str) -> Decimal | None:
    """The worth of a numeral; None for characters that make none, such as 万一 or 千千.

    >>> value("三千二百"), value("二〇二四"), value("两万零五十"), value("三点五"), value("一百二")
    (Decimal('3.2E+3'), Decimal('2024'), Decimal('2.005E+4'), Decimal('3.5'), Decimal('1.2E+2'))
    """
    whole, _, fraction = written.partition("点")
    if all(character in _DIGITS for character in whole):
        digits = "".join(str(_DIGITS[character]) for character in whole)
    else:
        worth = _whole(whole)
        if worth is None:
            return None
        digits = str(worth)
    decimals = "".join(str(_DIGITS[character]) for character in fraction)
    return Decimal(f"{digits}.{decimals}" if decimals else digits).normalize()


def _whole(written: str) -> int | None:
    """Sections of ten thousand, each of digits with tens, hundreds and thousands."""
    total = section = 0
    digit: int | None = None
    last = 10**12
    for at, character in enumerate(written):
        if character in _DIGITS:
            if digit:
                return None
            digit = _DIGITS[character]
        elif character in _TENS:
            unit = _TENS[character]
            if unit >= last or (digit is None and at and last != 10**12 and unit != 10):
                return None
            section += (1 if digit is None else digit) * unit
            digit, last = None, unit
        else:
            section += digit or 0
            if not section and not total:
                return None
            if _MYRIADS[character] > 10**4 and total:
                total, section = (total + section) * _MYRIADS[character], 0
            else:
                total, section = total + section * _MYRIADS[character], 0
            digit, last = None, 10**12
    if digit and written[-2] in "百千万萬亿億" and written[-1] in _DIGITS:
        before = {**_TENS, **_MYRIADS}[written[-2]]
        return total + section + digit * before // 10
    return total + section + (digit or 0)
