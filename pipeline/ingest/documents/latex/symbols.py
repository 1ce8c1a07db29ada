"""Commands and signs that stand for characters."""

import unicodedata
from collections.abc import Mapping

SIGNS: Mapping[str, str] = {
    "&": "&", "%": "%", "$": "$", "#": "#", "_": "_", "{": "{", "}": "}", " ": " ", "\n": " ",
    ",": " ", ";": " ", ":": " ", "!": "", "-": "", "/": "", "@": "", "\t": " ",
}  # fmt: skip
"""What a backslash and a sign stand for."""

ACCENTS: Mapping[str, str] = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "=": "\u0304",
    ".": "\u0307", "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328",
    "r": "\u030a", "d": "\u0323", "b": "\u0331", "t": "\u0361",
}  # fmt: skip
"""Combining characters by the commands that put them on a letter."""

LETTERS: Mapping[str, str] = {
    "i": "ı", "j": "ȷ", "ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ",
    "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ",
    "dj": "đ", "DJ": "Đ", "ng": "ŋ", "NG": "Ŋ",
}  # fmt: skip

_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa mu nu xi omicron pi rho sigma tau "
    "upsilon phi chi psi omega"
)
SYMBOLS: Mapping[str, str] = {
    **LETTERS,
    "S": "§", "P": "¶", "copyright": "©", "textcopyright": "©", "textregistered": "®",
    "texttrademark": "™", "pounds": "£", "textsterling": "£", "texteuro": "€", "euro": "€",
    "textyen": "¥", "dag": "†", "ddag": "‡", "textdegree": "°", "degree": "°", "textmu": "µ",
    "ldots": "…", "dots": "…", "textellipsis": "…", "textbullet": "•", "textperiodcentered": "·",
    "textendash": "–", "textemdash": "—", "textquoteleft": "‘", "textquoteright": "’",
    "textquotedblleft": "“", "textquotedblright": "”", "textquotesingle": "'", "textquotedbl": '"',
    "guillemotleft": "«", "guillemotright": "»", "textbackslash": "\\", "textasciitilde": "~",
    "textasciicircum": "^", "textunderscore": "_", "textbar": "|", "textless": "<",
    "textgreater": ">", "textbraceleft": "{", "textbraceright": "}", "textdollar": "$",
    "textasteriskcentered": "*", "texttimes": "×", "times": "×", "textpm": "±", "pm": "±",
    "textdiv": "÷", "cdot": "·", "leq": "≤", "geq": "≥", "neq": "≠", "approx": "≈",
    "rightarrow": "→", "to": "→", "leftarrow": "←", "Rightarrow": "⇒", "infty": "∞",
    "quad": " ", "qquad": " ", "space": " ", "enspace": " ", "thinspace": " ", "nobreakspace": " ",
    "LaTeX": "LaTeX", "LaTeXe": "LaTeX2e", "TeX": "TeX", "XeTeX": "XeTeX", "XeLaTeX": "XeLaTeX",
    "BibTeX": "BibTeX", "lq": "‘", "rq": "’", "slash": "/", "textonehalf": "½", "xspace": "",
    "checkmark": "✓", "textexclamdown": "¡", "textquestiondown": "¿", "textsection": "§",
    **{name: unicodedata.lookup(f"GREEK SMALL LETTER {name}") for name in _GREEK.split()},
    **{
        name.capitalize(): unicodedata.lookup(f"GREEK CAPITAL LETTER {name}")
        for name in _GREEK.split()
    },
    "lambda": "λ", "Lambda": "Λ",
}  # fmt: skip
"""Commands without arguments that stand for characters."""

_LIGATURES = (("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"), ("`", "‘"), ("'", "’"))


def accented(letter: str, accent: str) -> str:
    """A letter with an accent as one character where there is one."""
    plain = {"ı": "i", "ȷ": "j"}.get(letter, letter)
    return unicodedata.normalize("NFC", plain[:1] + accent) + plain[1:] if plain else ""


def typeset(text: str) -> str:
    """Text with the dashes and quotes that its signs stand for."""
    for written, shown in _LIGATURES:
        if written in text:
            text = text.replace(written, shown)
    return text
