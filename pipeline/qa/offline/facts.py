"""Facts: one span of a sentence becomes the answer, the rest of the sentence the question.

Chinese keeps its question words in place: 多少 where the number stood asks for it, without a
parser. English moves words, so only the copula and the subject at the head are asked for.
"""

from collections.abc import Iterator

from taojin.pipeline.qa.blocks import Document
from taojin.pipeline.qa.offline import facts_en, facts_zh
from taojin.pipeline.qa.offline.candidates import Candidate, sentences

CUE = r"[。；！]|\([A-Z]{2,6}\)|(?:was|were|is|are|been) |[A-Z][\w']+ [a-z]+"


def propose(document: Document) -> Iterator[Candidate]:
    """At most one question per sentence of prose; an item of a list leans on what announces it."""
    spoken = facts_zh if document.zh else facts_en
    for block in document.blocks:
        if block.kind != "paragraph" or not spoken.CUE.search(
            document.text, block.start, block.end
        ):
            continue
        about = ""
        for sentence in sentences(document, block):
            about = facts_zh.person(sentence.text, about) if document.zh else ""
            if spoken.CUE.search(sentence.text) and not sentence.text.endswith(
                ("？", "?", "：", ":")
            ):
                yield from spoken.find(document, sentence, about)
