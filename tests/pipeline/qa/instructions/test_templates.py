"""The phrasings that ship: every form in every language, with parts that a row of it has."""

import polars as pl
import pytest

from taojin.pipeline.qa.instructions.forms import FORMS, INVERTED
from taojin.pipeline.qa.instructions.templates import LANGUAGES, Phrasing, filled, phrasings

MADE = {"choice": {"letter"}, "classify": {"labels"}, "entail": {"labels"}}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_form_has_several_phrasings_and_one_turned_round(lang: str) -> None:
    found = phrasings(lang)
    for form in FORMS:
        assert found[f"{form}_{INVERTED}"]
        assert len(found[form]) >= (1 if form == "follow" else 2)
    assert {task.split("_")[0] for task in found} == set(FORMS)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_phrasing_takes_what_a_row_of_its_form_has_and_asks_before_it_answers(lang: str) -> None:
    for task, many in phrasings(lang).items():
        form = task.split("_")[0]
        has = {*FORMS[form].parts, *MADE.get(form, ()), "reasoning"}
        for one in many:
            assert one.holes <= has, task
            answered = Phrasing("", one.answer).holes
            assert answered
            assert not answered & Phrasing(one.prompt, "").holes - {"labels"}, task
            assert ("reasoning" in one.holes) == task.endswith("_reasoned")


@pytest.mark.parametrize("form", ["classify", "choice", "answer", "summarize"])
def test_labels_may_be_unknown(form: str) -> None:
    for lang in LANGUAGES:
        assert any("labels" not in one.holes for one in phrasings(lang)[form])


def test_the_languages_have_the_same_tasks() -> None:
    counts = [{task: len(many) for task, many in phrasings(lang).items()} for lang in LANGUAGES]
    assert counts[0] == counts[1] == counts[2]


def test_what_a_row_holds_is_no_template() -> None:
    rows = pl.DataFrame({"question": ["{answer} {}"], "answer": ["{question}"]})
    assert rows.select(filled("a {question}|{answer} z")).item() == "a {answer} {}|{question} z"


def test_a_language_without_phrasings_has_its_own_words_alone() -> None:
    assert list(phrasings("fr")) == ["follow"]
