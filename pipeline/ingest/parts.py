"""The parts of a large file, each of which one task reads.

A part owns the records that start in it. Where one ends is found by the reader of the whole file,
not guessed from what a record looks like: so the parts give what the whole file gives, entry by
entry, damaged or not.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Part:
    """The records that start at stored bytes `start` to `end` - 1; to the end of the file if None.

    `before` is how many rows or lines lie before it, where records have their numbers as positions.
    """

    start: int
    end: int | None = None
    before: int = 0

    def bytes_of(self, size_bytes: int) -> int:
        """Its stored bytes in a file of that size."""
        return (size_bytes if self.end is None else self.end) - self.start


WHOLE = Part(0)


def cut(openings: Iterable[Part], size_bytes: int, target_bytes: int) -> list[Part]:
    """Parts of a file of about that many bytes, or more where no record starts for longer.

    An opening is where reading can begin: a part up to the end of the file. They rise.
    """
    parts = [WHOLE]
    for opening in openings:
        if target_bytes <= opening.start - parts[-1].start and opening.start < size_bytes:
            parts[-1] = replace(parts[-1], end=opening.start)
            parts.append(opening)
    return parts


def even(size_bytes: int, most_bytes: int) -> int:
    """The bytes of a part where a file is cut into equal ones of at most that many."""
    return -(-size_bytes // -(-size_bytes // most_bytes))
