"""The stage that masks personal data, in the task that reads the documents.

What takes the place of a value tells nothing about it to who has no key, and what it replaces is
written nowhere: an edit holds its place and its kind.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import groupby
from typing import NamedTuple

import numpy as np
import polars as pl

from taojin.core import schema
from taojin.core.edits import Edit, apply
from taojin.pipeline.pii.allowed import Allowed
from taojin.pipeline.pii.detector import Detector
from taojin.pipeline.pii.engines import engine
from taojin.pipeline.pii.fakes import is_fake
from taojin.pipeline.pii.homes import found_at_home
from taojin.pipeline.pii.key import value_hash
from taojin.pipeline.pii.replacements import Value, with_fakes
from taojin.pipeline.pii.search import Found, find, joined
from taojin.pipeline.pii.settings import COUNT, Settings
from taojin.pipeline.pii.views import Views, of_names, of_texts

VALUES = pl.List(pl.Struct({"field": pl.String, "kind": pl.String, "value_hash": pl.UInt64}))
FORBIDDEN, DENSITY = "forbidden_count", "density"
_NAMES = ("title", "url", "uri", "fetched_at", "mime", "licence")
"""Fields of `source` that hold what the world wrote."""


class _Hit(NamedTuple):
    """One value of a document."""

    row: int
    field: str
    value: Value
    edit: Edit | None


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
        edits = ((hit.row, _fields(hit)) for hit in hits if hit.edit is not None)
        columns = [
            _lists("edits", edits, documents.height, schema.EDITS),
            self._counts(hits, documents["text"]),
        ]
        if self.secret is not None:
            hashes = ((hit.row, _hashed(hit, self.secret)) for hit in hits)
            columns.append(_lists("pii_values", hashes, documents.height, VALUES))
        return documents.with_columns(columns)

    def _hits(self, documents: pl.DataFrame) -> Iterator[_Hit]:
        texts, langs = documents["text"], documents["lang"]
        entities = self._entities(texts, langs) if self.settings.engines else []
        at_home = found_at_home(documents, self.settings, self._stays)
        found = self._found(texts, of_texts, [*at_home, *entities])
        for row, hits in found.items():
            yield from (_Hit(row, "text", value, edit) for value, edit in hits)
        names = documents["source"].struct.unnest().select(_NAMES)
        distinct = names.unpivot()["value"].unique(maintain_order=True)  # names recur
        named = self._found(distinct, of_names)
        by_name = {distinct[at]: hits for at, hits in named.items()}
        for column in _NAMES if by_name else ():
            for row, name in enumerate(names[column].to_list()):
                yield from (_Hit(row, column, *one) for one in by_name.get(name, ()))

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
            row: _values(texts[row], hits)
            for row, hits in groupby(found, key=lambda value: value.row)
        }
        edited = self._edits([texts[row] for row in rows], list(rows.values()), views)
        return {
            row: list(zip(values, edits, strict=True))
            for (row, values), edits in zip(rows.items(), edited, strict=True)
        }

    def _edits(
        self, texts: Sequence[str], values: Sequence[Sequence[Value]], views: Views
    ) -> Iterator[list[Edit | None]]:
        taken = [list(filter(self._is_taken, row)) for row in values]
        if self.settings.makes_fakes:
            made = with_fakes(texts, taken, self._edit, partial(self._left, views=views))
        else:
            made = [[value.masked for value in row] for row in taken]
        for row, edits in zip(values, made, strict=True):
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

    def _counts(self, hits: Sequence[_Hit], texts: pl.Series) -> pl.Series:
        found = Counter((hit.row, hit.value.kind) for hit in hits)
        kinds = self.settings.kinds
        counts = np.array([[found[row, kind] for kind in kinds] for row in range(len(texts))])
        counts = counts.reshape(len(texts), len(kinds))
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
    return [Value(*one[1:], text[one.start : one.end]) for one in found]


def _fields(hit: _Hit) -> dict[str, object]:
    edit = hit.edit
    assert edit is not None
    places = {"kind": edit.kind, "start": edit.start, "end": edit.end}
    return {"field": hit.field, **places, "replacement": edit.replacement}


def _hashed(hit: _Hit, secret: bytes) -> dict[str, object]:
    kind = hit.value.kind
    hashed = value_hash(secret, kind, hit.value.spelling)
    return {"field": hit.field, "kind": kind, "value_hash": hashed}


def _lists(
    name: str, entries: Iterable[tuple[int, dict[str, object]]], height: int, dtype: pl.List
) -> pl.Series:
    """A list for each document, put together in columns: Python's lists of rows are slow."""
    rows = list(entries)
    inner = pl.Series(name, [entry for _, entry in rows], dtype.inner)
    flat = pl.DataFrame({"row": pl.Series([row for row, _ in rows], dtype=pl.Int64), name: inner})
    lists = flat.group_by("row", maintain_order=True).agg(name)
    every = pl.DataFrame({"row": pl.int_range(height, eager=True)})
    found = every.join(lists, on="row", how="left", maintain_order="left")
    return found[name].fill_null([]).cast(dtype)
