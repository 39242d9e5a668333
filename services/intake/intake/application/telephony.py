"""Taking in what exchanges report: each event kept once, each call brought to what all of its events say together."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4, uuid5

from hotline_chassis.commands import creation_id
from hotline_events.aggregates import Aggregates, Submission
from hotline_rules.book import RuleBook
from intake import application
from intake.application.calls import known_call
from intake.domain import call, person
from intake.domain.call import Fact
from intake.telephony_store import Kept, TelephonyStore
from intake.vault import Vault

CALLS = UUID("7b1f0f2a-3d62-5f4c-8c7e-12345c0de004")
_ROUNDS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """An event that could be read. `numbers` are the callers' numbers that its facts speak of, one each or none."""

    exchange: str
    event_id: str
    call: str
    happened_at: datetime
    facts: tuple[Fact, ...]
    number: str | None
    raw: str

    @property
    def call_id(self) -> UUID:
        """Return the hotline's id of the exchange's call: the same for every event of it."""
        return call_id_of(self.exchange, self.call)

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.raw.encode()).digest()


@dataclass(frozen=True, slots=True)
class Desk:
    """What taking in needs of its process."""

    aggregates: Aggregates
    vault: Vault
    events: TelephonyStore
    book: RuleBook


def call_id_of(exchange: str, call_name: str) -> UUID:
    """Return the id of a call that an exchange names."""
    return uuid5(CALLS, f"{exchange}:{call_name}")


async def repeated(events: TelephonyStore, incoming: Sequence[Incoming]) -> Mapping[str, bool]:
    """Say of each event that came before whether it said the same."""
    known: dict[str, bool] = {}
    for exchange in {event.exchange for event in incoming}:
        mine = {event.event_id: (event.digest, event.happened_at) for event in incoming if event.exchange == exchange}
        found = await events.known(exchange, list(mine))
        known |= {event_id: said == mine[event_id] for event_id, said in found.items()}
    return known


async def take_in(desk: Desk, incoming: Sequence[Incoming], submission: Submission, now: datetime) -> frozenset[str]:
    """Keep the events and bring their calls up to them; return the ids of those that wait for a predecessor.

    What was kept when a process died is taken up by the next event of the call, or by the same batch, repeated.
    """
    callers = await _callers(desk, incoming, submission, now)
    kept = [_kept(event, callers.get(event.number or "")) for event in incoming]
    if kept:
        await desk.events.keep(kept)
    waiting: set[str] = set()
    for call_id in dict.fromkeys(event.call_id for event in kept):
        waiting |= await _reconcile(desk, call_id, submission, now)
    return frozenset(waiting)


def _kept(event: Incoming, caller: UUID | None) -> Kept:
    return Kept(
        exchange=event.exchange,
        event_id=event.event_id,
        call_id=event.call_id,
        person_id=caller or event.call_id,
        happened_at=event.happened_at,
        facts=tuple(replace(fact, caller_id=caller) for fact in event.facts),
        raw=event.raw,
    )


async def _reconcile(desk: Desk, call_id: UUID, submission: Submission, now: datetime) -> frozenset[str]:
    """Bring a call to its picture, and again while others have kept more of it meanwhile: the last one sees all."""
    seen = -1
    waiting: frozenset[str] = frozenset()
    for _ in range(_ROUNDS):
        facts = await desk.events.facts_of(call_id)
        if len(facts) == seen:
            break
        seen = len(facts)
        picture = call.picture_of(facts)
        waiting = frozenset(fact.event_id for fact in facts) if picture is None else picture.waiting
        if picture is not None:
            await _bring(desk, call_id, picture, submission, now)
    await desk.events.settle(call_id, list(waiting))
    return waiting


async def _bring(desk: Desk, call_id: UUID, picture: call.Picture, submission: Submission, now: datetime) -> None:
    known = await known_call(desk.aggregates, call_id)
    rules = desk.book.of(known.rule_version) if known.rule_version else desk.book.in_force(picture.received_at)
    command = call.ReconcileCall(call_id=call_id, picture=picture, rules=rules.calls, rule_version=rules.number, now=now)
    fingerprint = hashlib.sha256(repr(picture).encode()).digest()
    cause = replace(submission.cause, correlation_id=call_id)
    own = replace(submission, command_id=uuid4(), fingerprint=fingerprint, cause=cause, expected_version=None)
    await application.change_call(desk.aggregates, command, own)


async def _callers(desk: Desk, incoming: Sequence[Incoming], submission: Submission, now: datetime) -> Mapping[str, UUID]:
    """Return who rings from each number; a number that rang for the first time becomes a person of the vault."""
    found: dict[str, UUID] = {}
    for number in dict.fromkeys(event.number for event in incoming if event.number):
        found[number] = await _caller(desk, number, submission, now)
    return found


async def _caller(desk: Desk, number: str, submission: Submission, now: datetime) -> UUID:
    digest = await desk.events.digest_of(number)
    person_id = await desk.events.person_of(digest, uuid4())
    stream = person.decider.stream(person_id)
    _, known = await desk.aggregates.load(person.decider, stream)
    if known.erased:
        await desk.events.forget(person_id)
        return await _caller(desk, number, submission, now)
    if known.registered:
        return person_id
    registering = person.RegisterPerson(person_id=person_id, anonymous=False, fields=[person.Fact.PHONE], now=now)
    own = replace(
        submission,
        command_id=creation_id(stream),
        fingerprint=hashlib.sha256(digest + person_id.bytes).digest(),
        expected_version=None,
    )
    facts = {person.Fact.PHONE.value: number}
    await application.register_person(desk.aggregates, desk.vault, registering, own, facts=facts)
    return person_id
