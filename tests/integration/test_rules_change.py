"""The rules change while the city works: what begins is decided by the new ones everywhere, what had begun keeps its own."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hotline_embedded.city import MOMENT, City, Matter

TEXT = """extends: default
number: {number}
title: A town
effective_from: 2026-06-02
sources: [its council]
limits:
  any:
    resolve: {{working_days: {days}}}
"""


@pytest.fixture(scope="module")
async def town() -> AsyncIterator[City]:
    """Return a city of its own: whose rules change is no city for other tests."""
    folder = Path(tempfile.mkdtemp(prefix="hotline-town-"))
    city = City(folder)
    try:
        city.start()
        await city.drive(MOMENT)
        yield city
    finally:
        await city.close()
        city.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def publish(town: City, number: str, days: int) -> None:
    """Take a pack with this limit all the way, effective today."""
    path = f"/rule-sets/{number}"
    body = {"text": TEXT.format(number=number, days=days)}
    await town.tell("reporting", "administrator", path, body, method="PUT")
    await town.tell("reporting", "administrator", f"{path}/check", {})
    await town.tell("reporting", "oversight_officer", f"{path}/approve", {})
    await town.tell("reporting", "oversight_officer", f"{path}/publish", {})
    await town.settled()
    for service in town.services:
        await known(town, service, number)


async def known(town: City, service: str, number: str) -> None:
    """Wait until a service says that it decides by this pack."""
    for _ in range(200):
        told = await town.ask(service, "call_taker", "/rules")
        if told["in_force"]["number"] == number:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(service, told)


async def order_of(town: City, matter: Matter) -> Any:
    await town.settled()
    return await town.ask("routing", "dispatcher", f"/work-orders/{matter.work_order_id}")


def due(days: int) -> str:
    """Return the end of the nth working day after MOMENT, a Tuesday with a working week before it."""
    end = datetime(2026, 6, 2, 16, tzinfo=UTC) + timedelta(days=days)
    return end.isoformat().replace("+00:00", "Z")


async def test_a_new_order_has_the_new_limit_and_cites_the_new_number_and_an_old_one_keeps_its_own(town: City) -> None:
    """A152, A162."""
    roads = await town.new_department("roads")
    old = await town.new_matter(roads)
    before = await order_of(town, old)
    assert (before["rule_version"], before["resolve_due_at"]) == ("default/1", due(7))
    await publish(town, "town/1", 2)
    new = await town.new_matter(roads)
    after = await order_of(town, new)
    assert (after["rule_version"], after["resolve_due_at"]) == ("town/1", due(2))
    kept = await order_of(town, old)
    assert (kept["rule_version"], kept["resolve_due_at"]) == ("default/1", due(7))


async def test_a_service_that_was_down_knows_the_new_rules_before_it_decides(town: City) -> None:
    """A162: both of its processes, from its own table or from the stream."""
    units = [town.units[f"routing-{part}"] for part in ("api", "worker")]
    for unit in units:
        await asyncio.to_thread(unit.stop)
    path = "/rule-sets/town/2"
    await town.tell("reporting", "administrator", path, {"text": TEXT.format(number="town/2", days=3)}, method="PUT")
    await town.tell("reporting", "administrator", f"{path}/check", {})
    await town.tell("reporting", "oversight_officer", f"{path}/approve", {})
    await town.tell("reporting", "oversight_officer", f"{path}/publish", {})
    for unit in reversed(units):
        await asyncio.to_thread(unit.spawn)
    for unit in units:
        await asyncio.to_thread(unit.wait_ready)
    assert (await town.ask("routing", "call_taker", "/rules"))["in_force"]["number"] == "town/2"
    matter = await town.new_matter(await town.new_department("roads"))
    order = await order_of(town, matter)
    assert (order["rule_version"], order["resolve_due_at"]) == ("town/2", due(3))


async def test_an_order_waits_for_the_days_of_a_year_and_goes_on_once_they_are_loaded(town: City) -> None:
    """A year that nobody published is a refusal until the office loads its table."""
    roads = await town.new_department("roads")
    await town.drive(datetime(2026, 12, 31, 2, tzinfo=UTC))
    matter = await town.new_matter()
    await town.tell("routing", "dispatcher", f"/work-orders/{matter.work_order_id}/classify", {"category": "city_lighting"})
    path, body = f"/work-orders/{matter.work_order_id}/transfer", {"department": roads}
    refused = await town.client("routing", "dispatcher").post(path, json=body)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:hotline:problem:calendar_unknown")
    table = {"holidays": ["2027-01-01"], "workdays": ["2027-01-02"]}
    await town.tell("reporting", "administrator", "/calendars/2027", table)
    await town.settled()
    for _ in range(100):
        if (await town.ask("routing", "call_taker", "/rules"))["calendar_years"] == [2027]:
            break
        await asyncio.sleep(0.05)
    await town.transfer(matter, roads)
    order = await order_of(town, matter)
    assert order["resolve_due_at"] == "2027-01-05T16:00:00Z", "Saturday the 2nd, Monday, Tuesday"
