import gzip
import tarfile
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.core.errors import UserError
from taojin.filters import blocklist, url_parts
from taojin.filters.blocklist import BlockList, block_list
from taojin.tests.core.texts import QUICK, texts

_HOSTS = st.lists(st.sampled_from(["a", "b", "c", "www"]), min_size=1, max_size=4).map(".".join)
_PATHS = st.text(st.sampled_from("/?#&;ab"), max_size=6)


def made(*entries: str) -> BlockList:
    return block_list([pl.Series(entries, dtype=pl.String)])


def host_counts(blocked: BlockList, *urls: str) -> list[int]:
    return blocked.host_count(url_parts.hosts(pl.Series(urls, dtype=pl.String))).tolist()


def url_counts(blocked: BlockList, *urls: str) -> list[int]:
    series = pl.Series(urls, dtype=pl.String)
    return blocked.url_count(url_parts.hosts(series), url_parts.paths(series)).tolist()


def listed(path, where: int = 0) -> list[str]:
    return [entry for some in blocklist.read(path) for entry in some[where].to_list()]


@QUICK
@given(st.sets(_HOSTS, max_size=5), st.lists(_HOSTS, max_size=5))
def test_a_host_falls_under_itself_and_all_above_it(entries, names):
    def under(name: str, entry: str) -> bool:
        same = entry in (name, f"www.{name}")
        return same or name.endswith(f".{entry}")

    expected = [sum(under(name, entry) for entry in entries) for name in names]
    assert host_counts(made(*entries), *(f"http://{name}/" for name in names)) == expected


def test_a_site_whose_name_is_www_falls_under_itself():
    assert host_counts(made("www.www.a.example"), "http://www.a.example/") == [1]
    assert host_counts(made("www.a.example"), "http://www.a.example/", "http://a.example") == [1, 1]


@QUICK
@given(
    st.lists(st.tuples(_HOSTS, _PATHS), max_size=4), st.lists(st.tuples(_HOSTS, _PATHS), max_size=4)
)
def test_a_url_stands_for_all_that_continues_it(entries, urls):
    def parts(pair: tuple[str, str]) -> tuple[str, str]:
        host, path = pair
        return host.removeprefix("www."), "".join(
            now for before, now in pairwise(f" {path}") if (before, now) != ("/", "/")
        )

    blocked = {
        (host, path.rstrip("/")) for host, path in map(parts, ((h, f"/{p}") for h, p in entries))
    }
    expected = [
        sum(
            host == of
            and (path == begin or (path.startswith(begin) and path[len(begin)] in "/?#&;"))
            for of, begin in blocked
        )
        for host, path in map(parts, ((h, f"/{p}") for h, p in urls))
    ]
    found = made(*(f"http://{host}/{path}" for host, path in entries))
    assert url_counts(found, *(f"https://{host}/{path}" for host, path in urls)) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("bad.example", ["bad.example"]),
        ("  bad.example \r", ["bad.example"]),
        ("bad.example # why", ["bad.example"]),
        ("bad.example/path", ["bad.example/path"]),
        ("http://bad.example/x", ["http://bad.example/x"]),
        ("0.0.0.0 bad.example worse.example # why", ["bad.example", "worse.example"]),
        ("127.0.0.1\tbad.example", ["bad.example"]),
        (":: bad.example", ["bad.example"]),
        ("127.0.0.1 localhost", []),
        ("1.2.3.4", ["1.2.3.4"]),
        ("2001:db8::1", ["[2001:db8::1]"]),
        ("||bad.example^", ["bad.example"]),
        ("||bad.example/path^$document,popup", ["bad.example/path"]),
        ("||bad.example^$all", ["bad.example"]),
        ("||bad.example^$third-party", []),
        ("||bad.example^$all,domain=a.example", []),
        ("*.bad.example", ["bad.example"]),
        (".bad.example", ["bad.example"]),
        ("bad.*.example", []),
        ("bad.example##.banner", []),
        ("bad.example#@#.banner", []),
        ("|http://bad.example/|", []),
        ("/banner/*", []),
        ("/^bad\\.example$/", []),
        ("# comment", []),
        ("! comment", []),
        ("[Adblock Plus 2.0]", []),
        ("", []),
    ],
)
def test_lines_of_every_format(tmp_path, line: str, expected: list[str]):
    file = tmp_path / "list"
    file.write_text(f"first.example\n{line}\nlast.example\n", encoding="utf-8-sig")
    assert sorted(listed(file)) == sorted(["first.example", *expected, "last.example"])


