"""The use cases of a call beside its life: its rules, who calls, how the caller is addressed."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from hotline_events.aggregates import Aggregates, Done, Submission
from hotline_events.catalogue.intake.directory import DirectoryTier
from hotline_events.decider import Decider
from hotline_events.sealing import KeyGoneError
from hotline_rules.book import RuleBook
from hotline_rules.pack import RulePack
from intake import application
from intake.domain import call, directory, extension, person
from intake.domain.call.guards import refuse_unless_talking
from intake.domain.call.refusals import CallerMissingError
from intake.domain.naming import address_of
from intake.domain.refusals import CallAlreadyAnsweredError, CallNotReceivedError, PersonErasedError
from intake.vault import Vault


@dataclass(frozen=True, slots=True)
class Naming:
    """How a caller is addressed, in both languages, and the position of the recorded reading."""

    zh: str
    en: str
    position: int


async def known_call(aggregates: Aggregates, call_id: UUID) -> call.Call:
    """Load a call; that it is unknown is never believed from the cache, another process may know it."""
    stream = call.decider.stream(call_id)
    _, known = await aggregates.load(call.decider, stream)
    if known.status is call.Status.UNKNOWN:
        aggregates.forget(stream)
        _, known = await aggregates.load(call.decider, stream)
    return known


async def rules_of_call(aggregates: Aggregates, book: RuleBook, call_id: UUID) -> RulePack:
    """Return the rule pack that a call keeps; of an unknown call nothing will be decided."""
    return book.of((await known_call(aggregates, call_id)).rule_version)


async def identify_caller(aggregates: Aggregates, vault: Vault, command: call.IdentifyCaller, submission: Submission) -> Done:
    """Say who calls. Who withholds the name gets an id and a key here, so that words about them can be kept (A10)."""
    if (await known_call(aggregates, command.call_id)).status is call.Status.UNKNOWN:
        raise CallNotReceivedError
    stream = person.decider.stream(command.caller_id)
    aggregates.forget(stream)
    _, caller = await aggregates.load(person.decider, stream)
    if command.withheld and not caller.registered:
        await vault.give_key(command.caller_id)
        registering = person.RegisterPerson(person_id=command.caller_id, anonymous=True, fields=(), now=command.now)
        derived = replace(submission, command_id=uuid5(submission.command_id, "caller"), expected_version=None)
        await aggregates.execute(person.decider, command.caller_id, registering, derived)
        _, caller = await aggregates.load(person.decider, stream)
    person.require_caller(caller)
    return await application.change_call(aggregates, command, submission)


async def address(
    aggregates: Aggregates, vault: Vault, call_id: UUID, by: str, submission: Submission, *, now: datetime
) -> Naming:
    """Say how the caller is addressed, to whoever has the call; the name is read on record and only its surname told (A10)."""
    known = await known_call(aggregates, call_id)
    refuse_unless_talking(known)
    if known.agent_id != by:
        raise CallAlreadyAnsweredError
    if known.caller_id is None:
        raise CallerMissingError("caller")
    reading = person.ReadIdentity(
        person_id=known.caller_id,
        fields=[person.Fact.NAME],
        purpose=person.Purpose.VERIFY_CALLER,
        request_id=None,
        read_by=by,
        now=now,
    )
    done, facts = await application.read_identity(aggregates, vault, reading, submission)
    return Naming(*address_of(facts[person.Fact.NAME.value], known.conduct.title), done.position)


async def change_with_words(aggregates: Aggregates, command: call.CallCommand, submission: Submission) -> Done:
    """Record what holds words about the caller, sealed with the caller's key."""
    try:
        return await application.change_call(aggregates, command, submission)
    except KeyGoneError as error:
        raise PersonErasedError from error


async def prepare_transfer(
    aggregates: Aggregates, command: call.PrepareTransfer, rules: RulePack, submission: Submission
) -> Done:
    """Prepare a transfer; at night, or where nobody is to be disturbed, only once it was put through (A54, A55).

    Whom the directory has among the leaders is one, whether the call taker says so or not (A59).
    """
    target = call.target_of(command)
    streams: dict[str, Decider[Any, Any, Any]] = {
        extension.decider.stream(target): extension.decider,
        directory.decider.stream(directory.MAIN): directory.decider,
    }
    (_, telephone), (_, known) = (await aggregates.load_many(streams)).values()
    entry = known.entry(target)
    leader = target if entry is not None and entry.tier is DirectoryTier.LEADER else None
    blocked = extension.must_be_put_through(telephone, command.call_id, command.now, rules)
    settled = replace(command, put_through=not blocked, leader=command.leader or leader)
    return await application.change_call(aggregates, settled, submission)
