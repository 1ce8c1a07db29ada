"""PDF files: the order of lines, what repeats, hyphens, headings, tables, fonts without a map."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taojin.pipeline.ingest.documents.hyphens import is_cut, plain_hyphens, without_hyphen
from taojin.pipeline.ingest.documents.paragraphs import joined
from taojin.pipeline.ingest.documents.pdf import document as pdf
from taojin.pipeline.ingest.documents.pdf import lines as pdf_lines
from taojin.pipeline.ingest.documents.pdf import order as pdf_order
from taojin.pipeline.ingest.documents.pdf.words import is_sound, listed, plain
from taojin.pipeline.ingest.readers import read
from taojin.pipeline.ingest.records import Damaged, ReadOptions, Record, Unreadable
from tests.pipeline.ingest.papers import column, unmapped
from tests.pipeline.ingest.papers import pdf as paper

OPTIONS = ReadOptions()
LEFT = [
    "gold is washed out of the river sand with",
    "patience and with a pan that must be wide",
    "and flat and is turned again and again in",
    "the water until the light sand has gone and",
    "only what is heavy has been left in the pan",
]
RIGHT = [
    "a sieve holds back the stones before and a",
    "blanket of wool may hold the finest of the",
    "flakes that a pan would lose, so that those",
    "who have one take it along on every one of",
    "their long ways up the river and its arms",
]
HAN_LEFT = [
    "沙里淘金要有耐心一遍一遍地洗沙子",
    "才能见到一点点的金子在盘底发着光",
    "筛子和水盆是最常用的两样东西缺了",
]
HAN_RIGHT = [
    "大家沿着河走了三天三夜才找到一个",
    "可以扎营的地方于是把帐篷搭了起来",
    "第二天早上太阳出来的时候开始干活",
]
BODY = ["the first of many lines about sand", "and the second one about the water"]


def text_of(data: bytes) -> str:
    return pdf.extract(data, OPTIONS).text


def dense(text: str) -> str:
    return "".join(text.split())


def side_by_side(
    left: Sequence[str], right: Sequence[str], y: float
) -> list[tuple[float, float, str]]:
    """Two columns, drawn line by line across both."""
    return [
        word
        for at, pair in enumerate(zip(left, right, strict=True))
        for word in ((60, y + 14 * at, pair[0]), (320, y + 14 * at, pair[1]))
    ]


@pytest.mark.parametrize(("left", "right"), [(LEFT, RIGHT), (HAN_LEFT, HAN_RIGHT)])
def test_columns_are_read_one_after_another(left: list[str], right: list[str]) -> None:
    """The oracle is PDFium's own text, which goes across: the file has the lines in that order."""
    data = paper(
        [(150, 60, "a title that stands over both of the columns"), *side_by_side(left, right, 100)]
    )
    (page,) = pypdfium2.PdfDocument(data)
    assert dense(left[0] + right[0]) in dense(page.get_textpage().get_text_range())
    text = text_of(data)
    assert dense(text).endswith(dense("".join([*left, *right])))
    assert text.startswith("a title")


def test_what_crosses_the_gutter_parts_the_columns() -> None:
    middle = "a line in the middle that is as wide as both of the columns and the gutter between"
    words = [*side_by_side(LEFT, RIGHT, 60), (60, 150, middle), *side_by_side(RIGHT, LEFT, 180)]
    wanted = [*LEFT, *RIGHT, middle, *RIGHT, *LEFT]
    assert dense(text_of(paper(words))) == dense("".join(wanted))


def test_a_heading_above_the_left_column_stands_before_both() -> None:
    words = [(60, 60, "On gold"), *side_by_side(LEFT, RIGHT, 90)]
    assert dense(text_of(paper(words))) == dense("".join(["On gold", *LEFT, *RIGHT]))


def test_lines_beside_a_heading_of_the_left_column_are_read_with_the_right_one() -> None:
    title = "a title that stands over both of the columns of this page"
    words = [
        (150, 60, title),
        (60, 100, "Abstract"),
        *column(60, 133, LEFT),
        *column(320, 91, [*RIGHT, *RIGHT]),
    ]
    wanted = [title, "Abstract", *LEFT, *RIGHT, *RIGHT]
    assert dense(text_of(paper(words))) == dense("".join(wanted))


def test_columns_that_the_file_has_in_order_stay_so() -> None:
    words = [*column(60, 100, LEFT), *column(320, 107, RIGHT)]
    assert dense(text_of(paper(words))) == dense("".join([*LEFT, *RIGHT]))


