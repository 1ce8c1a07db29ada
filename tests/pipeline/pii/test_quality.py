"""Measured on labelled data through the benchmark's own functions: floors, a margin below."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def measured(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    shared_data: Path = request.getfixturevalue("shared_data")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parents[3]))  # benchmarks are no part of taojin
        benchmark = importlib.import_module("benchmarks.pii_quality")
        yield dict(benchmark.measure(shared_data / "pii", at_least_s=0.0))


FLOORS = {  # measured: precision and recall 1 everywhere
    "zh_email": (0.99, 0.99),
    "zh_phone": (0.99, 0.99),
    "zh_resident_id": (0.99, 0.99),
    "zh_social_credit_code": (0.99, 0.99),
    "zh_passport": (0.99, 0.99),
    "zh_vehicle_plate": (0.99, 0.99),
    "zh_wechat": (0.99, 0.99),
    "zh_qq": (0.99, 0.99),
    "zh_bank_card": (0.99, 0.99),
    "zh_ip": (0.99, 0.99),
    "en_email": (0.99, 0.99),
    "en_bank_card": (0.98, 0.98),
    "en_phone": (0.98, 0.98),
}
FEW = {  # fewer labels than a bar asks for; measured: 1 and 1, address .94 and .91, person .93 and .10
    "en_iban": (0.98, 0.98),
    "en_ssn": (0.98, 0.98),
    "en_ip": (0.98, 0.98),
    "en_driving_licence": (0.98, 0.98),
    "en_address_joined": (0.90, 0.88),
    "en_person": (0.85, 0.08),
}


CHOSEN_FLOORS = {"zh_address": (0.98, 0.98), "zh_person": (0.98, 0.98)}
"""Of kinds that are off by default, and so have no bar."""


@pytest.mark.parametrize("name", CHOSEN_FLOORS)
def test_kinds_that_a_recipe_names_stay_above_their_floor(
    name: str, measured: dict[str, Any]
) -> None:
    row = measured["kinds"][name]
    assert not row["barred"]
    assert row["precision"] >= CHOSEN_FLOORS[name][0]
    assert row["recall"] >= CHOSEN_FLOORS[name][1]


def test_every_kind_stays_above_its_floor(measured: dict[str, Any]) -> None:
    for name, (precision, recall) in FLOORS.items():
        row = measured["kinds"][name]
        assert row["barred"], name
        assert row["precision"] >= precision, name
        assert row["recall"] >= recall, name


@pytest.mark.parametrize("name", FEW)
def test_kinds_of_few_labels_stay_above_theirs(name: str, measured: dict[str, Any]) -> None:
    row = measured["kinds"][name]
    assert (row["precision"] >= FEW[name][0], row["recall"] >= FEW[name][1]) == (True, True)


def test_lookalikes_stay(measured: dict[str, Any]) -> None:
    assert measured["lookalikes_masked"] <= 0.002
    assert measured["other_lookalikes_masked"] <= 0.002
