"""A page of HTML as the kernels read it."""

from dataclasses import dataclass

import numpy as np

from taojin.core.arrow import Bytes
from taojin.pipeline.ingest.markup import block_kernels, tags, tree_kernels
from taojin.pipeline.ingest.markup.tree_kernels import Table


@dataclass(frozen=True)
class Parsed:
    """A page: its bytes, its elements, the stretches of text in them, and the blocks they make."""

    data: Bytes
    elements: Table
    texts: Table
    blocks: Table

    def raw(self, start: int, end: int) -> str:
        return self.data[start:end].tobytes().decode("utf-8", "replace")


def parsed(html: str) -> Parsed:
    """The page, whatever it holds; linear in its bytes."""
    data = np.frombuffer(html.encode("utf-8", "replace"), np.uint8)
    elements, texts = tree_kernels.parse(data, *tags.tables())
    return Parsed(data, elements, texts, block_kernels.blocks(data, elements, texts))
