"""Dispatching over HTTP: who may do it, what it answers, and what the worker makes of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from hotline_events.catalogue.followup import ReworkOrdered
from hotline_events.catalogue.intake import (
    CorrectionReason,
    PersonErased,
    RequestAnsweredDirectly,
    RequestCorrected,
    RequesterClass,
    RequestType,
    RequestTypeChanged,
)
from hotline_events.catalogue.routing import (
    PrecedentSet,
    WorkOrderClassified,
    WorkOrderDispatchLate,
    WorkOrderFollowerJoined,
    WorkOrderFollowerLeft,
    WorkOrderOpened,
    WorkOrderPartReported,
    WorkOrderResolved,
    WorkOrderSupportAsked,
    WorkOrderTransferred,
    WorkOrderUnmerged,
    WorkOrderWithdrawn,
)
from hotline_events.sealing import Sealed, unseal
from hotline_events.testing import NOON
from hotline_events.timers import Timers
from routing.main import build_work

ROADS, PARKS, POLICE = "handler@roads", "handler@parks", "handler@police"
NAMES = ("lighting", "noise", "odd")


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("urn:hotline:problem:")


async def publish(desk: Any) -> None:
    """Lighting is the roads department's, with help of the parks; noise two departments'; the office takes the rest."""
    for code in ("roads", "parks", "police", "office", "press"):
        await desk.ask("PUT", f"/departments/{code}", {"name_zh": f"{code}处", "name_en": code}, by="administrator")
    rows = [{"code": code, "name_zh": code, "name_en": code, "answer_class": "week"} for code in NAMES]
    scopes = [{"category": "lighting", "department": "roads", "support": ["parks"]}]
    scopes += [{"category": "noise", "department": code} for code in ("police", "parks")]
    protocol = [{"requester_class": "media", "department": "press"}]
    table = {"scopes": scopes, "fallback": "office", "protocol": protocol}
    for path, body in (("category-table", {"categories": rows}), ("scope-table", table)):
        answer = await desk.ask("PUT", f"/{path}/1", body, by="administrator")
        assert answer.status_code == 201, answer.text


async def act(desk: Any, order: UUID, what: str, body: dict[str, Any] | None = None, *, by: str = "dispatcher") -> int:
    method = "PUT" if what == "arbitration" else "POST"
    answer = await desk.ask(method, f"/work-orders/{order}/{what}", body or {}, by=by)
    assert answer.status_code == 200, answer.text
    return answer.json()["version"]


async def events(desk: Any, kind: type, order: UUID | None = None) -> list[Any]:
    history = [one.event for one in await desk.history() if isinstance(one.event, kind)]
    return [event for event in history if order is None or event.work_order_id == order]


async def test_the_whole_scope_table_is_shown_as_it_was_published(desk: Any) -> None:
    """A77, A78: a department sees the rows in which it stands, and no other helper of them."""
    await publish(desk)
    table = (await desk.ask("GET", "/scope-table")).json()
    assert (table["fallback"], table["protocol"]) == ("office", [{"requester_class": "media", "department": "press"}])
    assert table["scopes"][0]["support"] == ["parks"]
    own = (await desk.ask("GET", "/scope-table", by=PARKS)).json()
    assert (own["fallback"], own["protocol"], {row["category"] for row in own["scopes"]}) == (None, [], {"lighting", "noise"})
    assert (await desk.ask("GET", "/category-table")).json()["categories"][0]["answer_class"] == "week"


async def test_a_scope_table_names_only_open_departments_in_every_part(desk: Any) -> None:
    """A77, A78."""
    await publish(desk)
    for part in ({"fallback": "nobody"}, {"protocol": [{"requester_class": "media", "department": "nobody"}]}):
        answer = await desk.ask("PUT", "/scope-table/2", {"scopes": [], **part}, by="administrator")
        assert problem(answer) == (422, "unknown_department")
    scopes = [{"category": "lighting", "department": "roads", "support": ["roads"]}]
    answer = await desk.ask("PUT", "/scope-table/2", {"scopes": scopes}, by="administrator")
    assert problem(answer) == (422, "lead_supports_itself")


async def test_an_order_is_classified_with_confidence_and_again_with_a_reason(desk: Any) -> None:
    """A73, A85."""
    await publish(desk)
    order = await desk.register(None)
    await act(desk, order, "classify", {"category": "noise", "confidence": 60, "answer_class": "immediate"})
    answer = await desk.ask("POST", f"/work-orders/{order}/classify", {"category": "lighting"})
    assert problem(answer) == (409, "reclassification_reason")
    assert answer.json()["missing"] == "reason"
    await act(desk, order, "classify", {"category": "lighting", "reason": "misclassified", "answer_class": "same_day"})
    (transferred,) = await events(desk, WorkOrderTransferred, order)
    assert (transferred.department, transferred.answer_class) == ("roads", "same_day")
    assert transferred.resolve_due_at == NOON.replace(day=3)


async def test_the_press_is_sent_by_protocol(desk: Any) -> None:
    """A78."""
    await publish(desk)
    order = await desk.register(None)
    await act(desk, order, "classify", {"category": "lighting", "requester_class": RequesterClass.MEDIA.value})
    assert [event.department for event in await events(desk, WorkOrderTransferred, order)] == ["press"]


async def test_a_co_handling_department_sees_the_order_and_reports_its_part(desk: Any) -> None:
    """A75: it is told in its own queue; the acts of the lead are not its own, and a third department knows nothing."""
    await publish(desk)
    order = await desk.register()
    assert [event.department for event in await events(desk, WorkOrderSupportAsked, order)] == ["parks"]
    await act(desk, order, "part", {"report": "树枝已修剪。"}, by=PARKS)
    (reported,) = await events(desk, WorkOrderPartReported, order)
    assert "修剪" not in (reported.report.box or "")
    for what, body in (("sign", {}), ("resolve", {"reply": "好了"}), ("return", {"reason": "not_enough_facts"})):
        assert problem(await desk.ask("POST", f"/work-orders/{order}/{what}", body, by=PARKS)) == (409, "supports_only")
    for what, body in (("part", {"report": "无"}), ("handler", {"handler": "x"})):
        assert problem(await desk.ask("POST", f"/work-orders/{order}/{what}", body, by=POLICE)) == (404, "not_found")
    await desk.project()
    for by, status in ((ROADS, 200), (PARKS, 200), (POLICE, 404)):
        assert (await desk.ask("GET", f"/work-orders/{order}", by=by)).status_code == status
    assert len((await desk.ask("GET", "/work-orders", by=PARKS)).json()["items"]) == 1
    assert (await desk.ask("GET", "/departments/parks/queue", by=PARKS)).json()["items"] == []
    helped = (await desk.ask("GET", "/departments/parks/support-queue", by=PARKS)).json()["items"]
    assert [(one["work_order_id"], one["department"], one["supports"]) for one in helped] == [(str(order), "roads", ["parks"])]
    assert problem(await desk.ask("GET", "/departments/parks/support-queue", by=ROADS)) == (404, "not_found")


async def test_a_dispute_is_decided_by_the_office_and_leaves_a_precedent(desk: Any) -> None:
    """W10, W12, A72: the next like case goes there by itself, until the office revokes it."""
    await publish(desk)
    order = await desk.register()
    own = await desk.ask("POST", f"/work-orders/{order}/return", {"reason": "not_ours"}, by=ROADS)
    assert (problem(own), own.json()["missing"]) == ((409, "own_scope"), "arbitration")
    await act(desk, order, "return", {"reason": "not_ours", "arbitration": True, "note": "属园林。"}, by=ROADS)
    waiting = await desk.ask("POST", f"/work-orders/{order}/transfer", {"department": "parks"})
    assert problem(waiting) == (409, "in_arbitration")
    decision = {"department": "parks", "grounds": "依据三定方案。"}
    await act(desk, order, "arbitration/decision", decision, by="oversight_officer")
    forced = await desk.ask("POST", f"/work-orders/{order}/return", {"reason": "not_enough_facts"}, by=PARKS)
    assert problem(forced) == (409, "assignment_forced")
    await desk.follow()
    (precedent,) = await events(desk, PrecedentSet)
    like = await desk.register()
    (transferred,) = await events(desk, WorkOrderTransferred, like)
    assert (transferred.department, transferred.precedent_id) == ("parks", precedent.precedent_id)
    path = f"/precedents/{precedent.precedent_id}/revoke"
    assert (await desk.ask("POST", path, {"reason": "wrong"}, by="oversight_officer")).status_code == 200
    missing = await desk.ask("POST", f"/precedents/{uuid4()}/revoke", {"reason": "wrong"}, by="oversight_officer")
    assert problem(missing) == (404, "not_found")
    assert [one.department for one in await events(desk, WorkOrderTransferred, await desk.register())] == ["roads"]
    assert not any("三定" in one.raw or "园林" in one.raw for one in await desk.history())


async def test_a_dispatcher_who_disagrees_asks_the_office(desk: Any) -> None:
    """W12."""
    await publish(desk)
    order = await desk.register()
    early = await desk.ask("PUT", f"/work-orders/{order}/arbitration", {})
    assert problem(early) == (409, "order_not_returned")
    await act(desk, order, "return", {"reason": "not_enough_facts"}, by=ROADS)
    again = await desk.ask("POST", f"/work-orders/{order}/transfer", {"department": "roads"})
    assert (problem(again), again.json()["missing"]) == ((409, "returned_before"), "arbitration")
    version = await act(desk, order, "arbitration")
    assert await act(desk, order, "arbitration") == version


async def merged(desk: Any, person: UUID | None = None) -> tuple[UUID, UUID]:
    """Merge a second order into a first one, and let the first hear of it."""
    await publish(desk)
    lead, other = await desk.register(), await desk.register(requester_id=person)
    await act(desk, other, "merge", {"lead_id": str(lead), "reason": "same_event"})
    await desk.follow()
    assert [one.follower_id for one in await events(desk, WorkOrderFollowerJoined, lead)] == [other]
    return lead, other


async def resolve(desk: Any, order: UUID) -> None:
    await act(desk, order, "sign", by=ROADS)
    await act(desk, order, "resolve", {"reply": "已更换灯泡。"}, by=ROADS)
    await desk.follow()


async def test_merged_matters_are_resolved_together_each_reply_sealed_for_its_own_caller(desk: Any) -> None:
    """D5: the same words under another key; each resolution schedules a revisit of its own."""
    lead, other = await merged(desk)
    held = await desk.ask("POST", f"/work-orders/{other}/sign", {}, by=ROADS)
    assert (problem(held), held.json()["missing"]) == ((409, "order_merged"), "unmerge")
    await resolve(desk, lead)
    (first,), (second,) = await events(desk, WorkOrderResolved, lead), await events(desk, WorkOrderResolved, other)
    assert (second.merged_into, second.department, second.round) == (lead, "roads", 1)
    assert first.requester_id != second.requester_id
    keys = await desk.runtime.keys.get_many([second.requester_id])
    assert unseal(second.reply.box, keys) == "已更换灯泡。"
    await desk.project()
    shown = (await desk.ask("GET", f"/work-orders/{other}")).json()
    assert (shown["status"], shown["reply"]) == ("resolved", "已更换灯泡。")
    await desk.follow()
    assert len(await events(desk, WorkOrderResolved)) == 2


async def test_a_follower_whose_requester_was_erased_ends_with_its_lead(desk: Any) -> None:
    """A130: nothing waits for a key that is gone."""
    person = uuid4()
    lead, other = await merged(desk, person)
    await desk.intake_keys.shred(person)
    await desk.hear(PersonErased(person_id=person, reason="request", occurred_at=NOON), f"person-{person}")
    await resolve(desk, lead)
    (ended,) = await events(desk, WorkOrderWithdrawn, other)
    assert ended.requester_erased


async def test_a_lead_whose_requester_was_erased_lets_its_followers_go(desk: Any) -> None:
    """A130: the words are gone with their key, so each follower is handled on its own again."""
    lead, other = await merged(desk)
    await act(desk, lead, "sign", by=ROADS)
    await act(desk, lead, "resolve", {"reply": "已更换灯泡。"}, by=ROADS)
    (resolved,) = await events(desk, WorkOrderResolved, lead)
    await desk.intake_keys.shred(resolved.requester_id)
    desk.runtime.keys.forget(resolved.requester_id)
    await desk.follow()
    assert [one.reason for one in await events(desk, WorkOrderUnmerged, other)] == ["lead_erased"]


async def test_merged_matters_are_reclassified_together(desk: Any) -> None:
    """A73, D5."""
    lead, other = await merged(desk)
    await act(desk, lead, "classify", {"category": "noise", "reason": "misclassified"})
    await desk.follow()
    (_, same) = await events(desk, WorkOrderClassified, other)
    assert (same.from_category, same.category, same.classified_by) == ("lighting", "noise", "demo-dispatcher")
    await resolve(desk, lead)
    assert await events(desk, WorkOrderUnmerged, other) == []


async def test_a_matter_is_out_of_the_hands_of_whom_it_turns_out_to_accuse(desk: Any) -> None:
    """A43, A144: at once, and it waits for a dispatcher; to the accused it is not there any more."""
    await publish(desk)
    order = await desk.register()
    await act(desk, order, "sign", by=ROADS)
    (opened,) = await events(desk, WorkOrderOpened, order)
    corrected = RequestCorrected(
        request_id=opened.request_id,
        requester_id=opened.requester_id,
        field="accused_department",
        became_value="roads",
        reason=CorrectionReason.CALLER_CORRECTED,
        signed_by="agent-7",
        occurred_at=NOON,
    )
    await desk.hear(corrected, f"request-{opened.request_id}")
    await desk.project()
    for method, tail, body in (("GET", "", None), ("POST", "/resolve", {"reply": "已处理。"}), ("POST", "/sign", {})):
        theirs = await desk.ask(method, f"/work-orders/{order}{tail}", body, by=ROADS)
        assert problem(theirs) == (404, "not_found"), (tail, theirs.text)
    waiting = (await desk.ask("GET", "/dispatch-desk")).json()["items"]
    assert [(one["work_order_id"], one["waiting"]) for one in waiting] == [(str(order), "return")]
    await act(desk, order, "transfer", {"department": "parks"})


async def accuse(desk: Any, order: UUID) -> None:
    """Let intake correct that the order's matter accuses the roads department."""
    (opened,) = await events(desk, WorkOrderOpened, order)
    corrected = RequestCorrected(
        request_id=opened.request_id,
        requester_id=opened.requester_id,
        field="accused_department",
        became_value="roads",
        reason=CorrectionReason.MISHEARD,
        signed_by="agent-7",
        occurred_at=NOON,
    )
    await desk.hear(corrected, f"request-{opened.request_id}")


