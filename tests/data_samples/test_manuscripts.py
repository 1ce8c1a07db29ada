"""The manuscripts keep what they promise: good ones differ, planted faults are as stated."""

import re
import tomllib
import unicodedata
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
from stdnum import luhn
from stdnum.cn import ric

from taojin import data_samples
from taojin.core.errors import UserError
from taojin.data_samples.feed_files import text
from taojin.data_samples.manuscripts import (
    Manuscript,
    blocks,
    jaccard,
    parse,
    plain,
    read_manuscripts,
    table,
)

SAMPLES = Path(data_samples.__file__).parent
ALL = read_manuscripts(SAMPLES / "manuscript")
RECORDS = [one for one in ALL.values() if one.file]
GOOD = [one for one in RECORDS if one.fate == "kept" and not one.copy_of]
QUESTIONS = [one for one in ALL.values() if one.question]
LENGTHS = {"en": (120, 500), "zh-Hans": (300, 900), "zh-Hant": (300, 900)}


def length(one: Manuscript) -> int:
    """Words of an English text, characters of a Chinese one."""
    body = plain(one, title=True)
    return len(body.split()) if one.lang == "en" else len(re.sub(r"\s", "", body))


def shingles(words: str, size: int) -> set[tuple[str, ...]]:
    units = re.findall(r"[\u4e00-\u9fff]|[A-Za-z0-9']+", words.lower())
    return {tuple(units[i : i + size]) for i in range(len(units) - size + 1)}


def test_there_are_enough_good_documents_in_both_languages() -> None:
    languages = Counter(one.lang for one in GOOD)
    assert len(GOOD) >= 110
    assert languages["en"] >= 55
    assert languages["zh-Hans"] >= 55
    assert languages["zh-Hant"] >= 3


def test_every_good_document_is_long_enough() -> None:
    for one in GOOD:
        shortest, longest = LENGTHS[one.lang]
        assert shortest <= length(one) <= longest, (one.name, length(one))


def test_no_line_stands_in_two_good_documents() -> None:
    found = Counter(
        line
        for one in GOOD
        for line in set(plain(one, title=True).split("\n"))
        if line and not set(line) <= set("|- ")
    )
    assert [line for line, count in found.items() if count > 1] == []


def test_good_documents_are_far_from_each_other() -> None:
    sets = {one.name: shingles(one.body, 5) for one in GOOD}
    near = [
        (first, second)
        for first, second in combinations(sets, 2)
        if len(sets[first] & sets[second]) > 0.1 * min(len(sets[first]), len(sets[second]))
    ]
    assert near == []


def test_every_copy_is_as_close_as_its_fate_says() -> None:
    copies = [one for one in RECORDS if one.copy_of and one.replacements]
    assert sum(one.fate == "dropped" for one in copies) >= 8
    for one in copies:
        similarity = jaccard(one.body, ALL[one.copy_of].body)
        assert (similarity >= 0.83) if one.fate == "dropped" else (similarity <= 0.6), one.name
        assert ALL[one.copy_of].fate == "kept"


def test_the_stated_similarity_is_the_true_one() -> None:
    for one in RECORDS:
        if one.replacements:
            copied, original = (plain(each, title=True) for each in (one, ALL[one.copy_of]))
            first, second = shingles(copied, 5), shingles(original, 5)
            stated = float(re.search(r"5-grams: ([\d.]+)\.$", one.why)[1])
            assert stated == pytest.approx(len(first & second) / len(first | second), abs=6e-4)


def test_exact_copies_differ_in_case_width_and_white_space_alone() -> None:
    copies = [one for one in RECORDS if one.reason == "dedup.exact.max"]
    assert {one.dress for one in copies} == {"", "shout", "wide"}
    for one in copies:
        theirs, ours = plain(ALL[one.copy_of], title=True), text(one)
        assert (theirs == ours) == (one.dress == "")
        assert key(theirs) == key(ours)


def key(words: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", words).lower().split())


def test_questions_are_long_and_leak_only_where_it_is_said() -> None:
    assert len(QUESTIONS) == 20
    for question in QUESTIONS:
        wanted = shingles(question.question, 13)
        han = len(re.findall(r"[\u4e00-\u9fff]", question.question))
        assert len(question.question.split()) >= 16 or han >= 24, question.name
        leaks = [one for one in RECORDS if wanted & shingles(one.body, 13)]
        assert all(one.reason == "decontamination.overlap.max" for one in leaks)
    leaking = [one for one in RECORDS if one.reason == "decontamination.overlap.max"]
    for one in leaking:
        assert any(question.question in one.body for question in QUESTIONS), one.name
    assert {one.lang for one in leaking} == {"en", "zh-Hans"}


def test_planted_numbers_have_the_check_digits_that_are_claimed() -> None:
    for one in RECORDS:
        body = "".join(part for part in one.body.split("\n"))
        for kept in one.survives:
            assert kept in body, one.name
            number = kept.replace(" ", "")
            assert not (number.isdigit() and (luhn.is_valid(number) or ric.is_valid(number)))
            body = body.replace(kept, "")
        ids = re.findall(r"(?<!\d)\d{17}[\dX](?!\d)", body)
        cards = re.findall(r"(?<!\d)(?:\d{4} ){3}\d{4}(?!\d)|(?<!\d)\d{19}(?!\d)", body)
        assert bool(ids) == ("resident_id" in one.pii), one.name
        assert bool(cards) == ("bank_card" in one.pii), one.name
        assert all(ric.is_valid(number) for number in ids)
        assert all(luhn.is_valid(number.replace(" ", "")) for number in cards)


def test_addresses_are_of_reserved_domains() -> None:
    for one in RECORDS:
        hosts = re.findall(r"[\w.]+@([\w.-]+\w)", one.body)
        assert bool(hosts) == ("email" in one.pii), one.name
        assert set(hosts) <= {"example.com"}


def test_the_recipe_reads_every_file_once() -> None:
    sources = tomllib.loads((SAMPLES / "recipe.toml").read_text("utf-8"))["sources"]
    read = Counter(
        (source["name"], path.relative_to(SAMPLES).as_posix())
        for source in sources
        for pattern in ([source["path"]] if isinstance(source["path"], str) else source["path"])
        for path in SAMPLES.glob(pattern)
        if path.is_file()
    )
    assert read == Counter({(one.source, one.file): 1 for one in RECORDS})


def test_defaults_hold_until_the_end_of_the_file() -> None:
    written = "=== *\nlang: en\nsource: a\n\n=== x\nfile: x.txt\n\n# T\n\nBody\n\n=== y\nlang: de\n"
    first, second = parse(written)
    assert (first.lang, first.source, first.title, first.body) == ("en", "a", "T", "Body")
    assert (second.lang, second.source, second.body) == ("de", "a", "")


def test_a_passage_that_cannot_be_replaced_is_an_error(tmp_path: Path) -> None:
    copy = "=== x\n\n# T\n\nIn the sand.\n\n=== y\ncopy_of: x\nreplace: gold => tin\n"
    (tmp_path / "a.txt").write_text(copy, "utf-8")
    with pytest.raises(UserError, match="y: 'gold' must occur once in x"):
        read_manuscripts(tmp_path)


def test_blocks_are_lists_tables_and_single_lines() -> None:
    body = "One.\nTwo.\n\n- a\n- b\n\n| h | i |\n| --- | --- |\n| 1 | 2 |\n## End"
    found = list(blocks(body))
    assert [len(block) for block in found] == [1, 1, 2, 3, 1]
    assert table(found[3]) == [["h", "i"], ["1", "2"]]
