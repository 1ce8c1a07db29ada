"""LaTeX, told by pylatexenc and by texts that are written in both notations."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pylatexenc.latex2text import LatexNodes2Text

from taojin.pipeline.ingest.documents.latex import document
from taojin.pipeline.ingest.records import ReadOptions, Record
from taojin.tests.pipeline.ingest.hostile import assert_no_crash, entry_of

OPTIONS = ReadOptions()
PAPER = r"""% A paper
\documentclass[11pt]{article}
\usepackage[utf8]{inputenc} % not \section{shown}
\newcommand{\R}{\mathbb{R}}
\newcommand{\norm}[1]{\left\lVert #1 \right\rVert}
\newcommand{\both}[2][gold]{#1 and #2}
\newcommand\method{\textsc{GoldPan}\xspace}
\def\be{\begin{equation}} \def\ee{\end{equation}}
\DeclareMathOperator{\argmax}{arg\,max}
\newtheorem{thm}{Theorem}[section]
\title{Washing {\bf Gold}\thanks{Funded by \'Ecole.}\\ in Rivers}
\author{Ann O'Neill \and Bob}
\date{May 2024}
\begin{document}
\maketitle
\begin{abstract}
We present \method, which is ``good''---really. It's 50\% better~\cite{a,b}.
\end{abstract}
\section{Introduction}\label{sec:intro}
Let $x \in \R^n$ and $\norm{x} \le 1$, \both{sand}, \both[tin]{lead}.
See Section~\ref{sec:intro}\footnote{A \emph{note}, \url{http://a.b/c%d_e}.}. \href{http://x.y}{A link}.
\be
a = b \label{eq:a}
\ee
After.
\begin{align}
x &= 1 \\
y &= 2 \nonumber
\end{align}
\[ \argmax_x f(x) \]
\begin{table}[t]
\centering
\caption[short]{Results \textbf{here}.}
\begin{tabular}{l|c@{}r}
\toprule
Name & \multicolumn{2}{c}{Value} \\ \midrule
A \& B & 1 & $x^2$ \\
\cmidrule{2-3}
C & \begin{tabular}{@{}c@{}}two\\lines\end{tabular} & 3\\[2pt] \bottomrule
\end{tabular}
\end{table}
\begin{figure}\includegraphics[width=3cm]{a.png}\caption{A figure.}\end{figure}
\begin{thm}[Gauss] Every \verb|a_b%c| is $1$.\end{thm}
\begin{proof}Trivial.\end{proof}
\begin{lstlisting}[language=Python, caption={The \emph{pan}}]
def f(x):  % no comment
    return x
\end{lstlisting}
\begin{verbatim}
\section{no}
\end{verbatim}
\begin{minted}[linenos]{c}
int x;
\end{minted}
\begin{tikzpicture}\draw (0,0);\end{tikzpicture}\iffalse hidden \fi
\textcolor{red}{Red} text\\ next line \hspace{1cm} costs \$5 \# 1--2.

\bibliography{refs}
\begin{thebibliography}{9}\bibitem{a} X.\end{thebibliography}
\end{document}
after
"""
MARKDOWN = r"""# Washing Gold in Rivers

## Abstract

We present GoldPan, which is “good”—really. It’s 50% better.

## Introduction

Let $x \in \mathbb{R}^n$ and $\left\lVert x \right\rVert \le 1$, gold and sand, tin and lead. See Section [sec:intro][^1]. A link.

[^1]: A note, http://a.b/c%d_e.

$$
a = b
$$

After.

$$
\begin{align}
x &= 1 \\
y &= 2
\end{align}
$$

$$
\operatorname{arg\,max}_x f(x)
$$

Results here.

| Name | Value |  |
|---|---|---|
| A & B | 1 | $x^2$ |
| C | two lines | 3 |

A figure.

Theorem (Gauss): Every `a_b%c` is $1$.

Proof: Trivial.

The pan

```python
def f(x):  % no comment
    return x
```

```
\section{no}
```

```c
int x;
```

Red text
next line costs $5 # 1–2."""
CHINESE = r"""\documentclass[UTF8]{ctexart}
\title{淘金记}\author{某人}\date{\today}
\newtheorem{dingli}{定理}
\begin{document}\maketitle
\begin{abstract}本文讨论
淘金。\end{abstract}
\section{引言}
沙里淘金，\textbf{要有耐心}，一遍一遍地洗\cite{a}，
才能见到金子。``引号''。
\begin{dingli}若 $a>b$，则 $b<a$。\end{dingli}
\end{document}"""


def text_of(source: str) -> str:
    return document.read(source.encode(), OPTIONS).text


def test_a_paper(tmp_path: Path) -> None:
    found = entry_of(tmp_path / "a.tex", PAPER.encode())
    assert isinstance(found, Record)
    assert found.text == MARKDOWN
    assert (found.title, found.fetched_at) == ("Washing Gold in Rivers", "May 2024")
    assert found.mime == "text/x-tex"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_chinese_article(tmp_path: Path, encoding: str) -> None:
    found = entry_of(tmp_path / "a.latex", CHINESE.encode(encoding))
    assert found.text == (
        "# 淘金记\n\n## 摘要\n\n本文讨论淘金。\n\n## 引言\n\n"
        "沙里淘金，要有耐心，一遍一遍地洗，才能见到金子。“引号”。\n\n定理: 若 $a>b$，则 $b<a$。"
    )
    assert (found.title, found.fetched_at) == ("淘金记", "")


def test_the_encoding_that_a_file_names() -> None:
    head = r"\usepackage[koi8-r]{inputenc}\begin{document}"
    source = head.encode() + "Золото, золото моё".encode("koi8-r")
    assert document.read(source, OPTIONS).text == "Золото, золото моё"


# Inline: pylatexenc is the judge

PIECES = st.sampled_from([
    "gold", "sand,", "river.", r"\textbf{bold}", r"\emph{stress \textit{in} stress}", r"{\em old}",
    r"na\"{\i}ve", r"M\"uller", r"G\"{o}del", r"\'Ecole", r"\c{c}a", r"\v{S}koda", r"{\L}uk", r"\ss{}", r"\o{}",
    r"\aa{}ngstrom", r"$x^2 + y_1$", r"\(z\)", r"\%", r"\&", r"\_", r"\#", r"\{a\}", "``quoted''", "a---b", "1--2",
    r"\ldots{}", r"\dag{}", "~", r"\^{e}", r"\`a", r"\~n", r"\H{o}",
    r"\textbackslash{}", "% comment\n and", "{group}", "\nand", r"\&c", r"\=o", r"\.z", r"\u{a}", r"\r{u}", r"\k{e}", r"\d{s}",
])  # fmt: skip


@given(st.lists(PIECES, max_size=12))
def test_inline_commands_agree_with_pylatexenc(pieces: list[str]) -> None:
    source = " ".join(["x", *pieces])
    judge = LatexNodes2Text(math_mode="verbatim")
    wanted = " ".join(judge.latex_to_text(source).split())
    found = text_of(source).replace("$z$", r"\(z\)")
    assert found == wanted.replace("``", "“").replace("''", "”").replace("`", "‘")


# Structure: the same text in both notations

Both = tuple[str, str]
TEXT = st.sampled_from([
    ("sand", "sand"), (r"\emph{gold} dust", "gold dust"), ("$a$ and % no\nb", "$a$ and b"),
    ("two\nlines", "two lines"), (r"\verb|x{|", "`x{`"),
])  # fmt: skip
CODE = st.sampled_from(["x = {1", "  % y", r"\end{itemize}"])


def listed(kind: str, items: list[tuple[Both, list[Both]]]) -> Both:
    latex, markdown = [rf"\begin{{{kind}}}"], []
    for number, (first, more) in enumerate(items, 1):
        latex.append(rf"\item {first[0]}" + "".join(f"\n\n{one[0]}" for one in more))
        mark = f"{number}." if kind == "enumerate" else "-"
        text = first[1]
        for one in more:
            is_list = one[1].startswith(("- ", "1. "))
            text += ("\n" if is_list else "\n\n") + one[1]
        markdown.append(f"{mark} " + text.replace("\n", "\n  ").replace("\n  \n", "\n\n"))
    return "\n".join([*latex, rf"\end{{{kind}}}"]), "\n".join(markdown)


def tabled(rows: list[list[Both]]) -> Both:
    width = len(rows[0])
    latex = " \\\\ \\hline\n".join(" & ".join(cell[0] for cell in row) for row in rows)
    lines = [f"| {' | '.join(cell[1] for cell in row)} |" for row in rows]
    lines.insert(1, f"|{'---|' * width}")
    return rf"\begin{{tabular}}{{{'l' * width}}}{latex}\end{{tabular}}", "\n".join(lines)


def verbatim(lines: list[str]) -> Both:
    code = "\n".join(["begin", *lines])
    return f"\\begin{{verbatim}}\n{code}\n\\end{{verbatim}}", f"```\n{code}\n```"


LEAF = (
    TEXT
    | st.lists(st.lists(TEXT, min_size=2, max_size=2), min_size=1, max_size=3).map(tabled)
    | st.lists(CODE, max_size=2).map(verbatim)
    | TEXT.map(lambda text: (f"\\begin{{center}}{text[0]}\\end{{center}}", text[1]))
    | TEXT.map(lambda _: (r"\begin{equation*}a\end{equation*}", "$$\na\n$$"))
)
KINDS = st.sampled_from(["itemize", "enumerate"])
BLOCK = st.recursive(
    LEAF,
    lambda inner: st.builds(
        listed,
        KINDS,
        st.lists(st.tuples(TEXT, st.lists(inner, max_size=2)), min_size=1, max_size=3),
    ),
    max_leaves=6,
)
SECTION = TEXT.map(lambda text: (rf"\section{{{text[0]}}}", f"# {text[1]}"))


@given(st.lists(BLOCK | SECTION, max_size=5))
def test_structure_is_the_same_in_both_notations(blocks: list[Both]) -> None:
    source = "\n\n".join(latex for latex, _ in blocks)
    assert text_of(source) == "\n\n".join(markdown for _, markdown in blocks)


# One by one


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"\chapter{A}\section*{B}\subsection[s]{C \textbf{d}\label{x}}", "# A\n\n## B\n\n### C d"),
        (r"\begin{description}\item[Pan] A dish.\item[Sieve:] Holes.\end{description}", "- Pan: A dish.\n- Sieve: Holes."),
        (r"\S1 \copyright{} \pounds 3 \alpha \LaTeX{} \TeX\ x", "§1 © £3 αLaTeX TeX x"),
        ("a % c\n\nb", "a\n\nb"),
        ("a%\n  b", "ab"),
        ("% a\n% b\nc", "c"),
        (r"\begin{frame}{Slide} Hello \pause you.\end{frame}", "### Slide\n\nHello you."),
        (r"\begin{CJK*}{UTF8}{gbsn}淘金\end{CJK*}", "淘金"),
        (r"\setlength{\parskip}{1em}\includegraphics[width=1cm]{a}x\input{b}\vspace*{2pt}y", "xy"),
        (r"$$a$$ b \[c\] $5", "$$\na\n$$\n\nb\n\n$$\nc\n$$\n\n$5"),
        ("$a\n\nb$", "$a\n\nb$"),
        (r"\author[1]{Ann}\author{Bob \\and C}x", "x"),
        (r"\unknown{text} \Other[opt]{more}", "text more"),
        (r"\newcommand{\x}{y}\x z \x{} w \X", "yz y w"),
        (r"\renewcommand{\section}[1]{no}\section{A}", "# A"),
        (r"\def\pair#1#2{(#1, #2)}\pair{a}b", "(a, b)"),
        (r"\newcommand{\al}{\alpha}\al b", "αb"),
        (r"\NewDocumentCommand{\q}{m m}{#2#1}\q{a}{b}", "ba"),
        (r"\newenvironment{e}[1]{\bf}{\rm}\begin{e}x\end{e}", "x"),
        (r"\lstinputlisting[language=C]{code/a.c}", "`code/a.c`"),
        (r"\let\oldx\x text", "text"),
        (r"\begin{itemize}\item a\begin{tabular}{l}b\\c\end{tabular}\end{itemize}", "- a\n\n  | b |\n  |---|\n  | c |"),
        (r"\begin{tabular}{ll}\multicolumn{2}{c}{a} \\ b & c\end{tabular}", "| a |  |\n|---|---|\n| b | c |"),
        (r"\begin{tabular}{l}\begin{itemize}\item a\item b\end{itemize} & c\end{tabular}", "| - a - b | c |\n|---|---|"),
        (r"\begin{itemize}\item open", "- open"),
        (r"\end{itemize}} text {", "text"),
        (r"\lstinline|a{b| \mintinline{c}{int y;} \url{a_b%c}", "`a{b` `int y;` a_b%c"),
        (r"x\footnote{a\footnote{b}} y", "x[^1] y\n\n[^1]: a[^2]\n\n[^2]: b"),
        ("\\begin{verbatim}\nnever ends", "never ends"),
        (r"\begin{tabular}{ll}\thead{A\\B} & \makecell[l]{c\\d} \\ \cmidrule(lr){1-2} \multirow{2}{*}{e\\f} & g\end{tabular}", "| A B | c d |\n|---|---|\n| e f | g |"),
        (r"\setlength\parskip{1em}\vskip 10pt plus 1fil\parindent=0pt\tabcolsep\skip \input other.tex x", "x"),
        (r"\begin{itemize}[<+->]\item<1-> a\only<2-3>{b}\item[\alert<2>{c}] d\end{itemize}", "- ab\n- c: d"),
        (r"\begin{block}<2>{Rule} Wash.\end{block}\begin{proof}[Proof of A] B\end{proof}", "Rule: Wash.\n\nProof of A: B"),
        (r"\begin{questions}\question A?\begin{choices}\choice b\CorrectChoice c\end{choices}\end{questions}", "1. A?\n  1. b\n  2. c"),
        (r"a \\* b \ensuremath{x^2}", "a\nb $x^2$"),
        (r"\begin{mine}\item[A] b\item c\end{mine}", "A b\n\nc"),
        (r"\begin{enumerate}\item a\footnote{b}\end{enumerate}c\section{d\footnote{e}}", "1. a[^1]\n\n[^1]: b\n\nc\n\n# d[^2]\n\n[^2]: e"),
        (r"\begin{algorithmic}[1]\Require $x$\For{$i$}\State a \Comment{b}\EndFor\State \Return \Call{F}{c}\end{algorithmic}", "Require: $x$\nfor $i$ do\na ▷ b\nend for\nreturn F(c)"),
    ],
)  # fmt: skip
def test_commands(source: str, text: str) -> None:
    assert text_of(source) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"\newcommand{\x}[1]{$\bar#1$}\x{a}\x 1", r"$\bar a$$\bar1$"),
        (r"\newcommand{\x}[1]{$#1x$}\x{\alpha}\x{2}", r"$\alpha x$$2x$"),
        (r"\newcommand{\x}{\nabla}$\x f$", r"$\nabla f$"),
        (r"\newcommand{\x}[2]{$\bar#1#2$}\x{}{a}", r"$\bar a$"),
    ],
)
def test_macros_do_not_make_names_longer(source: str, text: str) -> None:
    assert text_of(source) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"a\iffalse b \ifx\c\d e\else f\fi g\fi h", "ah"),
        (r"a\iftrue b\else c\fi d", "abd"),
        (r"\newif\ifdraft a\ifdraft b\else c\fi\drafttrue\ifdraft d\else e\fi f", "acdf"),
        (r"\let\iffull\iftrue\iffull a\else b\fi", "a"),
        (r"\ifx\undefined a\else b\fi", "ab"),
        (r"\iffalse a\\iftrue b\fi c", "c"),
        (r"$a \iff b$ \ifthenelse{}{c}{d}\fi", r"$a \iff b$ cd"),
        (r"\iffalse never ends", "never ends"),
        (r"\newif\ifa\iftrue\ifa b\else c\iffalse d\else e\fi\fi\else f\fi g", "ceg"),
    ],
)
def test_branches_that_are_not_taken_are_left_out(source: str, text: str) -> None:
    assert text_of(source) == text


