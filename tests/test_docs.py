"""The documentation is true: its commands run, its tables are the code's, its links lead somewhere."""

import json
import os
import re
import shutil
import subprocess
import sys
import types
import typing
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

import click
import polars as pl
import pyarrow as pa
import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from taojin.core import schema
from taojin.filters.registry import Registry
from taojin.pipeline import catalogue, notes
from taojin.pipeline import recipe as recipes
from taojin.pipeline.cli import main
from taojin.pipeline.plan import plan
from taojin.pipeline.recipe import Recipe
from taojin.pipeline.steps import settle
from taojin.pipeline.training_recipe import TrainingRecipe
from taojin.pipeline.uses import USES

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
READMES = ("README.md", "README.zh-CN.md")
PAGES = sorted(DOCS.glob("*.md"))
EVERY_PAGE = [*PAGES, *(ROOT / name for name in READMES)]

Row = tuple[str, ...]


def text_of(page: Path) -> str:
    """The page; the test is skipped for a README that is not written."""
    if not page.is_file():
        pytest.skip(f"no {page.name}")
    return page.read_text(encoding="utf-8")


def sections(page: Path) -> Iterator[tuple[str, str]]:
    """(heading, text below it) of every section of a page."""
    parts = re.split(r"^#{1,4} +(.+)$", text_of(page), flags=re.MULTILINE)
    yield from zip(parts[1::2], parts[2::2], strict=True)


def table(text: str, columns: int) -> list[Row]:
    """The cells of every table row below the head, code marks taken off the first cell."""
    rows = []
    for line in text.splitlines():
        if line.startswith("| ") and not line.startswith("|--"):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            if len(cells) == columns and cells[0].startswith("`"):
                rows.append((cells[0].strip("`"), *cells[1:]))
    return rows


def documented(page: str, heading: str, columns: int = 3) -> dict[str, Row]:
    """The rows of the tables in the sections with that heading, by their first cell."""
    found = [text for title, text in sections(DOCS / page) if title == heading]
    assert found, f"{page} has no section '{heading}'"
    return {row[0]: row[1:] for text in found for row in table(text, columns)}


# Commands


@pytest.fixture(scope="module")
def shell(demo_run: Path, tmp_path_factory: pytest.TempPathFactory) -> "Shell":
    folder = tmp_path_factory.mktemp("docs")
    shutil.copytree(demo_run, folder / "runs" / "demo", copy_function=os.link)
    return Shell(folder)


