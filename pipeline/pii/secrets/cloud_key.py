"""Keys and tokens of services that give theirs a form of their own.

The forms are those of the services' documentation, of gitleaks and of detect-secrets. Identifiers
that are public, such as a publishable key of Stripe, stay.
"""

import re

from taojin.pipeline.pii.detector import Detector, Span
from taojin.pipeline.pii.secrets.randomness import stands_for

_W = r"[0-9A-Za-z_\-]"
_A = "[0-9A-Za-z]"
_H = "[0-9a-f]"

_FORMS = {
    "amazon": "(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}"
    rf"|amzn\.mws\.{_H}{{8}}-(?:{_H}{{4}}-){{3}}{_H}{{12}}",
    "google": rf"AIza{_W}{{35}}|GOCSPX-{_W}{{28}}|ya29\.{_W}{{30,}}",
    "alibaba": f"LTAI{_A}{{12,26}}",
    "tencent": f"AKID{_A}{{28,36}}",
    "volcengine": f"AKLT{_A}{{28,60}}",
    "baidu": f"ALTAK-?{_A}{{21}}",
    "jd": "JDC_[0-9A-Z]{25,32}",
    "github": f"gh[pousr]_{_A}{{36,255}}|github_pat_{_A}{{22}}_{_A}{{59}}",
    "gitlab": rf"gl(?:pat|dt|rt|ptt|cbt|soat|imt|ft|agent|oas|ffct)-{_W}{{20,64}}"
    rf"|GR1348941{_W}{{20}}",
    "slack": rf"xox[abeoprs]-(?:{_A}+-)+{_A}{{10,}}"
    rf"|xapp-[0-9]-[0-9A-Z]+-[0-9]+-{_A}{{20,}}",
    "stripe": f"(?:sk|rk)_(?:live|test|prod)_{_A}{{10,99}}|whsec_[0-9A-Za-z+/]{{32,}}=*",
    "openai": rf"sk-(?:proj|svcacct|admin|None)-{_W}{{20,200}}|sk-{_A}{{32,64}}",
    "anthropic": rf"sk-ant-{_W}{{20,120}}",
    "openrouter": f"sk-or-v1-{_H}{{64}}",
    "hugging_face": f"hf_{_A}{{30,40}}|api_org_{_A}{{34}}",
    "replicate": f"r8_{_A}{{37}}",
    "groq": f"gsk_{_A}{{48,60}}",
    "xai": f"xai-{_A}{{70,90}}",
    "perplexity": f"pplx-{_A}{{40,60}}",
    "twilio": f"(?:SK|AC){_H}{{32}}",
    "sendgrid": rf"SG\.{_W}{{16,32}}\.{_W}{{32,64}}",
    "brevo": f"xkeysib-{_H}{{64}}-{_A}{{16}}",
    "mailchimp": f"{_H}{{32}}-us[0-9]{{1,2}}",
    "mailgun": f"key-{_H}{{32}}",
    "npm": f"npm_{_A}{{36}}",
    "pypi": rf"pypi-Ag{_W}{{50,}}",
    "rubygems": f"rubygems_{_H}{{48}}",
    "docker": rf"dckr_(?:pat|oat)_{_W}{{27,40}}",
    "digitalocean": f"do[opr]_v1_{_H}{{64}}",
    "shopify": "shp(?:at|ca|pa|ss)_[0-9A-Fa-f]{32}",
    "square": rf"sq0(?:atp|csp|idp)-{_W}{{22,43}}|EAAA{_W}{{60}}",
    "telegram": rf"[0-9]{{8,10}}:AA{_W}{{33}}",
    "discord": rf"(?:M[DTjz]|N[DTjz]|O[DT]){_W}{{21,27}}\.{_W}{{6}}\.{_W}{{27,40}}",
    "facebook": f"EAA[MC]{_A}{{60,}}",
    "databricks": "dapi[0-9a-h]{32}(?:-[0-9])?",
    "doppler": rf"dp\.(?:pt|st|ct|sa)\.{_A}{{40,44}}",
    "linear": f"lin_api_{_A}{{40}}",
    "notion": f"secret_{_A}{{43}}|ntn_{_A}{{46}}",
    "postman": f"PMAK-{_H}{{24}}-{_H}{{34}}",
    "pulumi": f"pul-{_H}{{40}}",
    "grafana": f"glsa_{_A}{{32}}_[0-9A-Fa-f]{{8}}|glc_[0-9A-Za-z+/]{{32,400}}=*",
    "vault": rf"hv[sbr]\.{_W}{{24,300}}",
    "terraform": rf"{_A}{{14}}\.atlasv1\.{_W}{{60,70}}",
    "atlassian": r"AT[AC]TT3[0-9A-Za-z_\-=]{50,}",
    "sentry": "sntr(?:ys|yu)_[0-9A-Za-z+/=_]{40,}",
    "new_relic": "NR(?:AK|JS|II|AA)-[0-9A-Z]{27}",
    "planetscale": r"pscale_(?:tkn|pw|oauth)_[0-9A-Za-z_\-.]{32,64}",
    "figma": rf"figd_{_W}{{40,}}",
    "airtable": rf"pat{_A}{{14}}\.{_H}{{64}}",
    "artifactory": f"AKCp{_A}{{69}}",
    "age": "AGE-SECRET-KEY-1[0-9A-Z]{58}",
    "fly": "fm[12]_[0-9A-Za-z+/=_]{60,}",
    "azure": r"[0-9A-Za-z_~.]{3}[0-9]Q~[0-9A-Za-z_~.\-]{31,34}",
}
"""The form of each service's keys."""

