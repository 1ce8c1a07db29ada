"""Every detector, in order: where two find the same characters, the earlier kind has them."""

from taojin.pipeline.pii.bank_card import BANK_CARD
from taojin.pipeline.pii.china.detectors import CHINA_CONTACTS, CHINA_DOCUMENTS
from taojin.pipeline.pii.detector import Detector
from taojin.pipeline.pii.email_address import EMAIL
from taojin.pipeline.pii.ip import IP, PRIVATE_IP
from taojin.pipeline.pii.phone_world import PHONE_WORLD

DETECTORS: tuple[Detector, ...] = (
    *EMAIL,
    *CHINA_DOCUMENTS,
    *BANK_CARD,
    *IP,
    *PRIVATE_IP,
    *CHINA_CONTACTS,
    *PHONE_WORLD,
)

KINDS = tuple(dict.fromkeys(detector.kind for detector in DETECTORS))
"""Every kind, in the order of DETECTORS."""

_CHOSEN = frozenset({"private_ip", "account", "address", "person"})
"""Kinds that a recipe must name: they name nobody, or are told by the words around them alone."""

DEFAULT_KINDS = tuple(kind for kind in KINDS if kind not in _CHOSEN)
"""What is masked unless a recipe names the kinds."""