def test_text_turned_on_the_page_is_read_as_if_it_stood_upright() -> None:
    straight = paper(side_by_side(LEFT, RIGHT, 100))
    document = pypdfium2.PdfDocument(straight)
    layer = document[0].get_textpage()
    found = pdf_lines.lines(layer)
    for turn in (1, 2, 3):
        turned = [
            pdf_lines.replace(
                line, **pdf_lines._named(pdf_lines._turned(line.box, 4 - turn)), turn=turn
            )
            for line in found
        ]
        upright, _ = pdf_lines.upright(turned, (0, 0, 595, 842))
        assert [line.box for line in upright] == [line.box for line in found]
        assert {line.turn for line in upright} == {0}


def test_the_lines_hold_what_pdfium_finds(shared_data: Path) -> None:
    """Every character of PDFium's text is in one line, inside the box that PDFium gives it."""
    for path in sorted((shared_data / "office").glob("*/pdf/*.pdf"))[::7]:
        try:
            document = pypdfium2.PdfDocument(path.read_bytes())
        except pypdfium2.PdfiumError:
            continue
        for page in document:
            layer = page.get_textpage()
            found = pdf_lines.lines(layer)
            wanted = Counter(dense(layer.get_text_range()))
            assert Counter(dense("".join(line.text for line in found))) == wanted, path.name
            for line in filter(lambda line: line.right > line.left, found):
                left, bottom, right, top = layer.get_charbox(line.place)
                near = (line.left - 0.01, line.bottom - 0.01)
                assert (left, bottom) >= near, path.name
                assert right <= line.right + 0.01, path.name
                assert top <= line.top + 0.01, path.name


def test_nothing_but_what_repeats_is_lost_from_real_files(shared_data: Path) -> None:
    """On files of one and two pages, each character of PDFium's text that is no mark is kept."""
    marks = set("\x02\ufffe\xad-•●▪◦■○□◆‣⁃·\uf0b7\uf0a7\uf0d8\uf06c\uf06f\uf0fc")
    for path in sorted((shared_data / "office").glob("*/pdf/*.pdf")):
        record = next(iter(read(str(path), OPTIONS)))
        document = pypdfium2.PdfDocument(path.read_bytes()) if isinstance(record, Record) else ()
        if not 1 <= len(document) <= 2:
            continue
        bare = []
        for page in document:
            page.set_rotation(0)
            bare.append(plain(page.get_textpage().get_text_range()))
        lost = Counter(dense("".join(bare))) - Counter(dense(record.text))
        assert set(lost) <= marks | {"\0"}, path.name


# What repeats

NUMBERS = ["{n}", "- {n} -", "第{n}页", "Page {n} of 9", "{n}/9", "第 {n} 页 共 9 页"]


def pages_with(header: str, footer: str, count: int) -> bytes:
    return paper(
        *(
            [
                (60, 40, header.format(n=at + 1)),
                *column(60, 100, [f"{line} {'abcdefghijk'[at]}" for line in BODY]),
                (280, 800, footer.format(n=at + 7)),
            ]
            for at in range(count)
        )
    )


@pytest.mark.parametrize("number", NUMBERS)
def test_headers_and_page_numbers_go(number: str) -> None:
    text = text_of(pages_with("淘金手册 2024", number, 4))
    assert "淘金" not in text
    assert [line for page in text.split("\n\n") for line in page.split("\n")] == [
        f"{line} {letter}" for letter in "abcd" for line in BODY
    ]


def test_two_pages_keep_everything() -> None:
    text = text_of(pages_with("淘金手册", "Page {n} of 9", 2))
    assert text.count("淘金手册") == 2
    assert "Page 7 of 9" in text


def test_headers_of_left_and_right_pages_go() -> None:
    pages = [
        [(60, 40, "On sand" if at % 2 else "The river"), (60, 100, f"body {'abcdef'[at]}")]
        for at in range(6)
    ]
    assert text_of(paper(*pages)).split("\n\n") == [f"body {letter}" for letter in "abcdef"]


def test_what_stands_on_few_pages_or_does_not_count_stays() -> None:
    totals = [31, 7, 55, 12, 90]
    pages = [
        [(60, 100, f"body {'abcde'[at]}"), (280, 800, f"total {total}")]
        for at, total in enumerate(totals)
    ]
    assert all(f"total {total}" in text_of(paper(*pages)) for total in totals)
    few = [
        [(60, 100, f"body {'abcdefg'[at]}"), *([(60, 40, "seldom")] if at < 3 else [])]
        for at in range(7)
    ]
    assert text_of(paper(*few)).count("seldom") == 3


