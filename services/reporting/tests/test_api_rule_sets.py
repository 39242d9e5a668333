"""Rule sets, calendars and commitments over HTTP, each by the role that may (A152, A156, A162)."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline_chassis.devusers import find_user
from hotline_chassis.rule_book import RuleKeeper, published_rules
from hotline_embedded.fixtures import Databases
from hotline_events.cursor import Cursor
from hotline_events.projection import Projector
from hotline_events.rebuild import own_history
from hotline_events.testing import NOON
from reporting.adapters.views import VIEWS

TEXT = """extends: default
number: town/1
title: A town
effective_from: 2026-03-01
sources: [its own]
limits:
  any:
    resolve: {working_days: 3}
"""


@dataclass(slots=True)
class Office:
    """Reporting as the office meets it, and what its worker would do, done on demand."""

    served: Any
    keeper: RuleKeeper

    async def tell(self, method: str, path: str, body: Any = None, *, by: str = "administrator") -> httpx.Response:
        user = find_user(by)
        assert user is not None
        headers = {"authorization": f"Bearer {self.served.issuer.token(user)}"}
        answer: httpx.Response = await self.served.client.request(method, path, json=body, headers=headers)
        return answer

    async def hear(self) -> None:
        """Let the views and the book follow what reporting has decided."""
        runtime = self.served.app.state.runtime
        history = [event async for page in own_history(runtime.store)("reporting", 0) for event in page]
        for view in (*VIEWS, published_rules("reporting")):
            projector = Projector(runtime.engine, view)
            await projector.prepare()
            if "reporting" in view.sources:
                await Cursor("reporting", projector).take(history)
        await self.keeper.refresh()

    async def publish(self, text: str = TEXT, number: str = "town/1", **when: str) -> None:
        """Take a pack all the way."""
        assert (await self.tell("PUT", f"/rule-sets/{number}", {"text": text})).status_code == 201
        for step, by in (("check", "administrator"), ("approve", "oversight_officer")):
            assert (await self.tell("POST", f"/rule-sets/{number}/{step}", {}, by=by)).status_code == 200
        assert (await self.tell("POST", f"/rule-sets/{number}/publish", when)).status_code == 200
        await self.hear()


@pytest.fixture
async def office(
    engine_for: Callable[[str], AsyncEngine], databases: Databases, serve: Callable[..., Any]
) -> AsyncIterator[Office]:
    served = serve(engine_for((await databases.fresh("reporting")).app_url))
    runtime = served.app.state.runtime
    async with runtime.appender:
        office = Office(served, runtime.rule_keeper())
        await office.hear()
        yield office


async def test_a_pack_goes_from_a_draft_to_being_in_force(office: Office) -> None:
    """A152, A162."""
    assert (await office.tell("GET", "/rules")).json()["in_force"]["number"] == "default/1"
    await office.publish()
    rules = (await office.tell("GET", "/rules", by="call_taker")).json()
    assert (rules["in_force"]["number"], [pack["number"] for pack in rules["published"]]) == ("town/1", ["town/1"])
    (shown,) = (await office.tell("GET", "/rule-sets", by="call_taker")).json()["items"]
    assert (shown["number"], shown["step"], shown["changes"]) == ("town/1", "published", 1)
    assert (shown["drafted_by"], shown["approved_by"]) == ("demo-administrator", "demo-oversight_officer")
    assert shown["sha256"] == rules["in_force"]["sha256"]
    assert shown["effective_from"] == NOON.date().isoformat()
    assert (await office.tell("GET", "/rule-sets/town/1")).json()["text"] == TEXT.strip()


async def test_a_pack_of_a_later_date_is_known_and_not_yet_in_force(office: Office) -> None:
    """A162."""
    await office.publish(effective_from="2026-03-03")
    rules = (await office.tell("GET", "/rules")).json()
    assert (rules["in_force"]["number"], rules["published"][0]["effective_from"]) == ("default/1", "2026-03-03")


async def test_a_shipped_pack_is_drafted_by_its_name(office: Office) -> None:
    created = await office.tell("PUT", "/rule-sets/bengbu/1", {"shipped": "bengbu"})
    assert created.status_code == 201
    assert (await office.tell("PUT", "/rule-sets/bengbu/1", {"shipped": "bengbu"})).status_code == 200
    assert (await office.tell("POST", "/rule-sets/bengbu/1/check", {})).status_code == 200
    told = (await office.tell("GET", "/rule-sets/bengbu/1/what-if", by="oversight_officer")).json()
    assert told["against"] == "default/1"
    assert {"rule": "limits.by_channel.web.resolve.working_days", "before": None, "after": "3"} in told["differences"]
    assert (told["orders"], told["late_under_it"]) == (0, 0)


@pytest.mark.parametrize("body", [{}, {"text": "number: a/1", "shipped": "bengbu"}, {"shipped": "nowhere"}])
async def test_a_draft_is_a_text_or_a_shipped_pack(office: Office, body: dict[str, str]) -> None:
    refused = await office.tell("PUT", "/rule-sets/town/1", body)
    assert (refused.status_code, refused.json()["field"], refused.json()["rule"]) == (422, "body.shipped", "text_or_shipped")


async def test_a_bad_pack_is_refused_with_the_line_and_goes_no_further(office: Office) -> None:
    """A152, A162."""
    wrong = TEXT.replace("resolve:", "resolved:")
    await office.tell("PUT", "/rule-sets/town/1", {"text": wrong})
    refused = (await office.tell("POST", "/rule-sets/town/1/check", {})).json()
    assert refused["type"] == "urn:hotline:problem:rule_text_refused"
    assert refused["detail"].startswith("town/1.yaml, line 8, limits.any.resolved: it is not a rule")
    asked = await office.tell("POST", "/rule-sets/town/1/approve", {}, by="oversight_officer")
    assert (asked.status_code, asked.json()["missing"]) == (409, "checked")


async def test_the_number_of_a_shipped_pack_stands_for_its_own_text(office: Office) -> None:
    """A152."""
    text = TEXT.replace("town/1", "shandong_2020/1")
    await office.tell("PUT", "/rule-sets/shandong_2020/1", {"text": text})
    refused = await office.tell("POST", "/rule-sets/shandong_2020/1/check", {})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:hotline:problem:rule_number_taken")


async def test_what_was_never_drafted_is_not_found(office: Office) -> None:
    for method, path in (("GET", ""), ("GET", "/what-if"), ("POST", "/check"), ("POST", "/publish")):
        assert (await office.tell(method, f"/rule-sets/town/9{path}", {})).status_code == 404


async def test_a_year_is_known_once_the_office_has_loaded_it(office: Office) -> None:
    assert (await office.tell("GET", "/calendars/2031")).status_code == 404
    table = {"holidays": ["2031-01-01"], "workdays": ["2031-01-05"]}
    assert (await office.tell("PUT", "/calendars/2031", table)).status_code == 201
    assert (await office.tell("PUT", "/calendars/2031", table)).status_code == 200
    await office.hear()
    assert (await office.tell("GET", "/rules")).json()["calendar_years"] == [2031]
    assert (await office.tell("GET", "/calendars/2031", by="dispatcher")).json() == {"year": 2031, "version": 1, **table}
    refused = await office.tell("PUT", "/calendars/2031", {"holidays": ["2030-01-01"], "workdays": []})
    assert (refused.status_code, refused.json()["field"]) == (422, "body.holidays")


@pytest.mark.parametrize("reader", ["call_taker", "handler@roads", "inspector", "service@anything"])
async def test_the_commitments_are_there_for_every_role_to_read(office: Office, reader: str) -> None:
    """A156."""
    assert (await office.tell("GET", "/commitments", by=reader)).status_code == 404
    item = {"zh": "五个工作日内办结。", "en": "Resolved within five working days.", "rule": "limits.any.resolve"}
    for version in (1, 2):
        body = {"items": [item] * version}
        answer = await office.tell("PUT", f"/commitments/{version}", body, by="oversight_officer")
        assert answer.status_code == 201
    await office.hear()
    shown = (await office.tell("GET", "/commitments", by=reader)).json()
    assert (shown["commitment_version"], shown["rule_version"], len(shown["items"])) == (2, "default/1", 2)
    assert shown["items"][0] == {**item, "figure": "5 working_days"}
    assert (await office.tell("GET", "/commitments?version=1", by=reader)).json()["items"] == [
        {**item, "figure": "5 working_days"}
    ]
    refused = await office.tell("PUT", "/commitments/3", {"items": [{**item, "rule": "limits.none"}]})
    assert (refused.status_code, refused.json()["field"]) == (422, "body.items")
