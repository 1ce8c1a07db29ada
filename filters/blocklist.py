"""Block lists as they are published: millions of hosts and URLs, at eight bytes each.

Read as they are: a folder of the Toulouse lists (UT1: files `domains` and `urls`), one host or URL
a line, hosts files (`0.0.0.0 bad.example`), the host rules of ad blockers (`||bad.example^`, and
`@@||good.example^` for what is allowed), each also gzipped or, for UT1, as its tar archive.
Comments begin with # or !. A line with a path is a URL, any other a host. Rules with wildcards
inside, regular expressions (UT1's `expressions`), and rules for parts of pages are left out.

Only 64-bit hashes are kept: with 2 million entries one host in 10^12 is blocked by mistake.
"""

import gzip
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import polars as pl
from numpy.typing import NDArray

from taojin.core.errors import UserError
from taojin.filters import url_parts

Hashes = NDArray[np.uint64]
Stream = IO[bytes] | gzip.GzipFile

UT1_FILES = ("domains", "urls")
"""The files of one category of the Toulouse lists that are read."""

_BLOCK_BYTES = 1 << 24
_MOST_HOST = 253
"""Characters of a host name (RFC 1035)."""
_MOST_DEPTH = 64
"""Parts of the path of an entry; one with more is left out."""
_IPV6 = r"^[0-9a-fA-F]*:[0-9a-fA-F.:]*:[0-9a-fA-F.:]*$"
_PART = r"(?:[/?#&;][^/?#&;]*)"


@dataclass(frozen=True)
class BlockList:
    """Hashes, sorted: of hosts, which stand for their subdomains too, of the hosts of URLs, and of
    URLs, which stand for all that continues them at one of `/?#&;`.
    """

    hosts: Hashes
    url_hosts: Hashes
    urls: Hashes
    depths: tuple[int, ...]

    def host_count(self, hosts: pl.Series) -> NDArray[np.int64]:
        """int64[n]: entries that each host falls under.

        An entry `www.X` stands for X itself too, yet not for other subdomains of X.
        """
        hits = np.zeros(len(hosts), np.int64)
        if not self.hosts.size:
            return hits
        rows = np.flatnonzero((hosts != "") & (hosts.str.len_chars() <= _MOST_HOST))
        rest = "www." + hosts.gather(rows)
        while rows.size:
            hits[rows] += _among(rest, self.hosts)
            rest = rest.str.replace(r"^[^.]*\.?", "")
            left = rest != ""
            rows, rest = rows[left.to_numpy()], rest.filter(left)
        return hits

    def url_count(self, hosts: pl.Series, paths: pl.Series) -> NDArray[np.int64]:
        """int64[n]: entries that are each URL or what it begins with."""
        hits = np.zeros(len(hosts), np.int64)
        if not self.urls.size:
            return hits
        bare = hosts.str.replace(r"^www\.", "")
        rows = np.flatnonzero(_among(bare, self.url_hosts))
        bare, paths = bare.gather(rows), paths.gather(rows)
        for depth in self.depths:
            part = paths.str.extract(rf"^({_PART}{{{depth}}})")
            hits[rows] += _among(_key(bare, part), self.urls)
        return hits


def block_list(entries: Iterable[pl.Series]) -> BlockList:
    """The list of these entries, each a host or a URL, as `url_parts` can read them."""
    found: dict[str, list[Hashes]] = {"hosts": [], "url_hosts": [], "urls": []}
    depths: set[int] = set()
    for some in entries:
        is_url = some.str.contains(r"[^:/][/\\?#]")
        found["hosts"].append(_hashes(url_parts.hosts(some.filter(~is_url))))
        urls = some.filter(is_url)
        hosts = url_parts.hosts(urls).str.replace(r"^www\.", "")
        paths = url_parts.paths(urls).str.strip_chars_end("/")
        depth = paths.str.count_matches("[/?#&;]")
        shallow = depth <= _MOST_DEPTH
        depths.update(depth.filter(shallow))
        found["url_hosts"].append(_hashes(hosts))
        found["urls"].append(_hashes(_key(hosts, paths).filter(shallow)))
    merged = {name: _sorted(hashes) for name, hashes in found.items()}
    return BlockList(**merged, depths=tuple(sorted(depths)))


def files(path: Path) -> list[Path]:
    """The files that a list is read from: itself, or the files of UT1 in a folder."""
    if path.is_file():
        return [path]
    if not path.is_dir():
        raise UserError(f"url.lists: no file or folder '{path}'; check the path")
    found = [path / f"{name}{end}" for name in UT1_FILES for end in ("", ".gz")]
    found = [file for file in found if file.is_file()]
    if not found:
        raise UserError(
            f"url.lists: '{path}' holds no file 'domains' or 'urls'; name one category of the "
            f"Toulouse lists, such as {path / 'adult'}, or a file"
        )
    return found


