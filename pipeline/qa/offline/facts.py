"""Facts: one span of a sentence becomes the answer, the rest of the sentence the question.

Chinese keeps its question words in place: 多少 where the number stood asks for it, without a
parser. English moves words, so only the copula and the subject at the head are asked for.
"""

from collections.abc import Iterator

from taojin.pipeline.qa.blocks import Document
from taojin.pipeline.qa.offline import facts_en, facts_zh
from taojin.pipeline.qa.offline.candidates import Candidate, sentences

CUE = (
    r"\d{4}年|[\d十百千万]+ ?(?:个|個|年|日|天|小时|小時|分钟|万|元|人|种|種|条|次|项|名|"
    r"所|座|米|公里|岁|歲|亿|％|%)"
    r"|百分之|位于|位於|由于|由於|(?:was|were|is|are) (?:\w+ )?(?:in|by|on) |(?:is|"
    r"are) used (?:to|for) |stands? for "
    r"|(?:discovered|invented|founded|wrote|composed|designed|painted|established|"
    r"published|proposed|developed|created|won|defeated|introduced|built) |\b(?:1\d|"
    r"20)\d\d\b|[Tt]he (?:purpose|goal|difference|capital|default value) |There are "
)


def propose(document: Document) -> Iterator[Candidate]:
    """At most one question per sentence of prose; an item of a list leans on what announces it."""
    spoken = facts_zh if document.zh else facts_en
    for block in document.blocks:
        if block.kind != "paragraph" or not spoken.CUE.search(
            document.text, block.start, block.end
        ):
            continue
        for sentence in sentences(document, block):
            if spoken.CUE.search(sentence.text) and not sentence.text.endswith(
                ("？", "?", "：", ":")
            ):
                yield from spoken.find(document, sentence)
