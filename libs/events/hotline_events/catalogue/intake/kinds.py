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


class RequesterClass(StrEnum):
    """In what standing somebody turns to the hotline; leaders and the press go by a protocol of their own (A26, A78)."""

    NATURAL_PERSON = "natural_person"
    ORGANISATION = "organisation"
    SUPERIOR_LEADER = "superior_leader"
    DEPUTY = "deputy"
    MEDIA = "media"


class Confidentiality(StrEnum):
    """Who may read the matter: all who handle it; those who answer for it; only the office. The named always (A145)."""

    ORDINARY = "ordinary"
    SENSITIVE = "sensitive"
    SECRET = "secret"  # noqa: S105 - a level, no password


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
