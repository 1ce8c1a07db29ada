"""The secret under which values are hashed: from the environment, never from a recipe or a file.

Without it nobody can tell which value a hash or a fake stands for, and with it only by trying: all
telephone numbers are tried in minutes, so the hashes are worth what the key is worth.
"""

import hashlib
import hmac
import os
import re
from unicodedata import normalize

from taojin.core.errors import UserError

VARIABLE = "TAOJIN_PII_KEY"
LEAST_CHARACTERS = 16


def key() -> bytes | None:
    """The key, None if the environment has none; UserError if it is too short to be secret."""
    given = os.environ.get(VARIABLE, "")
    if not given:
        return None
    if len(given) < LEAST_CHARACTERS:
        raise UserError(
            f"{VARIABLE} has {len(given)} characters: set it to {LEAST_CHARACTERS} or more that "
            "nobody can guess, such as those that `openssl rand -hex 32` prints"
        )
    return given.encode()


def mark(secret: bytes | None) -> str:
    """What tells one key from another without telling the key; empty without one."""
    return "" if secret is None else digest(secret, "key").hex()[:16]


def digest(secret: bytes, *parts: str) -> bytes:
    """bytes[32]: HMAC-SHA256 (RFC 2104) of the parts."""
    return hmac.new(secret, "\0".join(parts).encode(), hashlib.sha256).digest()


_DOTS_TELL = ("email", "ip", "private_ip", "url_credentials")


def canonical(kind: str, value: str) -> str:
    """What two spellings of one value share: its letters and digits, and what parts an address."""
    kept = "@.:" if kind in _DOTS_TELL else ""
    narrow = normalize("NFKC", value).casefold()
    plain = "".join(one for one in narrow if one.isalnum() or one in kept)
    return _number(narrow, plain) if kind == "phone" else plain


_ABROAD = re.compile(r"^(?:00)?86(?=1[0-9]{10}$|0?[1-9][0-9]{8,11}(?![0-9]))")
_AMERICA = re.compile(r"\(?(?:\+|00)1(?![0-9]{0,8}$)")


def _number(narrow: str, plain: str) -> str:
    """A telephone number without the codes of China and North America, and without the 0 that is
    dialled before an area at home: +86 10 6234 5678 is 010-62345678.
    """
    if _AMERICA.match(narrow):
        return plain.removeprefix("00").removeprefix("1")
    return re.sub("^0(?=[1-9])", "", _ABROAD.sub("", plain))


def value_hash(secret: bytes, kind: str, value: str) -> int:
    """uint64: the same for the same value in another spelling."""
    return int.from_bytes(digest(secret, "value", kind, canonical(kind, value))[:8])
