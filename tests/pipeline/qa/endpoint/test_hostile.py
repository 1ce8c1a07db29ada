"""Servers that send what no server should: the run goes on, or says in a sentence what to do."""

import json

import pytest

from taojin.core.errors import UserError
from taojin.pipeline.qa.endpoint import client, parsing
from taojin.pipeline.qa.endpoint.place import place
from tests.pipeline.qa.endpoint.conftest import documents, river
from tests.pipeline.qa.endpoint.server import Reply, facts, honest, told

ONE = river("甲")
TRUE = facts(ONE)[0]


def body(content: object, **usage: object) -> bytes:
    choice = {"message": {"content": content}, "finish_reason": "stop"}
    return json.dumps({"choices": [choice], "usage": usage}).encode()


def always(reply: Reply):
    return lambda body, number: reply


@pytest.mark.parametrize(
    ("reply", "questions"),
    [
        (Reply("\ud800 " + told([TRUE])), [TRUE["question"]]),
        (Reply(json.dumps({"pairs": [TRUE | {"question": "\ud800" + TRUE["question"]}]})),
         ["\ufffd" + TRUE["question"]]),
        (Reply(json.dumps({"pairs": [TRUE | {"answer": TRUE["answer"] + "\ud800"}]})),
         [TRUE["question"]]),
    ],
)  # fmt: skip
def test_half_of_a_surrogate_pair_is_a_replacement_character(ask, server, reply, questions):
    server.says = always(reply)
    found = ask(server, documents(ONE)).read("pairs")
    assert found["question"].to_list() == questions


@pytest.mark.parametrize(
    "reply",
    [
        Reply(raw=b"[" * 200_000),
        Reply(raw=b"no gzip", headers={"Content-Encoding": "gzip"}),
    ],
)
def test_a_body_that_cannot_be_read_is_a_fault(ask, server, reply):
    server.says = always(reply)
    found = ask(server, documents(ONE), retries=0)
    assert found.read("rejected")["reason"].to_list() == ["body"]


def test_a_reply_is_read_up_to_what_its_tokens_can_be(ask, server, monkeypatch):
    monkeypatch.setattr(client, "LONGEST_REPLY_BYTES", 2000)
    for size, reason in ((1000, "format"), (9000, "body")):
        server.says = always(Reply(raw=body("x" * size)))
        found = ask(server, documents(ONE), str(size), retries=0, max_tokens=10)
        assert found.read("rejected")["reason"].to_list() == [reason]


@pytest.mark.parametrize("count", [10**30, -5, True, float("nan"), "7"])
def test_tokens_that_are_no_count_are_estimated(ask, server, count):
    server.says = always(Reply(raw=body(told([TRUE]), prompt_tokens=9, completion_tokens=count)))
    (row,) = ask(server, documents(ONE)).read("usage").rows(named=True)
    assert (row["tokens_in"], row["tokens_out"]) == (9, len(told([TRUE])) // 2)


def test_the_same_text_is_asked_about_once_at_a_time_too(ask, server):
    server.says = lambda body, number: Reply(honest(body, number).content, wait_s=0.1)
    found = ask(server, documents(ONE, ONE, ONE), concurrency=3)
    assert (len(server.bodies), found.read("pairs")["doc_id"].n_unique()) == (1, 3)


def test_a_server_that_sends_elsewhere_ends_the_run_and_no_key_follows(ask, server):
    server.says = always(Reply(status=307, headers={"Location": server.url}, raw=b""))
    with pytest.raises(UserError, match="answers 307: it sends elsewhere"):
        ask(server, documents(ONE))
    assert len(server.bodies) == 1


SERVER = {"TAOJIN_ENDPOINT_URL": "http://localhost/v1", "TAOJIN_ENDPOINT_MODEL": "m"}


def test_a_key_ends_before_the_line_end_and_is_ascii():
    assert place(SERVER | {"TAOJIN_ENDPOINT_KEY": "a-key\n"}).key == "a-key"
    with pytest.raises(UserError, match="TAOJIN_ENDPOINT_KEY has characters") as told_of:
        place(SERVER | {"TAOJIN_ENDPOINT_KEY": "a-kéy"})
    assert "a-k" not in str(told_of.value)


@pytest.mark.parametrize(
    "url", ["http://[bad/v1", "http://h:99999/v1", "http://a b/", "http://h/?v=1"]
)
def test_what_is_no_url_of_a_server_is_told(url):
    with pytest.raises(UserError, match="is no URL"):
        place(SERVER | {"TAOJIN_ENDPOINT_URL": url})


def test_an_open_string_is_read_once_and_what_lies_too_deep_is_left(monkeypatch):
    assert list(parsing.objects('"' + '\\"' * 50_000)) == []
    tried = []
    decoder = parsing._DECODER

    class Counted:
        def raw_decode(self, text, at):
            tried.append(at)
            return decoder.raw_decode(text, at)

    monkeypatch.setattr(parsing, "_DECODER", Counted())
    assert list(parsing.objects('{"a":' * 50_000)) == []
    assert len(tried) == 1
