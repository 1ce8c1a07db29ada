"""Exports read back by other readers: Hugging Face datasets, and LLaMA-Factory's rules."""

import json
import tomllib
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from taojin.core.errors import UserError
from taojin.pipeline import evaluation
from taojin.pipeline.exports import chat
from taojin.pipeline.exports.export import FORMATS, LEFT_OUT, LOST, export
from taojin.pipeline.inputs import File
from taojin.pipeline.settings.evaluation import Evaluation
from taojin.pipeline.shards.keys import split_of
from tests.pipeline.exports.runs import Dialogue, add_documents, run_of

datasets = pytest.importorskip("datasets")

ODD = '第一行\n\n二\u2028三\x85四\r\n\t"引号" \\ 😀 é <|end|> =1+1'
PAIR: Dialogue = [("user", f"问？{ODD}", False), ("assistant", f"答。{ODD}", True)]
LONG: Dialogue = [
    ("system", f"规则{ODD}", False),
    ("user", "一？", False),
    ("assistant", "1", True),
    ("user", "二？", False),
    ("assistant", ODD, True),
]
MASKED: Dialogue = [
    ("user", "a?", False),
    ("assistant", "a", False),
    ("user", "b?", False),
    ("assistant", "b", True),
]
OPENING: Dialogue = [
    ("assistant", "hello", True),
    ("user", "yes", False),
    ("assistant", "ok", True),
]
TEXT: Dialogue = []


@pytest.fixture(autouse=True)
def _caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "cache"))


def told(run: Path, to: str) -> Path:
    export(run, to, run.parent / to)
    return run.parent / to


def rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a file as `datasets` reads them."""
    kind = "parquet" if path.suffix == ".parquet" else "json"
    return list(datasets.load_dataset(kind, data_files=str(path), split="train"))


def said(dialogue: Dialogue) -> list[tuple[str, str]]:
    return [(role, content) for role, content, _ in dialogue]


def test_openai_rows_are_the_dialogues(tmp_path: Path) -> None:
    many = [PAIR, LONG, MASKED, OPENING]
    folder = told(run_of(tmp_path / "run", many, [PAIR]), "openai")
    lines = (folder / "train.jsonl").read_text(encoding="utf-8").splitlines()
    read = [json.loads(line)["messages"] for line in lines]  # splitlines parts at U+2028 too
    assert [[(one["role"], one["content"]) for one in each] for each in read] == list(
        map(said, many)
    )
    assert [one.get("weight") for each in read for one in each if one["role"] == "assistant"] == [
        None, None, None, 0, None, None, None,
    ]  # fmt: skip
    again = [
        [(one["role"], one["content"]) for one in row["messages"]]
        for row in rows(folder / "train.jsonl")
    ]
    assert again == list(map(said, many))
    assert len(rows(folder / "validation.jsonl")) == 1


@pytest.mark.parametrize("to", ["llama-factory", "llama-factory-alpaca"])
def test_llama_factory_makes_the_dialogues_of_what_is_registered(to: str, tmp_path: Path) -> None:
    folder = told(run_of(tmp_path / "run", [PAIR, LONG], [MASKED]), to)
    info = json.loads((folder / "dataset_info.json").read_text(encoding="ascii"))
    assert list(info) == ["small_train", "small_validation"]
    assert llama_factory(folder, info["small_train"]) == [said(PAIR), said(LONG)]
    assert llama_factory(folder, info["small_validation"]) == [said(MASKED)]


def llama_factory(folder: Path, entry: dict[str, Any]) -> list[list[tuple[str, str]]]:
    """What its converters make of a registered file, after its data/README.md."""
    found = []
    columns = entry["columns"]
    for row in rows(folder / entry["file_name"]):
        system = row[columns["system"]]
        turns = [("system", system)] if system else []
        if entry["formatting"] == "alpaca":
            pairs = row[columns["history"]] or []
            query = [row[columns[name]] for name in ("prompt", "query") if row[columns[name]]]
            pairs = [*pairs, ("\n".join(query), row[columns["response"]])]
            turns += [one for q, a in pairs for one in (("user", q), ("assistant", a))]
        else:
            tags = entry["tags"]
            for at, one in enumerate(row[columns["messages"]]):
                tag = tags["assistant_tag"] if at % 2 else tags["user_tag"]
                assert one[tags["role_tag"]] == tag
                turns.append((("user", "assistant")[at % 2], one[tags["content_tag"]]))
        found.append(turns)
    return found


def test_trl_rows_are_prompts_and_completions(tmp_path: Path) -> None:
    folder = told(run_of(tmp_path / "run", [LONG, MASKED]), "trl")
    read = rows(folder / "train.jsonl")
    assert all(set(row) == {"prompt", "completion"} for row in read)
    pairs = [
        tuple(
            [(one["role"], one["content"]) for one in row[side]]
            for side in ("prompt", "completion")
        )
        for row in read
    ]
    assert pairs == [
        (said(LONG)[:2], said(LONG)[2:3]),
        (said(LONG)[:4], said(LONG)[4:]),
        (said(MASKED)[:3], said(MASKED)[3:]),
    ]


def test_a_folder_opens_with_its_splits(tmp_path: Path) -> None:
    folder = told(run_of(tmp_path / "run", [PAIR, LONG], [PAIR]), "sharegpt")
    opened = datasets.load_dataset(str(folder))
    assert {name: len(split) for name, split in opened.items()} == {"train": 2, "validation": 1}


@pytest.mark.parametrize(
    ("to", "counts"),
    [
        ("openai", {"train": 4, "left_out.pretraining": 1}),
        ("sharegpt", {"train": 3, "lost.mask": 1, "left_out.shape": 1, "left_out.pretraining": 1}),
        ("alpaca", {"train": 3, "lost.mask": 1, "left_out.shape": 1, "left_out.pretraining": 1}),
        ("trl", {"train": 4, "lost.mask": 1, "left_out.pretraining": 1}),
        ("trl-plain", {"train": 1, "left_out.several_turns": 3, "left_out.pretraining": 1}),
    ],
)
def test_what_a_format_cannot_hold_is_counted_and_told(
    to: str, counts: dict[str, int], tmp_path: Path
) -> None:
    run = run_of(tmp_path / "run", [PAIR, LONG, MASKED, OPENING, TEXT])
    summary = export(run, to, tmp_path / "out")
    written = tomllib.loads((tmp_path / "out" / "export.toml").read_text(encoding="utf-8"))
    assert written["counts"] == counts
    for name, count in counts.items():
        kind, _, cause = name.partition(".")
        about = {"left_out": LEFT_OUT, "lost": LOST}.get(kind, {}).get(cause, "")
        assert f"{kind.replace('_', ' '):<12}{count} {about}".rstrip() in summary.splitlines()


def test_every_cause_is_told_in_words() -> None:
    assert {chat.SHAPE, chat.SEVERAL_TURNS, "pretraining"} == set(LEFT_OUT)
    assert {chat.MASK} == set(LOST)


def test_texts_open_with_load_dataset_in_the_splits_of_the_run(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", [])
    documents = add_documents(run, [f"{at} {ODD}" for at in range(20)])
    folder = told(run, "parquet")
    opened = datasets.load_dataset(str(folder))
    drawn = split_of(documents["content_hash"], 0.5, 1)
    for split in ("train", "validation"):
        expected = documents.filter(drawn == split)
        assert expected.height
        assert opened[split]["text"][:] == expected["text"].to_list()
        urls = expected["source"].struct.field("url").to_list()
        assert opened[split]["url"][:] == urls


def test_held_out_pairs_are_read_as_an_evaluation_set(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", [])
    documents = add_documents(run, [f"{at} vor {ODD} nach" for at in range(12)])
    (run / "qa").mkdir()
    start = pl.col("text").str.split(ODD).list.first().str.len_chars().cast(pl.Int64)
    pairs = documents.select(
        "doc_id", "content_hash", "lang",
        qa_id=pl.col("doc_id").str.reverse(), source=pl.lit("a"), question=pl.lit(f"Q {ODD}"),
        answer=pl.lit(ODD), evidence_start=start, evidence_end=start + len(ODD),
    )  # fmt: skip
    pairs.write_parquet(run / "qa" / "part-00000.parquet")
    path = told(run, "evaluation") / "evaluation.jsonl"
    read = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    held = pairs.filter(split_of(pairs["content_hash"], 0.5, 1) == "validation")
    assert held.height
    assert [one["id"] for one in read] == held["qa_id"].to_list()
    assert {one["evidence"] for one in read} == {ODD}
    against = Evaluation(path=str(path), question="question", answer="answer", id="id")
    file = File("evaluation.jsonl", str(path), path.stat().st_size, "")
    items = list(evaluation.read_items(file, against))
    assert [(one.id, one.text) for one in items if one and one.field == "question"] == [
        (name, f"Q {ODD}".replace("\r\n", "\n")) for name in held["qa_id"]
    ]


def test_nothing_is_written_over(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", [PAIR])
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine")
    with pytest.raises(UserError, match="there already"):
        export(run, "openai", tmp_path / "mine")
    with pytest.raises(UserError, match="holds no export"):
        export(run, "openai", tmp_path / "mine", replace=True)
    assert (tmp_path / "mine" / "letter.txt").read_text() == "mine"
    out = told(run, "openai")
    before = sorted(path.name for path in out.iterdir())
    export(run, "sharegpt", out, replace=True)
    assert sorted(path.name for path in out.iterdir()) == before
    assert "conversations" in rows(out / "train.jsonl")[0]


def test_a_failed_export_leaves_what_was_there(tmp_path: Path) -> None:
    run, empty = run_of(tmp_path / "run", [PAIR]), run_of(tmp_path / "empty", [])
    out = told(run, "openai")
    before = (out / "train.jsonl").read_bytes()
    with pytest.raises(UserError, match="sft dataset is empty"):
        export(empty, "openai", out, replace=True)
    assert (out / "train.jsonl").read_bytes() == before
    assert not list(tmp_path.glob("*.partial-*"))


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", [PAIR, LONG, MASKED], [PAIR])
    for to in ("openai", "sharegpt", "alpaca", "llama-factory", "trl"):
        export(run, to, tmp_path / "a" / to)
        export(run, to, tmp_path / "b" / to)
        for path in (tmp_path / "a" / to).iterdir():
            assert path.read_bytes() == (tmp_path / "b" / to / path.name).read_bytes()


def test_an_unknown_format_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=f"no format 'word'; known: {', '.join(sorted(FORMATS))}"):
        export(tmp_path, "word")


@pytest.fixture(scope="module")
def with_chunks(demo_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chunks")
    export(demo_run, "chunks", folder / "lines", chunk_tokens=60)
    export(demo_run, "chunks-parquet", folder / "tables", chunk_tokens=60)
    return folder


def test_chunks_are_stretches_of_the_documents(with_chunks: Path, demo_run: Path) -> None:
    documents = pl.read_parquet(demo_run / "documents" / "*.parquet")
    texts = dict(documents.select("doc_id", "text").iter_rows())
    found = rows(with_chunks / "lines" / "chunks.jsonl")
    assert {one["doc_id"] for one in found} == {
        name for name, text in texts.items() if text.strip()
    }
    for one in found:
        assert texts[one["doc_id"]][one["start"] : one["end"]] == one["text"]
        assert one["token_count"] <= 60
    ends = dict.fromkeys(texts, 0)
    for one in found:  # in order, and nothing but white space between them
        assert not texts[one["doc_id"]][ends[one["doc_id"]] : one["start"]].strip()
        ends[one["doc_id"]] = one["end"]
    assert len({one["id"] for one in found}) == len(found)
    uris = dict(documents.select("doc_id", pl.col("source").struct.field("uri")).iter_rows())
    assert all(one["uri"] == uris[one["doc_id"]] for one in found)


def test_chunks_are_the_same_as_lines_and_as_tables(with_chunks: Path) -> None:
    tables = pl.concat(map(pl.read_parquet, sorted((with_chunks / "tables").glob("*.parquet"))))
    assert tables.to_dicts() == rows(with_chunks / "lines" / "chunks.jsonl")
    page = (Path(__file__).parents[3] / "docs" / "export.md").read_text(encoding="utf-8")
    table = page.split("## Chunks")[1]
    shown = [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")]
    assert shown == tables.columns


def test_every_format_stands_on_the_page() -> None:
    page = (Path(__file__).parents[3] / "docs" / "export.md").read_text(encoding="utf-8")
    table = page.split("## Formats")[1].split("\n\n")[1]
    shown = [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")]
    assert sorted(shown) == sorted(FORMATS)


def test_another_tools_export_toml_is_no_export_to_replace(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", [PAIR])
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "export.toml").write_text("[export]\nformat = 1\n")
    with pytest.raises(UserError, match="holds no export to replace"):
        export(run, "openai", tmp_path / "mine", replace=True)


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", [PAIR])
    export(run, "openai", tmp_path / "out")
    (tmp_path / "link").symlink_to(tmp_path / "out")
    with pytest.raises(UserError, match="link: is a link"):
        export(run, "openai", tmp_path / "link", replace=True)
    assert sorted(one.name for one in tmp_path.iterdir() if one.name != "cache") == [
        "link",
        "out",
        "run",
    ]
