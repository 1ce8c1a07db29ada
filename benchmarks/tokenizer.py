"""Megabytes of text per CPU second through the encoder, and what a token holds.

A tokenizer of 32,000 pieces is trained on 20 MB of both languages, and 10 MB of other documents
are encoded. `identical`: share of these documents whose ids are SentencePiece's own for the same
model. `bytes_per_token` of `sentencepiece` and `huggingface` are those of tokenizers that they
trained on the same text with their own defaults, but that SentencePiece must not change the text
(its defaults drop line breaks); their speeds and `identical` are on our model.
`huggingface_same_splits` is Hugging Face's BPE of that size, trained on the same documents, where
nothing lies across what no piece of ours does (words, Han runs, digits, marks).
"""

import io
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.harness import LANGUAGES, Bench, Result, cpu_s, main, spread
from taojin.core.arrow import string_buffers
from taojin.tokenizer.encode import Encoder
from taojin.tokenizer.lines import TOKEN
from taojin.tokenizer.train import train

VOCABULARY = 32_000
TRAINING_MB, HELD_OUT_MB = 10.0, 5.0
"""Per language."""
LOSSLESS: Mapping[str, Any] = {
    "normalization_rule_name": "identity",
    "remove_extra_whitespaces": False,
    "byte_fallback": True,
}
Texts = Mapping[str, Sequence[str]]
Encode = Callable[[Sequence[str]], Sequence[Sequence[int]]]


def measure(bench: Bench) -> Result:
    training, held_out = _split(bench)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        train([text for texts in training.values() for text in texts], VOCABULARY, folder)
        encoder = Encoder(folder)
        ids = {language: _ids(encoder, texts) for language, texts in held_out.items()}
        peers: dict[str, Any] = {
            "sentencepiece": _judge(_sentencepiece(folder), held_out, ids),
            "huggingface": _judge(_huggingface(folder), held_out, ids),
            "kitoken": _kitoken(bench, folder, held_out, ids),
        }
        speed = _mb_s(lambda texts: encoder.encode(_series(texts)), held_out)
    defaults = {"sentencepiece": _default_sentencepiece, "huggingface": _default_huggingface}
    for peer, make in defaults.items():
        encode = make(training)
        lengths = {name: list(map(len, encode(texts))) for name, texts in held_out.items()}
        peers[peer]["bytes_per_token"] = _bytes_per_token(held_out, lengths)
    same = _same_splits(training)
    lengths = {name: list(map(len, same(texts))) for name, texts in held_out.items()}
    peers["huggingface_same_splits"] = {"bytes_per_token": _bytes_per_token(held_out, lengths)}
    identical = peers["sentencepiece"].pop("identical")
    own = {language: [len(one) for one in found] for language, found in ids.items()}
    return {
        "encode_mb_s": _joint(speed, held_out),
        "encode_mb_s_by_language": speed,
        "identical": identical,
        "bytes_per_token": _bytes_per_token(held_out, own),
        **peers,
    }


def _split(bench: Bench) -> tuple[Texts, Texts]:
    training, held_out = {}, {}
    for language in LANGUAGES:
        rows = bench.rows(f"docs_{language}/docs_{language}.jsonl.zst")
        chosen = spread(rows, TRAINING_MB)
        names = {row["id"] for row in chosen}
        training[language] = [row["text"] for row in chosen]
        others = [row for row in rows if row["id"] not in names]
        held_out[language] = [row["text"] for row in spread(others, HELD_OUT_MB)]
    return training, held_out


def _series(texts: Sequence[str]) -> pl.Series:
    return pl.Series(texts, dtype=pl.String)


def _ids(encoder: Encoder, texts: Sequence[str]) -> list[list[int]]:
    offsets, ids = encoder.encode(_series(texts))
    return [ids[start:end].tolist() for start, end in pairwise(offsets)]


