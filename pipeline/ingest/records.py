"""What the readers give: one entry for every record of the input, whatever became of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from taojin.pipeline.ingest.fence import Fence

Extractor = Literal["taojin", "trafilatura", "resiliparse"]


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a conversation: code points `start` to `end` of the document's text.

    `role` is user, assistant, system, tool, post, comment or other; `parent` is the place of the
    message that it answers, counted from 0, None for one that opens. `speaker` numbers those who
    speak, and `score` is how readers rated it; None where the source tells none.
    """

    role: str
    start: int
    end: int
    parent: int | None
    speaker: int | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A document that was read. `text` may be empty: a page without main content is a document.

    `fetched_at` is the date as the source wrote it, an empty `licence` means the source's own,
    an empty `kind` the source's too. `member` is the path in the archive that the file is.
    `unread` is the cause and the detail of a part that could not be read, such as scanned pages.
    `charset` is Python's name of the encoding and `charset_from` how that was told (charset.Told,
    or `format` where the format allows one alone); both are empty for what no bytes of text were
    read from. `extractor` is the engine that found the main content of a page.
    """

    position: int
    size_bytes: int
    text: str
    url: str = ""
    title: str = ""
    fetched_at: str = ""
    mime: str = ""
    licence: str = ""
    kind: str = ""
    member: str = ""
    messages: tuple[Message, ...] = ()
    unread: tuple[str, str] | None = None
    charset: str = ""
    charset_from: str = ""
    extractor: str = ""
    author: str = ""


@dataclass(frozen=True, slots=True)
class Damaged:
    """A record, or a stretch of a file, that could not be read; `detail` never holds its text.

    The causes: bad_encoding, bad_json, bad_path, bad_record, bad_row, crashed, encrypted,
    missing_text, needs_ocr, no_file, ocr_failed, too_large, too_slow, truncated, unknown_format,
    unreadable.
    """

    position: int
    size_bytes: int
    cause: str
    detail: str = ""
    member: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that holds no document by its nature; the ledger's reason is `ingest.<kind>`."""

    position: int
    size_bytes: int
    kind: str


Entry = Record | Damaged | Skipped

COLUMNS: Mapping[str, str] = {"text": "text", "url": "url", "title": "title", "date": "date"}
"""Where a table's row keeps what a record needs, unless the recipe names other columns."""


@dataclass(frozen=True)
class ReadOptions:
    """How to read a source.

    `columns` maps text, url, title, date, mime, licence, author, conversation and the parts of a
    labelled row to a column of a table, options to several; dots lead into nested values.
    `max_bytes` bounds one record, compressed or not. `ocr` is the command, word by word, that reads
    the picture of a page, or empty. Without a `fence` parsers that need one work in this process.
    """

    columns: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    extractor: Extractor = "taojin"
    max_bytes: int = 64 << 20
    ocr: tuple[str, ...] = ()
    fence: "Fence | None" = None


class Unreadable(Exception):  # noqa: N818
    """Raised inside a reader for one record; becomes a `Damaged` entry with this cause."""

    def __init__(self, cause: str, detail: str = "") -> None:
        super().__init__(cause, detail)
        self.cause = cause
        self.detail = detail

    def at(self, position: int, size_bytes: int) -> Damaged:
        """The quarantine entry for the record at that position."""
        return Damaged(position, size_bytes, self.cause, self.detail)


PARSER_ERRORS = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    RecursionError,
    NotImplementedError,
)
"""What third-party parsers raise on files that they were not written for."""
