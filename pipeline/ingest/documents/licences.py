"""Licences that the head of a source file states, as SPDX identifiers."""

import re
from collections.abc import Mapping

_HEAD_CHARACTERS = 6_000
_SPDX = re.compile(r"SPDX-License-Identifier:[ \t]*([A-Za-z0-9.+() -]{1,200})")
_MARKS = re.compile(r"[\s*#/;%!\"'<>|-]+")
_PHRASES: Mapping[str, str] = {
    "licensed under the apache license version 2.0": "Apache-2.0",
    "permission is hereby granted free of charge to any person obtaining a copy": "MIT",
    "permission to use copy modify and or distribute this software for any purpose": "ISC",
    "permission to use copy modify and distribute this software for any purpose": "ISC",
    "free and unencumbered software released into the public domain": "Unlicense",
    "subject to the terms of the mozilla public license v. 2.0": "MPL-2.0",
    "distributed under the boost software license version 1.0": "BSL-1.0",
    "eclipse public license v2.0": "EPL-2.0",
    "eclipse public license 2.0": "EPL-2.0",
    "mulan psl v2": "MulanPSL-2.0",
    "creativecommons.org publicdomain zero 1.0": "CC0-1.0",
}
_BSD = "redistribution and use in source and binary forms"
_GNU = re.compile(
    r"gnu (affero |lesser |library )?general public licen[sc]e"
    r"(?:(?! gnu ).){0,200}?\bv(?:ersion)? ?([23](?:\.[01])?)"
)
_GNU_NAMES = {"affero ": "AGPL", "lesser ": "LGPL", "library ": "LGPL", "": "GPL"}


def stated(text: str) -> str:
    """The identifier that the first 6,000 characters state, or the one of the words they use.

    "" where they state none that is known.
    """
    head = text[:_HEAD_CHARACTERS]
    if found := _SPDX.search(head):
        return " ".join(found[1].split()).strip(" -")
    words = _MARKS.sub(
        " ", head.lower().replace(",", "").replace("http:", "").replace("https:", "")
    )
    if _BSD in words:
        return "BSD-3-Clause" if "neither the name" in words else "BSD-2-Clause"
    named = (licence for phrase, licence in _PHRASES.items() if phrase in words)
    return next(named, "") or _gnu(words)


def _gnu(words: str) -> str:
    found = _GNU.search(words)
    if found is None:
        return ""
    number = found[2] if "." in found[2] else f"{found[2]}.0"
    later = "or-later" if "any later version" in words else "only"
    return f"{_GNU_NAMES[found[1] or '']}-{number}-{later}"