def _size_mb(texts: Sequence[str]) -> float:
    return float(string_buffers(_series(texts))[0][-1]) / 1e6


def _mb_s(encode: Callable[[Sequence[str]], object], texts: Texts) -> dict[str, float]:
    for some in texts.values():
        encode(some[:4])
    return {
        language: _size_mb(some) / cpu_s(lambda some=some: encode(some), 0.5)  # type: ignore[misc]
        for language, some in texts.items()
    }


def _joint(speed: Mapping[str, float], texts: Texts) -> float:
    sizes = {language: _size_mb(some) for language, some in texts.items()}
    return sum(sizes.values()) / sum(sizes[name] / speed[name] for name in sizes)


def _judge(encode: Encode, texts: Texts, ids: Mapping[str, Sequence[Sequence[int]]]) -> Result:
    found = {language: encode(some) for language, some in texts.items()}
    speed = _mb_s(encode, texts)
    return {
        "encode_mb_s": _joint(speed, texts),
        "encode_mb_s_by_language": speed,
        "identical": _identical(found, ids),
    }


def _identical(
    found: Mapping[str, Sequence[Sequence[int]]], ids: Mapping[str, Sequence[Sequence[int]]]
) -> float:
    same = [
        list(one) == list(other)
        for language in ids
        for one, other in zip(found[language], ids[language], strict=True)
    ]
    return sum(same) / len(same)


def _bytes_per_token(texts: Texts, lengths: Mapping[str, Sequence[int]]) -> dict[str, float]:
    return {name: _size_mb(some) * 1e6 / int(np.sum(lengths[name])) for name, some in texts.items()}


def _sentencepiece(folder: Path) -> Encode:
    import sentencepiece

    processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
    return lambda texts: processor.encode(list(texts), num_threads=1)


def _huggingface(folder: Path) -> Encode:
    from tokenizers import Tokenizer

    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    return lambda texts: [one.ids for one in tokenizer.encode_batch(list(texts))]


def _kitoken(
    bench: Bench, folder: Path, texts: Texts, ids: Mapping[str, Sequence[Sequence[int]]]
) -> Result | None:
    payload = {"model": str(folder / "tokenizer.model"), "texts": texts}
    found = bench.peer("kitoken", "kitoken_encode", payload)
    if found is None:
        return None
    speed = {name: _size_mb(some) / found["seconds"][name] for name, some in texts.items()}
    return {
        "encode_mb_s": _joint(speed, texts),
        "encode_mb_s_by_language": speed,
        "identical": _identical(found["ids"], ids),
    }


def _default_sentencepiece(training: Texts) -> Encode:
    import sentencepiece

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=(
            line for texts in training.values() for text in texts for line in text.split("\n")
        ),
        model_writer=model,
        vocab_size=VOCABULARY,
        model_type="bpe",
        **LOSSLESS,
        num_threads=1,
        minloglevel=2,
    )
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    return lambda texts: processor.encode(list(texts), num_threads=1)


def _default_huggingface(training: Texts) -> Encode:
    from tokenizers import ByteLevelBPETokenizer

    tokenizer = ByteLevelBPETokenizer()
    texts = (text for many in training.values() for text in many)
    tokenizer.train_from_iterator(texts, vocab_size=VOCABULARY, show_progress=False)
    return lambda texts: [one.ids for one in tokenizer.encode_batch(list(texts))]


def _same_splits(training: Texts) -> Encode:
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

    # Oniguruma has no difference of classes
    pattern = Regex(TOKEN.replace(r"[[\p{L}\p{M}]--\p{Han}]", r"[\p{L}\p{M}&&[^\p{Han}]]"))
    as_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(pattern, "isolated"), as_bytes]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = (text for many in training.values() for text in many)
    tokenizer.train_from_iterator(texts, trainer)
    return lambda texts: [one.ids for one in tokenizer.encode_batch(list(texts))]


if __name__ == "__main__":
    main(measure, __doc__ or "")
