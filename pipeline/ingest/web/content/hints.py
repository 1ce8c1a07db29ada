"""Hints: what the authors of pages call the parts of them, in classes, ids, roles and properties.

A word with a bar on a side stands at a border there: a hyphen, an underscore, a space, a digit or a
capital. `rail` is in `rightRail` and `rail-2` but not in `trail`.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

HINTS: dict[str, str] = {
    "article": "article |art|",
    "content": "content |cont| inhalt contenido contenu zhengwen neirong",
    "post": "|post| posts| |post |beitrag",
    "entry": "entry",
    "body": "body",
    "text": "text |txt| richtext paragraph",
    "story": "story |news| |blog nachricht",
    "main": "main| |main primary |page| haupt",
    "title": "title headline heading |titel biaoti",
    "comment": "comment kommentar respond repl discuss disqus |cmt pinglun feedback "
    "livefyre komment",
    "side": "sidebar aside |side| |rail| rightcol right| |right |left| leftcol "
    "seitenleiste secondary",
    "footer": "footer |foot| |bottom fuss copyright legal imprint impressum colophon |fn|",
    "header": "header| |header |head| masthead topbar |top| kopf",
    "nav": "|nav navi menu crumb |toc| |tab| tabs pagin pager |skip| |prev| |next| sitemap daohang",
    "share": "share sharing social facebook twitter |follow| |like| addthis whatsapp "
    "linkedin fenxiang",
    "related": "related recommend |more| similar popular trending latest |also| readmore "
    "most empfehl tuijian xiangguan crosslink mehr teaser weiterles",
    "ad": "|ad| |ads| advert sponsor |promo banner werbung anzeige |dfp |taboola "
    "outbrain guanggao affiliate",
    "meta": "meta byline author autor |date| datum |time| publish |info| credit source |posted",
    "tag": "|tag| |tags| tagcloud taglist categor keyword topic schlagw rubrik biaoqian |labels",
    "widget": "widget |module |modul| |box| |panel portlet |block|",
    "newsletter": "newsletter subscri signup paywall premium |abo| abonn donat spende |cta",
    "consent": "cookie consent gdpr privacy popup |modal overlay dialog lightbox tooltip notice",
    "form": "login |search register |form| |account |user |vote |poll rating |rate| suche",
    "caption": "caption figure |image |img| gallery |photo |media| video |slide |bild "
    "credit carousel",
    "card": "|list| |item |card |grid| |row| |col| listing |entries |thumb",
    "tool": "|print| |tool |util button |btn| |action |link |icon |edit| |download",
    "hidden": "hidden |hide| invisible |sr| screenreader noscreen visuallyhidden |noprint|",
    "lead": "summary |lead| |intro| excerpt descri abstract standfirst |dek| vorspann |lede teaser",
    "shop": "|shop |cart| product |price |buy| kauf warenkorb",
    "profile": "profile |bio| |about avatar biograph",
    "note": "footnote |ref| |refs| reference |cite |note |endnote |bibl",
}
"""A group of hints and its words, parted by spaces."""
NAMES = tuple(HINTS)

SYMBOLS = 27
"""Letters, and a border."""


class Automaton(NamedTuple):
    """Aho and Corasick 1975: the next state for each state and symbol, and what each has found."""

    steps: NDArray[np.int32]
    found: NDArray[np.int64]


@cache
def automaton() -> Automaton:
    rows: list[list[int]] = [[0] * SYMBOLS]
    found = [0]
    for bit, words in enumerate(HINTS.values()):
        for word in words.split():
            state = 0
            for letter in word:
                symbol = 0 if letter == "|" else ord(letter) - 96
                if not rows[state][symbol]:
                    rows.append([0] * SYMBOLS)
                    found.append(0)
                    rows[state][symbol] = len(rows) - 1
                state = rows[state][symbol]
            found[state] |= 1 << bit
    _link(rows, found)
    steps, bits = np.array(rows, np.int32), np.array(found, np.int64)
    steps.flags.writeable = bits.flags.writeable = False
    return Automaton(steps, bits)


def _link(rows: list[list[int]], found: list[int]) -> None:
    """Where a word breaks off, go on with its longest end that begins another."""
    fallback = [0] * len(rows)
    queue = [state for state in rows[0] if state]
    for state in queue:
        for symbol, following in enumerate(rows[state]):
            other = rows[fallback[state]][symbol]
            if not following:
                rows[state][symbol] = other
                continue
            queue.append(following)
            fallback[following] = other
            found[following] |= found[other]
