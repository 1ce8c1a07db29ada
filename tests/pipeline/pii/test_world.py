"""Personal data of every country and of English-speaking ones, sentence by sentence."""

import hashlib

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import iban as stdnum_iban
from stdnum.gb import nhs as stdnum_nhs
from stdnum.iso7064 import mod_97_10

from taojin.pipeline.pii.detectors import DETECTORS, KINDS
from taojin.pipeline.pii.search import find
from taojin.pipeline.pii.world.iban import LENGTH
from taojin.pipeline.pii.world.keccak import absorb, keccak_256


def found(text: str, kinds: tuple[str, ...] = KINDS) -> list[tuple[str, str]]:
    detectors = [detector for detector in DETECTORS if detector.kind in kinds]
    values = find(pl.Series([text]), detectors)
    return [(value.kind, text[value.start : value.end]) for value in values]


# Numbers are made up or a standard's own example; check digits are right.
HITS = {
    "email": [
        "mail ⟦jane @ mail . co . uk⟧ now",
        "write to ⟦jane [at] host dot com⟧ or ⟦jane (at) host.com⟧",
        "⟦jane.doe(at)mail.example.org⟧,",
        "⟦jane at host dot co dot uk⟧",
        "⟦jane dot doe at host dot com⟧",
        "<⟦jane at host.org⟧>",
        "联系⟦jane（at）host.com⟧。",
        "QQ邮箱⟦zhang#qq.com⟧，把#换成@",
        "⟦jane@xn--bcher-kva.example⟧ ⟦jane@host.xn--p1ai⟧",
        "写信给⟦müller@straße.example⟧吧",
        "邮箱：⟦张三@例子.中国⟧，",
        "пишите на ⟦иван@пример.рф⟧.",
        "mailto:⟦jane@host.com⟧?subject=x",
        "⟦jane@host.com⟧-张三 ——⟦jane@host.com⟧—— ⟦张三@例子.中国⟧-主任",
        r"⟦jane&#64;host.com⟧ ⟦jane&#x40;host.com⟧ ⟦jane\u0040host.com⟧",
        "⟦jane @ host.com⟧, ⟦jane.doe@ mail.host.edu.cn⟧ or ⟦jane AT mit.edu⟧",
        "⟦{jane, li.lei}@cs.host.edu⟧ ⟦{a,b,c}@pku.edu.cn⟧",
    ],
    "phone": [
        "call me at ⟦781 1704⟧",
        "(o) ⟦415 835-6115⟧, Ph: ⟦4158356115⟧",
        "Call ⟦415 555 2671⟧ now",
        "my registered ⟦668 5702⟧ is",
        "Tel: ⟦020 7946 0958⟧",
        "Phone number is ⟦0341 8387176⟧",
        "⟦61 51 81⟧ office",
        "appelez le ⟦01 42 68 53 00⟧, merci",
        "⟦07400 123456⟧ or ⟦020 7946 0958⟧",
        "⟦0412 345 678⟧。",
        "ligue ⟦(11) 96123-4567⟧",
        "東京⟦03-3224-9999⟧まで",
        "WhatsApp: ⟦(84) 7564-8830⟧",
    ],
    "iban": [
        "IBAN：⟦DE89370400440532013000⟧，",
        "⟦GB82 WEST 1234 5698 7654 32⟧ and more",
        "⟦GB82 WEST 1234 5698 7654 32⟧ ⟦DE89 3704 0044 0532 0130 00⟧",
        "iban ⟦gb82west12345698765432⟧.",
        "账号⟦NO9386011117947⟧号",
    ],
    "ssn": [
        "His SSN is ⟦536-22-8726⟧.",
        "social security number: ⟦536228726⟧",
        "SSN ⟦536 22 8726⟧",
        "编号⟦536-22-8726⟧。",
    ],
    "nhs_number": [
        "NHS number: ⟦9434765919⟧",
        "NHS No. ⟦943 476 5919⟧.",
        "patient ⟦943 476 5919⟧ came",
        "NHS ⟦943-476-5919⟧",
    ],
    "ein": [
        "EIN: ⟦12-3456789⟧",
        "Employer Identification Number ⟦12-3456789⟧",
        "Tax ID ⟦12-3456789⟧",
    ],
    "passport": [
        "Passport No.: ⟦C01X00T47⟧",
        "my passport number is ⟦533401372⟧",
        "护照号码：⟦E12345678⟧。",
        "passport ⟦AB1234567⟧",
    ],
    "driving_licence": [
        "My driver's license number is ⟦M943688896309⟧",
        "Driving licence: ⟦MORGA657054SM9IJ⟧",
        "driver license # ⟦S514-172-80-844-0⟧",
        "drivers license ⟦LH329609T⟧.",
    ],
    "mac_address": ["以太网⟦84:16:F9:03:FD:85⟧在", "⟦00-1B-44-11-3A-B7⟧ ⟦001b.4411.3ab7⟧"],
    "coordinates": [
        "位于⟦39.904200, 116.407396⟧附近",
        "GPS: ⟦40.7128, -74.0060⟧",
        "⟦40°26′46″N 79°58′56″W⟧",
    ],
    "crypto_wallet": [
        "Solana wallet ⟦7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV⟧",
        "我的SOL钱包：⟦7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV⟧",
        "send to ⟦1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa⟧.",  # the first block of Bitcoin
        "转到⟦3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy⟧吧",
        "⟦bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4⟧",  # BIP 173
        "⟦BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4⟧",
        "⟦bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0⟧",  # BIP 350
        "⟦0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed⟧",  # EIP 55
        "⟦0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed⟧",
        "⟦TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t⟧",  # the contract of USDT on Tron
    ],
    "url_credentials": [
        "https://jane:⟦s3cr3tpw⟧@host.example/x",
        "see https://a.example/x?page=2&token=⟦c6a7effe35f1c592a155⟧&y=1",
        "https://a.example/?X-Amz-Signature=⟦fe5f80f77d5fa3beca038a248ff027⟧",
        "链接https://a.example/?api_key=⟦a1b2c3d4e5f6⟧。",
        "https://a.example/?password=⟦hunter22⟧",
    ],
    "bank_card": ["⟦4111.1111.1111.1111⟧ and ⟦4111  1111  1111  1111⟧"],
    "address": [
        "Ship to ⟦221B Baker Street, London NW1 6XE⟧.",
        "⟦1600 Pennsylvania Ave NW, Washington, DC 20500⟧",
        "I live at ⟦12 Elm St, Apt 4, Springfield, IL 62704⟧ now",
        "Sitz: ⟦Friedrichstraße 68, 10117 Berlin⟧",
        "⟦742 Evergreen Terrace\nApt. 3\nSpringfield\n, OR\n 97403⟧\n",
        "⟦PSC 1234, Box 5678\nAPO AP 96543⟧",
        "chez moi: ⟦34 Avenue des Tuileries, 75001 Paris⟧",
        "⟦Rua Augusta 1508, São Paulo, Brazil⟧",
        "⟦P.O. Box 104⟧ is mine",
        "⟦51 Franklin Street, Fifth Floor, Boston, MA 02110⟧",
        "⟦Flat 12b, Rose House, 8 Mill Road, Cambridge CB1 2AD⟧",
        "⟦123 1/2 Elm St, Austin, Texas 78701⟧",
        "⟦4 Privet Drive\nLittle Whinging\nSurrey RG12 9ZZ⟧",
        "⟦1 Infinite Loop, Cupertino, CA 95014, USA⟧",
        "⟦123 Broadway, New York, NY 10001⟧ and",
        "⟦600 Peachtree Xing NE, Ste. 200, Atlanta, GA 30308⟧",
        "⟦RR 2 Box 152, Fulton, NY 13069⟧",
        "⟦2 Old Mill Ct., Lot 14, Bangor, ME 04401⟧",
        "my address is ⟦98 lahof street apt. 3, las vegas, nv 89101⟧ thanks",
        "⟦67 rue de genville 178\n suite 790\n perk\n azerbaijan 33130⟧",
        "⟦123 MAIN ST, DALLAS, TX 75201⟧",
        "⟦psc 1234, box 5678\napo ap 96543⟧",
        "meet me at ⟦the corner of hill road 3 and mill street⟧. please",
    ],
    "person": [
        "Dear ⟦Jane Doe⟧,",
        "My name is ⟦Jane⟧ and",
        "met Dr. ⟦Jane van der Berg⟧ there",
        "Name: ⟦Jane Q Doe⟧",
        "Kind regards,\n⟦Jane Doe⟧\n",
    ],
}

