"""Where the model is: told by the environment, so that no recipe, log or manifest holds a key."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from urllib.parse import urlsplit

from taojin.core.errors import UserError

URL, MODEL, KEY = "TAOJIN_ENDPOINT_URL", "TAOJIN_ENDPOINT_MODEL", "TAOJIN_ENDPOINT_KEY"
JUDGE = "TAOJIN_ENDPOINT_JUDGE"


@dataclass(frozen=True)
class Place:
    """A server and its model; neither the URL nor the key is ever shown."""

    url: str = field(repr=False)
    model: str
    judge: str
    key: str = field(repr=False)

    @property
    def host(self) -> str:
        """What of the URL may be recorded."""
        return urlsplit(self.url).hostname or ""

    @property
    def completions(self) -> str:
        return f"{self.url.rstrip('/')}/chat/completions"

    @property
    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}


def place(environment: Mapping[str, str] = os.environ) -> Place:
    """The server that the environment names; UserError if it names none, or httpx2 is missing."""
    if find_spec("httpx2") is None:
        raise UserError(
            "qa.generator = 'endpoint' needs httpx2; install it with pip install 'taojin[endpoint]'"
        )
    url, model = environment.get(URL, ""), environment.get(MODEL, "")
    if not _is_base(url):
        raise UserError(
            f"qa.generator = 'endpoint' asks the server at {URL}, which is "
            f"{'no URL' if url else 'not set'}; set it to one such as http://localhost:8000/v1"
        )
    if not model:
        raise UserError(f"{MODEL} is not set; name a model of the server at {URL}")
    judge = environment.get(JUDGE, "") or model
    key = environment.get(KEY, "").strip()  # a file that it was read from ends with a line end
    if not key.isascii() or not key.isprintable():
        raise UserError(f"{KEY} has characters that no header may have; set it to the key alone")
    return Place(url, model, judge, key)


def _is_base(url: str) -> bool:
    """Whether it names a server and `/chat/completions` can be put behind it."""
    try:
        parts = urlsplit(url)
        port_is_one = parts.port is None or parts.port > 0  # reading it raises for none
    except ValueError:
        return False
    is_one_word = not re.search(r"\s|[?#]", url)
    return (
        parts.scheme in ("http", "https") and bool(parts.hostname) and port_is_one and is_one_word
    )
