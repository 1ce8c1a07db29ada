"""What each step's output depends on besides its inputs: Taojin's own code and other libraries.

A step is named with the packages whose functions it calls; their source is part of its fingerprint,
so that an upgrade never reads a checkpoint that older code has left.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files

ALWAYS = ("numba", "numpy", "polars", "pyarrow")
"""Libraries that every step uses."""


@dataclass(frozen=True)
class Uses:
    """Packages or modules of Taojin, below its root; other libraries by their names on PyPI."""

    packages: tuple[str, ...]
    libraries: tuple[str, ...] = ()


_READ = Uses(
    ("core", "filters.batch", "filters.kernels", "filters.language", "pipeline.ingest",
     "pipeline.pii"),
    ("brotli", "fasttext-community", "htmldate", "lingua-language-detector", "lxml",
     "lxml_html_clean", "opencc", "phonenumbers", "pypdfium2", "python-docx", "python-stdnum",
     "resiliparse", "trafilatura", "zstandard"),
)  # fmt: skip
_CLASSIFY = Uses(("core", "filters"), ("fasttext-community", "jieba"))
_MEASURE = Uses(("core", "dedup", "filters"), ("fasttext-community", "jieba", "opencc"))
_DEDUP = Uses(("core", "dedup"), ("scipy",))
_TOKENS = Uses(("core", "dedup", "pipeline.qa", "pipeline.shards", "tokenizer"), ("sentencepiece",))

USES: Mapping[str, Uses] = {
    "evaluation": Uses(("core", "dedup", "pipeline.ingest"), _READ.libraries),
    "ingest": _READ,
    "clean": Uses(("core", "filters")),
    "sample": Uses(("core",)),
    "classifier": _CLASSIFY,
    "measure": _MEASURE,
    "decide": Uses(("core", "filters")),
    "exact_rows": _DEDUP,
    "exact": _DEDUP,
    "near_rows": _DEDUP,
    "near": _DEDUP,
    "line_rows": _DEDUP,
    "passages": _DEDUP,
    "cut": _DEDUP,
    "measure_again": _MEASURE,
    "decide_again": Uses(("core", "filters")),
    "exact_rows_again": _DEDUP,
    "exact_again": _DEDUP,
    "near_rows_again": _DEDUP,
    "near_again": _DEDUP,
    "settle": Uses(("core", "dedup", "filters.rules")),
    "ask": Uses(("core", "pipeline.qa")),
    "qa": Uses(("core", "dedup", "pipeline.qa")),
    "tokenizer_sample": Uses(("core",)),
    "tokenizer": _TOKENS,
    "encode": _TOKENS,
    "copy": Uses(("core", "pipeline", "pipeline.shards")),
    "shard": _TOKENS,
    "sft": _TOKENS,
}
"""Every step by its name, in order."""


@cache
def digests(node: str, module: str) -> Mapping[str, str]:
    """What a step uses, with the digest of each package's source or the library's version.

    `module` is the one that holds the step's own function.
    """
    uses = USES[node]
    packages = {f"taojin.{name}": source_digest(f"taojin.{name}") for name in uses.packages}
    libraries = {name: version(name) for name in (*ALWAYS, *uses.libraries)}
    return {**packages, **libraries, module: source_digest(module)}


@cache
def source_digest(name: str) -> str:
    """Digest of the Python files of a package, its subpackages left out, or of one module."""
    parent, _, last = name.rpartition(".")
    folder = files(parent) / last
    sources = (
        sorted(folder.iterdir(), key=str) if folder.is_dir() else [files(parent) / f"{last}.py"]
    )
    digest = hashlib.sha256()
    for file in sources:
        if file.name.endswith(".py"):
            digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
