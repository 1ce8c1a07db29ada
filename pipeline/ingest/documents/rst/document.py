"""A reStructuredText file as Markdown: a pass over its lines, without files that it names.

docutils takes eight times as long, gives up where much is nested, and reads what a file includes;
here nothing is fetched, and no line is read more than a fixed number of times.
"""

import re

from taojin.pipeline.ingest import charset
from taojin.pipeline.ingest.documents.rst import definitions
from taojin.pipeline.ingest.documents.rst.body import Body
from taojin.pipeline.ingest.documents.rst.inline import Inline
from taojin.pipeline.ingest.documents.rst.lines import lines_of
from taojin.pipeline.ingest.documents.rst.state import State
from taojin.pipeline.ingest.markup import blocks
from taojin.pipeline.ingest.records import ReadOptions, Record

MIME = "text/x-rst"
_PROPOSAL = re.compile(r"\A\s*PEP: *\d+\n(?:\S.*\n|[ \t]+\S.*\n)*")
_HEADER = re.compile(r"^([A-Za-z-]+): *(.*(?:\n[ \t]+.*)*)", re.M)


def read(data: bytes, _: ReadOptions) -> Record:
    """The text as one document; what the file says about it is not part of the text."""
    decoded = charset.decode(data)
    text = decoded.text
    fields: dict[str, str] = {}
    if proposal := _PROPOSAL.match(text):
        headers = _HEADER.findall(proposal[0])
        fields = {name.lower(): blocks.one_line(value) for name, value in headers}
        text = text[proposal.end() :]
    state = State(Inline(definitions.found(text), budget=len(text)), fields)
    found = Body(lines_of(text), state).blocks()
    markdown = charset.clean(blocks.joined(block.text for block in found))
    return Record(
        0,
        len(data),
        markdown,
        title=charset.clean(fields.get("title", "") or state.first_heading),
        fetched_at=fields.get("date", "") or fields.get("created", ""),
        mime=MIME,
        licence=fields.get("license", "") or fields.get("licence", ""),
        charset=decoded.encoding,
        charset_from=decoded.told,
    )