async def test_whom_a_follower_accuses_loses_the_lead_at_once(desk: Any) -> None:
    """A43, A144: it waits for a dispatcher with its reason, and is no longer in their queue."""
    lead, other = await merged(desk)
    await act(desk, lead, "sign", by=ROADS)
    await accuse(desk, other)
    await desk.follow()
    assert [one.accused_department for one in await events(desk, WorkOrderFollowerJoined, lead)] == [None, "roads"]
    await desk.project()
    assert (await desk.ask("GET", "/departments/roads/queue", by=ROADS)).json()["items"] == []
    (waiting,) = (await desk.ask("GET", "/dispatch-desk")).json()["items"]
    shown = (await desk.ask("GET", f"/work-orders/{lead}")).json()
    assert (waiting["work_order_id"], waiting["waiting"], shown["return_reason"]) == (str(lead), "return", "accused")
    refused = await desk.ask("POST", f"/work-orders/{lead}/transfer", {"department": "roads"})
    assert problem(refused) == (409, "accused_department")
    await act(desk, lead, "transfer", {"department": "parks"})


async def test_nobody_resolves_through_a_lead_what_accuses_them(desk: Any) -> None:
    """A43, A144: resolved by them before the lead heard whom its follower accuses, it takes it not along."""
    lead, other = await merged(desk)
    await act(desk, lead, "sign", by=ROADS)
    await act(desk, lead, "resolve", {"reply": "已更换灯泡。"}, by=ROADS)
    await accuse(desk, other)
    await desk.follow()
    (alone,) = await events(desk, WorkOrderUnmerged, other)
    assert (alone.reason, alone.standing) == ("lead_accused", "returned")
    assert problem(await desk.ask("POST", f"/work-orders/{other}/transfer", {"department": "roads"})) == (
        409,
        "accused_department",
    )
    await act(desk, other, "transfer", {"department": "parks"})


