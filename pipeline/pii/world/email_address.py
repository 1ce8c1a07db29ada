"""E-mail addresses: as RFC 5322 and RFC 6531 write them, and as people hide them."""

import re
from collections.abc import Callable

from taojin.pipeline.pii.detector import Detector, Span, before

_NOT_DOMAINS = frozenset(
    {"gif", "jpeg", "jpg", "js", "json", "png", "svg", "webp", "yaml", "yml"}
    | {"mount", "path", "service", "slice", "socket", "target", "timer"}
    | {"invalid"}
)
"""Endings of files and systemd units (icon@2x.png, getty@tty1.service), and the domain that names
nobody by definition (RFC 6761): it is kept for made-up addresses."""

_REMOTE_USERS = frozenset({"git", "hg", "svn"})
"""Accounts that everybody shares: git@github.com:owner/name is an address of a repository."""


_USER_OF_URL = re.compile(r"://[^\s/@]*:$")


def _email(match: re.Match[str]) -> Span | None:
    """Not `password@host` of an URL that has it before the host."""
    labels = match["domain"].lower().split(".")
    numeric = sum(label.isdigit() for label in labels)
    if labels[-1] in _NOT_DOMAINS or numeric > 1 or match["local"].lower() in _REMOTE_USERS:
        return None
    return None if _USER_OF_URL.search(before(match, 80)) else match.span("value")


_NO_LOCALS = frozenset(
    {"us", "me", "it", "here", "look", "looking", "available", "found", "hosted", "live", "online"}
)
"""Words before "at example dot com" that are no one's name."""


def _hidden(match: re.Match[str]) -> Span | None:
    top = re.split("[^0-9A-Za-z-]", match["domain"].lower())[-1]
    local = match["local"]
    is_word = local.lower() in _NO_LOCALS or (" AT " in match["value"] and local.isupper())
    return None if is_word or top in _NOT_DOMAINS else match.span("value")


_LETTERS = r"A-Za-z\u00c0-\u024f\u0370-\u052f\u0900-\u0dff\u1e00-\u1fff"
_HAN = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
_TOP_HAN = "中国|中國|公司|网络|網絡|香港|台灣|台湾|新加坡|网址|商城|한국|みんな"
_TOP = r"(?:xn--[0-9A-Za-z\-]{2,59}|[A-Za-z]{2,24})"
_LABEL = r"[0-9A-Za-z](?:[0-9A-Za-z\-]{0,61}[0-9A-Za-z])?"
_AT = r"(?:@|%(?:25){0,3}40|&#(?:64|x40);|\\u0040)"
_AFTER = r"(?![0-9A-Za-z])(?!-[0-9A-Za-z])"

_PREFILTER = (
    r"(?:@|＠|%(?:25){0,3}40|&#(?:64|x40);|\\u0040)[0-9A-Za-z０-９Ａ-Ｚａ-ｚ\-\x{80}-\x{10ffff}]+[.．]"
    r"[0-9A-Za-z０-９Ａ-Ｚａ-ｚ\x{80}-\x{10ffff}]"
)
_PLAIN = Detector(
    kind="email",
    placeholder="<EMAIL>",
    prefilter=_PREFILTER,
    # A run of local characters is entered at its start only, so that a long one costs one pass.
    pattern=re.compile(
        r"(?<![0-9A-Za-z._%+\-])[.%+\-]{0,8}"
        rf"(?P<value>(?P<local>[0-9A-Za-z_][0-9A-Za-z._%+\-]{{0,63}}){_AT}"
        rf"(?P<domain>(?:{_LABEL}\.){{1,8}}{_TOP})){_AFTER}"
    ),
    validate=_email,
)


_CUE = re.compile(r"(?:<|mail|邮箱|郵箱|邮件|郵件|邮址|信箱)[^@]{0,4}$", re.I)


def _of_han(match: re.Match[str]) -> Span | None:
    """Not the words before a decorator or a mention: 加上装饰器@app.route."""
    written = _CUE.search(before(match, 12)) or not match["domain"].isascii()
    return _email(match) if written else None


def _international(
    local: str, validate: Callable[[re.Match[str]], Span | None] = _email
) -> Detector:
    domain = (
        rf"(?:[0-9{_LETTERS}{_HAN}\-]{{1,63}}\.){{1,8}}"
        rf"(?:xn--[0-9A-Za-z\-]{{2,59}}|[{_LETTERS}]{{2,24}}|{_TOP_HAN})"
    )
    return Detector(
        kind="email",
        placeholder="<EMAIL>",
        prefilter=_PREFILTER,
        pattern=re.compile(
            rf"(?P<value>(?P<local>{local})@(?P<domain>{domain}))(?![0-9{_LETTERS}])(?!-[0-9A-Za-z])"
        ),
        validate=validate,
    )


