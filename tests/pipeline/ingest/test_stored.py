"""gzip members, read as zlib reads them: the same pieces, the same faults, the same ends."""

import gzip
import io
import random
import zlib

from hypothesis import given, settings
from hypothesis import strategies as st

from taojin.pipeline.ingest.stored import GZIP, Member, Stored
from taojin.tests.pipeline.ingest.crawls import Cut, cuts, damaged

_WORDS = random.Random(1).choices(["gold", "淘金", "\r\n", "<p>", "0", "sand"], k=30_000)
CONTENT = " ".join(_WORDS).encode() + random.Random(2).randbytes(20_000)


def by_zlib(data: bytes) -> tuple[list[bytes], str, int]:
    """Pieces, fault and end of the member that opens the data."""
    inflate = zlib.decompressobj(31)
    pieces: list[bytes] = []
    for at in range(0, len(data), GZIP.slice_bytes):
        try:
            pieces.append(inflate.decompress(data[at : at + GZIP.slice_bytes]))
        except zlib.error:
            return list(filter(None, pieces)), "bad_record", -1
        if inflate.eof:
            end = min(len(data), at + GZIP.slice_bytes) - len(inflate.unused_data)
            return list(filter(None, pieces)), "", end
    return list(filter(None, pieces)), "truncated", -1


@settings(max_examples=400, deadline=None)
@given(
    size_bytes=st.integers(0, len(CONTENT)),
    level=st.integers(0, 9),
    cuts=cuts(30),
    behind=st.sampled_from((b"", bytes(9), gzip.compress(b"the next member"))),
)
def test_members_are_read_as_zlib_reads_them(
    size_bytes: int, level: int, cuts: list[Cut], behind: bytes
) -> None:
    data = damaged(gzip.compress(CONTENT[-size_bytes:], level), cuts) + behind
    stored = Stored(io.BytesIO(data))
    member = Member(stored, GZIP)
    pieces = list(iter(member.read, b""))
    expected, fault, end = by_zlib(data)
    assert (pieces, member.fault) == (expected, fault)
    if not fault:
        assert stored.position == end
