"""Addresses of crypto-currencies whose checksum is right.

Base58Check (Bitcoin, Litecoin, Dogecoin, Dash, Tron, Zcash; Ripple with an alphabet of its own),
Bech32 and Bech32m (BIP 173 and 350: Bitcoin, Litecoin, Cardano, Cosmos), and Ethereum's, which
carry a checksum in their capitals (EIP-55) or, in one case, none.
"""

import hashlib
import re

from taojin.pipeline.pii.detector import Detector, Span, before
from taojin.pipeline.pii.world.keccak import keccak_256

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_RIPPLE = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_END = (1, 0x2BC830A3)  # Bech32, Bech32m
_BECH32_STEPS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def _has_base58check(text: str, alphabet: str) -> bool:
    """Whether the last four bytes are the checksum of those before (version and 20 bytes)."""
    number = 0
    for character in text:
        number = number * 58 + alphabet.index(character)
    size = (number.bit_length() + 7) // 8
    zeros = len(text) - len(text.lstrip(alphabet[0]))
    data = bytes(zeros) + number.to_bytes(size, "big")
    digest = hashlib.sha256(hashlib.sha256(data[:-4]).digest()).digest()
    return len(data) in {25, 26} and digest[:4] == data[-4:]


def _has_bech32(text: str) -> bool:
    prefix, _, data = text.lower().rpartition("1")
    high = [ord(character) >> 5 for character in prefix]
    low = [ord(character) & 31 for character in prefix]
    check = 1
    for value in [*high, 0, *low, *(_BECH32.index(character) for character in data)]:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
        for bit, step in enumerate(_BECH32_STEPS):
            check ^= step if top >> bit & 1 else 0
    return check in _BECH32_END


def _has_eip55(digits: str) -> bool:
    """Whether a letter is a capital where the digest of the address says so."""
    digest = keccak_256(digits.lower().encode()).hex()
    capitals = zip(digits, digest, strict=False)
    return all(
        digit.isupper() == (int(nibble, 16) > 7) for digit, nibble in capitals if digit.isalpha()
    )


def _base58(match: re.Match[str]) -> Span | None:
    alphabet = _RIPPLE if match["value"][0] == "r" else _BASE58
    return match.span("value") if _has_base58check(match["value"], alphabet) else None


def _solana(match: re.Match[str]) -> Span | None:
    """32 bytes without a checksum: an address where a word says so, and no program or token."""
    head = before(match, 48)
    if not _WALLET.search(head) or _PROGRAM.search(head):
        return None
    number = 0
    for character in match["value"]:
        number = number * 58 + _BASE58.index(character)
    is_key = number.bit_length() in range(240, 257) and len(set(match["value"])) > 16
    return match.span("value") if is_key else None


def _bech32(match: re.Match[str]) -> Span | None:
    text = match["value"]
    one_case = text in {text.lower(), text.upper()}
    return match.span("value") if one_case and _has_bech32(text) else None


def _ethereum(match: re.Match[str]) -> Span | None:
    """Not the burn address or a constant: few digits are different in those."""
    digits = match["value"][2:]
    one_case = digits in {digits.lower(), digits.upper()}
    is_address = len(set(digits.lower())) > 7 and (one_case or _has_eip55(digits))
    return match.span("value") if is_address else None


_WALLET = re.compile(
    r"(?:solana|(?<![A-Za-z])sol(?![A-Za-z])|phantom|索拉纳|wallet|钱包|錢包)[^\n]{0,24}$", re.I
)
_PROGRAM = re.compile(r"program|mint|token|合约|tx|signature|hash", re.I)
_HRP = "bc|tb|ltc|addr|stake|cosmos|osmo|bnb|terra|inj|celestia|axelar|juno|kava|sei|dydx"
CRYPTO_WALLET = (
    Detector(
        kind="crypto_wallet",
        placeholder="<CRYPTO_WALLET>",
        # With the character before it, so that a long token is entered at its start only.
        prefilter="(?:^|[^0-9A-Za-z])[13LMDXTtr][1-9A-HJ-NP-Za-km-z]{24}",
        pattern=re.compile(
            r"(?<![0-9A-Za-z_+/=])(?P<value>[13LMDXTtr][1-9A-HJ-NP-Za-km-z]{24,35})(?![0-9A-Za-z_+/=])"
        ),
        validate=_base58,
    ),
    Detector(
        kind="crypto_wallet",
        placeholder="<CRYPTO_WALLET>",
        prefilter="(?i:solana|sol|phantom|索拉纳|wallet|钱包|錢包)[^\n]{0,24}[1-9A-HJ-NP-Za-km-z]{32}",
        pattern=re.compile(
            r"(?<![0-9A-Za-z_+/=])(?P<value>[1-9A-HJ-NP-Za-km-z]{32,44})(?![0-9A-Za-z_+/=])"
        ),
        validate=_solana,
    ),
    Detector(
        kind="crypto_wallet",
        placeholder="<CRYPTO_WALLET>",
        prefilter=f"(?i:{_HRP})1[02-9ac-hj-np-zAC-HJ-NP-Z]{{20}}",
        pattern=re.compile(
            rf"(?<![0-9A-Za-z_])(?P<value>(?:{_HRP})1[{_BECH32}]{{20,100}})(?![0-9A-Za-z_])", re.I
        ),
        validate=_bech32,
    ),
    Detector(
        kind="crypto_wallet",
        placeholder="<CRYPTO_WALLET>",
        prefilter="0x[0-9A-Fa-f]{40}",
        pattern=re.compile(r"(?<![0-9A-Za-z_])(?P<value>0x[0-9A-Fa-f]{40})(?![0-9A-Za-z_])"),
        validate=_ethereum,
    ),
)