_INTERNATIONAL = (
    _international(rf"(?<![0-9{_LETTERS}._%+\-])[0-9{_LETTERS}_][0-9{_LETTERS}._%+\-]{{0,63}}"),
    # Han and kana before a Latin name are words of the sentence; alone, after a sign, they are one.
    _international(rf"(?<![^\s<(:,;\"'])[{_HAN}]{{1,16}}[0-9]{{0,8}}", _of_han),
)

_LOCAL = r"(?<![0-9A-Za-z._%+\-])(?P<value>(?P<local>[0-9A-Za-z_][0-9A-Za-z._%+\-]{0,63})"
_SAID_DOT = r"(?: ?[\[({<] ?(?i:dot|\.) ?[\])}>] ?| (?:dot|DOT) )"
_NAMES = r"[0-9A-Za-z._+\-]{1,32}(?: ?[,;|] ?[0-9A-Za-z._+\-]{1,32}){1,11}"
_COMMON = "(?:com|net|org|edu|gov|cn)"
_NATIONAL = "(?:com|net|org|edu|gov|info|cn|uk|de|fr|it|es|nl|jp|kr|tw|hk|au|ca|br|ru|in|ch|at|pl)"
_OPEN, _CLOSE = r"[\[({<【［（｛＜]", r"[\])}>】］）｝＞]"


def _hidden_as(prefilter: str, pattern: str, local: str = _LOCAL) -> Detector:
    return Detector("email", "<EMAIL>", prefilter, re.compile(local + pattern), _hidden)


_HIDDEN = (
    # name [at] host dot com, name(at)host.com
    _hidden_as(
        f"(?:{_OPEN}) ?(?:(?i:at)|@|＠) ?{_CLOSE}",
        r" ?[\[({<【] ?(?i:at|@) ?[\])}>】] ?"
        rf"(?P<domain>(?:{_LABEL}(?:{_SAID_DOT}|\.)){{1,5}}{_TOP})){_AFTER}",
    ),
    # name at host dot com
    _hidden_as(
        f"(?: |{_OPEN})(?i:dot)(?: |{_CLOSE})",
        rf" (?:at|AT) (?P<domain>(?:{_LABEL}{_SAID_DOT}){{1,5}}{_TOP})){_AFTER}",
        _LOCAL.replace("(?P<value>", "(?P<value>(?:[0-9A-Za-z]{1,30} (?:dot|DOT) ){0,2}"),
    ),
    # name @ host.com, name AT host.edu: of the domains that no attribute and no file ends with
    _hidden_as(
        "(?: (?:@|＠)|(?:@|＠) | AT )",
        rf"(?: @ ?|@ | AT )(?P<domain>(?:{_LABEL}\.){{1,4}}{_COMMON})){_AFTER}"
        r"(?!\.[0-9A-Za-z]|[(\[])",
    ),
    # name @ host . co . uk
    _hidden_as(
        r"(?:@|＠) [0-9A-Za-z\-]+ [.．] [0-9A-Za-z]",
        rf" @ (?P<domain>(?:{_LABEL} \. ){{1,4}}{_NATIONAL})){_AFTER}(?! ?[(\[.])",
    ),
    # {name,name}@host.edu, of papers
    _hidden_as(
        r"[}｝] ?(?:@|＠)",
        rf" ?@ ?(?P<domain>(?:{_LABEL}\.){{1,5}}{_TOP})){_AFTER}",
        rf"(?P<value>\{{(?P<local>{_NAMES})\}}",
    ),
    # <name at host.com>, of mailing lists
    _hidden_as(
        r"(?:<|＜)[0-9A-Za-z._+\-]+ at [0-9A-Za-z.\-]+[>＞]",
        rf" at (?P<domain>(?:{_LABEL}\.){{1,8}}{_TOP}))(?=>)",
    ),
    # name#qq.com, with the advice to put @ for #
    _hidden_as(
        "(?:#|＃)(?:qq|163|126|139|gmail|foxmail|sina|sohu|outlook|hotmail|aliyun)[.．]",
        r"#(?P<domain>(?:qq|163|126|139|gmail|foxmail|sina|sohu|outlook|hotmail|aliyun)"
        rf"\.(?:com|net|cn))){_AFTER}",
    ),
)

EMAIL = (_PLAIN, *_INTERNATIONAL, *_HIDDEN)
