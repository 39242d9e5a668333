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


class CorrectionReason(StrEnum):
    """Why a record is not as it was first written (A43, A44)."""

    MISHEARD = "misheard"
    MISTYPED = "mistyped"
    CALLER_CORRECTED = "caller_corrected"
    NEW_FACTS = "new_facts"
    WRONG_KIND = "wrong_kind"
    WRONG_REPLY = "wrong_reply"


class RelayKind(StrEnum):
    """What is taken for somebody and has to reach them (A36, A38-A40, A155)."""

    MESSAGE = "message"
    ABSENT_MESSAGE = "absent_message"
    DOCUMENT = "document"
    MEETING_NOTICE = "meeting_notice"
    WORK_REPORT = "work_report"


class AddresseeKind(StrEnum):
    """Whom something is relayed to: a person of the staff, who holds a post, or a department."""

    STAFF = "staff"
    POST = "post"
    DEPARTMENT = "department"


class RelayStep(StrEnum):
    """What a relay waits for."""

    ACKNOWLEDGE = "acknowledge"
    ANSWER = "answer"
