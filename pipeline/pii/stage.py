"""The stage that masks personal data, in the task that reads the documents.

What takes the place of a value tells nothing about it to who has no key, and what it replaces is
written nowhere: an edit holds its place and its kind.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
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
from taojin.pipeline.pii.hits import VALUES, Hit, edits_of, hashes_of, spellings
from taojin.pipeline.pii.homes import found_at_home
from taojin.pipeline.pii.replacements import Value, with_fakes
from taojin.pipeline.pii.search import Found, find, joined
from taojin.pipeline.pii.settings import COUNT, Settings
from taojin.pipeline.pii.views import Views, of_names, of_texts

FORBIDDEN, DENSITY = "forbidden_count", "density"
_NAMES = ("title", "author", "url", "uri", "fetched_at", "mime", "licence")
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
        return 9

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
        at_home = found_at_home(documents, self.settings, self._stays)
        yield from self._found(texts, of_texts, [*at_home, *entities])
        names = documents["source"].struct.unnest().select(_NAMES)
        distinct = names.unpivot()["value"].unique(maintain_order=True)  # names recur
        by_name: dict[str, list[Hit]] = {}
        for hit in self._found(distinct, of_names):
            by_name.setdefault(distinct[hit.row], []).append(hit)
        for column in _NAMES if by_name else ():
            for row, name in enumerate(names[column].to_list()):
                yield from (hit.at(row, column) for hit in by_name.get(name, ()))

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
    ) -> Iterator[Hit]:
        """The values in the texts, by row and start."""
        found = joined(find(texts, self._detectors, views, self._stays), entities)
        spelt = spellings(texts, found) if self.secret else [""] * len(found)
        fakes = self._fakes(texts, found, spelt, views) if self.settings.makes_fakes else {}
        for one, spelling in zip(found, spelt, strict=True):
            placeholder = one.placeholder if self._is_taken(one) else None
            put = fakes.get((one.row, one.start), placeholder)
            yield Hit(one.row, "text", one.start, one.end, one.kind, put, spelling)

    def _fakes(
        self, texts: pl.Series, found: Iterable[Found], spelt: Iterable[str], views: Views
    ) -> dict[tuple[int, int], str]:
        """By row and start what takes the place of a value that is taken out."""
        rows: dict[int, list[Value]] = {}
        for one, spelling in zip(found, spelt, strict=True):
            if self._is_taken(one):
                rows.setdefault(one.row, []).append(Value(*one[1:], spelling))
        given = texts.gather(list(rows)).to_list()
        made = with_fakes(given, list(rows.values()), self._edit, partial(self._left, views=views))
        return {
            (row, edit.start): edit.replacement
            for row, edits in zip(rows, made, strict=True)
            for edit in edits
        }

    def _is_taken(self, one: Found | Detector) -> bool:
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
        hits = groupby(self._found(distinct, of_names), key=lambda hit: hit.row)
        masks = {
            distinct[row]: apply(distinct[row], [hit.edit for hit in found if hit.put is not None])
            for row, found in hits
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
        for (row, kind), count in Counter((hit.row, hit.kind) for hit in hits).items():
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
