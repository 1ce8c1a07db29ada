"""Microsoft Presidio as an engine: persons, places and organisations in running text.

The extra `presidio` installs it; its spaCy models are installed by their own names, such as
`python -m spacy download en_core_web_sm`.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from taojin.core.errors import UserError
from taojin.pipeline.pii.engines import Entity

MODELS = {"en": "en_core_web_sm", "zh": "zh_core_web_sm"}
"""The spaCy model for each language."""
_KINDS = {"PERSON": "person", "LOCATION": "location", "ORGANIZATION": "organisation"}
_MOST_CHARACTERS = 50_000  # spaCy takes memory by the length of a text


class Presidio:
    """Finds what the models of spaCy name; texts in other languages have no entities."""

    kinds = tuple(_KINDS.values())

    def __call__(self, texts: Sequence[str], langs: Sequence[str]) -> list[list[Entity]]:
        """The entities of each text. UserError if Presidio or a model isn't installed."""
        return [
            list(self._entities(text, lang.partition("-")[0]))
            for text, lang in zip(texts, langs, strict=True)
        ]

    def _entities(self, text: str, language: str) -> Iterator[Entity]:
        if language not in MODELS:
            return
        for offset, part in _parts(text):
            for one in self._analyzer.analyze(part, language, entities=list(_KINDS)):
                start, end = one.start + offset, one.end + offset
                yield Entity(start, end, _KINDS[one.entity_type], one.score)

    @cached_property
    def _analyzer(self) -> Any:
        try:
            from presidio_analyzer import AnalyzerEngine
            from presidio_analyzer.nlp_engine import NlpEngineProvider
        except ImportError:
            raise UserError(
                "pii.engines: presidio is not installed: pip install 'taojin[presidio]'"
            ) from None
        self._require_models()
        models = [{"lang_code": lang, "model_name": model} for lang, model in MODELS.items()]
        provider = NlpEngineProvider(
            nlp_configuration={"nlp_engine_name": "spacy", "models": models}
        )
        return AnalyzerEngine(nlp_engine=provider.create_engine(), supported_languages=[*MODELS])

    def _require_models(self) -> None:
        """UserError for a model that isn't there: Presidio would fetch it from the network."""
        import spacy.util

        for model in MODELS.values():
            if not spacy.util.is_package(model):
                raise UserError(
                    f"pii.engines: presidio needs the model {model}: "
                    f"python -m spacy download {model}"
                )


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """The text in parts of a bounded length, cut at line ends where there are some."""
    start = 0
    while start < len(text):
        end = min(start + _MOST_CHARACTERS, len(text))
        line_end = text.rfind("\n", start, end) + 1
        if end < len(text) and line_end > start:
            end = line_end
        yield start, text[start:end]
        start = end
