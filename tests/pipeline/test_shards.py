import json
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

from taojin.core.hashing import content_hash
from taojin.core.schema import MESSAGES
from taojin.pipeline.shards import keys
from taojin.pipeline.shards.conversations import sft_table
from taojin.pipeline.shards.dataset import finish_dataset, shard_name, write_shard
from taojin.pipeline.shards.packing import pack, schema
from taojin.tokenizer.chat import render_messages
from taojin.tokenizer.encode import Encoder
from taojin.tokenizer.train import train

UNTIMED = settings(deadline=None)
EOS, PAD, VOCABULARY = 2, 0, 1000
TOKENS = {"key": pl.UInt64, "doc_id": pl.String, "ids": pl.List(pl.UInt32)}
documents = st.lists(st.lists(st.integers(3, VOCABULARY - 1), max_size=12), max_size=12)


def tokens_of(documents: list[list[int]]) -> pl.DataFrame:
    """Documents a, b, c ... in an order of keys that is not theirs."""
    rows = [(index * 7 % 13, chr(97 + index), ids) for index, ids in enumerate(documents)]
    return pl.DataFrame(rows, schema=TOKENS, orient="row")


def packed_by_hand(tokens: pl.DataFrame, length: int) -> list[dict[str, object]]:
    stream = []
    for _, doc_id, ids in tokens.sort("key", "doc_id").iter_rows():
        stream += [(token, doc_id, at) for at, token in enumerate([*ids, EOS])]
    rows = []
    for start in range(0, len(stream), length):
        row = stream[start : start + length]
        positions, doc_ids = [], []
        for index, (_, doc_id, at) in enumerate(row):
            begins = at == 0 or index == 0
            doc_ids += [doc_id] if begins else []
            positions.append(0 if begins else positions[-1] + 1)
        padding = length - len(row)
        rows.append(
            {
                "input_ids": [token for token, _, _ in row] + [PAD] * padding,
                "position_ids": positions + list(range(padding)),
                "doc_ids": doc_ids,
                "token_count": len(row),
            }
        )
    return rows


@UNTIMED
@given(documents, st.integers(1, 9), st.randoms(use_true_random=False))
def test_pack_is_the_obvious_loop_in_whatever_order_documents_come(documents, length, random):
    tokens = tokens_of(documents)
    order = random.sample(range(tokens.height), tokens.height)
    table = pack(tokens[order], length, EOS, PAD, VOCABULARY)
    assert table.schema == schema(length, VOCABULARY)
    table.validate(full=True)
    assert table.to_pylist() == packed_by_hand(tokens, length)


@UNTIMED
@given(documents, st.integers(1, 9))
def test_every_token_is_there_once_and_padding_is_counted(documents, length):
    table = pack(tokens_of(documents), length, EOS, PAD, VOCABULARY)
    packed = np.concatenate([[], *table["input_ids"].to_pylist()])
    given_ids = np.concatenate([[], *documents])
    counts = np.bincount(packed.astype(int), minlength=VOCABULARY)
    wanted = np.bincount(given_ids.astype(int), minlength=VOCABULARY)
    padding = table.num_rows * length - sum(table["token_count"].to_pylist())
    wanted[[EOS, PAD]] += [len(documents), padding]
    assert (counts == wanted).all()
    assert 0 <= padding < length


def test_types_are_as_small_as_the_values_allow():
    assert schema(2048, 65_536).field("input_ids").type == pa.list_(pa.uint16(), 2048)
    assert schema(70_000, 65_537).field("input_ids").type == pa.list_(pa.uint32(), 70_000)
    table = pack(tokens_of([[65_535], [70_000]]), 2, EOS, PAD, 70_001)
    assert table["input_ids"].to_pylist() == [[65_535, EOS], [70_000, EOS]]


def hashes(count: int) -> pl.Series:
    return pl.Series("content_hash", [content_hash(str(index)) for index in range(count)])