# Hostile texts


def test_macros_in_macros_end() -> None:
    names = [rf"\m{chr(97 + at)}" for at in range(26)]
    bodies = ["gold ", *(name * 30 for name in names)]
    source = "".join(rf"\newcommand{{{name}}}{{{body}}}" for name, body in zip(names, bodies, strict=False))  # fmt: skip
    assert len(text_of(source + r"\mz \ma" * 100)) < 100_000
    assert text_of(source + r"\mb").count("gold") == 30
    assert len(text_of(r"\newcommand{\x}[1]{#1#1}" + r"\x{" * 50 + "gold" + "}" * 50)) < 100_000
    assert text_of(r"\newcommand{\x}{\x\x}\x gold") == "gold"


@pytest.mark.parametrize("piece", [
    "\\section{", "{", "$", "\\(", "\\begin{equation}", "\\begin{verbatim}", "\\begin{itemize}\\item ", "\\item[",
    "\\footnote{", "\\verb|", "\\", "%", "\\iffalse", "\\begin{tabular}{l}a&", "\\newcommand{\\a}{",
    "\\newcommand{\\a}[9]{#1#1}", "\\def\\a{\\a}\\a", "\\'{", "\\url{", "\\foo[", "\\begin{lstlisting}[", "\\ref{",
    "\\textbf{", "\\mint{c}|", "`", "a\n\n", "\\iftrue\\else ", "\\newif\\ifa\\ifa\\fi", "\\iffalse\\fi",
    "\\begin{tabular}{l}{", "\\begin{algorithmic}\\If{", "\\item<1>", "\\vskip 1pt plus",
])  # fmt: skip
def test_any_number_of_anything_ends(piece: str) -> None:
    """No file costs more than its size; pylatexenc gives up on many of these."""
    start = time.process_time()
    text_of(piece * (400_000 // len(piece)))
    assert time.process_time() - start < 20


@given(st.text("\\{}$%&~[]#abei \n`'-1淘", max_size=60))
def test_any_characters_are_a_text(source: str) -> None:
    text_of(source).encode()


def test_damaged_copies(tmp_path: Path) -> None:
    assert_no_crash(tmp_path / "a.tex", PAPER.encode(), 120)
