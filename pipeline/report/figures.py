"""The shapes of the page's figures: path data for SVG, made of numbers alone."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH, HEIGHT = 320, 72


def bars(counts: Sequence[int]) -> str:
    """One rectangle per bin as the data of one path; a height is the square root of its count.

    >>> bars([4, 0, 1])
    'M0 72v-72h105.7v72zM213.3 72v-36h105.7v36z'
    """
    return stack(counts, [0] * len(counts))["kept"]


def stack(kept: Sequence[int], dropped: Sequence[int]) -> dict[str, str]:
    """The paths of a histogram: the kept at the bottom, the dropped on them.

    The height of a whole stack is the square root of its count; its parts share that height.
    """
    totals = [a + b for a, b in zip(kept, dropped, strict=True)]
    return {
        "kept": _rectangles(kept, [0] * len(kept), totals),
        "dropped": _rectangles(dropped, kept, totals),
    }


def _rectangles(counts: Sequence[int], below: Sequence[int], totals: Sequence[int]) -> str:
    step = WIDTH / len(counts)
    pieces = []
    for index, (count, under, total) in enumerate(zip(counts, below, totals, strict=True)):
        if count:
            scale = HEIGHT * math.sqrt(total / max(totals)) / total
            foot, tall = _brief(HEIGHT - under * scale), _brief(count * scale)
            pieces.append(f"M{_brief(index * step)} {foot}v-{tall}h{_brief(step - 1)}v{tall}z")
    return "".join(pieces)


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
