"""`reporting.calls`: one row a call, with what the telephone indicators (T) count."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from hotline_events.catalogue import intake
from hotline_events.envelope import Envelope
from hotline_events.projection import View
from reporting.adapters.views.facts import Facts, FactTable

_FIGURES = (
    "received_at", "answered_at", "wait_ms", "ring_count", "abandoned_at", "ended_at", "talk_ms", "hold_ms",
)  # fmt: skip
_CALLS = FactTable(
    name="calls",
    key={"call_id": "uuid"},
    columns={
        "received_at": "timestamptz",
        "line": "text",
        "emergency": "boolean",
        "answered_at": "timestamptz",
        "wait_ms": "bigint",
        "ring_count": "int",
        "abandoned_at": "timestamptz",
        "abandon_stage": "text",
        "abandon_wait_ms": "bigint",
        "ended_at": "timestamptz",
        "ended_by": "text",
        "talk_ms": "bigint",
        "hold_ms": "bigint",
        "wrapped_up_at": "timestamptz",
        "wrap_up_ms": "bigint",
    },
    merges={
        name: f"coalesce(excluded.{name}, calls.{name})" for name in (*_FIGURES, "abandon_stage", "abandon_wait_ms", "ended_by")
    },
)


async def _apply(connection: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    calls = Facts()
    for envelope in envelopes:
        _note(calls, envelope.event)
    await _CALLS.write(connection, calls)


def _note(calls: Facts, event: object) -> None:
    match event:
        case intake.CallReceived():
            calls.first(event.call_id, received_at=event.occurred_at, line=event.line, emergency=event.emergency)
        case intake.CallAnswered():
            calls.first(event.call_id, answered_at=event.occurred_at, wait_ms=event.wait_ms, ring_count=event.ring_count)
        case intake.CallAbandoned():
            calls.first(
                event.call_id,
                abandoned_at=event.occurred_at,
                abandon_stage=event.stage.value,
                abandon_wait_ms=event.wait_ms,
            )
        case intake.CallEnded():
            calls.first(
                event.call_id,
                ended_at=event.occurred_at,
                ended_by=event.ended_by.value,
                talk_ms=event.talk_ms,
                hold_ms=event.hold_ms,
            )
        case intake.CallWrappedUp():
            calls.first(event.call_id, wrapped_up_at=event.occurred_at, wrap_up_ms=event.wrap_up_ms)
        case intake.CallFiguresCorrected():
            calls.latest(event.call_id, **_corrected(event))
        case _:
            """Holding is inside the end's figures; requests and persons are not calls."""


def _corrected(event: intake.CallFiguresCorrected) -> dict[str, object]:
    """Return what a late report of the exchange changed; the wait belongs to whichever end the call came to."""
    told: dict[str, object] = {name: getattr(event, name) for name in _FIGURES}
    told |= {"ended_by": event.ended_by and event.ended_by.value, "abandon_stage": event.stage and event.stage.value}
    if event.abandoned_at is not None or event.stage is not None:
        told |= {"abandon_wait_ms": told.pop("wait_ms")}
    return {name: value for name, value in told.items() if value is not None}


VIEW = View(
    name="reporting.calls@1",
    tables=("calls",),
    ddl=f"{_CALLS.ddl}; create index if not exists calls_received on calls (received_at)",
    sources=("intake",),
    apply=_apply,
)
