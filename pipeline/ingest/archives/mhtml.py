"""Web pages as browsers save them: the main page of a MIME archive, with its URL."""

from email.message import EmailMessage

from taojin.pipeline.ingest.archives import messages
from taojin.pipeline.ingest.archives.headers import header
from taojin.pipeline.ingest.records import ReadOptions, Record, Unreadable

MIME = "multipart/related"


def read(data: bytes, options: ReadOptions) -> Record:
    """The page as one document; frames, pictures and styles are left out. Raises Unreadable."""
    message = messages.parsed(data)
    page = _main_page(message)
    if page is None:
        raise Unreadable("unreadable", "no page in the archive")
    found = messages.text_of(page, options)
    url = header(page, "content-location")
    return Record(
        0,
        len(data),
        found.text,
        url or header(message, "snapshot-content-location"),
        found.title or header(message, "subject"),
        messages.date_of(message),
        MIME,
        charset=found.charset,
        charset_from=found.charset_from,
        extractor=found.extractor,
    )


def _main_page(message: EmailMessage) -> EmailMessage | None:
    """The part that the archive starts with: the one it names, or else its first page."""
    pages = [part for part in messages.leaves(message) if part.get_content_type() in messages.PAGES]
    start = message.get_param("start")
    named = (part for part in pages if start and header(part, "content-id") == start)
    return next(named, pages[0] if pages else None)
