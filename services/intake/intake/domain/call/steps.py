"""What is remembered of the steps in which a call is held or passed on."""

from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from hotline_events.catalogue.intake import (
    Alternative,
    CallAlternativeChosen,
    CallColleagueConsulted,
    CallConsultationStarted,
    CallExtensionRang,
    CallExtensionReleased,
    CallHeld,
    CallHoldAgreed,
    CallHoldProgressGiven,
    CallHuntBegun,
    CallHuntTried,
    CallLeaderScreened,
    CallResumed,
    CallStepEvent,
    CallTransferBriefed,
    CallTransferConfirmed,
    CallTransferConnected,
    CallTransferDeclined,
    CallTransferPrepared,
    LegResult,
)
from hotline_events.replacing import replace

HOLD_RESUME = "hold_resume"
_BY_PEOPLE = (
    CallHoldAgreed
    | CallHoldProgressGiven
    | CallTransferPrepared
    | CallTransferBriefed
    | CallTransferConfirmed
    | CallTransferDeclined
    | CallAlternativeChosen
    | CallLeaderScreened
    | CallHuntBegun
    | CallHuntTried
    | CallColleagueConsulted
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A transfer on its way: which of its three steps were taken (A49, A50). `taken_by` is the target to the exchange."""

    target: str
    taken_by: str | None = None
    prepared_at: datetime | None = None
    prepared: bool = False
    briefed: bool = False
    connected: bool = False
    confirmed: bool = False
    connected_at: datetime | None = None

    def is_to(self, names: frozenset[str | None]) -> bool:
        """Say whether one of these names is the target's."""
        return self.target in names or (self.taken_by is not None and self.taken_by in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunt:
    """A leader who is being looked for (A58)."""

    leader: str
    urgent: bool
    places: tuple[str, ...]
    tried: tuple[str, ...] = ()
    found: bool = False

    @property
    def next_place(self) -> str | None:
        """Return where to look next, None when everything was tried."""
        return next((place for place in self.places if place not in self.tried), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Holding and passing on so far. `owed_*` count what the caller should have been asked or told.

    Of the present hold: `unasked` says that it owes a consent, `covered` that the caller waits for a transfer they agreed to,
    `sorry` that the apology was said before the exchange reported its end.
    """

    agreed: bool = False
    on_hold: bool = False
    unasked: bool = False
    covered: bool = False
    sorry: bool = False
    resumed_by_machine: bool = False
    owed_consents: int = 0
    owed_apologies: int = 0
    progress_by: datetime | None = None
    silent_hold: bool = False
    ringing: frozenset[tuple[str, datetime]] = frozenset()
    released: frozenset[tuple[str, datetime]] = frozenset()
    consulted: frozenset[tuple[str, datetime]] = frozenset()
    reached: frozenset[str] = frozenset()
    transfer: Transfer | None = None
    missed: frozenset[str] = frozenset()
    offer_owed: bool = False
    screened: frozenset[str] = frozenset()
    hunt: Hunt | None = None

    def rings_since(self, extension: str) -> datetime | None:
        """Return since when a telephone rings for the call, None when it does not."""
        return next((since for name, since in self.ringing if name == extension), None)


NONE = Steps()


def tells_of_a_person(event: CallStepEvent) -> bool:
    """Say whether somebody at the desk did this."""
    return isinstance(event, _BY_PEOPLE)


def held(steps: Steps, event: CallHeld) -> Steps:
    """Begin a hold; one without a word owes a consent, whoever told of it (A45).

    Who waits for a transfer agreed to that. What the exchange sees after it, the callee does, and that owes nothing.
    """
    transfer = steps.transfer
    covered = transfer is not None and (transfer.prepared or transfer.connected)
    callees = event.held_by is None and transfer is not None and transfer.connected
    asked = covered or (bool(event.consent) and event.estimated_ms is not None)
    known = replace(steps, on_hold=True, agreed=bool(event.consent), unasked=not asked, covered=covered, sorry=False)
    return replace(known, owed_consents=steps.owed_consents + (not asked), progress_by=None if callees else event.progress_by)


def resumed(steps: Steps, event: CallResumed) -> Steps:
    """End a hold; one that ended without a word owes an apology, whoever told of it (A46)."""
    owed = not (event.apologised or steps.covered or steps.sorry)
    known = replace(steps, resumed_by_machine=event.resumed_by is None and owed, owed_apologies=steps.owed_apologies + owed)
    return _let_go(known, event.occurred_at)


def ended(steps: Steps, at: datetime) -> Steps:
    """End whatever hold there was."""
    return _let_go(steps, at)


def _let_go(steps: Steps, at: datetime) -> Steps:
    return replace(_word_given(steps, at, None), on_hold=False, agreed=False, unasked=False, covered=False, sorry=False)


def quiet(steps: Steps) -> Steps:
    """Nothing rings any more."""
    return replace(steps, ringing=frozenset())


def apologised(steps: Steps) -> Steps:
    """An apology was told of before or after the exchange reported the end of the hold."""
    if steps.on_hold:
        return replace(steps, sorry=True)
    return replace(steps, owed_apologies=max(0, steps.owed_apologies - 1), resumed_by_machine=False)


def _consented(steps: Steps) -> Steps:
    """The caller agreed to the present hold, after it had begun."""
    return replace(steps, owed_consents=steps.owed_consents - steps.unasked, unasked=False)


def _word_given(steps: Steps, at: datetime, next_by: datetime | None) -> Steps:
    """The caller hears something; too late, and the hold before was silent (A47)."""
    late = steps.progress_by is not None and at > steps.progress_by
    return replace(steps, progress_by=next_by, silent_hold=steps.silent_hold or late)


def _transfer(steps: Steps) -> Transfer:
    return steps.transfer or Transfer(target="")


def _left_unconfirmed(steps: Steps) -> Steps:
    """Another transfer begins: one that was connected and never confirmed misses that step for good (A50)."""
    left = steps.transfer is not None and steps.transfer.connected and not steps.transfer.confirmed
    return replace(steps, missed=steps.missed | {"confirmed"}) if left else steps


def evolve(steps: Steps, event: CallStepEvent) -> Steps:  # noqa: C901, PLR0912 - one line an event
    match event:
        case CallHoldAgreed():
            known = replace(_consented(steps), agreed=True)
            return replace(known, progress_by=event.progress_by or steps.progress_by)
        case CallHoldProgressGiven():
            return _word_given(steps, event.occurred_at, event.progress_by)
        case CallExtensionRang():
            return replace(steps, ringing=steps.ringing | {(event.extension, event.occurred_at)})
        case CallExtensionReleased():
            return _released(steps, event)
        case CallTransferPrepared():
            transfer = Transfer(target=event.target, prepared=True, prepared_at=event.occurred_at)
            return replace(_left_unconfirmed(_consented(steps)), transfer=transfer, covered=steps.on_hold)
        case CallTransferBriefed():
            return replace(steps, transfer=replace(_transfer(steps), briefed=True))
        case CallTransferConnected():
            return _connected(steps, event)
        case CallTransferConfirmed():
            return replace(steps, transfer=replace(_transfer(steps), confirmed=True))
        case CallTransferDeclined():
            return replace(quiet(steps), transfer=None, offer_owed=True, covered=False)
        case CallAlternativeChosen():
            waits = event.choice is Alternative.WAIT or (steps.transfer is not None and steps.transfer.connected)
            return replace(steps, offer_owed=False, transfer=steps.transfer if waits else None)
        case CallLeaderScreened():
            return replace(steps, screened=steps.screened | {event.leader})
        case CallHuntBegun():
            return replace(steps, hunt=Hunt(leader=event.leader, urgent=event.urgent, places=event.places))
        case CallHuntTried():
            return _tried(steps, event)
        case CallConsultationStarted():
            return replace(steps, consulted=steps.consulted | {(event.consulted, event.occurred_at)})
        case CallColleagueConsulted():
            return steps
        case _:
            assert_never(event)


def _released(steps: Steps, event: CallExtensionReleased) -> Steps:
    """A telephone is given up; when the call was to be passed on to it, the caller is offered something else (A40).

    The exchange may know the callee by another name than the desk: what began to ring once the transfer was prepared rang for
    it, and it has failed when none of that rings any more.
    """
    rings = frozenset(one for one in steps.ringing if one[0] != event.extension)
    leg = (event.extension, event.rang_at or event.occurred_at)
    under_way = steps.transfer if steps.transfer is not None and not steps.transfer.connected else None
    named = under_way is not None and under_way.target == event.extension
    for_it = under_way is not None and under_way.prepared_at is not None and leg[1] >= under_way.prepared_at and not rings
    owed = steps.offer_owed or named or for_it
    return replace(steps, ringing=rings, released=steps.released | {leg}, offer_owed=owed)


def _connected(steps: Steps, event: CallTransferConnected) -> Steps:
    """The callee took the call. One that is told of after a later transfer is no longer confirmed, and misses that step."""
    reached = {event.target, event.taken_by or event.target}
    known = replace(steps, reached=steps.reached | reached, missed=steps.missed | frozenset(event.missed))
    current = steps.transfer
    if current is not None and _came_later(current, event):
        return replace(known, missed=known.missed | {"confirmed"})
    if current is None or current.target != event.target:
        known, current = _left_unconfirmed(known), Transfer(target=event.target)
    transfer = replace(current, connected=True, connected_at=event.occurred_at, taken_by=event.taken_by)
    return replace(_word_given(quiet(known), event.occurred_at, None), transfer=transfer, offer_owed=False)


def _came_later(transfer: Transfer, event: CallTransferConnected) -> bool:
    """Say whether this transfer, to somebody else or again, began after the connection that is told of now."""
    if transfer.connected_at is None and transfer.target == event.target:
        return False
    began = transfer.connected_at or transfer.prepared_at
    return began is not None and began > event.occurred_at


def _tried(steps: Steps, event: CallHuntTried) -> Steps:
    if steps.hunt is None:
        return steps
    found = event.result is LegResult.ANSWERED
    hunt = replace(steps.hunt, tried=(*steps.hunt.tried, event.place), found=steps.hunt.found or found)
    return replace(steps, hunt=hunt, offer_owed=steps.offer_owed or (hunt.next_place is None and not hunt.found))
