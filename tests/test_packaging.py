"""What is installed: every package and every file that the code needs, and imports that do nothing."""

import ast
import glob
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES = SETTINGS["tool"]["setuptools"]["packages"]
DATA = SETTINGS["tool"]["setuptools"]["package-data"]
NOT_INSTALLED = ("tests", "benchmarks", "build", "dist")
HEAVY = ("polars", "numba", "dask", "distributed", "torch", "pydantic")
WITH_TORCH = ("taojin.training.data", "taojin.training.loop", "taojin.training.device_check")


def folder(package: str) -> Path:
    return ROOT.joinpath(*package.split(".")[1:])


def modules() -> Iterator[Path]:
    """Every Python file that is not a test or a benchmark."""
    for parent, folders, files in os.walk(ROOT):
        at_root = Path(parent) == ROOT
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and not (at_root and name in NOT_INSTALLED)
        )
        yield from (Path(parent) / name for name in sorted(files) if name.endswith(".py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(("taojin", *(part for part in parts if part != "__init__")))


def test_the_packages_are_the_folders_that_hold_modules() -> None:
    found = {module_name(path.parent / "__init__.py") for path in modules()}
    assert sorted(PACKAGES) == PACKAGES
    assert set(PACKAGES) == found


def test_every_package_has_an_init() -> None:
    assert [name for name in PACKAGES if not (folder(name) / "__init__.py").is_file()] == []


def test_every_file_beside_the_modules_is_installed() -> None:
    covered = {
        Path(name)
        for package, patterns in DATA.items()
        for pattern in patterns
        for name in glob.glob(str(folder(package) / pattern), recursive=True)
    }
    needed = {
        path
        for package in PACKAGES
        if package != "taojin"
        for path in folder(package).rglob("*")
        if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts
    }
    assert sorted(str(path.relative_to(ROOT)) for path in needed - covered) == []
    names = {str(path.relative_to(ROOT)) for path in needed}
    assert {
        "filters/thresholds.toml",
        "pipeline/report/page.html",
        "data_samples/recipe.toml",
    } <= names
    assert ROOT / "py.typed" in covered


def test_the_version_is_the_one_that_the_package_says() -> None:
    import taojin

    assert SETTINGS["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "taojin.__version__"}
    assert taojin.__version__


def python(code: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["run", "--help"], ["train", "sft", "--help"]],
    ids=" ".join,
)
def test_help_imports_nothing_heavy(arguments: list[str], tmp_path: Path) -> None:
    code = (
        "import json, sys\n"
        "from taojin.pipeline.cli import main\n"
        f"try: main({arguments})\n"
        "except SystemExit as end: code = end.code\n"
        f"print(json.dumps([code, [name for name in {HEAVY} if name in sys.modules]]))\n"
    )
    said = python(code, tmp_path)
    assert json.loads(said.stdout.splitlines()[-1]) == [0, []], said.stderr


def test_one_file_imports_dask() -> None:
    importing = {
        str(path.relative_to(ROOT))
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if {name.partition(".")[0] for name in imported(node)} & {"dask", "distributed"}
    }
    assert importing == {"pipeline/graph.py"}


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def test_importing_every_module_says_and_writes_nothing(tmp_path: Path) -> None:
    names = [module_name(path) for path in modules()]
    if find_spec("torch") is None:
        names = [name for name in names if name not in WITH_TORCH]
    assert len(names) > 100
    code = (
        "import importlib, sys, threading\n"
        f"for name in {names}: importlib.import_module(name)\n"
        "sys.exit(threading.active_count() - 1)\n"
    )
    said = python(code, tmp_path)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
