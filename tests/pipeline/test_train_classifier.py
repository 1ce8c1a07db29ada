"""`taojin filters train` and `score`, and classifiers that a recipe names."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from taojin.core.errors import UserError
from taojin.core.storage import sha256
from taojin.filters.classifier import load
from taojin.pipeline import recipe as recipes
from taojin.pipeline import training_recipe
from taojin.pipeline.cli import main
from taojin.pipeline.curate import Where, curate
from taojin.pipeline.examples import gather
from taojin.pipeline.plan import plan
from taojin.tests.filters.test_votes import GOOD, SPAM

SMALL = "dimensions = 8\nepochs = 4\n"


def call(*words: object) -> Result:
    return CliRunner().invoke(main, ["filters", *map(str, words)])


def write(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Labelled files, two recipes, and what they have been trained to."""
    path = tmp_path_factory.mktemp("train")
    rows = [{"body": text, "toxic": True, "from": "forum"} for text in SPAM]
    rows += [{"body": text, "toxic": False, "from": "law"} for text in GOOD]
    rows += [{"body": "nobody has labelled this", "from": "forum"}]
    write(path / "labelled.jsonl", rows)
    (path / "toxicity.toml").write_text(
        f'name = "toxicity"\nkind = "toxicity"\n{SMALL}'
        '[[examples]]\npath = "labelled.jsonl"\ntext = "body"\nlabel_column = "toxic"\n'
        'source_column = "from"\nlanguage = "zh-Hans"\nlicence = "CC-BY-4.0"\n'
    )
    write(path / "good.jsonl", [{"text": text} for text in GOOD])
    write(path / "bad.jsonl", [{"text": text} for text in SPAM])
    (path / "quality.toml").write_text(
        f'name = "quality"\nfolds = 2\nheld_out = 0\n{SMALL}'
        '[[examples]]\npath = "good.jsonl"\nlabel = "good"\nlicence = "CC0-1.0"\n'
        '[[examples]]\npath = "bad.jsonl"\nlabel = "bad"\n'
    )
    for name in ("toxicity", "quality"):
        result = call("train", path / f"{name}.toml", "--out", path / name)
        assert result.exit_code == 0, result.output
        (path / f"{name}.txt").write_text(result.output)
    return path


def test_training_tells_what_the_classifier_is_worth(folder: Path) -> None:
    said = (folder / "toxicity.txt").read_text()
    assert "figures of documents that were held out of the training" in said
    lines = {line.split()[0]: line.split() for line in said.splitlines() if line}
    assert lines["language"] == ["language", "positive", "negative", "AUC", "calibration", "error"]
    counts, auc = lines["zh-Hans"][1:3], float(lines["zh-Hans"][3])
    assert 4 <= sum(map(int, counts)) <= 30
    assert auc > 0.9
    assert [line.split()[0] for line in said.splitlines() if line[:1] == " " or "0." in line[:12]]
    assert "left out by their labels: '' 1" in said


def test_the_card_tells_data_licences_and_hashes(folder: Path) -> None:
    card = json.loads((folder / "toxicity" / "card.json").read_text())
    assert card["kind"] == "toxicity"
    assert [(one["source"], one["class"]) for one in card["data"]] == [
        ("forum", "toxic"),
        ("law", "others"),
    ]
    assert all(one["licences"] == {"CC-BY-4.0": one["documents"]} for one in card["data"])
    trained = sum(one["documents"] for one in card["data"])
    held = card["figures"]["all"]
    assert trained + held["positive"] + held["negative"] == 60
    assert card["files"] == [
        {
            "path": "labelled.jsonl",
            "size_bytes": (folder / "labelled.jsonl").stat().st_size,
            "sha256": sha256(folder / "labelled.jsonl"),
        }
    ]
    text = (folder / "toxicity" / "card.md").read_text()
    assert card["data_sha256"] in text and "| forum | toxic |" in text


def test_without_a_held_out_part_the_figures_are_out_of_fold(folder: Path) -> None:
    card = json.loads((folder / "quality" / "card.json").read_text())
    assert "each scored by a model that did not see it" in card["evaluated"]
    assert card["figures"]["all"]["positive"] == 30
    assert {one["class"]: one["licences"] for one in card["data"]} == {
        "good": {"CC0-1.0": 30},
        "others": {"unknown": 30},
    }


def test_the_same_recipe_gives_the_same_classifier(folder: Path) -> None:
    assert call("train", folder / "quality.toml", "--out", folder / "again").exit_code == 0
    for path in (folder / "quality").iterdir():
        assert path.read_bytes() == (folder / "again" / path.name).read_bytes(), path.name


