"""Values that a label announces: "Passport No.: ...", "my driver's license number is ..."."""

import re

_SAYS = (
    r"(?:[ _\-]?(?i:number|no|num|nr|id|code|card|#)(?![A-Za-z])|号码?|號碼?)?\.?[\"'*)]{0,3}"
    r" ?(?:(?i:is|was|are)(?: now)? |[是为為]|[:=#])?[ \"'*(#]{0,3}"
)


def labelled(labels: str, value: str) -> re.Pattern[str]:
    """A pattern of a label, what may stand between, and the value with no letter or digit after."""
    return re.compile(
        rf"(?<![A-Za-z])(?i:{labels}){_SAYS}(?P<value>{value})(?![0-9A-Za-z_])(?![.\-][0-9])"
    )
