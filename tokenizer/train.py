"""Train a tokenizer: a SentencePiece model with byte fallback, and its Hugging Face files."""

import io
import json
import re
import string
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from taojin.core.errors import UserError
from taojin.tokenizer import special
from taojin.tokenizer.huggingface import write_huggingface
from taojin.tokenizer.lines import (
    LINE_CHARACTERS,
    cut_at_tokens,
    cut_at_words,
    different,
    training_lines,
)
from taojin.tokenizer.model_file import Piece, read_model, write_model
from taojin.tokenizer.settings import Settings

MODEL_TYPES = {"bpe": "bpe", "unigram": "unigram", "character": "char"}
OPTIONS: dict[str, Any] = {
    "normalization_rule_name": "identity",
    "add_dummy_prefix": False,
    "remove_extra_whitespaces": False,
    "split_digits": True,
    "split_by_unicode_script": False,  # lines.TOKEN says where no piece lies across
    "byte_fallback": True,
    "allow_whitespace_only_pieces": True,
    "character_coverage": 0.9995,
    "max_sentencepiece_length": 32,
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
    "minloglevel": 2,
}
ASCII = string.ascii_letters + string.digits + string.punctuation
"""Required of a unigram model, so that `<pad>` in a text is always letters.

Hugging Face's Unigram would else find the special piece in it.
"""
DEFAULT = Settings()
HAN_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")


@dataclass(frozen=True)
class TokenizerReport:
    """What a tokenizer was trained on; `characters` are code points."""

    vocabulary: int
    model: str
    han: str
    documents: int
    characters: int
    lines: int
    repeated_lines: int
    """Lines that were left out because they stood before."""


class VocabularyTooLargeError(UserError):
    """The texts have too few different pieces; `largest` is the vocabulary that they can fill."""

    def __init__(self, vocabulary: int, largest: int) -> None:
        super().__init__(
            f"tokenizer.vocabulary: {vocabulary} is too large for this text; "
            f"the largest that works is {largest}"
        )
        self.largest = largest


def train(
    texts: Iterable[str], vocabulary: int, folder: Path, settings: Settings = DEFAULT
) -> TokenizerReport:
    """Write tokenizer.model, tokenizer.json, its two configuration files and report.json.

    The same texts in the same order give the same bytes. UserError if the texts have too few
    different pieces for the vocabulary or the vocabulary cannot hold their characters; it names the
    size that works.
    """
    counted = _Counted(texts, settings)
    model = _model(counted.lines, vocabulary, settings)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.model").write_bytes(model)
    write_huggingface(model, folder)
    report = counted.report(vocabulary)
    (folder / "report.json").write_text(json.dumps(asdict(report), indent=2) + "\n")
    return report


class _Counted:
    """The lines of texts that are read once, and how many of everything they were."""

    def __init__(self, texts: Iterable[str], settings: Settings) -> None:
        self.settings = settings
        self.documents = self.characters = self.given = 0
        lines = self._given(texts)
        kept = different(lines) if settings.deduplicate else lines
        cut = cut_at_words(kept) if settings.han == "words" else kept
        self.lines = list(cut_at_tokens(cut))

    def _given(self, texts: Iterable[str]) -> Iterator[str]:
        for text in texts:
            self.documents += 1
            self.characters += len(text)
            for line in training_lines(text):
                self.given += 1
                yield line

    def report(self, vocabulary: int) -> TokenizerReport:
        asked, kept = self.settings, len(self.lines)
        repeated = self.given - kept
        return TokenizerReport(
            vocabulary, asked.model, asked.han,
            self.documents, self.characters, kept, repeated,
        )  # fmt: skip


def _model(lines: Sequence[str], vocabulary: int, settings: Settings) -> bytes:
    if settings.han == "bounded" and settings.model != "character":
        return _bounded(lines, vocabulary, settings)
    return _sentencepiece(lines, vocabulary, settings)


def _bounded(lines: Sequence[str], vocabulary: int, settings: Settings) -> bytes:
    """A model whose pieces hold short Han runs: a larger one without its long-winded pieces.

    Nothing else is lost with them, since every part of a short run is a short run.
    """
    extra = vocabulary // 4
    while True:
        largest = None
        try:
            model = _sentencepiece(lines, vocabulary + extra, settings)
        except VocabularyTooLargeError as error:
            largest = error.largest
            model = _sentencepiece(lines, largest, settings)
        found = read_model(model)
        short = [one for one in found.pieces if _han_run(one.text) <= settings.han_characters]
        if len(short) >= vocabulary:
            return write_model(found.with_pieces(_first(short, vocabulary)))
        if largest is not None:
            raise VocabularyTooLargeError(vocabulary, len(short))
        extra *= 2


def _han_run(text: str) -> int:
    return max(map(len, HAN_RUN.findall(text)), default=0)


def _first(pieces: Sequence[Piece], count: int) -> list[Piece]:
    """The best of the pieces, with all single characters and special ones, in their order."""
    longer = [one for one in pieces if one.kind == "text" and len(one.text) > 1]
    if len(pieces) - len(longer) > count:
        raise _too_small(count, len(pieces) - len(longer))
    surplus = sorted(longer, key=lambda one: one.score)[: len(pieces) - count]
    gone = {one.text for one in surplus}
    return [one for one in pieces if one.text not in gone]


def _sentencepiece(lines: Iterable[str], vocabulary: int, settings: Settings) -> bytes:
    import sentencepiece

    model = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines),
            model_writer=model,
            vocab_size=vocabulary,
            model_type=MODEL_TYPES[settings.model],
            control_symbols=[*special.CHAT, *settings.special],
            user_defined_symbols=list(settings.symbols),
            **OPTIONS,
            required_chars=_required(settings),
        )
    except RuntimeError as error:
        raise _explained(str(error), vocabulary) from error
    return model.getvalue()


def _required(settings: Settings) -> str:
    if settings.model != "unigram":
        return ""
    return "".join(character for character in ASCII if character not in settings.symbols)


def _explained(message: str, vocabulary: int) -> Exception:
    """The UserError that a message of SentencePiece stands for; RuntimeError for any other."""
    if "!sentences_.empty()" in message:
        return UserError("tokenizer: no text to train on; check that documents were kept")
    if found := re.search(r"set it to a value <= (\d+)", message):
        return VocabularyTooLargeError(vocabulary, int(found[1]))
    if found := re.search(r"smaller than required_chars\. \d+ vs (\d+)", message):
        return _too_small(vocabulary, int(found[1]))
    return RuntimeError(message)


def _too_small(vocabulary: int, smallest: int) -> UserError:
    return UserError(
        f"tokenizer.vocabulary: {vocabulary} cannot hold the characters of this text; "
        f"the smallest that works is {smallest}"
    )