def test_a_folder_that_is_there_is_left_alone(folder: Path) -> None:
    result = call("train", folder / "quality.toml", "--out", folder / "quality")
    assert result.exit_code == 1
    assert "there already; name another folder with --out" in result.output


def parse(**table: object) -> training_recipe.TrainingRecipe:
    examples = [{"path": "good.jsonl", "label": "good"}, {"path": "bad.jsonl", "label": "bad"}]
    return training_recipe.parse({"name": "q", "examples": examples, **table}, Path())


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"nmae": 1}, r"no key 'nmae'; known: dimensions, .*name"),
        ({"examples": [{"path": "a", "lable": "good"}]}, r"no key 'examples.0.lable'; known: .*label"),
        ({"examples": [{"path": "a"}]}, r"either `label` or `label_column` is needed"),
        ({"examples": [{"path": "a", "label": "fine"}]}, r"no label 'fine'; known: good, 1, true"),
        ({"examples": [{"path": "a", "label": "good", "language": "zh"}]}, r"no language 'zh'"),
        ({"examples": [{"label": "good"}]}, r"examples.0.path: this key is needed"),
        ({"examples": []}, r"examples: .*at least 1"),
        ({"positive": ["bad"]}, r"no label 'good'; known: bad"),
        ({"positive": ["good", "bad"]}, r"label 'bad' is both positive and negative"),
        ({"languages": ["en", "zz"]}, r"languages: no language 'zz'; known: af, ar"),
        ({"held_out": 1}, r"held_out: .*less than or equal to 0.9"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_training_recipe_is_one_sentence(table, message: str) -> None:
    with pytest.raises(UserError, match=message) as error:
        parse(**table)
    assert "\n" not in str(error.value)


def test_labels_that_nobody_named_are_told(folder: Path) -> None:
    table = {
        "name": "q",
        "examples": [{"path": "labelled.jsonl", "text": "body", "label_column": "from"}],
    }
    with pytest.raises(
        UserError, match=r"no text is labelled good or 1 or true; other labels: 'fo"
    ):
        gather(training_recipe.parse(table, folder))


@pytest.mark.parametrize("key", ["text", "label_column", "source_column", "language_column"])
def test_a_column_of_examples_that_is_not_there_is_told(folder: Path, key: str) -> None:
    columns = {"text": "body", "label_column": "toxic", key: "labl"}
    table = {"name": "q", "kind": "toxicity"}
    examples = {"path": "labelled.jsonl", **columns}
    with pytest.raises(UserError, match=r"no column 'labl'; known: body, from, toxic$"):
        gather(training_recipe.parse({**table, "examples": [examples]}, folder))


@pytest.mark.parametrize(("text", "said"), [("", "is of 0 bytes"), ("\n", "no row stands there")])
def test_an_empty_file_of_examples_is_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "none.jsonl").write_text(text)
    table = {"name": "q", "examples": [{"path": "none.jsonl", "label_column": "label"}]}
    with pytest.raises(UserError, match=f"none.jsonl.*{said}"):
        gather(training_recipe.parse(table, tmp_path))


def test_too_few_texts_are_told(folder: Path, tmp_path: Path) -> None:
    write(tmp_path / "one.jsonl", [{"text": GOOD[0]}])
    (tmp_path / "few.toml").write_text(
        'name = "few"\nheld_out = 0\n[[examples]]\npath = "one.jsonl"\nlabel = "good"\n'
        f'[[examples]]\npath = "{folder}/bad.jsonl"\nlabel = "bad"\n'
    )
    result = call("train", tmp_path / "few.toml", "--out", tmp_path / "few")
    assert result.exit_code == 1
    assert "texts are too few: each of 3 folds" in result.output
    assert not (tmp_path / "few").exists()


def test_labels_that_contradict_each_other_are_told(folder: Path, tmp_path: Path) -> None:
    texts = [{"text": text} for text in GOOD]
    write(tmp_path / "texts.jsonl", texts)
    write(tmp_path / "other.jsonl", [*texts, {"text": "Neither here nor there."}])
    (tmp_path / "both.toml").write_text(
        'name = "both"\nheld_out = 0\n[[examples]]\npath = "texts.jsonl"\nlabel = "good"\n'
        '[[examples]]\npath = "other.jsonl"\nlabel = "bad"\n'
    )
    result = call("train", tmp_path / "both.toml", "--out", tmp_path / "both")
    assert result.exit_code == 1
    different = len(set(GOOD))
    assert (
        f"{different} of {different + 1} different texts are labelled good or 1 or true and bad"
        in result.output
    )
    assert "1 are left" in result.output
    assert not (tmp_path / "both").exists()


