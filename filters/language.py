"""The language of a document: by script, by function words, by a model where neither is clear.

The prose of a text is told by its script where that has one language, or else by its function
words. What is left, mostly short texts, goes to lingua (embedded, nothing to download), whose
answer is weighed with the words. Where the user names a fastText model, it takes the place of words
and lingua.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import Bytes, Offsets, string_buffers
from taojin.core.errors import UserError, unknown
from taojin.core.schema import Schema
from taojin.filters.batch import Batch, Ratios
from taojin.filters.function_words import MANY_HITS, Evidence, evidence, lexicon_languages
from taojin.filters.prose_kernels import prose
from taojin.filters.rules import Filter, Metric
from taojin.filters.scripts import CHINESE, SCRIPTS, by_script

Told = tuple[NDArray[np.object_], Ratios]
"""A language and a score for each text."""

LINGUA = {
    "af": "AFRIKAANS", "ar": "ARABIC", "az": "AZERBAIJANI", "be": "BELARUSIAN", "bg": "BULGARIAN",
    "bn": "BENGALI", "ca": "CATALAN", "cs": "CZECH", "cy": "WELSH", "da": "DANISH", "de": "GERMAN",
    "el": "GREEK", "en": "ENGLISH", "eo": "ESPERANTO", "es": "SPANISH", "et": "ESTONIAN",
    "eu": "BASQUE", "fa": "PERSIAN", "fi": "FINNISH", "fr": "FRENCH", "ga": "IRISH", "he": "HEBREW",
    "hi": "HINDI", "hr": "CROATIAN", "hu": "HUNGARIAN", "id": "INDONESIAN", "is": "ICELANDIC",
    "it": "ITALIAN", "kk": "KAZAKH", "la": "LATIN", "lt": "LITHUANIAN", "lv": "LATVIAN",
    "mk": "MACEDONIAN", "mn": "MONGOLIAN", "mr": "MARATHI", "ms": "MALAY", "nb": "BOKMAL",
    "nl": "DUTCH", "nn": "NYNORSK", "pl": "POLISH", "pt": "PORTUGUESE", "ro": "ROMANIAN",
    "ru": "RUSSIAN", "sk": "SLOVAK", "sl": "SLOVENE", "sq": "ALBANIAN", "sr": "SERBIAN",
    "sv": "SWEDISH", "sw": "SWAHILI", "tl": "TAGALOG", "tr": "TURKISH", "uk": "UKRAINIAN",
    "ur": "URDU", "vi": "VIETNAMESE",
}  # fmt: skip
"""Language codes that lingua tells apart, with its own names."""
_NUMBERS = {name: number for number, name in enumerate(LINGUA.values())}

KNOWN = tuple(dict.fromkeys((*CHINESE, *SCRIPTS, *LINGUA, "und")))
CONTRAST = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "cs", "sv", "ru", "uk", "ar", "fa",
            "hi", "tr", "vi", "id", "ro", "fi")  # fmt: skip
"""Told apart besides the recipe's own, so that a French page is not the nearest of zh and en."""

SAMPLE_CHARACTERS = 300
"""What a model reads of a text."""
_PRIOR = 5
"""How much likelier a language that the recipe asks for is than one that it does not."""
_HIT = 4
"""How much likelier a function word makes the languages that have it."""
_UNLIKELY = 1e-3
"""The probability of a language that lingua excludes or was not asked about."""
_BLOCK = 4096
"""Documents told at once: short ones need more memory for their counts than for their text."""


