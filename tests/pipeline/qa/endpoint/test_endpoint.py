"""The endpoint generator against a real server, which does what servers and models do."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
from email.utils import formatdate

import polars as pl
import pytest

from taojin.core import schema
from taojin.core.errors import UserError
from taojin.pipeline.qa.endpoint import budget
from taojin.pipeline.settings.qa import Grounding
from tests.pipeline.qa.endpoint.conftest import LETTERS, documents, river, settled
from tests.pipeline.qa.endpoint.server import Reply, facts, honest, passage, serving, told

ONE = river("甲")


def pairs_of(found) -> list[str]:
    return found.read("pairs")["question"].to_list()


def reasons(found) -> list[str]:
    return found.read("rejected")["reason"].to_list()


def usage(found) -> dict[tuple[str, str], int]:
    rows = found.read("usage").select("request", "outcome", "requests").rows()
    return {(request, outcome): count for request, outcome, count in rows}


def first(*replies: Reply):
    """Says these in turn, and the truth from then on."""
    return lambda body, number: replies[number] if number < len(replies) else honest(body, number)


def test_true_pairs_are_kept_with_their_places_and_scores(ask, server):
    text = "\n\n".join(map(river, LETTERS))
    found = ask(server, documents(text), chunk_units=200)
    pairs = found.read("pairs")
    assert dict(pairs.schema) == dict(schema.QA)
    asked = {passage(body) for body in server.bodies}
    assert len(asked) == len(server.bodies) > 1
    wanted = [
        pair["question"] for one in asked for pair in facts(one)[: max(1, round(len(one) / 240))]
    ]
    assert sorted(pairs_of(found)) == sorted(wanted)
    for row in pairs.rows(named=True):
        (quote,) = row["quotes"]
        assert (quote["start"], quote["end"]) == (row["evidence_start"], row["evidence_end"])
        assert text[quote["start"] : quote["end"]].rstrip("。") == row["answer"].rstrip("。")
        assert row["scores"] == {
            **dict.fromkeys(("quotes", "dates", "numbers", "names", "support"), 1.0),
            "round_trip": None,
            "judge": None,
        }
    assert set(reasons(found)) == {"too_many"}


def test_what_is_sent(ask, server):
    ask(server, documents(ONE))
    (body,), (headers,) = server.bodies, server.headers
    assert headers["Authorization"] == "Bearer the-key"
    assert body["model"] == "m" and body["response_format"]["type"] == "json_schema"
    system, user = (message["content"] for message in body["messages"])
    assert "最多 1 对" in system and ONE in user and "河流志" in user


def test_english_is_asked_about_in_english(ask, server):
    text = (
        "The river Dee is long and cold, and the people on its banks pan for gold in spring. " * 20
    )
    ask(server, documents(text, lang="en"))
    assert "At most 3 pairs" in server.bodies[0]["messages"][0]["content"]


def test_other_languages_are_rejected_and_not_asked_about(ask, server):
    found = ask(server, documents(ONE, lang="de"))
    assert not server.bodies and reasons(found) == ["language"]


GOOD = facts(ONE)


def changed(**values: object) -> str:
    return told([{**GOOD[0], **values}])


@pytest.mark.parametrize(
    "content",
    [
        f"<think>{told([{**GOOD[1], 'answer': '?'}])}</think>{told(GOOD)}",
        f"Sure!\n```json\n{told(GOOD)}\n```\nDone.",
        json.dumps(GOOD),
        told(GOOD).replace("]}", "],}"),
        told(GOOD)[:-20],
    ],
)  # fmt: skip
def test_what_can_be_read_is_read(ask, content):
    with serving(lambda body, number: Reply(content)) as server:
        found = ask(server, documents(ONE + ONE.replace("甲", "乙")))
        assert len(server.bodies) == 1
        assert pairs_of(found) == [pair["question"] for pair in GOOD][: found.counts["pairs"]]
        assert found.counts["pairs"] >= 1


@pytest.mark.parametrize("content", ["[]", '{"pairs": []}', "```json\n[]\n```"])
def test_nothing_to_ask_is_an_answer(ask, content):
    with serving(lambda body, number: Reply(content)) as server:
        found = ask(server, documents(ONE))
        assert len(server.bodies) == 1 and not pairs_of(found) and not reasons(found)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (changed(evidence=["此话不在文中任何一处出现"]), "quotes"),
        (changed(answer="河流甲0的长度是9999公里。"), "numbers"),
        (changed(answer="河流甲0位于 Sahara 沙漠。"), "names"),
        (changed(answer="众所周知，山脉高耸入云。"), "support"),
        (changed(type="yes_no"), "yes_no"),
        (changed(question="如图所示，河流甲的长度是多少？"), "meta_reference"),
    ],
)
def test_what_is_not_grounded_is_rejected(ask, content, reason):
    with serving(lambda body, number: Reply(content)) as server:
        found = ask(server, documents(ONE))
    assert not pairs_of(found) and reasons(found) == [reason]
    (row,) = found.read("rejected").rows(named=True)
    assert row["doc_id"] == "d0" and row["layer"] == "endpoint" and row["question"]


def test_an_object_that_is_no_pair_is_rejected_beside_one_that_is(ask):
    wrong = [{"question": "河流甲？"}, {**GOOD[0], "type": "riddle"}, 7]
    with serving(lambda body, number: Reply(told([GOOD[0], *wrong]))) as server:
        found = ask(server, documents(ONE))
    assert len(pairs_of(found)) == 1 and reasons(found) == ["schema"] * 3


def test_more_pairs_than_asked_for_are_too_many(ask):
    with serving(lambda body, number: Reply(told(facts(passage(body))))) as server:
        found = ask(server, documents(ONE))
    assert pairs_of(found) == [GOOD[0]["question"]] and reasons(found) == ["too_many"] * 2


def test_a_question_is_asked_once_in_a_document(ask):
    text = "\n\n".join(map(river, LETTERS))
    with serving(lambda body, number: Reply(told([facts(passage(body))[0]] * 2))) as server:
        found = ask(server, documents(text), chunk_units=10_000)
    assert len(pairs_of(found)) == len(server.bodies) == 1 and reasons(found) == ["repeated"]


def test_a_kind_has_its_share(ask):
    text = "\n\n".join(map(river, LETTERS))
    with serving() as server:
        found = ask(server, documents(text), chunk_units=10_000, kinds={"fact": 0.5, "why": 1})
    assert len(server.bodies) == 1 and len(pairs_of(found)) == 4
    assert reasons(found).count("quota") == 3


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (Reply(status=500), "http_500"),
        (Reply(status=429, headers={"Retry-After": "0"}), "http_429"),
        (Reply(wait_s=2.0), "timeout"),
        (Reply(told(GOOD), drip_s=0.2), "timeout"),
        (Reply(told(GOOD), cut=30), "connection"),
        (Reply(raw=b"{not json"), "body"),
        (Reply(raw=b'{"choices": []}'), "body"),
        (Reply("I'd rather talk about the weather."), "format"),
        (Reply('{"answer": 42}'), "format"),
    ],
)
def test_a_fault_is_tried_again_and_counted(ask, fault, cause):
    with serving(first(fault)) as server:
        found = ask(server, documents(ONE), timeout_s=0.7)
        assert len(server.bodies) == 2
    assert pairs_of(found) == [GOOD[0]["question"]]
    assert usage(found) == {("pairs", "answered"): 1, ("pairs", f"fault_{cause}"): 1}


def test_what_was_wrong_is_told_to_the_model_and_its_tokens_are_counted(ask):
    with serving(first(Reply("Once upon a time"))) as server:
        found = ask(server, documents(ONE))
    said = server.bodies[1]["messages"]
    assert [message["role"] for message in said] == ["system", "user", "assistant", "user"]
    assert said[2]["content"] == "Once upon a time" and "JSON" in said[3]["content"]
    assert found.read("usage").filter(outcome="answered").row(0)[3:] == (200, 20)


@pytest.mark.parametrize("told_as", ["seconds", "date"])
def test_a_break_that_the_server_asks_for_is_kept(ask, told_as):
    def says(body: dict, number: int) -> Reply:
        value = "1" if told_as == "seconds" else formatdate(time.time() + 2, usegmt=True)
        limit = Reply(status=429, headers={"Retry-After": value})
        return honest(body, number) if number else limit

    with serving(says) as server:
        ask(server, documents(ONE))
    assert server.times[1] - server.times[0] >= 0.9


@pytest.mark.parametrize(
    ("says", "cause", "requests"),
    [
        (Reply(status=500), "http_500", 3),
        (Reply(status=413), "http_413", 1),
        (Reply("no"), "format", 3),
        (Reply(message={"refusal": "I can't"}), "refusal", 1),
        (Reply(finish_reason="content_filter"), "refusal", 1),
    ],
)
def test_what_is_given_up_is_a_row_and_is_asked_again_by_the_next_run(ask, says, cause, requests):
    with serving(lambda body, number: says) as server:
        found = ask(server, documents(ONE), retries=2)
        assert len(server.bodies) == requests
        assert reasons(found) == [cause] and usage(found)["pairs", "given_up"] == 1
        server.says = honest
        assert len(pairs_of(ask(server, documents(ONE), again="2", retries=2))) == 1
        assert len(server.bodies) == requests + 1


def test_a_server_without_response_format_is_asked_without_it(ask):
    def says(body: dict, number: int) -> Reply:
        return Reply(status=400) if "response_format" in body else honest(body, number)

    with serving(says) as server:
        found = ask(
            server, documents("\n\n".join(map(river, LETTERS))), chunk_units=400, concurrency=1
        )
        forms = ["response_format" in body for body in server.bodies]
    assert forms == [True] + [False] * (len(forms) - 1) and len(forms) > 2
    assert not reasons(found) or set(reasons(found)) == {"too_many"}


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_wrong_key_or_model_ends_the_run(ask, status):
    with (
        serving(lambda body, number: Reply(status=status)) as server,
        pytest.raises(UserError) as error,
    ):
        ask(server, documents(ONE))
    assert "TAOJIN_ENDPOINT_" in str(error.value) and "the-key" not in str(error.value)


def test_a_server_that_is_not_there_ends_the_run(ask, server):
    server.url = "http://127.0.0.1:9/v1"
    with pytest.raises(UserError, match=r"127\.0\.0\.1 can't be reached"):
        ask(server, documents(ONE))


@pytest.mark.parametrize("name", ["URL", "MODEL"])
def test_what_the_environment_lacks_is_told(ask, server, name, monkeypatch):
    ask(server, documents(ONE))
    monkeypatch.delenv(f"TAOJIN_ENDPOINT_{name}")
    from taojin.pipeline.settings.qa import Qa
    from taojin.pipeline.steps.endpoint import marks

    with pytest.raises(UserError, match=f"TAOJIN_ENDPOINT_{name}"):
        marks(Qa(generator="endpoint"))
    assert marks(Qa(generator="offline")) == []


def test_so_many_requests_are_under_way(ask):
    met = threading.Barrier(4)

    def together(body: dict, number: int) -> Reply:
        met.wait(timeout=60)
        return honest(body, number)

    with serving(together) as server:
        ask(server, documents(*map(river, LETTERS[:8])), concurrency=4)
    assert server.most_under_way == 4 and len(server.bodies) == 8


def test_requests_keep_their_pace_and_the_breaks_that_are_asked_for(monkeypatch):
    now = 100.0
    sent = []

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr(budget.time, "monotonic", lambda: now)
    monkeypatch.setattr(budget.asyncio, "sleep", sleep)

    async def send() -> None:
        pace = budget.Pace(per_minute=120)
        for number in range(5):
            await pace.turn()
            sent.append(now)
            if number == 2:
                pace.hold(7)

    asyncio.run(send())
    assert sent == [100.0, 100.5, 101.0, 108.0, 108.5]


def test_each_chunk_is_asked_about_by_one_persona(ask, server):
    ask(server, documents(*map(river, LETTERS)), personas=["一名船工", "一名学童"])
    asked = [body["messages"][0]["content"] for body in server.bodies]
    assert all(("一名船工" in one) != ("一名学童" in one) for one in asked)
    assert len({"一名船工" in one for one in asked}) == 2


def dear(body: dict, number: int) -> Reply:
    usage = {"prompt_tokens": 1000, "completion_tokens": 1000}
    return Reply(told(facts(passage(body))), usage=usage, wait_s=number % 3 / 20)


def test_a_budget_of_tokens_is_kept_and_what_is_left_out_is_counted(ask):
    with serving(dear) as server:
        found = ask(
            server, documents(*map(river, LETTERS)), most_tokens=12_000, max_tokens=4000, concurrency=4
        )  # fmt: skip
    left = reasons(found).count("budget")
    assert 0 < left < len(LETTERS) and len(server.bodies) == len(LETTERS) - left
    assert usage(found) == {("pairs", "answered"): len(LETTERS) - left, ("pairs", "budget"): left}
    spent = found.read("usage").select(pl.sum("tokens_in", "tokens_out")).row(0)
    assert 6_000 < sum(spent) <= 12_000


def test_a_budget_of_money_is_kept(ask):
    with serving(dear) as server:
        found = ask(
            server, documents(*map(river, LETTERS)), most_cost=10.0, price_in=1000, price_out=2000,
            max_tokens=1000, concurrency=1,
        )  # fmt: skip
    assert len(server.bodies) == 3 and reasons(found).count("budget") == len(LETTERS) - 3


def test_the_same_budget_gives_the_same_pairs_from_the_answers(ask):
    settings = {"most_tokens": 12_000, "max_tokens": 4000, "concurrency": 4}
    table = documents(*map(river, LETTERS))
    with serving(dear) as server:
        found = ask(server, table, **settings)
        asked = len(server.bodies)
        again = ask(server, table, again="2", **settings)
        assert len(server.bodies) == asked < len(LETTERS)
    for name in ("pairs", "rejected", "usage"):
        assert found.read(name).equals(again.read(name))


def test_nothing_is_asked_twice_when_a_bound_changes(ask, server):
    text = documents(*map(river, LETTERS))
    strict = ask(server, text)
    asked = len(server.bodies)
    loose = ask(server, text, grounding=Grounding(support=0.0))
    assert strict.fingerprint != loose.fingerprint and len(server.bodies) == asked


def test_the_order_of_the_answers_changes_nothing(ask, tmp_path):
    def shuffled(body: dict, number: int) -> Reply:
        return Reply(told(facts(passage(body))), wait_s=(7 * number % 10) / 50)

    table = documents(*map(river, LETTERS))
    with serving(shuffled) as server:
        one = ask(server, table, concurrency=8)
    ask.folder = tmp_path / "other"
    with serving() as server:
        other = ask(server, table, concurrency=1)
    for name in ("pairs", "rejected", "usage"):
        assert one.read(name).equals(other.read(name))


def agreeing(verdict: str, said: str):
    def says(body: dict, number: int) -> Reply:
        system = body["messages"][0]["content"]
        if "verdict" in system:
            return Reply(json.dumps({"verdict": verdict}))
        return honest(body, number) if "evidence" in system else Reply(said)

    return says


@pytest.mark.parametrize(
    ("verdict", "said", "reason"),
    [
        ("supported", "河流甲0的长度是434公里", ""),
        ("partial", "河流甲0的长度是434公里", "judge"),
        ("unsupported", "河流甲0的长度是434公里", "judge"),
        ("supported", "无", "round_trip"),
    ],
)
def test_a_model_may_judge_and_answer_again(ask, verdict, said, reason):
    ask.environment.setenv("TAOJIN_ENDPOINT_JUDGE", "judge")
    with serving(agreeing(verdict, said)) as server:
        found = ask(server, documents(ONE), judge=True, round_trip=True)
    assert [one for one in reasons(found) if one != "too_many"] == ([reason] if reason else [])
    if not reason:
        (row,) = found.read("pairs").rows(named=True)
        assert [body["model"] for body in server.bodies] == ["m", "m", "judge"]
        assert row["scores"]["judge"] == 1 and row["scores"]["round_trip"] > 0.6
        assert usage(found) == {(name, "answered"): 1 for name in ("pairs", "judge", "round_trip")}


KILLED = """
import sys
from pathlib import Path
from taojin.pipeline.settings.qa import Endpoint, Qa
from taojin.pipeline.steps.endpoint import tasks
from taojin.pipeline.task import Checkpoint, execute
folder = Path(sys.argv[1])
qa = Qa(generator="endpoint", endpoint=Endpoint(concurrency=1))
(task,) = tasks(qa, [Checkpoint(folder / "settled", "settled", {"kept": 10})], folder / "answers")
execute(task, folder / "work")
"""


def test_a_killed_run_asks_nothing_twice(tmp_path):
    table = documents(*map(river, LETTERS))
    settled(tmp_path / "settled", table)
    held = threading.Event()

    def says(body: dict, number: int) -> Reply:
        if number == 3 and not held.is_set():
            held.set()
            time.sleep(60)
        return honest(body, number)

    with serving(says) as server:
        environment = {
            **os.environ,
            "TAOJIN_ENDPOINT_URL": server.url,
            "TAOJIN_ENDPOINT_MODEL": "m",
        }
        command = [sys.executable, "-c", KILLED, str(tmp_path)]
        process = subprocess.Popen(command, env=environment)
        assert held.wait(120)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not list((tmp_path / "work").glob("ask_endpoint/*/counts.json"))
        answered = [passage(body) for body in server.bodies[:3]]
        subprocess.run(command, env=environment, check=True, timeout=300)
        later = [passage(body) for body in server.bodies[4:]]
    assert len(answered) == 3 and not set(answered) & set(later)
    assert len(later) == len(set(later)) == len(LETTERS) - 3
    (counts,) = (tmp_path / "work" / "ask_endpoint").glob("*/counts.json")
    assert pl.read_parquet(counts.parent / "pairs.parquet").height == len(LETTERS)


def test_no_key_and_no_url_is_written_anywhere(ask, server, tmp_path):
    ask(server, documents(ONE))
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"the-key" not in written and server.url.encode() not in written