async def test_a_follower_that_was_answered_at_first_contact_follows_no_more(desk: Any) -> None:
    """A67, D5."""
    person = uuid4()
    lead, other = await merged(desk, person)
    (opened,) = await events(desk, WorkOrderOpened, other)
    answered = RequestAnsweredDirectly(
        request_id=opened.request_id, requester_id=person, reply=Sealed("今晚修"), answered_by="agent-7", occurred_at=NOON
    )
    await desk.hear(answered, f"request-{opened.request_id}", key=await desk.intake_keys.create(person))
    await desk.follow()
    assert [one.lead_id for one in await events(desk, WorkOrderWithdrawn, other)] == [lead]
    assert [one.follower_id for one in await events(desk, WorkOrderFollowerLeft, lead)] == [other]


async def test_an_unmerged_order_goes_its_own_way(desk: Any) -> None:
    """D5: where it was, with the due times it had."""
    lead, other = await merged(desk)
    await act(desk, other, "unmerge", {"reason": "another_place"})
    await desk.follow()
    (dispatched,), (alone,) = await events(desk, WorkOrderTransferred, other), await events(desk, WorkOrderUnmerged, other)
    assert (alone.department, alone.resolve_due_at) == ("roads", dispatched.resolve_due_at)
    await resolve(desk, lead)
    assert await events(desk, WorkOrderResolved, other) == []
    again = await desk.ask("POST", f"/work-orders/{other}/unmerge", {"reason": "another_place"})
    assert problem(again) == (409, "not_merged")
    await act(desk, other, "sign", by=ROADS)


