"""Work orders: answer classes, urging, cards, supervision, extensions, returns, escalation, emergencies (A79-A99)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hotline_rules.deadlines import Span
from hotline_rules.schema import Count


class AnswerClass(StrEnum):
    """How soon a matter is answered (A85-A88)."""

    IMMEDIATE = "immediate"
    SAME_DAY = "same_day"
    TWO_DAYS = "two_days"
    WEEK = "week"


class ReturnGround(StrEnum):
    """What a department must cite when it gives an order back."""

    NOT_OURS = "not_ours"
    WRONG_AREA = "wrong_area"
    NEEDS_OTHERS = "needs_others"
    NOT_ENOUGH_FACTS = "not_enough_facts"
    DUPLICATE = "duplicate"


class OrderStage(StrEnum):
    """The four-stage chain of a matter (A93)."""

    REGISTRATION = "registration"
    VERIFICATION = "verification"
    TRACKING = "tracking"
    FEEDBACK = "feedback"


class NonAcceptance(StrEnum):
    """The only grounds on which a matter is not accepted; the basis is told to the caller (A66, F.8)."""

    IN_LITIGATION = "in_litigation"
    IN_DISCIPLINE = "in_discipline"
    IN_REVIEW = "in_review"
    IN_PETITION = "in_petition"
    INFORMATION_DISCLOSURE = "information_disclosure"
    STATE_SECRET = "state_secret"  # noqa: S105 - a ground, no password
    PRIVATE_SECRET = "private_secret"  # noqa: S105 - a ground, no password
    PUBLIC_MORALS = "public_morals"
    EMERGENCY_LINE = "emergency_line"
    OUTSIDE_JURISDICTION = "outside_jurisdiction"
    PARTY_OR_COURT = "party_or_court"
    ALREADY_HANDLED = "already_handled"


class FallbackOwner(StrEnum):
    """Who takes what has no clear owner (A77)."""

    OFFICE = "office"  # the department that the scope table names for everything
    DISTRICT = "district"  # the government of the matter's own area


class Answerer(StrEnum):
    """As what somebody signs in who may take an escalated matter on, or pass it on (A82)."""

    SHIFT_LEADER = "shift_leader"
    DEPARTMENT_HEAD = "department_head"
    OVERSIGHT_OFFICER = "oversight_officer"


class SupervisionCause(StrEnum):
    """What opens a supervision besides the nth urge (A91)."""

    DISSATISFIED = "dissatisfied"
    DISSATISFIED_AFTER_REWORK = "dissatisfied_after_rework"


@dataclass(frozen=True, kw_only=True, slots=True)
class UrgingRules:
    """Reminder, urging, cards and supervision of one clock (A89-A91). Cards are dealt on the resolve clock."""

    remind_before: Span  # before the due time; at the start when the whole limit is shorter
    urge_every: Span  # the first urge is at the due time
    yellow_card_before: Span
    red_card_after: Span
    supervise_at_urge: Count  # the nth urge opens supervision
    supervise_when: tuple[SupervisionCause, ...]  # causes that open one at once, whatever was urged
    supervision: Span  # the supervision's own deadline
    criticise_after: Span  # after one urge without a result (notice of criticism)


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtensionRules:
    """Asked before the due time by the department, granted by somebody else."""

    times: int
    longest: Span


@dataclass(frozen=True, kw_only=True, slots=True)
class ReturnRules:
    """Which grounds a department may cite, and when the dispute goes to the office. The limit itself is `limits.*.return`."""

    grounds: tuple[ReturnGround, ...]
    own_scope: tuple[ReturnGround, ...]  # those left to a department that the scope table names itself (A72)
    straight_back_after: tuple[ReturnGround, ...]  # on these grounds a department may have the order again, before any other
    arbitrate_at: Count  # the nth return of an order goes to arbitration


@dataclass(frozen=True, kw_only=True, slots=True)
class EscalationRules:
    """Level by level, with the time each may keep it; a sensitive period halves nothing but replaces the table (A82, A83).

    A pack that says who answers says it for every level; one written before it could leaves every level to every `Answerer`.
    """

    levels: tuple[str, ...]
    each: Span
    each_in_sensitive_period: Span
    answered_by: Mapping[str, tuple[Answerer, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class EmergencyRules:
    """Crew, department and leader are told at once and in parallel; each has to say that they know (A79-A81)."""

    acknowledge: Span
    heartbeat: Span


@dataclass(frozen=True, kw_only=True, slots=True)
class InstructionRules:
    """A superior's instruction: a department that was told says in time that it has it (A64)."""

    acknowledge: Span


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderRules:
    """What happens to an order on its way."""

    classes: Mapping[AnswerClass, Span]
    dispatch: Span  # how long an order may wait for a dispatcher (A74)
    class_by_type: Mapping[str, AnswerClass]  # by request type, `any` for the rest; a type that is missing has its limits
    class_by_requester: Mapping[str, AnswerClass]  # goes before the type
    urging: UrgingRules
    extension: ExtensionRules
    returns: ReturnRules
    escalation: EscalationRules
    emergency: EmergencyRules
    fallback: FallbackOwner
    instruction: InstructionRules
    non_acceptance: tuple[NonAcceptance, ...]
    stages: Mapping[str, tuple[OrderStage, ...]]  # by request type, `any` for the rest: what must be on record to close (A93)
    review_replies: bool  # no reply without a second person's review may close (A97)

    def stages_of(self, request_type: str) -> tuple[OrderStage, ...]:
        """Tell which stages must have an event before an order of this type may close."""
        return self.stages.get(request_type, self.stages.get("any", ()))

    def class_of(self, request_type: str, requester_class: str) -> AnswerClass | None:
        """Tell how soon a matter is answered when nobody and no table says so; None leaves it to its limits (A85-A88)."""
        by_requester = self.class_by_requester.get(requester_class)
        return by_requester or self.class_by_type.get(request_type) or self.class_by_type.get("any")