LOOKALIKES = [
    "01 23 45 67 89 ab cd ef",
    "Solana program TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA",
    "a 7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV, wallet 1111111111111111111111111111111111111111",
    "x @ w . transpose(0), a @ b . T",
    "Chapter 3 Test Suite 4 shows; we had 3 people in a row, in china 12000 of them",
    "run test suite 3 on unit 5, 10 times each in python 31000",
    " 0a 01 42 68 53 00",
    "2024-01-02-0304 0.10.20.30 01-02-2024 0123456789",
    "someone@host.invalid, jane [at] host.invalid",
    "look at example dot com",
    "a @ b.T + w @ np.com(x), look @ example.com",
    "f(x){return @media.screen}",
    "SHOP AT AMAZON.COM, meet us AT example.com",
    "加上装饰器@app.route",
    "@pytest.mark.parametrize",
    "GB82WEST12345698765433",  # mod 97
    "GB82WEST1234569876543",  # a character short
    "SE0012345678901234567",
    "000-12-3456 666-12-3456 900-12-3456 123-00-4567 123-45-0000",
    "078-05-1120",  # of an advertisement
    "536-22-87261",
    "943 476 5918",  # check digit
    "12-3456789",  # no label
    "EIN: 07-3456789",  # no such prefix
    "passport required, passport control 2024",
    "driver's license required by 2024",
    "ff:ff:ff:ff:ff:ff 00:00:00:00:00:00 33:33:00:00:00:01",
    "12:34:56:78",
    "[0.27116, 0.81233, 0.99812]",
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD",  # a letter's case
    "0x0000000000000000000000000000000000000000",
    "https://user:password@host.example https://${USER}:${PASS}@host https://a:<pw>@b.example",
    "https://a.example/?token=YOUR_TOKEN_1&key=name&page=12345678",
    "moved to GitHub in February 2017",
    "Smith et al. Jones 2017",
    "Section 5 Way of doing",
    "Dear all, hi there, Dear Customer,",
    "d41d8cd98f00b204e9800998ecf8427e e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
]


