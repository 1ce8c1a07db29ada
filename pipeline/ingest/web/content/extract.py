"""A page's main content: parsed, cut into blocks, each judged by what is known of it, and rendered.

Everything is linear in the bytes of the page and depends on nothing else.
"""

import numpy as np
from numpy.typing import NDArray

from taojin.pipeline.ingest.markup import place_kernels
from taojin.pipeline.ingest.markup.block_kernels import CHARS, HOLDER, LINK_CHARS, UNITS
from taojin.pipeline.ingest.markup.page import Parsed
from taojin.pipeline.ingest.markup.place_kernels import LIST, PRE, TABLE
from taojin.pipeline.ingest.markup.render import (
    HEADINGS,
    data_tables,
    markdown,
)
from taojin.pipeline.ingest.markup.tree_kernels import TAG, Table
from taojin.pipeline.ingest.web.content import (
    feature_kernels,
    hint_kernels,
    hints,
    title_kernels,
)
from taojin.pipeline.ingest.web.content.alike import alike
from taojin.pipeline.ingest.web.content.forest import forest, scores

THRESHOLD = 0.65
"""The score from which a block is content."""
MOST_LINKS = 0.3
"""Share of a list's characters that may be links where it is kept for what is around it."""
HALF_SURE = 0.3
LONG_UNITS = 15
"""Where no block is content, those are that have so many units and such a score."""


def features(page: Parsed) -> feature_kernels.Features:
    """float32[blocks, features]: in the order of `feature_kernels.NAMES`."""
    data, elements, texts, blocks = page.data, page.elements, page.texts, page.blocks
    bits = hint_kernels.hints(data, elements, *hints.automaton())
    alike = _alike(elements, bits)
    titled = title_kernels.titled(data, elements, texts, blocks)
    return feature_kernels.features(max(data.size, 1), elements, texts, blocks, bits, alike, titled)


def _alike(elements: Table, bits: Table) -> Table:
    """int64[m]: how many elements of the page have the name and the hints of each."""
    keys = elements[:, TAG] ^ (bits << 8)
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    return counts[inverse]


def content(page: Parsed, surety: NDArray[np.float32], threshold: float = THRESHOLD) -> str:
    """The blocks that are content as Markdown."""
    places = place_kernels.places(page.elements, page.blocks)
    tables = data_tables(page, places)
    kept = surety > threshold
    if not kept.any():
        kept = (surety > HALF_SURE) & (page.blocks[:, UNITS] >= LONG_UNITS)
    kept |= alike(page, surety, kept)
    structure = np.where(np.isin(places[:, TABLE], [*tables]), places[:, TABLE], places[:, LIST])
    _keep_whole(kept, structure, surety, page.blocks, threshold)
    headings = np.isin(page.elements[page.blocks[:, HOLDER], TAG], [*HEADINGS])
    others = (headings & (surety > HALF_SURE)) | (places[:, PRE] > 0)
    _keep_between(kept, (structure > 0) | others, page.blocks)
    return markdown(page, np.flatnonzero(kept).tolist(), places, tables)


def _keep_whole(
    kept: NDArray[np.bool_],
    structure: Table,
    surety: NDArray[np.float32],
    blocks: Table,
    threshold: float,
) -> None:
    """Keep all of a list or table of data that is content for the most part, by its characters."""
    weights = blocks[:, CHARS] + 1.0
    totals = np.bincount(structure, weights)
    means = np.bincount(structure, weights * surety) / np.maximum(totals, 1)
    kept |= (structure > 0) & (means[structure] > threshold)


def _keep_between(kept: NDArray[np.bool_], is_structure: NDArray[np.bool_], blocks: Table) -> None:
    """Keep lists, tables, headings and code between two blocks that are content, but for links."""
    inside = is_structure & ~kept
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(np.int8)))
    for start, end in edges.reshape(-1, 2).tolist():
        own = blocks[start:end]
        is_within = start > 0 and end < len(kept) and kept[start - 1] and kept[end]
        if is_within and own[:, LINK_CHARS].sum() < MOST_LINKS * own[:, CHARS].sum():
            kept[start:end] = True


def judged(page: Parsed) -> NDArray[np.float32]:
    """float32[blocks]: how sure it is that each block is content, from 0 to 1."""
    return scores(features(page), *forest())
