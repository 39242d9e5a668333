"""The use cases of intake: each makes one decision and stores it with one append."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid5

from hotline_events.aggregates import Aggregates, Done, Submission
from hotline_events.decider import RefusalError
from hotline_events.errors import CommandReusedError, VersionConflictError
from hotline_events.sealing import KeyGoneError
from intake.application.knowledge import require_citable
from intake.domain import call, person, request
from intake.domain.refusals import PersonErasedError, RequestNotRegisteredError
from intake.vault import Vault


async def receive_call(aggregates: Aggregates, command: call.ReceiveCall, submission: Submission) -> Done:
    """Create a call without reading anything: the busiest moment of the hotline."""
    if submission.expected_version:
        raise VersionConflictError(call.decider.stream(command.call_id), submission.expected_version)
    return await aggregates.create(call.decider, command.call_id, command, submission)


async def change_call(aggregates: Aggregates, command: call.CallCommand, submission: Submission) -> Done:
    """Record what happened next to a call."""
    return await aggregates.execute(call.decider, command.call_id, command, submission)


async def register_request(
    aggregates: Aggregates, vault: Vault, command: request.RegisterRequest, submission: Submission, *, anonymous: bool
) -> Done:
    """Register a matter of a known person, or of one who stays anonymous and gets an id and a key here.

    The first contact is who answered the call, when the matter came by one, else who registers (A65). An unknown call is no
    reason to turn a citizen away: the exchange may report it late.
    """
    request.decider.decide(request.decider.initial, command)  # what is refused leaves no requester behind
    if command.article_code is not None:
        await require_citable(aggregates, command.article_code, command.article_version, command.now)
    await require_person(aggregates, vault, command.requester_id, submission, now=command.now, anonymous=anonymous)
    if command.call_id is not None:
        command = replace(command, first_contact=await _answered_by(aggregates, command.call_id) or command.first_contact)
    try:
        return await aggregates.create(request.decider, command.request_id, command, submission)
    except KeyGoneError as error:
        raise PersonErasedError from error


async def require_person(
    aggregates: Aggregates, vault: Vault, person_id: UUID, submission: Submission, *, now: datetime, anonymous: bool
) -> None:
    """Refuse what nobody known says; who stays anonymous gets an id and a key here."""
    somebody = await _person(aggregates, person_id)
    if anonymous and not somebody.registered:
        somebody = await _register_anonymous(aggregates, vault, person_id, submission, now)
    person.require_requester(somebody)


async def answer_request(aggregates: Aggregates, command: request.AnswerRequest, submission: Submission) -> Done:
    """Answer a matter at first contact. It keeps the correlation of the call or the request it began with."""
    if command.article_code is not None:
        await require_citable(aggregates, command.article_code, command.article_version, command.now)
    stream = request.decider.stream(command.request_id)
    _, known = await aggregates.load(request.decider, stream)
    if known.requester_id is None:
        aggregates.forget(stream)
        _, known = await aggregates.load(request.decider, stream)
    if known.requester_id is None:
        aggregates.forget(stream)
        raise RequestNotRegisteredError
    cause = replace(submission.cause, correlation_id=known.call_id or command.request_id)
    try:
        return await aggregates.execute(request.decider, command.request_id, command, replace(submission, cause=cause))
    except KeyGoneError as error:
        raise PersonErasedError from error


async def register_person(
    aggregates: Aggregates,
    vault: Vault,
    command: person.RegisterPerson,
    submission: Submission,
    *,
    facts: Mapping[str, str],
) -> Done:
    """Keep a person's facts under their own key, then say that they are kept.

    Nothing points at the facts until the event is stored; repeating the attempt after a crash finishes it.
    """
    person.decider.decide(person.decider.initial, command)
    if facts:
        await vault.keep(command.person_id, submission.fingerprint, facts)
    else:
        await vault.give_key(command.person_id)
    try:
        done = await aggregates.create(person.decider, command.person_id, command, submission)
    except (CommandReusedError, VersionConflictError):
        await vault.drop(command.person_id, submission.fingerprint)
        raise
    if facts:
        await vault.drop_others(command.person_id, submission.fingerprint)
    return done


async def add_facts(
    aggregates: Aggregates,
    vault: Vault,
    command: person.AddFacts,
    submission: Submission,
    *,
    facts: Mapping[str, str],
) -> Done:
    """Keep what else a person said under their own key, then say that it is kept (A25, A34).

    Nothing counts before the event is stored; repeating the attempt after a crash finishes it.
    """
    person.decider.decide(await _person(aggregates, command.person_id), command)
    await vault.add(command.person_id, submission, facts)
    try:
        return await aggregates.execute(person.decider, command.person_id, command, submission)
    except (CommandReusedError, VersionConflictError, RefusalError):
        await vault.drop_added(command.person_id, submission)
        raise


async def read_identity(
    aggregates: Aggregates, vault: Vault, command: person.ReadIdentity, submission: Submission
) -> tuple[Done, Mapping[str, str]]:
    """Record the reading, then read: there is no way to the facts that leaves no trace (A144)."""
    done = await aggregates.execute(person.decider, command.person_id, command, submission)
    (recorded,) = done.events
    facts = await vault.read(command.person_id)
    return done, {field: facts[field] for field in recorded.fields}


async def erase_person(aggregates: Aggregates, vault: Vault, command: person.ErasePerson, submission: Submission) -> Done:
    """Say that a person is erased, then destroy key and facts. The worker does the same when this process dies between."""
    done = await aggregates.execute(person.decider, command.person_id, command, submission)
    await vault.erase(command.person_id)
    return done


async def _person(aggregates: Aggregates, person_id: UUID) -> person.Person:
    """Load a person; that somebody is unknown is never believed from the cache, another process may know them."""
    stream = person.decider.stream(person_id)
    _, known = await aggregates.load(person.decider, stream)
    if not known.registered:
        aggregates.forget(stream)
        _, known = await aggregates.load(person.decider, stream)
    return known


async def _register_anonymous(
    aggregates: Aggregates, vault: Vault, person_id: UUID, submission: Submission, now: datetime
) -> person.Person:
    await vault.give_key(person_id)
    registering = person.RegisterPerson(person_id=person_id, anonymous=True, fields=(), now=now)
    derived = replace(submission, command_id=uuid5(submission.command_id, "requester"), expected_version=None)
    await aggregates.execute(person.decider, person_id, registering, derived)
    return await _person(aggregates, person_id)


async def _answered_by(aggregates: Aggregates, call_id: UUID) -> str | None:
    """Return who answered a call as it is stored now: another process may have heard of it."""
    stream = call.decider.stream(call_id)
    known: call.Call = (await aggregates.load_many({stream: call.decider}))[stream][1]
    return known.agent_id
