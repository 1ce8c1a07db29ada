"""Whether the benchmark sees where two tools agree: on documents small enough to judge by hand."""

from importlib import import_module

import pytest


@pytest.fixture
def agreement():
    return import_module("benchmarks.filter_agreement")


KEPT = {"gopher_quality": None, "gopher_repetition": None, "c4": None, "fineweb": None}
PROSE = "\n".join(f"The gold{one} and river{one} with sand{one}." for one in range(20))


def judged(words: list[str], text: str, **reasons: str) -> tuple[dict, dict]:
    return {"text": text, "lang": "en"}, {"words": words, "reasons": KEPT | reasons}


def test_a_document_that_both_keep_is_agreed_on(agreement) -> None:
    row, theirs = judged(PROSE.split(), PROSE)
    found = agreement.summary(agreement.compare([row], "en", [theirs]))
    assert found["agreement"] == 1 and not any(found["disagreements"].values())
    assert set(found["agreement_by_filter"]) == set(KEPT)


def test_the_words_are_those_of_the_other_tool(agreement) -> None:
    row, theirs = judged(["word"] * 3, PROSE, gopher_quality="gopher_short_doc")
    found = agreement.compare([row], "en", [theirs])
    assert found.shares["gopher_quality"] == 1


@pytest.mark.parametrize(
    ("reasons", "share", "cause"),
    [
        ({"gopher_quality": "gopher_short_doc"}, 0.5, "1 datatrove drops, word_count: "),
        ({"fineweb": "char_dup_ratio"}, 0.5, "1 datatrove drops, duplicate_line_character_ratio: "),
        ({"gopher_repetition": "top_4_gram"}, 0.5, "1 datatrove drops, top_4_gram_ratio: a char"),
    ],
)
def test_a_drop_that_we_do_not_share_is_listed(agreement, reasons, share, cause) -> None:
    pairs = [judged(PROSE.split(), PROSE), judged(PROSE.split(), PROSE, **reasons)]
    found = agreement.compare([row for row, _ in pairs], "en", [one for _, one in pairs])
    (name,) = reasons
    assert found.shares[name] == share
    (line,) = found.causes[name]
    assert line.startswith(cause) and line.endswith("; 1")


def test_another_reason_is_no_agreement(agreement) -> None:
    """Too short it is, yet datatrove says that it lacks letters."""
    row, theirs = judged(["word"] * 3, PROSE, gopher_quality="gopher_below_alpha_threshold")
    found = agreement.compare([row], "en", [theirs])
    assert found.shares["gopher_quality"] == 0
    assert found.causes["gopher_quality"][0].startswith("1 both drop, for other reasons, alpha_")


def test_ours_alone_is_listed_too(agreement) -> None:
    row, theirs = judged(["word"] * 3, PROSE)
    found = agreement.compare([row], "en", [theirs])
    assert found.causes["gopher_quality"][0].startswith("1 we drop, word_count: ")


def test_every_reason_has_a_metric_and_every_metric_that_can_differ_a_cause(agreement) -> None:
    for name, bounds in agreement.BOUNDS.items():
        metrics = {metric.name for metric in agreement.Registry(("en",)).filters[name].metrics}
        assert {metric for metric, _, _ in bounds.values()} <= metrics
    assert set(agreement.CAUSES) - {"top_gram"} <= {
        metric for bounds in agreement.BOUNDS.values() for metric, _, _ in bounds.values()
    }
