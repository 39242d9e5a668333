"""Events that only the version of a row follows: the read models of orders and of dispatching take a short way for them."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from hotline_events.catalogue.routing import WorkOrderOpened
from hotline_events.envelope import Envelope
from hotline_events.registry import all_types
from hotline_events.testing import cause, sample_of
from routing.adapters.views import dispatching, order_rows
from routing.adapters.views.aging import STEPS, apart

OF_ORDERS = [kind.cls for kind in all_types().values() if kind.name.startswith("routing.work_order.")]


def told(event: Any, version: int) -> Envelope:
    caused = cause(uuid4())
    return Envelope(
        id=uuid4(),
        name="routing.work_order.told",
        schema_version=1,
        stream=f"work_order-{event.work_order_id}",
        version=version,
        position=version,
        epoch=1,
        epoch_start=0,
        correlation_id=caused.correlation_id,
        causation_id=caused.causation_id,
        actor=caused.actor,
        occurred_at=event.occurred_at,
        recorded_at=event.occurred_at,
        traceparent=None,
        event=event,
        raw="",
    )


@pytest.mark.parametrize("kind", [kind for kind in OF_ORDERS if issubclass(kind, STEPS)])
def test_a_step_of_the_ladder_or_of_supervision_changes_nothing_but_the_version(kind: type) -> None:
    """A89, A91."""
    opened = sample_of(WorkOrderOpened)
    step = replace(sample_of(kind), work_order_id=opened.work_order_id)
    row = order_rows.after(None, told(opened, 1))
    assert order_rows.after(row, told(step, 2)) == replace(row, version=2)
    assert dispatching._change(dispatching._opened(opened), step) == {}


def test_an_order_with_more_than_steps_in_a_batch_is_told_all_of_them() -> None:
    steps = [sample_of(kind) for kind in OF_ORDERS if issubclass(kind, STEPS)]
    first, second = uuid4(), uuid4()
    quiet = [told(replace(step, work_order_id=first), number) for number, step in enumerate(steps, 4)]
    opened = told(replace(sample_of(WorkOrderOpened), work_order_id=second), 1)
    busy = told(replace(steps[0], work_order_id=second), 2)
    assert apart([*quiet, opened, busy]) == ([opened, busy], {first: 3 + len(steps)})
    assert apart([]) == ([], {})
