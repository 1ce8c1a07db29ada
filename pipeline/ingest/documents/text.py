"""A plain text file."""

from taojin.pipeline.ingest import charset
from taojin.pipeline.ingest.records import ReadOptions, Record


def read(data: bytes, _: ReadOptions) -> Record:
    """The whole file as one document, whatever its encoding."""
    return Record(0, len(data), charset.decode(data).text, mime="text/plain")
