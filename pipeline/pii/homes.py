"""Values in the form of each document's own country, which its domain or its language tells."""

from collections.abc import Callable, Iterator

import polars as pl

from taojin.pipeline.pii.search import Found, find
from taojin.pipeline.pii.settings import Settings
from taojin.pipeline.pii.world.home_phone import CONFIDENCE, home_phones
from taojin.pipeline.pii.world.region import region


def found_at_home(
    documents: pl.DataFrame, settings: Settings, stays: Callable[[str, str], bool]
) -> list[Found]:
    """Telephone numbers in the texts, by row and start; `stays` tells what is to be left."""
    if "phone" not in settings.kinds or settings.least_confidence > CONFIDENCE:
        return []
    by_region: dict[str, list[int]] = {}
    for row, home in enumerate(_regions(documents)):
        if home is not None and home_phones(home):
            by_region.setdefault(home, []).append(row)
    return sorted(
        one._replace(row=rows[one.row])
        for home, rows in by_region.items()
        for one in find(documents["text"].gather(rows), home_phones(home), stays=stays)
    )


def _regions(documents: pl.DataFrame) -> Iterator[str | None]:
    urls = documents["source"].struct.field("url")
    return map(region, documents["lang"], urls)
