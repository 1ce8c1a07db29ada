from hypothesis import given
from hypothesis import strategies as st

from taojin.pipeline.qa.blocks import blocks, document
from taojin.pipeline.qa.offline.candidates import plain, sentences

LINES = (
    "# 标题",
    "正文一句。",
    "",
    "- 项目",
    "```",
    "| a | b |",
    "> 引用",
    "<!-- c",
    "-->",
    "====",
    "    x",
    "😀",
)


def kinds(text: str, zh: bool = True) -> list[tuple[str, str]]:
    return [(block.kind, text[block.start : block.end]) for block in blocks(text, zh=zh)]


def test_a_page_of_markdown():
    text = "---\ntitle: 甲\n---\n# 一级 #\n\n段落。\n- 项目一\n- 项目二\n\n"
    text += "```py\n# 不是标题\n```\n| a |\n|---|\n尾声。"
    assert kinds(text) == [
        ("heading", "一级"),
        ("paragraph", "段落。"),
        ("item", "项目一"),
        ("item", "项目二"),
        ("other", "```py\n# 不是标题\n```"),
        ("table", "| a |\n|---|"),
        ("paragraph", "尾声。"),
    ]


def test_underlined_and_bold_headings():
    assert kinds("Title\n=====\n\n**Why now?**\n\nText.", zh=False) == [
        ("heading", "Title"),
        ("heading", "Why now?"),
        ("paragraph", "Text."),
    ]


def test_wrapped_english_lines_are_one_paragraph_and_chinese_lines_are_several():
    text = "This line is long enough to have been wrapped by an\neditor at eighty columns."
    assert len(kinds(text, zh=False)) == 1
    assert len(kinds("第一段。\n第二段。")) == 2


def test_an_open_fence_hides_the_rest():
    assert {kind for kind, _ in kinds("```\n# a\n\n正文。")} == {"other"}


@given(st.lists(st.sampled_from(LINES), max_size=12).map("\n".join), st.booleans())
def test_blocks_are_in_order_and_hold_every_plain_line(text, zh):
    found = list(blocks(text, zh=zh))
    edges = [edge for block in found for edge in (block.start, block.end)]
    assert edges == sorted(edges)
    assert all(0 <= edge <= len(text) for edge in edges)
    assert "\n\n" not in "".join(text[b.start : b.end] for b in found if b.kind == "paragraph")


def test_abbreviations_do_not_end_a_sentence():
    one = document("d", "It costs more, e.g. Mr. Smith pays. Then he left.", "", "en")
    assert [s.text for s in sentences(one, one.blocks[0])] == [
        "It costs more, e.g. Mr. Smith pays.",
        "Then he left.",
    ]


@given(st.text("一二。！？ 　\nab.", max_size=60), st.sampled_from(["zh-Hans", "en"]))
def test_sentences_stand_where_they_say(text, lang):
    one = document("d", text, "", lang)
    for block in one.blocks:
        for sentence in sentences(one, block):
            assert text[sentence.start :].startswith(sentence.text)


def test_plain_drops_marks_and_keeps_snake_case():
    assert plain("**`max_size`** of [a *Pod*](x.md) <br/><PHONE>") == "max_size of a Pod <PHONE>"
