"""Every detector, in order: where two find the same characters, the earlier kind has them."""

from taojin.pipeline.pii.china.detectors import CHINA_CONTACTS, CHINA_DOCUMENTS
from taojin.pipeline.pii.detector import Detector
from taojin.pipeline.pii.secrets.basic_auth import BASIC_AUTH
from taojin.pipeline.pii.secrets.cloud_key import CLOUD_KEY
from taojin.pipeline.pii.secrets.connection_string import CONNECTION_STRING
from taojin.pipeline.pii.secrets.high_entropy import HIGH_ENTROPY
from taojin.pipeline.pii.secrets.jwt import JWT
from taojin.pipeline.pii.secrets.password import PASSWORD
from taojin.pipeline.pii.secrets.private_key import PRIVATE_KEY
from taojin.pipeline.pii.world.address import ADDRESS
from taojin.pipeline.pii.world.bank_card import BANK_CARD
from taojin.pipeline.pii.world.coordinates import COORDINATES
from taojin.pipeline.pii.world.crypto_wallet import CRYPTO_WALLET
from taojin.pipeline.pii.world.driving_licence import DRIVING_LICENCE
from taojin.pipeline.pii.world.ein import EIN
from taojin.pipeline.pii.world.email_address import EMAIL
from taojin.pipeline.pii.world.iban import IBAN
from taojin.pipeline.pii.world.ip import IP, PRIVATE_IP
from taojin.pipeline.pii.world.mac_address import MAC_ADDRESS
from taojin.pipeline.pii.world.nhs_number import NHS_NUMBER
from taojin.pipeline.pii.world.passport import PASSPORT
from taojin.pipeline.pii.world.person import PERSON
from taojin.pipeline.pii.world.phone import PHONE_WORLD
from taojin.pipeline.pii.world.ssn import SSN
from taojin.pipeline.pii.world.url_credentials import URL_CREDENTIALS

DETECTORS: tuple[Detector, ...] = (
    *PRIVATE_KEY,
    *JWT,
    *CLOUD_KEY,
    *CONNECTION_STRING,
    *URL_CREDENTIALS,
    *EMAIL,
    *CRYPTO_WALLET,
    *IBAN,
    *CHINA_DOCUMENTS,
    *BANK_CARD,
    *SSN,
    *EIN,
    *PASSPORT,
    *DRIVING_LICENCE,
    *IP,
    *PRIVATE_IP,
    *MAC_ADDRESS,
    *CHINA_CONTACTS,
    *PHONE_WORLD,
    *NHS_NUMBER,
    *PASSWORD,
    *BASIC_AUTH,
    *HIGH_ENTROPY,
    *COORDINATES,
    *ADDRESS,
    *PERSON,
)

KINDS = tuple(dict.fromkeys(detector.kind for detector in DETECTORS))
"""Every kind, in the order of DETECTORS."""

ASKED_FOR = frozenset(
    {"private_ip", "mac_address", "high_entropy", "coordinates", "account", "address", "person"}
)
"""Kinds that name nobody, or that only the words around them tell from what looks like them."""

DEFAULT_KINDS = tuple(kind for kind in KINDS if kind not in ASKED_FOR)
"""What is masked unless a recipe names the kinds."""