@UNTIMED
@given(st.permutations(range(30)), st.integers(0, 30), st.integers(0, 5))
def test_keys_depend_on_the_document_alone(order, cut, seed):
    column, copy = hashes(30), pl.Series([index % 3 for index in range(30)])
    key = keys.order_key(column, copy, seed)
    assert key.dtype == pl.UInt64
    assert keys.order_key(column[order], copy[order], seed).equals(key[order])
    assert keys.order_key(column[cut:], copy[cut:], seed).equals(key[cut:])
    split = keys.split_of(column, 0.5, seed)
    assert keys.split_of(column[cut:], 0.5, seed).equals(split[cut:])


def mix_by_hand(value: int) -> int:
    """splitmix64 in whole numbers, as published."""
    value = (value + 0x9E3779B97F4A7C15) % 2**64
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    value = (value ^ value >> 27) * 0x94D049BB133111EB % 2**64
    return value ^ value >> 31


def test_a_key_is_the_mix_of_all_that_it_is_told():
    """Every run finds its shards by these keys: they may not change with a library."""
    salt = xxhash.xxh3_64_intdigest(b"order\x007")
    digits = "0123456789abcdef00112233445566ff"
    high, low = int(digits[:16], 16), int(digits[16:], 16)
    wanted = mix_by_hand(mix_by_hand(mix_by_hand(high ^ salt) ^ low) ^ mix_by_hand(3))
    assert keys.order_key(pl.Series([digits]), pl.Series([3]), 7).to_list() == [wanted]


def test_copies_and_seeds_have_keys_of_their_own():
    column = pl.concat([hashes(500)] * 3)
    copy = pl.Series(np.repeat([0, 1, 2], 500))
    both = pl.concat([keys.order_key(column, copy, seed) for seed in (0, 1)])
    assert both.n_unique() == 3000


def test_shards_follow_the_key_and_fill_evenly():
    key = keys.order_key(hashes(6000), pl.Series([0] * 6000), 0).sort()
    shard = keys.shard_of(key, 6)
    assert shard.is_sorted() and set(shard) == set(range(6))
    assert shard.value_counts()["count"].to_list() == pytest.approx([1000] * 6, abs=150)
    assert keys.shard_of(pl.Series([2**64 - 1], dtype=pl.UInt64), 6).to_list() == [5]
    assert [keys.shard_count(tokens, 10) for tokens in (0, 1, 10, 11)] == [1, 1, 1, 2]


def test_the_split_has_its_share_and_does_not_follow_the_order():
    column = hashes(6000)
    split = keys.split_of(column, 0.1)
    assert (split == "validation").sum() == pytest.approx(600, abs=120)
    assert (keys.split_of(column, 0.0) == "train").all()
    assert (keys.split_of(column, 1.0) == "validation").all()
    first = keys.order_key(column, pl.Series([0] * 6000), 0) < 2**63
    assert (split.filter(first) == "validation").sum() == pytest.approx(300, abs=90)


def test_what_is_no_content_hash_is_refused():
    with pytest.raises(ValueError, match="32 hex digits"):
        keys.split_of(pl.Series(["abc"]), 0.5)
    assert keys.split_of(pl.Series([], dtype=pl.String), 0.5).to_list() == []


def write(folder: Path, tables: list[pa.Table]) -> Path:
    folder.mkdir()
    names = [shard_name(index, len(tables)) for index in range(len(tables))]
    for name, table in zip(names, tables, strict=True):
        write_shard(table, folder / name)
    finish_dataset(folder, names, "train")
    return folder


def test_datasets_opens_what_is_written(tmp_path: Path):
    import datasets
    import torch

    first, second = tokens_of([[5, 6, 7], [], [8] * 9]), tokens_of([[9] * 4_500])
    tables = [pack(part, 4, EOS, PAD, VOCABULARY) for part in (first, second)]
    opened = datasets.load_from_disk(str(write(tmp_path / "train", tables)))
    assert opened.to_list() == [row for table in tables for row in table.to_pylist()]
    assert opened.split == "train"
    assert [Path(file["filename"]).parent for file in opened.cache_files] == [
        tmp_path / "train"
    ] * 2
    row = opened.with_format("torch")[0]
    assert row["input_ids"].dtype == torch.int64
    assert row["input_ids"].tolist() == tables[0]["input_ids"][0].as_py()


