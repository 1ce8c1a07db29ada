"""Secrets: forms of keys, connection strings and passwords; and what only stands in their place.

Keys are put together here, so that no scanner of secrets takes this page for a leak.
"""

import base64
import json
import string
from collections.abc import Callable
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taojin.pipeline.pii.detectors import DETECTORS, KINDS
from taojin.pipeline.pii.search import find

SECRETS = (
    *("private_key", "jwt", "cloud_key", "connection_string", "url_credentials", "password"),
    "high_entropy",
)


def found(text: str, kinds: tuple[str, ...] = SECRETS) -> list[tuple[str, str]]:
    detectors = [detector for detector in DETECTORS if detector.kind in kinds]
    values = find(pl.Series([text]), detectors)
    return [(value.kind, text[value.start : value.end]) for value in values]


HEX, LETTERS = "0123456789abcdef", string.ascii_letters + string.digits
UPPER = string.ascii_uppercase + string.digits


def key(head: str, alphabet: str, size: int, tail: str = "") -> Callable[[Random], str]:
    return lambda random: head + "".join(random.choices(alphabet, k=size)) + tail


KEYS = {
    "amazon": key("AK" + "IA", UPPER, 16),
    "amazon_temporary": key("AS" + "IA", UPPER, 16),
    "google": key("AI" + "za", LETTERS + "_-", 34, "x"),
    "google_client": key("GOC" + "SPX-", LETTERS + "_-", 27, "x"),
    "alibaba": key("LT" + "AI5t", LETTERS, 20),
    "tencent": key("AK" + "ID", LETTERS, 32),
    "github": key("gh" + "p_", LETTERS, 36),
    "github_fine": key("github" + "_pat_", LETTERS, 22, "_" + "a1B2c3D4e5F" * 5 + "x7Yz"),
    "gitlab": key("gl" + "pat-", LETTERS + "_-", 19, "x"),
    "slack": key("xox" + "b-123456789012-210987654321-", LETTERS, 24),
    "stripe": key("sk_" + "live_", LETTERS, 24),
    "openai": key("sk" + "-proj-", LETTERS + "_-", 47, "x"),
    "openai_old": key("sk" + "-", LETTERS, 48),
    "anthropic": key("sk" + "-ant-api03-", LETTERS + "_-", 92, "x"),
    "hugging_face": key("h" + "f_", string.ascii_letters, 34),
    "twilio": key("S" + "K", HEX, 32),
    "sendgrid": key("S" + "G.", LETTERS, 22, "." + "aB3_" * 10 + "xyz"),
    "npm": key("np" + "m_", LETTERS, 36),
    "pypi": key("pypi" + "-AgEIcHlwaS5vcmc", LETTERS + "_-", 79, "x"),
    "digitalocean": key("dop" + "_v1_", HEX, 64),
    "shopify": key("shp" + "at_", HEX, 32),
    "telegram": key("10987654" + ":AA", LETTERS + "_-", 32, "x"),
    "mailchimp": key("", HEX, 32, "-us" + "12"),
    "azure": key("aB1", "8", 1, "Q~" + "xY3_z-" * 5 + "aB7"),
    "discord": key("MT" + "A", LETTERS, 21, ".G" + "x1Yz2." + "aB3_dE5-gH7" * 2 + "kL9mN"),
    "vault": key("hv" + "s.", LETTERS + "_-", 90, "x"),
    "databricks": key("da" + "pi", "0123456789abcdefgh", 32),
}
CONTEXTS = (
    "{}",
    "密钥{}。",
    'token = "{}"',
    "key: {}\n",
    "（{}）",
    "export A={};",
    "x\n{}\ny",
    "用{}登录",
)


@pytest.mark.parametrize("name", KEYS)
@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(CONTEXTS))
def test_a_key_is_found_whole_in_any_context(name: str, seed: int, context: str) -> None:
    text = KEYS[name](Random(seed))
    assert found(context.format(text)) == [("cloud_key", text)]
    assert found(f"a{text}", ("cloud_key",)) == [] or name == "mailchimp"


