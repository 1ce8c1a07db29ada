"""The shapes of the page's figures: path data for SVG, made of numbers alone."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

WIDTH, HEIGHT = 320, 72
MANY = 1000
"""A bin that holds more makes all others invisible, even by square roots."""


def bars(counts: Sequence[int]) -> str:
    """One rectangle per bin as the data of one path; a height is the square root of its count.

    >>> bars([4, 0, 1])
    'M0 72v-72h105.7v72zM213.3 72v-36h105.7v36z'
    """
    return _rectangles(counts, [0] * len(counts), counts, math.sqrt)


def stack(kept: Sequence[int], dropped: Sequence[int]) -> dict[str, Any]:
    """The paths of a histogram: the kept at the bottom, the dropped on them.

    The height of a whole stack is the square root of its count, or `log` of 1 + count where the
    largest is above MANY; its parts share that height.
    """
    totals = [a + b for a, b in zip(kept, dropped, strict=True)]
    log = max(totals) > MANY
    height = math.log1p if log else math.sqrt
    return {
        "kept": _rectangles(kept, [0] * len(kept), totals, height),
        "dropped": _rectangles(dropped, kept, totals, height),
        "log": log,
    }


def _rectangles(
    counts: Sequence[int],
    below: Sequence[int],
    totals: Sequence[int],
    height: Callable[[float], float],
) -> str:
    step = WIDTH / len(counts)
    pieces = []
    for index, (count, under, total) in enumerate(zip(counts, below, totals, strict=True)):
        if count:
            scale = HEIGHT * height(total) / height(max(totals)) / total
            foot, tall = _brief(HEIGHT - under * scale), _brief(count * scale)
            pieces.append(f"M{_brief(index * step)} {foot}v-{tall}h{_brief(step - 1)}v{tall}z")
    return "".join(pieces)


def level(part: int, whole: int) -> int:
    """The shade of a part of a whole: 0 for none, then 1 to 5 in steps of 20 %.

    >>> [level(part, 100) for part in (0, 1, 20, 21, 100)]
    [0, 1, 1, 2, 5]
    """
    return math.ceil(5 * part / whole) if whole else 0


def place(value: float, metric: Mapping[str, Any]) -> str:
    """Where a value lies on a metric's axis, from 0 to WIDTH."""
    low, high = metric["low"], metric["high"]
    if metric["log"]:
        low, high, value = math.log1p(low), math.log1p(high), math.log1p(value)
    return _brief(WIDTH * (value - low) / (high - low))


def middle(metric: Mapping[str, Any]) -> float:
    """The value at the middle of a metric's axis."""
    low, high = float(metric["low"]), float(metric["high"])
    if metric["log"]:
        return math.expm1((math.log1p(low) + math.log1p(high)) / 2)
    return (low + high) / 2


def part(value: float, whole: float, width: float = 100) -> str:
    """The length of a bar: value's part of the whole; 0 where the whole is 0."""
    return _brief(width * value / whole if whole else 0.0)


def _brief(number: float) -> str:
    """At most one decimal, without a trailing zero: figures are most of the page's bytes."""
    text = f"{number:.1f}"
    return text.removesuffix(".0")
