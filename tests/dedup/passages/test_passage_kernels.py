"""Lines, sentences and their keys, against the obvious Python."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from taojin.core.arrow import string_buffers
from taojin.dedup.passages import characters, line_kernels
from taojin.dedup.passages.repeated import Rules, parse
from taojin.tests.core.texts import QUICK, cuts, texts
from taojin.tests.dedup import passage_oracle as oracle

PIECES = st.sampled_from(
    ["The sand is gold. ", "the river", "See Mr. Smith at 3.5 km. ", "e.g. a pan", "J. R. Ewing", "Wait... ", ". . .",
     "沙里有金。", "真的吗？！”他说", "甲；乙", "……走了", "好。）", "１２．", "①", "Ａbc", "ﬁne", "e\u0301", "é", "か\u3099", "が",
     "so\u00adft", "a\u200bb", "ς", "Σ", "\n", "\n", "\n\n", "\r\n", " ", "\t", "\u3000", "# head", "## 标题", "**bold**", "**",
     "- ", "> ", "1. ", "```", "````", "~~~", "```py", "| a | b |", "+---+", "<table>", "</TABLE>", "<td>", "<div>", "<!-- x -->",
     "<pre>", "</pre>", "$$", "$$ x $$", "\\[", "\\]", "\\begin{a}", "\\end{a}", "---", "key: value", "+++", "    code()", "    正文",
     "a | b\n", "--- | :-:\n", "|-", "a\tb", ":", "：", ",", "!", "?", "\"", "”", "(", "5", "x" * 9, "👩\u200d🌾", "ไทย", "\U00020000"]
)  # fmt: skip
documents = st.one_of(texts, st.lists(PIECES, max_size=25).map("".join))
sizes = st.sampled_from([1, 2, 4, 9])


def found(texts: list[str], least: int, cut: int) -> list[list[oracle.Passage]]:
    """What the kernels find, without the units; checks that keys are equal as the units are."""
    column = pl.Series(texts, dtype=pl.String)[min(cut, len(texts)) :]
    table = parse(column, Rules(sentence=least)).table
    rows: list[list[oracle.Passage]] = [[] for _ in column]
    names: dict[tuple[str, ...], int] = {}
    for row in table.iter_rows(named=True):
        units = oracle.units(column[row["row"]][row["start"] : row["end"]])
        assert len(units) == row["last"] - row["first"]
        assert names.setdefault(tuple(units), row["key"]) == row["key"]
        leads = row["leads"] + row["heading"]
        rows[row["row"]].append(
            oracle.Passage(row["start"], row["end"], units, row["first"], row["stretch"],
                           row["whole"], leads, row["nth"])
        )  # fmt: skip
    assert len(set(names.values())) == len(names)
    return rows


def expected(text: str, least: int) -> list[oracle.Passage]:
    passages = oracle.passages(text, least)
    for one in passages:
        one.leads = 2 if one.leads > 1 else one.leads
    return passages


@QUICK
@given(column=st.lists(documents, max_size=4), cut=cuts, least=sizes)
def test_passages_are_those_of_the_oracle(column: list[str], cut: int, least: int) -> None:
    for text, own in zip(column[cut:], found(column, least, cut), strict=True):
        assert own == expected(text, least)


def lines(text: str) -> list[str]:
    """The lines of prose of a text."""
    offsets, data = string_buffers(pl.Series([text]))
    rows = line_kernels.lines(offsets, data, characters.tables().folds)
    first, last = line_kernels.FIRST_BYTE, line_kernels.LAST_BYTE
    return [text.encode()[row[first] : row[last]].decode() for row in rows]


def test_code_tables_formulas_markup_and_front_matter_are_no_prose() -> None:
    blocks = [
        "```python\nx = 1\n\ny = 2\n```", "~~~~\n```\n~~~\n~~~~", "> ```\n> quoted\n> ```", "1. ```\n   a\n   ```",
        "| a | b |\n|---|---|\n| 1 | 2 |", "+----+\n| a  |\n+====+", "<table>\n<tr>\ncell\n</tr>\n</TABLE>",
        "name\tvalue\nsize\t3", "$$\nx = y\n$$", "$$ x = y $$", "\\[\nx\n\\]", "\\begin{a}\n\\begin{b}\nx\n\\end{b}\ny\n\\end{a}",
        "    indented()\n\tcode()", "<div class=\"a\">", "<!-- a comment -->",
    ]  # fmt: skip
    for block in blocks:
        assert lines(f"Before it.\n{block}\nBehind it.") == ["Before it.", "Behind it."], block
    assert lines("---\ntitle: a\ntags: b\n---\nText.") == ["Text."]
    assert lines("---\nno key\n---\nText.")[1:] == ["no key", "---", "Text."]


def test_code_in_a_line_chinese_indents_and_bars_are_prose() -> None:
    for text in (
        "```code``` in a line",
        "    正文缩进四格。",
        "Home | About | Contact",
        "a < b > c",
    ):
        assert lines(text) == [text]


def sentences(text: str) -> list[str]:
    table = parse(pl.Series([text]), Rules(sentence=1)).table
    return [text[start:end] for start, end in table.select("start", "end").iter_rows()]


def test_sentences_end_where_a_reader_ends_them() -> None:
    assert sentences("他说：“走吧。”然后走了！真的？是……的；好") == [
        "他说：“走吧。”", "然后走了！", "真的？", "是……", "的；", "好",
    ]  # fmt: skip
    assert sentences('He left. "Why?" she asked. It was 3. 5 p.m. by Dr. No, e.g. here. End') == [
        "He left. ", '"Why?" she asked. ', "It was 3. 5 p.m. by Dr. No, e.g. here. ", "End",
    ]  # fmt: skip
    assert sentences("J. R. Smith saw it. the end.\nNew. Line") == [
        "J. R. Smith saw it. the end.", "New. ", "Line",
    ]  # fmt: skip


def test_a_wrapped_line_is_one_with_the_next() -> None:
    assert sentences("a sentence,\nwrapped here\n  and there.\nAnother one") == [
        "a sentence,\nwrapped here\n  and there.", "Another one",
    ]  # fmt: skip


def test_keys_leave_out_case_width_composition_and_punctuation() -> None:
    same = [
        "ÉTÉ, fine １２ が Σ",
        "e\u0301te\u0301: ﬁne—12 か\u3099 ς",
        "é\u200bté. fi\u00adne 12 が σ",
    ]
    keys = parse(pl.Series(same), Rules()).table["key"].to_list()
    assert len(keys) == 3 and len(set(keys)) == 1
    assert parse(pl.Series(["ÉTÉ fine 12 か Σ"]), Rules()).table["key"][0] != keys[0]