def test_languages_are_told_where_nobody_says(folder: Path) -> None:
    found = gather(training_recipe.load(folder / "quality.toml")).examples
    assert "zh-Hans" in set(found["lang"])
    given = gather(training_recipe.load(folder / "toxicity.toml")).examples
    assert set(given["lang"]) == {"zh-Hans"}
    assert set(given["source"]) == {"forum", "law"}


@pytest.fixture(scope="module")
def answers(folder: Path) -> Path:
    path = folder / "answers.jsonl"
    rows = [{"text": GOOD[0] * 20}, {"text": SPAM[0] * 20}, {"text": ""}]
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n{broken\n")
    return path


def lines(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.output.splitlines()]


def test_every_text_is_scored_with_its_reasons(folder: Path, answers: Path) -> None:
    found = lines(call("score", answers, "--model", folder / "toxicity", "--json"))
    assert [row["position"] for row in found] == [1, 2, 3, 4]
    assert [row["classifier"] for row in found] == [None] * 4
    law, spam = found[0]["toxicity"], found[1]["toxicity"]
    assert law < 0.3 and spam > 0.7
    assert "toxicity.score.max" not in found[0]["reasons"]
    assert "toxicity.score.max" in found[1]["reasons"]
    assert "gopher_quality.word_count.min" in found[2]["reasons"]
    assert found[3]["reasons"] == ["ingest.bad_json"]


def test_scores_are_those_of_the_classifier(folder: Path, answers: Path) -> None:
    from taojin.tests.filters.test_classifier import hashed

    texts = [json.loads(line)["text"] for line in answers.read_text().splitlines()[:3]]
    for name in ("quality", "toxicity"):
        found = lines(call("score", answers, "--model", folder / name, "--json"))
        key = "classifier" if name == "quality" else name
        assert [row[key] for row in found[:3]] == pytest.approx(
            load(folder / name).scores(hashed(texts)).tolist()
        )


def test_chosen_filters_alone_catch(folder: Path, answers: Path) -> None:
    words = ("--model", folder / "toxicity", "--filter", "toxicity")
    found = lines(call("score", answers, *words, "--json"))
    assert [row["reasons"] for row in found] == [
        [], ["toxicity.score.max"], [], ["ingest.bad_json"],
    ]  # fmt: skip
    said = call("score", answers, *words).output.splitlines()
    assert said[0].endswith("passes") and said[1].endswith("caught: toxicity.score.max")


def test_fail_makes_a_gate(folder: Path, answers: Path, tmp_path: Path) -> None:
    words = ("--model", folder / "toxicity", "--filter", "toxicity", "--fail")
    assert call("score", answers, *words[:-1]).exit_code == 0
    assert call("score", answers, *words).exit_code == 1
    write(tmp_path / "fine.jsonl", [{"answer": GOOD[1]}])
    assert call("score", tmp_path / "fine.jsonl", *words, "--column", "answer").exit_code == 0


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_a_file_without_a_text_passes_no_gate(tmp_path: Path, text: str) -> None:
    (tmp_path / "answers.jsonl").write_text(text)
    result = call("score", tmp_path / "answers.jsonl", "--fail")
    assert result.exit_code == 1
    assert result.output.endswith("answers.jsonl: is empty; name a file with a text to score\n")


def test_a_column_that_no_row_has_is_told(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", [{"body": "one", "page": {"text": "two"}}, {"mark": 3}])
    (tmp_path / "a.csv").write_text("body;mark\none;3\n")
    pl.DataFrame({"body": ["one"], "mark": [3]}).write_parquet(tmp_path / "a.parquet")
    known = {"jsonl": "body, mark, page", "csv": "body, mark", "parquet": "body, mark"}
    for kind, names in known.items():
        for words, name in (((), "text"), (("--column", "nope"), "nope")):
            result = call("score", tmp_path / f"a.{kind}", *words)
            assert result.exit_code == 1
            assert result.output.endswith(f"a.{kind}: no column '{name}'; known: {names}\n")
        assert len(lines(call("score", tmp_path / f"a.{kind}", "--column", "body", "--json"))) > 0
    nested = call("score", tmp_path / "a.jsonl", "--column", "page.text", "--json")
    assert lines(nested)[0]["reasons"] != ["ingest.missing_text"]


def test_a_kind_without_bounds_is_warned_of(folder: Path, answers: Path, tmp_path: Path) -> None:
    warned = call("score", answers, "--kind", "bok", "--json")
    assert warned.exit_code == 0
    assert "No bounds are made for kind 'bok'" in warned.stderr
    assert "book, code, dialogue, poetry, scientific" in warned.stderr
    assert lines_of(warned.stdout) == lines(call("score", answers, "--json"))
    for kind in ("web", "proprietary", "book"):
        assert call("score", answers, "--kind", kind).stderr == ""
    own = tmp_path / "own.toml"
    own.write_text(
        'name = "a"\n[[sources]]\nname = "x"\nkind = "bok"\npath = "y"\n'
        "[filters.gopher_quality.kind.bok]\nword_count = { min = 1 }\n"
    )
    assert call("score", answers, "--kind", "bok", "--recipe", own).stderr == ""


def lines_of(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_text_file_is_one_text(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "answer.txt").write_text("\n".join(SPAM))
    (row,) = lines(call("score", tmp_path / "answer.txt", "--model", folder / "toxicity", "--json"))
    assert "toxicity.score.max" in row["reasons"]


def test_sensitive_terms_are_named(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", [{"text": "online casino, porn, 赌博网站, 色情视频 " * 20}])
    (row,) = lines(call("score", tmp_path / "a.jsonl", "--json"))
    caught = [reason for reason in row["reasons"] if reason.startswith("safety.")]
    assert bool(row["terms"]) == bool(caught)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("score", "nowhere.jsonl"), "no such file; name a JSONL"),
        (("score", __file__, "--model", "nowhere"), "no classifier here"),
        (("score", __file__, "--filter", "toxic"), "no filter 'toxic'; known: "),
        (("train", "nowhere.toml"), "no such recipe"),
        (("score", __file__, "--knid", "web"), "No such option '--knid'"),
    ],
)
def test_a_mistake_at_the_command_line_is_told(words: tuple[str, ...], message: str) -> None:
    result = call(*words)
    assert result.exit_code == (2 if "No such" in message else 1)
    assert result.output.startswith("Error: ") and message in result.output
    assert len(result.output.splitlines()) == 1


def corpus(folder: Path, **tables: object) -> recipes.Recipe:
    write(folder / "crawl.jsonl", [{"text": text} for text in [*GOOD, *SPAM]])
    table = {
        "name": "given",
        "sources": [{"name": "crawl", "path": "crawl.jsonl"}],
        "filters": {"use": ["toxicity"]},
        "dedup": {"near": False, "passages": False},
        "tokenizer": {"vocabulary": 600},
        "shards": {"sequence_length": 64},
        **tables,
    }
    return recipes.parse(table, folder)


def test_a_run_takes_the_classifiers_that_its_recipe_names(folder: Path, tmp_path: Path) -> None:
    given = {
        "classifier": {"model": str(folder / "quality")},
        "safety": {"toxicity": str(folder / "toxicity")},
    }
    recipe = corpus(tmp_path, **given)
    run = tmp_path / "run"
    curate(recipe, Where(run))
    kept = pl.read_parquet(run / "documents" / "*.parquet")["text"]
    dropped = pl.read_parquet(run / "dropped" / "*.parquet")
    assert set(kept) == set(GOOD)
    assert set(dropped["drop_reasons"].explode()) == {"toxicity.score.max"}
    assert dropped["classifier"].struct.field("score").max() < 0.5
    manifest = json.loads((run / "manifest.json").read_text())
    assert manifest["models"]["toxicity"]["data"][0]["licences"]
    assert manifest["models"]["classifier"]["kind"] == "quality"
    card = run / "models" / "toxicity" / "card.json"
    assert card.read_bytes() == (folder / "toxicity" / "card.json").read_bytes()
    assert manifest["files"]["models/toxicity/card.json"]["sha256"] == sha256(card)
    assert curate(recipe, Where(run)).unchanged


def test_another_classifier_at_the_same_place_is_another_run(folder: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(folder / "toxicity", tmp_path / "model")
    recipe = corpus(tmp_path, safety={"toxicity": "model"})
    curate(recipe, Where(tmp_path / "run"))
    (tmp_path / "model" / "card.md").write_text("changed")
    assert not curate(recipe, Where(tmp_path / "run")).unchanged
    assert (tmp_path / "run" / "models" / "toxicity" / "card.md").read_text() == "changed"


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"classifier": {"model": "nowhere"}}, "no classifier here"),
        ({"safety": {"toxicity": "quality"}}, "a classifier of quality stands here, toxicity is"),
    ],
)
def test_a_wrong_classifier_is_told_before_any_work(
    folder: Path, tmp_path: Path, tables: dict[str, object], message: str
) -> None:
    (tmp_path / "quality").symlink_to(folder / "quality")
    recipe = corpus(tmp_path, **tables)
    for work in (lambda: plan(recipe, tmp_path / "plan", None, 1 << 20),
                 lambda: curate(recipe, Where(tmp_path / "run"))):  # fmt: skip
        with pytest.raises(UserError, match=message):
            work()
    assert not list((tmp_path / "run").glob("work/ingest"))
