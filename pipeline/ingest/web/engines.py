"""Engines of others that find a page's main content; each page is one piece behind the fence.

They take time with the square of some pages, and one of them is C++ that may crash.
"""

from collections.abc import Callable, Mapping

from taojin.pipeline.ingest.fence import Fence, Work, run
from taojin.pipeline.ingest.records import PARSER_ERRORS, Unreadable
from taojin.pipeline.ingest.web import trafilatura_engine

_SAMPLE = "<html><body><article><h1>Gold</h1><p>A pan and a river.</p></article></body></html>"


def content(html: str, engine: str, fence: Fence | None) -> str:
    """The text that an engine finds. Raises Unreadable."""
    text: str = run(fence, Work(_content, (_SAMPLE, engine)), html, engine)
    return text


def _content(html: str, engine: str) -> str:
    try:
        return _ENGINES[engine](html)
    except PARSER_ERRORS as error:
        raise Unreadable("unreadable", f"{engine}: {type(error).__name__}") from error


def _resiliparse(html: str) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    return str(extract_plain_text(html, main_content=True, alt_texts=False))


_ENGINES: Mapping[str, Callable[[str], str]] = {
    "trafilatura": trafilatura_engine.text_of,
    "resiliparse": _resiliparse,
}
