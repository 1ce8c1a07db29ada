"""Best fit against the obvious loop, and what every layout must keep."""

from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taojin.pipeline.shards.layout import best_fit, cut
from taojin.pipeline.shards.packing import pack
from taojin.pipeline.shards.sentences import breaks_of
from taojin.tokenizer.encode import Encoder
from taojin.tokenizer.train import train
from tests.pipeline.test_shards import EOS, PAD, VOCABULARY, documents, tokens_of

UNTIMED = settings(deadline=None)
BOS = 1
STOP = 7
"""The token behind which these documents may be cut."""
LAYOUTS = {"cut": cut, "best_fit": best_fit(lambda ids: ids == STOP)}


def pieces_by_hand(ids: list[int], length: int) -> list[list[int]]:
    """A document that is longer than a row, cut behind the last STOP of each second half."""
    if len(ids) <= length:
        return [ids]
    stops = [at for at in range(length // 2 + 1, length + 1) if ids[at - 1] == STOP]
    at = stops[-1] if stops else length
    return [ids[:at], *pieces_by_hand(ids[at:], length)]


def rows_by_hand(given_documents: list[list[int]], length: int) -> list[list[tuple[int, ...]]]:
    """Each piece, the longest first, into the fullest row that takes it, of equals the last one
    that was changed; rows and pieces in them then in the order of the documents."""
    pieces = [one for ids in given_documents for one in pieces_by_hand([*ids, EOS], length)]
    rows: list[list[int]] = []
    for number in sorted(range(len(pieces)), key=lambda at: -len(pieces[at])):
        room = [length - sum(len(pieces[at]) for at in row) for row in rows]
        fitting = [at for at in range(len(rows)) if room[at] >= len(pieces[number])]
        if fitting:
            least = min(room[at] for at in fitting)
            chosen = [at for at in fitting if room[at] == least][-1]
            rows.append(rows.pop(chosen))
        else:
            rows.append([])
        rows[-1].append(number)
    ordered = sorted(sorted(row) for row in rows)
    return [[tuple(pieces[at]) for at in row] for row in ordered]


def read_back(table, length: int) -> list[list[tuple[int, ...]]]:
    """The pieces of each row, told by the positions."""
    found = []
    for row in table.to_pylist():
        count = row["token_count"]
        starts = [at for at in range(count) if row["position_ids"][at] == 0]
        ids = row["input_ids"][:count]
        found.append([tuple(ids[a:b]) for a, b in zip(starts, [*starts[1:], count], strict=True)])
        assert len(row["doc_ids"]) == len(starts)
        assert row["input_ids"][count:] == [PAD] * (length - count)
        assert row["position_ids"][count:] == list(range(length - count))
    return found


@UNTIMED
@given(documents, st.integers(1, 9), st.randoms(use_true_random=False))
def test_best_fit_is_the_obvious_loop_in_whatever_order_documents_come(documents, length, random):
    tokens = tokens_of(documents)
    order = random.sample(range(tokens.height), tokens.height)
    table = pack(tokens[order], length, EOS, PAD, VOCABULARY, layout=LAYOUTS["best_fit"])
    table.validate(full=True)
    ordered = tokens.sort("key", "doc_id")
    assert read_back(table, length) == rows_by_hand(ordered["ids"].to_list(), length)


@UNTIMED
@given(documents, st.integers(2, 9), st.sampled_from(sorted(LAYOUTS)), st.booleans())
def test_every_document_is_there_whole_whatever_the_layout(documents, length, name, begins):
    tokens = tokens_of(documents)
    bos_id = BOS if begins else None
    table = pack(tokens, length, EOS, PAD, VOCABULARY, bos_id=bos_id, layout=LAYOUTS[name])
    found: dict[str, list[tuple[int, ...]]] = {}
    for pieces, ids in zip(read_back(table, length), table["doc_ids"].to_pylist(), strict=True):
        for piece, doc_id in zip(pieces, ids, strict=True):
            found.setdefault(doc_id, []).append(piece)
    first = [BOS] if begins else []
    wanted = {
        doc_id: [*first, *ids, EOS] for doc_id, ids in tokens.select("doc_id", "ids").iter_rows()
    }
    assert found.keys() == wanted.keys()
    for doc_id, pieces in found.items():
        assert sorted(t for piece in pieces for t in piece) == sorted(wanted[doc_id])
        if name == "cut":
            assert [t for piece in pieces for t in piece] == wanted[doc_id]
        if name == "best_fit" and len(wanted[doc_id]) <= length:
            assert len(pieces) == 1


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    folder = tmp_path_factory.mktemp("tokenizer")
    texts = ['He said "yes." Then he left. 他说：“是的。”然后走了。\nNext line 3.14 e.g. x']
    train(texts * 4, 330, folder)
    return Encoder(folder)


def test_sentences_end_where_a_reader_says(encoder: Encoder):
    text = 'He said "yes." Then left. 他说：“是的。”然后走了。\nPi is 3.14! Ok'
    ids = encoder.encode(pl.Series([text]))[1]
    breaks = breaks_of(encoder)(ids)
    ends = [encoder.decode(ids[: at + 1]) for at in np.flatnonzero(breaks)]
    assert [one[-3:] for one in ends] == ['s."', "ft.", "的。”", "了。\n", "14!"]


def test_a_sentence_does_not_end_before_what_closes_it():
    vocabulary = ["a", "。", "”", ".", " b", "\n", "…」", "5"]
    table = dict(enumerate(vocabulary))
    stub = SimpleNamespace(size=len(vocabulary), decode=lambda ids: table[ids[0]])
    breaks = breaks_of(stub)  # type: ignore[arg-type]
    given_pieces = ["a", "。", "”", "。", "a", ".", "5", ".", " b", ".", "\n", "…」", "a", "."]
    ids = np.array([vocabulary.index(one) for one in given_pieces], np.uint32)
    assert np.flatnonzero(breaks(ids)).tolist() == [3, 7, 9, 10, 11, 13]
