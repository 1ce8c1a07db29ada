"""Engines: models beside the detectors, installed as entry points."""

import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import EntryPoint
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from taojin.core import stage
from taojin.core.errors import UserError
from taojin.pipeline.pii import engines, presidio
from taojin.pipeline.pii.engines import Entity
from taojin.pipeline.pii.settings import Settings
from taojin.pipeline.pii.stage import MaskPersonalData
from tests.pipeline.pii.test_masking import counts, documents, masked


class Names:
    """Takes 李雷, and a mail address with him, for persons; is half sure of 韩梅梅."""

    kinds = ("person", "location")

    def __call__(self, texts: Sequence[str], langs: Sequence[str]) -> list[list[Entity]]:
        return [list(self._entities(text)) for text in texts]

    def _entities(self, text: str) -> Iterator[Entity]:
        for name, end, confidence in (
            ("韩梅梅", 3, 0.5),
            ("李雷", 2, 0.9),
            ("李雷 a@b.com", 10, 0.8),
        ):
            at = text.find(name)
            if at >= 0:
                yield Entity(at, at + end, "person", confidence)
        if "北京" in text:
            yield Entity(text.find("北京"), text.find("北京") + 2, "location", 1.0)


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Entry points for the engine of these tests, one whose library is missing, and Presidio."""
    module = ModuleType("engines_of_a_test")
    module.Names = Names  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "engines_of_a_test", module)
    found = [
        EntryPoint(name, value, engines.GROUP)
        for name, value in (
            ("names", "engines_of_a_test:Names"),
            ("broken", "no_such_module:Engine"),
            ("presidio", "taojin.pipeline.pii.presidio:Presidio"),
        )
    ]
    monkeypatch.setattr(
        engines, "entry_points", lambda group: found if group == engines.GROUP else []
    )
    for cached in (engines.engine, engines.kind_of, engines.version):
        cached.cache_clear()
    yield
    for cached in (engines.engine, engines.kind_of, engines.version):
        cached.cache_clear()


def test_entities_are_masked_where_no_detector_has_found_anything() -> None:
    chosen = Settings(kinds=("email", "person"), engines=("names",))
    result = masked(documents("北京的李雷 a@b.com和韩梅梅", "x"), MaskPersonalData(chosen))
    assert result["text"].to_list() == ["北京的<PERSON> <EMAIL>和<PERSON>", "x"]
    assert counts(result) == [{"email": 1, "person": 2}, {}]


def test_entities_of_little_confidence_stay() -> None:
    chosen = Settings(kinds=("person",), engines=("names",), least_confidence=0.6)
    assert (
        masked(documents("李雷、韩梅梅"), MaskPersonalData(chosen))["text"].item()
        == "<PERSON>、韩梅梅"
    )


def test_entities_have_actions_and_fakes() -> None:
    chosen = Settings(
        kinds=("person", "location"),
        engines=("names",),
        actions={"person": "fake", "location": "count"},
    )
    text = masked(documents("北京的李雷"), MaskPersonalData(chosen, b"a key of the tests"))[
        "text"
    ].item()
    assert text.startswith("北京的某")
    assert len(text) == len("北京的李雷")


def test_a_document_without_text_has_no_entities() -> None:
    table = documents("李雷").with_columns(text=None).cast({"text": str})
    chosen = Settings(kinds=("person",), engines=("names",))
    assert stage.run(MaskPersonalData(chosen), table)["edits"].to_list() == [[]]


def test_unknown_and_broken_engines_are_told() -> None:
    with pytest.raises(UserError, match="pii: no engine 'other'; known: broken, names, presidio"):
        Settings(engines=("other",))
    with pytest.raises(
        UserError, match="'broken' cannot be loaded: No module named 'no_such_module'"
    ):
        Settings(engines=("broken",))
    with pytest.raises(UserError, match="no kind 'location'"):
        Settings(kinds=("location",))


def test_presidio_without_its_models_says_what_to_install() -> None:
    pytest.importorskip("presidio_analyzer", reason="Presidio is not installed")
    chosen = Settings(kinds=("location",), engines=("presidio",))
    try:
        stage.run(MaskPersonalData(chosen), documents("x"))
    except UserError as error:
        assert "python -m spacy download" in str(error)


def test_what_presidio_finds_in_long_texts_stands_at_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Texts are cut into parts, at line ends where there are any."""
    monkeypatch.setattr(presidio, "_MOST_CHARACTERS", 10)

    def analyze(text: str, language: str, entities: Sequence[str]) -> list[Any]:
        assert (language, list(entities)) == ("zh", ["PERSON", "LOCATION", "ORGANIZATION"])
        assert len(text) <= 10
        at = text.find("李雷")
        return (
            [SimpleNamespace(start=at, end=at + 2, entity_type="PERSON", score=0.8)]
            if at >= 0
            else []
        )

    one = presidio.Presidio()
    one.__dict__["_analyzer"] = SimpleNamespace(analyze=analyze)
    texts = ["很长的一行\n下面是李雷\n" + "字" * 25 + "李雷", "李雷"]
    found = one(texts, ["zh-Hans", "fr"])
    assert [(one.start, one.end) for one in found[0]] == [(9, 11), (37, 39)]
    assert found[1] == []
