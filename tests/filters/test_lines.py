import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.core import stage
from taojin.core.errors import UserError
from taojin.filters.lines import LINES as LINES_FILTER
from taojin.filters.lines import SHAPES, CleanLines
from taojin.filters.rules import Measure
from taojin.tests import oracles
from taojin.tests.core.texts import QUICK, columns, cuts, documents

CUT = {
    "Please enable JavaScript to view this page.": "javascript",
    "本站需要启用 JavaScript": "javascript",
    "Read our Privacy Policy": "policy",
    "This site uses cookies.": "policy",
    "1,234 views": "counter",
    "  56 评论 ": "counter",
    "Share this": "navigation",
    "上一篇：淘金者": "navigation",
    "Copyright 2020 Gold Ltd. All rights reserved.": "imprint",
    "版权所有 © 淘金网": "imprint",
    "京ICP备12345678号": "imprint",
    "责任编辑：某某": "imprint",
}
KEPT = [
    "The river carries sand, and in the sand is gold.",
    "河里有沙，沙里有金。",
    "She wrote about JavaScript for years.",
    "The privacy policy of the firm was changed after a long debate in the parliament in May.",
    "There were 56 likes in all",
    "上一篇文章讲了怎样洗沙。",
    "Gold 😀 e\u0301 沙",
    "",
]
LINES = st.lists(st.sampled_from([*CUT, *KEPT]), max_size=8)
ENDS = st.sampled_from(["\n", "\r\n"])


def clean(text: str, most_removed: float = 1.0) -> tuple[str, list[dict[str, object]], dict]:
    """(the text after the edits, the edits, the metrics)."""
    marked = stage.run(CleanLines(most_removed), documents([text]))
    changed, _ = stage.apply_edits(marked, "clean", 1)
    return changed["text"][0], marked["edits"][0].to_list(), marked["clean"][0]


@pytest.mark.parametrize("line", CUT)
def test_a_line_of_boilerplate_is_cut_with_its_line_end(line: str):
    text, edits, metrics = clean(f"金😀沙\n{line}\nend")
    assert text == "金😀沙\nend"
    assert edits == [
        {"field": "text", "kind": CUT[line], "start": 4, "end": 5 + len(line), "replacement": ""}
    ]
    share = (len(line) + 1) / len(f"金😀沙\n{line}\nend")
    assert metrics == {"removed_line_count": 1, "removed_character_ratio": pytest.approx(share)}


@pytest.mark.parametrize("line", KEPT)
def test_a_line_of_prose_stays(line: str):
    assert clean(f"first\n{line}\nlast") == (
        f"first\n{line}\nlast",
        [],
        {"removed_line_count": 0, "removed_character_ratio": 0.0},
    )


@QUICK
@given(lines=LINES, end=ENDS, last=st.booleans())
def test_the_lines_that_are_left_are_those_without_a_rule(lines: list[str], end: str, last: bool):
    pieces = [(line, end) for line in lines]
    if pieces and not last:
        pieces[-1] = (pieces[-1][0], "")
    text = "".join(line + stop for line, stop in pieces)
    cleaned, edits, metrics = clean(text)
    assert cleaned == "".join(line + stop for line, stop in pieces if line not in CUT)
    assert metrics["removed_line_count"] == len(edits) == sum(line in CUT for line in lines)
    removed = sum(edit["end"] - edit["start"] for edit in edits)
    assert metrics["removed_character_ratio"] == pytest.approx(removed / max(len(text), 1))
    assert len(text) - len(cleaned) == removed


@QUICK
@given(lines=LINES, most=st.sampled_from([0.0, 0.2, 0.5, 1.0]))
def test_cleaning_twice_is_cleaning_once(lines: list[str], most: float):
    once = clean("\n".join(lines), most)[0]
    again, edits, _ = clean(once, most)
    assert again == once and edits == []


def test_a_text_that_would_lose_too_much_is_left_whole_and_says_so():
    text = "版权所有\nten of it."
    share = 5 / len(text)
    assert clean(text, share)[0] == "ten of it."
    whole, edits, metrics = clean(text, share - 0.01)
    assert whole == text and edits == []
    assert metrics == {"removed_line_count": 1, "removed_character_ratio": pytest.approx(share)}


