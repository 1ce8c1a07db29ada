"""Passwords in the addresses of databases and brokers: URLs, JDBC, ADO.NET and ODBC.

The span is the password alone: host and database stay, as they do in the address of a page.
"""

import re

from taojin.pipeline.pii.detector import Detector, Span
from taojin.pipeline.pii.secrets.randomness import stands_for

_SCHEMES = (
    "postgres(?:ql)?|mysqlx?|mariadb|mongodb|rediss?|valkeys?|amqps?|mssql|sqlserver|oracle"
    "|clickhouse|cockroachdb|db2|snowflake|neo4j|bolt|memcached?|kafka|nats|mqtts?|ldaps?|hive2?"
    "|trino|presto|couchbase|cassandra|sqlite|odbc|dm|kingbase8|opengauss|gaussdb|tidb|doris"
)
_KEY = re.compile(
    r"(?:^|[;\"'?&/ ])(?:server|data source|host|hostname|addr|address|network address|uid|user"
    r"|user ?id|username|database|dbname|initial catalog|provider|driver|dsn|port)[ ]?=",
    re.I,
)
_NEAR = 200  # characters on either side in which another key must stand


def _in_url(match: re.Match[str]) -> Span | None:
    """`user:password@` of an example stands for a password."""
    is_blank = stands_for(match["value"]) or match["value"] == match["user"] == "user"
    return None if is_blank else match.span("value")


def _after_key(match: re.Match[str]) -> Span | None:
    """A field `Password=` that has another field of a connection beside it."""
    start, end = match.span("value")
    near = match.string[max(0, start - _NEAR) : match.start()], match.string[end : end + _NEAR]
    known = any(_KEY.search(side.rpartition("\n")[2]) for side in near[:1]) or _KEY.search(near[1])
    return (start, end) if known and not stands_for(match["value"]) else None


CONNECTION_STRING = (
    Detector(
        kind="connection_string",
        placeholder="<CONNECTION_PASSWORD>",
        prefilter=rf"(?i:{_SCHEMES})(?:\+[a-z0-9_]+)?:(?://|thin:)[^\s/@]*[:/][^\s@]+@",
        pattern=re.compile(
            rf"(?<![0-9A-Za-z])(?:{_SCHEMES})(?:\+[a-z0-9_]{{1,20}})?:(?://|thin:)"
            r"(?P<user>[^\s:/@\"'<>]{0,64})[:/](?P<value>[^\s/@\"'`<>]{1,256})@(?=[^\s@])",
            re.I,
        ),
        validate=_in_url,
    ),
    Detector(
        kind="connection_string",
        placeholder="<CONNECTION_PASSWORD>",
        prefilter=r"(?i:password|pwd) ?[=＝] ?[^\s;]",
        pattern=re.compile(
            r"(?:(?<=[;?&\"'])|(?<=; )|(?<=[\"'=] ))(?:password|pwd) ?= ?"
            r"(?P<value>[^\s;&\"'`<>/~.][^\s;&\"'`<>]{0,127})(?=[;&\"'`\s]|$)",
            re.I,
        ),
        validate=_after_key,
    ),
)
