"""A recipe is checked before any work, and each mistake is one sentence that says what to try."""

from pathlib import Path

import pytest

from taojin.core.errors import UserError
from taojin.filters.rules import Bounds
from taojin.pipeline import recipe as recipes

GOOD = """
name = "x"
[[sources]]
name = "a"
path = "a.jsonl"
"""


def load(tmp_path: Path, text: str) -> recipes.Recipe:
    path = tmp_path / "recipe.toml"
    path.write_text(text, encoding="utf-8")
    return recipes.load(path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (GOOD + "weigth = 3\n", r"no key 'sources\.0\.weigth'; known: .*weight"),
        ('name = "x"\nsouces = []\n', r"no key 'souces'; known: .*sources"),
        (GOOD + "[dedup]\nneer = 1\n", r"no key 'dedup\.neer'; known: against, exact, keep, near"),
        (GOOD + "[dedup.near]\nthresh = 1\n", r"no key .*thresh'; known: threshold, verify"),
        (GOOD.replace("[[", 'languages = ["zh"]\n[['), r"no language 'zh'; known: .*zh-Hans"),
        (GOOD + "[filters.gopher]\n", r"no filter 'gopher'; known: .*gopher_quality"),
        (
            GOOD + "[filters.c4]\nbrace = {}\n",
            r"filters\.c4: no metric 'brace'; known: bad_word_count, brace_count",
        ),
        (GOOD + "[filters.c4]\nbrace_count = { most = 1 }\n", r"no side 'most'; known: max, min"),
        (GOOD + "[filters.c4]\nbrace_count = 3\n", r"filters\.c4\.brace_count: write"),
        (GOOD + "[filters.c4.lang.xx]\n", r"filters\.c4\.lang: no language 'xx'"),
        (GOOD + "[filters]\nuse = ['nope']\n", r"filters\.use: no filter 'nope'"),
        (GOOD + "[shards]\nsequence_length = 0\n", r"shards\.sequence_length: .*greater"),
        (GOOD + "[dedup]\nkeep = ['newest']\n", r"dedup\.keep.*no rule 'newest'; known: priority"),
        (GOOD + GOOD.split("\n", 2)[2], r"two sources are named 'a'"),
        (
            GOOD + "columns = { body = 'x' }\n",
            r"no column 'body'; known: answer, author, context, conversation, date",
        ),
        (GOOD + "[guard.expected]\nb = 0.5\n", r"guard\.expected: no source 'b'; known: a"),
        (GOOD.replace('"x"', '".."'), r"name: letters, digits, dots"),
        (GOOD + "[filters.c4]\nbrace_count = { min = 2, max = 1 }\n", r"min 2 is above max 1"),
        ("name = 'x'", r"sources: this key is needed"),
        ("folder = '/'\n" + GOOD, r"no key 'folder'"),
        ("name = ", r"not valid TOML"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(UserError, match=sentence) as caught:
        load(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_a_missing_recipe_is_said(tmp_path: Path) -> None:
    with pytest.raises(
        UserError, match=r"no such recipe \(No such file or directory\); leave it out"
    ):
        recipes.load(tmp_path / "nope.toml")


def test_defaults_suit_a_recipe_that_only_names_its_source(tmp_path: Path) -> None:
    recipe = load(tmp_path, GOOD)
    assert recipe.languages == ("zh-Hans", "zh-Hant", "en")
    assert recipe.folder == tmp_path
    assert set(recipe.used) == set(recipe.registry().filters)
    assert (recipe.sources[0].is_trusted, recipe.sources[0].rank) == (False, 1)


def test_a_resolved_recipe_says_the_same_again(tmp_path: Path) -> None:
    recipe = load(tmp_path, GOOD + "[filters.c4.lang.en]\nbrace_count = { max = 3 }\n")
    again = recipes.parse(recipe.resolved(), tmp_path)
    assert again == recipe
    assert again.rules == recipe.rules


def test_an_override_changes_one_side_in_one_language(tmp_path: Path) -> None:
    text = GOOD + "[filters.gopher_quality.lang.en]\nword_count = { min = 80 }\n"
    bounds = {
        (rule.filter, rule.metric, rule.lang): rule.bounds for rule in load(tmp_path, text).rules
    }
    assert bounds["gopher_quality", "word_count", "en"] == Bounds(80, 100_000)
    assert bounds["gopher_quality", "word_count", None].min < 80
    assert bounds["decontamination", "overlap", None] == Bounds(max=0.4)
