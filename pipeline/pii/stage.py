"""The stage that masks personal data, in the task that reads the documents.

What takes the place of a value tells nothing about it to who has no key, and what it replaces is
written nowhere: an edit holds its place and its kind.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import groupby

import numpy as np
import polars as pl

from taojin.core import schema
from taojin.core.edits import Edit, apply
from taojin.pipeline.pii.allowed import Allowed
from taojin.pipeline.pii.detector import Detector
from taojin.pipeline.pii.engines import engine
from taojin.pipeline.pii.fakes import is_fake
from taojin.pipeline.pii.hits import VALUES, Hit, edits_of, hashes_of
from taojin.pipeline.pii.replacements import Value, with_fakes
from taojin.pipeline.pii.search import Found, find, joined
from taojin.pipeline.pii.settings import COUNT, Settings
from taojin.pipeline.pii.views import Views, of_names, of_texts

FORBIDDEN, DENSITY = "forbidden_count", "density"
_NAMES = ("title", "url", "uri", "fetched_at", "mime", "licence")
"""Fields of `source` that hold what the world wrote."""


@dataclass(frozen=True)
class MaskPersonalData:
    """Edits that put placeholders or fakes in the place of personal data, and counts per kind.

    With a key (`pii.key`) fakes and hashes of the values are made.
    """

    settings: Settings = field(default_factory=Settings)
    secret: bytes | None = None

    @property
    def name(self) -> str:
        """Names its columns, its recipe table and its section of the report."""
        return "pii"

    @property
    def version(self) -> int:
        """Raised whenever its output changes."""
        return 8

    @property
    def adds(self) -> schema.Schema:
        """`edits`; `pii`, the values found per kind, fields together, those of kinds for which a
        document is dropped, and how many there are for 1,000 characters of text; with a key
        `pii_values`, a keyed hash of each.
        """
        counts = {f"{kind}_count": pl.Int64 for kind in self.settings.kinds}
        told = pl.Struct({**counts, FORBIDDEN: pl.Int64, DENSITY: pl.Float64})
        hashes = {"pii_values": VALUES} if self.secret else {}
        return {"edits": schema.EDITS, "pii": told, **hashes}

    def __call__(self, documents: pl.DataFrame) -> pl.DataFrame:
        """The documents with edits and counts."""
        hits = list(self._hits(documents))
        columns = [edits_of(hits, documents.height), self._counts(hits, documents["text"])]
        if self.secret is not None:
            columns.append(hashes_of(hits, documents.height, self.secret))
        return documents.with_columns(columns)

    def _hits(self, documents: pl.DataFrame) -> Iterator[Hit]:
        texts, langs = documents["text"], documents["lang"]
        entities = self._entities(texts, langs) if self.settings.engines else []
        found = self._found(texts, of_texts, entities)
        for row, hits in found.items():
            yield from (Hit(row, "text", value, edit) for value, edit in hits)
        names = documents["source"].struct.unnest().select(_NAMES)
        distinct = names.unpivot()["value"].unique(maintain_order=True)  # names recur
        named = self._found(distinct, of_names)
        by_name = {distinct[at]: hits for at, hits in named.items()}
        for column in _NAMES if by_name else ():
            for row, name in enumerate(names[column].to_list()):
                yield from (Hit(row, column, *one) for one in by_name.get(name, ()))

    def _entities(self, texts: pl.Series, langs: pl.Series) -> list[Found]:
        """What the engines find, surest first."""
        chosen = self.settings
        found = [
            (one.confidence, Found(row, one.start, one.end, one.kind, f"<{one.kind.upper()}>"))
            for name in chosen.engines
            for row, entities in enumerate(
                engine(name)(texts.fill_null("").to_list(), langs.to_list())
            )
            for one in entities
            if one.kind in chosen.kinds and one.confidence >= chosen.least_confidence
        ]
        return [one for _, one in sorted(found, key=lambda pair: (-pair[0], pair[1]))]

    def _found(
        self, texts: pl.Series, views: Views, entities: Iterable[Found] = ()
    ) -> dict[int, list[tuple[Value, Edit | None]]]:
        """By row the values of its text, each with the edit that takes it out, None if it stays."""
        found = find(texts, self._detectors, views, self._stays)
        found = joined(found, entities)
        rows = {
            row: _values(texts[row] if self.secret else "", hits)
            for row, hits in groupby(found, key=lambda value: value.row)
        }
        edited = self._edits(texts, rows, views)
        return {
            row: list(zip(values, edits, strict=True))
            for (row, values), edits in zip(rows.items(), edited, strict=True)
        }

    def _edits(
        self, texts: pl.Series, values: Mapping[int, Sequence[Value]], views: Views
    ) -> Iterator[list[Edit | None]]:
        taken = [list(filter(self._is_taken, row)) for row in values.values()]
        if self.settings.makes_fakes:
            given = texts.gather(list(values)).to_list()
            made = with_fakes(given, taken, self._edit, partial(self._left, views=views))
        else:
            made = [[value.masked for value in row] for row in taken]
        for row, edits in zip(values.values(), made, strict=True):
            rest = iter(edits)
            yield [next(rest) if self._is_taken(value) else None for value in row]

    def _is_taken(self, one: Value | Detector) -> bool:
        return self.settings.action_for(one.kind) != COUNT

    def _edit(self, value: Value) -> Edit:
        if self.secret is None or not self.settings.has_fakes(value.kind):
            return value.masked
        return value.faked(self.secret)

    def _left(self, texts: pl.Series, views: Views) -> list[Found]:
        """What is to be taken out of the texts, and is still there."""
        taken = list(filter(self._is_taken, self._detectors))
        return find(texts, taken, views, self._stays)

    def names(self, names: pl.Series) -> pl.Series:
        """Names of files, masked as in documents; nulls stay."""
        distinct = names.unique(maintain_order=True)
        masks = {
            distinct[row]: apply(distinct[row], [edit for _, edit in hits if edit])
            for row, hits in self._found(distinct, of_names).items()
        }
        return names.replace(masks)

    @cached_property
    def _detectors(self) -> tuple[Detector, ...]:
        return self.settings.detectors

    @cached_property
    def _allowed(self) -> Allowed:
        return Allowed(self.settings.allow)

    def _stays(self, kind: str, value: str) -> bool:
        return is_fake(kind, value) or self._allowed.holds(kind, value)

    def _counts(self, hits: Sequence[Hit], texts: pl.Series) -> pl.Series:
        kinds = self.settings.kinds
        numbers = {kind: number for number, kind in enumerate(kinds)}
        counts = np.zeros((len(texts), len(kinds)), np.int64)
        for (row, kind), count in Counter((hit.row, hit.value.kind) for hit in hits).items():
            counts[row, numbers[kind]] = count
        forbidden = counts[:, [kind in self.settings.dropped for kind in kinds]]
        in_text = np.bincount(
            [hit.row for hit in hits if hit.field == "text"], minlength=len(texts)
        )
        sizes = texts.str.len_chars().fill_null(0).clip(1).to_numpy()
        told = pl.DataFrame(
            {
                **{f"{kind}_count": counts[:, at] for at, kind in enumerate(kinds)},
                FORBIDDEN: forbidden.sum(axis=1),
                DENSITY: 1000 * in_text / sizes,
            }
        )
        return told.to_struct("pii").cast(self.adds["pii"])


def _values(text: str, found: Iterable[Found]) -> list[Value]:
    """The values as they are spelt in the text; without a text their spelling is empty."""
    return [Value(*one[1:], text[one.start : one.end]) for one in found]
