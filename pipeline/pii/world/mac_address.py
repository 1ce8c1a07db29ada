"""Hardware addresses of network devices (IEEE 802): six bytes, or three groups of four digits."""

import re

from taojin.pipeline.pii.detector import Detector, Span


def _mac(match: re.Match[str]) -> Span | None:
    """Not that of a group or of all: the lowest bit of the first byte is 0 in a device's own."""
    digits = re.sub("[^0-9A-Fa-f]", "", match["value"])
    is_device = int(digits[:2], 16) % 2 == 0 and int(digits, 16) != 0
    return match.span("value") if is_device else None


_BYTE = "[0-9A-Fa-f]{2}"
_GAP = "[:：\\-－‐-―]"
MAC_ADDRESS = (
    Detector(
        kind="mac_address",
        placeholder="<MAC_ADDRESS>",
        prefilter=f"{_BYTE}(?:{_GAP}{_BYTE}){{5}}|(?:[0-9A-Fa-f]{{4}}[.]){{2}}[0-9A-Fa-f]{{4}}",
        pattern=re.compile(
            rf"(?<![0-9A-Za-z_])(?<![0-9A-Fa-f][:.\-])(?P<value>{_BYTE}(?P<gap>[:\-]){_BYTE}"
            rf"(?:(?P=gap){_BYTE}){{4}}|(?:[0-9A-Fa-f]{{4}}\.){{2}}[0-9A-Fa-f]{{4}})"
            r"(?![0-9A-Za-z_])(?![:.\-][0-9A-Fa-f])"
        ),
        validate=_mac,
    ),
)
