"""Two processes decide on the same streams, each with states of its own in its cache: none decides on a stale one."""

from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from hotline_events.aggregates import Submission
from hotline_events.catalogue.routing import DepartmentRegistered
from hotline_events.cursor import Checkpoint
from hotline_events.decider import Decider
from hotline_events.envelope import Envelope, decode_payload, from_row
from hotline_events.reaction_batch import Reaction
from hotline_events.reactions import Reactions
from hotline_events.testing import NOON, cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """Call the department so, whatever it is called now."""

    name: str


def decide(name: str, command: Name) -> list[object]:
    if name == command.name:
        return []
    return [DepartmentRegistered(department="roads", name_zh=command.name, name_en=command.name, occurred_at=NOON)]


NAMING: Decider = Decider("department", decide, lambda _name, event: event.name_zh, "")


def submission(command_id: UUID) -> Submission:
    return Submission(command_id=command_id, fingerprint=command_id.bytes, cause=cause(command_id))


async def name(desk, text: str) -> None:
    await desk.aggregates.execute(NAMING, "roads", Name(name=text), submission(uuid4()))


async def names(desk) -> list[str]:
    return [decode_payload(row).name_zh for row in await desk.store.read_stream("department-roads")]


async def test_there_is_nothing_to_do_only_when_the_stream_says_so(desk_for):
    """A process whose cache says that it is already so must look whether another one has changed it since."""
    async with desk_for("routing") as first, desk_for(on=first.database) as second:
        await name(first, "a")
        await name(second, "b")
        await name(first, "a")
        assert await names(second) == ["a", "b", "a"]


async def test_a_reaction_finds_nothing_to_do_only_when_the_stream_says_so(desk_for, core):
    def react(event: Envelope) -> list[Reaction]:
        return [Reaction(decider=NAMING, aggregate_id="roads", command=Name(name=event.event.line))]

    async with desk_for("intake") as intake, desk_for("routing") as worker, desk_for(on=worker.database) as api:
        call = core.received(uuid4(), 1)
        for line in ("a", "a"):
            version = len(await intake.store.read_stream(call.stream))
            event = replace(call.events[0], line=line)
            await intake.appender.append(replace(call, command_id=uuid4(), expected_version=version, events=[event]))
        first, second = [from_row(row) for row in await intake.store.read_all(0)]
        reactions = Reactions(
            "test.naming",
            service="routing",
            sources=["intake"],
            react=react,
            store=worker.store,
            aggregates=worker.aggregates,
        )
        await reactions.prepare()
        moved = await reactions.apply("intake", [first], Checkpoint(0, 1))
        await name(api, "b")
        await reactions.apply("intake", [second], moved)
        assert await names(api) == ["a", "b", "a"]
