"""All of a page as Markdown, as books need it."""

import time

import pytest

from taojin.pipeline.ingest.markup.page import parsed
from taojin.pipeline.ingest.markup.render import whole

SIZE = 400_000


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<h2>a<br>b</h2>c<p>d<br>e", "## a b\n\nc\n\nd\ne"),
        ("<ol><li>a<ul><li>b</ul><li>c</ol>", "1. a\n  - b\n2. c"),
        ("<dl><dt>pan<dd>a dish<dt>sieve<dd>holes</dl>", "- pan: a dish\n- sieve: holes"),
        ("<table><tr><td>a<td><tr><td>b<td>c</table>", "| a |  |\n|---|---|\n| b | c |"),
        ("<table><tr><td>a<table><tr><td>b<td>c</table>d</table>", "a\n\n| b | c |\n|---|---|\n\nd"),
        ("<table><tr><td><p>a<p>b<td><ul><li>c<li>d</ul></table>", "| a b | c d |\n|---|---|"),
        ("<table><tr>a<td>b<form><td>c</form></table>", "| b | c | a |\n|---|---|---|"),
        ("<pre class='x language-c++'>a;\n  b;</pre>", "```c++\na;\n  b;\n```"),
        ("<pre><code class=lang-go>a\nb</code></pre>", "```go\na\nb\n```"),
        ("<pre>a\n```\nb</pre>", "````\na\n```\nb\n````"),
        ("<pre>a\n<pre>b</pre>c</pre><p>d", "```\na\nbc\n```\n\nd"),
        ("<pre><pre>b\n</pre>c</pre>", "```\nb\nc\n```"),
        ("<p><ruby>金<rp>(<rt>jīn<rp>)</ruby>子", "金子"),
        ("<p>E <math alttext='m c'><mi>m</mi></math>", "E $m c$"),
        ("<p><math><mi>m</mi><annotation encoding='application/x-tex'> m^2 </annotation></math>", "$m^2$"),
        ("<table><tr><th>a<th colspan=2>b<tr><td rowspan=2>c<td>d<td>e<tr><td>f<td>g<tr><td>h</table>",
         "| a | b |  |\n|---|---|---|\n| c | d | e |\n|  | f | g |\n| h |  |  |"),
        ("<table><tr><td>a<td rowspan=3>b<tr><td>c<tr><td>d<tr><td>e<td>f</table>",
         "| a | b |\n|---|---|\n| c |  |\n| d |  |\n| e | f |"),
        ("<ol start='3'><li>a<li>b</ol>", "3. a\n4. b"),
        ("<p>沙里\n  淘金\nand\nmore", "沙里淘金 and more"),
        ("<p>10<sup>-6</sup> km<sup>2</sup> 1<sup>st</sup> note<sup>[1]</sup>", "10^-6 km^2 1st note[1]"),
        ("<pre>1\n2\n3</pre><pre>a\nb</pre>", "```\na\nb\n```"),
        ("<p>E <script type='math/tex'>m < c</script> and <script type='math/tex; mode=display'>x</script>",
         "E $m < c$ and $$x$$"),
        ("<p>E <span class=katex><span class=katex-mathml><math><annotation encoding='application/x-tex'>m"
         "</annotation></math></span><span aria-hidden=true><b>m</b>m</span></span> so", "E $m$ so"),
    ],
)  # fmt: skip
def test_blocks_of_every_kind(html: str, text: str) -> None:
    assert whole(parsed(html)) == text


@pytest.mark.parametrize("html", [
    "<math><annotation x-tex>" * (SIZE // 24),
    "<math>" + "<annotation x-tex " * (SIZE // 18),
    "<math>" + "<" * SIZE,
    "<pre>a\n" + "<" * SIZE,
    "<pre>a\n" + "<br" * (SIZE // 3),
    "<pre " + "class=" * (SIZE // 6) + ">a\nb</pre>",
    "<table>" + "<tr><td>" * (SIZE // 8),
    "<table><tr><td>" * (SIZE // 15),
    "<pre>x\ny" * (SIZE // 8),
    "<ul><li>" * (SIZE // 8),
], ids=lambda html: html[:20])  # fmt: skip
def test_no_page_costs_more_than_its_size(html: str) -> None:
    whole(parsed("<p>compiled"))
    start = time.process_time()
    whole(parsed(html))
    assert time.process_time() - start < 10


@pytest.mark.parametrize("html", [
    "<table><tr>" + "<td>a" * 10_000 + "<tr><td>b" * 9_000 + "</table>",
    "<table><tr>" + "<td rowspan=999 colspan=999>a" * 50 + "<tr><td>b" * 9_000 + "</table>",
])  # fmt: skip
def test_no_table_is_much_larger_than_what_it_holds(html: str) -> None:
    assert len(whole(parsed(html))) < 50 * len(html)
