"""A web page in a file of its own."""

from taojin.pipeline.ingest import charset
from taojin.pipeline.ingest.records import ReadOptions, Record
from taojin.pipeline.ingest.web import extraction


def read(data: bytes, options: ReadOptions) -> Record:
    """The page's main content, and what it says about itself. Raises Unreadable."""
    decoded = charset.decode(data, markup=True)
    page = extraction.extract(decoded.text, options.extractor, options.fence)
    told = page.about
    return Record(
        0,
        len(data),
        page.text,
        told.url,
        told.title,
        told.date,
        "text/html",
        told.licence,
        charset=decoded.encoding,
        charset_from=decoded.told,
        extractor=options.extractor,
        author=told.author,
    )
