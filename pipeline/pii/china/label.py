"""Labels before values, as forms, tables, JSON and running text write them."""

import re

from taojin.pipeline.pii.characters import SPACE
from taojin.pipeline.pii.detector import before

HAN = "[\u3400-\u9fff\U00020000-\U0003134f〇]"
"""Class of Han characters, for Python and Rust alike."""

_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def both_widths(*words: str) -> str:
    """The words as alternatives of an expression, each also in full-width letters.

    For prefilters, which see the text before it is normalised; words of mixed width are not met.
    """
    wide = [word.translate(_WIDE) for word in words]
    return "|".join(dict.fromkeys([*words, *wide]))


_NUMBER = "号码?|號碼?|编号|編號|字號|代码|代碼|ID|id|No\\.?|no\\.?|NO\\.?|Number|number"
AFTER_LABEL = rf"(?: ?(?:{_NUMBER}))?(?: ?[是为為])?[ \t:=(\[\"'“‘「【|_]{{0,5}}"
"""What may stand between a label and its value, in a normalised line."""

RAW_AFTER_LABEL = (
    rf"(?:{SPACE}?(?:{_NUMBER}|{both_widths('ID', 'id', 'No', 'NO', 'Number')})[.．]?)?"
    rf"(?:{SPACE}?[是为為])?"
    rf"(?:{SPACE}|[\t:：=＝(（\[［\"＂'＇“‘「【|｜_＿]){{0,5}}"
)
"""The same in a prefilter, which sees the text before it is normalised."""


def near(match: re.Match[str], label: re.Pattern[str], back: int, ahead: int = 0) -> bool:
    """Whether the label stands among so many characters before or after the value in its line."""
    if label.search(before(match, back)):
        return True
    end = match.end("value")
    tail = match.string[end : end + ahead].partition("\n")[0]
    return label.search(tail) is not None
