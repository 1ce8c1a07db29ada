"""Formulas of pages as TeX between dollars: MathML that says its TeX, and scripts for MathJax."""

import re

from taojin.pipeline.ingest.markup.page import Parsed
from taojin.pipeline.ingest.markup.tree_kernels import INSIDE, LAST, PARENT, START

_TAGS = re.compile(r"<[^<>]*>")
_ALT = re.compile(r"""\balttext\s*=\s*("[^"]*"|'[^']*')""", re.I)
_TEX = re.compile(r"<annotation[^<>]{0,200}x-tex[^<>]{0,200}>", re.I)
_TEX_END = re.compile(r"</annotation", re.I)


def formula(inside: str, tag: str) -> str:
    """The TeX of an element, where the page has it; else its symbols."""
    if tag[1:7].lower() == "script":
        mark = "$$" if "display" in tag else "$"
        return f"{mark}{inside.strip()}{mark}"
    if (found := _TEX.search(inside)) and (end := _TEX_END.search(inside, found.end())):
        return f"${inside[found.end() : end.start()].strip()}$"
    if found := _ALT.search(tag):
        return f"${found[1][1:-1].strip()}$"
    return _TAGS.sub("", inside)


def drawn_again(page: Parsed, math: int) -> range:
    """The elements behind it that draw a formula once more for the eye, as those of KaTeX do."""
    parent = int(page.elements[math, PARENT])
    tag = page.raw(page.elements[parent, START], page.elements[parent, INSIDE])
    outer = int(page.elements[parent, PARENT])
    return range(math, int(page.elements[outer, LAST]) if "katex-mathml" in tag else 0)