def test_an_ad_blockers_exceptions_are_allowed(tmp_path):
    file = tmp_path / "list"
    file.write_text("||bad.example^\n@@||good.bad.example^\n")
    assert listed(file) == ["bad.example"]
    assert listed(file, 1) == ["good.bad.example"]


@pytest.mark.parametrize("packed", ["", ".gz", "archive"])
def test_a_category_of_the_toulouse_lists(tmp_path, packed: str):
    folder = tmp_path / "adult"
    folder.mkdir()
    for name, line in (
        ("domains", "bad.example"),
        ("urls", "a.example/~bad"),
        ("expressions", "(x|y)"),
    ):
        data = f"{line}\n".encode()
        (folder / f"{name}{packed if packed == '.gz' else ''}").write_bytes(
            gzip.compress(data) if packed == ".gz" else data
        )
    if packed == "archive":
        with tarfile.open(tmp_path / "adult.tar.gz", "w:gz") as archive:
            archive.add(folder, "adult")
        folder = tmp_path / "adult.tar.gz"
    assert listed(folder) == ["bad.example", "a.example/~bad"]


def test_blocks_of_a_long_file_meet_at_line_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(blocklist, "_BLOCK_BYTES", 7)
    names = [f"{'x' * (number % 11)}{number}.example" for number in range(100)]
    file = tmp_path / "list"
    file.write_text("\n".join(names))
    assert listed(file) == names


@QUICK
@given(st.lists(texts, max_size=6))
def test_any_lines_are_read(lines):
    blocked, allowed = blocklist._entries(pl.Series(lines, dtype=pl.String))
    found = block_list([blocked, allowed])
    for hashes in (found.hosts, found.urls, found.url_hosts):
        assert (np.diff(hashes.astype(object)) > 0).all()


def test_a_list_with_the_same_entry_in_many_spellings_holds_it_once():
    found = made(
        "BAD.example", "bad.example.", "http://bad.example", "user@bad.example:80", "bad。example"
    )
    assert found.hosts.size == 1
    assert host_counts(found, "http://sub.bad.example/", "http://bad.example.org/") == [1, 0]


def test_an_entry_with_www_is_for_the_site_and_not_for_what_lies_beside_it():
    found = made("www.a.example")
    urls = (
        "http://a.example",
        "http://www.a.example",
        "http://x.www.a.example",
        "http://x.a.example",
    )
    assert host_counts(found, *urls) == [1, 1, 1, 0]


def test_absurd_hosts_and_urls_cost_nothing():
    found = made("a", "a.example/b")
    assert host_counts(found, "http://" + "a." * 100_000) == [0]
    assert url_counts(found, "http://a.example/" + "/b&" * 100_000) == [1]


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("missing", None, "url.lists: no file or folder"),
        ("empty", b"", "holds no entry"),
        ("comments", b"# a\n! b\n\n", "holds no entry"),
        ("broken.tar.gz", b"no archive", "cannot be read"),
        ("broken", b"\x1f\x8b\x08broken", "cannot be read"),
    ],
)
def test_a_list_that_is_not_right(tmp_path, name, data, sentence):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(UserError, match=sentence):
        list(blocklist.read(tmp_path / name))


def test_the_folder_above_a_category_is_told(tmp_path):
    (tmp_path / "adult").mkdir()
    with pytest.raises(UserError, match="name one category"):
        blocklist.files(tmp_path)
