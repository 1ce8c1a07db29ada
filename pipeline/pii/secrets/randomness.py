"""What tells a secret from the words that stand in its place."""

import math
import re
from collections import Counter

_STANDS_FOR = re.compile(
    r"[$%{<\[(^]|\\\(|@@|#\{"  # ${VAR}, %VAR%, {{ value }}, <password>, \(swift)
    r"|(?:my|some|the|user)[_\-]"
    r"|(?:pass(?:word|wort|wd|phrase)?|pwd|pw|secret|token|string|none|null|contraseña|senha"
    r"|mot_?de_?passe|kata_?sandi|parola|haslo|heslo|wachtwoord)[0-9]?$"
    r"|.*(?:example|sample|placeholder|redacted|change[_\-]?me|change_?it|dummy|fake|replace"
    r"|insert|your|(?-i:x{5}|X{5}|(.)\1{6})|\.\.\.|…|\*\*\*|____|abcdef|deadbeef|0000000)",
    re.I,
)


def stands_for(text: str) -> bool:
    """Whether a text is put where a secret goes: ${VAR}, ********, <token>, ...EXAMPLE."""
    return _STANDS_FOR.match(text) is not None or len(set(text)) <= min(6, len(text) // 8 + 1)


def entropy(text: str) -> float:
    """Shannon entropy of the characters, in bits per character; 0 for an empty text."""
    counts = Counter(text)
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())
