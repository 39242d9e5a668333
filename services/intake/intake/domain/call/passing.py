"""The attended transfer with its three steps: briefed, connected, confirmed (A45, A49-A53, A56).

Before them the caller agreed and heard the pre-transfer phrase, and target and identity were checked. A person who leaves a
step out is told which. What a machine saw is kept whatever it leaves out, and the steps it leaves out with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias, assert_never
from uuid import UUID

from hotline_events.catalogue.intake import (
    CallEvent,
    CallTransferBriefed,
    CallTransferConfirmed,
    CallTransferConnected,
    CallTransferDeclined,
    CallTransferPrepared,
)
from hotline_events.sealing import Sealed
from intake.domain.call import refusals
from intake.domain.call.conduct import TRANSFER
from intake.domain.call.guards import missing, refuse_unless_answered, refuse_unless_talking
from intake.domain.call.state import Call
from intake.domain.call.steps import Transfer


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepareTransfer:
    """`skills` is the pack's matrix: with a skill instead of a target, the first who has it is the target (A56).

    `put_through` says whether neither the night nor a wish not to be disturbed is in the way (A54, A55).
    """

    call_id: UUID
    target: str | None
    unit: str | None
    skill: str | None
    leader: str | None
    consent: bool
    estimated_ms: int | None
    target_checked: bool
    identity_checked: bool
    put_through: bool = True
    skills: Mapping[str, tuple[str, ...]]
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefTransfer:
    call_id: UUID
    brief: Sealed
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectTransfer:
    """`by` is None when a machine tells of it; `target` then says to whom, and `extension` at which telephone."""

    call_id: UUID
    target: str | None
    extension: str | None = None
    by: str | None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmTransfer:
    call_id: UUID
    by: str
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineTransfer:
    call_id: UUID
    reason: str
    by: str
    now: datetime


PassingCommand: TypeAlias = PrepareTransfer | BriefTransfer | ConnectTransfer | ConfirmTransfer | DeclineTransfer


def decide(call: Call, command: PassingCommand) -> list[CallEvent]:
    match command:
        case PrepareTransfer():
            return _prepare(call, command)
        case BriefTransfer():
            return _brief(call, command)
        case ConnectTransfer():
            return _connect(call, command)
        case ConfirmTransfer():
            return _confirm(call, command)
        case DeclineTransfer():
            return _decline(call, command)
        case _:
            assert_never(command)


def _prepare(call: Call, command: PrepareTransfer) -> list[CallEvent]:
    refuse_unless_talking(call)
    target = target_of(command)
    transfer = call.steps.transfer
    if transfer is not None and transfer.prepared and transfer.target == target and not transfer.connected:
        return []
    told = {
        "consent": command.consent,
        "estimate": command.estimated_ms is not None,
        "transfer_phrase": TRANSFER in call.conduct.spoken,
        "target_check": command.target_checked,
        "identity_check": command.identity_checked,
        "put_through": command.put_through,
    }
    for step, done in told.items():
        if not done:
            raise missing(step)
    if command.leader is not None and command.leader not in call.steps.screened:
        raise refusals.ScreeningMissingError("screening")
    return [
        CallTransferPrepared(
            call_id=command.call_id,
            target=target,
            unit=command.unit,
            skill=command.skill,
            estimated_ms=command.estimated_ms or 0,
            prepared_by=command.by,
            occurred_at=command.now,
        )
    ]


def target_of(command: PrepareTransfer) -> str:
    """Return whom the call goes to; a skill that nobody has is refused."""
    if command.target is not None:
        return command.target
    able = command.skills.get(command.skill or "", ())
    if not able:
        raise refusals.UnknownSkillError
    return able[0]


def _brief(call: Call, command: BriefTransfer) -> list[CallEvent]:
    transfer = _under_way(call)
    if transfer.briefed:
        return []
    if call.caller_id is None:
        raise refusals.CallerMissingError("caller")
    return [
        CallTransferBriefed(
            call_id=command.call_id,
            caller_id=call.caller_id,
            brief=command.brief,
            briefed_by=command.by,
            occurred_at=command.now,
        )
    ]


def _connect(call: Call, command: ConnectTransfer) -> list[CallEvent]:
    if command.by is None:
        return _connected_by_machine(call, command)
    transfer = _under_way(call)
    if transfer.connected:
        return []
    if not transfer.briefed:
        raise missing("briefed")
    return [_connected(command, transfer.target)]


def _connected_by_machine(call: Call, command: ConnectTransfer) -> list[CallEvent]:
    """Keep a connection under the name that the desk gave the callee, whatever the exchange calls them (A49, A50)."""
    transfer = call.steps.transfer
    target = command.target or (transfer.target if transfer else "unknown")
    names = frozenset({target, command.extension})
    if transfer is not None and transfer.connected and transfer.is_to(names):
        return []
    meant = transfer is not None and (transfer.is_to(names) or _completes(transfer, command))
    known = transfer if transfer is not None and meant else Transfer(target=target)
    told = {"prepared": known.prepared, "briefed": known.briefed}
    connected = _connected(command, known.target, tuple(step for step, done in told.items() if not done))
    return [connected if known.target == target else replace(connected, taken_by=target)]


def told_before(call: Call, command: ConnectTransfer) -> bool:
    """Say whether what a machine saw is known: the callee was reached, and no briefed transfer waits for them since."""
    transfer = call.steps.transfer
    reached = bool(call.steps.reached & {command.target, command.extension})
    return reached and not (transfer is not None and _completes(transfer, command))


def _completes(transfer: Transfer, command: ConnectTransfer) -> bool:
    """Say whether a connection that was seen is the one which a briefed transfer waits for."""
    waits = transfer.briefed and not transfer.connected
    return waits and transfer.prepared_at is not None and command.now >= transfer.prepared_at


def _connected(command: ConnectTransfer, target: str, missed: tuple[str, ...] = ()) -> CallTransferConnected:
    return CallTransferConnected(
        call_id=command.call_id, target=target, missed=missed, connected_by=command.by, occurred_at=command.now
    )


def _confirm(call: Call, command: ConfirmTransfer) -> list[CallEvent]:
    """Confirm that both hear each other; the one who transferred may be off the line by then."""
    refuse_unless_answered(call)
    transfer = call.steps.transfer
    if transfer is None:
        raise missing("prepared")
    if transfer.confirmed:
        return []
    if not transfer.connected:
        raise missing("connected" if transfer.briefed else "briefed")
    return [CallTransferConfirmed(call_id=command.call_id, confirmed_by=command.by, occurred_at=command.now)]


def _decline(call: Call, command: DeclineTransfer) -> list[CallEvent]:
    if call.steps.transfer is None and call.steps.offer_owed:
        return []
    transfer = _under_way(call)
    if transfer.connected:
        raise refusals.NothingToOfferError
    if not transfer.briefed:
        raise missing("briefed")
    return [
        CallTransferDeclined(call_id=command.call_id, target=transfer.target, reason=command.reason, occurred_at=command.now)
    ]


def _under_way(call: Call) -> Transfer:
    refuse_unless_talking(call)
    if call.steps.transfer is None:
        raise missing("prepared")
    return call.steps.transfer
