import gzip

import pytest

from taojin.core.errors import UserError
from taojin.filters import wordlist
from taojin.filters.matcher import folded


@pytest.mark.parametrize("packed", [False, True])
def test_lines_have_an_entry_and_perhaps_a_group(tmp_path, packed: bool):
    data = "\ufeff# note\n online casino\t gambling \r\n百家乐\tgambling\n\n C# \nC#\n".encode()
    path = tmp_path / ("my list.txt.gz" if packed else "my list.txt")
    path.write_bytes(gzip.compress(data) if packed else data)
    assert wordlist.read(path, "key") == {
        "gambling": ("online casino", "百家乐"),
        "my list": ("C#",),
    }


def test_a_toml_list_has_groups_of_lists_or_of_languages(tmp_path):
    path = tmp_path / "list.toml"
    path.write_text(
        'origin = "me"\nplain = ["a", "b", "a", " "]\n[other]\nzh = ["甲"]\nen = ["c"]\n', "utf-8"
    )
    assert wordlist.read(path, "key") == {"plain": ("a", "b"), "other": ("甲", "c")}


def test_lists_are_merged_group_by_group():
    lists = [{"a": ("x", "y")}, {"b": ("z",), "a": ("y", "w")}]
    assert wordlist.merged(lists) == {"a": ("x", "y", "w"), "b": ("z",)}


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        (
            "list.txt",
            None,
            r"^key: '.*list.txt' cannot be read: No such file or directory; check the path$",
        ),
        (
            "list.txt",
            b"",
            "^key: '.*' holds no entry; write one entry a line, or leave the list out$",
        ),
        ("list.txt", b"# all\n\n", "holds no entry"),
        ("list.txt", b"ok\n\xff\n", "is not UTF-8 at byte 3"),
        ("list.txt.gz", b"\x1f\x8b\x08broken", "cannot be read"),
        ("list.toml", b"a = [", "^key: '.*' is not valid TOML"),
        ("list.toml", b"\xff", "is not valid TOML"),
        ("list.toml", b"a = []", "holds no entry"),
        ("list.toml", b"a = 'x'", "'a' needs a list of texts, or one for each language"),
        ("list.toml", b"a = [1]", "'a' needs a list of texts"),
        ("list.toml", b"[a]\nen = 'x'", "'a' needs a list of texts"),
        ("list.toml", b"origin = 1\na = ['x']", "'origin' is a text"),
    ],
)
def test_a_list_that_is_not_right(tmp_path, name, data, sentence):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(UserError, match=sentence):
        wordlist.read(tmp_path / name, "key")


def test_a_folder_is_no_list(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        wordlist.read(tmp_path, "key")


def test_the_digest_is_of_the_bytes_and_their_order(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    first.write_text("x")
    second.write_text("y")
    digests = [
        wordlist.digest(paths)
        for paths in ([first], [second], [first, second], [second, first], [])
    ]
    assert len(set(digests)) == len(digests)
    second.write_text("x")
    assert wordlist.digest([first]) == wordlist.digest([second])


@pytest.mark.parametrize("name", ["url_words", "search_terms"])
def test_what_ships_says_where_it_comes_from_and_repeats_nothing(name: str):
    import tomllib
    from importlib.resources import files

    text = (files("taojin.filters") / "lists" / f"{name}.toml").read_text(encoding="utf-8")
    assert "general knowledge" in tomllib.loads(text)["origin"]
    for group, languages in tomllib.loads(text).items():
        if group != "origin":
            entries = folded([entry for some in languages.values() for entry in some])
            assert len(set(entries)) == len(entries), [e for e in entries if entries.count(e) > 1]
            assert all(entries)
