"""What is derived from the stores: read models and timers must be what a fold of the events says."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

from stored import Finding, History, finding

from followup.adapters.views import revisits
from followup.domain import revisit
from hotline_chassis.runtime import engine_of
from hotline_embedded.city import City
from hotline_events.decider import Decider, Timer
from hotline_events.envelope import Envelope
from hotline_events.projection import Projector, View
from hotline_events.store import Store
from hotline_rules.book import RuleBook
from hotline_rules.pack import load_pack
from intake.adapters.views import VIEWS as INTAKE_VIEWS
from reporting.adapters.views import VIEWS as REPORTING_VIEWS
from routing.adapters.views import VIEWS as ROUTING_VIEWS
from routing.domain import work_order

VIEWS: Mapping[str, Sequence[View]] = {
    "intake": INTAKE_VIEWS,
    "routing": ROUTING_VIEWS,
    "followup": (revisits,),
    "reporting": REPORTING_VIEWS,
}
_FOLD = "chaos_fold"
_BOOK = RuleBook(load_pack("default"))
_DECIDERS: Mapping[str, Decider[Any, Any, Any]] = {"routing": work_order.decider, "followup": revisit.decider}


@asynccontextmanager
async def stores_of(city: City) -> AsyncIterator[dict[str, Store]]:
    """Open every service's store as the service itself does."""
    stores = {service: Store(engine_of(city.env(service)["HOTLINE_DATABASE_URL"], pool_size=3)) for service in city.services}
    try:
        yield stores
    finally:
        for store in stores.values():
            await store.engine.dispose()


async def read_models_equal_a_fold(stores: Mapping[str, Store], history: History, seed: int) -> Finding:
    """Build every read model again beside the live one, its sources interleaved in another way, and compare all rows."""
    wrong, rows = [], 0
    for service, views in VIEWS.items():
        store = stores[service]
        await store.execute(f"create schema {_FOLD}")
        for view in views:
            await _fold(store, view, history, Random(f"fold:{seed}:{view.name}"))
            for table in view.tables:
                live, folded = [await _dump(store, schema, table) for schema in ("views", _FOLD)]
                rows += len(live)
                if live != folded:
                    wrong.append(f"{service}.{table}: {_difference(live, folded)}")
    return finding("read models equal a fold of the stores", wrong, f"{rows} rows of {sum(map(len, VIEWS.values()))} views")


async def _fold(store: Store, view: View, history: History, dice: Random) -> None:
    projector = Projector(store.engine, view, schema=_FOLD, consumer=f"{view.name}#fold")
    await projector.prepare()
    left = {source: list(history[source]) for source in view.sources}
    at = {source: await projector.checkpoint(source) for source in view.sources}
    while any(left.values()):
        source = dice.choice([source for source, events in left.items() if events])
        size = dice.randint(1, 400)
        batch, left[source] = left[source][:size], left[source][size:]
        at[source] = await projector.apply(source, batch, at[source])


async def _dump(store: Store, schema: str, table: str) -> list[str]:
    return [row[0] for row in await store.execute(f"select to_jsonb(t)::text from {schema}.{table} t order by 1")]


def _difference(live: list[str], folded: list[str]) -> str:
    """Say which columns differ in the first row that does; values may be words of people, even here."""
    only_live, only_folded = sorted(set(live) - set(folded)), sorted(set(folded) - set(live))
    columns: list[str] = []
    if only_live and only_folded:
        one, other = json.loads(only_live[0]), json.loads(only_folded[0])
        columns = sorted(name for name in one if one[name] != other.get(name))
    return f"{len(only_live)} rows only live, {len(only_folded)} only folded, first differs in {columns}"


async def waiting_timers_are_there(stores: Mapping[str, Store], history: History, now: datetime) -> Finding:
    """Derive every timer from the events again: exactly those that are not due yet wait in the tables."""
    wrong, waiting = [], 0
    for service in _DECIDERS:
        derived = {timer.timer_id: timer.due_at for timer in _timers(service, history)}
        expected = {timer_id for timer_id, due_at in derived.items() if due_at > now}
        present = {row[0] for row in await stores[service].execute("select id from timers")}
        waiting += len(present)
        wrong += [
            f"{service}: timer {timer_id} is {'missing' if timer_id in expected else 'left over'}"
            for timer_id in expected ^ present
        ]
    return finding("every timer that is not due waits", wrong, f"{waiting} timers")


async def fired_timers_have_had_their_effect(stores: Mapping[str, Store], history: History) -> Finding:
    """When all are due and none is left, firing any of them again decides nothing more."""
    wrong, fired = [], 0
    for service, decider in _DECIDERS.items():
        wrong += [f"{service}: timer {row[0]} did not fire" for row in await stores[service].execute("select id from timers")]
        streams: dict[str, list[Envelope]] = defaultdict(list)
        for one in history[service]:
            streams[one.stream].append(one)
        states = {
            stream: decider.fold(one.event for one in events) for stream, events in streams.items() if _is_of(decider, stream)
        }
        for timer in _timers(service, history):
            fired += 1
            if decider.decide(states[timer.stream], _command(service, timer)):
                wrong.append(f"{service}: timer {timer.timer_id} of {timer.kind} had no effect")
    return finding("every due timer has had its effect", wrong, f"{fired} timers")


def _timers(service: str, history: History) -> Iterable[Timer]:
    decider = _DECIDERS[service]
    return (timer for one in history[service] if _is_of(decider, one.stream) for timer in decider.timers(one.event))


def _is_of(decider: Decider[Any, Any, Any], stream: str) -> bool:
    return stream == decider.stream(UUID(int=0)) or stream.startswith(f"{decider.aggregate}-")


def _command(service: str, timer: Timer) -> object:
    if service == "routing":
        return work_order.on_timer(_BOOK, timer).command
    return revisit.on_timer(_BOOK, timer).command
