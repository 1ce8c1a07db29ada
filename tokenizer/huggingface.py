"""The Hugging Face files of a SentencePiece BPE model: the same pieces, the same ids.

Pieces are written with real spaces where SentencePiece has U+2581. So no normalizer is needed, and
a U+2581 of the text itself falls back to its bytes and survives.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from taojin.tokenizer import special

# Cuts only where no piece can lie across: before a space, and behind newlines.
WORDS = r" *[^ \n]+\n*| *\n+| +"


@dataclass(frozen=True)
class Pieces:
    """A model's vocabulary by id: texts with real spaces, kinds, and ranks of the merges.

    `kinds` are "text", "byte", "control" and "unknown"; a smaller rank is merged first.
    """

    texts: Sequence[str]
    kinds: Sequence[str]
    ranks: Sequence[int]


def read_pieces(model: bytes) -> Pieces:
    """The pieces of a SentencePiece model."""
    import sentencepiece

    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    size = processor.vocab_size()
    kinds = [_kind(processor, index) for index in range(size)]
    texts = [
        processor.id_to_piece(index).replace("\u2581", " ")
        if kinds[index] == "text"
        else processor.id_to_piece(index)
        for index in range(size)
    ]
    order = sorted(range(size), key=lambda index: (-processor.get_score(index), index))
    ranks = [0] * size
    for rank, index in enumerate(order):
        ranks[index] = rank
    return Pieces(texts, kinds, ranks)


def _kind(processor: object, index: int) -> str:
    for kind in ("byte", "control", "unknown"):
        if getattr(processor, f"is_{kind}")(index):
            return kind
    return "text"


def merges(pieces: Pieces) -> list[tuple[int, int, int]]:
    """(left, right, merged) ids of every way to join two pieces into a third, best first."""
    ids = {pieces.texts[i]: i for i, kind in enumerate(pieces.kinds) if kind == "text"}
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
    _write(folder / "tokenizer_config.json", _configuration())
    _write(folder / "special_tokens_map.json", _special_tokens())


def _tokenizer(pieces: Pieces) -> dict[str, object]:
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            _added(index, pieces.texts[index])
            for index, kind in enumerate(pieces.kinds)
            if kind in ("control", "unknown")
        ],
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Split",
            "pattern": {"Regex": WORDS},
            "behavior": "Isolated",
            "invert": False,
        },
        "post_processor": None,
        "decoder": {"type": "Sequence", "decoders": [{"type": "ByteFallback"}, {"type": "Fuse"}]},
        "model": _model(pieces),
    }


def _model(pieces: Pieces) -> dict[str, object]:
    texts = pieces.texts
    return {
        "type": "BPE",
        "dropout": None,
        "unk_token": special.UNK,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": False,
        "byte_fallback": True,
        "ignore_merges": False,
        "vocab": {text: index for index, text in enumerate(texts)},
        "merges": [[texts[left], texts[right]] for left, right, _ in merges(pieces)],
    }


def _added(index: int, content: str) -> dict[str, object]:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": index, "content": content, **flags, "special": True}


def _special_tokens() -> dict[str, object]:
    return {
        "bos_token": special.BOS,
        "eos_token": special.EOS,
        "pad_token": special.PAD,
        "unk_token": special.UNK,
        "additional_special_tokens": list(special.CHAT),
    }


def _configuration() -> dict[str, object]:
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        **_special_tokens(),
        "add_bos_token": False,
        "add_eos_token": False,
        "clean_up_tokenization_spaces": False,
        "chat_template": special.CHAT_TEMPLATE,
    }


def _write(path: Path, value: dict[str, object]) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