def test_what_repeats_far_from_the_edge_stays() -> None:
    pages = [
        [(60, 300, "again"), (60, 400, f"body {'abc'[at]}"), (60, 500, "z")] for at in range(3)
    ]
    assert text_of(paper(*pages)).count("again") == 3


def test_copies_of_a_form_keep_their_head() -> None:
    form = column(60, 40, ["application", "name", "place", "birth", "reason", "sum", "date"])
    pages = [[*form, (60, 200, f"answer {'abcd'[at]}")] for at in range(4)]
    assert text_of(paper(*pages)).count("application") == 4


# Words


@pytest.mark.parametrize(
    ("line", "after", "wanted"),
    [
        ("the exam-", "ple of gold", "the example of gold"),
        ("the exam\x02", "ple", "the example"),
        ("the exam\ufffe", "ple", "the example"),
        ("Don\xad", "Juan", "DonJuan"),
        ("Anglo\x02", "Saxon", "Anglo-Saxon"),
        ("state-of\x02", "the-art", "state-of-the-art"),
        ("in 2010\x02", "2011", "in 2010-2011"),
        ("COVID\x02", "era", "COVID-era"),
    ],
)
def test_a_word_cut_at_the_end_of_a_line(line: str, after: str, wanted: str) -> None:
    assert is_cut(line, after, full=True)
    assert without_hyphen(line, after) + after == wanted


def test_what_is_no_cut_word() -> None:
    assert not is_cut("a short line-", "goes on", full=False)
    assert not is_cut("5 -", "and more", full=True)
    assert not is_cut("exam-", "(ple", full=True)
    assert not is_cut("", "a", full=True)
    assert plain_hyphens("a\x02b\xadc\ufffed") == "a-bc-d"


def test_a_hyphenated_paragraph_of_a_file() -> None:
    lines = [
        "gold is washed out of the river sand with pa-",
        "tience and with a pan that must be as wide as",
        "it is flat and is turned again",
    ]
    assert text_of(paper(column(60, 100, lines))) == (
        "gold is washed out of the river sand with patience and with a pan that must be as wide as "
        "it is flat and is turned again"
    )


@given(st.lists(st.text("ab -\xad\x02中。", max_size=30), max_size=8))
def test_joining_loses_nothing_but_hyphens(lines: list[str]) -> None:
    gone = dict.fromkeys(map(ord, "-\x02\xad \n"))
    assert joined("\n".join(lines)).translate(gone) == "\n".join(lines).translate(gone)


def test_ligatures_and_radicals_are_letters() -> None:
    assert plain("ﬁnd the eﬀect ﬄ") == "find the effect ffl"
    assert plain("⼀个⽤⼾⻚ ①ａ") == "一个用户页 ①ａ"


def test_bullets_are_items() -> None:
    assert [listed(line) for line in ("• a", "\uf0b7  b", "●c", "a • b", "•")] == [
        "- a", "- b", "- c", "a • b", "•",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("", True),
        ("gold in the sand", True),
        ("沙里淘金 \uf0b7", True),
        ("\ue041\ue042 a", False),
        ("\x01\x04\x05 \x06 ab", False),
        ("\ufffd" * 9 + "金" * 9, True),
        ("\ufffd" * 10 + "金" * 9, False),
        ("\U000f0001" * 3, False),
        ("exam\x02ple\ufffe", True),
    ],
)
def test_a_page_of_a_font_without_a_map_has_no_text(text: str, sound: bool) -> None:
    assert is_sound(text) is sound


def test_a_file_of_a_font_without_a_map_needs_ocr() -> None:
    (page,) = pypdfium2.PdfDocument(unmapped())
    assert "\ue047" in page.get_textpage().get_text_range()
    with pytest.raises(Unreadable, match="needs_ocr"):
        pdf.extract(unmapped(), OPTIONS)


# Headings and tables

PROSE = [*LEFT, *RIGHT]


def test_larger_letters_are_headings() -> None:
    words = [
        (60, 60, "On the washing", 20), (60, 84, "of gold", 20), (60, 120, "工具", 14),
        *column(60, 150, PROSE), (60, 320, "2. Water", 14.2), *column(60, 350, PROSE),
    ]  # fmt: skip
    lines = text_of(paper(words)).split("\n")
    headings = [line for line in lines if line.startswith("#")]
    assert headings == ["# On the washing of gold", "## 工具", "## 2. Water"]
    assert all(not before for before, line in pairwise(lines) if line in headings)


@pytest.mark.parametrize("size", [10.5, 11])
def test_letters_hardly_larger_are_none(size: float) -> None:
    words = [(60, 60, "On gold", size), *column(60, 90, PROSE)]
    assert "#" not in text_of(paper(words))


