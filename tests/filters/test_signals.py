"""Signals are what models were trained with: a changed number is another version."""

import numpy as np
import pytest
from hypothesis import given

from taojin.filters.batch import Batch
from taojin.filters.signals import ENOUGH_UNITS, SIGNALS, VERSION, signals
from taojin.tests.core.texts import QUICK, columns, documents

PROSE = "Gold was found in the river.\nPeople came from far away, and they stayed.\n" * 4
NAMES = [signal.name for signal in SIGNALS]


def one(text: str) -> dict[str, float]:
    return dict(zip(NAMES, signals(Batch(documents([text])))[0].tolist(), strict=True))


@QUICK
@given(column=columns)
def test_signals_are_finite(column: list[str]):
    found = signals(Batch(documents(column)))
    assert found.shape == (len(column), len(SIGNALS))
    assert np.isfinite(found).all()


def test_golden_values():
    """Where one of these changes, raise VERSION: models of before weigh other numbers."""
    assert VERSION == 2
    text = "Gold is here.\nGold is here.\nnot ended\nand so on...\n€ # 5\n"
    assert one(text) == pytest.approx(
        {
            "log_units": np.log(13),  # 3 + 3 + 2 + 3 + 1 units, and 1
            "terminal_line_ratio": 3 / 5,
            "short_line_ratio": -1,
            "ellipsis_line_ratio": -1 / 5,
            "duplicate_line_ratio": -1 / 5,
            "symbol_ratio": -1 / len(text),
            "sign_ratio": -1 / len(text),
        }
    )


@pytest.mark.parametrize(
    ("name", "worse"),
    [
        ("log_units", "Gold."),
        ("terminal_line_ratio", PROSE.replace(".", "")),
        ("short_line_ratio", PROSE.replace(" ", "\n")),
        ("ellipsis_line_ratio", PROSE.replace(".", "...")),
        ("duplicate_line_ratio", PROSE * 3),
        ("symbol_ratio", PROSE.replace("e", "™")),
        ("sign_ratio", PROSE.replace("e", "#")),
    ],
)
def test_the_greater_the_better(name: str, worse: str):
    assert one(worse)[name] < one(PROSE)[name]


def test_beyond_enough_units_length_says_nothing():
    found = [one("gold " * units)["log_units"] for units in (199, ENOUGH_UNITS, 5 * ENOUGH_UNITS)]
    assert found[0] < found[1] == found[2]
