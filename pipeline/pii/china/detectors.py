"""The detectors of the forms of China: of documents, and of what leads to a person."""

from taojin.pipeline.pii.china.account import ACCOUNT
from taojin.pipeline.pii.china.address import ADDRESS
from taojin.pipeline.pii.china.broken import BROKEN_ID, BROKEN_MOBILE
from taojin.pipeline.pii.china.driving_licence import DRIVING_LICENCE
from taojin.pipeline.pii.china.hong_kong_id import HONG_KONG_ID
from taojin.pipeline.pii.china.macau_id import MACAU_ID
from taojin.pipeline.pii.china.passport import PASSPORT
from taojin.pipeline.pii.china.person import PERSON
from taojin.pipeline.pii.china.phone import PHONE
from taojin.pipeline.pii.china.qq import QQ
from taojin.pipeline.pii.china.resident_id import RESIDENT_ID
from taojin.pipeline.pii.china.social_credit_code import SOCIAL_CREDIT_CODE
from taojin.pipeline.pii.china.taiwan_id import TAIWAN_ID
from taojin.pipeline.pii.china.travel_permit import TRAVEL_PERMIT
from taojin.pipeline.pii.china.vehicle_plate import VEHICLE_PLATE
from taojin.pipeline.pii.china.wechat import WECHAT
from taojin.pipeline.pii.detector import Detector

CHINA_DOCUMENTS: tuple[Detector, ...] = (
    *RESIDENT_ID,
    *BROKEN_ID,
    *SOCIAL_CREDIT_CODE,
    *HONG_KONG_ID,
    *TAIWAN_ID,
    *MACAU_ID,
    *PASSPORT,
    *TRAVEL_PERMIT,
    *DRIVING_LICENCE,
    *VEHICLE_PLATE,
)
"""With a check digit or a fixed form: they come before bank cards."""

CHINA_CONTACTS: tuple[Detector, ...] = (
    *PHONE,
    *BROKEN_MOBILE,
    *WECHAT,
    *QQ,
    *ACCOUNT,
    *ADDRESS,
    *PERSON,
)
"""Told by form and the words around them: what overlaps a number above is not theirs."""
