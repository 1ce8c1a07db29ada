"""What the offline generator makes of documents: whether it is grounded, complete, single and fast.

`verbatim` is the share of answers that are the text between their offsets. `coverage` is the share
of gold answers (XQuAD, CMRC 2018, DRCD; rows whose answer stands where they say) that some pair of
the same context asks for: F1 of characters, in English of words, of 0.5 or more; by layer too.
`duplicates` judges what is left of all documents by means of its own (datasketch). `mb_s` is
megabytes per CPU second, proposals, gates and retrieval included.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import polars as pl
from datasketch import MinHash, MinHashLSH

from benchmarks.harness import LANGUAGES, Bench, Result, Row, documents, main, mb_s, spread, text_mb
from taojin.pipeline.qa.offline.generate import generate
from taojin.pipeline.qa.questions import distinct

GOLD = {
    "en": ("xquad-en",),
    "zh": ("xquad-zh", "cmrc2018dev"),
    "zh_hant": ("drcddev", "drcdtest"),
}
SPEED_MB = 3.0
MATCH = 0.5
NEAR = 0.8
PERMUTATIONS = 128


def measure(bench: Bench) -> Result:
    gold = {name: contexts(bench, sets) for name, sets in GOLD.items()}
    tables = {
        lang: documents(bench.rows(f"docs_{lang}/docs_{lang}.jsonl.zst")) for lang in LANGUAGES
    }
    made = {name: generate(table) for name, table in tables.items()}
    asked = {name: generate(table) for name, (table, _) in gold.items()}
    single = distinct(pl.concat([*made.values(), *asked.values()]))
    texts = [*tables.values(), *(table for table, _ in gold.values())]
    return {
        "verbatim": _verbatim(pl.concat([*made.values(), *asked.values()]), pl.concat(texts)),
        "coverage": {name: coverage(asked[name], rows) for name, (_, rows) in gold.items()},
        "gold": {name: len(rows) for name, (_, rows) in gold.items()},
        "pairs": {name: pairs.height for name, pairs in (made | _named(asked)).items()},
        "pairs_mb": {name: pairs.height / text_mb(tables[name]) for name, pairs in made.items()},
        "layers": {name: _layers(pairs) for name, pairs in (made | _named(asked)).items()},
        "duplicates": duplicates(single["question"].to_list()),
        "mb_s": {
            lang: mb_s(generate, documents(spread(_rows(bench, lang), SPEED_MB)))
            for lang in LANGUAGES
        },
    }


def _rows(bench: Bench, lang: str) -> Sequence[Row]:
    return bench.rows(f"docs_{lang}/docs_{lang}.jsonl.zst")


def _named(asked: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    return {f"gold_{name}": pairs for name, pairs in asked.items()}


def _layers(pairs: pl.DataFrame) -> dict[str, int]:
    return dict(pairs["layer"].value_counts().sort("layer").iter_rows())


def contexts(bench: Bench, sets: Iterable[str]) -> tuple[pl.DataFrame, list[tuple[str, list[str]]]]:
    """(contexts as documents, (doc_id, accepted answers) of each row that is right)."""
    names: dict[str, str] = {}
    rows, asked = [], []
    for row in (row for name in sets for row in bench.rows(f"conversations/qa_{name}.jsonl.zst")):
        text = row["context"]
        if text not in names:
            names[text] = f"{row['source']}-{len(names)}"
            rows.append({"id": names[text], "text": text, "lang": row["lang"]})
        answers = [
            a["text"] for a in row["answers"] if text[a["answer_start"] :].startswith(a["text"])
        ]
        if answers:
            asked.append((names[text], answers))
    return documents(rows), asked


def _verbatim(pairs: pl.DataFrame, texts: pl.DataFrame) -> float:
    text = dict(texts.select("doc_id", "text").iter_rows())
    spans = pairs.select("doc_id", "evidence_start", "evidence_end", "answer").iter_rows()
    right = [text[doc_id][start:end] == answer for doc_id, start, end, answer in spans]
    return sum(right) / len(right)


def coverage(pairs: pl.DataFrame, gold: Sequence[tuple[str, list[str]]]) -> Result:
    """The share of gold answers asked for; by layer, each layer for itself."""
    answers: defaultdict[str, list[tuple[str, Counter[str]]]] = defaultdict(list)
    for doc_id, layer, answer in pairs.select("doc_id", "layer", "answer").iter_rows():
        answers[doc_id].append((layer, _tokens(answer)))
    hits = Counter[str]()
    for doc_id, accepted in gold:
        wanted = [_tokens(one) for one in accepted]
        layers = {
            layer
            for layer, given in answers[doc_id]
            if any(_f1(given, one) >= MATCH for one in wanted)
        }
        hits.update(layers | ({"all"} if layers else set()))
    return {layer: count / len(gold) for layer, count in sorted(hits.items())}


def _tokens(text: str) -> Counter[str]:
    """Han characters and words; English articles aside, as SQuAD's own measure has it."""
    folded = unicodedata.normalize("NFKC", text).lower()
    found = re.findall(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+", folded)
    return Counter(word for word in found if word not in ("a", "an", "the"))


def _f1(given: Counter[str], wanted: Counter[str]) -> float:
    shared = (given & wanted).total()
    return 2 * shared / (given.total() + wanted.total()) if shared else 0.0


def duplicates(questions: Sequence[str]) -> Result:
    """Shares of the questions that repeat an earlier one: to the letter, and nearly.

    Near is a Jaccard similarity of NEAR of character trigrams, found by datasketch and verified.
    """
    folded = [
        re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", one).lower()).strip()
        for one in questions
    ]
    exact = len(folded) - len(set(folded))
    index = MinHashLSH(threshold=NEAR - 0.1, num_perm=PERMUTATIONS)
    sets: list[frozenset[str]] = []
    near = 0
    for number, text in enumerate(folded):
        grams = frozenset(text[i : i + 3] for i in range(max(1, len(text) - 2)))
        sketch = MinHash(PERMUTATIONS)
        sketch.update_batch([gram.encode() for gram in grams])
        alike = (sets[int(other)] for other in index.query(sketch))
        near += any(len(grams & other) >= NEAR * len(grams | other) for other in alike)
        index.insert(str(number), sketch)
        sets.append(grams)
    return {"exact": exact / len(questions), "near": near / len(questions)}


if __name__ == "__main__":
    main(measure, __doc__ or "")
