"""Threads have a share of the supervised dataset, and no more."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from taojin.core.hashing import content_hash
from taojin.pipeline.shards.share import within_share

rows = st.lists(st.tuples(st.sampled_from(["thread", "mined", "conversation"]), st.integers(1, 9)))


def table(found: list[tuple[str, int]]) -> pa.Table:
    ids = [content_hash(str(number)) for number in range(len(found))]
    tokens = pa.array([[0] * count for _, count in found], pa.list_(pa.uint32()))
    tasks = pa.array([task for task, _ in found], pa.string())
    return pa.table({"dialogue_id": pa.array(ids, pa.string()), "task": tasks, "input_ids": tokens})


@given(rows, st.floats(0, 1))
def test_threads_fill_their_share_and_no_more(found: list[tuple[str, int]], share: float) -> None:
    whole = table(found)
    stays = within_share(whole, share)
    threads = np.array([task == "thread" for task, _ in found], bool)
    tokens = np.array([count for _, count in found], int)
    assert stays[~threads].all()
    taken, others = tokens[threads & stays].sum(), tokens[~threads].sum()
    assert taken <= share * (taken + others) + 1e-6
    left = sorted(
        zip(np.array(whole["dialogue_id"])[threads & ~stays], tokens[threads & ~stays], strict=True)
    )
    if left:  # the next one would have been too much
        with_next = taken + left[0][1]
        assert with_next > share * (with_next + others) - 1e-6


@given(rows, st.floats(0, 1), st.randoms(use_true_random=False))
def test_which_stay_does_not_depend_on_the_order(
    found: list[tuple[str, int]], share: float, random: object
) -> None:
    whole = table(found)
    order = list(range(len(found)))
    random.shuffle(order)  # type: ignore[attr-defined]
    moved = within_share(whole.take(pa.array(order, pa.int64())), share)
    assert moved.tolist() == within_share(whole, share)[order].tolist()


def test_all_stay_where_the_share_is_one() -> None:
    assert within_share(table([("thread", 5)]), 1.0).tolist() == [True]
    assert within_share(table([("thread", 5)]), 0.99).tolist() == [False]