_HEADS = (
    "AKIA|ASIA|ABIA|ACCA|amzn[.]mws|AIza|GOCSPX|ya29[.]|LTAI|AKID|AKLT|ALTAK|JDC_|gh[pousr]_"
    "|github_pat_|gl(?:pat|dt|rt|ptt|cbt|soat|imt|ft|agent|oas|ffct)-|GR1348941|xox[abeoprs]-"
    "|xapp-|[sr]k_(?:live|test|prod)_|whsec_|sk-[0-9A-Za-z][0-9A-Za-z_\\-]{20}|hf_[0-9A-Za-z]{30}"
    "|api_org_|r8_[0-9A-Za-z]{30}|gsk_|xai-[0-9A-Za-z]{20}|pplx-|SG[.][0-9A-Za-z_\\-]{16}|xkeysib-"
    "|npm_[0-9A-Za-z]{30}|pypi-Ag|rubygems_[0-9a-f]{20}|dckr_|do[opr]_v1_|shp(?:at|ca|pa|ss)_"
)
_MORE_HEADS = (
    "key-[0-9a-f]{32}|sq0(?:atp|csp|idp)-|EAA[AMC][0-9A-Za-z_\\-]{50}|dapi[0-9a-h]{32}"
    "|dp[.](?:pt|st|ct|sa)[.]|lin_api_|secret_[0-9A-Za-z]{40}|ntn_[0-9A-Za-z]{40}|PMAK-"
    "|pul-[0-9a-f]{40}|glsa_|glc_[0-9A-Za-z]{20}|hv[sbr][.][0-9A-Za-z_\\-]{20}|[.]atlasv1[.]"
    "|AT[AC]TT3|sntr(?:ys|yu)_|NR(?:AK|JS|II|AA)-|pscale_|figd_|AKCp|AGE-SECRET"
    "|fm[12]_[0-9A-Za-z+/=_]{60}"
)
_NO_HEADS = (
    "[0-9a-f]{32}-us[0-9]|[0-9]Q~[0-9A-Za-z_~.\\-]{30}|[0-9]:AA[0-9A-Za-z_\\-]{33}"
    "|[SA][KC][0-9a-f]{32}|[p]at[0-9A-Za-z]{14}[.]|[MNO][DTjz][0-9A-Za-z_\\-]{21,27}[.][0-9A-Za-z_\\-]{6}[.]"
)
"""How the keys begin, or what else is always in them; in lots, because more of them at once are
slower to look for."""


def _key(match: re.Match[str]) -> Span | None:
    return None if stands_for(match["value"]) else match.span("value")


_TOKEN = re.compile(rf"(?<![0-9A-Za-z_\-])(?P<value>{'|'.join(_FORMS.values())})(?![0-9A-Za-z_])")


def _labelled(match: re.Match[str]) -> Span | None:
    """Keys have letters of both cases and digits; a digest has one case."""
    mixed = all(re.search(some, match["value"]) for some in ("[a-z]", "[A-Z]", "[0-9]"))
    return _key(match) if mixed or len(match["value"]) > 64 else None


_LABELLED = Detector(
    kind="cloud_key",
    placeholder="<CLOUD_KEY>",
    prefilter="(?i:AccountKey|SharedAccessKey|aws.{0,20}secret|secret.{0,3}(?:access.{0,3})?key"
    "|key.{0,3}secret"
    "|hooks[.]slack[.]com/|discord(?:app)?[.]com/api/webhooks/)",
    pattern=re.compile(
        r"(?:(?:AccountKey|SharedAccessKey)[\"']?[ ]?[=:][ ]?[\"']?"
        r"|(?:aws|amazon)?[_\-. ]{0,2}secret[_\-. ]?(?:access[_\-. ]?)?(?:key)?[\"'\]]{0,2}"
        r" ?(?:=>?|:=?|,) ?[\"']?"
        r"|hooks\.slack\.com/(?:services|workflows|triggers)/"
        r"|discord(?:app)?\.com/api/webhooks/[0-9]+/)"
        r"(?P<value>T[0-9A-Z]{6,}/[AB][0-9A-Z]{6,}/[0-9A-Za-z/]{20,}|[0-9A-Za-z_\-]{60,90}"
        r"|[0-9A-Za-z]{30}|[0-9A-Za-z]{32}|[0-9A-Za-z+/]{40}|[0-9A-Za-z+/]{43}=|[0-9A-Za-z+/]{86}==)(?![0-9A-Za-z+/=])",
        re.I,
    ),
    validate=_labelled,
)

CLOUD_KEY = (
    Detector("cloud_key", "<CLOUD_KEY>", _HEADS, _TOKEN, _key),
    Detector("cloud_key", "<CLOUD_KEY>", _MORE_HEADS, _TOKEN, _key),
    Detector("cloud_key", "<CLOUD_KEY>", _NO_HEADS, _TOKEN, _key),
    _LABELLED,
)
