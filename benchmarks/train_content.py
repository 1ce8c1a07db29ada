"""Train the model that tells content from what is around it, and say how well it does on pages that
it has not seen.

    pip install lightgbm
    python -m benchmarks.train_content --data ../shared/data

Pages: article-extraction-benchmark, whose labels are the text of the article, and trafilatura's
evaluation pages, whose labels are a few strings that must or must not be in the text; what these do
not say of a block, trafilatura's own extraction says with little weight. Every page is learnt a
second time with its words made Han characters, so that nothing hangs on a language. Figures are of
five folds by page; the model that is written has learnt from all pages.
"""

import argparse
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.extraction import articles, f1, mean_of, segments, segments_f1, shingle_scores
from taojin.core.errors import UserError
from taojin.pipeline.ingest.markup import render
from taojin.pipeline.ingest.markup.block_kernels import UNITS
from taojin.pipeline.ingest.markup.page import Parsed, parsed
from taojin.pipeline.ingest.web import content
from taojin.pipeline.ingest.web.content import extract
from taojin.pipeline.ingest.web.content.feature_kernels import Features

FOLDS = 5
SEEDS = (0, 1, 2)
TREES = 150
PARAMETERS = {
    "objective": "binary", "num_leaves": 31, "learning_rate": 0.06, "min_data_in_leaf": 20,
    "feature_fraction": 0.4, "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 5,
    "max_bin": 63, "verbose": -1, "num_threads": 1, "deterministic": True,
}  # fmt: skip
THRESHOLDS = (0.5, 0.55, 0.6, 0.65)
TEACHER_WEIGHT = 0.4
SEGMENT_WEIGHT = 8.0
HAN_WEIGHT = 0.2

Labels = tuple[NDArray[np.float64], NDArray[np.float64]]
"""For each block whether it is content, and how much that weighs."""


@dataclass(frozen=True)
class Example:
    page: Parsed
    features: Features
    han: Features | None
    """Of the same page in Han characters, where its blocks are the same."""
    labels: Labels
    article: str | None
    wanted: Sequence[str] = ()
    unwanted: Sequence[str] = ()


def examples(data: Path) -> list[Example]:
    found = []
    for html, text in articles(data / "extraction" / "article-extraction-benchmark"):
        page = parsed(html)
        found.append(Example(page, *_both(html, page), _article_labels(page, text), text))
    for html, row in segments(data / "extraction" / "trafilatura"):
        page = parsed(html)
        labels = _segment_labels(page, html, row["with"], row["without"])
        both = _both(html, page)
        found.append(Example(page, *both, labels, None, row["with"], row["without"]))
    return found


def _both(html: str, page: Parsed) -> tuple[Features, Features | None]:
    han = parsed(in_han(html))
    same = len(han.blocks) == len(page.blocks)
    return extract.features(page), extract.features(han) if same else None


_TEXT = re.compile(
    r"(<(script|style|title)\b.*?</\2|<!--.*?-->|<[^>]*>|&#?\w+;)|([^<&]+)", re.S | re.I
)
_PUNCTUATION = str.maketrans(",.!?:;()", "，。！？：；（）")


def in_han(html: str) -> str:
    """The page with one or two Han characters for every word of its text, and no spaces."""
    return _TEXT.sub(lambda one: one[1] or _han(one[3]), html)


def _han(text: str) -> str:
    if not text.strip():
        return text
    words = re.sub(r"[^\W\d_]+", lambda one: _characters(one[0]), text)
    return re.sub(
        r"(?<=\w)[.,!?:;](?=\s|$)", lambda one: one[0].translate(_PUNCTUATION), words
    ).replace(" ", "")


