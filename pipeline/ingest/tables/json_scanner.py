"""Where the values of a JSON text begin and end: brackets and commas outside of strings.

The scanner frames, the json module reads: what is wrong in one value costs that value alone, and
no more than one is held.
"""

import re
from collections.abc import Iterator

BRACKETS = re.compile(rb'["{}\[\]]')
ITEMS = re.compile(rb'["{}\[\],]')
_INSIDE = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.S)


class Scanner:
    """Goes from sign to sign; `position` is how many bytes lie behind it."""

    def __init__(self, blocks: Iterator[bytes], max_bytes: int) -> None:
        self._blocks = blocks
        self._max_bytes = max_bytes
        self._block = b""
        self._base = self._at = self._start = 0
        self._held: list[bytes] = []
        self._size = 0

    @property
    def position(self) -> int:
        """How many bytes have been passed."""
        return self._base + self._at

    def sign(self, signs: re.Pattern[bytes]) -> bytes:
        """The next of these signs outside of strings, b"" at the end of the text."""
        while self._at < len(self._block) or self._more():
            found = signs.search(self._block, self._at)
            self._at = found.end() if found else len(self._block)
            if found and found.group() == b'"':
                self._string()
            elif found:
                return found.group()
        return b""

    def value(self) -> bytes | int:
        """What has been passed since the last call, less the last sign; its size if too large."""
        self._hold(self._at - 1)
        size, held = self._size, self._held
        self._held, self._size, self._start = [], 0, self._at
        return b"".join(held) if size <= self._max_bytes else size

    def skip(self, position: int) -> None:
        """Go to a place that lies ahead."""
        while self._base + len(self._block) < position and self._more():
            pass
        self._at = self._start = position - self._base
        self._held, self._size = [], 0

    def is_at_end(self) -> bool:
        """Whether only white space follows."""
        while not self._block[self._at :].strip():
            if not self._more():
                return True
        return False

    def _string(self) -> None:
        """Go behind the end of a string, which may lie in a later block."""
        while True:
            self._at = _INSIDE.match(self._block, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._block):
                self._at += 1
                if self._block[self._at - 1 : self._at] == b'"':
                    return
                if not self._more():  # the escape at the end of a block
                    return
                self._at = min(1, len(self._block))
            elif not self._more():
                return

    def _more(self) -> bool:
        """Whether there is a next block, which is then the current one."""
        block = next(self._blocks, b"")
        if not block:
            return False
        self._hold(len(self._block))
        self._base += len(self._block)
        self._block, self._at, self._start = block, 0, 0
        return True

    def _hold(self, end: int) -> None:
        piece = self._block[self._start : max(end, self._start)]
        self._size += len(piece)
        if self._size <= self._max_bytes:
            self._held.append(piece)
        else:
            self._held = []
