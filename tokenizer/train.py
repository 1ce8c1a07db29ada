r"""Train a tokenizer: SentencePiece BPE with byte fallback, and the same as Hugging Face files.

A text is fed line by line, each line with the newlines that end it, so that a piece may hold
newlines only at its end. `"。\n\n"` is one token (7.7 % more bytes per token than with newlines on
their own, measured on Chinese and English documentation), and yet nothing ever joins the newline of
`<|assistant|>\n` to the answer behind it. Lines longer than `LINE_CHARACTERS` are cut there: all
text is used, one pair of characters per cut goes uncounted.

SentencePiece stores a space as U+2581 and keeps U+2585 and NUL for itself. In training these three
are read as spaces; in encoding they are bytes, and so survive (see encode.py).
"""

import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from taojin.core.errors import UserError
from taojin.tokenizer import special
from taojin.tokenizer.huggingface import write_huggingface

LINE = re.compile(r"[^\n]*\n+|[^\n]+")
LINE_CHARACTERS = 4096
RESERVED = str.maketrans({"\u2581": " ", "\u2585": " ", "\0": " "})

SETTINGS: dict[str, Any] = {
    "model_type": "bpe",
    "normalization_rule_name": "identity",
    "add_dummy_prefix": False,
    "remove_extra_whitespaces": False,
    "split_digits": True,
    "byte_fallback": True,
    "allow_whitespace_only_pieces": True,
    "character_coverage": 0.9995,
    "max_sentencepiece_length": 16,
    "max_sentence_length": 4 * LINE_CHARACTERS + 1,
    "num_threads": 1,
    "pad_id": 0,
    "bos_id": 1,
    "eos_id": 2,
    "unk_id": 3,
    "pad_piece": special.PAD,
    "bos_piece": special.BOS,
    "eos_piece": special.EOS,
    "unk_piece": special.UNK,
    "control_symbols": list(special.CHAT),
    "minloglevel": 2,
}


@dataclass(frozen=True)
class TokenizerReport:
    """What a tokenizer was trained on; `characters` are code points."""

    vocabulary: int
    documents: int
    characters: int


class VocabularyTooLargeError(UserError):
    """The texts have too few different pieces; `largest` is the vocabulary that they can fill."""

    def __init__(self, vocabulary: int, largest: int) -> None:
        super().__init__(
            f"tokenizer.vocabulary: {vocabulary} is too large for this text; "
            f"the largest that works is {largest}"
        )
        self.largest = largest


def train(texts: Iterable[str], vocabulary: int, folder: Path) -> TokenizerReport:
    """Write tokenizer.model, tokenizer.json, its two configuration files and report.json.

    The same texts in the same order give the same bytes. UserError if the texts have too few
    different pieces for the vocabulary or the vocabulary cannot hold their characters; it names the
    size that works.
    """
    counted = _Counted(texts)
    model = _train_model(counted.lines(), vocabulary)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.model").write_bytes(model)
    write_huggingface(model, folder)
    report = TokenizerReport(vocabulary, counted.documents, counted.characters)
    (folder / "report.json").write_text(json.dumps(asdict(report), indent=2) + "\n")
    return report


class _Counted:
    """The lines of texts that are read once, and how many texts and characters they were."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = texts
        self.documents = 0
        self.characters = 0

    def lines(self) -> Iterator[str]:
        for text in self.texts:
            self.documents += 1
            self.characters += len(text)
            yield from training_lines(text)


def training_lines(text: str) -> Iterator[str]:
    """The text in pieces that SentencePiece reads whole: lines of at most LINE_CHARACTERS."""
    for line in LINE.findall(text.translate(RESERVED)):
        for start in range(0, len(line), LINE_CHARACTERS):
            part = line[start : start + LINE_CHARACTERS]
            # the Python wrapper strips a newline at the end; behind a space it is not at the end
            yield part + " " if part.endswith(("\n", "\r")) else part


def _train_model(lines: Iterator[str], vocabulary: int) -> bytes:
    import sentencepiece

    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=lines, model_writer=model, vocab_size=vocabulary, **SETTINGS
        )
    except RuntimeError as error:
        raise _explained(str(error), vocabulary) from error
    return model.getvalue()


def _explained(message: str, vocabulary: int) -> Exception:
    """The UserError that a message of SentencePiece stands for; RuntimeError for any other."""
    if "!sentences_.empty()" in message:
        return UserError("tokenizer: no text to train on; check that documents were kept")
    if found := re.search(r"set it to a value <= (\d+)", message):
        return VocabularyTooLargeError(vocabulary, int(found[1]))
    if found := re.search(r"smaller than required_chars\. \d+ vs (\d+)", message):
        return UserError(
            f"tokenizer.vocabulary: {vocabulary} cannot hold the characters of this text; "
            f"the smallest that works is {found[1]}"
        )
    return RuntimeError(message)
