"""A server that speaks the protocol, and a model that says what the test wants."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FACT = re.compile(r"(河流\w\d*)的长度是(\d+)公里。")


@dataclass
class Reply:
    """What goes back: `content` in the protocol's form, or `raw` as it is."""

    content: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    wait_s: float = 0.0
    cut: int = 0
    drip_s: float = 0.0
    message: dict[str, object] = field(default_factory=dict)
    finish_reason: str = "stop"
    usage: dict[str, int] | None = field(
        default_factory=lambda: {"prompt_tokens": 100, "completion_tokens": 10}
    )


Says = Callable[[dict, int], Reply]
"""(body of the request, how many came before) to the reply."""


def passage(body: dict) -> str:
    return body["messages"][1]["content"].split("<<<\n")[1].split("\n>>>")[0]


def facts(text: str) -> list[dict[str, object]]:
    """True pairs of the passages that `river` makes."""
    return [
        {
            "type": "fact",
            "question": f"{found[1]}的长度是多少公里？",
            "answer": f"{found[1]}的长度是{found[2]}公里。",
            "evidence": [found[0]],
        }
        for found in FACT.finditer(text)
    ]


def told(pairs: list[dict[str, object]]) -> str:
    return json.dumps({"pairs": pairs}, ensure_ascii=False)


def honest(body: dict, number: int) -> Reply:
    return Reply(told(facts(passage(body))))


@dataclass
class Server:
    says: Says = honest
    bodies: list[dict] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reply(self, body: dict, headers: dict[str, str]) -> Reply:
        with self.lock:
            number = len(self.bodies)
            self.bodies.append(body)
            self.headers.append(headers)
            self.times.append(time.monotonic())
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
        reply = self.says(body, number)
        time.sleep(reply.wait_s)
        with self.lock:
            self.under_way -= 1
        return reply


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            size = int(self.headers["content-length"])
            body = json.loads(self.rfile.read(size))
            assert self.path == "/v1/chat/completions"
            reply = server.reply(body, dict(self.headers))
            message = {"role": "assistant", "content": reply.content, **reply.message}
            choice = {"index": 0, "message": message, "finish_reason": reply.finish_reason}
            whole = {
                "id": "x",
                "object": "chat.completion",
                "choices": [choice],
                "usage": reply.usage,
            }
            raw = json.dumps(whole).encode() if reply.raw is None else reply.raw
            try:
                self.send_response(reply.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.drip(raw[: len(raw) - reply.cut], reply.drip_s)
                self.close_connection = bool(reply.cut)
            except OSError:  # the client has given up
                self.close_connection = True

        def drip(self, raw: bytes, pause_s: float) -> None:
            for at in range(0, len(raw), 20 if pause_s else len(raw) or 1):
                self.wfile.write(raw[at : at + 20 if pause_s else len(raw)])
                time.sleep(pause_s)

        def log_message(self, *_: object) -> None: ...

    return Handler


@contextmanager
def serving(says: Says = honest) -> Iterator[Server]:
    server = Server(says)
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server))
    http.daemon_threads = True
    server.url = f"http://127.0.0.1:{http.server_port}/v1"
    thread = threading.Thread(
        target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    )
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
