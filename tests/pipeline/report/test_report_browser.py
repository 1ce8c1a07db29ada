"""The page in headless Chromium: what a person sees equals report.json."""

import json
from pathlib import Path

import pytest

from taojin.pipeline.report.page import printable, share
from taojin.pipeline.report.write import write

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no /usr/bin/chromium"),
]


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser):
    """A function that opens a file and fails the test if the page complains or asks for a file."""
    contexts = []
    complaints: list[str] = []

    def opened(path: Path, query: str = "", width: int = 1280, locale: str = "en-US"):
        context = browser.new_context(viewport={"width": width, "height": 900}, locale=locale)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda request: (
                request.url.startswith(("file:", "data:")) or complaints.append(request.url)
            ),
        )
        page.goto(f"file://{path}{query}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def cells(page, table: str) -> list[list[float]]:
    """The numbers of each row of a table, as the page writes them and as it rounds them."""
    script = """rows => rows.map(row => [...row.querySelectorAll('[data-n]')].map(
        cell => [Number(cell.dataset.n), cell.firstChild?.textContent ?? '']))"""
    rows = page.eval_on_selector_all(f"#{table} tbody tr", script)
    for row in rows:
        for number, text in row:
            if text and text.strip()[-1] not in "%B":
                assert float(text.replace(",", "").replace("−", "").strip()) == number
    return [[number for number, _ in row] for row in rows]


def test_numbers_on_the_page_equal_report_json(a_run, open_page):
    path = write(a_run)
    numbers = json.loads((path.parent / "report.json").read_text(encoding="utf-8"))
    page = open_page(path)
    account = numbers["account"]
    for table, group in (("by-source", "by_source"), ("by-language", "by_language")):
        fates = ("input", "kept", "dropped", "quarantined")
        assert cells(page, table) == [[r["records"][f] for f in fates] for r in account[group]]
    assert [row[0] for row in cells(page, "funnel-total")] == numbers["funnel"]["total"]["records"]
    assert cells(page, "rule-table") == [
        [r["caught"], r["alone"], r["share"]] for r in numbers["rules"]
    ]
    assert [row[-1] for row in cells(page, "removed-pairs")] == [
        r["documents"] for r in numbers["duplicates"]["removed"]
    ]
    shown = page.eval_on_selector_all("#samples .sample", SAMPLES)
    assert sorted(shown) == sorted(row["doc_id"] for row in numbers["samples"])


SAMPLES = "all => all.map(one => one.dataset.doc)"


def test_the_filter_page_shows_the_numbers_of_report_json(a_run, open_page):
    path = write(a_run)
    numbers = json.loads((path.parent / "report.json").read_text(encoding="utf-8"))
    page = open_page(path)
    bound = [row for row in numbers["filters"] if row["lost"]]
    assert cells(page, "filter-table") == [
        [
            one["in"],
            one["in"] - one["caught"],
            one["caught"],
            one["alone"],
            one["units"],
            one["size_bytes"],
        ]
        for row in bound
        for one in [row["lost"]]
    ]
    assert cells(page, "overlap-table") == numbers["overlaps"]["counts"]
    for row in numbers["filters"]:
        box = f"#filter-{row['filter']}"
        shown = page.eval_on_selector_all(f"{box} .nearest .sample", SAMPLES)
        assert shown == [one["doc_id"] for fate in ("kept", "dropped") for one in row["near"][fate]]
        limits = [
            value
            for metric in row["metrics"]
            for part in [*metric["languages"], *metric["sources"]]
            for limit in part["limits"]
            for value in (limit["min"], limit["max"])
        ]
        drawn = page.locator(f"{box} .s-bound").count()
        assert drawn == sum(value is not None for value in limits)
        quantiles = page.locator(f"{box} .unbound tbody tr").count()
        assert quantiles == sum(len(metric["languages"]) for metric in row["unbound"])


READ = ("files", "size_bytes", "records", "documents", "quarantined", "skipped")
READ = (*READ, "without_records", "read_again")
TEXT = (
    "documents", "characters", "empty", "parts", "converted", "repaired", "replaced",
    "replacements",
)  # fmt: skip


def test_the_ingest_page_shows_the_numbers_of_report_json(a_run, open_page):
    path = write(a_run)
    numbers = json.loads((path.parent / "report.json").read_text(encoding="utf-8"))["ingest"]
    page = open_page(path)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert cells(page, "ingest-table") == [[r[name] for name in READ] for r in numbers["sources"]]
    assert cells(page, "text-table") == [[r[name] for name in TEXT] for r in numbers["sources"]]
    assert cells(page, "engine-table") == [
        [r["pages"], r["characters"], r["empty"]] for r in numbers["engines"]
    ]
    for at, lists in enumerate(numbers["lists"]):
        for name, amounts in (
            ("charsets", ("documents", "replacements")),
            ("types", ("documents", "characters", "empty")),
            ("languages", ("documents", "characters")),
            ("skipped", ("records", "size_bytes")),
        ):
            rows = lists[name]["rows"]
            assert cells(page, f"{name}-{at}") == [[row[one] for one in amounts] for row in rows]
    for table, rows in numbers["failures"].items():
        box = "quarantine-table" if table == "records" else "parts-table"
        told = [[row["records"], row["size_bytes"]] for row in rows]
        assert [row for row in cells(page, box) if row] == told
        shown = page.eval_on_selector_all(f"#{box} .failure", SAMPLES)
        assert shown == [one["doc_id"] for row in rows for one in row["samples"]]
        for doc_id in shown:
            assert doc_id in page.locator(f"#{box}").inner_text()
    assert page.locator(".command").inner_text() == numbers["retry"]


REPEATED = ("values", "distinct", "in_few", "in_many", "documents", "sources")
SHARES = ("precision", "recall")


def test_the_page_on_personal_data_shows_the_numbers_of_report_json(a_run, open_page):
    path = write(a_run)
    numbers = json.loads((path.parent / "report.json").read_text(encoding="utf-8"))["personal_data"]
    page = open_page(path)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert cells(page, "pii-kinds") == [[r["found"], r["documents"]] for r in numbers["kinds"]]
    told = page.locator("#pii-kinds tbody tr").all_inner_texts()
    for row, text in zip(numbers["kinds"], told, strict=True):
        assert row["kind"] in text
        assert row["action"] in text
    for table, name in (("pii-by-source", "by_source"), ("pii-by-language", "by_language")):
        totals = {row["kind"]: row["found"] for row in numbers["kinds"]}
        assert cells(page, table) == [
            [*row["found"], totals[row["kind"]]] for row in numbers[name]["rows"]
        ]
    assert cells(page, "pii-density") == [[r["kept"], r["dropped"]] for r in numbers["density"]]
    steps = page.locator("#pii-density tbody th").all_inner_texts()
    assert steps == ["none", "up to 1", "up to 5", "up to 20", "above 20"]
    assert cells(page, "pii-drops") == [[r["caught"], r["alone"]] for r in numbers["drops"]]
    assert [row["kind"] for row in numbers["kinds"] if row["action"] == "count"] == ["ip"]
    assert "ip is only counted" in page.locator("#excerpts").inner_text()
    order = [row["kind"] for row in numbers["kinds"]]
    rows = sorted(numbers["excerpts"], key=lambda row: order.index(row["kind"]))
    assert page.eval_on_selector_all("#excerpts .excerpt", SAMPLES) == [r["doc_id"] for r in rows]
    shown = page.eval_on_selector_all("#excerpts p[dir]", "all => all.map(one => one.textContent)")
    assert shown == [printable(f"{r['before']}{r['shown']}{r['after']}") for r in rows]
    repeated = numbers["repeated"]["kinds"]
    assert cells(page, "pii-repeated") == [[row[name] for name in REPEATED] for row in repeated]
    for row, tested in zip(
        page.locator("#pii-test tbody tr").all(), numbers["self_test"]["kinds"], strict=True
    ):
        texts = row.locator("td").all_inner_texts()[-2:]
        assert texts == [share(tested[name]) for name in SHARES]
    page = open_page(path, "?lang=zh")
    assert "电子邮箱" in page.locator("#pii-kinds").inner_text()
    assert "只计数" in page.locator("#excerpts").inner_text()


RANKED = {
    "qa-by-layer": ("qa", "by_layer", "pairs", "documents"),
    "qa-by-lang": ("qa", "by_lang", "pairs", "documents"),
    "qa-by-source": ("qa", "by_source", "pairs", "documents"),
    "qa-by-generator": ("qa", "by_generator", "pairs", "documents"),
    "qa-by-kind": ("qa", "by_kind", "pairs", "documents"),
    "dialogues-by-task": ("dialogues", "by_task", "dialogues", "documents", "turns", "learnt"),
    "dialogues-by-source": ("dialogues", "by_source", "dialogues", "documents", "turns", "learnt"),
    "dialogues-by-lang": ("dialogues", "by_lang", "dialogues", "documents", "turns", "learnt"),
}


def test_the_pages_on_pairs_and_dialogues_show_the_numbers_of_report_json(a_run, open_page):
    path = write(a_run)
    numbers = json.loads((path.parent / "report.json").read_text(encoding="utf-8"))
    page = open_page(path)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    for table, (section, name, *amounts) in RANKED.items():
        rows = numbers[section][name]["rows"]
        assert cells(page, table) == [[row[one] for one in amounts] for row in rows]
    lost, left_out = numbers["qa"]["rejected"], numbers["dialogues"]["left_out"]
    for table, found in (
        ("qa-layers-by-language", numbers["qa"]["layers_by_language"]),
        ("rejected-by-layer", lost["by_layer"]),
        ("rejected-by-language", lost["by_language"]),
        ("left-out-by-source", left_out["by_source"]),
    ):
        told = [[*row["found"], sum(row["found"]) + row["others"]] for row in found["rows"]]
        assert cells(page, table) == told
    assert cells(page, "rejected-layers") == [
        [r["accepted"], r["rejected"]] for r in lost["layers"]
    ]
    for table, rows, amounts in (
        (
            "rejected-reasons",
            lost["reasons"]["rows"],
            ("rejected", "documents", "without_question"),
        ),
        ("left-out-reasons", left_out["reasons"]["rows"], ("left_out", "documents", "whole")),
        ("dialogue-turns", numbers["dialogues"]["turns"], ("dialogues",)),
        ("qa-faults", numbers["qa"]["usage"]["faults"], ("times",)),
        ("qa-usage", numbers["qa"]["usage"]["requests"], USED),
    ):
        assert cells(page, table) == [[row[name] for name in amounts] for row in rows]
    mix = sorted(numbers["sft_mix"], key=lambda row: -row["rows"])
    shown = page.locator("#sft-mix-table tbody tr").all_inner_texts()
    for row, text in zip(mix, shown, strict=True):
        for name in ("asked_share", "achieved_share", "token_share"):
            assert share(row[name]) in text
    costs = page.locator("#qa-usage tr td:last-child").all_inner_texts()
    assert costs == [
        f"{row['cost']:,.4f}"
        for row in (*numbers["qa"]["usage"]["requests"], numbers["qa"]["usage"]["total"])
    ]


USED = ("answered", "given_up", "budget", "tokens_in", "tokens_out")


def test_questions_answers_and_quotes_are_shown_as_they_are(a_run, open_page):
    path = write(a_run)
    numbers = json.loads((path.parent / "report.json").read_text(encoding="utf-8"))["qa"]
    page = open_page(path)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    texts = "all => all.map(one => one.textContent)"
    told = page.eval_on_selector_all("#qa-examples dd, #rejected-samples dd", texts)
    order = [row["reason"] for row in numbers["rejected"]["reasons"]["rows"]]
    samples = sorted(numbers["rejected"]["samples"], key=lambda row: order.index(row["reason"]))
    rows = [*numbers["examples"], *samples]
    assert told == [printable(row[name]) for row in rows for name in ("question", "answer")]
    pieces = [piece for row in numbers["examples"] for piece in row["pieces"]]
    marked = [printable(piece["text"]) for piece in pieces if piece["is_quote"]]
    assert page.eval_on_selector_all("#qa-examples mark", texts) == marked
    contexts = page.eval_on_selector_all("#qa-examples .text", texts)
    assert "".join(contexts) == printable("".join(piece["text"] for piece in pieces))
    assert page.evaluate("window.hit") is None
    page = open_page(path, "?lang=zh")
    assert "依赖上文" in page.locator("#rejected-reasons").inner_text()
    assert "请求过多" in page.locator("#qa-faults").inner_text()


def test_how_an_encoding_was_told_is_said_in_the_language_of_the_page(a_run, open_page):
    path = write(a_run)
    english, chinese = (
        open_page(path, f"?lang={lang}").locator("#charsets-0").inner_text()
        for lang in ("en", "zh")
    )
    assert "header (HTTP, MIME)" in english
    assert "头部声明" in chinese
    assert "header" not in chinese


def test_the_lists_of_a_source_open_by_the_keyboard(a_run, open_page):
    page = open_page(write(a_run))
    lists = page.locator("#ingest details.lists")
    second = lists.nth(1)
    assert not second.evaluate("one => one.open")
    second.locator("summary").focus()
    page.keyboard.press("Enter")
    assert second.evaluate("one => one.open")
    page.locator("#ingest .command").focus()
    assert page.evaluate("document.activeElement.className") == "command"


def test_what_a_metric_measures_is_told_in_the_language_of_the_page(a_run, open_page):
    about = "#filter-gopher_quality .metric .about"
    english = open_page(write(a_run), "?lang=en").locator(about).first.inner_text()
    chinese = open_page(write(a_run), "?lang=zh").locator(about).first.inner_text()
    assert "units: Han characters" in english
    assert "一个汉字或其他文字的一个单词" in chinese
    assert "Han characters" not in chinese


def title(page) -> str:
    return page.locator("#overview-title").inner_text()


def test_language_follows_query_browser_and_button(a_run, open_page):
    path = write(a_run)
    assert title(open_page(path)) == "Overview"
    assert title(open_page(path, locale="zh-CN")) == "概览"
    assert title(open_page(path, "?lang=en", locale="zh-CN")) == "Overview"
    page = open_page(path, "?lang=zh")
    assert title(page) == "概览"
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"
    assert page.locator("main .w.en:visible").count() == 0
    page.locator("#language").focus()
    page.keyboard.press("Enter")
    assert title(page) == "Overview"
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.locator("main .w.zh:visible").count() == 0


def test_hostile_documents_do_nothing(a_run, open_page):
    page = open_page(write(a_run))
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate("window.hit") is None
    assert "<script>window.hit = 1</script>" in page.locator("#samples").inner_text()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nothing_reaches_beyond_the_window(a_run, open_page, width, lang):
    page = open_page(write(a_run), f"?lang={lang}", width)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


CONTRAST = """() => {
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = node => {
    for (; node; node = node.parentElement) {
      const [r, g, b, a = 1] = parse(getComputedStyle(node).backgroundColor);
      if (a > 0) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const low = new Set();
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some(one => one.nodeType === 3 && one.textContent.trim());
    if (!own || !node.checkVisibility() || ['SCRIPT', 'STYLE'].includes(node.tagName)) continue;
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(behind(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) low.add(`${node.tagName}.${node.className}: ${ratio.toFixed(2)}`);
  }
  return [...low];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_the_contrast_of_aa(a_run, open_page, scheme):
    (a_run / "documents" / "00000.parquet").unlink()  # so that the loud error is measured too
    page = open_page(write(a_run))
    page.emulate_media(color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate(CONTRAST) == []