def test_datasets_writes_the_same_description(tmp_path: Path, encoder: Encoder):
    import datasets

    packed = pack(tokens_of([[5]]), 4, EOS, PAD, VOCABULARY)
    for name, table in (("packed", packed), ("chats", sft_table(chats(), encoder, 50)[0])):
        opened = datasets.load_from_disk(str(write(tmp_path / name, [table])))
        assert opened.features == datasets.Features.from_arrow_schema(table.schema)
        assert opened.to_list() == table.to_pylist()
        again = tmp_path / f"{name}-again"
        opened.save_to_disk(str(again))
        for file in ("dataset_info.json", "state.json"):  # it draws a new fingerprint
            ours, theirs = (json.loads((f / file).read_text()) for f in (tmp_path / name, again))
            assert {**ours, "_fingerprint": 0} == {**theirs, "_fingerprint": 0}


def test_the_same_rows_give_the_same_bytes(tmp_path: Path):
    tokens = tokens_of([[5, 6, 7], [], [8] * 9])
    for name, part in (("a", tokens), ("b", tokens.reverse())):
        write(tmp_path / name, [pack(part, 4, EOS, PAD, VOCABULARY)])
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()
        assert str(tmp_path).encode() not in path.read_bytes()


def test_an_empty_split_opens_too(tmp_path: Path):
    import datasets

    empty = pack(tokens_of([]), 4, EOS, PAD, VOCABULARY)
    assert datasets.load_from_disk(str(write(tmp_path / "validation", [empty]))).num_rows == 0


def conversation(*contents: str) -> list[dict[str, object]]:
    roles = ("user", "assistant") * len(contents)
    return [
        {"role": role, "content": text, "train": role == "assistant"}
        for role, text in zip(roles, contents, strict=False)
    ]


def chats() -> pl.DataFrame:
    talks = [
        conversation("What is in the sand?", "Gold."),
        conversation("淘金", "x" * 100),
        conversation("nobody answers"),
        conversation("谁？", "我", "and you?", "the river"),
    ]
    return pl.DataFrame(
        {
            "dialogue_id": ["q0", "q1", "q2", "q3"],
            "doc_id": ["d0", "d0", "d2", "d3"],
            "content_hash": hashes(4),
            "source": "handbook",
            "lang": "en",
            "task": "conversation",
            "messages": pl.Series(talks, dtype=MESSAGES),
        }
    )


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    folder = tmp_path_factory.mktemp("tokenizer")
    train(["What is in the sand and the river? Gold. 谁在淘金？我。\n"] * 4, 310, folder)
    return Encoder(folder)


def test_conversations_keep_what_fits_and_tell_the_rest(encoder: Encoder):
    messages = chats()
    table, rejected = sft_table(messages, encoder, 50)
    assert table["dialogue_id"].to_pylist() == ["q0", "q3"]
    rows = messages.filter(pl.col("dialogue_id").is_in(["q0", "q3"]))
    for row, talk in zip(table.to_pylist(), rows["messages"].to_list(), strict=True):
        ids, mask = render_messages(talk, encoder)
        assert row["messages"] == talk
        assert row["input_ids"] == ids.tolist() and row["loss_mask"] == mask.tolist()
    assert rejected.select("dialogue_id", "doc_id", "cause").rows() == [
        ("q1", "d0", "too_long"),
        ("q2", "d2", "no_answer"),
    ]
    long = render_messages(messages["messages"][1].to_list(), encoder)[0]
    assert rejected["token_count"][0] == long.size


def test_a_conversation_of_exactly_the_limit_is_kept(encoder: Encoder):
    longest = max(map(len, sft_table(chats(), encoder, 50)[0]["input_ids"].to_pylist()))
    assert sft_table(chats(), encoder, longest)[0].num_rows == 2
    assert sft_table(chats(), encoder, longest - 1)[0].num_rows == 1


def test_no_conversations(encoder: Encoder):
    table, rejected = sft_table(chats().clear(), encoder, 50)
    assert table.num_rows == rejected.height == 0
