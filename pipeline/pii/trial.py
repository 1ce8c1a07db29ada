"""`taojin pii try`: what the stage would do to one text."""

from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

from taojin.core import schema, stage
from taojin.pipeline.pii.key import key
from taojin.pipeline.pii.settings import COUNT, Settings
from taojin.pipeline.pii.stage import MaskPersonalData

_SOURCE = {"name": "try", "kind": "proprietary", "position": 0}


class Trial(NamedTuple):
    """The text with what takes the place of values, and a line for each find."""

    text: str
    finds: list[str]


def trial(text: str, settings: Settings, lang: str = "und") -> Trial:
    """Where each value stands, from 1, and its kind; never the value itself.

    Of kinds that are only counted no place is known, since nothing is put there.
    """
    document = {"doc_id": "0", "content_hash": "", "text": text, "lang": lang, "lang_score": 1.0}
    table = pl.DataFrame([{**document, "source": _SOURCE}], schema=dict(schema.DOCUMENT))
    marked = stage.run(MaskPersonalData(settings, key()), table)
    edits = marked["edits"].to_list()[0]
    finds = [f"{_place(text, edit['start'])}  {edit['kind']}" for edit in edits]
    counted = _counted(marked["pii"].to_list()[0], settings)
    return Trial(stage.apply_edits(marked, "pii", 1)[0]["text"].item(), [*finds, *counted])


def _place(text: str, start: int) -> str:
    line_start = text.rfind("\n", 0, start) + 1
    return f"line {text.count(chr(10), 0, start) + 1}, character {start - line_start + 1}"


def _counted(told: dict[str, int], settings: Settings) -> Iterator[str]:
    for kind in settings.kinds:
        if settings.action_for(kind) == COUNT and told[f"{kind}_count"]:
            yield f"counted  {told[f'{kind}_count']} x {kind}"
