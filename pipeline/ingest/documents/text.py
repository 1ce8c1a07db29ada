"""A plain text file."""

from taojin.pipeline.ingest import charset
from taojin.pipeline.ingest.records import ReadOptions, Record


def read(data: bytes, _: ReadOptions) -> Record:
    """The whole file as one document, whatever its encoding."""
    decoded = charset.decode(data)
    return Record(
        0,
        len(data),
        decoded.text,
        mime="text/plain",
        charset=decoded.encoding,
        charset_from=decoded.told,
    )
