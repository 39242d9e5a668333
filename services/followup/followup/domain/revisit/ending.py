"""What follows from an answer (A69, A105, A108, A109): closed, reworked free of charge, or ended as a reviewed exception."""

from datetime import datetime

from followup.domain.refusals import (
    CallerNotToldError,
    ClaimOutOfPlaceError,
    NothingClaimedError,
    ReviewBeforeClaimError,
    RevisitOverError,
    SecondPersonError,
)
from followup.domain.revisit.commands import EndWithOrder, RecordRevisit, ReviewException
from followup.domain.revisit.state import Revisit, matter_of
from hotline_events.catalogue.followup import (
    ClosedAs,
    ExceptionAccepted,
    ExceptionClaimed,
    ExceptionRejected,
    FreeServiceCharged,
    RevisitClosed,
    RevisitEvent,
    RevisitNotSampled,
    RevisitScheduled,
    ReworkOrdered,
)
from hotline_rules.pack import RulePack


def conclude(owed: RevisitScheduled, command: RecordRevisit) -> list[RevisitEvent]:
    """Say what the answer leads to; a claim of unreasonableness suspends it until a second person has looked."""
    charged = _free_service_charged(owed, command)
    if command.claim is None:
        return [*charged, _outcome(owed, command.solved, command.rules, command.now)]
    if command.solved is not False and command.satisfied is not False:
        raise ClaimOutOfPlaceError
    claimed = ExceptionClaimed(
        **matter_of(owed),
        requester_id=owed.requester_id,
        ground=command.claim.ground,
        evidence=command.claim.evidence,
        claimed_by=command.revisited_by,
        occurred_at=command.now,
    )
    return [*charged, claimed]


def review(revisit: Revisit, owed: RevisitScheduled, command: ReviewException) -> list[RevisitEvent]:
    """A second person ends the matter as an exception, once the caller was told, or gives the answer its consequence."""
    if revisit.review is not None and _is_known(revisit.review, command):
        return []
    claim = revisit.claim
    if claim is None or revisit.answer is None:
        raise NothingClaimedError
    if revisit.over:  # the order was closed by hand meanwhile
        raise RevisitOverError
    if command.reviewed_by == claim.claimed_by:
        raise SecondPersonError
    if command.now < claim.occurred_at:
        raise ReviewBeforeClaimError
    if not command.accept:
        rejected = ExceptionRejected(**matter_of(owed), reviewed_by=command.reviewed_by, occurred_at=command.now)
        return [rejected, _outcome(owed, revisit.answer.solved, command.rules, command.now)]
    if not command.caller_told:
        raise CallerNotToldError
    accepted = ExceptionAccepted(
        **matter_of(owed),
        ground=claim.ground,
        reviewed_by=command.reviewed_by,
        rule_version=command.rules.number,
        occurred_at=command.now,
    )
    return [accepted, close(owed, ClosedAs.EXCEPTION, command.now)]


def _is_known(found: ExceptionAccepted | ExceptionRejected, command: ReviewException) -> bool:
    same = isinstance(found, ExceptionAccepted) == command.accept
    return same and (found.reviewed_by, found.occurred_at) == (command.reviewed_by, command.now)


def end_with_order(revisit: Revisit, command: EndWithOrder) -> list[RevisitEvent]:
    """Leave a caller alone whose order was closed by hand, for instance because they wish no contact; even if the matter
    becomes a complaint later.
    """
    known = revisit.scheduled or revisit.left_out
    return [] if known is None or revisit.over else [close(known, ClosedAs.ORDER_CLOSED, command.now)]


def close(owed: RevisitScheduled | RevisitNotSampled, closed_as: ClosedAs, now: datetime) -> RevisitClosed:
    """End the matter for followup: the order closes on it."""
    return RevisitClosed(**matter_of(owed), round=owed.round, closed_as=closed_as, occurred_at=now)


def _outcome(owed: RevisitScheduled, solved: bool | None, rules: RulePack, now: datetime) -> RevisitEvent:  # noqa: FBT001 - the caller's word
    """Only a clear no sends the order back, and only as often as the pack allows; no answer leaves nothing to order."""
    if solved is None:
        return close(owed, ClosedAs.UNANSWERED, now)
    if solved:
        return close(owed, ClosedAs.SOLVED, now)
    if owed.round > rules.redress.rework_rounds:
        return close(owed, ClosedAs.ROUNDS_EXHAUSTED, now)
    turn = owed.round + 1
    free = turn >= rules.redress.free_from_round
    return ReworkOrdered(**matter_of(owed), round=turn, fee_free=free, rule_version=owed.rule_version, occurred_at=now)


def _free_service_charged(owed: RevisitScheduled, command: RecordRevisit) -> list[RevisitEvent]:
    if not command.fee_charged or owed.round < command.rules.redress.free_from_round:
        return []
    return [FreeServiceCharged(**matter_of(owed), round=owed.round, occurred_at=command.now)]
