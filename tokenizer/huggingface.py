"""The Hugging Face files of a SentencePiece model: the same pieces, the same ids.

Pieces are written with real spaces where SentencePiece has U+2581. So no normalizer is needed, and
a U+2581 of the text itself falls back to its bytes and survives.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from taojin.tokenizer import special
from taojin.tokenizer.model_file import Kind, Model, read_model

# Cuts only where no piece can lie across: before a space, and behind newlines.
WORDS = r" *[^ \n]+\n*| *\n+| +"
UNREAD = -1e4
"""The score of a unigram piece that no text holds: less than any characters that spell it."""


@dataclass(frozen=True)
class Pieces:
    """A model's vocabulary by id: texts with real spaces, kinds, scores and ranks of the merges.

    A smaller rank is merged first; `prefix`: a space is put before every text.
    """

    texts: Sequence[str]
    kinds: Sequence[Kind]
    scores: Sequence[float]
    ranks: Sequence[int]
    model: Model = "bpe"
    prefix: bool = False

    def of_kind(self, *kinds: Kind) -> Mapping[str, int]:
        """The ids of the pieces of these kinds, by their text."""
        pairs = zip(self.texts, self.kinds, strict=True)
        return {text: index for index, (text, kind) in enumerate(pairs) if kind in kinds}


def read_pieces(model: bytes) -> Pieces:
    """The pieces of a SentencePiece model."""
    found = read_model(model)
    spaced = ("text", "symbol")
    texts = [one.text.replace("\u2581", " ") if one.kind in spaced else one.text
             for one in found.pieces]  # fmt: skip
    scores = [one.score for one in found.pieces]
    order = sorted(range(len(scores)), key=lambda index: (-scores[index], index))
    ranks = [0] * len(scores)
    for rank, index in enumerate(order):
        ranks[index] = rank
    kinds = [one.kind for one in found.pieces]
    return Pieces(texts, kinds, scores, ranks, found.model, found.prefix)


def merges(pieces: Pieces) -> list[tuple[int, int, int]]:
    """(left, right, merged) ids of every way to join two pieces into a third, best first."""
    if pieces.model != "bpe":
        return []
    ids = pieces.of_kind("text")
    found = [
        (ids[text[:cut]], ids[text[cut:]], merged)
        for text, merged in ids.items()
        for cut in range(1, len(text))
        if text[:cut] in ids and text[cut:] in ids
    ]
    return sorted(found, key=lambda merge: (pieces.ranks[merge[2]], merge))


def write_huggingface(model: bytes, folder: Path) -> None:
    """Write tokenizer.json, tokenizer_config.json and special_tokens_map.json."""
    pieces = read_pieces(model)
    _write(folder / "tokenizer.json", _tokenizer(pieces))
    _write(folder / "tokenizer_config.json", _configuration(pieces))
    _write(folder / "special_tokens_map.json", _special_tokens(pieces))


def _tokenizer(pieces: Pieces) -> dict[str, object]:
    added = pieces.of_kind("control", "unknown", "symbol")
    symbols = pieces.of_kind("symbol")
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [_added(index, text, text not in symbols) for text, index in added.items()],
        "normalizer": {"type": "Prepend", "prepend": " "} if pieces.prefix else None,
        "pre_tokenizer": _words() if is_cut_at_words(pieces) else None,
        "post_processor": None,
        "decoder": {"type": "Sequence", "decoders": _decoders(pieces)},
        "model": _unigram(pieces) if pieces.model == "unigram" else _bpe(pieces),
    }


def is_cut_at_words(pieces: Pieces) -> bool:
    """Whether no piece lies across the end of a word, so that texts may be cut there."""
    return all(re.fullmatch(WORDS, text) for text in pieces.of_kind("text", "symbol"))


def _words() -> dict[str, object]:
    cut = {"pattern": {"Regex": WORDS}, "behavior": "Isolated", "invert": False}
    return {"type": "Split", **cut}


def _decoders(pieces: Pieces) -> list[dict[str, object]]:
    strip = {"type": "Strip", "content": " ", "start": 1, "stop": 0}
    return [{"type": "ByteFallback"}, {"type": "Fuse"}, *([strip] if pieces.prefix else [])]


def _bpe(pieces: Pieces) -> dict[str, object]:
    texts = pieces.texts
    return {
        "type": "BPE",
        "dropout": None,
        "unk_token": next(iter(pieces.of_kind("unknown")), None),
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": False,
        "byte_fallback": "byte" in pieces.kinds,
        "ignore_merges": False,
        "vocab": {text: index for index, text in enumerate(texts)},
        "merges": [[texts[left], texts[right]] for left, right, _ in merges(pieces)],
    }


def _unigram(pieces: Pieces) -> dict[str, object]:
    """Pieces that no text holds score so low that a text that spells them out is cut otherwise."""
    rows = zip(pieces.texts, pieces.scores, pieces.kinds, strict=True)
    vocabulary = [[text, score if kind == "text" else UNREAD] for text, score, kind in rows]
    unknown = pieces.kinds.index("unknown")
    byte_fallback = "byte" in pieces.kinds
    found = {"type": "Unigram", "unk_id": unknown, "vocab": vocabulary}
    return {**found, "byte_fallback": byte_fallback}


def _added(index: int, content: str, is_special: bool) -> dict[str, object]:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": index, "content": content, **flags, "special": is_special}


def _special_tokens(pieces: Pieces) -> dict[str, object]:
    named = {"bos": special.BOS, "eos": special.EOS, "pad": special.PAD}
    controls = pieces.of_kind("control")
    return {
        **{f"{name}_token": text for name, text in named.items() if text in controls},
        "unk_token": next(iter(pieces.of_kind("unknown")), None),
        "additional_special_tokens": [one for one in controls if one not in named.values()],
    }


def _configuration(pieces: Pieces) -> dict[str, object]:
    talks = pieces.of_kind("control").keys() >= set(special.CHAT)
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        **_special_tokens(pieces),
        "add_bos_token": False,
        "add_eos_token": False,
        "clean_up_tokenization_spaces": False,
        **({"chat_template": special.CHAT_TEMPLATE} if talks else {}),
    }


def _write(path: Path, value: dict[str, object]) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
