"""Reading tasks: what connectives and titles say of a text, for pretraining mixes.

After AdaptLLM ("Adapting Large Language Models via Reading Comprehension", Cheng et al. 2024), no
model but the text's own signs. 因此 and `Therefore` join a cause to its consequence, 然而 and
`However` two statements that disagree, 也就是说 and `In other words` a statement to its paraphrase;
a title sums up. The task is the question, what stands in the text the answer.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from taojin.pipeline.qa.blocks import Block, Document
from taojin.pipeline.qa.offline.candidates import Candidate, Sentence, plain, sentences

MOST_PER_KIND = 2
"""Tasks of one kind from one document, as in the paper."""

CUE = (
    r"因此|所以|然而|但是|不过|也就是说|换句话说|換句話說|也就是說|換言之|换言之|"
    r"Therefore|Consequently|As a result|However|In other words|That is to say"
)
_JOINED = {
    "consequence": (
        re.compile(
            r"^(?:因此|所以|于是|從而|从而|Therefore|Consequently|As a result|Thus|Hence),?，? ?"
        ),
        "由“{}”可以得出什么结论？",
        'What follows from the statement "{}"?',
    ),
    "contrast": (
        re.compile(r"^(?:然而|但是|不过|不過|可是|However|Nevertheless|Yet),?，? ?"),
        "与“{}”形成转折的是什么？",
        'What stands in contrast to the statement "{}"?',
    ),
    "paraphrase": (
        re.compile(
            r"^(?:也就是说|也就是說|换句话说|換句話說|换言之|換言之|"
            r"In other words|That is to say|That is),?，? ?"
        ),
        "“{}”换句话怎么说？",
        'How can the statement "{}" be put in other words?',
    ),
}
_LONGEST = {True: 40, False: 160}
"""Code points of a statement that is quoted in the question, in Chinese and in English."""
_TRADITIONAL = str.maketrans("么论与转换话说", "麼論與轉換話說")


def propose(document: Document) -> Iterator[Candidate]:
    """At most two tasks of each kind, the first ones."""
    taken = dict.fromkeys((*_JOINED, "title"), 0)
    for candidate in _all(document):
        if taken[candidate.kind] < MOST_PER_KIND:
            taken[candidate.kind] += 1
            yield candidate


def _all(document: Document) -> Iterator[Candidate]:
    yield from _title(document)
    for block in document.blocks:
        if block.kind == "paragraph":
            yield from _connected(document, list(sentences(document, block)))


def _connected(document: Document, said: Sequence[Sentence]) -> Iterator[Candidate]:
    """Two sentences in a row of which the second begins with a connective."""
    for before, sentence in pairwise(said):
        for kind, (pattern, zh, en) in _JOINED.items():
            match = pattern.match(sentence.text)
            quoted = plain(before.text[: before.body_end])
            if match is None or not 8 <= len(quoted) <= _LONGEST[document.zh]:
                continue
            asked = (zh if document.zh else en).format(quoted)
            question = asked.translate(_TRADITIONAL) if document.hant else asked
            start = sentence.start + match.end()
            yield Candidate(
                "reading", kind, question, start, sentence.start + len(sentence.text), 0.5
            )


def _title(document: Document) -> Iterator[Candidate]:
    """The first heading of the text as the answer to what its first paragraph is about."""
    blocks = document.blocks
    if len(blocks) < 2 or blocks[0].kind != "heading" or blocks[1].kind != "paragraph":
        return
    first = next(sentences(document, Block("paragraph", blocks[1].start, blocks[1].end)), None)
    quoted = plain(first.text[: first.body_end]) if first else ""
    if 8 <= len(quoted) <= _LONGEST[document.zh]:
        zh, en = (
            "以“{}”开头的文章，标题是什么？",
            'What is the title of the text that begins with "{}"?',
        )
        question = (zh if document.zh else en).format(quoted)
        yield Candidate("reading", "title", question, blocks[0].start, blocks[0].end, 0.4)
