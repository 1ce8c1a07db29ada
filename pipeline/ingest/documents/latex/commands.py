"""Commands and environments by what they do to the text; those in no list show their arguments."""

from collections.abc import Mapping

HEADINGS: Mapping[str, int] = {
    "part": 1, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4, "paragraph": 5,
    "subparagraph": 6, "frametitle": 4,
}  # fmt: skip
"""Levels below the title, in a text with chapters; without them all but a part are one higher."""

_NONE_NAMES = (
    "and appendix centering clearpage cleardoublepage hfill hline newpage noindent pagebreak par "
    "tableofcontents listoffigures listoftables today vfill"
)
_ONE_NAMES = (
    "bibliographystyle bibliography addbibresource nocite cite citep citet citealp citeauthor "
    "citeyear parencite textcite autocite footcite upcite label vspace hspace input include "
    "includeonly zihao todo fontencoding includegraphics includepdf pagestyle thispagestyle "
    "pagenumbering color cline cmidrule hypersetup geometry graphicspath usepackage "
    "usetikzlibrary documentclass RequirePackage newcounter stepcounter refstepcounter index "
    "glossary thanks affil affiliation email institute address keywordsname phantom hphantom "
    "vphantom vskip pgfplotsset tikzset lstset setminted ctexset CJKfamily fontfamily "
    "selectlanguage hyphenation bibitem orcid ccsdesc setmainfont setCJKmainfont setsansfont "
    "setCJKsansfont setmonofont setCJKmonofont linespread date markright subjclass "
    "DeclareGraphicsExtensions allowdisplaybreaks icmlkeywords extracolsep arraystretch rowcolor "
    "cellcolor columncolor bookmarksetup theoremstyle tikz titlerunning authorrunning toctitle "
    "author usetheme usecolortheme logo titlegraphic addtobeamertemplate pdfbookmark"
)
_TWO_NAMES = (
    "setlength addtolength setcounter addtocounter rule fontsize newfontfamily setCJKfamilyfont "
    "markboth numberwithin newlength newsavebox setbeamertemplate setbeamercolor setbeamerfont "
    "titleformat* fancyhead fancyfoot captionsetup settowidth settoheight settodepth "
    " definecolorset sethlcolor "
    "newglossaryentry"
)
_FIRST_NAMES = (
    "textcolor colorbox parbox raisebox scalebox rotatebox foreignlanguage hyperref adjustbox "
    "href captionof"
)
LEFT_OUT: Mapping[str, int] = {
    **dict.fromkeys(_NONE_NAMES.split(), 0),
    **dict.fromkeys(_ONE_NAMES.split(), 1),
    **dict.fromkeys(_FIRST_NAMES.split(), 1),
    **dict.fromkeys(_TWO_NAMES.split(), 2),
    **dict.fromkeys(("multirow", "resizebox", "fcolorbox"), 2),
    **dict.fromkeys(("addcontentsline", "definecolor", "titlespacing", "newacronym"), 3),
}
"""How many arguments a command has that are no text; what follows them is."""

_SETTING_NAMES = "setlength addtolength settowidth settoheight settodepth newlength newsavebox"
SETTING = frozenset(_SETTING_NAMES.split())
"""Commands whose arguments often stand without braces."""
_LENGTH_NAMES = (
    "vskip hskip kern mskip raise lower parskip parindent baselineskip tabcolsep textwidth "
    "textheight topmargin oddsidemargin evensidemargin abovecaptionskip belowcaptionskip "
    "abovedisplayskip belowdisplayskip arrayrulewidth itemsep parsep leftskip rightskip lineskip"
)
LENGTHS = frozenset(_LENGTH_NAMES.split())
"""Commands of TeX behind which a length may stand."""
FILES = frozenset(("input", "include"))
RULES = frozenset(("cmidrule", "cline"))
CITING = frozenset(name for name in _ONE_NAMES.split() if "cite" in name)
BREAKS = frozenset(("par", "newpage", "clearpage", "pagebreak", "maketitle"))
REFERENCES = frozenset(("ref", "eqref", "pageref", "autoref", "cref", "Cref", "nameref", "vref"))