def read(path: Path) -> Iterator[tuple[pl.Series, pl.Series]]:
    """(blocked, allowed) entries of a list, a block of its lines at a time; UserError if it holds
    none at all.
    """
    empty = True
    try:
        for file in files(path):
            for stream in _streams(file):
                for lines in _blocks(stream):
                    blocked, allowed = _entries(lines)
                    empty = empty and not len(blocked) and not len(allowed)
                    yield blocked, allowed
    except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
        raise UserError(f"url.lists: '{path}' cannot be read: {error}") from None
    if empty:
        raise UserError(
            f"url.lists: '{path}' holds no entry; write one host or URL a line, or leave it out"
        )


def _streams(path: Path) -> Iterator[Stream]:
    """The file, decompressed; of a tar archive the members that UT1 names."""
    if path.name.endswith((".tar.gz", ".tgz", ".tar")):
        with tarfile.open(path) as archive:
            for member in archive:
                data = archive.extractfile(member) if member.isfile() else None
                if data is not None and Path(member.name).name in UT1_FILES:
                    yield data
    else:
        with _opened(path) as file:
            yield file


@contextmanager
def _opened(path: Path) -> Iterator[Stream]:
    with path.open("rb") as file:
        if file.peek(2)[:2] == b"\x1f\x8b":
            with gzip.open(file) as plain:
                yield plain
        else:
            yield file


def _blocks(file: Stream) -> Iterator[pl.Series]:
    """The lines of a file, some megabytes at a time; bytes that are no UTF-8 are replaced."""
    while data := file.read(_BLOCK_BYTES) + file.readline():
        yield pl.Series(data.decode("utf-8-sig", "replace").replace("\r", "\n").split("\n"))


def _entries(lines: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The (blocked, allowed) entries of lines in any of the formats."""
    special = lines.str.contains(r"[\s#!|*@\[$^]|^[./]|:.*:|^$")
    plain, rest = lines.filter(~special), lines.filter(special)
    rest = rest.str.strip_chars().str.replace(r"\s#.*$|^[#!].*$|^\[Adblock.*$", "")
    rest = rest.filter(~rest.str.contains(r"#[@?$]?#"))
    rest = pl.concat([_words(rest), _rules(rest)])
    allowed = rest.str.starts_with("@@")
    return pl.concat([plain, rest.filter(~allowed)]), rest.filter(allowed).str.slice(2)


def _words(lines: pl.Series) -> pl.Series:
    """Entries of lines that are no ad blocker's rules: the first word, or after an address all."""
    words = lines.filter(~lines.str.contains(r"^(?:@@)?\|")).str.extract_all(r"\S+")
    address = words.list.first().fill_null("").str.contains(rf"^[\d.]+$|{_IPV6}")
    named = address & (words.list.len() > 1)
    hosts = words.filter(named).list.slice(1).explode(empty_as_null=False)
    others = words.filter(~named).list.head(1).explode(empty_as_null=False)
    others = others.filter(~others.str.contains(r"^/|[^*][*|]|^\*[^.]"))
    others = others.str.replace(r"^\*?\.", "").str.replace(_IPV6, "[$0]")
    return pl.concat([hosts.filter(hosts.str.contains(".", literal=True)), others])


def _rules(lines: pl.Series) -> pl.Series:
    """Hosts and URLs of an ad blocker's rules that are for whole pages; @@ stays before them."""
    rule = r"^(@@)?\|\|([^$^*|,]+)\^?(?:\$(?:(?:all|document|doc|important|popup)(?:,|$))+)?$"
    found = lines.filter(lines.str.contains(rule))
    return found.str.replace(rule, "$1$2").str.replace(r"^(@@)?\.", "$1")


def _key(hosts: pl.Series, paths: pl.Series) -> pl.Series:
    return hosts + paths.fill_null("\0")  # a URL with fewer parts than the entry is no entry


def _hashes(texts: pl.Series) -> Hashes:
    return texts.filter(texts != "").hash().to_numpy()


def _sorted(hashes: Sequence[Hashes]) -> Hashes:
    """All of them once, in order; numpy.unique takes ten times as long."""
    ordered = np.sort(np.concatenate([*hashes, np.zeros(0, np.uint64)]))
    return ordered[np.append(True, ordered[1:] != ordered[:-1])[: ordered.size]]


def _among(texts: pl.Series, table: Hashes) -> NDArray[np.bool_]:
    """bool[n]: whether the hash of each text is in a table that is not empty.

    Looked up in order, so that the table is read from front to back: twice as fast.
    """
    hashes = texts.hash().to_numpy()
    order = np.argsort(hashes)
    found = np.empty(hashes.size, np.bool_)
    places = np.searchsorted(table, hashes[order]).clip(max=table.size - 1)
    found[order] = table[places] == hashes[order]
    return found
