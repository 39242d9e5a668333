"""The use cases of relays."""

from uuid import UUID

from hotline_chassis.signin import Principal
from hotline_events.aggregates import Aggregates, Done, Submission
from hotline_events.sealing import KeyGoneError
from hotline_rules.book import RuleBook
from hotline_rules.pack import RulePack
from intake.application import privacy, require_person
from intake.domain import relay
from intake.domain.refusals import PersonErasedError
from intake.domain.relay.commands import RelayCommand, RelayNotTakenError
from intake.vault import Vault


async def take_relay(
    aggregates: Aggregates, vault: Vault, command: relay.TakeRelay, submission: Submission, *, anonymous: bool
) -> Done:
    """Take something of a known person for somebody, or of one who gives no name."""
    relay.decider.decide(relay.decider.initial, command)  # what is refused leaves no sender behind
    await require_person(aggregates, vault, command.sender_id, submission, now=command.now, anonymous=anonymous)
    try:
        return await aggregates.create(relay.decider, command.relay_id, command, submission)
    except KeyGoneError as error:
        raise PersonErasedError from error


async def change_relay(
    aggregates: Aggregates, relay_id: UUID, command: RelayCommand, submission: Submission, *, by: Principal
) -> Done:
    """Record what became of it, in the correlation that it was taken in; what is about a matter that accuses the department of
    whoever acts is not there for them (A144).
    """
    stream = relay.decider.stream(relay_id)
    known: relay.Relay = (await aggregates.load_many({stream: relay.decider}))[stream][1]
    if known.request_id is not None and await privacy.is_hidden(aggregates, by, known.request_id):
        raise RelayNotTakenError
    try:
        return await aggregates.execute_in_story(relay.decider, relay_id, command, submission)
    except KeyGoneError as error:
        raise PersonErasedError from error


async def rules_of(aggregates: Aggregates, book: RuleBook, relay_id: UUID) -> RulePack:
    """Return the rules under which it was taken."""
    _, known = await aggregates.load(relay.decider, relay.decider.stream(relay_id))
    return book.of(known.rule_version)