def test_a_page_of_large_letters_has_no_headings() -> None:
    words = [
        *column(60, 60, LEFT),
        *((60, 300 + 30 * at, line, 18) for at, line in enumerate(LEFT[:3])),
    ]
    assert "#" not in text_of(paper(words))


ROWS = [
    ["年份", "地点", "重量"],
    ["1848", "California", "3.5"],
    ["1851", "Ballarat", "12"],
    ["1898", "道森", "7"],
]
MARKDOWN = "| 年份 | 地点 | 重量 |\n|---|---|---|\n| 1848 | California | 3.5 |\n| 1851 | Ballarat | 12 |\n| 1898 | 道森 | 7 |"


def grid(
    rows: Sequence[Sequence[str]], y: float, step: float = 150
) -> list[tuple[float, float, str]]:
    return [
        (60 + step * at, y + 16 * row, cell)
        for row, cells in enumerate(rows)
        for at, cell in enumerate(cells)
        if cell
    ]


def test_a_table_is_markdown() -> None:
    words = [*column(60, 60, LEFT), *grid(ROWS, 160), *column(60, 260, LEFT)]
    parts = text_of(paper(words)).split("\n\n")
    assert parts[1] == MARKDOWN
    assert dense(parts[0]) == dense(parts[2]) == dense("".join(LEFT))


def test_a_table_with_an_empty_cell_keeps_its_columns() -> None:
    rows = [*ROWS, ["1900", "", "9"]]
    assert text_of(paper(grid(rows, 100))) == f"{MARKDOWN}\n| 1900 |  | 9 |"


@pytest.mark.parametrize(
    "rows",
    [
        ROWS[:2],
        [["1.", "wash the sand"], ["2.", "look at it"], ["3.", "wash it again"]],
        [["-", "wash the sand"], ["-", "look at it"], ["-", "wash it again"]],
        [["-", "sand", "three"], ["-", "water", "four"], ["-", "gold", "five"]],
        [["Sand", "3"], ["Water", "17"], ["Gold", "40"]],
        [["sand", LEFT[0] * 2], ["water", LEFT[1] * 2], ["gold", LEFT[2] * 2]],
        [["Sand ........", "three"], ["Water ........", "four"], ["Gold ........", "five"]],
        [[line.split(",")[0] + " and more", line] for line in PROSE[:3]],
    ],
    ids=[
        "two rows",
        "numbered",
        "bullets",
        "more bullets",
        "contents",
        "terms",
        "leaders",
        "prose",
    ],
)
def test_what_is_no_table(rows: list[list[str]]) -> None:
    text = text_of(paper(grid(rows, 100, 120 if len(rows[0][-1]) > 60 else 250), size=8))
    assert "|" not in text
    assert Counter(re.sub("[-•|]", "", dense(text))) == Counter(
        re.sub("-", "", dense("".join(map("".join, rows))))
    )


# Whatever the bytes


def test_a_file_cut_anywhere_is_an_entry() -> None:
    data = paper(side_by_side(LEFT, RIGHT, 100), grid(ROWS, 100))
    for end in range(0, len(data), 37):
        try:
            assert pdf.extract(data[:end], OPTIONS).text
        except Unreadable as damage:
            assert damage.cause in ("unreadable", "needs_ocr")


@given(at=st.integers(0, 2000), value=st.binary(min_size=1, max_size=6))
def test_a_damaged_file_is_an_entry(at: int, value: bytes) -> None:
    data = bytearray(unmapped())
    data[at : at + len(value)] = value
    try:
        pdf.extract(bytes(data), OPTIONS)
    except Unreadable as damage:
        assert damage.cause in ("unreadable", "needs_ocr", "encrypted")


box = st.floats(-1e4, 1e4, allow_nan=False)


@given(
    st.lists(
        st.builds(
            pdf_lines.Line, st.text("a中", min_size=1, max_size=9), box, box, box, box,
            st.floats(0, 99), st.integers(0, 5), st.integers(0, 99), st.sampled_from([0, 0, 0, 1, -1]),
        ),
        max_size=20,
    )
)  # fmt: skip
def test_every_line_of_any_page_is_read_once(lines: list[pdf_lines.Line]) -> None:
    found = [id(line) for section in pdf_order.sections(lines) for one in section for line in one]
    assert sorted(found) == sorted(map(id, lines))


def test_a_file_that_is_no_document_is_quarantined(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7\n" + bytes(999))
    (found,) = read(str(path), OPTIONS)
    assert isinstance(found, Damaged)
    assert found.cause == "unreadable"
