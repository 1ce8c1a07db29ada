import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taojin.core.errors import UserError
from taojin.core.schema import MESSAGES
from taojin.tokenizer.chat import render_column, render_messages
from taojin.tokenizer.encode import Encoder
from taojin.tokenizer.special import BOS, CHAT, EOS, PAD, ROLES, UNK

SPECIAL = (PAD, BOS, EOS, UNK, *CHAT)
contents = st.one_of(
    st.sampled_from(["", "\n", "\n\nthe sand", "the gold\n", "-", "沙里有金。\n\n- 金"]),
    st.text(max_size=20),
).filter(lambda content: not any(token in content for token in SPECIAL))
conversations = st.lists(
    st.fixed_dictionaries(
        {
            "role": st.sampled_from(["system", "user", "assistant"]),
            "content": contents,
            "train": st.booleans(),
        }
    ),
    max_size=4,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(messages=conversations)
def test_ids_are_those_of_the_chat_template(encoder: Encoder, tokenizer, messages):
    ids, mask = render_messages(messages, encoder)
    wanted = tokenizer.apply_chat_template(messages, return_dict=False) if messages else []
    assert ids.tolist() == wanted
    assert mask.tolist() == mask_by_hand(ids.tolist(), [one["train"] for one in messages], encoder)


def mask_by_hand(ids: list[int], learnt: list[bool], encoder: Encoder) -> list[int]:
    """1 behind the role of a learnt turn and its first token, up to and with its `<|end|>`."""
    roles = [encoder.special_id(token) for token in ROLES.values()]
    turns = iter(learnt)
    mask, learning = [], False
    for before, token in zip([-1, *ids], ids, strict=False):
        mask.append(int(learning and before not in roles))
        learning = next(turns) if token in roles else learning
        learning = learning and token != encoder.special_id("<|end|>")
    return mask


def test_what_is_learnt_is_the_answer_and_its_end(encoder: Encoder, tokenizer):
    messages = [
        {"role": "user", "content": "沙里有什么？", "train": False},
        {"role": "assistant", "content": "- the gold\n\n沙里有金。", "train": True},
    ]
    ids, mask = render_messages(messages, encoder)
    assert tokenizer.decode(ids[mask == 1]) == "- the gold\n\n沙里有金。<|end|>"
    prompt = tokenizer.apply_chat_template(
        messages[:1], add_generation_prompt=True, return_dict=False
    )
    assert ids[: len(prompt)].tolist() == prompt and not mask[: len(prompt)].any()


def test_a_column_is_its_conversations_one_by_one(encoder: Encoder):
    column = [
        [
            {"role": "user", "content": "the sand", "train": False},
            {"role": "assistant", "content": "gold", "train": True},
        ],
        [],
        [{"role": "system", "content": "洗沙", "train": False}],
    ]
    offsets, ids, mask = render_column(pl.Series(column, dtype=MESSAGES), encoder)
    for index, messages in enumerate(column):
        alone = render_messages(messages, encoder)
        row = slice(offsets[index], offsets[index + 1])
        assert [ids[row].tolist(), mask[row].tolist()] == [part.tolist() for part in alone]


@pytest.mark.parametrize("token", SPECIAL)
def test_a_special_token_in_a_message_is_text(encoder: Encoder, token: str):
    ids, _ = render_messages([{"role": "user", "content": token, "train": False}], encoder)
    special = [encoder.special_id(name) for name in SPECIAL]
    found = [index for index in ids.tolist() if index in special]
    assert found == [encoder.special_id("<|user|>"), encoder.special_id("<|end|>")]
    assert encoder.decode(ids) == f"\n{token}\n"


def test_an_unknown_role_is_an_error_of_the_user(encoder: Encoder):
    with pytest.raises(UserError, match="no role 'robot'; known: assistant, system, user"):
        render_messages([{"role": "robot", "content": "beep", "train": False}], encoder)


@pytest.fixture(scope="module")
def tokenizer(folder):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder)
