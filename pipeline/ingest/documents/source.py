"""Source code: the text as it is, with the language of its suffix and the licence it states."""

from collections.abc import Mapping

from taojin.pipeline.ingest import charset
from taojin.pipeline.ingest.documents import licences
from taojin.pipeline.ingest.records import ReadOptions, Record, Unreadable

KIND = "code"
LANGUAGES: Mapping[str, str] = {
    "asm": "asm", "bash": "sh", "bat": "bat", "c": "c", "cc": "c++", "clj": "clojure",
    "cpp": "c++", "cs": "csharp", "css": "css", "cu": "cuda", "cxx": "c++", "dart": "dart",
    "el": "elisp", "erl": "erlang", "ex": "elixir", "exs": "elixir", "f90": "fortran", "go": "go",
    "gradle": "groovy", "groovy": "groovy", "h": "c", "hpp": "c++", "hs": "haskell", "java": "java",
    "jl": "julia", "js": "javascript", "jsx": "javascript", "kt": "kotlin", "kts": "kotlin",
    "less": "less", "lisp": "lisp", "lua": "lua", "m": "objective-c", "mjs": "javascript",
    "ml": "ocaml", "pas": "pascal", "php": "php", "pl": "perl", "pm": "perl", "proto": "protobuf",
    "ps1": "powershell", "py": "python", "pyi": "python", "pyx": "cython", "r": "r", "rb": "ruby",
    "rs": "rust", "scala": "scala", "scm": "scheme", "scss": "scss", "sh": "sh", "sol": "solidity",
    "sql": "sql", "swift": "swift", "tcl": "tcl", "ts": "typescript", "tsx": "typescript",
    "v": "verilog", "vb": "vb", "vhd": "vhdl", "vue": "vue", "zig": "zig", "zsh": "sh",
}  # fmt: skip
"""Languages by the suffixes of their files."""

_HEAD_BYTES = 8192
_WIDE = (b"\xff\xfe", b"\xfe\xff")


def read(data: bytes, _: ReadOptions) -> Record:
    """The whole file as one document of kind `code`.

    Raises Unreadable: unknown_format for bytes that are no text, such as a video named .ts.
    """
    if b"\0" in data[:_HEAD_BYTES] and not data.startswith(_WIDE):
        raise Unreadable("unknown_format", "a binary file under a suffix of source code")
    decoded = charset.decode(data)
    return Record(
        0,
        len(data),
        decoded.text,
        licence=licences.stated(decoded.text),
        kind=KIND,
        charset=decoded.encoding,
        charset_from=decoded.told,
    )


def mime(suffix: str) -> str:
    """The media type of source code under that suffix."""
    return f"text/x-{LANGUAGES[suffix]}"
