"""The patterns of English clauses: subject, auxiliary, predicate, and what may be asked of them."""

import re

AUX = (
    r"was|were|is|are|has been|have been|had been|can be|could be|will be|would be|may be|must be|"
    r"should be|can|could|will|would|may|must|should"
)
MONTH = r"January|February|March|April|May|June|July|August|September|October|November|December"
YEAR = r"(?:1\d{3}|20\d{2})"
WHEN = (
    rf"(?:(?:in|on|by|since|around|during) )?(?:(?:the )?(?:early|late|mid)[ -])?"
    rf"(?:(?:\d{{1,2}} )?(?:{MONTH})(?: \d{{1,2}},?)? )?{YEAR}(?:s)?"
    rf"|(?:in|during) the (?:(?:early|late|mid)[ -])?(?:\d{{1,2}}th|\d{{4}}s) ?(?:century"
    rf"|centuries)?"
)
NUMBER = (
    r"(?:(?:about|around|approximately|nearly|almost|over|more than|some|at least|up to) )?"
    r"(?:\d[\d,.]*(?: (?:million|billion|thousand))?|two|three|four|five|six|seven|eight|nine|ten|"
    r"eleven|twelve|thirteen|fifteen|twenty|thirty|forty|fifty|sixty|hundreds)"
)
NOT = (
    r"(?!not\b|n't|also\b|now\b|then\b|never\b|thus\b|therefore\b|however\b|often\b|still\b"
    r"|only\b|usually\b)"
)
SUBJECT = (
    r"(?:(?:The|A|An|Some|Many|Most|Both|All) )?(?:[\w'’\-./+#]+ ){0,5}?[\w'’\-./+#]+"
    r"(?: (?:of|in|for|at|on|from|to) (?:the |a |an )?[\w'’\-]+(?: [\w'’\-]+){0,2})?"
)
CLAUSE = re.compile(
    rf"^(?:(?P<front>(?:In|On|During|Since|By|At|After|Before|Around|From|As of|Until)"
    rf" [^,;:]{{2,40}}), )?"
    rf"(?P<s>{SUBJECT})(?: \([^()]{{1,40}}\))? (?P<aux>{AUX}) {NOT}(?P<rest>[^;:!?]{{4,}}?)\.?$"
)
PARTICIPLE = re.compile(
    r"^(?P<adverb>(?:\w+ly|first|later|once) )?(?P<v>(?:be )?(?:\w{2,}ed|born|built|written"
    r"|known|made|held|given|taken|"
    r"found|set|led|sold|won|lost|seen|shown|sent|drawn|driven|begun|broken|chosen|grown"
    r"|hidden|spoken|"
    r"stolen|thrown|worn|bought|brought|caught|taught|kept|left|put|cut|paid|told|fought"
    r"|struck|laid|split|spread|rewritten))\b"
)
BY = re.compile(
    r" by (?P<a>(?:the |an? |its |their )?[^,.;()]{2,60}?)"
    r"(?=$|,| (?:in|on|at|from|during|after|before|between|when|while|who|which|that"
    r"|to|as|for|with|and) )"
)
TIME = re.compile(
    rf"(?:^| )(?P<a>{WHEN})(?=$|[ ,.])(?! (?:to|and|or|through|until|season|edition|version"
    rf"|film|novel|census|election)\b)(?!,? \w+ed\b)"
)
IN_PLACE = re.compile(
    r" (?P<a>(?:in|at|near|within|outside|on) (?:the )?[A-Z][\w'’\-]*(?:(?: of)?(?: the)?"
    r" [A-Z][\w'’\-]*){0,4}(?:, [A-Z][\w'’\-]*(?: [A-Z][\w'’\-]*)?)?)(?=$|,)"
)
SITE = re.compile(
    r"(?:located |situated |based )?(?P<a>(?:in|at|near|on) (?:the )?(?:[\w\-]+ )*?[A-Z][\w"
    r"'’\-]*(?:(?: of)?(?: the)? [A-Z][\w'’\-]*){0,5}(?:, [A-Z][\w'’\-]*(?: [A-Z][\w'’\-]*)"
    r"?)?)(?=$|,| and )"
)
COUNTED = re.compile(
    rf"^(?P<a>{NUMBER}) (?P<y>(?:[a-z\-]+ ){{0,2}}?[a-z\-]+s (?:were|are|have|had|took"
    rf"|made|won|died|live|lived|[a-z]+ed) (?!by\b)[^,;:!?()]{{10,}}?)(?:[,(].*)?\.?$",
    re.IGNORECASE,
)
SHORT = re.compile(
    r"(?P<a>[A-Z][\w\-]+(?: (?:of|the|and|for|in|on|to|[A-Za-z][\w\-]+)){1,6}) \((?P<x>[A-Z"
    r"]{2,6})\)"
)
KIND = re.compile(
    r"\b(?P<k>University|College|Church|Company|Party|Court|Council|River|Museum|School"
    r"|Institute|Committee|Empire|Treaty|Army|League|Commission|Corporation|Bank|Society"
    r"|Parliament|Congress|County|Lake|Agency|Foundation|Association|Hospital|Library"
    r"|Stadium|Theatre|Museum|Channel|Airport|Railway)$"
)
AS = re.compile(r" (?P<a>as (?:an? |the )?[^,.;()]{2,60})$")
TO = re.compile(r" (?P<a>(?:to|in order to) (?!the\b|a\b|an\b|[A-Z\d])[a-z]+ [^,;()]{4,100})$")
BECAUSE = re.compile(
    r",? (?P<a>(?:because|due to|because of|since the|as a result of|owing to) [^;()]{6,140})$"
)
HOW_MANY = re.compile(
    rf"(?:^| )(?P<a>{NUMBER}) (?P<n>(?!years? old|years? later|of\b|per\b|percent\b|%"
    rf"|million|to\b|and\b|or\b)(?:[a-z\-]+ ){{0,2}}?[a-z\-]+s)(?=$|[ ,.])"
)
CALLED = re.compile(
    r"^(?P<v>(?:also |commonly |often |sometimes |originally |formerly |widely |generally"
    r" |now )?(?:known as|nicknamed|referred to as|dubbed)) (?P<a>[^,.;()]{2,60})$"
)
AIMED = frozenset(
    ["designed", "built", "intended", "developed", "founded", "created", "established", "formed"]
)
SITED = frozenset(
    [
        "located",
        "held",
        "built",
        "founded",
        "born",
        "established",
        "situated",
        "based",
        "buried",
        "signed",
        "made",
        "discovered",
        "found",
        "opened",
        "set",
        "formed",
        "stored",
        "kept",
    ]
)
HANGING = re.compile(
    r"(?:\b(?:and|or|but|of|the|a|an|to|in|on|at|by|for|with|from|as|than|that|which"
    r"|who|is|was|were|are|be|been|its|their|between|about|around|nearly|over|only|both"
    r"|either|early|late|mid|its)|[,;(\"“])\s*$",
    re.IGNORECASE,
)
VERBS = re.compile(
    r"^(?P<q>(?P<a>(?:The |An? )?[A-Z][\w'’\-.]*(?: (?:(?:of|the|de|von|van|and|for|in"
    r"|du|la|le|del|&) )*(?:[A-Z][\w'’\-.]*|[IVX]+)){0,5})(?:,? \([^()]{1,40}\))?)"
    r" (?P<y>(?:first |also |later |then |originally |eventually |finally |successfully"
    r" |initially |formally |officially |once |soon |further )?"
    r"(?P<v>\w{3,}ed|became|began|wrote|won|led|made|built|took|gave|held|found|brought"
    r"|sold|bought|fought|lost|sent|grew|drew|rose|fell|"
    r"left|met|paid|ran|saw|set|shot|sang|spoke|spent|taught|told|thought|threw|wore"
    r"|broke|chose|drove|rode|swore|sank|"
    r"contains?|includes?|provides?|offers?|produces?|allows?|requires?|supports?|runs?"
    r"|uses?|consists?|lies|stands?|serves?|has|"
    r"hosts?|borders?|operates?|represents?|covers?|controls?|owns?|defines?|describes?"
    r"|causes?|enables?|handles?|stores?|manages?)"
    r" [^;:!?]{6,}?)\.?$"
)
PERSON_VERBS = frozenset(
    [
        "wrote",
        "argued",
        "believed",
        "proposed",
        "invented",
        "discovered",
        "died",
        "married",
        "studied",
        "taught",
        "composed",
        "painted",
        "directed",
        "sang",
        "spoke",
        "thought",
        "swore",
        "graduated",
        "claimed",
        "stated",
        "declared",
        "suggested",
        "criticized",
        "criticised",
        "demonstrated",
        "formulated",
        "coined",
        "explained",
        "noted",
        "resigned",
        "travelled",
        "traveled",
        "emigrated",
        "preached",
        "translated",
        "conceived",
        "designed",
        "patented",
        "theorized",
    ]
)
PEOPLE = re.compile(
    r"^(?:(?:Sir|Lord|King|Queen|Emperor|Pope|President|Dr|Mr|Mrs|Prince|Princess|Saint"
    r"|St|Captain|General|Mayor|Bishop|Professor)\.? )"
)
THING = re.compile(
    r"\b(?:of|the|The|University|Company|Church|Act|Party|Court|Union|Council|Committee"
    r"|Government|Empire|Republic|Army|Group|League|Treaty|River|Museum|College|School"
    r"|Institute|Center|Centre|Corporation|Inc|Bank|System|Service|States|Kingdom|Commissio"
    r"n|Association|Party|Society|War|Law|Parliament|Congress|County|City|Lake|Mount"
    r"|[A-Z]{2,})\b"
)
LEANS = re.compile(
    r"\b(?:it|its|they|their|them|he|his|him|she|her|this|these|those|such|there|here"
    r"|we|our|you|your|I|my)\b",
    re.IGNORECASE,
)
START = re.compile(
    r"^(?:An? |Long|If|When|While|Although|Though|Because|Since|Whether|Unless|Once|Where"
    r"|Wherever|Whenever|Despite|Given|Note|For|With|Without|As|But|And|Or|So|Yet|Instead"
    r"|Thus|However|Also|In|On|At|By|To|From|Until|After|Before|During|Under|Over|Both"
    r"|Most|Many|Some|All|Each|Every|Any|No|None|Another|Other|Others|One|Two|Three|Several"
    r"|Few|What|Why|How|Who|Which|Then|Now|Today|Later|Only|Even|Not|Never|Please|See"
    r"|Use|Let|First|Second|Third|Finally|Additionally|Furthermore|Moreover|Unfortunately"
    r"|Similarly|Currently|Recently|Initially|Eventually|Subsequently|Typically|Usually"
    r"|Generally|Specifically|Example|Examples|Modern|Early|Late)\b"
)
PERSON_NAME = re.compile(r"[A-Z][\w.'’\-]+(?: (?:(?:of|de|von|van) )?[A-Z][\w.'’\-]*){1,3}")
