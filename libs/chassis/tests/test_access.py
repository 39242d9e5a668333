"""What the hotline took from a user stops them at sign-in, in every service alike."""

from collections.abc import Sequence
from typing import Any

import pytest

from hotline_chassis.access import AccessGate, Taken
from hotline_events.errors import StoreUnavailableError

ROADS_HANDLER = {"role": "department_handler", "department": "roads", "right": "order_handle"}


@pytest.mark.parametrize(
    ("taken", "stops"),
    [
        (Taken("role", "department_handler", ""), True),
        (Taken("role", "department_handler", "roads"), True),
        (Taken("role", "department_handler", "parks"), False),
        (Taken("role", "department_head", ""), False),
        (Taken("right", "order_handle", ""), True),
        (Taken("right", "order_read", ""), False),
    ],
)
def test_a_revoked_role_or_a_withdrawn_right_stops_its_user_where_it_was_taken(taken: Taken, *, stops: bool) -> None:
    """A150: everywhere, or in the one department."""
    assert taken.stops(**ROADS_HANDLER) is stops


class Table:
    """The table of one service, which counts how often it is read and can be away."""

    def __init__(self, *rows: tuple[str, str, str, str]) -> None:
        self.rows = list(rows)
        self.read = 0
        self.away = False

    async def execute(self, _statement: str) -> Sequence[tuple[str, str, str, str]]:
        if self.away:
            raise StoreUnavailableError
        self.read += 1
        return self.rows


async def stopped(gate: AccessGate, actor_id: str) -> bool:
    return await gate.stops(actor_id, **ROADS_HANDLER)


async def test_the_gate_knows_what_was_taken_no_older_than_a_moment() -> None:
    """A150: and reads the table once in that time, however many ask."""
    table: Any = Table(("handler-3", "role", "department_handler", ""))
    gate = AccessGate(lambda: table, every=60)
    assert [await stopped(gate, name) for name in ("handler-3", "handler-4", "handler-3")] == [True, False, True]
    assert table.read == 1
    table.rows.clear()
    assert await stopped(gate, "handler-3")
    gate.every = 0
    assert not await stopped(gate, "handler-3")


async def test_a_database_that_is_away_lets_nobody_in_who_was_not_known_before() -> None:
    """A150."""
    table: Any = Table(("handler-3", "role", "department_handler", ""))
    gate = AccessGate(lambda: table, every=0)
    table.away = True
    with pytest.raises(StoreUnavailableError):
        await stopped(gate, "handler-4")
    table.away = False
    assert await stopped(gate, "handler-3")
    table.away = True
    assert await stopped(gate, "handler-3")
    assert not await stopped(gate, "handler-4")