async def test_an_order_follows_only_what_is_there_and_lives(desk: Any) -> None:
    """D5."""
    await publish(desk)
    lead, other = await desk.register(), await desk.register()
    for wrong in (uuid4(), other):
        answer = await desk.ask("POST", f"/work-orders/{other}/merge", {"lead_id": str(wrong), "reason": "same_event"})
        assert problem(answer) == (422, "unknown_lead")
    await resolve(desk, lead)
    answer = await desk.ask("POST", f"/work-orders/{other}/merge", {"lead_id": str(lead), "reason": "same_event"})
    assert problem(answer) == (409, "lead_ended")


async def test_a_race_between_merging_and_resolving_leaves_nobody_behind(desk: Any) -> None:
    """The lead was resolved before it heard of its follower: it declines, and the follower is handled on its own."""
    await publish(desk)
    lead, other = await desk.register(), await desk.register()
    await act(desk, other, "merge", {"lead_id": str(lead), "reason": "same_matter"})
    await resolve(desk, lead)
    assert [one.reason for one in await events(desk, WorkOrderUnmerged, other)] == ["lead_ended"]
    assert replace((await events(desk, WorkOrderUnmerged, other))[0]).standing == "transferred"


async def test_the_dispatchers_desk_shows_what_waits_the_longest_first(desk: Any) -> None:
    """A74, W10: what is not classified, what no table chose a department for, what was given back, what the office decides."""
    await publish(desk)
    unknown, undecided, given_back, disputed = [await desk.register(one) for one in (None, "noise", "lighting", "lighting")]
    await act(desk, given_back, "return", {"reason": "not_enough_facts", "note": "东区何处不明。"}, by=ROADS)
    await act(desk, disputed, "return", {"reason": "not_enough_facts", "arbitration": True}, by=ROADS)
    await desk.project()
    rows = (await desk.ask("GET", "/dispatch-desk")).json()["items"]
    waiting = {UUID(row["work_order_id"]): row["waiting"] for row in rows}
    assert waiting == {unknown: "classification", undecided: "department", given_back: "return", disputed: "arbitration"}
    only = (await desk.ask("GET", "/dispatch-desk?waiting=arbitration", by="oversight_officer")).json()["items"]
    assert [row["work_order_id"] for row in only] == [str(disputed)]
    pages = [(await desk.ask("GET", "/dispatch-desk?limit=3")).json()]
    pages.append((await desk.ask("GET", f"/dispatch-desk?limit=3&cursor={pages[0]['next']}")).json())
    assert [len(page["items"]) for page in pages] == [3, 1]
    await act(desk, disputed, "arbitration/decision", {"department": "police", "grounds": "三定方案"}, by="shift_leader")
    await act(desk, given_back, "transfer", {"department": "parks"})
    await desk.project()
    assert len((await desk.ask("GET", "/dispatch-desk")).json()["items"]) == 2


