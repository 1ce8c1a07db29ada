"""The page as text: escaped, small, alone; every state of a run draws."""

import doctest
import json
import re
import shutil
import tomllib
from html.parser import HTMLParser
from importlib import resources

import polars as pl
import pytest

from taojin.pipeline import recipe as recipes
from taojin.pipeline.notes import BESIDE
from taojin.pipeline.report import figures, page
from taojin.pipeline.report.numbers import collect
from taojin.pipeline.report.page import draw
from taojin.pipeline.report.sentences import said, warnings
from taojin.pipeline.report.write import write

LONG_LINE = "<b onclick=alert(1)>" + "金" * 1_000_000


class Tags(HTMLParser):
    """Every tag with its attributes, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text.append(data)


def test_write_publishes_the_page_and_its_numbers(a_run):
    path = write(a_run)
    assert path == a_run / "report" / "index.html"
    numbers = json.loads((a_run / "report" / "report.json").read_text(encoding="utf-8"))
    assert numbers == json.loads(json.dumps(collect(a_run)))
    assert path.read_text(encoding="utf-8") == draw(numbers)
    assert path.stat().st_size < 1_000_000
    assert not list((a_run / "report").glob("*.partial-*"))


def test_hostile_text_is_shown_and_never_markup(a_run):
    text = draw(collect(a_run))
    parsed = Tags(text)
    names = [tag for tag, _ in parsed.tags]
    assert names.count("script") == 1
    assert not {"img", "i", "iframe", "object"} & set(names)
    assert not [name for _, attributes in parsed.tags for name in attributes if name[:2] == "on"]
    assert "<script>window.hit = 1</script>" in "".join(parsed.text)
    assert not page.UNPRINTABLE.search(text)
    assert "⟨U+202E⟩" in text
    assert "⟨U+0000⟩" in text


def test_one_line_of_a_megabyte_is_cut(a_run):
    for path in [*a_run.glob("d[or]*/*.parquet")]:
        table = pl.read_parquet(path)
        text = pl.when(pl.col("text").is_not_null()).then(pl.lit(LONG_LINE[:60_000]))
        table.with_columns(text.alias("text")).write_parquet(path)
    first = a_run / "documents" / "00000.parquet"
    pl.read_parquet(first).with_columns(text=pl.lit(LONG_LINE)).write_parquet(first)
    text = draw(collect(a_run))
    assert len(text.encode()) < 1_000_000
    assert max(len(run) for run in re.findall("金+", text)) <= 600


def test_more_documents_do_not_make_a_larger_page(make_run):
    small, large = (len(draw(collect(make_run(documents))).encode()) for documents in (600, 3000))
    assert large < 1.3 * small < 1_000_000


def test_the_page_needs_no_other_file(a_run):
    parsed = Tags(draw(collect(a_run)))
    for tag, attributes in parsed.tags:
        assert not attributes.get("src"), tag
        assert (attributes.get("href") or "#").startswith(("#", "data:")), attributes
        assert "style" not in attributes  # the policy would refuse it
    assert "@import" not in page._asset("page.css")
    assert "url(" not in page._asset("page.css")


def test_tables_have_captions_and_headings_have_scopes(a_run):
    parsed = Tags(draw(collect(a_run)))
    names = [tag for tag, _ in parsed.tags]
    assert names.count("table") == names.count("caption") > 20
    assert all(attributes.get("scope") for tag, attributes in parsed.tags if tag == "th")
    ids = [attributes["id"] for _, attributes in parsed.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in parsed.tags:
        assert attributes.get("aria-labelledby", ids[0]) in ids
        if (attributes.get("href") or "").startswith("#"):
            assert attributes["href"][1:] in ids


def test_a_run_that_does_not_add_up_is_loud(a_run):
    (a_run / "documents" / "00000.parquet").unlink()
    text = draw(collect(a_run))
    assert 'role="alert"' in text
    assert "The account does not add up." in text
    assert "账目不符" in text


@pytest.mark.parametrize(
    "gone",
    [(), ("report",), ("documents",), ("dropped", "quarantine", "qa"), ("reading",), ("files",)],
)
def test_every_state_draws(a_run, gone):
    for name in gone:
        shutil.rmtree(a_run / name)
    untold = not {"report", "reading", "files"}.isdisjoint(gone)
    assert ("Not recorded in this run." in draw(collect(a_run))) == untold


def test_a_run_without_records_draws(a_run):
    for name in ("documents", "dropped", "quarantine", "qa", "reading", "files"):
        shutil.rmtree(a_run / name)
    for name in ("ledger", "clusters", "edits"):
        path = a_run / f"{name}.parquet"
        pl.read_parquet(path).clear().write_parquet(path)
    assert "0 = 0 + 0 + 0" in draw(collect(a_run))


def test_every_metric_is_told_in_chinese():
    filters = recipes.load(None).registry().filters
    known = {(name, metric.name) for name, one in filters.items() for metric in one.metrics}
    table = page.abouts_in_chinese()
    told = {(name, metric): text for name, one in table.items() for metric, text in one.items()}
    assert set(told) == known | set(BESIDE)
    for metric, text in told.items():
        assert re.search("[\u4e00-\u9fff]", text), metric
        assert not re.search("[\u4e00-\u9fff][,:;!?]", text), f"{metric}: half-width punctuation"


def test_every_filter_is_placed_in_chinese():
    filters = recipes.load(None).registry().filters
    told = page.sources_in_chinese()
    assert set(told) == set(filters) | {name for name, _ in BESIDE}
    for name, text in told.items():
        assert re.search("[\u4e00-\u9fff]", text), name
        assert not re.search("[\u4e00-\u9fff][,:;!?]", text), f"{name}: half-width punctuation"
    assert "Rae et al." in page._origin("gopher_quality", "Rae et al. 2021")
    assert "Rae 等 2021" in page._origin("gopher_quality", "Rae et al. 2021")
    assert page._origin("mine", "a <paper>") == "a <paper>"


def test_warnings_are_in_both_languages(a_run):
    (a_run / "report" / "warnings.json").write_text(
        json.dumps(["older <b>", said("unread", source="<i>", cause="x", lost=1234, records=2000)])
    )
    text = draw(collect(a_run))
    assert "<li>older &lt;b&gt;</li>" in text
    assert "1,234 of 2,000 records of source &#39;&lt;i&gt;&#39;" in text
    assert "来源“&lt;i&gt;”的 2,000 条记录中有 1,234 条无法读取" in text


def test_every_warning_names_the_same_values_in_both_languages():
    for key, (english, chinese) in warnings().items():
        assert sorted(re.findall(r"{(\w+)}", english)) == sorted(re.findall(r"{(\w+)}", chinese))
        assert not re.search("[\u4e00-\u9fff]", english), key
        assert re.search("[\u4e00-\u9fff]", chinese), key
        assert not re.search("[\u4e00-\u9fff][,:;!?]", chinese), key


def test_what_a_metric_measures_falls_back_to_english():
    assert page._about("c4", "no_such_count", "a <count>") == "a <count>"
    assert page._about("c4", "sentence_count", "") == ""
    both = page._about("c4", "sentence_count", "sentence <ends>")
    assert "sentence &lt;ends&gt;" in both
    assert "句末标点" in both


FOUND = ("told_", "cause_", "skipped_", "pii_", "action_", "layer_", "why_", "out_", "fault_")
FOUND = (*FOUND, "request_", "length_of_")
"""Beginnings of words that stand for what a run has found."""


def test_words_are_in_both_languages_and_all_used():
    words = tomllib.loads(page._asset("words.toml"))["words"]
    folder = resources.files("taojin.pipeline.report")
    html = "".join(file.read_text() for file in folder.iterdir() if file.name.endswith(".html"))
    named = set(re.findall(r'"(\w+)"', html))
    for key, (english, chinese) in words.items():
        assert not re.search("[\u4e00-\u9fff]", english), key
        assert re.search("[\u4e00-\u9fff]", chinese) or chinese == "/", key
        assert not re.search("[\u4e00-\u9fff][,:;!?]", chinese), f"{key}: half-width punctuation"
    reached = {f"step_{step}" for step in ("input", "documents", "decided", "exact", "near")}
    reached |= {"step_decontaminated", "step_kept", "url", "exact", "near", "passage"}
    reached |= {"missing", "misplaced", "stray", "repeated", "fateless"}
    reached |= {"train_rows", "validation_rows", "padding_tokens", "sequence_length", "shards"}
    reached |= {"sft_rows", "sft_rejected", "sft_over_share", "cuts"}
    reached |= {"dialogues", "learnt", "left_out", "preferences"}
    reached |= {key for key in words if key.startswith(FOUND)}
    assert set(words) - named - reached == set()


def test_what_does_not_fit_can_be_opened():
    counts = {f"l{n}": {"caught": 9 - n, "alone": n % 2} for n in range(9)}
    bounds = [{"kind": None, "langs": list(counts), "bound": 3}, {**ONE_BOUND, "bound": 4}]
    macros = '{% import "macros.html" as m with context %}'
    for macro, rows in (("caught_tags", counts), ("bounds", bounds)):
        template = page._environment().from_string(f"{macros}{{{{ m.{macro}(rows) }}}}")
        shown, _, opened = template.render(rows=rows).partition("<details")
        assert "l5" in shown and "l6" not in shown
        assert "<summary>+3</summary>" in opened
        assert all(f"l{n}" in opened.partition("</details>")[0] for n in (6, 7, 8))


ONE_BOUND = {"kind": None, "langs": ["en"]}


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0.0 %"), (0.0001, "<0.1 %"), (0.123, "12.3 %"), (1, "100.0 %"), (None, "—")],
)
def test_share(value, text):
    assert page.share(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(12345.6, "12,346"), (0.98041, "0.9804"), (3.0, "3"), ([1, "a"], "[1, 'a']"), (None, "—")],
)
def test_amount(value, text):
    assert page.amount(value) == text


def test_a_stack_is_as_high_as_the_root_of_its_count():
    paths = figures.stack([3, 0, 1], [1, 0, 0])
    # 4 documents of the peak's 4: all 72 high, three quarters of them kept; 1 of 4: half as high
    assert paths["kept"] == "M0 72v-54h105.7v54zM213.3 72v-36h105.7v36z"
    assert paths["dropped"] == "M0 18v-18h105.7v18z"


def test_a_stack_with_many_in_a_bin_is_as_high_as_the_logarithm():
    few, many = figures.stack([1000, 1], [0, 0]), figures.stack([1023, 1], [0, 0])
    assert (few["log"], many["log"]) == (False, True)
    assert few["kept"].endswith("v-2.3h159v2.3z")  # 72 / sqrt 1000
    assert many["kept"].endswith("v-7.2h159v7.2z")  # log 2 of log 1024: a tenth


def test_a_bound_lies_where_its_bin_does():
    assert figures.place(0.5, {"low": 0, "high": 1, "log": False}) == "160"
    assert figures.place(9, {"low": 0, "high": 99, "log": True}) == "160"  # log 10 of log 100
    assert figures.middle({"low": 0, "high": 99, "log": True}) == pytest.approx(9)


def luminance(colour: str) -> float:
    """As WCAG 2 has it, of #rgb or #rrggbb."""
    digits = "".join(2 * one for one in colour) if len(colour) == 3 else colour
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return sum(v * w for v, w in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def test_every_shade_of_the_overlap_can_be_read():
    themes = re.findall(r":root \{(.*?)\}", page._asset("page.css"), flags=re.DOTALL)
    assert len(themes) == 3  # light, dark, print
    for theme in themes:
        colours = dict(re.findall(r"--([\w-]+): #([0-9a-f]+);", theme))
        ink = luminance(colours["ink"])
        for level in range(1, 6):
            shade = luminance(colours[f"heat-{level}"])
            low, high = sorted((ink, shade))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (level, colours[f"heat-{level}"])


@pytest.mark.parametrize("module", [page, figures])
def test_docstrings_show_what_happens(module):
    results = doctest.testmod(module)
    assert results.attempted
    assert not results.failed
