"""IP addresses.

Public ones are of kind `ip`, addresses of the documentation ranges among them: texts use those in
place of public ones. Private, loopback and link-local ones name nobody; they are of kind
`private_ip`, which is masked only if asked for.
"""

import ipaddress
import re

from taojin.pipeline.pii.characters import DIGIT
from taojin.pipeline.pii.detector import Detector, Span, before

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_PRIVATE = (
    ipaddress.IPv4Network("10.0.0.0/8"),
    ipaddress.IPv4Network("100.64.0.0/10"),
    ipaddress.IPv4Network("127.0.0.0/8"),
    ipaddress.IPv4Network("169.254.0.0/16"),
    ipaddress.IPv4Network("172.16.0.0/12"),
    ipaddress.IPv4Network("192.168.0.0/16"),
    ipaddress.IPv6Network("::1/128"),
    ipaddress.IPv6Network("fc00::/7"),
    ipaddress.IPv6Network("fe80::/10"),
)
_NOBODY = (
    ipaddress.IPv4Network("0.0.0.0/8"),
    ipaddress.IPv4Network("224.0.0.0/4"),
    ipaddress.IPv4Network("240.0.0.0/4"),
    ipaddress.IPv6Network("::/128"),
    ipaddress.IPv6Network("ff00::/8"),
)
"""Unspecified, multicast, and reserved, to which netmasks belong."""

_VERSION = re.compile(
    r"(?:(?:版本|版本号|version|ver|release|build|firmware|固件|驱动|驅動|section|chapter|§|第|oid)[^0-9A-Za-z]{0,12}"
    r"|(?<![A-Za-z])v[ .]?|[A-Z][A-Za-z]+/)$",
    re.I,
)
_ADDRESS = re.compile(
    r"(?:(?<![A-Za-z<])(?:ip|ipv4|addr|address|host|server|client|gateway|dns|from|remote)"
    r"|地址|主机|服务器|网关|来自|登录)[^0-9A-Za-z]{0,4}$|://$|@$",
    re.I,
)


_PREFIX = re.compile(r"/([0-9]{1,2})(?![0-9A-Za-z./])")


def _is_in(address: _Address, networks: tuple[_Network, ...]) -> bool:
    return any(address in network for network in networks)


def _ipv4(match: re.Match[str]) -> ipaddress.IPv4Address | None:
    octets = [int(octet) for octet in match["value"].split(".")]
    head = before(match, 24)
    if max(octets) > 255 or any(octet[0] == "0" != octet for octet in match["value"].split(".")):
        return None
    # Of real addresses 1 in 4,000 has four parts below 32; versions and section numbers mostly do.
    if _VERSION.search(head) or (max(octets) < 32 and not _ADDRESS.search(head)):
        return None
    address = ipaddress.IPv4Address(match["value"])
    # 1.1.1.1 and 8.8.8.8 are public resolvers, 1.2.3.4 is nobody's.
    return None if max(octets) < 10 or _is_in(address, _NOBODY) else _host(address, match)


def _host(address: ipaddress.IPv4Address, match: re.Match[str]) -> ipaddress.IPv4Address | None:
    """The address unless it is a whole network, such as 31.13.64.0/18."""
    prefix = _PREFIX.match(match.string, match.end())
    if prefix is None or int(prefix[1]) > 31:
        return address
    return None if int(address) % 2 ** (32 - int(prefix[1])) == 0 else address


def _ipv6(match: re.Match[str]) -> ipaddress.IPv6Address | None:
    text = match["value"]
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return None
    groups = text.split(":")
    # Eight bytes are an EUI-64; a compressed form in no allocated range is a name in C++ (a::b).
    hardware = "::" not in text and max(len(group) for group in groups) <= 2
    global_unicast = 0x2000 <= int(address) >> 112 < 0x4000
    allocated = "::" not in text or _is_in(address, _PRIVATE) or global_unicast
    return None if hardware or not allocated or _is_in(address, _NOBODY) else address


def _public_ipv4(match: re.Match[str]) -> Span | None:
    address = _ipv4(match)
    return match.span("value") if address and not _is_in(address, _PRIVATE) else None


def _private_ipv4(match: re.Match[str]) -> Span | None:
    address = _ipv4(match)
    return match.span("value") if address and _is_in(address, _PRIVATE) else None


def _public_ipv6(match: re.Match[str]) -> Span | None:
    address = _ipv6(match)
    return match.span("value") if address and not _is_in(address, _PRIVATE) else None


def _private_ipv6(match: re.Match[str]) -> Span | None:
    address = _ipv6(match)
    return match.span("value") if address and _is_in(address, _PRIVATE) else None


_PREFILTER_V4 = rf"{DIGIT}[.．]{DIGIT}{{1,3}}[.．]{DIGIT}{{1,3}}[.．]{DIGIT}"
_GROUP = "[0-9A-Fa-f０-９Ａ-Ｆａ-ｆ]"
# Two colons or seven: a time of day has neither.
_PREFILTER_V6 = rf"[:：]{{2}}{_GROUP}|[:：]{_GROUP}{{1,4}}[:：]{{2}}|(?:[:：]{_GROUP}{{1,4}}){{7}}"
_IPV4 = re.compile(
    r"(?<![0-9A-Za-z_])(?<![0-9]\.)(?<![A-Za-z][\-.])"
    r"(?P<value>[0-9]{1,3}(?:\.[0-9]{1,3}){3})"
    r"(?![0-9A-Za-z_])(?!\.[0-9a-z])(?!-[A-Za-z])(?!=)"
)
# After a label's colon: what stands before it is no group of digits.
_IPV6 = re.compile(
    r"(?:(?<![0-9A-Za-z_:.])|(?<=[^0-9A-Za-z_:.]:)|(?<=[G-Zg-z]:)|(?<=[Vv]6:)|(?<=[A-Za-z]{5}:))"
    r"(?P<value>(?!:[^:])[0-9A-Fa-f:]{4,39})(?![0-9A-Za-z_:])(?!\.[0-9])"
)

IP = (
    Detector("ip", "<IP>", _PREFILTER_V4, _IPV4, _public_ipv4),
    Detector("ip", "<IP>", _PREFILTER_V6, _IPV6, _public_ipv6),
)
PRIVATE_IP = (
    Detector("private_ip", "<IP>", _PREFILTER_V4, _IPV4, _private_ipv4),
    Detector("private_ip", "<IP>", _PREFILTER_V6, _IPV6, _private_ipv6),
)