async def test_an_order_that_waits_too_long_for_a_dispatcher_is_on_record(desk: Any) -> None:
    """A74."""
    await publish(desk)
    order = await desk.register(None)
    timers = Timers(desk.runtime.aggregates, desk.runtime.clock, "routing", build_work(desk.runtime).on_timer)
    await timers.fire_due(NOON + timedelta(minutes=19))
    assert await events(desk, WorkOrderDispatchLate, order) == []
    await timers.fire_due(NOON + timedelta(minutes=20))
    (late,) = await events(desk, WorkOrderDispatchLate, order)
    assert late.occurred_at == NOON + timedelta(minutes=20)
    await desk.project()
    (row,) = (await desk.ask("GET", "/dispatch-desk")).json()["items"]
    assert (row["dispatch_due_at"], row["dispatched_late"]) == ("2026-03-02T04:20:00Z", 1)
    await act(desk, order, "classify", {"category": "lighting"})
    await timers.fire_due(NOON + timedelta(days=1))
    assert len(await events(desk, WorkOrderDispatchLate, order)) == 1


async def test_the_order_follows_the_kind_that_intake_gives_its_request(desk: Any) -> None:
    """A30."""
    await publish(desk)
    order = await desk.register()
    (opened,) = await events(desk, WorkOrderOpened, order)
    changed = RequestTypeChanged(
        request_id=opened.request_id,
        requester_id=opened.requester_id,
        from_type=RequestType.HELP,
        to_type=RequestType.COMPLAINT,
        reason=next(iter(CorrectionReason)),
        changed_by="agent-7",
        occurred_at=NOON,
    )
    await desk.hear(changed, f"request-{opened.request_id}")
    await desk.project()
    assert (await desk.ask("GET", f"/work-orders/{order}")).json()["request_type"] == "complaint"


