"""A Chinese vocabulary merged into a SentencePiece model that a language model was trained with.

As Chinese-LLaMA does it (Cui et al. 2023, section 2.1): ids that exist stay what they are, pieces
that the base does not have are appended. Two things differ. New pieces are joined after all old
ones (Chinese-LLaMA gives them the best score of all), so that a text in which no new piece stands
keeps its ids; and a piece that no two pieces join to is left out, since it could never appear.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.errors import UserError
from taojin.tokenizer.huggingface import write_huggingface
from taojin.tokenizer.model_file import ModelFile, Piece, read_model, write_model

CHINESE = re.compile(
    "[\u2e80-\u303f\u3105-\u312f\u31a0-\u31ef\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\U00020000-\U0003ffff]"
)
"""Han characters, Bopomofo, and the punctuation that stands among them."""


@dataclass(frozen=True)
class ExtensionReport:
    """What became of the pieces that were to be added, special ones and bytes aside."""

    old: int
    """Pieces of the base."""
    added: int
    known: int
    """The base has them already."""
    other: int
    """Without a Chinese character."""
    unreachable: int
    """No two pieces join to them."""


@dataclass(frozen=True)
class Extension:
    """A model with more pieces; `table` (id, piece, old_ids) has a row for each new one."""

    model: bytes
    table: pl.DataFrame
    report: ExtensionReport

    def write(self, folder: Path) -> None:
        """Write the tokenizer's files, `extension.parquet` (the table) and `report.json`."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "tokenizer.model").write_bytes(self.model)
        write_huggingface(self.model, folder)
        self.table.write_parquet(folder / "extension.parquet")
        text = json.dumps(asdict(self.report), indent=2) + "\n"
        (folder / "report.json").write_text(text, encoding="utf-8")


def extend(base: bytes, addition: bytes, *, every: bool = False) -> Extension:
    """The base with the pieces of the addition: the Chinese ones, or `every` one.

    UserError where either is no BPE model, or the base changes the texts that it reads.
    """
    old, new = _model(base, "the base"), _model(addition, "the addition")
    if old.normalises:
        raise UserError(
            "the base changes texts before it cuts them (its normalizer), which tokenizer.json "
            "would have to repeat; extend a model that was trained with the rule 'identity'"
        )
    known = {one.text for one in old.pieces}
    texts = [one for one in new.pieces if one.kind == "text"]
    unknown = [one for one in texts if one.text not in known]
    asked = [one for one in unknown if every or CHINESE.search(one.text)]
    added = _reachable(asked, {one.text for one in old.pieces if one.kind == "text"})
    model = old.with_pieces([*old.pieces, *_behind(old, added)])
    report = ExtensionReport(
        old=len(old.pieces),
        added=len(added),
        known=len(texts) - len(unknown),
        other=len(unknown) - len(asked),
        unreachable=len(asked) - len(added),
    )
    return Extension(write_model(model), _table(old, added), report)


def _model(data: bytes, name: str) -> ModelFile:
    try:
        found = read_model(data)
    except ValueError:
        raise UserError(f"{name} is no SentencePiece model; give its `.model` file") from None
    if found.model != "bpe":
        raise UserError(f"{name} is a {found.model} model; only BPE vocabularies can be merged")
    return found


def _reachable(pieces: Sequence[Piece], known: set[str]) -> list[Piece]:
    """The pieces that are one character or joined of two known ones, in the order of merging."""
    found = []
    for piece in sorted(pieces, key=lambda one: (len(one.text) > 1, -one.score)):
        text = piece.text
        cuts = ((text[:cut], text[cut:]) for cut in range(1, len(text)))
        if len(text) == 1 or any(left in known and right in known for left, right in cuts):
            known.add(text)
            found.append(piece)
    return found


def _behind(old: ModelFile, added: Sequence[Piece]) -> list[Piece]:
    """The added pieces with scores below all of the base's."""
    least = min((one.score for one in old.pieces if one.kind == "text"), default=0.0)
    return [Piece(one.text, least - 1 - rank, "text") for rank, one in enumerate(added)]


def _table(old: ModelFile, added: Sequence[Piece]) -> pl.DataFrame:
    import sentencepiece

    proto = write_model(old.without_prefix())
    processor = sentencepiece.SentencePieceProcessor(model_proto=proto)
    texts = [one.text.replace("\u2581", " ") for one in added]
    ids = np.arange(len(added)) + len(old.pieces)
    return pl.DataFrame(
        {"id": ids, "piece": texts, "old_ids": processor.encode(texts) if texts else []},
        schema={"id": pl.Int64, "piece": pl.String, "old_ids": pl.List(pl.Int64)},
    )


def extended(embeddings: NDArray[np.floating], table: pl.DataFrame) -> NDArray[np.floating]:
    """The embeddings [old, width] with a row for each new id: the mean of its old ids' rows.

    `table` is Extension.table. For the output matrix (lm_head) as for the input's.
    """
    if not table.height:
        return embeddings.copy()
    lengths = table["old_ids"].list.len().to_numpy()
    rows = embeddings[table["old_ids"].explode().to_numpy()].astype(np.float64)
    starts = np.concatenate([[0], np.cumsum(lengths[:-1], dtype=np.int64)])
    means = np.add.reduceat(rows, starts, axis=0) / lengths[:, None]
    return np.concatenate([embeddings, means.astype(embeddings.dtype)])