def _characters(word: str) -> str:
    seed = zlib.crc32(word.lower().encode())
    return "".join(
        chr(0x4E00 + (seed >> shift) % 3000) for shift in range(0, 4 * (1 + len(word) // 5), 4)
    )


def block_texts(page: Parsed) -> list[str]:
    writer = render.Writer(page, set())
    return [_plain(writer.text(row)) for row in page.blocks.tolist()]


def _plain(text: str) -> str:
    return " ".join(text.split())


def _grams(words: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(words[at : at + 4]) for at in range(len(words) - 3)]


def _article_labels(page: Parsed, text: str) -> Labels:
    words = re.findall(r"\w+", text)
    grams, joined = set(_grams(words)), f" {' '.join(words)} "
    wanted, weights = np.zeros(len(page.blocks)), np.zeros(len(page.blocks))
    for at, block in enumerate(block_texts(page)):
        own = re.findall(r"\w+", block)
        if len(own) >= 4:
            shared = [gram in grams for gram in _grams(own)]
            wanted[at], weights[at] = sum(shared) > len(shared) / 2, min(len(own), 80) ** 0.5
        elif own:
            wanted[at], weights[at] = f" {' '.join(own)} " in joined, 0.3
    return wanted, weights * 10 / max(weights.sum(), 1) ** 0.5


def _segment_labels(
    page: Parsed, html: str, wanted: Sequence[str], unwanted: Sequence[str]
) -> Labels:
    from taojin.pipeline.ingest.web import extraction

    teacher = extraction.extract(html, "trafilatura").text
    whole = _plain(teacher)
    lines = {_plain(re.sub(r"^\s*(?:#+|-|\d+\.|\|)\s*", "", line)) for line in teacher.split("\n")}
    texts = block_texts(page)
    labels = np.array(
        [bool(one) and (one in whole if len(one) > 25 else one in lines) for one in texts], float
    )
    weights = TEACHER_WEIGHT * np.sqrt(np.clip(page.blocks[:, UNITS], 1, 80))
    for given, label in ((wanted, 1.0), (unwanted, 0.0)):
        for segment in filter(None, map(_plain, given)):
            hit = [segment in one for one in texts]
            labels[hit], weights[hit] = label, SEGMENT_WEIGHT
    return labels, weights


def fit(given: Sequence[Example]) -> list[Any]:
    """A model for each seed."""
    import lightgbm

    rows, wanted, weights = [], [], []
    for one in given:
        for found, weight in ((one.features, 1.0), (one.han, HAN_WEIGHT)):
            if found is not None:
                rows.append(found)
                wanted.append(one.labels[0])
                weights.append(one.labels[1] * weight)
    table = np.concatenate(rows), np.concatenate(wanted), np.concatenate(weights)
    return [
        lightgbm.train(
            {**PARAMETERS, "seed": seed},
            lightgbm.Dataset(table[0], table[1], weight=table[2]),
            TREES,
        )
        for seed in SEEDS
    ]


def scores(models: Sequence[Any], rows: Features) -> NDArray[np.float32]:
    if not len(rows):
        return np.zeros(0, np.float32)
    raw = np.mean([model.predict(rows, raw_score=True) for model in models], axis=0)
    return (1 / (1 + np.exp(-raw))).astype(np.float32)


def held_out(given: Sequence[Example], *, han: bool) -> list[NDArray[np.float32]]:
    """The scores of the blocks of each page by models that have not learnt it."""
    order = np.random.default_rng(0).permutation(len(given)) % FOLDS
    found: dict[int, NDArray[np.float32]] = {}
    for fold in range(FOLDS):
        models = fit([one for one, own in zip(given, order, strict=True) if own != fold])
        for at in np.flatnonzero(order == fold).tolist():
            rows = given[at].han if han else given[at].features
            found[at] = scores(models, rows if rows is not None else given[at].features)
    return [found[at] for at in range(len(given))]


def figures(
    given: Sequence[Example], judged: Sequence[NDArray[np.float32]], threshold: float
) -> tuple[float, float, float, float]:
    """(F1, precision, recall) of articles, F1 of segments."""
    pairs, rows = [], []
    for one, own in zip(given, judged, strict=True):
        text = extract.content(one.page, own, threshold)
        if one.article is not None:
            pairs.append(shingle_scores(one.article, text))
        else:
            rows.append((one.wanted, one.unwanted, text))
    precision, recall = mean_of(pairs, 0), mean_of(pairs, 1)
    return f1(precision, recall), precision, recall, segments_f1(rows)


def write(models: Sequence[Any], path: Path) -> None:
    """The trees of all models by rounds, whose values are their mean."""
    rows: dict[str, list[Any]] = {
        name: [] for name in ("roots", "features", "bounds", "children", "leaves")
    }
    rounds = zip(*(model.dump_model()["tree_info"] for model in models), strict=True)
    for tree in (one for together in rounds for one in together):
        rows["roots"].append(_add(tree["tree_structure"], rows, len(models)))
    types = {"bounds": np.float32, "leaves": np.float32}
    arrays = {name: np.array(own, types.get(name, np.int32)) for name, own in rows.items()}
    np.savez_compressed(path, **arrays)


def _add(node: Any, rows: dict[str, list[Any]], share: int) -> int:
    """The number of a node that is added with all below it."""
    if "leaf_value" in node:
        rows["leaves"].append(node["leaf_value"] / share)
        return -len(rows["leaves"])
    own = len(rows["features"])
    rows["features"].append(node["split_feature"])
    bound = np.float32(node["threshold"])
    if bound > node["threshold"]:  # features are float32: round down, so that <= stays the same
        bound = np.nextafter(bound, np.float32(-np.inf))
    rows["bounds"].append(bound)
    rows["children"].append([0, 0])
    rows["children"][own] = [
        _add(node[side], rows, share) for side in ("left_child", "right_child")
    ]
    return own


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--to", type=Path, default=Path(content.__path__[0]) / "model" / "forest.npz"
    )
    parser.add_argument("--only-write", action="store_true", help="no figures of folds")
    given = parser.parse_args()
    if not given.data.is_dir():
        raise UserError(f"no folder '{given.data}'")
    found = examples(given.data)
    for han in () if given.only_write else (False, True):
        judged = held_out(found, han=han)
        for threshold in THRESHOLDS:
            row = figures(found, judged, threshold)
            print(
                "han" if han else "as they are",
                threshold,
                *(f"{one:.4f}" for one in row),
                flush=True,
            )
    write(fit(found), given.to)


if __name__ == "__main__":
    main()