async def test_the_office_reads_who_gave_an_order_back_and_what_was_decided(desk: Any) -> None:
    """W10, W12."""
    await publish(desk)
    order = await desk.register()
    await act(desk, order, "return", {"reason": "not_enough_facts", "note": "东区何处不明。"}, by=ROADS)
    await act(desk, order, "transfer", {"department": "police"})
    await act(desk, order, "return", {"reason": "not_ours", "note": "不属公安。"}, by=POLICE)
    await act(desk, order, "arbitration/decision", {"department": "roads", "grounds": "三定方案"}, by="oversight_officer")
    await desk.follow()
    await desk.project()
    shown = (await desk.ask("GET", f"/work-orders/{order}/dispatch", by="oversight_officer")).json()
    told = [(one["department"], one["reason"], one["note"]) for one in shown["given_back"]]
    assert told == [("roads", "not_enough_facts", "东区何处不明。"), ("police", "not_ours", "不属公安。")]
    assert (shown["returns"], shown["hop"], shown["route"], shown["grounds"]) == (2, 3, "arbitration", "三定方案")
    assert problem(await desk.ask("GET", f"/work-orders/{uuid4()}/dispatch")) == (404, "not_found")
    (precedent,) = (await desk.ask("GET", "/precedents")).json()["items"]
    assert (precedent["department"], precedent["work_order_id"], precedent["revoked_at"]) == ("roads", str(order), None)
    path = f"/precedents/{precedent['precedent_id']}/revoke"
    await desk.ask("POST", path, {"reason": "law_changed"}, by="oversight_officer")
    await desk.project()
    assert (await desk.ask("GET", "/precedents")).json()["items"][0]["revocation_reason"] == "law_changed"


