"""The page: the numbers as HTML in two languages, one file that needs no other.

Document text is hostile: everything is escaped, control and direction characters are shown by
name, and a content security policy with the hashes of our own script and style lets no other run.
"""

import base64
import hashlib
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from taojin.pipeline.report import figures

UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def draw(numbers: Mapping[str, object]) -> str:
    """The page of `collect`'s numbers as one HTML document."""
    style, script = _asset("page.css"), _asset("page.js")
    template = _environment().get_template("page.html")
    return template.render(
        **numbers,
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        style_hash=_content_hash(style),
        script_hash=_content_hash(script),
    )


def _environment() -> Environment:
    environment = Environment(
        autoescape=True,
        finalize=_finalize,
        loader=FunctionLoader(_asset),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.globals["w"] = _translator()
    environment.globals["about"] = _about
    environment.globals["both"] = _both
    environment.globals["origin"] = _origin
    environment.globals["fig"] = figures
    environment.filters.update(
        amount=amount,
        breakable=breakable,
        brief=brief,
        count=count,
        megabytes=megabytes,
        share=share,
    )
    return environment


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _content_hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


class _Translator:
    """`w(key)`: a word in both languages, of which the page shows one."""

    def __init__(self, words: Mapping[str, list[str]]) -> None:
        self._words = words

    def __call__(self, key: str) -> Markup:
        english, chinese = self._words[key]
        return _pair(english, chinese)

    def __contains__(self, key: str) -> bool:
        return key in self._words


def _pair(english: str, chinese: str) -> Markup:
    pair = '<span class="w en" lang="en">{}</span><span class="w zh" lang="zh-Hans">{}</span>'
    return Markup(pair).format(printable(english), printable(chinese))  # noqa: S704 - it escapes


def _about(filter_name: str | None, metric: str | None, english: str) -> str:
    """What a metric measures, in both languages; in English alone where nothing else is known."""
    chinese = abouts_in_chinese().get(filter_name or "", {}).get(metric or "")
    return _pair(english, chinese) if chinese and english else english


def _both(warning: Mapping[str, str] | str) -> str:
    """A warning in both languages; an older run noted it in English alone."""
    return warning if isinstance(warning, str) else _pair(warning["en"], warning["zh"])


def _origin(filter_name: str, english: str) -> str:
    """Where a filter comes from, in both languages; as it is where papers alone are named."""
    chinese = sources_in_chinese().get(filter_name, "")
    return _pair(english, chinese) if chinese and english else english


@cache
def sources_in_chinese() -> Mapping[str, str]:
    """By filter: the paper and section that it comes from, in Chinese."""
    return tomllib.loads(_asset("sources.zh.toml"))


@cache
def abouts_in_chinese() -> Mapping[str, Mapping[str, str]]:
    """By filter and metric: what the metric measures, in Chinese."""
    return tomllib.loads(_asset("metrics.zh.toml"))


def _translator() -> _Translator:
    return _Translator(tomllib.loads(_asset("words.toml"))["words"])


def _finalize(value: object) -> object:
    """What an expression of the template shows: a dash for None, text made harmless to read."""
    if value is None:
        return "—"
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(value)
    return value


def printable(text: str) -> str:
    r"""The text with control and direction characters replaced by their names.

    >>> printable("a\x00b\u202ec")
    'a⟨U+0000⟩b⟨U+202E⟩c'
    """
    return UNPRINTABLE.sub(_name, text)


def _name(match: re.Match[str]) -> str:
    return f"⟨U+{ord(match.group()):04X}⟩"


def breakable(name: str) -> Markup:
    """A name that may break after its dots, underscores, slashes and dashes."""
    return Markup("<wbr>").join(re.split(r"(?<=[._/-])", printable(name)))


def count(value: float | None) -> str:
    """A whole number with thousands separated."""
    return "—" if value is None else f"{value:,.0f}"


def brief(value: int) -> str:
    """A count that fits a narrow cell: three digits and k or M.

    >>> brief(999), brief(1234), brief(45_678), brief(2_345_678)
    ('999', '1.2k', '46k', '2.3M')
    """
    for unit, letter in ((1_000_000, "M"), (1_000, "k")):
        if value >= 0.9995 * unit:
            scaled = value / unit
            return f"{scaled:.0f}{letter}" if scaled >= 10 else f"{scaled:.1f}{letter}"
    return str(value)


def share(value: float | None) -> str:
    """A share in per cent; one too small to show is not shown as nothing."""
    if value is None:
        return "—"
    return "<0.1 %" if 0 < value < 0.0005 else f"{value:.1%}".replace("%", " %")


def amount(value: object) -> str:
    """A number of any size in at most four significant digits; other values as they are."""
    if value is None:
        return "—"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.4g}"


def megabytes(value: float | None) -> str:
    """A size in bytes as megabytes of 10^6, or kilobytes where it is less than one."""
    if value is None:
        return "—"
    return f"{value / 1e6:,.1f} MB" if value >= 1e6 else f"{value / 1e3:,.1f} kB"