@pytest.mark.parametrize(
    ("kind", "sentence"), [(kind, text) for kind, texts in HITS.items() for text in texts]
)
def test_finds_exactly_the_marked_values(kind: str, sentence: str) -> None:
    values = [piece.split("⟧")[0] for piece in sentence.split("⟦")[1:]]
    text = sentence.replace("⟦", "").replace("⟧", "")
    assert found(text, (kind,)) == [(kind, value) for value in values]


@pytest.mark.parametrize("text", LOOKALIKES)
def test_keeps_lookalikes(text: str) -> None:
    others = tuple(kind for kind in KINDS if kind != "high_entropy")
    assert found(text, others) == []


def test_a_telephone_number_is_no_nhs_number() -> None:
    assert found("+1 943 476 5919 tel 943 476 5919", ("nhs_number",)) == []


CONTEXTS = st.sampled_from(
    ["{}", "汉{}字", "x {} y", "（{}）", "：{}。", '"{}",', "<{}>", "一\n{}\n二"]
)


def _iban(country: str, digits: str) -> str:
    account = digits[: LENGTH[country] - 4]
    return country + mod_97_10.calc_check_digits(account + country) + account


@settings(max_examples=100, deadline=None)
@given(
    CONTEXTS,
    st.sampled_from(["MT", "PL", "RO", "BG"]),
    st.text("0123456789", min_size=40, max_size=40),
)
def test_an_iban_is_found_with_its_check_digits_alone(
    context: str, country: str, digits: str
) -> None:
    """Poland's numbers are digits; the others have letters, which stdnum asks for as well."""
    number = _iban(country, digits)
    if stdnum_iban.is_valid(number):
        assert found(context.format(number), ("iban",)) == [("iban", number)]
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert found(context.format(wrong), ("iban",)) == []


@settings(max_examples=100, deadline=None)
@given(CONTEXTS, st.integers(10**8, 10**9 - 1))
def test_an_nhs_number_is_found_with_its_check_digit_alone(context: str, number: int) -> None:
    digits = [f"{number}{last}" for last in range(10)]
    for text in digits:
        spaced = f"{text[:3]} {text[3:6]} {text[6:]}"
        valid = stdnum_nhs.is_valid(text) and len(set(text)) > 2
        assert found(context.format(spaced), ("nhs_number",)) == (
            [("nhs_number", spaced)] if valid else []
        )


_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def _base58check(version: int, payload: bytes) -> str:
    data = bytes([version]) + payload
    data += hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4]
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        text = _ALPHABET[rest] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


@settings(max_examples=100, deadline=None)
@given(CONTEXTS, st.sampled_from([0, 5, 30, 48, 65]), st.binary(min_size=20, max_size=20))
def test_a_wallet_is_found_with_its_checksum_alone(context: str, version: int, key: bytes) -> None:
    """Versions of Bitcoin, its scripts, Dogecoin, Litecoin and Tron."""
    wallet = _base58check(version, key)
    if len(set(wallet)) > 8:
        assert found(context.format(wallet), ("crypto_wallet",)) == [("crypto_wallet", wallet)]
    wrong = wallet[:-1] + ("2" if wallet[-1] != "2" else "3")
    assert found(context.format(wrong), ("crypto_wallet",)) == []


@pytest.mark.parametrize(
    ("data", "digest"),
    [  # the values of Ethereum's yellow paper and of the Keccak team
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    ],
)
def test_keccak_has_the_published_values(data: bytes, digest: str) -> None:
    assert keccak_256(data).hex() == digest


@given(st.binary(max_size=400))
def test_keccak_is_sha3_but_for_its_padding(data: bytes) -> None:
    """With the standard's padding the same sponge gives the library's SHA-3."""
    padded = bytearray(data + b"\x06" + bytes(-(len(data) + 1) % 136))
    padded[-1] |= 0x80
    assert absorb(bytes(padded)) == hashlib.sha3_256(data).digest()
