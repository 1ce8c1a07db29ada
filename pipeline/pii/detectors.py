"""Every detector, in order: where two find the same characters, the earlier kind has them."""

from taojin.pipeline.pii.bank_card import BANK_CARD
from taojin.pipeline.pii.detector import Detector
from taojin.pipeline.pii.email_address import EMAIL
from taojin.pipeline.pii.ip import IP, PRIVATE_IP
from taojin.pipeline.pii.phone_china import PHONE_CHINA
from taojin.pipeline.pii.phone_world import PHONE_WORLD
from taojin.pipeline.pii.resident_id import RESIDENT_ID

DETECTORS: tuple[Detector, ...] = (
    *EMAIL,
    *RESIDENT_ID,
    *BANK_CARD,
    *IP,
    *PRIVATE_IP,
    *PHONE_CHINA,
    *PHONE_WORLD,
)

KINDS = tuple(dict.fromkeys(detector.kind for detector in DETECTORS))
"""Every kind, in the order of DETECTORS."""

DEFAULT_KINDS = tuple(kind for kind in KINDS if kind != "private_ip")
"""What is masked unless a recipe names the kinds."""