class Shell:
    """Runs each command once, in a folder that holds the finished demo as runs/demo."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._done: dict[str, subprocess.CompletedProcess[str]] = {}

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        if command not in self._done:
            taojin = f'taojin() {{ "{sys.executable}" -m taojin.pipeline.cli "$@"; }}; '
            self._done[command] = subprocess.run(
                ["bash", "-c", f"set -o pipefail; {taojin}{command}"],
                cwd=self._folder,
                env={**os.environ, "COLUMNS": "80", "HF_HUB_OFFLINE": "1"},
                capture_output=True,
                text=True,
                timeout=300,
                check=False,
            )
        return self._done[command]


def consoles(text: str) -> Iterator[tuple[str, list[str]]]:
    """(command, lines shown below it) of every `$ taojin ...` in the `console` blocks."""
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block.replace("\\\n", ""), flags=re.MULTILINE)[1:]:
            command, *shown = part.splitlines()
            if command.startswith("taojin"):
                yield command, shown


def test_the_commands_of_a_block_are_found() -> None:
    block = "```console\n$ taojin a\nsaid\n$ pip install x\n$ taojin b \\\n  --c\n```\n"
    assert list(consoles(block)) == [("taojin a", ["said"]), ("taojin b   --c", [])]


def is_runnable(command: str) -> bool:
    return not command.startswith("taojin train ") or find_spec("torch") is not None


@pytest.mark.parametrize("page", EVERY_PAGE, ids=lambda page: page.name)
def test_every_command_of_a_page_says_what_the_page_shows(page: Path, shell: Shell) -> None:
    """The lines shown stand in the output, in that order; a line of dots leaves lines out."""
    for command, shown in filter(lambda pair: is_runnable(pair[0]), consoles(text_of(page))):
        done = shell.run(command)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        said = iter(line.rstrip() for line in done.stdout.splitlines())
        missing = [line for line in shown if line != "..." and line.rstrip() not in said]
        assert missing == [], command


@pytest.mark.parametrize("name", READMES)
def test_a_readme_shows_commands(name: str) -> None:
    verbs = {command.split()[1] for command, _ in consoles(text_of(ROOT / name))}
    assert verbs >= {"run", "explain", "train"}


def verbs(group: click.Group, name: str = "") -> Iterator[tuple[str, click.Command]]:
    for verb, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from verbs(command, f"{name}{verb} ")
        yield f"{name}{verb}", command


VERBS = dict(verbs(main))


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_and_a_page_with_all_its_options(verb: str) -> None:
    command = VERBS[verb]
    assert command.help
    page = DOCS / f"{verb.split(maxsplit=1)[0]}.md"
    assert page.is_file()
    assert f"taojin {verb}" in page.read_text(encoding="utf-8")
    if isinstance(command, click.Group):
        return
    options = {
        f"--{name}": option.default if type(option.default) in (int, str) else None
        for option in command.params
        if isinstance(option, click.Option)
        for name in [option.opts[-1].removeprefix("--")]
    }
    heading = f"`taojin {verb}`" if " " in verb else "Options"
    rows = documented(page.name, heading) if options else {}
    assert {name.split()[0] for name in rows} == options.keys()
    for name, (default, _) in rows.items():
        expected = options[name.split()[0]]
        assert default == ("" if expected is None else f"`{expected}`"), name


# Tables


def columns_of(dtypes: Mapping[str, pl.DataType], prefix: str = "") -> dict[str, str]:
    """Dotted name to type in the words of the pages; the struct of a filter is one column."""
    found: dict[str, str] = {}
    filters = Registry(("en",)).filters
    for name, dtype in dtypes.items():
        if isinstance(dtype, pl.Struct) and name not in filters:
            fields = {field.name: field.dtype for field in dtype.fields}
            found |= columns_of(fields, f"{prefix}{name}.")  # type: ignore[arg-type]
        else:
            found[prefix + name] = type_name(dtype)
    return found


def type_name(dtype: object) -> str:
    if isinstance(dtype, pl.Array):
        return f"array of {type_name(dtype.inner)}"
    if isinstance(dtype, pl.List):
        return f"list of {type_name(dtype.inner)}"
    if isinstance(dtype, pl.Struct):
        return "struct"
    return str(dtype).lower()


def table_columns(run: Path, name: str) -> dict[str, str]:
    paths = [run / name] if name.endswith(".parquet") else sorted((run / name).glob("*.parquet"))
    schemas = {str(pl.scan_parquet(path).collect_schema()) for path in paths}
    assert len(schemas) == 1, f"the parts of {name} differ"
    return columns_of(pl.scan_parquet(paths[0]).collect_schema())


SCHEMAS: Mapping[str, schema.Schema] = {
    "quarantine/": schema.QUARANTINE,
    "reading/": schema.READING,
    "files/": schema.FILE,
    "ledger.parquet": schema.LEDGER,
    "clusters.parquet": schema.CLUSTER,
    "together.parquet": schema.TOGETHER,
    "index/": schema.INDEX,
    "contamination.parquet": schema.CONTAMINATION,
    "edits.parquet": schema.EDIT,
    "pii_values.parquet": schema.VALUE,
    "qa/": schema.QA,
    "qa_rejected/": schema.QA_REJECTED,
    "qa_usage/": schema.QA_USAGE,
    "dialogues/": schema.DIALOGUE,
    "left_out/": schema.LEFT_OUT,
    "preferences/": schema.PREFERENCE,
}


@pytest.mark.parametrize("name", ["documents/", "dropped/", *SCHEMAS])
def test_the_columns_of_a_table_are_those_of_the_run(name: str, demo_run: Path) -> None:
    page = "`documents/` and `dropped/`" if name in ("documents/", "dropped/") else f"`{name}`"
    shown = {column: row[0] for column, row in documented("record.md", page).items()}
    assert list(shown.items()) == list(table_columns(demo_run, name).items())


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_columns_of_a_table_are_those_of_the_schema(name: str) -> None:
    shown = {column: row[0] for column, row in documented("record.md", f"`{name}`").items()}
    assert shown == columns_of(pl.Schema(SCHEMAS[name]))


def test_a_document_begins_with_the_columns_of_the_schema() -> None:
    shown = {
        column: row[0]
        for column, row in documented("record.md", "`documents/` and `dropped/`").items()
    }
    expected = columns_of(pl.Schema(schema.DOCUMENT))
    assert {name: shown[name] for name in list(shown)[: len(expected)]} == expected


def test_every_table_of_a_run_has_its_section(demo_run: Path) -> None:
    tables = {
        path.relative_to(demo_run).parts[0] + ("" if path.parent == demo_run else "/")
        for path in demo_run.rglob("*.parquet")
        if path.relative_to(demo_run).parts[0] != "work"
    }
    assert tables == {"documents/", "dropped/", *SCHEMAS}


@pytest.mark.parametrize("kind", ["pretrain", "sft"])
def test_the_columns_of_a_dataset_are_those_of_the_run(kind: str, demo_run: Path) -> None:
    shown = {column: row[0] for column, row in documented("datasets.md", f"`{kind}`").items()}
    for split in ("train", "validation"):
        (path,) = (demo_run / "dataset" / kind / split).glob("*.arrow")
        with pa.memory_map(str(path)) as file:
            found = pa.ipc.open_stream(file).schema
        assert shown == {field.name: arrow_type(field.type) for field in found}


def arrow_type(kind: pa.DataType) -> str:
    if pa.types.is_struct(kind):
        return "{" + ", ".join(field.name for field in kind) + "}"
    if pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        return f"list of {arrow_type(kind.value_type)}"
    return str(kind)


# Recipe


def tables_of(model: type[BaseModel], name: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """(heading, model) of every table of a recipe."""
    yield name or "Top level", model
    path = name.strip("`[]")
    for key, field in model.model_fields.items():
        inner = table_of(field.annotation)
        if inner is not None:
            brackets = "[[{}]]" if "tuple" in str(field.annotation) else "[{}]"
            heading = brackets.format(f"{path}.{key}" if path else key)
            yield from tables_of(inner, f"`{heading}`")


def table_of(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(table_of, typing.get_args(annotation))), None)


def words(annotation: object, metadata: list[object]) -> str:
    """A type of the recipe as the page says it."""
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        members = [one for one in inner if one is not types.NoneType]
        return " or ".join(words(one, metadata) for one in members)
    if origin is typing.Annotated:
        return words(inner[0], list(inner[1].metadata))
    if origin is typing.Literal:
        return " or ".join(f"`{json.dumps(one)}`" for one in inner)
    if origin is tuple:
        return "list of tables" if table_of(inner[0]) else f"list of {words(inner[0], [])}s"
    if origin is not None and issubclass(origin, Mapping):
        return f"table of {words(inner[1], [])}"
    if table_of(annotation):
        return "table"
    plain = {str: "string", bool: "true or false", int: "whole number", float: "number"}
    return plain[annotation] + limits(metadata)  # type: ignore[index]


def limits(metadata: list[object]) -> str:
    found = {
        name: getattr(one, name)
        for one in metadata
        for name in ("ge", "gt", "le")
        if getattr(one, name, None) is not None
    }
    if "ge" in found and "le" in found:
        return f" from {found['ge']} to {found['le']}"
    said = {"ge": ", {} or more", "gt": " above {}", "le": ", at most {}"}
    return "".join(said[name].format(value) for name, value in found.items())


def default(field: FieldInfo) -> str:
    value = field.default
    if field.is_required():
        return "required"
    if value is None:
        return "none"
    if isinstance(value, BaseModel):
        return "below"
    return f"`{json.dumps(value, ensure_ascii=False)}`"


TABLES = dict(tables_of(Recipe))


def test_every_table_of_the_recipe_has_its_section() -> None:
    shown = {title for title, _ in sections(DOCS / "recipe.md") if "[" in title}
    assert shown == {*TABLES} - {"Top level"} | {"`[filters]`"}


@pytest.mark.parametrize("heading", TABLES)
def test_the_keys_of_a_table_are_those_of_the_recipe(heading: str) -> None:
    shown = documented("recipe.md", heading, 4)
    expected = {
        key: (words(field.annotation, field.metadata), default(field))
        for key, field in TABLES[heading].model_fields.items()
        if key not in ("folder", "filters")
    }
    found = {key: (kind, value) for key, (kind, value, _) in shown.items() if key != "filters"}
    assert found == expected


def test_the_examples_of_a_recipe_are_recipes() -> None:
    examples = re.findall(r"^```toml\n(.*?)^```", text_of(DOCS / "recipe.md"), re.M | re.S)
    assert examples
    for example in examples:
        recipes.parse(recipes.tomllib.loads(example), DOCS).rules  # noqa: B018


# Filters


def test_the_filters_are_told_as_the_registry_has_them() -> None:
    """The part between the marks is `taojin filters --markdown`, to the letter."""
    page = text_of(DOCS / "filters.md")
    marks = "<!-- filters -->\n(.*)\n<!-- end of filters -->\n"
    (told,) = re.findall(marks, page, flags=re.DOTALL)
    assert told == catalogue.as_markdown(recipes.defaults())


def test_the_rules_beside_the_filters_are_those_that_are_applied() -> None:
    demo = recipes.load(None)
    pii = {"actions": {"ip": "drop"}, "most_density": 20}
    recipe = recipes.parse({**demo.resolved(), "pii": pii}, demo.folder)
    applied = {f"{rule.filter}.{rule.metric}" for rule in [*recipe.rules, *settle.rules(0.8)]}
    filters = recipe.registry().filters
    beside = {name for name in applied if name.split(".")[0] not in filters}
    shown = documented("filters.md", "Rules beside the filters", 4)
    assert set(shown) == beside
    sources = {".".join(rule): source for rule, source in notes.BESIDE_SOURCES.items()}
    assert {name: row[1] for name, row in shown.items()} == sources


def test_the_keys_of_a_training_recipe_are_told() -> None:
    shown = documented("filters.md", "`taojin filters train`", 4)
    expected = {
        key: (words(field.annotation, field.metadata), default(field))
        for key, field in TrainingRecipe.model_fields.items()
        if key not in ("name", "folder", "kind", "examples", "positive", "negative")
    }
    assert {key: row[:2] for key, row in shown.items()} == expected


# Resume


CHANGES: Mapping[str, Mapping[str, object]] = {
    "languages": {"languages": ["en", "zh-Hans"]},
    "sources.columns": {"sources": {"columns": {"text": "body"}}},
    "sources.extractor": {"sources": {"extractor": "resiliparse"}},
    "sources.kind": {"sources": {"kind": "book"}},
    "sources.licence": {"sources": {"licence": "CC0"}},
    "sources.name": {"sources": {"name": "other"}},
    "sources.ocr": {"sources": {"ocr": [sys.executable, "ocr.py", "{page}"]}},
    "sources.priority": {"sources": {"priority": 3}},
    "sources.trusted": {"sources": {"trusted": True}},
    "sources.weight": {"sources": {"weight": 2.0}},
    "url": {"url": {"domains": ["blog.example"]}},
    "pii": {"pii": {"action": "count"}},
    "pii.most_density": {"pii": {"most_density": 900.0}},
    "clean": {"clean": {"enabled": False}},
    "filters": {"filters": {"c4": {"sentence_count": {"min": 4}}}},
    "classifier": {"classifier": {"documents": 10}},
    "dedup": {"dedup": {"near": {"threshold": 0.9}}},
    "decontaminate": {"decontaminate": {"most_overlap": 0.5}},
    "qa": {"qa": {"generator": "off"}},
    "dialogues": {"dialogues": {"carried": 2}},
    "dialogues.thread_share": {"dialogues": {"thread_share": 0.2}},
    "tokenizer.vocabulary": {"tokenizer": {"vocabulary": 2000}},
    "tokenizer.sample_mb": {"tokenizer": {"sample_mb": 100}},
    "tokenizer.temperature": {"tokenizer": {"temperature": 2.0}},
    "tokenizer.model": {"tokenizer": {"model": "unigram"}},
    "shards.sequence_length": {"shards": {"sequence_length": 128}},
    "shards.validation": {"shards": {"validation": 0.1}},
    "shards.seed": {"shards": {"seed": 2}},
    "guard": {"guard": {"most_removed": 0.95}},
}


def first_step_redone(run: Path, change: Mapping[str, object]) -> str:
    """The step that `plan` says would run first under the demo's recipe with one change."""
    table = recipes.tomllib.loads(recipes.demo().read_text(encoding="utf-8"))
    for name, value in change.items():
        if name == "sources":
            table["sources"][0].update(value)
        else:
            table[name] = {**table.get(name, {}), **value} if isinstance(value, dict) else value
    told = plan(recipes.parse(table, recipes.demo().parent), run, None, 32 << 20)
    return next((line.split()[0] for line in told.splitlines() if "to run" in line), "nothing")


