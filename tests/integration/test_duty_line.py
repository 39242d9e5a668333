"""A duty line on the whole system: the worker follows intake's own events, and its clocks watch the shifts."""

from uuid import uuid4

from hotline_embedded.city import City

DAY = "2026-03-03"  # a Tuesday that is over: its clocks have run out when the roster is published


async def test_a_missed_call_becomes_a_task_and_the_clocks_watch_the_roster(stack: City) -> None:
    """A05, A134, A138, A143: nobody asks for any of them."""
    line, call_id = f"duty_{uuid4().hex[:8]}", uuid4()
    facts = {"kind": "duty", "name_zh": "值班电话", "name_en": "Duty line"}
    await stack.tell("intake", "administrator", f"/lines/{line}", facts)
    await stack.tell("intake", "call_taker", f"/calls/{call_id}", {"line": line})
    await stack.tell("intake", "call_taker", f"/calls/{call_id}/abandon", {"stage": "ringing"})
    tiers = {"duty_chief": [f"chief-{line}"], "shift_leader": ["leader"], "duty_officer": ["officer"]}
    shifts = {"day": tiers, "night": tiers}
    await stack.tell("intake", "shift_leader", f"/lines/{line}/rosters/{DAY}", {"shifts": shifts}, method="PUT")
    await stack.settled()
    (task,) = (await stack.ask("intake", "call_taker", "/missed-calls", line=line))["items"]
    assert task["call_id"] == str(call_id)
    night, day = (await stack.ask("intake", "inspector", "/shifts", line=line))["items"]
    assert (day["name"], night["follows"]) == ("day", day["shift_id"])
    faults = [
        one for one in (await stack.ask("intake", "inspector", "/duty-faults", limit=200))["items"] if one["line"] == line
    ]
    of_the_day = [one for one in faults if one["shift_id"] == day["shift_id"]]
    assert sorted((one["kind"], one["staff_id"] or "") for one in of_the_day) == [
        ("absence", f"chief-{line}"),
        ("absence", "leader"),
        ("absence", "officer"),
        ("gap", ""),
    ]
    told = (await stack.ask("intake", "inspector", "/chief-notices", limit=200))["items"]
    assert {one["shift_id"] for one in told if one["line"] == line} == {day["shift_id"], night["shift_id"]}