async def test_the_lead_reads_every_part_and_a_helper_its_own(desk: Any) -> None:
    """A75, A76."""
    await publish(desk)
    order = await desk.register("noise")
    await act(desk, order, "transfer", {"department": "roads", "support": ["parks", "police"]})
    await act(desk, order, "handler", {"handler": "demo-wang"}, by=ROADS)
    for by in (PARKS, POLICE):
        await act(desk, order, "part", {"report": f"{by} 已办"}, by=by)
    await desk.project()
    seen = {by: (await desk.ask("GET", f"/work-orders/{order}/parts", by=by)).json() for by in (ROADS, PARKS)}
    assert [one["report"] for one in seen[ROADS]["items"]] == ["handler@parks 已办", "handler@police 已办"]
    assert [one["department"] for one in seen[PARKS]["items"]] == ["parks"]
    assert problem(await desk.ask("GET", f"/work-orders/{order}/parts", by="handler@office")) == (404, "not_found")
    shown = (await desk.ask("GET", f"/work-orders/{order}/dispatch")).json()
    assert (shown["handler"], shown["supports"], shown["route"]) == ("demo-wang", ["parks", "police"], "dispatcher")


async def test_who_follows_whom_is_shown_on_both(desk: Any) -> None:
    """D5: who merged it, and why."""
    lead, other = await merged(desk)
    await desk.project()
    follower = (await desk.ask("GET", f"/work-orders/{other}/dispatch")).json()
    assert (follower["lead_id"], follower["merge_reason"]) == (str(lead), "same_event")
    assert follower["merged_by"]
    assert (await desk.ask("GET", f"/work-orders/{lead}/dispatch")).json()["followers"] == [str(other)]
    assert (await desk.ask("GET", f"/work-orders/{other}")).json()["status"] == "merged"
    queue = (await desk.ask("GET", "/departments/roads/queue", by=ROADS)).json()["items"]
    assert [one["work_order_id"] for one in queue] == [str(lead)]
    await act(desk, other, "unmerge", {"reason": "merged_in_error"})
    await desk.follow()
    await desk.project()
    assert (await desk.ask("GET", f"/work-orders/{lead}/dispatch")).json()["followers"] == []
    assert (await desk.ask("GET", f"/work-orders/{other}")).json()["status"] == "transferred"


async def test_a_closed_department_leaves_nothing_behind_that_nobody_can_take_up(desk: Any) -> None:
    """A77, A108: what it signed for is sent on, what comes back to it from a revisit waits for a dispatcher."""
    await publish(desk)
    signed, done = await desk.register(), await desk.register()
    for order in (signed, done):
        await act(desk, order, "sign", by=ROADS)
    await act(desk, done, "resolve", {"reply": "已更换灯泡。"}, by=ROADS)
    assert problem(await desk.ask("POST", f"/work-orders/{signed}/transfer", {"department": "parks"})) == (409, "order_signed")
    assert (await desk.ask("POST", "/departments/roads/close", by="administrator")).status_code == 200
    await act(desk, signed, "transfer", {"department": "parks"})
    (opened,) = await events(desk, WorkOrderOpened, done)
    matter = {"work_order_id": done, "request_id": opened.request_id, "department": "roads"}
    rework = ReworkOrdered(revisit_id=uuid4(), round=2, **matter, occurred_at=NOON)
    await desk.hear(rework, f"revisit-{rework.revisit_id}")
    await desk.project()
    (waiting,) = (await desk.ask("GET", "/dispatch-desk")).json()["items"]
    shown = (await desk.ask("GET", f"/work-orders/{done}")).json()
    assert (waiting["work_order_id"], shown["return_reason"], shown["round"]) == (str(done), "department_closed", 2)
    await act(desk, done, "transfer", {"department": "parks"})