def test_what_a_change_redoes_is_what_the_plan_says(demo_run: Path) -> None:
    shown = {
        key: row[0].strip("`")
        for key, row in documented("resume.md", "What a change redoes").items()
    }
    assert shown == {key: first_step_redone(demo_run, change) for key, change in CHANGES.items()}
    assert first_step_redone(demo_run, {}) == "nothing"


def test_every_step_is_listed_in_order() -> None:
    assert list(documented("run.md", "Steps", 2)) == list(USES)


# Links


@pytest.mark.parametrize("page", EVERY_PAGE, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(
        r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", text_of(page), flags=re.S)
    ):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), f"{page.name}: {target}"
        if anchor:
            assert anchor in {slug(title) for title, _ in sections(linked)}, (
                f"{page.name}: {target}"
            )


def slug(title: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def test_the_index_links_every_page() -> None:
    linked = set(re.findall(r"\]\(([\w-]+\.md)", text_of(DOCS / "index.md")))
    assert {page.name for page in PAGES} - {"index.md"} == linked


def test_the_twenty_pairs_of_the_page_are_those_of_the_demo(demo_run: Path) -> None:
    page = (ROOT / "docs" / "qa.md").read_text(encoding="utf-8")
    table = page.partition("## Twenty pairs of the demo")[2]
    shown = [line for line in table.splitlines() if line.startswith("| `")]
    qa = pl.read_parquet(demo_run / "qa" / "*.parquet").sort("qa_id").head(20)
    pairs = [
        f"| `{layer}` | {_in_a_cell(question)} | {_in_a_cell(answer)} |"
        for layer, question, answer in qa.select("layer", "question", "answer").iter_rows()
    ]
    assert shown == pairs


def _in_a_cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", "<br>")


def test_the_page_counts_the_pairs_of_the_demo_by_layer(demo_run: Path) -> None:
    page = (ROOT / "docs" / "qa.md").read_text(encoding="utf-8")
    found = dict(pl.read_parquet(demo_run / "qa" / "*.parquet")["layer"].value_counts().iter_rows())
    for layer in ("mined", "definitions", "structure", "facts", "reading"):
        assert re.search(rf"^\| `{layer}` \|.*\| {found.get(layer, 0)} \|$", page, re.MULTILINE)
