"""Every run looks for what it has planted before it calls a text clean."""

import pytest

from taojin.pipeline.pii import self_test as planted
from taojin.pipeline.pii.detectors import DEFAULT_KINDS, KINDS
from taojin.pipeline.pii.self_test import PLANTED, SelfTestError, self_test
from taojin.pipeline.pii.settings import Settings


def test_every_kind_is_planted_and_found() -> None:
    assert set(PLANTED) == set(KINDS)
    rows = self_test(Settings(kinds=KINDS))
    assert {row["kind"] for row in rows} == set(KINDS)
    for row in rows:
        assert row["planted"] == row["found"] == len(PLANTED[str(row["kind"])])
        assert row["wrong"] == 0


@pytest.mark.parametrize("kinds", [DEFAULT_KINDS, ("email",), ("phone", "ip")])
def test_only_the_kinds_of_the_recipe_are_looked_for(kinds: tuple[str, ...]) -> None:
    assert [row["kind"] for row in self_test(Settings(kinds=kinds))] == list(kinds)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PLANTED", {"email": ("write to ⟦nobody⟧",)}),
        ("LOOK_ALIKES", ("write to a@b.com",)),
    ],
)
def test_what_is_missed_or_wrong_ends_the_run(
    name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planted, name, value)
    with pytest.raises(SelfTestError, match="kind 'email'"):
        self_test(Settings(kinds=("email",)))