@pytest.mark.parametrize("name", KEYS)
def test_detect_secrets_sees_a_secret_where_we_do(name: str) -> None:
    """Of the services that both know; its high-entropy guesses are left out."""
    plugins = pytest.importorskip("detect_secrets.plugins")
    from detect_secrets.core.scan import scan_line
    from detect_secrets.settings import transient_settings

    assert plugins is not None
    known = {
        "amazon": "AWSKeyDetector",
        "github": "GitHubTokenDetector",
        "gitlab": "GitLabTokenDetector",
        "slack": "SlackDetector",
        "stripe": "StripeDetector",
        "twilio": "TwilioKeyDetector",
        "pypi": "PypiTokenDetector",
        "telegram": "TelegramBotTokenDetector",
        "mailchimp": "MailchimpDetector",
        "sendgrid": "SendGridDetector",
    }
    if name not in known:
        pytest.skip("detect-secrets has no detector for it")
    with transient_settings({"plugins_used": [{"name": known[name]}]}):
        for seed in range(20):
            line = KEYS[name](Random(seed))
            theirs = [secret.secret_value for secret in scan_line(line)]
            assert theirs
            assert found(line, ("cloud_key",)) == [("cloud_key", line)]


def jwt(header: object, payload: object) -> str:
    parts = (json.dumps(part, separators=(",", ":")).encode() for part in (header, payload))
    encoded = [base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, "dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"])


def pem(name: str, lines: int = 3) -> str:
    body = "\n".join(
        "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj" for _ in range(lines)
    )
    return f"-----BEGIN {name}-----\n{body}\n-----END {name}-----"