_MATH_NAMES = (
    "align align* alignat alignat* aligned displaymath dmath dmath* eqnarray eqnarray* equation "
    "equation* flalign flalign* gather gather* math multline multline*"
)
MATH = frozenset(_MATH_NAMES.split())
PLAIN_MATH = ("displaymath", "equation", "equation*", "dmath", "dmath*", "math")
"""Formulas whose environment says no more than that they are one."""
_TABLE_NAMES = (
    "array longtable longtable* longtblr NiceTabular supertabular tabular tabular* tabularx "
    "tabulary tblr xltabular"
)
TABLES = frozenset(_TABLE_NAMES.split())
LISTS: Mapping[str, bool] = {
    "itemize": False, "enumerate": True, "description": False, "compactitem": False,
    "compactenum": True, "inparaenum": True, "itemize*": False, "enumerate*": True, "list": False,
    "trivlist": False, "questions": True, "tasks": True, "choices": True, "checkboxes": False,
    "oneparchoices": True, "asparaenum": True, "asparaitem": False,
}  # fmt: skip
"""Environments of items, and whether these have numbers."""
ITEMS = ("item", "question", "choice", "CorrectChoice", "task")
WITH_ARGUMENTS: Mapping[str, int] = {
    "tabular*": 1, "tabularx": 1, "tabulary": 1, "xltabular": 1, "CJK": 2, "CJK*": 2,
    "minipage": 1, "wrapfigure": 2, "wraptable": 2, "multicols": 1, "multicols*": 1,
    "subfigure": 1, "subtable": 1, "adjustbox": 1, "spacing": 1, "otherlanguage": 1, "list": 2,
    "alignat": 1, "alignat*": 1, "adjustwidth": 2, "turn": 1, "rotate": 1, "tblr": 0, "longtblr": 0,
    "scope": 0, "columns": 0, "column": 1, "savenotes": 0,
}  # fmt: skip
"""How many arguments an environment has that are no text; a table has its columns besides."""
_THEOREM_NAMES = (
    "assumption claim conjecture corollary definition example exercise lemma proof proposition "
    "remark solution theorem"
)
THEOREMS: Mapping[str, str] = {name: name.capitalize() for name in _THEOREM_NAMES.split()}
"""Environments with a label, where the text does not define them."""
TITLED = frozenset(("block", "alertblock", "exampleblock"))
"""Environments whose argument is a label."""

STEPPED = frozenset(("algorithmic", "algorithmic*", "algorithm2e", "algorithm", "algorithm*"))
_STEPS = {
    "State": "", "Statex": "", "Require": "Require:", "Ensure": "Ensure:", "Input": "Input:",
    "Output": "Output:", "For": "for {} do", "ForAll": "for all {} do", "EndFor": "end for",
    "While": "while {} do", "EndWhile": "end while", "If": "if {} then", "ElsIf": "else if {} then",
    "Else": "else", "EndIf": "end if", "Loop": "loop", "EndLoop": "end loop", "Repeat": "repeat",
    "Until": "until {}", "Function": "function {}({})", "EndFunction": "end function",
    "Procedure": "procedure {}({})", "EndProcedure": "end procedure",
}  # fmt: skip
WITHIN_STEPS: Mapping[str, str] = {
    "Return": "return", "RETURN": "return", "Call": "{}({})", "CALL": "{}({})",
    "Comment": "▷ {}", "COMMENT": "▷ {}", "To": "to", "TO": "to", "True": "true", "TRUE": "true",
    "False": "false", "FALSE": "false", "And": "and", "AND": "and", "Or": "or", "OR": "or",
    "Not": "not", "NOT": "not",
}  # fmt: skip
"""What stands within the line of a step."""
STEPS: Mapping[str, str] = {
    **_STEPS, **{name.upper(): words for name, words in _STEPS.items()}, **WITHIN_STEPS,
    "KwIn": "Input: {}", "KwOut": "Output: {}", "KwData": "Data: {}", "KwResult": "Result: {}",
}  # fmt: skip
"""Steps of algorithms and their keywords, with the places of their arguments."""
