"""Tasks of the supervised dataset: caps, weights, pre-training text, and the shares of all."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.core.errors import UserError
from taojin.core.hashing import content_hash
from taojin.pipeline.shards.conversations import SCHEMA
from taojin.pipeline.shards.pretraining import pretraining_rows
from taojin.pipeline.shards.tasks import asked_and_achieved, copies, repeated
from taojin.pipeline.task import Checkpoint, save


def table(*tasks: str, tokens: int = 3) -> pa.Table:
    rows = []
    for number, task in enumerate(tasks):
        name = content_hash(f"{task} {number}")
        told = dict.fromkeys(("doc_id", "content_hash", "source", "lang"), name)
        ids = {"input_ids": [1] * tokens, "loss_mask": [1] * tokens, "messages": []}
        rows.append({"dialogue_id": name, "task": task, **told, **ids})
    return pa.Table.from_pylist(rows, SCHEMA).sort_by("dialogue_id")


def by_task(rows: pa.Table, times: np.ndarray) -> dict[str, int]:
    found: dict[str, int] = {}
    for task, many in zip(rows["task"].to_pylist(), times, strict=True):
        found[task] = found.get(task, 0) + int(many)
    return found


@given(st.lists(st.sampled_from("abc"), max_size=40), st.integers(1, 12), st.integers(0, 9))
def test_a_task_has_no_more_than_the_cap(tasks: list[str], most: int, seed: int) -> None:
    rows = table(*tasks)
    times = copies(rows, most, {}, seed)
    assert set(times) <= {0, 1}
    assert by_task(rows, times) == {one: min(most, tasks.count(one)) for one in set(tasks)}


def test_who_is_within_the_cap_does_not_depend_on_other_tasks_and_a_larger_cap_keeps_them() -> None:
    alone, mixed = table(*"a" * 50), table(*"a" * 50, *"b" * 70)
    few = set(alone.filter(pa.array(copies(alone, 10, {}, 1) > 0))["dialogue_id"].to_pylist())
    with_b = mixed.filter(pa.array(copies(mixed, 10, {}, 1) > 0))
    more = set(alone.filter(pa.array(copies(alone, 20, {}, 1) > 0))["dialogue_id"].to_pylist())
    assert few <= set(with_b["dialogue_id"].to_pylist())
    assert few < more


def test_weights_repeat_and_thin() -> None:
    rows = table(*"a" * 400, *"b" * 400, *"c" * 10, *"d" * 10, *"e" * 5)
    times = copies(rows, None, {"a": 2.5, "b": 0.25, "c": 9, "d": 0}, 1)
    found = by_task(rows, times)
    assert (found["c"], found["d"], found["e"]) == (40, 0, 5)
    assert 940 < found["a"] < 1060
    assert 70 < found["b"] < 130
    assert {int(times[at]) for at, task in enumerate(rows["task"].to_pylist()) if task == "a"} == {
        2,
        3,
    }


def test_copies_land_apart_and_singles_stay_in_order() -> None:
    rows = table(*"a" * 30)
    assert repeated(rows, np.ones(30, np.int64)).equals(rows)
    names = repeated(rows, np.full(30, 3))["dialogue_id"].to_pylist()
    assert sorted(names) == sorted(rows["dialogue_id"].to_pylist() * 3)
    assert sum(one == two for one, two in pairwise(names)) < 10
    assert repeated(rows.slice(0, 0), np.zeros(0, np.int64)).num_rows == 0


def test_a_weight_of_a_task_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(UserError, match=r"sft.weights: no task 'mind'; known: a, b"):
        copies(table("a", "b"), None, {"mind": 1}, 1)


def test_asked_and_achieved_are_told() -> None:
    had = table(*"a" * 8, *"b" * 2, *"c" * 1)
    has = table(*"a" * 3, "b", "pretraining", tokens=5)
    assert asked_and_achieved(had, has, 4, {"b": 2.0}).to_dicts() == [
        {"task": "a", "dialogues": 8, "weight": 1.0, "asked_share": 4 / 9, "rows": 3, "tokens": 15,
         "achieved_share": 3 / 4, "token_share": 3 / 5},
        {"task": "b", "dialogues": 2, "weight": 2.0, "asked_share": 4 / 9, "rows": 1, "tokens": 5,
         "achieved_share": 1 / 4, "token_share": 1 / 5},
        {"task": "c", "dialogues": 1, "weight": 1.0, "asked_share": 1 / 9, "rows": 0, "tokens": 0,
         "achieved_share": 0.0, "token_share": 0.0},
        {"task": "pretraining", "dialogues": 0, "weight": 1.0, "asked_share": None, "rows": 1,
         "tokens": 5, "achieved_share": None, "token_share": 1 / 5},
    ]  # fmt: skip


def checkpoint(folder: Path, lengths: list[int], offset: int) -> Checkpoint:
    folder.mkdir()
    names = [content_hash(str(offset + at)) for at in range(len(lengths))]
    ids = [[at % 90 + 10] * length for at, length in enumerate(lengths)]
    told = {"doc_id": names, "content_hash": names[::-1], "source": ["s"] * len(names)}
    columns = {**told, "lang": ["en"] * len(names), "ids": ids}
    tokens = pl.DataFrame(columns, schema_overrides={"ids": pl.List(pl.UInt32)})
    save(folder, tokens=tokens)
    return Checkpoint(folder, folder.name, {"tokens": sum(lengths), "documents": len(lengths)})


def test_pretraining_rows_are_pieces_of_documents_with_all_learnt(tmp_path: Path) -> None:
    lengths = [0, 1, 15, 16, 17, 40, 63]
    found = pretraining_rows([checkpoint(tmp_path / "a", lengths, 0)], 10_000, 16, 2, 1)
    assert found.schema == SCHEMA
    rows = found.to_pylist()
    assert {one["task"] for one in rows} == {"pretraining"}
    assert [one["loss_mask"] for one in rows] == [[1] * len(one["input_ids"]) for one in rows]
    assert [one["messages"] for one in rows] == [[]] * len(rows)
    assert len({one["dialogue_id"] for one in rows}) == len(rows)
    whole = {content_hash(str(at)): [at % 90 + 10] * n + [2] for at, n in enumerate(lengths)}
    for name, ids in whole.items():
        pieces = sorted(one["input_ids"] for one in rows if one["doc_id"] == name)
        expected = sorted(ids[at : at + 16] for at in range(0, len(ids), 16))
        assert pieces == expected


@pytest.mark.parametrize("budget", [0, 15, 200, 1000])
def test_pretraining_text_keeps_to_its_budget(budget: int, tmp_path: Path) -> None:
    parts = [checkpoint(tmp_path / name, [40] * 100, at * 100) for at, name in enumerate("ab")]
    rows = pretraining_rows(parts, budget, 16, 2, 1)
    tokens = sum(map(len, rows["input_ids"].to_pylist()))
    assert budget - 16 <= tokens <= budget
    assert rows.equals(pretraining_rows(parts[::-1], budget, 16, 2, 1))
    assert pretraining_rows([], budget, 16, 2, 1).num_rows == 0