HITS = {
    "private_key": [
        f"key:\n⟦{pem('PRIVATE' + ' KEY')}⟧\nend",
        f"私钥⟦{pem('RSA PRIVATE' + ' KEY')}⟧。",
        f"⟦{pem('PGP PRIVATE' + ' KEY BLOCK')}⟧",
        "⟦" + pem("EC PRIVATE" + " KEY").replace("\n", "\\n") + "⟧",
        "⟦" + pem("PRIVATE" + " KEY").rpartition("\n")[0] + "⟧\n",  # cut off
        f"⟦{pem('PRIVATE' + ' KEY')}⟧\n⟦{pem('DSA PRIVATE' + ' KEY')}⟧",
    ],
    "jwt": [
        "Bearer ⟦" + jwt({"alg": "HS256", "typ": "JWT"}, {"sub": "1"}) + "⟧,",
        "令牌⟦" + jwt({"alg": "none"}, {"sub": "汉"}) + "⟧。",
    ],
    "cloud_key": [
        "aws_secret_access" + "_key = ⟦q7Rz81LmPx04TtYb2KcVn5q7Rz81LmPx04TtYb2K⟧",
        "AccessKey" + 'Secret: "⟦q7Rz81LmPx04TtYb2KcVn5q7Rz81Lm⟧"',
        "Account" + "Key=⟦" + "q7Rz81LmPx04TtYb2KcVn5" * 3 + "q7Rz81LmPx04TtYb2KcV==⟧",
        "https://hooks.slack.com" + "/services/⟦T3HS1JX9C/BJNTGSIGV/8lS9W0Iaa0kpiXdJKmYke9M9⟧",
    ],
    "connection_string": [
        "postgres" + "://app:⟦s3cr3t-Pw⟧@db.host:5432/app",
        "redis" + "://:⟦hunter2x⟧@cache:6379/0",
        "mongodb" + "+srv://app:⟦p%40ss1word⟧@cluster.host/db",
        "mysql" + "+pymysql://root:⟦123456⟧@127.0.0.1/db",
        "jdbc:oracle" + ":thin:scott/⟦t1ger9⟧@host:1521:x",
        "Server=db;Database=x;User Id=sa;" + "Password=⟦Str0ng!Pw⟧;",
        "Uid=root;" + "Pwd=⟦aB3dE5⟧;Server=db",
        "jdbc:mysql://h/db?user=app&" + "password=⟦aB3dE5⟧",
    ],
    "password": [
        "密码设置成 ⟦abc12345⟧，密码改成⟦abc12346⟧，密码设为：⟦abc12347⟧",
        "Authorization: Basic ⟦amFuZTpzM2NyM3RQdw==⟧",
        "curl -H 'authorization: basic ⟦amFuZTpzM2NyM3RQdw⟧'",
        "密码：⟦abc12345⟧，请保密",
        "登录密码是⟦123456⟧。",
        "口令为⟦x9!kk2⟧",
        "账号 admin 密码 ⟦Admin@123⟧",
        "password" + "=⟦hunter2⟧",
        '"password' + '": "⟦Tr0ub4dor&3⟧"',
        "DB_PASSWORD" + "=⟦s3cr3t!x⟧",
        "The " + "password is ⟦hunter2⟧.",
        "pwd" + ": '⟦p@$$Phrase⟧'",
        "mysql_passwd" + " => '⟦a1b2c3⟧'",
    ],
    "high_entropy": [
        "secret_token" + " = '⟦q7Rz81LmPx04TtYb2KcVn5⟧'",
        "client_secret" + ": ⟦4128D9CDAC7E2F82951CBAF7FDFE675B⟧",
        "密钥：⟦q7Rz81LmPx04TtYb2KcVn5⟧。",
        "Authorization: " + "Bearer ⟦q7Rz81LmPx04TtYb2KcVn5==⟧",
    ],
    "url_credentials": ["https" + "://jane:⟦s3cr3tpw⟧@host.example/x"],
}
LOOKALIKES = [
    "-----BEGIN PRIVATE" + " KEY-----\n...\n-----END PRIVATE KEY-----",
    "-----BEGIN PUBLIC KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0B" * 3 + "\n-----END PUBLIC KEY-----",
    "AKIA" + "IOSFODNN7EXAMPLE",
    "gh" + "p_" + "x" * 36,
    "pk_" + "live_" + "aB3dE5gH7jK9mN1pQ3sT5vW7",
    jwt({"typ": "JWT"}, {"sub": "1"}),  # no algorithm
    "eyJhbGciOi" + "JIUzI1NiJ5.eyJzdWIiOiIxIn0.sig",
    "task-management-for-the-whole-team-of-people sk-learn",
    "password: required, password: string, Password: The user's password",
    'password = getpass() password = os.environ["DB_PASSWORD"] password=$PASSWORD',
    "password = config.password1 password: ******** password: <your password>",
    "password=${DB_PASSWORD} PASSWORD={{ password }} pwd=/home/jane",
    "密码：必填 密码长度为8-16位 密码是否正确 密码：请输入",
    "password: changeme password=your_password1 password: example123",
    "the password is 8 characters, passwords are hashed",
    "TTY=pts/1 ; PWD=/home/jane ; USER=root",
    "postgres" + "://user:password@host/db postgres" + "://${USER}:${PASS}@host/db",
    "Authorization: Basic dXNlcjpwYXNzd29yZA== Basic authentication1234 Basic ////////",
    "密码设置成功 密码改为必填",
    "commit 64e1a7be21e5e9ba157f029b65e24e4eef54d88f",
    '"integrity": "sha512-q7Rz81LmPx04TtYb2KcVn5q7Rz81LmPx04TtYb2KcVn5=="',
    "PublicKeyToken=31bf3856ad364e35",
    "token: f3b1c9d2-7a64-4e58-9b0c-2d8e6f1a5c37",
    "token = load_access_token_from_environment1()",
    "secretName: my-very-long-secret-name-2024",
]


@pytest.mark.parametrize(
    ("kind", "sentence"), [(kind, text) for kind, texts in HITS.items() for text in texts]
)
def test_finds_exactly_the_marked_values(kind: str, sentence: str) -> None:
    values = [piece.split("⟧")[0] for piece in sentence.split("⟦")[1:]]
    text = sentence.replace("⟦", "").replace("⟧", "")
    assert found(text) == [(kind, value) for value in values]


@pytest.mark.parametrize("text", LOOKALIKES)
def test_keeps_what_stands_for_a_secret(text: str) -> None:
    assert found(text) == []


def test_a_key_has_its_own_kind_after_a_label() -> None:
    text = KEYS["stripe"](Random(1))
    assert found(f"password: {text}", KINDS) == [("cloud_key", text)]
