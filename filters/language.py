"""The language of a document: by its script where that decides, by a model where it does not.

Kana, Hangul, Thai and other scripts of one language need no model. Han without kana is Chinese,
and zh-Hans or zh-Hant by the characters that only one of the two writes. What is left goes to
lingua (embedded, nothing to download) or to a fastText model that the user names.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.arrow import string_buffers
from taojin.core.errors import UserError, unknown
from taojin.core.schema import Schema
from taojin.filters.batch import Batch, Ratios, ratio
from taojin.filters.kernels import count_classes
from taojin.filters.rules import Filter, Metric

LINGUA = {
    "af": "AFRIKAANS", "ar": "ARABIC", "bg": "BULGARIAN", "bn": "BENGALI", "ca": "CATALAN",
    "cs": "CZECH", "da": "DANISH", "de": "GERMAN", "el": "GREEK", "en": "ENGLISH",
    "es": "SPANISH", "et": "ESTONIAN", "fa": "PERSIAN", "fi": "FINNISH", "fr": "FRENCH",
    "he": "HEBREW", "hi": "HINDI", "hr": "CROATIAN", "hu": "HUNGARIAN", "id": "INDONESIAN",
    "it": "ITALIAN", "lt": "LITHUANIAN", "lv": "LATVIAN", "mk": "MACEDONIAN", "mr": "MARATHI",
    "ms": "MALAY", "nb": "BOKMAL", "nl": "DUTCH", "nn": "NYNORSK", "pl": "POLISH",
    "pt": "PORTUGUESE", "ro": "ROMANIAN", "ru": "RUSSIAN", "sk": "SLOVAK", "sl": "SLOVENE",
    "sq": "ALBANIAN", "sr": "SERBIAN", "sv": "SWEDISH", "sw": "SWAHILI", "tr": "TURKISH",
    "uk": "UKRAINIAN", "ur": "URDU", "vi": "VIETNAMESE",
}  # fmt: skip
"""Language codes that lingua tells apart, with its own names."""
_CODES = {name: code for code, name in LINGUA.items()}

SCRIPTS = {
    "ja": r"[\p{Hiragana}\p{Katakana}]", "ko": r"\p{Hangul}", "th": r"\p{Thai}",
    "lo": r"\p{Lao}", "km": r"\p{Khmer}", "my": r"\p{Myanmar}", "ka": r"\p{Georgian}",
    "hy": r"\p{Armenian}", "ta": r"\p{Tamil}", "te": r"\p{Telugu}", "ml": r"\p{Malayalam}",
    "kn": r"\p{Kannada}", "gu": r"\p{Gujarati}", "si": r"\p{Sinhala}",
}  # fmt: skip
"""Languages told by their script alone."""

CHINESE = ("zh-Hans", "zh-Hant")
KNOWN = (*CHINESE, *SCRIPTS, *LINGUA, "und")
CONTRAST = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "cs", "sv", "ru", "uk", "ar", "fa",
            "hi", "tr", "vi", "id", "ro", "fi")  # fmt: skip
"""Told apart besides the recipe's own, so that a French page is not the nearest of zh and en."""

SAMPLE_CHARACTERS = 300
_LETTER_WEIGHT = 5
"""A Han character says about as much as five Latin letters: Chinese prose about code stays zh."""
_PRIOR = 5
"""How much likelier a language that the recipe asks for is than one that it does not."""
_KANA_SHARE = 0.05
"""Japanese prose is a third to a half kana; Chinese pages quote a few."""


@dataclass(frozen=True)
class DetectLanguage:
    """Adds `lang` (BCP-47, Chinese with its script, `und` if unknown) and `lang_score` in 0..1.

    `model` is the path of a fastText model such as lid.176 or GlotLID; without one lingua decides,
    among `languages` and the twenty of CONTRAST.
    """

    languages: tuple[str, ...]
    model: str | None = None
    name: str = "language"
    version: int = 1

    @property
    def adds(self) -> Schema:
        return {"lang": pl.String, "lang_score": pl.Float32}

    def __call__(self, documents: pl.DataFrame) -> pl.DataFrame:
        lang, score = _by_script(documents["text"])
        unclear = [index for index, found in enumerate(lang) if found is None]
        samples = [_sample(text) for text in documents["text"].gather(unclear)]
        for index, (found, sure) in zip(unclear, self._by_model(samples), strict=True):
            lang[index], score[index] = found, sure
        return documents.with_columns(
            pl.Series("lang", lang, pl.String), pl.Series("lang_score", score, pl.Float32)
        )

    def _by_model(self, samples: Sequence[str]) -> list[tuple[str, float]]:
        if self.model is not None:
            return _by_fasttext(_fasttext(self.model), samples)
        detector = _lingua(tuple(sorted({*self.languages, *CONTRAST} & LINGUA.keys())))
        return [self._by_lingua(detector, sample) for sample in samples]

    def _by_lingua(self, detector, sample: str) -> tuple[str, float]:  # type: ignore[no-untyped-def]
        if not any(map(str.isalpha, sample)):
            return "und", 0.0
        weights = {
            _CODES[found.language.name]: found.value
            for found in detector.compute_language_confidence_values(sample)
        }
        for lang in self.languages:
            weights[lang] = weights.get(lang, 0.0) * _PRIOR
        total = sum(weights.values())
        best = max(weights, key=lambda lang: (weights[lang], lang))
        return (best, weights[best] / total) if total else ("und", 0.0)


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


