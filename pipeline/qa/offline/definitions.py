"""Definitions: sentences that say what something is; the answer is the sentence."""

from collections.abc import Iterator

from taojin.pipeline.qa.blocks import Document
from taojin.pipeline.qa.offline import definitions_en, definitions_zh
from taojin.pipeline.qa.offline.candidates import Candidate, sentences

CUE = (
    r"是指|指的是|系指|是一[种個个類类款门門套项項组組家座位名]|所谓|所謂|"
    r"(?m)^[^。\n]{2,30}[）)]，?是"
    r"|(?:is|are|was|were) (?:a|an|the) |refers? to|defined as"
)


def propose(document: Document) -> Iterator[Candidate]:
    """At most one definition per sentence of prose."""
    spoken = definitions_zh if document.zh else definitions_en
    for block in document.blocks:
        if block.kind not in ("paragraph", "item") or not spoken.CUE.search(
            document.text, block.start, block.end
        ):
            continue
        for sentence in sentences(document, block):
            if spoken.CUE.search(sentence.text) and (found := spoken.find(document, sentence)):
                kind, question, score = found
                start = sentence.start + definitions_zh.skip(sentence.text)
                yield Candidate(
                    "definitions", kind, question, start, sentence.start + len(sentence.text), score
                )