@dataclass(frozen=True)
class DetectLanguage:
    """Adds `lang` (BCP-47, Chinese with its script, `und` if unknown) and `lang_score` in 0..1.

    The score is the share of the letters, or of the telling function words, that speak for the
    language: about 0.5 for a text in two. Where a model decides it is at most the probability.
    `model` is the path of a fastText model such as lid.176 or GlotLID; without one lingua decides,
    among `languages` and the twenty of CONTRAST.
    """

    languages: tuple[str, ...]
    model: str | None = None
    name: str = "language"
    version: int = 2

    @property
    def adds(self) -> Schema:
        return {"lang": pl.String, "lang_score": pl.Float32}

    def __call__(self, documents: pl.DataFrame) -> pl.DataFrame:
        texts = documents["text"]
        starts = range(0, max(len(texts), 1), _BLOCK)
        told = [self._tell(texts.slice(start, _BLOCK)) for start in starts]
        return documents.with_columns(
            pl.Series("lang", np.concatenate([lang for lang, _ in told]), pl.String),
            pl.Series("lang_score", np.concatenate([score for _, score in told]), pl.Float32),
        )

    def _tell(self, texts: pl.Series) -> Told:
        """(language, score) of each text."""
        buffers = prose(*string_buffers(texts))
        lang, score = by_script(*buffers)
        rows = np.flatnonzero(lang == "")
        if self.model is None:
            lang[rows], sure = self._by_words(*buffers, rows)
            score[rows] = np.minimum(sure, 1 - score[rows])  # the rest is in another script
        else:
            model = _fasttext(self.model)
            lang[rows], score[rows] = _by_fasttext(model, _samples(*buffers, rows))
        return lang, score

    def _by_words(self, offsets: Offsets, data: Bytes, rows: NDArray[np.int64]) -> Told:
        """(language, score) of the texts with these numbers."""
        found = evidence(offsets, data, rows)
        lang = np.array(lexicon_languages(), object)[found.leader]
        score = found.share.copy()
        left = np.flatnonzero(~found.clear)
        if left.size:
            samples = _samples(offsets, data, rows[left])
            lang[left], score[left] = self._by_lingua(samples, found.take(left))
        return lang, score

    def _by_lingua(self, samples: Sequence[str], found: Evidence) -> Told:
        """What is likeliest by Bayes' rule: prior, lingua's probability, each function word."""
        asked = tuple(sorted({*self.languages, *CONTRAST} & LINGUA.keys()))
        lingua = _confidences(_lingua(asked), samples)
        prior = np.array([_PRIOR if code in self.languages else 1 for code in LINGUA])
        scale = np.minimum(1, MANY_HITS / np.maximum(found.most, 1))
        hits = np.zeros(lingua.shape)
        hits[:, _columns()] = found.hits * scale[:, None]
        weights = np.maximum(lingua, _UNLIKELY) * prior * float(_HIT) ** hits
        best = weights.argmax(axis=1)
        score = weights.max(axis=1, initial=0) / weights.sum(axis=1)
        score = np.where(found.most >= MANY_HITS, np.minimum(score, found.share), score)
        known = lingua.any(axis=1)
        lang = np.where(known, np.array(list(LINGUA), object)[best], "und")
        return lang, np.where(known, score, 0.0)


def language_filter(languages: Sequence[str]) -> Filter:
    """Whether a document is in one of the languages asked for, and how sure that is."""
    for lang in languages:
        if lang not in KNOWN:
            raise unknown("languages", "language", lang, KNOWN)

    def allowed(batch: Batch) -> NDArray[np.float64]:
        return batch.documents["lang"].is_in(languages).to_numpy().astype(np.float64)

    def score(batch: Batch) -> NDArray[np.float64]:
        return batch.documents["lang_score"].to_numpy().astype(np.float64)

    return Filter(
        name="language",
        source="the recipe's languages",
        metrics=(
            Metric("allowed", allowed, f"1 if the language is one of {', '.join(languages)}"),
            Metric("score", score, "confidence of the language in 0..1"),
        ),
    )


def _samples(offsets: Offsets, data: Bytes, rows: NDArray[np.int64]) -> list[str]:
    """From each text, of what is longer the start, the middle and the end: front matter and
    footers mislead.
    """
    third = SAMPLE_CHARACTERS // 3
    samples = []
    for row in rows:
        text = data[offsets[row] : offsets[row + 1]].tobytes().decode()
        if len(text) > 3 * third:
            starts = (0, (len(text) - third) // 2, len(text) - third)
            text = " ".join(text[start : start + third] for start in starts)
        samples.append(text)
    return samples


@cache
def _columns() -> NDArray[np.int64]:
    """The number in LINGUA of each language with function words."""
    codes = list(LINGUA)
    return np.array([codes.index(code) for code in lexicon_languages()])


@cache
def _lingua(languages: tuple[str, ...]):  # type: ignore[no-untyped-def]
    from lingua import Language, LanguageDetectorBuilder

    chosen = [getattr(Language, LINGUA[code]) for code in languages]
    return LanguageDetectorBuilder.from_languages(*chosen).with_low_accuracy_mode().build()


def _confidences(detector, samples: Sequence[str]) -> Ratios:  # type: ignore[no-untyped-def]
    """float64[samples, LINGUA]: how likely each language is; 0 for all if none is possible."""
    found = np.zeros((len(samples), len(LINGUA)))
    for row, sample in zip(found, samples, strict=True):
        for one in detector.compute_language_confidence_values(sample):
            row[_NUMBERS[one.language.name]] = one.value
    return found


@cache
def _fasttext(path: str):  # type: ignore[no-untyped-def]
    import fasttext

    try:
        return fasttext.load_model(path)
    except ValueError:
        raise UserError(
            f"language.model: '{path}' is no fastText model; name one such as lid.176.ftz"
        ) from None


def _by_fasttext(model, samples: Sequence[str]) -> Told:  # type: ignore[no-untyped-def]
    labels, scores = model.predict([sample.replace("\n", " ") for sample in samples])
    codes = [label[0].removeprefix("__label__").split("_")[0] for label in labels]
    return (
        np.array([code if code in KNOWN else "und" for code in codes], object),
        np.minimum([float(score[0]) for score in scores], 1.0),
    )
