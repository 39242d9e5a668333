"""What the stores hold, and the checks that need nothing else: commands, chains, streams, reactions, parked events."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid5

from journal import Journal
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from hotline_cli.verify import verify_database
from hotline_embedded.city import City, CityError
from hotline_events.broker import BrokerAddress, connect, stream_of
from hotline_events.envelope import Envelope, from_row
from hotline_events.store import Store

_PAGE = 2000


@dataclass(frozen=True, slots=True)
class Finding:
    """One invariant, whether it holds, and what it was checked on or where it does not."""

    invariant: str
    holds: bool
    detail: str


History = Mapping[str, Sequence[Envelope]]


async def read_history(stores: Mapping[str, Store]) -> dict[str, list[Envelope]]:
    """Read every event of every service from its table, decoded as its followers meet it."""
    history: dict[str, list[Envelope]] = {}
    for service, store in stores.items():
        head = await store.head()
        events: list[Envelope] = []
        while rows := await store.read_all(len(events), _PAGE):
            events += [from_row(row, epoch=head.epoch, epoch_start=head.epoch_start) for row in rows]
        history[service] = events
    return history


async def acknowledged_is_stored(city: City, journal: Journal, history: History) -> Finding:
    """Find each acknowledged command under its id, and its last event at the version and position it was answered."""
    at = {service: {one.position: (one.stream, one.version) for one in events} for service, events in history.items()}
    commands: dict[tuple[str, UUID], tuple[str, int, int]] = {}
    for service in city.services:
        for row in await city.rows(service, "select id, stream, version, position from commands"):
            commands[service, row[0]] = (row[1], row[2], row[3])
    wrong = []
    for one in journal.acknowledged:
        command = one.command
        told = (command.stream, one.version, one.position)
        stored = commands.get((command.service, command.command_id))
        if stored != told or at[command.service].get(one.position) != told[:2]:
            wrong.append(f"{command.path}: answered {told}, stored {stored}")
    return _finding("acknowledged commands are stored as answered", wrong, f"{len(journal.acknowledged)} commands")


async def chains_are_whole(city: City) -> Finding:
    wrong, verified = [], 0
    for service in city.services:
        verdict = await verify_database(city.postgres.dsn(service))
        verified += verdict.verified
        if not verdict.whole:
            wrong.append(f"{service} at {verdict.bad_position}: {verdict.reason}")
    return _finding("positions gapless, chains whole", wrong, f"{verified} events")


async def streams_are_exact(city: City, history: History) -> Finding:
    """Read every message of every stream: each event once, in order, its sequence its position."""
    wrong, read = [], 0
    for service in city.services:
        published = await _published(city, service)
        read += len(published)
        stored = [(one.position, one.position, str(one.id), one.raw) for one in history[service]]
        if published != stored:
            differing = next((a for a, b in zip(published, stored, strict=False) if a != b), ("the end",))
            wrong.append(f"{service}: {len(published)} messages for {len(stored)} events, first wrong: {differing[:3]}")
    return _finding("streams exactly once, in order", wrong, f"{read} messages")


async def _published(city: City, service: str) -> list[tuple[int, int, str, str]]:
    creds = city.env(service)["HOTLINE_NATS_CREDS"]
    client = await connect(BrokerAddress(url=city.nats.url, name=service, credentials=creds))
    try:
        js = client.jetstream()
        wanted = (await js.stream_info(stream_of(service))).state.messages
        config = ConsumerConfig(deliver_policy=DeliverPolicy.ALL, ack_policy=AckPolicy.NONE, mem_storage=True)
        consumer = await js.add_consumer(stream_of(service), config)
        subscription = await js.pull_subscribe_bind(consumer=consumer.name, stream=stream_of(service))
        found: list[tuple[int, int, str, str]] = []
        while len(found) < wanted:
            for message in await subscription.fetch(500, timeout=5):
                body = message.data.decode()
                event = json.loads(body)
                found.append((message.metadata.sequence.stream, event["position"], event["id"], body))
        return found
    finally:
        await client.close()


def reactions_happened_once(history: History) -> list[Finding]:
    """Pair what one service decided with what another one had to decide because of it: one for one."""
    named: dict[str, list[Envelope]] = defaultdict(list)
    for events in history.values():
        for one in events:
            named[one.name].append(one)

    def keys(name: str, *fields: str) -> Counter[tuple[object, ...]]:
        return Counter(tuple(getattr(one.event, field) for field in fields) for one in named[name])

    to_pass_on = [one for one in named["intake.request.registered"] if not one.event.answered_directly]
    requests = Counter((one.event.request_id,) for one in to_pass_on)
    answered = keys("intake.request.answered_directly", "request_id")
    owed = Counter(
        (uuid5(order, f"revisit:{turn}"),)
        for order, turn in keys("routing.work_order.resolved", "work_order_id", "round").elements()
    )
    rework = keys("followup.revisit.rework_ordered", "revisit_id", "round")
    ended = keys("followup.revisit.closed", "revisit_id")
    pairs = {
        "one work order for each request": (requests, keys("routing.work_order.opened", "request_id")),
        "one withdrawal for each later answer": (requests & answered, keys("routing.work_order.withdrawn", "request_id")),
        "one revisit for each resolution": (owed, keys("followup.revisit.scheduled", "revisit_id")),
        "one reopening for each rework": (rework, keys("routing.work_order.reopened", "revisit_id", "round")),
        "one closing for each ended revisit": (ended, keys("routing.work_order.closed", "revisit_id")),
    }
    return [_paired(invariant, causes, effects) for invariant, (causes, effects) in pairs.items()]


def _paired(invariant: str, causes: Counter[tuple[object, ...]], effects: Counter[tuple[object, ...]]) -> Finding:
    wrong = [
        f"{key}: {causes[key]} of one, {effects[key]} of the other"
        for key in causes | effects
        if causes[key] != 1 or effects[key] != 1
    ]
    return _finding(invariant, wrong, f"{causes.total()} of {effects.total()}")


async def nothing_is_parked(city: City) -> Finding:
    wrong = []
    for service in city.services:
        rows = await city.rows(service, "select consumer, source, position, error, attempts, dead from parked")
        wrong += [f"{service}: {dict(row)}" for row in rows]
    return _finding("no parked events, no dead letters", wrong, "0 left")


async def everything_came_to_rest(city: City) -> Finding:
    """Wait until every consumer has applied everything; say who is behind when they do not."""
    try:
        heads = await city.settled(patience=90)
    except CityError:
        return _finding("everything came to rest", await _who_is_behind(city), "")
    return _finding("everything came to rest", [], f"{sum(heads.values())} events applied")


async def _who_is_behind(city: City) -> list[str]:
    heads, behind = await city.heads(), []
    for reader in city.services:
        for consumer, source, position in await city.rows(reader, "select consumer, source, position from checkpoints"):
            if source in heads and position < heads[source]:
                behind.append(f"{consumer} is at {position} of {heads[source]} in {source}")
        due = """select kind, attempts, leased_until, due_at from timers
                  where due_at <= coalesce((select now from business_clock), now())"""
        behind += [f"{reader}: due {dict(row)}" for row in await city.rows(reader, due)]
        parked = "select consumer, position, error, attempts, retry_at from parked where not dead"
        behind += [f"{reader}: parked {dict(row)}" for row in await city.rows(reader, parked)]
    return behind or ["nothing is behind, it was only late"]


async def the_erased_are_gone(city: City, history: History) -> Finding:
    """An erasure that was cut off between its event and the destruction of key and facts was completed."""
    erased = {one.event.person_id for one in history["intake"] if one.name == "intake.person.erased"}
    listed = {row[0] for row in await city.rows("intake", "select person_id from views.erasures")}
    kept = {row[0] for row in await city.rows("intake", "select person_id from persons")}
    wrong = [f"{person} is not done" for person in erased ^ listed] + [f"{person} has facts" for person in erased & kept]
    return _finding("erasures completed", wrong, f"{len(erased)} persons")


def _finding(invariant: str, wrong: Iterable[str], detail: str) -> Finding:
    found = list(wrong)
    return Finding(invariant, not found, "; ".join([f"{len(found)} wrong", *found[:3]]) if found else detail)


finding = _finding