def test_each_document_has_its_own_edits():
    texts = ["Share this\na", "b", "", "c\nShare this"]
    marked = stage.run(CleanLines(1.0), documents(texts))
    assert marked["edits"].list.len().to_list() == [1, 0, 0, 1]
    changed, rows = stage.apply_edits(marked, "clean", 1)
    assert changed["text"].to_list() == ["a", "b", "", "c\n"]
    assert rows["doc_id"].to_list() == [changed["doc_id"][0], changed["doc_id"][3]]


def test_prose_that_begins_like_a_link_stays() -> None:
    text = (
        "Read more books today, they are good.\n上一篇写的是山，这一篇写的是水。\nRead more »\n"
        + "x" * 99
    )
    (edits,) = CleanLines(1.0)(documents([text]))["edits"].to_list()
    assert [text[edit["start"] : edit["end"]] for edit in edits] == ["Read more »\n"]


@QUICK
@given(column=columns, cut=cuts, rule=st.sampled_from(list(SHAPES)))
def test_a_rule_of_shape_names_the_lines_that_the_oracle_names(column, cut: int, rule: str):
    marked = stage.run(CleanLines(1.0, (rule,)), documents(column).slice(cut))
    for text, edits in zip(marked["text"], marked["edits"], strict=True):
        named, start = [], 0
        for line in oracles.lines_with_ends(text):
            if rule in oracles.line_shapes(line):
                named.append((start, start + len(line), rule))
            start += len(line)
        assert [(one["start"], one["end"], one["kind"]) for one in edits] == named


SHAPED = {
    "ABSTRACT OF THE": {"uppercase", "unterminated"},
    "50%": {"numeric", "unterminated", "few_words", "one_word"},
    "| 1 | 2 |": {"few_words", "unterminated"},
    "沙": {"one_word", "few_words", "unterminated"},
    "河里有金。”": set(),
    "Gold, then?": {"few_words"},
    "```": {"few_words", "unterminated"},
    "...": {"few_words"},
    "沙ab": {"few_words", "unterminated"},
    "  \t": set(),
}


@pytest.mark.parametrize("line", SHAPED)
def test_lines_by_their_shape(line: str):
    for rule in SHAPES:
        marked = stage.run(CleanLines(1.0, (rule,)), documents([line]))
        assert bool(len(marked["edits"][0])) == (rule in SHAPED[line]), rule


def test_a_line_that_two_rules_name_is_cut_once_for_what_it_says():
    text = "READ MORE\nThe river carries sand."
    for rules in (("navigation", "uppercase"), ("uppercase", "navigation")):
        marked = stage.run(CleanLines(1.0, rules), documents([text]))
        assert marked["clean"][0]["removed_line_count"] == 1
        found = [(one["start"], one["end"], one["kind"]) for one in marked["edits"][0]]
        assert found == [(0, 10, "navigation")]


def test_rules_of_shape_are_off_unless_named():
    assert clean("GOLD\n12\nsand")[1] == []


def test_what_was_found_is_a_metric_even_where_nothing_was_cut():
    marked = stage.run(CleanLines(0.0), documents(["Share this\nab", "ab"]))
    measured = stage.run(Measure((LINES_FILTER,)), marked.drop("edits"))
    assert measured["lines"].to_list() == [
        {"removed_line_count": 1, "removed_character_ratio": pytest.approx(11 / 13)},
        {"removed_line_count": 0, "removed_character_ratio": 0.0},
    ]
    unseen = stage.run(Measure((LINES_FILTER,)), documents(["Share this"]))
    assert unseen["lines"][0] == {"removed_line_count": 0, "removed_character_ratio": 0.0}


def test_an_unknown_rule_is_told_with_the_known_ones():
    with pytest.raises(UserError, match=r"clean.rules: no line rule 'upper'; known: .*uppercase"):
        CleanLines(0.2, ("upper",))
