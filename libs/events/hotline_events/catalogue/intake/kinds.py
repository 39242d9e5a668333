"""The words that intake's events share: channels and kinds of request (A30, A37)."""

from enum import StrEnum


class Channel(StrEnum):
    """How a request came in (A37)."""

    PHONE = "phone"
    WEB = "web"
    APP = "app"
    WECHAT = "wechat"
    SMS = "sms"
    EMAIL = "email"
    LETTER = "letter"
    FAX = "fax"
    WALK_IN = "walk_in"
    SOCIAL = "social"
    PARTNER = "partner"


class RequestType(StrEnum):
    """What kind of matter a request is (A30)."""

    INQUIRY = "inquiry"
    HELP = "help"
    COMPLAINT = "complaint"
    REPORT = "report"
    SUGGESTION = "suggestion"
    PRAISE = "praise"
    REPAIR = "repair"
    EMERGENCY_REPAIR = "emergency_repair"
