"""The use cases of a record after its registration: complete it, correct it, and what the desk did for the caller."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol
from uuid import UUID

from hotline_events.aggregates import Aggregates, Done, Submission
from hotline_events.envelope import decode_payload
from hotline_events.errors import VersionConflictError
from hotline_events.sealing import KeyGoneError, Sealed, unseal
from hotline_events.store import Keys
from hotline_rules.book import RuleBook
from hotline_rules.pack import RulePack
from intake.domain import person, request
from intake.domain.refusals import PersonErasedError, RequestNotRegisteredError
from intake.domain.request.decider import RequestCommand

_TRIES = 5


class ReadsFields(Protocol):
    """Makes a command of what it needs to know: the facts that are kept, the rules that the matter keeps."""

    def __call__(self, *, facts: frozenset[str], rules: RulePack) -> request.CompleteRecord: ...


async def change_request(aggregates: Aggregates, request_id: UUID, command: RequestCommand, submission: Submission) -> Done:
    """Record what was done about a matter, in the correlation of the call or the request it began with."""
    try:
        return await aggregates.execute_in_story(request.decider, request_id, command, submission)
    except KeyGoneError as error:
        raise PersonErasedError from error


async def known_request(aggregates: Aggregates, request_id: UUID) -> tuple[int, request.Request]:
    """Load a matter. That nobody registered it is never believed from the cache: another process may have."""
    stream = request.decider.stream(request_id)
    version, known = await aggregates.load(request.decider, stream)
    if known.requester_id is None:
        aggregates.forget(stream)
        version, known = await aggregates.load(request.decider, stream)
    if known.requester_id is None:
        aggregates.forget(stream)
        raise RequestNotRegisteredError
    return version, known


async def under_its_rules(
    aggregates: Aggregates,
    book: RuleBook,
    request_id: UUID,
    command: Callable[[RulePack], RequestCommand],
    submission: Submission,
) -> Done:
    """Decide under the rules that the matter was registered under."""
    rules = book.of((await known_request(aggregates, request_id))[1].rule_version)
    return await change_request(aggregates, request_id, command(rules), submission)


async def complete_record(
    aggregates: Aggregates, book: RuleBook, request_id: UUID, command: ReadsFields, submission: Submission
) -> Done:
    """Complete a record, knowing which facts the vault keeps of the requester and none of the facts themselves."""
    _, known = await known_request(aggregates, request_id)
    requester = person.decider.stream(known.requester_id or request_id)
    aggregates.forget(requester)
    _, somebody = await aggregates.load(person.decider, requester)
    complete = command(facts=frozenset(somebody.fields), rules=book.of(known.rule_version))
    return await change_request(aggregates, request_id, complete, submission)


async def correct_request(aggregates: Aggregates, keys: Keys, command: request.CorrectRequest, submission: Submission) -> Done:
    """Write a field anew beside what stood there. Who corrects at the same moment as another corrects after them."""
    for _ in range(_TRIES):
        version, was = await _standing(aggregates, keys, command)
        meant = submission.expected_version
        try:
            bound = replace(submission, expected_version=version if meant is None else meant)
            return await change_request(aggregates, command.request_id, replace(command, was=was), bound)
        except VersionConflictError:
            if meant is not None:
                raise
            aggregates.forget(request.decider.stream(command.request_id))
    raise VersionConflictError(request.decider.stream(command.request_id), version)


async def _standing(aggregates: Aggregates, keys: Keys, command: request.CorrectRequest) -> tuple[int, str | None]:
    """Return the matter's version and what stands in the field at that version, opened; only the event that says it is read."""
    version, known = await known_request(aggregates, command.request_id)
    told_at = known.told_at.get(command.field)
    if told_at is None:
        return version, None
    stream = request.decider.stream(command.request_id)
    (row,) = await aggregates.store.read_stream(stream, told_at - 1, limit=1)
    value = request.value_in(command.field, decode_payload(row))
    if not isinstance(value, Sealed):
        return version, value
    if value.box is None:
        return version, value.text
    try:
        return version, unseal(value.box, await keys.get_many([known.requester_id or command.request_id]))
    except KeyGoneError as error:
        raise PersonErasedError from error
