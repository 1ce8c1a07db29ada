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


_INGEST = (
    "pipeline.ingest",
    "pipeline.ingest.archives",
    "pipeline.ingest.documents",
    "pipeline.ingest.documents.latex",
    "pipeline.ingest.documents.pdf",
    "pipeline.ingest.documents.pdf.font",
    "pipeline.ingest.documents.rst",
    "pipeline.ingest.documents.rtf",
    "pipeline.ingest.markup",
    "pipeline.ingest.tables",
    "pipeline.ingest.web",
    "pipeline.ingest.web.content",
    "pipeline.ingest.web.content.model",
)
_READ = Uses(
    ("core", "dedup.documents.urls", "filters.batch", "filters.function_word_kernels",
     "filters.function_words", "filters.kernels", "filters.language", "filters.lists",
     "filters.prose_kernels", "filters.scripts", *_INGEST, "pipeline.pii", "pipeline.pii.china",
     "pipeline.pii.secrets", "pipeline.pii.world"),
    ("brotli", "fasttext-community", "lingua-language-detector", "lxml",
     "lxml_html_clean", "olefile", "opencc", "phonenumbers", "pypdfium2", "python-docx",
     "python-stdnum", "resiliparse", "trafilatura", "zlib-ng", "zstandard"),
)  # fmt: skip
_SPLIT = Uses(("core", *_INGEST), _READ.libraries)
_CLASSIFY = Uses(
    ("core", "filters", "pipeline.model_card"), ("fasttext-community", "jieba", "scipy")
)
_MEASURE = Uses(
    ("core", "dedup.documents", "dedup.evaluation", "filters", "filters.lists"),
    ("fasttext-community", "jieba", "opencc"),
)
_DEDUP = Uses(("core", "dedup.documents"), ("scipy",))
_PASSAGES = Uses(
    (
        "core",
        "dedup.documents",
        "dedup.passages",
        "pipeline.steps.cutting",
        "pipeline.steps.deduplicate",
    ),
    ("scipy",),
)
_TOKENS = Uses(
    (
        "core",
        "dedup.evaluation",
        "pipeline.qa",
        "pipeline.qa.dialogues.made",
        "pipeline.shards",
        "tokenizer",
    ),
    ("opencc", "sentencepiece"),
)

USES: Mapping[str, Uses] = {
    "against_split": _SPLIT,
    "against_read": _READ,
    "against_clean": Uses(("core", "filters")),
    "against": _MEASURE,
    "evaluation": Uses(
        ("core", "dedup.evaluation", "pipeline.evaluation", *_INGEST, "pipeline.planted"),
        _READ.libraries,
    ),
    "split": _SPLIT,
    "ingest": _READ,
    "clean": Uses(("core", "filters")),
    "cut_items": Uses(("core", "dedup.evaluation"), ("opencc",)),
    "sample": Uses(("core", "filters.classifier")),
    "classifier": _CLASSIFY,
    "toxicity": Uses(("core",)),
    "perplexity": Uses(("core", "filters", "filters.lists"), ("opencc",)),
    "lists": Uses(("core", "filters.blocklist")),
    "measure": _MEASURE,
    "keep": Uses(("core",)),
    "decide": Uses(("core", "dedup.documents.dates", "filters", "pipeline.steps.quantile")),
    "url_rows": _DEDUP,
    "url": _DEDUP,
    "exact_rows": _DEDUP,
    "exact": _DEDUP,
    "near_rows": _DEDUP,
    "stars": _DEDUP,
    "components": _DEDUP,
    "candidates": _DEDUP,
    "near": _DEDUP,
    "clusters": _DEDUP,
    "passage_rows": _PASSAGES,
    "passages": _PASSAGES,
    "cut": _PASSAGES,
    "anchor_rows": _PASSAGES,
    "anchors": _PASSAGES,
    "window_rows": _PASSAGES,
    "windows": _PASSAGES,
    "doubts": _PASSAGES,
    "sure": _PASSAGES,
    "cut_spans": _PASSAGES,
    "known_windows": _PASSAGES,
    "measure_again": _MEASURE,
    "keep_again": Uses(("core",)),
    "decide_again": Uses(("core", "dedup.documents.dates", "filters", "pipeline.steps.quantile")),
    "url_rows_again": _DEDUP,
    "url_again": _DEDUP,
    "exact_rows_again": _DEDUP,
    "exact_again": _DEDUP,
    "near_rows_again": _DEDUP,
    "stars_again": _DEDUP,
    "components_again": _DEDUP,
    "candidates_again": _DEDUP,
    "near_again": _DEDUP,
    "clusters_again": _DEDUP,
    "settle": Uses(("core", "dedup.documents", "filters.rules")),
    "index": Uses(("core", "dedup.documents")),
    "together": Uses(("core",)),
    "verdicts": Uses(("core",)),
    "ask": Uses(
        (
            "core",
            "pipeline.pii.china",
            "pipeline.qa",
            "pipeline.qa.grounding.verbatim",
            "pipeline.qa.offline",
        ),
        ("jieba", "opencc"),
    ),
    "ask_endpoint": Uses(
        (
            "core",
            "pipeline.qa",
            "pipeline.qa.endpoint",
            "pipeline.qa.endpoint.templates",
            "pipeline.qa.grounding",
            "pipeline.qa.offline",
        ),
    ),
    "qa": Uses(("core", "dedup.evaluation", "pipeline.qa"), ("opencc",)),
    "tokenizer_sample": Uses(("core",)),
    "tokenizer": Uses(_TOKENS.packages, (*_TOKENS.libraries, "jieba")),
    "encode": _TOKENS,
    "copy": Uses(("core", "pipeline", "pipeline.shards")),
    "shard": _TOKENS,
    "dialogues": Uses(
        ("core", "pipeline.qa.dialogues", "pipeline.qa.labelled", "tokenizer"), ("sentencepiece",)
    ),
    "instruction_rows": Uses(("core", "pipeline.qa.instructions", "pipeline.qa.labelled")),
    "instructions": Uses(
        (*_TOKENS.packages, "pipeline.qa.instructions", "pipeline.qa.instructions.templates"),
        _TOKENS.libraries,
    ),
    "sft": Uses((*_TOKENS.packages, "pipeline.mix"), _TOKENS.libraries),
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
    """Digest of the Python files of a package, its subpackages left out, of one module, or of every
    file in a folder of data.
    """
    parent, _, last = name.rpartition(".")
    folder = files(parent) / last
    if folder.is_dir():
        inside = sorted(folder.iterdir(), key=str)
        sources = [file for file in inside if file.name.endswith(".py")] or inside
    else:
        sources = [files(parent) / f"{last}.py"]
    digest = hashlib.sha256()
    for file in sources:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
