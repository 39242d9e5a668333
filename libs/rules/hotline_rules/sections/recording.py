"""Recording: what a record must hold, reading back, look-ups, grounds told, and what is relayed (A25-A44, A66, A154)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hotline_rules.deadlines import Span
from hotline_rules.schema import Count
from hotline_rules.sections.calls import Script
from hotline_rules.sections.orders import NonAcceptance


class SpokenChannel(StrEnum):
    """Where somebody speaks and nothing is written until we write it."""

    PHONE = "phone"
    WALK_IN = "walk_in"


class RecordKind(StrEnum):
    """What a record is of: the eight kinds of request, and what only has to reach somebody."""

    ANY = "any"
    INQUIRY = "inquiry"
    HELP = "help"
    COMPLAINT = "complaint"
    REPORT = "report"
    SUGGESTION = "suggestion"
    PRAISE = "praise"
    REPAIR = "repair"
    EMERGENCY_REPAIR = "emergency_repair"
    MESSAGE = "message"
    ABSENT_MESSAGE = "absent_message"
    DOCUMENT = "document"
    MEETING_NOTICE = "meeting_notice"
    WORK_REPORT = "work_report"


class Element(StrEnum):
    """What a record may have to hold beside its matter; `handling` is a reply, a ground or a told deadline."""

    NAME = "name"
    GENDER = "gender"
    PHONE = "phone"
    ORGANISATION = "organisation"
    PLACE = "place"
    ACCUSED = "accused"
    HAPPENED_AT = "happened_at"
    INQUIRY_TYPE = "inquiry_type"
    DEPARTMENT_CONTACT = "department_contact"
    HANDLING = "handling"
    MEETS_AT = "meets_at"
    ATTENDEES = "attendees"
    DOCUMENT_REFERENCE = "document_reference"
    PAGES = "pages"
    GUIDANCE = "guidance"


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordingRules:
    """How a matter is written down, and how what was taken for somebody reaches them."""

    read_back: tuple[SpokenChannel, ...]  # A33: read back and confirmed before it is saved; empty switches it off
    elements: Mapping[RecordKind, tuple[Element, ...]]  # A25-A29, A36, A38, A155: `any` holds for every kind of request
    complete_within: Span  # A35: a record still incomplete then is listed as late
    search_records: Count  # A34: records that one page of a search opens at most
    without_look_up: tuple[NonAcceptance, ...]  # A154: grounds that need no look-up first
    bases: Mapping[NonAcceptance, Script]  # A66: what the caller is told
    relay_acknowledge: Span  # A36, A39: from taking until somebody says that they have it
    relay_answer: Span  # A39: from taking until the answer
    meeting_notice_to: str  # A38: the post that gets meeting notices

    def elements_of(self, kind: str) -> tuple[Element, ...]:
        """Return what a request of this kind has to hold."""
        return (*self.elements.get(RecordKind.ANY, ()), *self.elements.get(RecordKind(kind), ()))

    def elements_of_relay(self, kind: str) -> tuple[Element, ...]:
        """Return what has to be written down of something that only has to reach somebody."""
        return self.elements.get(RecordKind(kind), ())
