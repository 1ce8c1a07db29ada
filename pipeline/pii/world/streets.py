"""The line of an address that has street and number, as several languages write it.

Patterns are pieces of a longer one. A name is one to five words with a capital each, small words
such as `de` and `von` between them; a pattern of it reads so many words at most, so that its cost
per character is bounded.
"""

_UPPER = "A-ZÀ-ÖØ-ÞĀ-ŽΑ-ΩΆ-ΏА-Я"
LETTER = "A-Za-zÀ-ÖØ-öø-ɏḀ-ỿΆ-ώА-яё∆"
WORD = rf"[{_UPPER}][{LETTER}'’\-]{{0,30}}\.?"
LINK = (
    "(?:de|del|della|delle|dei|degli|des|du|d'|la|las|le|les|los|di|da|do|dos|das|e|y|och|og|i|und|u"
    "|z|ze|nad|pod|na|v|ve|sur|van|der|den|von|het|op|aan|zum|zur|am|im|an|upon|út|tér|utca|tee|põik"
    "|Čs|str)"
)
NAME = rf"{WORD}(?: (?:{LINK} ){{0,2}}{WORD}){{0,4}}"
NUMBER = r"[0-9]{1,6}[A-Za-z]?(?:[\-/][0-9]{1,4}[A-Za-z]?)?"

TYPE = (  # 221 Baker Street; of USPS Publication 28, appendix C1, those that are no common words
    "(?:Street|St|Str|Avenue|Ave|Av|Road|Rd|Lane|Ln|Drive|Dr|Court|Ct|Boulevard|Blvd|Way|Place|Pl"
    "|Square|Sq|Terrace|Ter|Close|Crescent|Cres|Parkway|Pkwy|Highway|Hwy|Circle|Cir|Trail|Trl|Row"
    "|Grove|Gardens|Mews|Hill|Walk|Quay|Parade|Esplanade|Alley|Loop|Ridge|Manor|Heights|Plaza|Green"
    "|Park|Bridge|Crossing|Turnpike|Pike|Rise|Wharf|Freeway|Expressway"
    "|Aly|Bend|Bnd|Bypass|Byp|Causeway|Cswy|Cove|Cv|Xing|Expy|Fwy|Gdns|Grv|Hts|Hollow|Holw|Knoll"
    "|Landing|Lndg|Meadows|Mdws|Motorway|Orchard|Passage|Plz|Rdg|Sq|Tpke|Trace|Trce|Villas|Xrd)"
)
_BEFORE_NAME = (  # Rua Igreja 25, 34 Avenue des Tuileries
    r"(?:[Rr]ua|[Rr]ue|[Aa]venida|[Aa]vda\.?|[Aa]venue|Av\.?|[Cc]alle|C/|C\.|Via|[Vv]iale|[Vv]icolo"
    r"|[Pp]iazza|[Pp]iazzale|[Cc]orso|[Ll]argo|[Tt]ravessa|[Pp]raça|[Pp]laza|[Pp]aseo|[Cc]amino"
    r"|[Cc]amiño|Ctra\.|[Cc]arretera|[Cc]arrer|[Rr]onda|[Rr]ambla|[Cc]hemin|[Aa]llée|[Bb]oulevard"
    r"|Bd\.?|[Qq]uai|[Ii]mpasse|[Ss]tradă|[Ss]trada|[Ss]tr\.|[Uu]l\.|[Uu]lica|[Uu]litsa|[Tt]rg"
    r"|[Nn]áměstí|[Nn]ám\.|[Tt]řída|улица|ул\.|проспект|пр\.|Λεωφ\.|[Οο]δός|[Jj]alan|Jl\.|[Rr]odovia"
    r"|[Ss]ítio|[Zz]ona|[Ee]strada)"
)
_END_OF_NAME = (  # Hochstrasse 63, Kiannonkatu 98
    r"(?:stra(?:ss|ß)e|str\.|gasse|weg|platz|allee|damm|ufer|gatan|gaten|gata|gränd|vägen|väg|veien"
    "|vegen|veg|vej|vejen|gade|stræde|alléen|allé|bakken|haugen|katu|kuja|polku|raitti|tie|straat"
    "|laan|plein|kade|dreef|singel|gracht|utca|útja|körút|stræti|straeti|strætið|götu|vegur|iela"
    "|gatvė|tänav|ulice|steeg|dijk|vænget|parken|torvet|centret)"
)
_AFTER_NAME = (  # Nordahl Rolfsens vei 187
    r"(?:[Ss]tra(?:ss|ß)e|[Ss]tr\.?|[Ww]eg|[Gg]ade|[Gg]ata|[Gg]ate|[Vv]ej|[Vv]ei|[Vv]äg|tie|tee|katu"
    "|ulica|ulice|cesta)"
)
_HUNGARIAN = r"(?:út|útja|tér|utca|u\.|rkp\.|körút|krt\.)"
_COMPASS = r"(?:[NSEW]|[NS][EW])"
_NOT_ST = r"(?!St\.?(?![A-Za-z]))"

STREET = (
    rf"(?:{NUMBER},? (?:{_COMPASS}\.? )?(?:{NAME}|[0-9]{{1,3}}(?:st|nd|rd|th)) {TYPE}"
    rf"(?![{LETTER}])\.?(?: {_COMPASS}(?![A-Za-z]))?"
    rf"|{_BEFORE_NAME} ?(?:{LINK} )*{NAME},? (?![0-9]{{5}}){NUMBER}"
    rf"|{NUMBER},? (?:bis |ter )?{_BEFORE_NAME} (?:{LINK} )*[{LETTER}'’\-]{{2,30}}"
    rf"(?: (?:{LINK} ){{0,2}}{_NOT_ST}{WORD}){{0,4}}"
    rf"|(?:{NAME} )?[{_UPPER}][{LETTER}\-]{{1,30}}{_END_OF_NAME} {NUMBER}"
    rf"|{NAME} {_AFTER_NAME} {NUMBER}"
    rf"|{NAME} (?:[a-zá-ž]{{2,16}} )?{_HUNGARIAN} {NUMBER}\.?"
    r"|[Tt]rg [a-zčšž]{3,20} [0-9]{1,4}"
    r"|(?i:P\.? ?O\.? ?Box|Post Office Box|GPO Box|Postbox) [0-9]{1,6}|Postfach [0-9 ]{1,9}"
    r"|(?:RR|HC|Rural Route) [0-9]{1,4},? Box [0-9]{1,5}[A-Z]?)"
)
"""A street with number whose own words say that it is one."""

ANY_STREET = rf"(?:{STREET}|{NAME},? {NUMBER}|{NUMBER} {_NOT_ST}{NAME})"
"""A street, or any name with a number."""