def _by_script(text: pl.Series) -> tuple[list[str | None], list[float]]:
    """(language, score) of each text; the language is None where the script does not decide."""
    counts = count_classes(*string_buffers(text), _script_classes(), 5 + len(SCRIPTS))
    other, han, simplified, traditional = counts[:, 1:5].T
    scripts = dict(zip(SCRIPTS, counts[:, 5:].T, strict=True))
    han = han + simplified + traditional
    letters = other + han + counts[:, 5:].sum(axis=1)
    shares = {code: _share(own, letters) for code, own in scripts.items()}
    kana = scripts["ja"]
    chinese = kana < _KANA_SHARE * (han + kana)
    shares["ja"] = np.where(chinese, 0.0, _share(kana + han, letters))
    shares["zh"] = np.where(chinese, _share(han, letters), 0.0)
    greatest = np.stack(list(shares.values()))
    codes = np.array(list(shares), dtype=object)[greatest.argmax(axis=0)]
    hant = np.where(traditional > simplified, CHINESE[1], CHINESE[0])
    lang = np.where(codes == "zh", hant, codes)
    score = greatest.max(axis=0)
    lang[score <= 0.5] = None
    lang[letters == 0] = "und"
    return lang.tolist(), np.where(letters == 0, 0.0, score).tolist()


def _share(own: NDArray[np.int64], letters: NDArray[np.int64]) -> Ratios:
    """The share of one script among letters, each weighing what it says."""
    return ratio(own * _LETTER_WEIGHT, own * _LETTER_WEIGHT + letters - own)


_CODE = re.compile(
    r"```.*?(?:```|$)|`[^`\n]*`|<[^>\n]*>|\w+://\S+|[\w./-]*[/_.=][\w./=-]+", re.DOTALL
)


def _sample(text: str) -> str:
    """Prose from the start, the middle and the end: front matter and footers mislead.

    Code, markup and paths are left out where enough remains without them.
    """
    third = SAMPLE_CHARACTERS // 3
    starts = (0, (len(text) - 3 * third) // 2, max(len(text) - 3 * third, 0))
    if len(text) > 9 * third:
        text = "\n".join(text[start : start + 3 * third] for start in starts)
    prose = " ".join(_CODE.sub(" ", text).split())
    if len(prose) < SAMPLE_CHARACTERS // 6:
        prose = " ".join(text.split())
    if len(prose) <= SAMPLE_CHARACTERS:
        return prose
    starts = (0, (len(prose) - third) // 2, len(prose) - third)
    return " ".join(prose[start : start + third] for start in starts)


@cache
def _script_classes() -> NDArray[np.uint8]:
    """uint8[0x110000]: 0 no letter, 1 a letter of another script, 2 Han, 3 Han of zh-Hans only,
    4 of zh-Hant only (by OpenCC), 5 and on the scripts of SCRIPTS in their order.
    """
    import opencc

    to_traditional, to_simplified = opencc.OpenCC("s2t"), opencc.OpenCC("t2s")
    codes = [code for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    characters = pl.Series([chr(code) for code in codes])
    found = characters.str.contains(r"\p{Alphabetic}").to_numpy().astype(np.uint8)
    for number, script in enumerate((r"\p{Han}", *SCRIPTS.values())):
        found[characters.str.contains(script).to_numpy()] = number + 4 if number else 2
    classes = np.zeros(0x110000, np.uint8)
    classes[codes] = found
    for code in range(0x4E00, 0xA000):
        moves = [way.convert(chr(code)) != chr(code) for way in (to_traditional, to_simplified)]
        if moves[0] != moves[1]:
            classes[code] = 3 if moves[0] else 4
    classes.flags.writeable = False
    return classes


@cache
def _lingua(languages: tuple[str, ...]):  # type: ignore[no-untyped-def]
    from lingua import Language, LanguageDetectorBuilder

    chosen = [getattr(Language, LINGUA[code]) for code in languages]
    return LanguageDetectorBuilder.from_languages(*chosen).with_low_accuracy_mode().build()


@cache
def _fasttext(path: str):  # type: ignore[no-untyped-def]
    import fasttext

    try:
        return fasttext.load_model(path)
    except ValueError:
        raise UserError(
            f"language.model: '{path}' is no fastText model; name one such as lid.176.ftz"
        ) from None


def _by_fasttext(model, samples: Sequence[str]) -> list[tuple[str, float]]:  # type: ignore[no-untyped-def]
    labels, scores = model.predict([sample.replace("\n", " ") for sample in samples])
    codes = (label[0].removeprefix("__label__").split("_")[0] for label in labels)
    return [
        (code if code in KNOWN else "und", min(float(score[0]), 1.0))
        for code, score in zip(codes, scores, strict=True)
    ]
